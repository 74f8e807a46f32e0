package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/recovery"
	"stafett/internal/registration"
	"stafett/internal/restored"
	"stafett/internal/store"
)

func (s *Server) restoredRoutes() []route {
	return []route{
		{http.MethodGet, "/admin/restored", organise, s.restored},
		{http.MethodPost, "/admin/restored/letters", organise, s.decideOld},
		{http.MethodGet, "/admin/restored/all", organise, s.askOld},
		{http.MethodPost, "/admin/restored/letters/all", organise, s.decideAllOld},
		{http.MethodPost, "/admin/restored/go-on", organise, s.goOn},
	}
}

func restoredPages() map[string]pager {
	return map[string]pager{"restored": &restoredPage{}, "restored_all": &restoredAllPage{}}
}

// restoredPage asks what is to become of what was due before the database went
// back to a backup.
type restoredPage struct {
	page
	Groups       []oldGroup
	Several      bool
	More         int               // groups that are not shown yet
	Others       bool              // other programmes' letters wait too, for those who run them
	Missed       []mailing.Mailing // that were to begin by then, and are drafts
	MayGoOn      bool
	Overdue      registration.Overdue // of every programme, so only for whoever may go on
	OverdueTimes int                  // who was proposed times for advice
	Offers       string               // as it was chosen
	Choices      []option
}

// oldGroup is the letters of one kind about one event.
type oldGroup struct {
	message.Old
	Title, TitleLanguage string
	First, Last          time.Time
	Preview              *previewLetter // of one of them; nil: it would not go any more
}

// What can become of offers whose time came in what is lost.
const (
	offersAnew = "anew"
	offersEnd  = "end"
)

// groupsShown is how many groups are shown at once.
const groupsShown = 50

// lost is the time that is lost, on the desk's clock.
func (s *Server) lost(c *gin.Context) (l restored.Lost, err error) {
	err = s.DB.Read(c.Request.Context(), func(tx *store.Tx) error {
		l, err = restored.Pending(c.Request.Context(), tx)
		return err
	})
	if l.Any() {
		l.From, l.To = l.From.In(deskZone()), l.To.In(deskZone())
	}
	return l, err
}

func (s *Server) restored(c *gin.Context) error {
	return s.showRestored(c, http.StatusOK, &restoredPage{})
}

func (s *Server) showRestored(c *gin.Context, code int, p *restoredPage) error {
	ctx, refusal := c.Request.Context(), p.Problem
	p.page = adminPage(c, "today")
	p.Problem, p.Self = refusal, "/admin/restored"
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		lost, err := restored.Pending(ctx, tx)
		if err != nil || !lost.Any() {
			return err
		}
		own := mayOrganise(c)
		groups, err := message.OldOf(ctx, tx, own)
		if err != nil {
			return err
		}
		every, err := message.OldOf(ctx, tx, nil)
		if err != nil {
			return err
		}
		p.Others = len(every) > len(groups)
		for _, o := range groups {
			if len(p.Groups) == groupsShown {
				p.More++
				continue
			}
			g, err := s.oldGroup(ctx, tx, o)
			if err != nil {
				return err
			}
			p.Groups = append(p.Groups, g)
		}
		p.Several = len(groups) > 1
		if p.Missed, err = mailing.Missed(ctx, tx, own, lost.To); err != nil {
			return err
		}
		if p.MayGoOn, err = organisesAll(ctx, tx, own); err != nil || !p.MayGoOn {
			return err
		}
		p.Overdue, p.OverdueTimes, err = overdueIn(ctx, tx, lost)
		return err
	})
	if err != nil {
		return err
	}
	for value, key := range map[string]string{offersAnew: "restored.offers.anew", offersEnd: "restored.offers.end"} {
		label, err := s.Texts.Text(s.language(c), key)
		if err != nil {
			return err
		}
		p.Choices = append(p.Choices, option{Value: value, Label: label, Chosen: p.Offers == value})
	}
	slices.SortFunc(p.Choices, func(a, b option) int { return strings.Compare(a.Value, b.Value) })
	return s.render(c, code, "restored", p)
}

// oldGroup finds what a group is about, and how one of its letters would read.
func (s *Server) oldGroup(ctx context.Context, tx *store.Tx, o message.Old) (oldGroup, error) {
	g, loc := oldGroup{Old: o}, deskZone()
	if o.EventID != "" {
		ev, err := event.Find(ctx, tx, o.EventID)
		if err != nil && !errors.Is(err, problem.ErrMissing) {
			return g, err
		}
		if err == nil {
			g.Title, g.TitleLanguage, loc = ev.Title, ev.Language, ev.Location()
		}
	}
	g.First, g.Last = o.First.In(loc), o.Last.In(loc)
	if s.Preview == nil {
		return g, nil
	}
	m, err := message.Find(ctx, tx, o.Example)
	if err != nil {
		return g, err
	}
	l, err := s.Preview(ctx, tx, m)
	if err != nil { // what it is about is gone: there is nothing to show
		s.Log.Info("no preview of an old letter", "message", m.ID, "kind", m.Letter, "error", err)
		return g, nil
	}
	g.Preview = &previewLetter{Language: locale.Language(m.Language), Letter: l}
	return g, nil
}

// organisesAll reports whether these programmes, nil for every one, are all that
// there are: what is decided by itself goes on for all of them.
func organisesAll(ctx context.Context, tx *store.Tx, own []string) (bool, error) {
	if own == nil {
		return true, nil
	}
	all, err := programme.List(ctx, tx)
	return !slices.ContainsFunc(all, func(p programme.Programme) bool { return !slices.Contains(own, p.ID) }), err
}

// decideOld sends one group, or sets it aside.
func (s *Server) decideOld(c *gin.Context) error {
	ctx, decision := c.Request.Context(), c.PostForm("decision")
	if decision != oldSend && decision != oldThrow {
		return seeOther(c, "/admin/restored")
	}
	letter, eventID := c.PostForm("letter"), c.PostForm("event")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		groups, err := message.OldOf(ctx, tx, mayOrganise(c))
		if err != nil {
			return err
		}
		groups = slices.DeleteFunc(groups, func(o message.Old) bool { return string(o.Letter) != letter || o.EventID != eventID })
		return decideGroups(ctx, tx, c, groups, decision)
	})
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/restored?done=restored_"+decision)
}

// errNotAll says that somebody who organises some programmes cannot decide for all.
var errNotAll = &problem.Problem{Kind: problem.Conflict, Code: "restored_not_all"}

// goOn lets everything go on that was held.
// overdueIn counts what waits for an organiser's answer, and who was proposed times
// for advice.
func overdueIn(ctx context.Context, tx *store.Tx, lost restored.Lost) (overdue registration.Overdue, times int, err error) {
	if overdue, err = registration.OverdueIn(ctx, tx, lost); err != nil {
		return overdue, 0, err
	}
	times, err = advisory.OverdueIn(ctx, tx, lost)
	return overdue, times, err
}

func (s *Server) goOn(c *gin.Context) error {
	ctx, p := c.Request.Context(), &restoredPage{Offers: c.PostForm("offers")}
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		lost, err := restored.Pending(ctx, tx)
		if err != nil || !lost.Any() {
			return err
		}
		may, err := organisesAll(ctx, tx, mayOrganise(c))
		if err != nil {
			return err
		}
		if !may {
			return errNotAll
		}
		overdue, times, err := overdueIn(ctx, tx, lost)
		if err != nil {
			return err
		}
		if overdue.Offers+times > 0 && p.Offers != offersAnew && p.Offers != offersEnd {
			return problem.Fields{{Name: "offers", Code: "choose"}}.Err()
		}
		return recovery.GoOn(ctx, tx, p.Offers == offersAnew, actor(c))
	})
	if refusal, ok := refused(err); ok {
		p.Problem = refusal
		return s.showRestored(c, status(refusal), p)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin?done=restored_on")
}
