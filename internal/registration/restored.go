package registration

import (
	"context"
	"fmt"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/restored"
	"stafett/internal/store"
)

// afterLost is by how much the SEQUENCE of invitations rises when the database goes
// back to a backup: above whatever calendars have heard since, or they would take
// no update any more (RFC 5546 2.1.4).
const afterLost = 100

// RaiseSequences puts the SEQUENCE of everybody who has been invited to something
// ahead above what calendars may know.
func RaiseSequences(ctx context.Context, tx *store.Tx) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE registration SET calendar_sequence = calendar_sequence + ?
		WHERE calendar_sequence >= 0 AND event_id IN (SELECT id FROM event WHERE ends_at > ?)`, afterLost, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("raise sequences: %w", err)
	}
	return nil
}

// Overdue is what waits for an organiser's answer since the database went back to
// a backup, because its time came in what is lost.
type Overdue struct {
	Offers   int // without an answer
	Unproved int // addresses
	Events   int // that close themselves
}

// OverdueIn counts it.
func OverdueIn(ctx context.Context, tx *store.Tx, lost restored.Lost) (o Overdue, err error) {
	o, err = store.One(ctx, tx, func(r store.Row) (o Overdue, err error) { return o, r.Scan(&o.Offers, &o.Unproved) }, `
		SELECT COALESCE(sum(CASE WHEN status = 'pending_email' THEN 0 ELSE 1 END), 0), COALESCE(sum(CASE WHEN status = 'pending_email' THEN 1 ELSE 0 END), 0)
		FROM registration WHERE `+holding+` AND hold_until <= ?`, lost.Until())
	if err != nil {
		return o, err
	}
	old, err := toClose(ctx, tx, lost.To)
	o.Events = len(old)
	return o, err
}

// OfferAnew gives those whose offers ended in the time that is lost as long to
// answer as an offer made now would, and tells them. Where the start is too near
// for that, the offers end.
func OfferAnew(ctx context.Context, tx *store.Tx, lost restored.Lost, by audit.Actor) error {
	ids, err := store.All(ctx, tx, store.Value[string], `
		SELECT id FROM registration WHERE `+holding+` AND status <> 'pending_email' AND hold_until <= ? ORDER BY hold_until, id`, lost.Until())
	if err != nil {
		return err
	}
	return oneByOne(ctx, tx, ids, func(r *Registration) error {
		ev, err := event.Find(ctx, tx, r.EventID)
		if err != nil {
			return err
		}
		sent, answerBy, ok := terms(ev, tx.Now)
		if !ok || ev.Status != event.Published {
			return nil
		}
		r.HoldUntil = answerBy
		if err := r.note(ctx, tx, ev, by, "registration.offer_anew"); err != nil {
			return err
		}
		if _, err := store.Exec(ctx, tx, `UPDATE offer SET answer_by = ? WHERE registration_id = ? AND status = 'open'`, store.At(answerBy), r.ID); err != nil {
			return fmt.Errorf("offer anew: %w", err)
		}
		return r.tell(ctx, tx, ev, message.Offered, change{
			by: by, notBefore: sent, notAfter: answerBy, details: message.Details{Meanwhile: r.WaitsForRoom(), AnswerBy: store.At(answerBy).(string)},
		})
	})
}

// CloseLost closes the events whose time to be closed came in what is lost. Who
// stayed away has had the letter then.
func CloseLost(ctx context.Context, tx *store.Tx, lost restored.Lost, by audit.Actor) error {
	old, err := toClose(ctx, tx, lost.To)
	if err != nil {
		return err
	}
	for _, ev := range old {
		if _, err := closeEvent(ctx, tx, ev.ID, true, by); err != nil {
			return err
		}
	}
	return nil
}
