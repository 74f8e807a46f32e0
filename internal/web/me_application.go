package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/application"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// ownApplicationPage is a case as its applicant sees it: where it stands, what is
// asked, and once it is granted its hours and money.
type ownApplicationPage struct {
	page
	caseCard
	Typed   url.Values
	Now     time.Time
	NeedBy  time.Time // the last day for the answer
	CanBook bool
}

// ownLineOf is one application on its applicant's page.
type applicationLine struct {
	application.Application
	URL, Name, NameIn, Color string
	AnswerBy                 time.Time // zero: nothing is asked
}

func (s *Server) ownApplication(c *gin.Context) error {
	return s.showOwnApplication(c, http.StatusOK, &ownApplicationPage{})
}

func (s *Server) showOwnApplication(c *gin.Context, code int, p *ownApplicationPage) error {
	who, _ := self(c)
	ctx := c.Request.Context()
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		a, err := application.Own(ctx, tx, who.ID, c.Param("id"))
		if err != nil {
			return err
		}
		p.caseCard, err = s.caseOf(ctx, tx, a, s.language(c))
		p.Now = tx.Now
		return err
	})
	if err != nil {
		return err
	}
	if p.Status == application.Draft {
		return seeOther(c, "/advice/"+p.Advisory.Slug+"/apply")
	}
	if q := p.Open(); q != nil {
		p.NeedBy = p.DayOf(q.AnswerBy)
	}
	p.CanBook = p.Status.Live() && p.HoursLeft > 0
	p.NoIndex, p.Self, p.Typed = true, "/me/applications/"+p.ID, c.Request.PostForm
	return s.render(c, code, "me_application", p)
}

// changeOwn does one thing with the case, and answers with its page.
func (s *Server) changeOwn(c *gin.Context, done string, change func(ctx context.Context, tx *store.Tx, personID, id string) error) error {
	who, _ := self(c)
	ctx, id := c.Request.Context(), c.Param("id")
	err := s.DB.Write(ctx, func(tx *store.Tx) error { return change(ctx, tx, who.ID, id) })
	if refusal, ok := refused(err); ok {
		return s.showOwnApplication(c, status(refusal), &ownApplicationPage{page: page{Problem: refusal}})
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/me/applications/"+id+"?done="+done)
}

func (s *Server) answerQuestion(c *gin.Context) error {
	return s.changeOwn(c, "application_answered", func(ctx context.Context, tx *store.Tx, personID, id string) error {
		return application.Answer(ctx, tx, personID, id, c.PostForm("answer"))
	})
}

func (s *Server) withdrawApplication(c *gin.Context) error {
	return s.changeOwn(c, "application_withdrawn", func(ctx context.Context, tx *store.Tx, personID, id string) error {
		return application.Withdraw(ctx, tx, personID, id)
	})
}

func (s *Server) askOwnPayout(c *gin.Context) error {
	return s.changeOwn(c, "payout_asked", func(ctx context.Context, tx *store.Tx, _, id string) error {
		return application.AskPayout(ctx, tx, id, amountOf(c, "minor"), c.PostForm("purpose"), asSelf(c))
	})
}

func (s *Server) reportOwn(c *gin.Context) error {
	return s.changeOwn(c, "report_sent", func(ctx context.Context, tx *store.Tx, _, id string) error {
		return application.Report(ctx, tx, id, c.PostForm("report"), c.PostForm("report_url"), asSelf(c))
	})
}

// amountOf is an amount as it was typed; one that cannot be read is below nought,
// which the domain refuses at its field.
func amountOf(c *gin.Context, name string) int64 {
	minor, ok := application.ParseAmount(c.PostForm(name))
	if !ok {
		return -1
	}
	return minor
}

// readApplications reads a person's cases for their page.
func (s *Server) readApplications(ctx context.Context, tx *store.Tx, c *gin.Context, p *mePage) error {
	own, err := application.OfPerson(ctx, tx, p.Person.ID)
	if err != nil {
		return err
	}
	for _, a := range own {
		card, err := s.caseOf(ctx, tx, a, s.language(c))
		if err != nil {
			return err
		}
		l := applicationLine{Application: a, URL: "/me/applications/" + a.ID, Name: card.Name, NameIn: card.NameIn, Color: card.Color}
		if q := card.Open(); q != nil {
			l.AnswerBy = card.DayOf(q.AnswerBy)
		}
		if a.Status == application.Draft {
			l.URL = "/advice/" + card.Advisory.Slug + "/apply"
		}
		p.Applications = append(p.Applications, l)
	}
	return nil
}

// decisionPage is the letter of decision as a page.
type decisionPage struct {
	page
	Paper     application.Paper
	Back, PDF string
}

func (s *Server) showDecision(c *gin.Context, find func(context.Context, *store.Tx) (application.Application, error), print bool) error {
	ctx := c.Request.Context()
	var paper application.Paper
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		a, err := find(ctx, tx)
		if err != nil {
			return err
		}
		card, err := s.caseOf(ctx, tx, a, s.language(c))
		if err != nil {
			return err
		}
		if card.Decision.ApplicationID == "" {
			return problem.ErrMissing
		}
		paper, err = s.decisionPaper(card)
		return err
	})
	if err != nil {
		return err
	}
	if print {
		file, err := paper.PDF(paper.At)
		if err != nil {
			return err
		}
		c.Header("Content-Disposition", `attachment; filename="`+paper.FileName()+`.pdf"`)
		c.Data(http.StatusOK, "application/pdf", file)
		return nil
	}
	p := &decisionPage{page: page{NoIndex: true}, Paper: paper}
	p.Back = c.Request.URL.Path[:len(c.Request.URL.Path)-len("/decision")]
	p.PDF = c.Request.URL.Path + ".pdf"
	return s.render(c, http.StatusOK, "decision", p)
}

func (s *Server) ownDecision(c *gin.Context) error    { return s.showDecision(c, s.ownCaseOf(c), false) }
func (s *Server) ownDecisionPDF(c *gin.Context) error { return s.showDecision(c, s.ownCaseOf(c), true) }

func (s *Server) ownCaseOf(c *gin.Context) func(context.Context, *store.Tx) (application.Application, error) {
	who, _ := self(c)
	return func(ctx context.Context, tx *store.Tx) (application.Application, error) {
		return application.Own(ctx, tx, who.ID, c.Param("id"))
	}
}
