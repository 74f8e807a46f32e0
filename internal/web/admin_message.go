package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// messagePage is one letter: what it is, what became of it, and what it says.
type messagePage struct {
	page
	Row       messageRow
	Programme string
	Name      string // the recipient's, as the registration has it
	History   []messageStep
	Letter    Letter // as it would be written now
	Shown     bool   // there is a letter to show
	Why       string // there is none: the text is "admin.outbox.no_preview.<Why>"
	Sample    bool   // it is shown as it would go to an invented person
	Sequence  int    // of the invitation, as people count: the first is 1
	NotAfter  time.Time
}

// messageStep is one thing that happened to a letter.
type messageStep struct {
	At     time.Time
	Last   time.Time // of several of one kind
	Times  int
	What   string // the text is "admin.outbox.step.<What>"
	Reason string // a code, with the server's numbers
	Action string // of an organiser: the text is "admin.audit.<Action>"
	Who    string
}

func (s *Server) message(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &messagePage{page: adminPage(c, "messages")}
	var m message.Message
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if m, err = s.ownMessage(ctx, tx, c, c.Param("id")); err != nil {
			return err
		}
		return s.readMessage(ctx, tx, p, m)
	})
	if err != nil {
		return err
	}
	if err := s.noteLetterRead(c, m); err != nil {
		return err
	}
	c.Header("Content-Security-Policy", pagePolicy+"; frame-src 'self'")
	return s.render(c, http.StatusOK, "message", p)
}

// noteLetterRead writes down that somebody read a letter to a person.
func (s *Server) noteLetterRead(c *gin.Context, m message.Message) error {
	if m.Recipient == "" {
		return nil
	}
	return s.noteOnce(c, audit.Entry{Actor: actor(c), ProgrammeID: m.ProgrammeID, Action: "message.read", ObjectKind: "message", ObjectID: m.ID})
}

func (s *Server) readMessage(ctx context.Context, tx *store.Tx, p *messagePage, m message.Message) error {
	ev, err := eventBook{}.find(ctx, tx, m.EventID)
	if err != nil {
		return err
	}
	p.Row = rowOf(m, ev, tx.Now)
	if p.Row.CanRetry && !p.Row.Unknown && m.Recipient != "" { // it may have been found out by another letter
		if p.Row.Unknown, err = person.EmailFailed(ctx, tx, m.Recipient); err != nil {
			return err
		}
	}
	p.NotAfter = m.NotAfter.In(p.Row.At.Location())
	if m.CalendarSequence != nil {
		p.Sequence = *m.CalendarSequence + 1
	}
	if m.ProgrammeID != "" {
		own, err := programme.Find(ctx, tx, m.ProgrammeID)
		if err != nil && !errors.Is(err, problem.ErrMissing) {
			return err
		}
		p.Programme = own.Name
	}
	if m.RegistrationID != "" && m.Recipient != "" {
		r, err := registration.Find(ctx, tx, m.RegistrationID)
		if err != nil && !errors.Is(err, problem.ErrMissing) {
			return err
		}
		p.Name = r.Name()
	}
	if p.History, err = s.historyOf(ctx, tx, m); err != nil {
		return err
	}
	p.Letter, p.Why, err = s.writtenAnew(ctx, tx, m)
	p.Shown, p.Sample = p.Why == "", m.RegistrationID == "" && m.Details.SubscriptionID == ""
	return err
}

// historyOf tells what happened to a letter, the oldest first: the row's own
// dates, what attempts came to, and what organisers decided.
func (s *Server) historyOf(ctx context.Context, tx *store.Tx, m message.Message) ([]messageStep, error) {
	steps := []messageStep{{At: m.CreatedAt, What: "written"}}
	attempts, err := message.Attempts(ctx, tx, m.ID)
	if err != nil {
		return nil, err
	}
	for _, a := range attempts {
		step := messageStep{At: a.First, Last: a.Last, Times: a.Times, What: "not_sent", Reason: a.Reason}
		switch {
		case a.Reason == message.TakenIn:
			step.What, step.Reason = string(message.Sent), ""
		case a.Returned():
			step.What = "returned"
		}
		steps = append(steps, step)
	}
	entries, err := audit.Of(ctx, tx, "message", m.ID)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, e := range entries {
		if e.Action == "message.read" { // that is no part of what became of it
			continue
		}
		who, err := userName(ctx, tx, names, e.Actor)
		if err != nil {
			return nil, err
		}
		steps = append(steps, messageStep{At: e.At, Action: auditKey(e.Action), Who: who})
	}
	if !m.PreparedAt.IsZero() {
		steps = append(steps, messageStep{At: m.PreparedAt, What: "prepared"})
	}
	if m.Status == message.Sent || m.Status == message.Dropped {
		steps = append(steps, messageStep{At: m.DoneAt, What: string(m.Status), Reason: m.Reason})
	}
	return inTime(steps), nil
}

// inTime sorts the steps, those of one second in the order in which they came.
func inTime(steps []messageStep) []messageStep {
	order := map[string]int{"written": 0, "prepared": 1, "not_sent": 2, "": 3, "sent": 4, "dropped": 4, "returned": 5}
	slices.SortStableFunc(steps, func(a, b messageStep) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return order[a.What] - order[b.What]
	})
	for i := range steps {
		steps[i].At, steps[i].Last = steps[i].At.In(deskZone()), steps[i].Last.In(deskZone())
	}
	return steps
}

// writtenAnew is the letter as it would be written now, its links opening
// nothing; why tells when it cannot be shown. A letter about a person holds a
// secret of theirs and is not shown to anybody.
func (s *Server) writtenAnew(ctx context.Context, tx *store.Tx, m message.Message) (l Letter, why string, err error) {
	switch {
	case m.Letter.AboutPerson() && m.Letter != message.News: // news hold no secret but the way to end them
		return l, "personal", nil
	case m.Recipient == "":
		return l, "erased", nil
	case s.Preview == nil:
		return l, "gone", nil
	}
	if l, err = s.Preview(ctx, tx, m); err == nil {
		return l, "", nil
	}
	if ctx.Err() != nil || store.IsBusy(err) {
		return l, "", err
	}
	s.Log.Warn("letter not shown", "message", m.ID, "kind", m.Letter, "error", err)
	return Letter{}, "gone", nil
}

// messageHTML is the letter as a mail program shows it, in a frame of its page:
// it may have styles of its own, and nothing else.
func (s *Server) messageHTML(c *gin.Context) error {
	ctx := c.Request.Context()
	var l Letter
	var m message.Message
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if m, err = s.ownMessage(ctx, tx, c, c.Param("id")); err != nil {
			return err
		}
		why := ""
		if l, why, err = s.writtenAnew(ctx, tx, m); err == nil && why != "" {
			err = problem.ErrMissing
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := s.noteLetterRead(c, m); err != nil {
		return err
	}
	c.Header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'")
	c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(l.HTML))
	return nil
}
