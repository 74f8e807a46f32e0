package registration

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/restored"
	"stafett/internal/store"
)

// Those who have no place hear of a change as those who have one do: they wait
// for something else than they signed up for. Their letter has nothing for a
// calendar. It says that they wait still, or that the offer stands.

// withoutPlace lists the states of those who wait for a place or an answer.
const withoutPlace = `'waitlisted', 'offered', 'requested', 'pending_email'`

// Waits reports whether somebody in the state waits for a place or an answer.
func (s Status) Waits() bool {
	return s == Waitlisted || s == Offered || s == Requested || s == PendingEmail
}

// promoteAndTell gives the free places to those who wait and then writes the
// letter to everybody who has none. Whoever has been offered a place or called on
// the way hears of the change by that letter alone.
func promoteAndTell(ctx context.Context, tx *store.Tx, ev event.Event, n news) (event.Event, error) {
	if err := fitHolds(ctx, tx, ev); err != nil {
		return ev, err
	}
	before, err := message.WrittenAbout(ctx, tx, ev.ID)
	if err != nil {
		return ev, err
	}
	if ev, err = promoteAll(ctx, tx, ev); err != nil {
		return ev, err
	}
	after, err := message.WrittenAbout(ctx, tx, ev.ID)
	if err != nil {
		return ev, err
	}
	people, err := store.All(ctx, tx, scanRegistration, selectRegistration+`WHERE event_id = ? AND status IN (`+withoutPlace+`) ORDER BY id`, ev.ID)
	if err != nil {
		return ev, err
	}
	for _, r := range people {
		if after[r.ID] > before[r.ID] || !n.reaches(r.Mode) {
			continue
		}
		_, err := message.Enqueue(ctx, tx, message.Request{
			Key:    fmt.Sprintf("%s:%s:waits:%d", n.letter, r.ID, ev.Revision),
			Letter: n.letter, Recipient: r.Email, Language: r.Language, ProgrammeID: ev.ProgrammeID, EventID: ev.ID, RegistrationID: r.ID,
			Details: n.about(r.Mode), NotBefore: n.notBefore, NotAfter: ev.EndsAt,
		})
		if err != nil {
			return ev, err
		}
	}
	return ev, nil
}

// fitHolds fits what is held to the event's new time: nothing is held until later
// than the start allows, and who has an offer gets as long to think the change
// over as an offer made now would give. What is over by it ends here, so that its
// place is given on with the others.
func fitHolds(ctx context.Context, tx *store.Tx, ev event.Event) error {
	held, err := store.All(ctx, tx, store.Value[string], `
		SELECT id FROM registration WHERE event_id = ? AND `+holding+` AND hold_until IS NOT NULL ORDER BY id`, ev.ID)
	if err != nil {
		return err
	}
	lost, err := restored.Pending(ctx, tx)
	if err != nil {
		return err
	}
	return oneByOne(ctx, tx, held, func(r *Registration) error {
		if lost.Covers(r.HoldUntil) {
			return nil
		}
		until := r.holdAt(ev, tx.Now)
		switch {
		case !tx.Now.Before(until):
			if err := r.endHold(ctx, tx, ev); err != nil {
				return err
			}
		case !until.Equal(r.HoldUntil):
			r.HoldUntil = until
			if err := r.save(ctx, tx, false); err != nil {
				return fmt.Errorf("fit what is held: %w", err)
			}
			_, err := store.Exec(ctx, tx, `UPDATE offer SET answer_by = ? WHERE registration_id = ? AND status = 'open'`, store.At(until), r.ID)
			if err != nil {
				return fmt.Errorf("fit offer: %w", err)
			}
		}
		return nil
	})
}

// holdAt is until when a place is held after the event has got a new time.
func (r Registration) holdAt(ev event.Event, now time.Time) time.Time {
	until, last := r.HoldUntil, ev.StartsAt.Add(-proofEnds)
	if !now.Before(until) {
		return until
	}
	if r.Status == Offered || r.RoomOffered() {
		last = ev.StartsAt.Add(-OpenCallEnds)
		if _, anew, ok := terms(ev, now); ok && anew.After(until) {
			until = anew
		}
	}
	if until.After(last) {
		return last
	}
	return until
}
