package mail

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"stafett/internal/mail/transport"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/store"
)

// runName is what the mailer is called among the things that run by themselves.
const runName = "mail"

const (
	// longestTry is how long one message is tried at most, from when it was
	// written: RFC 5321 4.5.4.1 advises four to five days.
	longestTry = 5 * 24 * time.Hour
	// completeTries and completePause: what has been sent must not be forgotten
	// because the database was busy for a moment.
	completeTries = 5
	completePause = time.Second
)

// complete writes down what became of the message, even when ctx has ended.
func (m *Mailer) complete(ctx context.Context, c message.Message, result transport.Result) error {
	m.report(c, result)
	m.observe(c, result)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	for try := 1; ; try++ {
		err := m.db.Write(ctx, func(tx *store.Tx) error { return m.completeIn(ctx, tx, c, result) })
		if err == nil {
			m.noted = m.fault
		}
		if err == nil || try == completeTries || !store.IsBusy(err) {
			return err
		}
		time.Sleep(completePause)
	}
}

func (m *Mailer) completeIn(ctx context.Context, tx *store.Tx, c message.Message, result transport.Result) error {
	if m.fault != m.noted {
		if err := message.NoteRun(ctx, tx, runName, m.fault); err != nil {
			return err
		}
	}
	switch result.Outcome {
	case transport.Sent:
		return message.Finish(ctx, tx, c.ID, message.Sent, "")
	case transport.Uncertain:
		pause, ok := m.settings.unanswered(c.Unanswered)
		if !ok {
			return message.Finish(ctx, tx, c.ID, message.Uncertain, result.Reason)
		}
		return message.Unanswered(ctx, tx, c, tx.Now.Add(pause), result.Reason)
	case transport.NoSuchAddress:
		if err := person.MarkEmailFailed(ctx, tx, c.Recipient); err != nil {
			return err
		}
		return message.Finish(ctx, tx, c.ID, message.Failed, result.Reason)
	case transport.Refused:
		return message.Finish(ctx, tx, c.ID, message.Failed, result.Reason)
	case transport.Misconfigured, stopped:
		return message.Release(ctx, tx, c.ID)
	}
	return m.again(ctx, tx, c, result.Reason)
}

// again tries later, for as long as the letter makes sense and at most
// longestTry. Until now the message has not left, unless an earlier attempt
// stayed without an answer. A reminder that comes too late needs nobody's hand;
// everything else that did not go is shown to an organiser.
func (m *Mailer) again(ctx context.Context, tx *store.Tx, c message.Message, reason string) error {
	began := c.PreparedAt
	if began.IsZero() {
		began = c.CreatedAt
	}
	at := tx.Now.Add(m.settings.retry(c.Attempts))
	late := !at.Before(c.NotAfter)
	switch {
	case !late && !at.After(began.Add(longestTry)):
		return message.Again(ctx, tx, c.ID, at, reason)
	case c.MayHaveLeft():
		return message.Finish(ctx, tx, c.ID, message.Uncertain, reason)
	case late && c.Letter.IsReminder():
		return message.Finish(ctx, tx, c.ID, message.Dropped, message.LateAfter(reason))
	}
	return message.Finish(ctx, tx, c.ID, message.Failed, reason)
}

// report logs the outcome, without the address.
func (m *Mailer) report(c message.Message, result transport.Result) {
	level := slog.LevelInfo
	if result.Outcome != transport.Sent {
		level = slog.LevelWarn
	}
	m.log.Log(context.Background(), level, "letter", "message", c.ID, "kind", c.Letter, "outcome", result.Outcome.String(),
		"attempt", c.Attempts+1, "code", result.Code, "enhanced", result.Enhanced, "answer", result.Answer)
}

// observe remembers what the outcome means for the messages that come next.
func (m *Mailer) observe(c message.Message, result transport.Result) {
	now := m.db.Now()
	if result.Code == 421 || strings.HasPrefix(result.Enhanced, "4.7.") {
		m.pace.slow(domainOf(c.Recipient), now)
	}
	if result.Outcome == transport.Misconfigured {
		m.haltedAt = now
	}
	switch {
	case result.Outcome == transport.Misconfigured, result.Outcome == transport.Again && result.Code == 0:
		m.fault = result.Reason
	case result.Outcome == transport.Sent, result.Code != 0: // a server has answered
		m.fault = ""
	}
}

// halted reports whether the queue waits because our own settings are wrong.
func (m *Mailer) halted() bool {
	return !m.haltedAt.IsZero() && within(m.db.Now(), m.haltedAt, m.settings.halt())
}
