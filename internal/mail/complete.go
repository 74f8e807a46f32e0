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

// longestTry is how long one message is tried at most, from when it was written:
// RFC 5321 4.5.4.1 advises four to five days.
const longestTry = 5 * 24 * time.Hour

// completeIn writes down what became of the message.
func (m *Mailer) completeIn(ctx context.Context, tx *store.Tx, c message.Message, result transport.Result) error {
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
	at := tx.Now.Add(m.untilRetry(c.Attempts, c.NotAfter.Sub(tx.Now)))
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

// shortestTry is how near the end of its life a letter is still tried again.
const shortestTry = time.Minute

// untilRetry is the pause after the nth attempt, 0 the first, at a letter that
// makes sense for so long: at most half of what is left, so that a server which is
// back in time finds a letter that goes.
func (m *Mailer) untilRetry(n int, left time.Duration) time.Duration {
	pause := m.settings.retry(n)
	if half := left / 2; pause >= half && half >= shortestTry {
		return half
	}
	return pause
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

// observe logs the outcome, and remembers what it means for the messages that
// come next.
func (m *Mailer) observe(b returned) {
	domain := domainOf(b.Recipient)
	m.pace.end(domain)
	if b.lost != nil {
		return
	}
	m.report(b.Message, b.Result)
	now := m.db.Now()
	if b.Code == 421 || strings.HasPrefix(b.Enhanced, "4.7.") {
		m.pace.slow(domain, now)
	}
	if b.Outcome == transport.Misconfigured {
		m.haltedAt = now
	}
	switch {
	case b.Outcome == transport.Misconfigured, b.Outcome == transport.Again && b.Code == 0:
		m.fault = b.Result.Reason
	case b.Outcome == transport.Sent, b.Code != 0: // a server has answered
		m.fault = ""
	}
}
