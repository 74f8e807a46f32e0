package registration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Find returns one registration, or problem.ErrMissing.
func Find(ctx context.Context, tx *store.Tx, id string) (Registration, error) {
	r, err := store.One(ctx, tx, scanRegistration, selectRegistration+`WHERE id = ?`, id)
	if errors.Is(err, store.ErrNoRow) {
		return r, problem.ErrMissing
	}
	return r, err
}

// Withdraw gives up a place or a place in the queue: late when the last day has
// passed, whoever does it, unless the event was moved, which makes giving up
// free. The next in
// the queue has the freed place before the transaction ends.
func Withdraw(ctx context.Context, tx *store.Tx, id string, by audit.Actor, reason string) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if !CanWithdraw(r, ev, tx.Now) {
		return r, ErrNotNow
	}
	to := Cancelled
	if r.Status == Confirmed && r.LateAt(ev, tx.Now) {
		to = LateCancelled
	}
	held := r.Status.HoldsPlace()
	err = move(ctx, tx, ev, &r, change{to: to, by: by, reason: reason, details: message.Details{Reason: reason, ByHand: by.Kind != "person"}})
	if err != nil || !held && r.GroupID == "" { // a smaller group may have room
		return r, err
	}
	_, err = promoteAll(ctx, tx, ev) // room in a company's share is room in every mode
	return r, err
}

// LateAt reports whether giving up the place at a moment counts as late: after
// the last day, unless the event has got a new time or place since, or has no
// date at all.
func (r Registration) LateAt(ev event.Event, now time.Time) bool {
	return ev.Status != event.Postponed && !now.Before(ev.LateFrom(r.Mode)) && !ev.MovedAt.After(r.ConfirmedAt)
}

// CanWithdraw reports whether a place, a place in the queue or a request can still
// be given up by the one who has it: until the event begins.
func CanWithdraw(r Registration, ev event.Event, now time.Time) bool {
	return (r.Status == Confirmed || r.Status.Waits()) && !begun(ev, now) && !r.overdue(now)
}

// CanTransfer reports whether the place can still be handed to a colleague.
func CanTransfer(r Registration, ev event.Event, now time.Time) bool {
	return r.Status == Confirmed && !begun(ev, now)
}

// begun reports whether the event has started. A postponed one has not, even
// when the date that it had has passed.
func begun(ev event.Event, now time.Time) bool {
	return ev.Status != event.Postponed && !now.Before(ev.StartsAt)
}

// lockBoth reads a registration and its event inside a writing transaction,
// which keeps other writers waiting until it ends. What the event held too long
// is let go first.
func lockBoth(ctx context.Context, tx *store.Tx, id string) (Registration, event.Event, error) {
	eventID, err := store.One(ctx, tx, store.Value[string], `UPDATE registration SET changed_at = changed_at WHERE id = ? RETURNING event_id`, id)
	if errors.Is(err, store.ErrNoRow) {
		return Registration{}, event.Event{}, problem.ErrMissing
	}
	if err != nil {
		return Registration{}, event.Event{}, fmt.Errorf("lock registration: %w", err)
	}
	ev, err := findAsOfNow(ctx, tx, eventID)
	if err != nil {
		return Registration{}, ev, err
	}
	r, err := Find(ctx, tx, id)
	return r, ev, err
}

// Transfer hands the place to a colleague: the old registration ends and a new
// one has the same place for the same organisation, all in one transaction. Diet
// and access needs are not copied, nor is a place in the queue for the room.
func Transfer(ctx context.Context, tx *store.Tx, id string, q Request) (Registration, error) {
	old, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return old, err
	}
	if !CanTransfer(old, ev, tx.Now) {
		return old, ErrNotNow
	}
	q.EventID, q.Mode = ev.ID, old.Mode
	q.Answers, q.Organisation = nil, Organisation{Kind: OfNone} // the organisation is the old one's
	ev.Questions = nil                                          // the colleague answers behind the link in the letter
	if err := q.check(ev); err != nil {
		return old, err
	}
	there, registered, err := activeOf(ctx, tx, ev.ID, q.Email)
	if err != nil {
		return old, err
	}
	if registered && there.Status != Waitlisted {
		return old, ErrAlready
	}
	if registered { // who waits gets the place and leaves the queue
		if err := move(ctx, tx, ev, &there, change{to: Cancelled, by: q.By, silent: true}); err != nil {
			return old, err
		}
	}
	next, err := newRegistration(ctx, tx, q, alone)
	if err != nil {
		return old, err
	}
	next.GroupID, next.InvitationID = old.GroupID, old.InvitationID
	next.OrganisationKind, next.OrganisationName, next.CompanyID = old.OrganisationKind, old.OrganisationName, old.CompanyID
	next.Audience, next.Municipality = old.Audience, old.Municipality
	if next.CompanyID != "" {
		if err := company.Claim(ctx, tx, next.PersonID, next.CompanyID, false); err != nil {
			return old, err
		}
	}
	heldRoom := old.RoomOffered()
	err = move(ctx, tx, ev, &old, change{to: Transferred, by: q.By, details: message.Details{OtherName: next.Name(), OtherID: next.ID}})
	if err != nil {
		return old, err
	}
	// Somebody above the places may have got the ordinary one; then the colleague
	// is above them instead.
	free, err := lockPlaces(ctx, tx, ev.ID, next.Mode)
	if err != nil {
		return old, err
	}
	next.Extra = free == 0
	from := message.Details{}
	if q.By.Kind == "person" { // else an organiser's program did it
		from = message.Details{OtherName: old.Name(), OtherID: old.ID, HandedOver: true}
	}
	if err = move(ctx, tx, ev, &next, change{to: Confirmed, by: q.By, outside: q.Outside, details: from}); err != nil || !heldRoom && !registered {
		return next, err
	}
	// A place in the room that was held for the old one's answer is free, or the
	// group with which the colleague waited is smaller now, and fits.
	_, err = promoteAll(ctx, tx, ev)
	return next, err
}
