package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/mailing"
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
	Title    string // of the event, or the subject of what an organiser wrote
	Language string // of the title
	URL      string // where its letters are, or what was written
	StuckURL string // where those are that did not arrive
	Writing  bool   // more of its letters are being written
	Pace     int    // letters a minute; 0: it cannot be told
	Minutes  int    // until about all have gone; 0: it cannot be told
	Hours    int    // the same when it takes long; 0: not even one and a half
	Quarter  int    // percent, in steps of which somebody is told who listens
	NextAt   time.Time
	LastAt   time.Time
}

func lineOf(b message.Progress, loc *time.Location) burstLine {
	l := burstLine{Progress: b, Pace: b.PerMinute(), Minutes: int((b.Left() + time.Minute - 1) / time.Minute), Quarter: b.Percent() / 25 * 25}
	if b.Left() >= 90*time.Minute {
		l.Hours = int((b.Left() + 30*time.Minute) / time.Hour)
	}
	l.NextAt, l.LastAt = b.NextAt.In(loc), b.LastDone.In(loc)
	return l
}

// ofEvent is the line of letters about an event.
func ofEvent(b message.Progress, ev event.Event) burstLine {
	l := lineOf(b, ev.Location())
	f := messageFilter{Event: ev.ID, Letter: string(b.Letter)}
	l.Title, l.Language, l.URL, l.StuckURL = ev.Title, ev.Language, f.URL(), f.In(string(message.Failed)).URL()
	return l
}

// ofMailing is the line of what an organiser wrote to many.
func ofMailing(ctx context.Context, tx *store.Tx, b message.Progress, m mailing.Mailing, reader string) (burstLine, error) {
	events, err := m.Selection.Events(ctx, tx, m.ProgrammeID)
	if err != nil {
		return burstLine{}, err
	}
	loc, err := mailingZone(ctx, tx, m, events)
	if err != nil {
		return burstLine{}, err
	}
	b.Letter = m.Letter() // none may have been written yet
	l := lineOf(b, loc)
	text, language := m.For(reader, reader)
	l.Title, l.Language, l.URL = text.Subject, language, "/admin/mailings/"+m.ID
	l.StuckURL = messageFilter{Letter: string(b.Letter), Status: string(message.Failed)}.URL()
	l.Writing = m.Status == mailing.Sending && m.WrittenAt.IsZero()
	return l, nil
}

func (p *progressPart) add(l burstLine) {
	p.Bursts, p.Running = append(p.Bursts, l), p.Running || l.Running() || l.Writing
}

// progressOf finds how far one mailing has come.
func (s *Server) progressOf(ctx context.Context, tx *store.Tx, c *gin.Context, m mailing.Mailing) (p progressPart, err error) {
	p.Page, p.Source = "/admin/mailings/"+m.ID, progressPath+"?mailing="+m.ID
	b, err := message.ProgressOf(ctx, tx, m.ID)
	if err != nil {
		return p, err
	}
	l, err := ofMailing(ctx, tx, b, m, string(s.language(c)))
	if err != nil {
		return p, err
	}
	p.add(l)
	return p, p.readFault(ctx, tx)
}

// progress finds the large mailings of one's programmes, or of one event.
func (s *Server) progress(ctx context.Context, tx *store.Tx, c *gin.Context, eventID string) (p progressPart, err error) {
	p.Page, p.Source = messagesPath, progressPath
	if eventID != "" {
		p.Page, p.Source = "/admin/events/"+eventID, p.Source+"?event="+eventID
	}
	bursts, err := message.Bursts(ctx, tx, reach(c), eventID)
	if c.Request.URL.Path != progressPath { // whoever watches sees the end
		bursts = slices.DeleteFunc(bursts, message.Progress.Forgotten)
	}
	if err != nil || len(bursts) == 0 {
		return p, err
	}
	events, due := eventBook{}, 0
	for _, b := range bursts {
		l := burstLine{}
		if b.MailingID != "" {
			m, err := mailing.Find(ctx, tx, b.MailingID)
			if err != nil {
				return p, err
			}
			if l, err = ofMailing(ctx, tx, b, m, string(s.language(c))); err != nil {
				return p, err
			}
		} else {
			ev, err := events.find(ctx, tx, b.EventID)
			if err != nil {
				return p, err
			}
			l = ofEvent(b, ev)
		}
		p.add(l)
		due += b.Due
	}
	if eventID == "" {
		all, err := message.DueNow(ctx, tx, reach(c))
		if err != nil {
			return p, err
		}
		p.Others = all - due
	}
	return p, p.readFault(ctx, tx)
}

func (p *progressPart) readFault(ctx context.Context, tx *store.Tx) error {
	runs, err := message.Runs(ctx, tx)
	for _, r := range runs {
		if r.Name == "mail" {
			p.Fault = r.Fault
		}
	}
	return err
}

// messageProgress answers with the part alone.
func (s *Server) messageProgress(c *gin.Context) error {
	ctx := c.Request.Context()
	var p progressPart
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if id := c.Query("mailing"); id != "" {
			m, err := s.findMailing(ctx, tx, c, id)
			if err != nil {
				return err
			}
			p, err = s.progressOf(ctx, tx, c, m)
			p.Reload = true
			return err
		}
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
