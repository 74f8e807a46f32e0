package registration

import (
	"context"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/store"
)

// CanChangeMode reports whether somebody can come to the room instead of online
// or the other way round, as long as there is a place.
func CanChangeMode(r Registration, ev event.Event, now time.Time) bool {
	return ev.Mode == event.Hybrid && ev.Status == event.Published && now.Before(ev.StartsAt) && (r.Status == Confirmed || r.Status == Waitlisted)
}

// ChangeMode gives somebody a place in the other mode and gives back the one they
// had, in one transaction: nobody is without a place on the way. Who waits for
// the room keeps the place in the queue beside one online, but not in a group that
// comes only together. ErrFull says that there is none, ErrShare that the company
// has its own already.
func ChangeMode(ctx context.Context, tx *store.Tx, id string, to event.Mode, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil || r.Mode == to {
		return r, err
	}
	if !CanChangeMode(r, ev, tx.Now) || !ev.HasMode(to) {
		return r, ErrNotNow
	}
	if r.WaitsForRoom() && CanAnswer(r, ev, tx.Now) {
		return r, r.takeRoom(ctx, tx, ev, by)
	}
	next := r
	next.Mode, next.Extra = to, false
	free, ahead, err := next.room(ctx, tx, ev)
	if err != nil {
		return r, err
	}
	if free == 0 || ahead {
		return r, ErrFull
	}
	if r.Status == Waitlisted {
		share, err := placesLeft(ctx, tx, ev.ID, r.CompanyID)
		if err != nil {
			return r, err
		}
		if share <= 0 { // the company's limit holds for both modes together
			return r, ErrShare
		}
		together, err := ComesTogether(ctx, tx, r)
		if err != nil {
			return r, err
		}
		if !together && to == event.Online {
			next.RoomSince = r.JoinedAt
		}
		if err := move(ctx, tx, ev, &next, change{to: Confirmed, by: by, details: message.Details{FromList: true}}); err != nil {
			return r, err
		}
		return next, nil
	}
	if err := next.takePlace(ctx, tx); err != nil {
		return r, err
	}
	return r, r.swap(ctx, tx, ev, to, by)
}
