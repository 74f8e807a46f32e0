package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// messagesPage tells what has become of the letters of one's programmes.
type messagesPage struct {
	page
	Counts   message.Counts // of the last thirty days
	Stuck    message.Counts // of all times
	Status   string         // the filter; empty: those that need a hand, and the newest others
	Statuses []option
	Rows     []messageRow // those that need a hand, or those of the filter
	Recent   []messageRow
	Cut      bool // there are more than are shown
	Shown    int
}

// messageRow is one letter, ready to print.
type messageRow struct {
	message.Message
	Title    string // the event's
	Created  time.Time
	Due      time.Time
	Color    string
	CanRetry bool
}

// stuckStatuses are the states in which a letter waits for an organiser.
var stuckStatuses = []message.Status{message.Failed, message.Uncertain, message.Held}

var messageStatuses = []string{"failed", "uncertain", "held", "waiting", "sent", "dropped"}

const (
	messagesShown = 200
	recentShown   = 50
	monthAgo      = -30 * 24 * time.Hour
)

func (s *Server) messages(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &messagesPage{page: adminPage(c, "messages"), Status: c.Query("status"), Shown: messagesShown}
	if !slices.Contains(messageStatuses, p.Status) {
		p.Status = ""
	}
	err := s.DB.Read(ctx, func(tx *store.Tx) error { return p.read(ctx, tx, mayOrganise(c), s.DB.Now()) })
	if err != nil {
		return err
	}
	if p.Statuses, err = s.optionsOf(s.language(c), "message_status.", messageStatuses, []string{p.Status}); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "messages", p)
}

func (p *messagesPage) read(ctx context.Context, tx *store.Tx, own []string, now time.Time) (err error) {
	if p.Counts, err = message.CountSince(ctx, tx, own, now.Add(monthAgo)); err != nil {
		return err
	}
	if p.Stuck, err = message.CountSince(ctx, tx, own, time.Unix(0, 0)); err != nil {
		return err
	}
	wanted := stuckStatuses
	if p.Status != "" {
		wanted = []message.Status{message.Status(p.Status)}
	}
	titles := map[string]event.Event{}
	if p.Rows, err = messageRows(ctx, tx, own, wanted, messagesShown+1, titles); err != nil {
		return err
	}
	if len(p.Rows) > messagesShown {
		p.Rows, p.Cut = p.Rows[:messagesShown], true
	}
	if p.Status != "" {
		return nil
	}
	p.Recent, err = messageRows(ctx, tx, own, []message.Status{message.Sent, message.Waiting, message.Dropped}, recentShown, titles)
	return err
}

// messageRows lists the newest letters in some states. Events keeps those that
// were looked up.
func messageRows(ctx context.Context, tx *store.Tx, own []string, wanted []message.Status, most int, events map[string]event.Event) ([]messageRow, error) {
	list, err := message.List(ctx, tx, own, wanted, most)
	if err != nil {
		return nil, err
	}
	var rows []messageRow
	for _, m := range list {
		ev, known := events[m.EventID]
		if !known && m.EventID != "" {
			if ev, err = event.Find(ctx, tx, m.EventID); err != nil && !errors.Is(err, problem.ErrMissing) {
				return nil, err
			}
			events[m.EventID] = ev
		}
		loc := deskZone()
		if ev.ID != "" {
			loc = ev.Location()
		}
		rows = append(rows, messageRow{
			Message: m, Title: ev.Title, Created: m.CreatedAt.In(loc), Due: m.DueAt.In(loc),
			Color: messageColor(m.Status), CanRetry: slices.Contains(stuckStatuses, m.Status) && m.Recipient != "",
		})
	}
	return rows, nil
}

func messageColor(st message.Status) string {
	switch st {
	case message.Sent:
		return "success"
	case message.Failed:
		return "danger"
	case message.Uncertain, message.Held:
		return "warning"
	}
	return "neutral"
}

// retryMessage lets a letter go again, made anew from what is true now.
func (s *Server) retryMessage(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		m, err := s.ownMessage(ctx, tx, c, id)
		if err != nil {
			return err
		}
		if err := person.EmailWorks(ctx, tx, m.Recipient); err != nil {
			return err
		}
		again, err := message.Retry(ctx, tx, id)
		if err != nil {
			return err
		}
		if !again {
			return registration.ErrNotNow
		}
		return audit.Add(ctx, tx, audit.Entry{
			Actor: actor(c), ProgrammeID: m.ProgrammeID, Action: "message.retry", ObjectKind: "message", ObjectID: id,
			From: string(m.Status), To: string(message.Waiting),
		})
	})
	if err != nil {
		return err
	}
	to := "/admin/messages?done=retried"
	if st := c.PostForm("status"); slices.Contains(messageStatuses, st) {
		to += "&status=" + st
	}
	return seeOther(c, to)
}
