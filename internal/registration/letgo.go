package registration

import (
	"context"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/restored"
	"stafett/internal/store"
)

// LetGo ends what has been held too long, offers without an answer and addresses
// that nobody has proved, and gives every free place to the next. The scheduler
// runs it each minute; what it finds done it leaves alone. An event of which
// something is wrong does not keep the others waiting: see store.Partly.
//
// What may have been decided already in a time that was lost by going back to a
// backup waits until an organiser has answered: holds that ended in it, and events
// of which nothing has changed since.
func LetGo(ctx context.Context, tx *store.Tx) error {
	lost, err := restored.Pending(ctx, tx)
	if err != nil {
		return err
	}
	ids, err := store.All(ctx, tx, store.Value[string], `
		SELECT event_id FROM registration WHERE `+holding+` AND hold_until <= ? AND hold_until > ?
		UNION
		SELECT e.id FROM event e WHERE e.status = 'published' AND e.starts_at > ?
			AND EXISTS (SELECT 1 FROM registration w WHERE w.event_id = e.id AND (w.status = 'waitlisted' OR w.room_since IS NOT NULL))
			AND EXISTS (SELECT 1 FROM event_capacity c WHERE c.event_id = e.id AND (c.places IS NULL OR c.taken + c.extra < c.places))
			AND EXISTS (SELECT 1 FROM registration n WHERE n.event_id = e.id AND n.changed_at > ?)
		ORDER BY 1`, store.At(tx.Now), lost.Until(), store.At(tx.Now), lost.Until()) // also with places freed at night, and for the open call of the last hours
	if err != nil {
		return err
	}
	return store.Each(ctx, tx, ids, func(id string) error {
		ev, err := event.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		if _, err := endOverdue(ctx, tx, ev); err != nil {
			return err
		}
		_, err = promoteAll(ctx, tx, ev)
		return err
	})
}

// overdue reports whether a place is held longer than was promised: the offer is
// over, or the address was not proved, even when the scheduler has not come to
// write it down.
func (r Registration) overdue(now time.Time) bool {
	return (r.Status == Offered || r.Status == PendingEmail) && !now.Before(r.HoldUntil)
}

// findAsOfNow reads an event after letting go what it held too long. Whatever
// decides about its places begins with it, so that an answer or a sign-up in the
// minute before the scheduler comes finds what it would find after.
func findAsOfNow(ctx context.Context, tx *store.Tx, id string) (event.Event, error) {
	ev, err := event.Find(ctx, tx, id)
	if err != nil {
		return ev, err
	}
	if n, err := endOverdue(ctx, tx, ev); err != nil || n == 0 {
		return ev, err
	}
	return promoteAll(ctx, tx, ev)
}

// endOverdue ends what an event has held too long, and tells how many places
// became free by it.
func endOverdue(ctx context.Context, tx *store.Tx, ev event.Event) (int, error) {
	lost, err := restored.Pending(ctx, tx)
	if err != nil {
		return 0, err
	}
	late, err := store.All(ctx, tx, store.Value[string], `
		SELECT id FROM registration WHERE `+holding+` AND hold_until <= ? AND hold_until > ? AND event_id = ? ORDER BY hold_until, id`,
		store.At(tx.Now), lost.Until(), ev.ID)
	if err != nil {
		return 0, err
	}
	return len(late), oneByOne(ctx, tx, late, func(r *Registration) error {
		return r.endHold(ctx, tx, ev)
	})
}

// holding chooses those for whom a place is held until hold_until.
const holding = `(status IN ('offered', 'pending_email') OR room_since IS NOT NULL)`

// endHold ends what is held for somebody, for want of an answer.
func (r *Registration) endHold(ctx context.Context, tx *store.Tx, ev event.Event) error {
	if r.RoomOffered() {
		return r.letRoomPass(ctx, tx, ev, OfferExpired, audit.System)
	}
	to := map[Status]Status{Offered: Expired, PendingEmail: Lapsed}[r.Status]
	return move(ctx, tx, ev, r, change{to: to, by: audit.System})
}
