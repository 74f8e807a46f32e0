package registration

import (
	"context"
	"errors"
	"fmt"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/store"
)

// lockPlaces keeps everybody else who wants a place in this mode waiting until
// the transaction ends, and reports whether one is free.
func lockPlaces(ctx context.Context, tx *store.Tx, eventID string, mode event.Mode) (free bool, err error) {
	return store.One(ctx, tx, store.Value[bool], `
		UPDATE event_capacity SET revision = revision + 1
		WHERE event_id = ? AND mode = ?
		RETURNING places IS NULL OR taken + extra < places`, eventID, mode)
}

// takePlace counts a place as taken, above the capacity when Extra says so. The
// table's constraint refuses one too many whatever was decided before.
func (r *Registration) takePlace(ctx context.Context, tx *store.Tx) error {
	column := "taken"
	if r.Extra {
		column = "extra"
	}
	_, err := store.Exec(ctx, tx, `UPDATE event_capacity SET `+column+` = `+column+` + 1 WHERE event_id = ? AND mode = ?`, r.EventID, r.Mode)
	if err != nil {
		return fmt.Errorf("take a place: %w", err)
	}
	return nil
}

// givePlaceBack gives up the place: while there are people above the capacity,
// one of them gets it.
func (r *Registration) givePlaceBack(ctx context.Context, tx *store.Tx) error {
	if r.Extra {
		r.Extra = false
		_, err := store.Exec(ctx, tx, `UPDATE event_capacity SET extra = extra - 1 WHERE event_id = ? AND mode = ?`, r.EventID, r.Mode)
		return err
	}
	regular, err := store.Exec(ctx, tx, `
		UPDATE registration SET extra = FALSE WHERE id =
			(SELECT id FROM registration WHERE event_id = ? AND mode = ? AND extra AND id <> ? ORDER BY joined_at, id LIMIT 1)`,
		r.EventID, r.Mode, r.ID)
	if err != nil {
		return fmt.Errorf("give a place back: %w", err)
	}
	column := "taken"
	if regular > 0 {
		column = "extra"
	}
	_, err = store.Exec(ctx, tx, `UPDATE event_capacity SET `+column+` = `+column+` - 1 WHERE event_id = ? AND mode = ?`, r.EventID, r.Mode)
	return err
}

// promote gives each free place in the mode to the next in the queue: first
// those whose company has no place, then by the time they joined, so nobody
// slips in between. It stops when the event no longer gives places, and passes
// over those whose company has its share.
func promote(ctx context.Context, tx *store.Tx, ev event.Event, mode event.Mode) error {
	if ev.Status != event.Published || !tx.Now.Before(ev.StartsAt) {
		return nil
	}
	for {
		free, err := lockPlaces(ctx, tx, ev.ID, mode)
		if err != nil || !free {
			return err
		}
		within, args := withinShare(ev, "w")
		next, err := store.One(ctx, tx, scanRegistration, selectRegistration+`w
			WHERE event_id = ? AND mode = ? AND status = 'waitlisted'`+within+`
			ORDER BY waitlist_class, joined_at, id LIMIT 1`, append([]any{ev.ID, mode}, args...)...)
		if errors.Is(err, store.ErrNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		err = move(ctx, tx, ev, &next, change{to: Confirmed, by: audit.System, details: message.Details{FromList: true}})
		if err != nil {
			return err
		}
	}
}

// holdingPlace lists the states that hold a place, as Status.HoldsPlace does.
const holdingPlace = `'confirmed', 'offered', 'pending_email', 'attended', 'no_show'`

// withinShare is the condition, for the row named by alias, that its company has
// fewer places than it may have. Who waits for want of that share keeps nobody
// else from a place that is free, and gets none before the share allows it.
func withinShare(ev event.Event, alias string) (condition string, args []any) {
	if ev.CompanyLimit == nil {
		return "", nil
	}
	return ` AND (` + alias + `.company_id IS NULL OR ? > (SELECT count(*) FROM registration c
		WHERE c.event_id = ` + alias + `.event_id AND c.company_id = ` + alias + `.company_id AND c.status IN (` + holdingPlace + `)))`,
		[]any{*ev.CompanyLimit}
}

// Position is the person's number on the waiting list, counted anew each time;
// 0 when not waiting.
func Position(ctx context.Context, tx *store.Tx, r Registration) (int, error) {
	if r.Status != Waitlisted {
		return 0, nil
	}
	return store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM registration
		WHERE event_id = ? AND mode = ? AND status = 'waitlisted' AND (waitlist_class, joined_at, id) <= (?, ?, ?)`,
		r.EventID, r.Mode, r.WaitlistClass, store.At(r.JoinedAt), r.ID)
}

// CountWaiting is how many wait for a place in the mode.
func CountWaiting(ctx context.Context, tx *store.Tx, eventID string, mode event.Mode) (int, error) {
	return store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM registration WHERE event_id = ? AND mode = ? AND status = 'waitlisted'`, eventID, mode)
}
