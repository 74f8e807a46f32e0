package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/application"
	"stafett/internal/company"
	"stafett/internal/limit"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// applyPage is the form for support from a pot; for whoever has not come by a link
// of their own, what can be got and a field for their address.
type applyPage struct {
	page
	caseCard
	Person   *person.Person // nil: nobody we know
	Nameless bool
	Form     application.Form
	Bodies   []option // for which the person is confirmed
	HasDraft bool
	Saved    time.Time // when the draft was saved last; zero: there is none
	IsOpen   bool
	Opens    time.Time // a day ahead; zero: none
	Closes   time.Time // the last day; zero: none
	Email    string    // as typed
	Sent     bool      // a link is on its way
	Minutes  int
	Others   []caseCard // the person's own cases here
}

// readApply reads what the page shows. It is problem.ErrMissing for a programme of
// advice without a pot, or that is not for everybody to see.
func (s *Server) readApply(c *gin.Context, tx *store.Tx, p *applyPage) error {
	ctx := c.Request.Context()
	a, err := advisory.ProgrammeBySlug(ctx, tx, c.Param("slug"))
	if err != nil {
		return err
	}
	if a.Status == advisory.Draft || a.Prerequisite != advisory.Application {
		return problem.ErrMissing
	}
	if err := p.readScheme(ctx, tx, a, s.language(c)); err != nil {
		return err
	}
	now := tx.Now.In(p.Zone)
	today := now.Format(time.DateOnly)
	p.IsOpen = a.Status == advisory.Open && p.Scheme.Open(today)
	if p.Scheme.OpensOn > today {
		p.Opens = p.DayOf(p.Scheme.OpensOn)
	}
	if p.Scheme.ClosesOn != "" {
		p.Closes = p.DayOf(p.Scheme.ClosesOn)
	}
	if p.Person == nil {
		return nil
	}
	return s.readApplicant(ctx, tx, c, p)
}

func (s *Server) readApplicant(ctx context.Context, tx *store.Tx, c *gin.Context, p *applyPage) error {
	p.Nameless = p.Person.Name() == ""
	ties, err := company.ConfirmedTies(ctx, tx, p.Person.ID)
	if err != nil {
		return err
	}
	for _, t := range ties {
		if t.Country == p.Programme.Country {
			p.Bodies = append(p.Bodies, option{Value: t.ID, Label: t.Name})
		}
	}
	if len(p.Bodies) > 0 {
		other, err := s.Texts.Text(s.language(c), "apply.other_body")
		if err != nil {
			return err
		}
		p.Bodies = append(p.Bodies, option{Label: other})
	}
	d, err := application.DraftOf(ctx, tx, p.Person.ID, p.Advisory.ID)
	if err != nil && !errors.Is(err, problem.ErrMissing) {
		return err
	}
	if p.HasDraft = err == nil; p.HasDraft {
		p.ID, p.Saved = d.ID, d.ChangedAt.In(p.Zone)
		if c.Request.Method == http.MethodGet {
			p.Form = d.Typed
		}
	} else if c.Request.Method == http.MethodGet && len(p.Bodies) > 0 {
		p.Form.Body = p.Bodies[0].Value
	}
	own, err := application.OfPerson(ctx, tx, p.Person.ID)
	for _, a := range own {
		if a.AdvisoryProgrammeID == p.Advisory.ID && a.Status != application.Draft {
			p.Others = append(p.Others, caseCard{Application: a, Color: caseColor(a.Status)})
		}
	}
	return err
}

// applicantOf is whoever has come by a link of their own; nil for anybody else.
func (s *Server) applicantOf(c *gin.Context) (*person.Person, error) {
	err := s.loadPerson(c)
	if errors.Is(err, person.ErrNoSession) {
		return nil, nil
	}
	who, _ := self(c)
	return &who, err
}

func (s *Server) applyForm(c *gin.Context) error {
	return s.showApply(c, http.StatusOK, &applyPage{Sent: c.Query("sent") != "", Minutes: int(person.LinkLife / time.Minute)})
}

func (s *Server) showApply(c *gin.Context, code int, p *applyPage) (err error) {
	if p.Person, err = s.applicantOf(c); err != nil {
		return err
	}
	ctx := c.Request.Context()
	if err := s.DB.Read(ctx, func(tx *store.Tx) error { return s.readApply(c, tx, p) }); err != nil {
		return err
	}
	p.NoIndex, p.Self, p.Brand = p.Person != nil, "/advice/"+p.Advisory.Slug+"/apply", ""
	return s.render(c, code, "apply", p)
}

// askToApply sends a link that leads to the form.
func (s *Server) askToApply(c *gin.Context) error {
	if ok, wait := s.limits.askLink.Allow(limit.Caller(c.ClientIP())); !ok {
		return s.tooOften(c, wait)
	}
	ctx, typed := c.Request.Context(), c.PostForm("email")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		a, err := advisory.ProgrammeBySlug(ctx, tx, c.Param("slug"))
		if err != nil {
			return err
		}
		if a.Status == advisory.Draft {
			return problem.ErrMissing
		}
		return application.AskIn(ctx, tx, typed, a.ID, a.Slug, string(s.language(c)))
	})
	if refusal, ok := refused(err); ok {
		return s.showApply(c, status(refusal), &applyPage{page: page{Problem: refusal}, Email: typed})
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/advice/"+c.Param("slug")+"/apply?sent=1")
}

// applicationForm is the form as it was typed.
func applicationForm(c *gin.Context) application.Form {
	return application.Form{
		FirstName: c.PostForm("first_name"), LastName: c.PostForm("last_name"),
		Body: c.PostForm("body"), OrgNumber: c.PostForm("org_number"), BodyName: c.PostForm("body_name"), Title: c.PostForm("title"), Challenge: c.PostForm("challenge"),
		Goal: c.PostForm("goal"), ReportURL: c.PostForm("report_url"), ProjectOwner: c.PostForm("project_owner"), Budget: c.PostForm("budget"),
		OwnShare: c.PostForm("own_share"), Asked: c.PostForm("asked"), Support: c.PostForm("support"),
	}
}

// apply saves what is typed as a draft, whatever it is, and sends it if that is
// asked for. So nothing is lost when it has to be corrected first.
func (s *Server) apply(c *gin.Context) error {
	who, err := s.applicantOf(c)
	if err != nil {
		return err
	}
	if who == nil {
		if kept, err := s.formAfterSession(c); kept || err != nil {
			return err
		}
		return s.showApply(c, http.StatusForbidden, &applyPage{page: page{Problem: person.ErrNoSession}})
	}
	ctx, slug := c.Request.Context(), c.Param("slug")
	p := &applyPage{Form: applicationForm(c)}
	var draft application.Application
	var personal error
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		a, err := advisory.ProgrammeBySlug(ctx, tx, slug)
		if err != nil {
			return err
		}
		if err := p.readScheme(ctx, tx, a, s.language(c)); err != nil {
			return err
		}
		p.Form, personal = p.Form.Personal(p.Programme.Country)
		draft, err = application.SaveDraft(ctx, tx, who.ID, a.ID, string(s.language(c)), p.Form)
		return err
	})
	if err == nil {
		err = personal
	}
	if err == nil && c.PostForm("do") == "send" {
		err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
			draft, err = application.Submit(ctx, tx, who.ID, draft.ID, s.TestNumbers)
			return err
		})
		if err == nil {
			return seeOther(c, "/me/applications/"+draft.ID+"?done=application_sent")
		}
	}
	if refusal, ok := refused(err); ok {
		p.Problem = refusal
		return s.showApply(c, status(refusal), p)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/advice/"+slug+"/apply?done=application_saved")
}

func (s *Server) discardDraft(c *gin.Context) error {
	who, err := s.applicantOf(c)
	if err != nil {
		return err
	}
	if who == nil {
		return seeOther(c, "/advice/"+c.Param("slug")+"/apply")
	}
	ctx := c.Request.Context()
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		a, err := advisory.ProgrammeBySlug(ctx, tx, c.Param("slug"))
		if err != nil {
			return err
		}
		d, err := application.DraftOf(ctx, tx, who.ID, a.ID)
		if err != nil {
			return err
		}
		return application.Discard(ctx, tx, who.ID, d.ID)
	})
	if err != nil {
		return err
	}
	return seeOther(c, "/me?done=application_discarded")
}
