package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/idempotency"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// colleagueValues is somebody who is signed up in the same form, as it was typed.
// The fields are named after the person's number, from 2 on: p2_email.
type colleagueValues struct {
	N                                int
	FirstName, LastName, Email, Mode string
	Focus                            bool // the fields have just been added
}

// mostTyped is how many colleagues are read from a form: more than may be signed
// up, so that one too many is refused and not passed over.
const mostTyped = 2 * registration.MaxGroup

// readColleagues reads them in the order of the form. Scripts leave gaps in the
// numbers.
func readColleagues(c *gin.Context) (all []colleagueValues) {
	for n := 2; n < 100 && len(all) < mostTyped; n++ {
		field := func(name string) string { return c.PostForm(fmt.Sprintf("p%d_%s", n, name)) }
		if _, ok := c.GetPostForm(fmt.Sprintf("p%d_first_name", n)); ok {
			all = append(all, colleagueValues{N: n, FirstName: field("first_name"), LastName: field("last_name"), Email: field("email"), Mode: field("mode")})
		}
	}
	return all
}

// numbered gives the colleagues the numbers by which the domain names them.
func numbered(all []colleagueValues) []colleagueValues {
	for i := range all {
		all[i].N = i + 2
	}
	return all
}

func (v colleagueValues) empty() bool { return strings.TrimSpace(v.FirstName+v.LastName+v.Email) == "" }

// forgetEmpty drops the fields that somebody asked for and left empty.
func (f *registerValues) forgetEmpty() {
	f.Colleagues = numbered(slices.DeleteFunc(f.Colleagues, colleagueValues.empty))
}

// forgetPersonalNumber keeps what looks like one from being shown again.
func (f *registerValues) forgetPersonalNumber(refusal *problem.Problem) {
	if tooPersonal(refusal) {
		f.OrgNumber, f.CompanyName = "", withoutDigits(f.CompanyName)
	}
}

// changeColleagues shows the form with fields for one colleague more, or one
// less, when that is what was asked for: nothing is sent, and nothing is lost.
func (s *Server) changeColleagues(c *gin.Context, ev event.Event, p programme.Programme, f registerValues) (done bool, err error) {
	_, add := c.GetPostForm("add")
	without, remove := c.GetPostForm("remove")
	switch {
	case add:
		if len(f.Colleagues) < registration.MaxGroup-1 {
			f.Colleagues = append(f.Colleagues, colleagueValues{Focus: true})
		}
	case remove:
		f.Colleagues = slices.DeleteFunc(f.Colleagues, func(v colleagueValues) bool { return fmt.Sprint(v.N) == without })
		f.Removed = true
	default:
		return false, nil
	}
	f.Colleagues = numbered(f.Colleagues)
	return true, s.showRegister(c, http.StatusOK, ev, p, f, nil)
}

// colleagueOptions are what the form offers those who are several.
func (s *Server) colleagueOptions(c *gin.Context, r *registerPage, ev event.Event) error {
	lang := s.language(c)
	if ev.WaitingList {
		for _, x := range []struct{ value, key string }{{"", "group.some"}, {"yes", "group.together"}} {
			label, err := s.Texts.Text(lang, x.key)
			if err != nil {
				return err
			}
			r.Together = append(r.Together, option{Value: x.value, Label: label, Chosen: (x.value != "") == r.Form.Together})
		}
	}
	if len(r.Modes) == 0 {
		return nil
	}
	same, err := s.Texts.Text(lang, "group.same_mode")
	r.ColleagueModes = append([]option{{Label: same}}, r.Modes...)
	return err
}

// Blank is the empty fields that a script adds, and NextColleague their number.
func (r *registerPage) Blank() colleagueRow { return colleagueRow{Page: r, Number: "__n__"} }

// NextColleague is the number of the next colleague's fields.
func (r *registerPage) NextColleague() int { return len(r.Form.Colleagues) + 2 }

// MostColleagues is how many can be signed up with oneself.
func (r *registerPage) MostColleagues() int { return registration.MaxGroup - 1 }

// LimitPerCompany is how many places a company can have; 0: as many as there are.
func (r *registerPage) LimitPerCompany() int {
	if r.Event.CompanyLimit == nil {
		return 0
	}
	return *r.Event.CompanyLimit
}

// ColleagueRows are the fields of each colleague.
func (r *registerPage) ColleagueRows() (rows []colleagueRow) {
	for i, v := range r.Form.Colleagues {
		rows = append(rows, colleagueRow{r, fmt.Sprint(v.N), i + 1, v})
	}
	return rows
}

// colleagueRow is the fields of one colleague, ready to print.
type colleagueRow struct {
	Page   *registerPage
	Number string // in the names of the fields
	Count  int    // as people count
	colleagueValues
}

// Field is the name of one of the fields.
func (r colleagueRow) Field(name string) string { return "p" + r.Number + "_" + name }

// people makes one request of the person and each colleague.
func (f registerValues) people(q registration.Request) []registration.Request {
	all := []registration.Request{q}
	for _, v := range f.Colleagues {
		all = append(all, registration.Request{
			EventID: q.EventID, FirstName: v.FirstName, LastName: v.LastName, Email: v.Email, Language: q.Language, Mode: event.Mode(v.Mode), Outside: q.Outside,
		})
	}
	return all
}

// personAnswer is what came of signing up for one of several people.
type personAnswer struct {
	Name, Email string
	outcomeAnswer
	Occasions []occasionAnswer // of a series
}

// outcomeAnswer is a status and a number in the queue; no status means that
// there is neither place nor queue.
type outcomeAnswer struct {
	Status   registration.Status
	Position int
}

// signUp signs everybody of the form up in one transaction, for the event or the
// occasions of its series, and keeps the answer under the form's key: the same
// form sent again does nothing.
func (s *Server) signUp(c *gin.Context, ev event.Event, f registerValues, q registration.Request, key string) error {
	ctx := c.Request.Context()
	entry := s.ofRegister(ctx, &q.Organisation)
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, found, err := idempotency.Look(ctx, tx, formCaller, key, key); err != nil || found {
			return err
		}
		people := f.people(q)
		if most := ev.Capacity(cmp.Or(q.Mode, ev.Modes()[0])).Places; f.Together && len(people) > 1 && most != nil && *most < len(people) { // they would wait for ever
			return problem.Fields{{Name: "together", Code: "together_many", Args: []any{"most", *most}}}.Err()
		}
		outcomes, err := registration.EnrolGroup(ctx, tx, people, f.Together, c.PostFormArray("occasion"))
		if err != nil {
			return err
		}
		if f.News {
			if err := s.wantsNews(c, tx, ev, q.Email); err != nil {
				return err
			}
		}
		if err := entry.Note(ctx, tx); err != nil {
			return err
		}
		body, err := json.Marshal(answerOf(ev, people, outcomes))
		if err != nil {
			return err
		}
		return idempotency.Keep(ctx, tx, formCaller, key, key, idempotency.Answer{Status: http.StatusSeeOther, Body: string(body)})
	})
}

// answerOf is what the page after signing up shows.
func answerOf(ev event.Event, people []registration.Request, outcomes [][]registration.Outcome) registeredAnswer {
	var all []personAnswer
	for i, q := range people {
		p := personAnswer{Name: strings.TrimSpace(q.FirstName + " " + q.LastName), Email: strings.TrimSpace(q.Email)}
		for _, o := range outcomes[i] {
			one := outcomeAnswer{o.Status, o.Position}
			if o.Registration.EventID == ev.ID {
				p.outcomeAnswer = one
			}
			if ev.SeriesID != "" {
				p.Occasions = append(p.Occasions, occasionAnswer{o.Registration.EventID, one.Status, one.Position})
			}
		}
		all = append(all, p)
	}
	first := all[0]
	a := registeredAnswer{Status: first.Status, Position: first.Position, Email: first.Email, Mode: people[0].Mode, Occasions: first.Occasions}
	if a.Mode == "" {
		a.Mode = ev.Mode
	}
	if len(all) > 1 {
		a.People = all
	}
	return a
}

// personLine is one of several people on the page after signing up.
type personLine struct {
	personAnswer
	Lines []occasionLine // of a series
}

func (s *Server) personLines(ctx context.Context, tx *store.Tx, people []personAnswer) (lines []personLine, err error) {
	for _, p := range people {
		l := personLine{personAnswer: p}
		if l.Lines, err = s.occasionLines(ctx, tx, p.Occasions); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}
