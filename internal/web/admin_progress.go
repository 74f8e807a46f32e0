package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/store"
)

// progressPart is how far the large mailings of the moment have come: a part of
// a page, which a script asks for anew every other second.
type progressPart struct {
	Bursts  []burstLine
	Others  int    // letters that may go now and belong to no large mailing
	Running bool   // there is something to wait for
	Fault   string // why nothing goes out; a code
	Source  string // its own address
	Page    string // that of the page which it is a part of
	Reload  bool   // it was asked for by itself
}

// burstLine is one large mailing.
type burstLine struct {
	message.Progress
	Event   event.Event
	Pace    int // letters a minute; 0: it cannot be told
	Minutes int // until about all have gone; 0: it cannot be told
	Hours   int // the same when it takes long; 0: not even one and a half
	Quarter int // percent, in steps of which somebody is told who listens
	NextAt  time.Time
	LastAt  time.Time
}

// progress finds the large mailings of one's programmes, or of one event.
func (s *Server) progress(ctx context.Context, tx *store.Tx, c *gin.Context, eventID string) (p progressPart, err error) {
	p.Page, p.Source = messagesPath, progressPath
	if eventID != "" {
		p.Page, p.Source = "/admin/events/"+eventID, p.Source+"?event="+eventID
	}
	bursts, err := message.Bursts(ctx, tx, reach(c), eventID)
	if err != nil || len(bursts) == 0 {
		return p, err
	}
	events, due := eventBook{}, 0
	for _, b := range bursts {
		ev, err := events.find(ctx, tx, b.EventID)
		if err != nil {
			return p, err
		}
		l := burstLine{Progress: b, Event: ev, Pace: b.PerMinute(), Minutes: int((b.Left() + time.Minute - 1) / time.Minute), Quarter: b.Percent() / 25 * 25}
		if b.Left() >= 90*time.Minute {
			l.Hours = int((b.Left() + 30*time.Minute) / time.Hour)
		}
		l.NextAt, l.LastAt = b.NextAt.In(ev.Location()), b.LastDone.In(ev.Location())
		p.Bursts, p.Running, due = append(p.Bursts, l), p.Running || b.Running(), due+b.Due
	}
	if eventID == "" {
		all, err := message.DueNow(ctx, tx, reach(c))
		if err != nil {
			return p, err
		}
		p.Others = all - due
	}
	runs, err := message.Runs(ctx, tx)
	for _, r := range runs {
		if r.Name == "mail" {
			p.Fault = r.Fault
		}
	}
	return p, err
}

// messageProgress answers with the part alone.
func (s *Server) messageProgress(c *gin.Context) error {
	ctx := c.Request.Context()
	var p progressPart
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		id := c.Query("event")
		if id != "" {
			if _, err := s.ownEvent(ctx, tx, c, id); err != nil {
				return err
			}
		}
		p, err = s.progress(ctx, tx, c, id)
		p.Reload = true
		return err
	})
	if err != nil {
		return err
	}
	return s.renderPart(c, "messages", "mail_progress", p)
}

// renderPart answers with one named template of a page, for a script to put in
// its place.
func (s *Server) renderPart(c *gin.Context, page, part string, value any) error {
	lang := s.language(c)
	t, err := s.pages.byLanguage[lang][page]()
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, part, value); err != nil {
		return fmt.Errorf("render %s of %s: %w", part, page, err)
	}
	c.Header("Content-Language", string(lang))
	c.Data(http.StatusOK, "text/html; charset=utf-8", out.Bytes())
	return nil
}
