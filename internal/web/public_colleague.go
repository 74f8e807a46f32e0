package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

func (s *Server) colleagueRoutes() []route {
	return []route{{http.MethodPost, "/r/:token/colleague", byLink, s.addColleague}}
}

// addingColleague is the part of a registration's page on which somebody of the
// same organisation is signed up too. Its fields begin with "more_": another form
// of the page hands the place itself to a colleague.
type addingColleague struct {
	CanAdd    bool
	More      colleagueValues
	MoreModes []option // none where there is only one
	MoreOpen  bool     // the form has been sent, and is shown again
}

func (s *Server) readAddingColleague(lang locale.Language, a *addingColleague, r registration.Registration, ev event.Event) error {
	a.CanAdd = registration.CanAddColleague(r, ev, s.DB.Now())
	if !a.CanAdd || ev.Mode != event.Hybrid {
		return nil
	}
	if a.More.Mode == "" {
		a.More.Mode = string(r.Mode)
	}
	var err error
	a.MoreModes, err = s.optionsOf(lang, "mode.", []string{string(event.Room), string(event.Online)}, nil)
	return err
}

func readMore(c *gin.Context) addingColleague {
	_, sent := c.GetPostForm("more_email")
	return addingColleague{MoreOpen: sent, More: colleagueValues{
		FirstName: c.PostForm("more_first_name"), LastName: c.PostForm("more_last_name"), Email: c.PostForm("more_email"), Mode: c.PostForm("more_mode"),
	}}
}

// addColleague signs a colleague up. What is told of it is the same for an
// address that was registered before.
func (s *Server) addColleague(c *gin.Context) error {
	if ok, wait := s.RegisterLimit(c.ClientIP()); !ok {
		return s.tooOften(c, wait)
	}
	done := ""
	return s.changeTo(c, &done, func(ctx context.Context, tx *store.Tx, r registration.Registration, by audit.Actor) error {
		more := readMore(c).More
		o, err := registration.AddColleague(ctx, tx, r.ID, registration.Request{
			FirstName: more.FirstName, LastName: more.LastName, Email: more.Email, Mode: event.Mode(more.Mode), Language: string(s.language(c)),
			By: by, Outside: true,
		})
		done = "colleague_" + string(o.Status)
		return renamed(err, "more_")
	})
}

// renamed puts the beginning of a form's field names before those of a refusal.
func renamed(err error, prefix string) error {
	p, ok := problem.As(err)
	if !ok || len(p.Fields) == 0 {
		return err
	}
	there := *p
	there.Fields = nil
	for _, f := range p.Fields {
		f.Name = prefix + strings.TrimPrefix(f.Name, prefix)
		there.Fields = append(there.Fields, f)
	}
	return &there
}
