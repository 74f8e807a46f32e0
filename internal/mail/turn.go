package mail

import (
	"context"
	"errors"
	"maps"
	"time"

	"stafett/internal/message"
	"stafett/internal/store"
)

// mostSettled is how many messages that are not to go are dealt with in one
// transaction; others who write wait that long.
const mostSettled = 20

// turn is one short transaction: it writes down what became of the messages that
// are back, and then prepares as many new ones as there are hands. It reports
// whether there was anything to do. A store.Partly tells of what went wrong by
// itself, while the rest is done; after any other error nothing is, and the same
// messages are to be given back again.
//
// What has been sent is written down even when ctx has ended; nothing new is
// taken then.
func (m *Mailer) turn(ctx context.Context, back []returned, hands int) (taken []message.Message, worked bool, err error) {
	if hands, err = m.allowed(ctx, hands); err != nil && len(back) == 0 || hands == 0 && len(back) == 0 {
		return nil, false, err
	}
	before, fault := maps.Clone(m.pace.hand), m.fault
	written := false
	defer func() {
		if !written {
			taken, m.pace.hand = nil, before
		}
	}()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	err = m.db.Write(ctx, func(tx *store.Tx) error {
		if fault != m.noted {
			if err := message.NoteRun(ctx, tx, runName, fault); err != nil {
				return err
			}
		}
		return m.partsOf(ctx, tx, back, func() (err error) {
			taken, worked, err = m.takeIn(ctx, tx, hands)
			return err
		})
	})
	partly := store.Partly{}
	if written = err == nil || errors.As(err, &partly); written {
		m.noted = fault
	}
	return taken, worked || written && len(back) > 0, err
}

// partsOf does each thing of a turn by itself: one message that cannot be written
// down, or new ones that cannot be taken, must not make us forget what has been
// sent.
func (m *Mailer) partsOf(ctx context.Context, tx *store.Tx, back []returned, take func() error) error {
	const taking = "new messages"
	parts := []string{}
	byID := map[string]returned{}
	for _, b := range back {
		parts = append(parts, b.ID)
		byID[b.ID] = b
	}
	before := maps.Clone(m.pace.hand)
	return store.Each(ctx, tx, append(parts, taking), func(part string) error {
		if part != taking {
			return m.completeIn(ctx, tx, byID[part].Message, byID[part].Result)
		}
		err := take()
		if err != nil {
			m.pace.hand = before
		}
		return err
	})
}

// allowed is how many new messages may be taken now: none when the queue waits,
// the program ends, or nothing is due. While nothing gets through one is tried at
// a time, so that a server which cannot be reached, or does not let us in, is not
// pressed.
func (m *Mailer) allowed(ctx context.Context, hands int) (int, error) {
	if hands == 0 || ctx.Err() != nil || m.halted() || !m.pace.open(m.db.Now()) {
		return 0, nil
	}
	if m.fault != "" {
		if m.pace.inHand() > 0 {
			return 0, nil
		}
		hands = 1
	}
	due, err := m.anythingDue(ctx)
	if err != nil || !due {
		return 0, unlessEnded(ctx, err)
	}
	return hands, nil
}

// unlessEnded drops an error that only says that the program ends.
func unlessEnded(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
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

func (m *Mailer) takeIn(ctx context.Context, tx *store.Tx, hands int) (taken []message.Message, worked bool, err error) {
	for settledSoFar := 0; len(taken) < hands && settledSoFar < mostSettled && m.pace.open(m.db.Now()); {
		c, s, err := m.prepare(ctx, tx)
		if err != nil {
			return nil, false, err
		}
		if s == nothing {
			break
		}
		worked = true
		if s == settled {
			settledSoFar++
			continue
		}
		m.pace.begin(domainOf(c.Recipient), m.db.Now())
		taken = append(taken, c)
	}
	return taken, worked, nil
}

// halted reports whether the queue waits because our own settings are wrong.
func (m *Mailer) halted() bool {
	return !m.haltedAt.IsZero() && within(m.db.Now(), m.haltedAt, m.settings.halt())
}

// noteRun writes down once a minute that we run, so that it is seen when we do
// not; a fault stays until a letter goes out.
func (m *Mailer) noteRun(ctx context.Context) error {
	now := m.db.Now()
	if !m.notedAt.IsZero() && within(now, m.notedAt, noteEvery) {
		return nil
	}
	err := m.db.Write(ctx, func(tx *store.Tx) error { return message.NoteRun(ctx, tx, runName, m.fault) })
	if err == nil {
		m.noted, m.notedAt = m.fault, now
	}
	return err
}

const noteEvery = time.Minute // how often it is written down that we run
