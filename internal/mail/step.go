package mail

import (
	"context"
	"errors"
	"time"

	"stafett/internal/mail/transport"
	"stafett/internal/message"
	"stafett/internal/store"
)

// Step takes one message through its three steps, each a short transaction of
// its own or none: prepare, send, complete. It reports whether there was
// anything to do. No transaction is open while a server is waited for.
//
// When ctx ends, a message in hand is still finished, for at most 30 seconds.
func (m *Mailer) Step(ctx context.Context) (worked bool, err error) {
	if m.halted() || !m.pace.open(m.db.Now()) {
		return false, nil
	}
	due, err := m.anythingDue(ctx)
	if err != nil || !due {
		return false, err
	}
	c, state, err := m.prepare(ctx)
	if err != nil || state != ready {
		return state != nothing, err
	}
	return true, m.complete(ctx, c, m.send(ctx, c))
}

// anythingDue looks without taking the right to write from those who sign up.
func (m *Mailer) anythingDue(ctx context.Context) (due bool, err error) {
	err = m.db.Read(ctx, func(tx *store.Tx) error {
		next, err := message.NextDue(ctx, tx)
		due = !next.IsZero() && !next.After(tx.Now)
		return err
	})
	return due, err
}

// grace is how long a message in hand may take once the program is to end.
const grace = 30 * time.Second

// stopped is the outcome when we ourselves broke off before the letter was
// handed over: nothing went wrong, and nothing is counted.
const stopped transport.Outcome = -1

// send hands the bytes over. It is given its time even when ctx has ended.
func (m *Mailer) send(ctx context.Context, c message.Message) transport.Result {
	m.pace.note(domainOf(c.Recipient), m.db.Now())
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), m.settings.Timeout)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })()
	result := m.sender.Send(sending, transport.Envelope{From: c.Sender, To: c.Recipient, Data: c.MIME})
	if errors.Is(sending.Err(), context.Canceled) && result.Outcome == transport.Again {
		result.Outcome = stopped
	}
	return result
}
