package web

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/store"
)

// reminderAskPage asks before reminders are removed with their words, which nothing
// brings back.
type reminderAskPage struct {
	page
	reminderOwner
	What   string // remove; restore: the programme's; standard: those with which programmes begin
	Action string
	Lines  []reminderLine // what is lost
}

func (s *Server) askRemoveReminder(c *gin.Context) error {
	return s.askReminders(c, func(ctx context.Context, tx *store.Tx, p *reminderAskPage) ([]message.Rule, error) {
		r, err := p.rule(ctx, tx, c)
		p.What, p.Action = "remove", p.Base+"/rule/"+r.ID+"/remove"
		return []message.Rule{r}, err
	})
}

func (s *Server) askRestoreReminders(c *gin.Context) error {
	return s.askReminders(c, func(ctx context.Context, tx *store.Tx, p *reminderAskPage) ([]message.Rule, error) {
		p.Action = p.Base + "/restore"
		if p.Event == nil {
			p.What = "standard"
			return message.RulesOf(ctx, tx, p.Programme.ID)
		}
		p.What = "restore"
		return message.Rules(ctx, tx, p.Event.ID)
	})
}

func (s *Server) askReminders(c *gin.Context, lost func(context.Context, *store.Tx, *reminderAskPage) ([]message.Rule, error)) error {
	ctx := c.Request.Context()
	p := &reminderAskPage{page: adminPage(c, "events")}
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p.reminderOwner, err = s.owner(ctx, tx, c); err != nil {
			return err
		}
		if p.Event != nil && remindersOver(*p.Event) {
			return event.ErrNotNow
		}
		rules, err := lost(ctx, tx, p)
		for _, r := range rules {
			p.Lines = append(p.Lines, newReminderLine(message.Forecast{Rule: r}, nil, p.Programme.Language))
		}
		return err
	})
	if refusal, ok := refused(err); ok && refusal == event.ErrNotNow {
		return s.showReminders(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "reminder_ask", p)
}
