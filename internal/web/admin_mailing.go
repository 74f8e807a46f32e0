package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/mailing"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// mailingPage is a mailing that is to go, goes or has gone.
type mailingPage struct {
	page
	Mailing   mailing.Mailing
	Color     string
	Programme string        // of news
	Events    []event.Event // none of news
	States    []option
	Filters   []mailingFilter // that leave out some in those states
	Texts     []mailingText
	// TemplateName is what was typed as the name of a template, when it was refused.
	TemplateName string
	Progress     progressPart
	Reach        mailing.Reach // of one that is scheduled, as it would be now
	SendAt       time.Time
	GoesAt       time.Time // after the quiet hours; zero when they do not matter
	StartedAt    time.Time
	EndedAt      time.Time
}

// mailing shows a draft to be written, and any other as it goes.
func (s *Server) mailing(c *gin.Context) error { return s.showMailing(c, http.StatusOK, nil) }

func (s *Server) showMailing(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	var m mailing.Mailing
	var prog programme.Programme
	p := &mailingPage{page: adminPage(c, "mailings")}
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if m, err = s.ownMailing(ctx, tx, c); err != nil {
			return err
		}
		if prog, err = programme.Find(ctx, tx, m.ProgrammeID); err != nil || m.Status == mailing.Draft {
			return err
		}
		if m.Status != mailing.Scheduled {
			if p.Progress, err = s.progressOf(ctx, tx, c, m); err != nil {
				return err
			}
		}
		if err := p.read(ctx, tx, m); err != nil {
			return err
		}
		p.Filters, err = s.filters(ctx, tx, lang, m.Selection, p.Events)
		return err
	})
	if err != nil {
		return err
	}
	if m.Status == mailing.Draft {
		f := &mailingFormPage{page: p.page, Mailing: m, Programme: prog}
		f.Problem, f.Self, f.TemplateName = refusal, "/admin/mailings/"+m.ID, c.PostForm("template")
		if refusal == nil && c.Query("check") != "" {
			f.Problem, _ = problem.As(m.Whole(prog))
		}
		return s.showMailingForm(c, code, f)
	}
	p.Problem, p.Self, p.Programme, p.TemplateName = refusal, "/admin/mailings/"+m.ID, prog.Name, c.PostForm("template")
	for _, t := range mailingTexts(m.Content, prog.Language) {
		if !t.Empty() {
			p.Texts = append(p.Texts, t)
		}
	}
	if p.States, err = s.optionsOf(lang, "status.", textsOf(m.Selection.Statuses), nil); err != nil {
		return err
	}
	return s.render(c, code, "mailing", p)
}

func (p *mailingPage) read(ctx context.Context, tx *store.Tx, m mailing.Mailing) (err error) {
	p.Mailing, p.Color = m, mailingColor(m.Status)
	if p.Events, err = m.Selection.Events(ctx, tx, m.ProgrammeID); err != nil {
		return err
	}
	loc, err := mailingZone(ctx, tx, m, p.Events)
	if err != nil {
		return err
	}
	p.SendAt, p.StartedAt, p.EndedAt = m.SendAt.In(loc), m.StartedAt.In(loc), m.EndedAt.In(loc)
	from := m.SendAt
	if from.IsZero() {
		from = m.StartedAt
	}
	if at := m.GoesAt(from, p.Events, loc); tx.Now.Before(at) && !at.Equal(from) {
		p.GoesAt = at.In(loc)
	}
	if m.Status == mailing.Scheduled {
		p.Reach, err = mailing.ReachOf(ctx, tx, m.ProgrammeID, m.Selection)
	}
	return err
}

// mailingZone is the clock that a mailing goes by: that of its first event, of
// news the programme's.
func mailingZone(ctx context.Context, tx *store.Tx, m mailing.Mailing, events []event.Event) (*time.Location, error) {
	switch {
	case len(events) > 0:
		return events[0].Location(), nil
	case !m.Selection.News:
		return deskZone(), nil
	}
	p, err := programme.Find(ctx, tx, m.ProgrammeID)
	if err != nil {
		return nil, err
	}
	return time.LoadLocation(p.TimeZone)
}

// actorOf is a user as the audit log names them.
func actorOf(userID string) audit.Actor { return audit.Actor{Kind: "user", ID: userID} }

// onMailing runs one step of a mailing of one's own and leads to a page of it; a
// refusal is shown by its own page.
func (s *Server) onMailing(c *gin.Context, part, done string, step func(context.Context, *store.Tx, mailing.Mailing) error, show func(*gin.Context, int, *problem.Problem) error) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		m, err := s.ownMailing(ctx, tx, c)
		if err != nil {
			return err
		}
		return step(ctx, tx, m)
	})
	if refusal, ok := refused(err); ok {
		return show(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/mailings/"+c.Param("id")+part+"?done="+done)
}

func (s *Server) unscheduleMailing(c *gin.Context) error {
	return s.onMailing(c, "", "mailing_unscheduled", func(ctx context.Context, tx *store.Tx, m mailing.Mailing) error {
		return mailing.Unschedule(ctx, tx, m.ID, actor(c))
	}, s.showMailing)
}

func (s *Server) stopMailing(c *gin.Context) error {
	return s.onMailing(c, "", "mailing_stopped", func(ctx context.Context, tx *store.Tx, m mailing.Mailing) error {
		return mailing.Stop(ctx, tx, m.ID, actor(c))
	}, s.showMailing)
}

func (s *Server) discardMailing(c *gin.Context) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		m, err := s.ownMailing(ctx, tx, c)
		if err != nil {
			return err
		}
		return mailing.Discard(ctx, tx, m.ID, actor(c))
	})
	if refusal, ok := refused(err); ok {
		return s.showMailing(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/mailings?done=mailing_discarded")
}
