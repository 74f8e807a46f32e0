package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/user"
)

// deskAdvisersPage lists one's advisers, with the form for a new one.
type deskAdvisersPage struct {
	adviceDeskBase
	Rows       []deskAdviser
	Form       newAdviserForm
	Programmes []option // of the role; none when there is only one
	Advice     []option
}

type newAdviserForm struct {
	Name, Email, Programme string
	Advice                 []string
}

// deskAdviser is one adviser, ready to print.
type deskAdviser struct {
	advisory.Adviser
	Gives   []string // names of one's own programmes of advice
	Stopped bool
	NoWeek  bool // has said no hours of the week
}

func (s *Server) deskAdvisers(c *gin.Context) error {
	return s.showAdvisers(c, http.StatusOK, newAdviserForm{}, nil)
}

func (s *Server) showAdvisers(c *gin.Context, code int, form newAdviserForm, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &deskAdvisersPage{adviceDeskBase: adviceDeskOf(c, "advisers"), Form: form}
	p.Problem, p.Self = refusal, adviceDeskPath+"/advisers"
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		found, err := advisory.AdvisersWithin(ctx, tx, mayOrganise(c))
		if err != nil {
			return err
		}
		gives, err := advisory.Gives(ctx, tx)
		if err != nil {
			return err
		}
		titles, err := s.adviceTitles(ctx, tx, c, lang)
		if err != nil {
			return err
		}
		for _, a := range found {
			d := deskAdviser{Adviser: a, Stopped: !a.StoppedAt.IsZero()}
			for _, id := range gives[a.ID] {
				if t, own := titles[id]; own {
					d.Gives = append(d.Gives, t.Title)
				}
			}
			week, err := advisory.Week(ctx, tx, a.ID)
			if err != nil {
				return err
			}
			d.NoWeek = len(week) == 0
			p.Rows = append(p.Rows, d)
		}
		own, err := ownProgrammes(ctx, tx, c)
		if err != nil {
			return err
		}
		for _, o := range own {
			p.Programmes = append(p.Programmes, option{Value: o.ID, Label: o.Name, Chosen: o.ID == form.Programme})
		}
		p.Advice, err = s.adviceOptions(ctx, tx, c, "")
		return err
	})
	if err != nil {
		return err
	}
	for i, o := range p.Advice {
		p.Advice[i].Chosen = slices.Contains(form.Advice, o.Value)
	}
	if p.Form.Programme == "" && len(p.Programmes) > 0 {
		p.Form.Programme = p.Programmes[0].Value
	}
	return s.render(c, code, "desk_advisers", p)
}

// addAdviser makes somebody an adviser, and shows the link by which a new one
// chooses a password: it is secret, and shown this once.
func (s *Server) addAdviser(c *gin.Context) error {
	ctx := c.Request.Context()
	var f problem.Fields
	form := newAdviserForm{Name: typedLine(c, "name", &f), Email: typedLine(c, "email", &f), Programme: c.PostForm("programme"), Advice: eachOnce(c.PostFormArray("advice"))}
	var made advisory.Adviser
	var token string
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		own, err := ownProgrammes(ctx, tx, c)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(own, func(p programme.Programme) bool { return p.ID == form.Programme })
		if at < 0 {
			f.Add("programme", "choice")
		}
		titles, err := s.adviceTitles(ctx, tx, c, s.language(c))
		if err != nil {
			return err
		}
		for _, id := range form.Advice {
			if _, mine := titles[id]; !mine {
				f.Add("advice", "choice")
			}
		}
		if err := f.Err(); err != nil {
			return err
		}
		of := own[at]
		if made, err = advisory.EnsureAdviser(ctx, tx, advisory.NewAdviser{
			Email: form.Email, Name: form.Name, Language: of.Language, Country: of.Country, ProgrammeID: of.ID, Advice: form.Advice,
		}, actor(c)); err != nil {
			return err
		}
		token, err = s.setUpLink(ctx, tx, made.UserID)
		return err
	})
	if refusal, ok := refused(err); ok {
		return s.showAdvisers(c, status(refusal), form, refusal)
	}
	if err != nil {
		return err
	}
	if token == "" {
		return seeOther(c, adviceDeskPath+"/advisers/"+made.ID+"?done=adviser_added")
	}
	return s.showAdviser(c, http.StatusOK, made.ID, deskAdviserForm{}, s.BaseURL+"/sign-in/password/"+token, nil)
}

// setUpLife is how long a link for choosing a password is good.
const setUpLife = 7 * 24 * time.Hour

// setUpLink is the secret of a link for choosing a password; empty for somebody who
// has one.
func (s *Server) setUpLink(ctx context.Context, tx *store.Tx, userID string) (string, error) {
	has, err := user.HasPassword(ctx, tx, userID)
	if err != nil || has {
		return "", err
	}
	return user.NewLink(ctx, tx, userID, user.SetPasswordLink, setUpLife)
}

// deskAdviserPage is one adviser: where advice is given, what is coming, illness.
type deskAdviserPage struct {
	adviceDeskBase
	Who        advisory.Adviser
	Stopped    bool
	Elsewhere  bool // gives advice in others' programmes too
	Advice     []option
	Week       []advisory.Window
	Coming     []deskBooking
	Link       string // for choosing a password, shown once
	NoPassword bool
	Form       deskAdviserForm
	Day        time.Time     // of the question before a day is cancelled
	OnDay      []deskBooking // what would be cancelled
	Ask        bool
	Today      string
}

type deskAdviserForm struct{ Day, Reason string }

// ownAdviser finds an adviser of one's own programmes, or problem.ErrMissing.
func (s *Server) ownAdviser(ctx context.Context, tx *store.Tx, c *gin.Context, id string) (advisory.Adviser, error) {
	a, err := advisory.AdviserWithin(ctx, tx, mayOrganise(c), id)
	if _, missing := problem.As(err); missing {
		return a, s.foreign(c, "adviser", id)
	}
	return a, err
}

func (s *Server) deskAdviser(c *gin.Context) error {
	return s.showAdviser(c, http.StatusOK, c.Param("id"), deskAdviserForm{}, "", nil)
}

func (s *Server) showAdviser(c *gin.Context, code int, id string, form deskAdviserForm, link string, refusal *problem.Problem) error {
	p, err := s.readAdviser(c, id, form)
	if err != nil {
		return err
	}
	p.Link, p.Problem = link, refusal
	return s.render(c, code, "desk_adviser", p)
}

func (s *Server) readAdviser(c *gin.Context, id string, form deskAdviserForm) (*deskAdviserPage, error) {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &deskAdviserPage{adviceDeskBase: adviceDeskOf(c, "advisers"), Form: form}
	p.Self = adviceDeskPath + "/advisers/" + id
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		a, err := s.ownAdviser(ctx, tx, c, id)
		if err != nil {
			return err
		}
		p.Who, p.Stopped = a, !a.StoppedAt.IsZero()
		p.Today = tx.Now.In(a.Location()).Format(time.DateOnly)
		if p.Form.Day == "" {
			p.Form.Day = p.Today
		}
		if p.Elsewhere, err = a.Elsewhere(ctx, tx, mayOrganise(c)); err != nil {
			return err
		}
		if p.Advice, err = s.adviceOptions(ctx, tx, c, ""); err != nil {
			return err
		}
		gives, err := advisory.Gives(ctx, tx)
		if err != nil {
			return err
		}
		for i, o := range p.Advice {
			p.Advice[i].Chosen = slices.Contains(gives[a.ID], o.Value)
		}
		if p.Week, err = advisory.Week(ctx, tx, a.ID); err != nil {
			return err
		}
		has, err := user.HasPassword(ctx, tx, a.UserID)
		if err != nil {
			return err
		}
		p.NoPassword = !has
		titles, err := s.adviceTitles(ctx, tx, c, lang)
		if err != nil {
			return err
		}
		for _, status := range []string{string(advisory.Requested), string(advisory.Confirmed)} {
			list, _, err := advisory.Bookings(ctx, tx, advisory.BookingFilter{Within: mayOrganise(c), AdviserID: a.ID, Status: status, From: tx.Now}, 0, 50)
			if err != nil {
				return err
			}
			for _, l := range list {
				p.Coming = append(p.Coming, newDeskBooking(l, titles, tx.Now))
			}
		}
		slices.SortFunc(p.Coming, func(a, b deskBooking) int { return a.Start.Compare(b.Start) })
		if day, err := time.ParseInLocation(time.DateOnly, p.Form.Day, a.Location()); err == nil {
			p.Day = day
		}
		meetings, err := a.OnDay(ctx, tx, mayOrganise(c), p.Form.Day)
		if err != nil {
			return err
		}
		for _, b := range meetings {
			l, err := advisory.ListedByID(ctx, tx, b.ID)
			if err != nil {
				return err
			}
			p.OnDay = append(p.OnDay, newDeskBooking(l, titles, tx.Now))
		}
		return nil
	})
	return p, err
}

// onAdviser runs one step on an adviser of one's own and leads back to the page.
func (s *Server) onAdviser(c *gin.Context, done string, step func(context.Context, *store.Tx, advisory.Adviser) error) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		a, err := s.ownAdviser(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		return step(ctx, tx, a)
	})
	if refusal, ok := refused(err); ok {
		return s.showAdviser(c, status(refusal), c.Param("id"), deskAdviserForm{}, "", refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/advisers/"+c.Param("id")+"?done="+done)
}

func (s *Server) setAdviserGives(c *gin.Context) error {
	return s.onAdviser(c, "adviser_gives", func(ctx context.Context, tx *store.Tx, a advisory.Adviser) error {
		return advisory.SetGives(ctx, tx, a.ID, mayOrganise(c), c.PostFormArray("advice"), actor(c))
	})
}

func (s *Server) stopAdviser(c *gin.Context) error {
	start := c.PostForm("start") != ""
	return s.onAdviser(c, map[bool]string{false: "adviser_stopped", true: "adviser_started"}[start], func(ctx context.Context, tx *store.Tx, a advisory.Adviser) error {
		return advisory.StopAdviser(ctx, tx, a.ID, mayOrganise(c), start, actor(c))
	})
}

// adviserLink shows a new link for choosing a password, for who has none yet.
func (s *Server) adviserLink(c *gin.Context) error {
	ctx := c.Request.Context()
	var token string
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		a, err := s.ownAdviser(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		token, err = s.setUpLink(ctx, tx, a.UserID)
		return err
	})
	if err != nil {
		return err
	}
	if token == "" {
		return seeOther(c, adviceDeskPath+"/advisers/"+c.Param("id"))
	}
	return s.showAdviser(c, http.StatusOK, c.Param("id"), deskAdviserForm{}, s.BaseURL+"/sign-in/password/"+token, nil)
}

// cancelAdviserDay cancels all meetings of a day, in two steps: the first shows
// them, the second, with "confirmed", tells everybody.
func (s *Server) cancelAdviserDay(c *gin.Context) error {
	ctx := c.Request.Context()
	var f problem.Fields
	form := deskAdviserForm{Day: typedLine(c, "day", &f), Reason: reasonTyped(c, "reason", &f)}
	p, err := s.readAdviser(c, c.Param("id"), form)
	if err != nil {
		return err
	}
	day, err := time.Parse(time.DateOnly, form.Day)
	if today, _ := time.Parse(time.DateOnly, p.Today); err != nil || day.Before(today) || day.After(today.AddDate(2, 0, 0)) {
		f.Add("day", "advice_day_ahead")
	}
	if c.PostForm("confirmed") == "" || f != nil {
		code := http.StatusOK
		if refusal, ok := problem.As(f.Err()); ok {
			p.Problem, code = refusal, status(refusal)
		} else {
			p.Ask = true
		}
		return s.render(c, code, "desk_adviser", p)
	}
	n := 0
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if _, err := s.ownAdviser(ctx, tx, c, c.Param("id")); err != nil {
			return err
		}
		n, err = advisory.CancelDay(ctx, tx, c.Param("id"), mayOrganise(c), form.Day, form.Reason, actor(c))
		return err
	})
	if refusal, ok := refused(err); ok {
		p.Problem = refusal
		return s.render(c, status(refusal), "desk_adviser", p)
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/advisers/"+c.Param("id")+"?done=day_cancelled&n="+strconv.Itoa(n))
}
