package registration

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/store"
)

// Who waits for the room of a hybrid event can take part online meanwhile: the
// registration is confirmed online, and stands in the queue for the room since
// RoomSince. A place in the room that is offered is held beside the one online,
// until the answer: yes swaps them, no and silence leave the one online.

// WaitsForRoom reports whether somebody with a place online stands in the queue
// for the room, or has the offer of a place there.
func (r Registration) WaitsForRoom() bool { return !r.RoomSince.IsZero() }

// RoomOffered reports whether a place in the room is held for somebody with a
// place online, until they answer.
func (r Registration) RoomOffered() bool { return r.WaitsForRoom() && !r.HoldUntil.IsZero() }

// InQueue reports whether the registration stands in a queue, that of QueueMode.
func (r Registration) InQueue() bool {
	return r.Status == Waitlisted || r.WaitsForRoom() && !r.RoomOffered()
}

// QueueMode is the mode for which the person waits, when waiting.
func (r Registration) QueueMode() event.Mode { return r.inRoom().Mode }

// QueueSince is when the person came into the queue.
func (r Registration) QueueSince() time.Time {
	if r.WaitsForRoom() {
		return r.RoomSince
	}
	return r.JoinedAt
}

// inRoom is the registration with the place for which it waits, so that what
// counts places and offers can be asked about that one.
func (r Registration) inRoom() Registration {
	if r.WaitsForRoom() {
		r.Mode, r.Extra = event.Room, false
	}
	return r
}

// CanWaitForRoom reports whether somebody with a place online can come into the
// queue for the room and keep it. A group that comes only together has its places
// together as well.
func CanWaitForRoom(ctx context.Context, tx *store.Tx, r Registration, ev event.Event) (bool, error) {
	if ev.Mode != event.Hybrid || ev.Status != event.Published || r.Status != Confirmed || r.Mode != event.Online || r.WaitsForRoom() ||
		!ev.WaitsIn(event.Room) || !tx.Now.Before(ev.StartsAt.Add(-OpenCallEnds)) {
		return false, nil
	}
	together, err := ComesTogether(ctx, tx, r)
	return !together, err
}

// ComesTogether reports whether the registration is one of a group that comes
// only together.
func ComesTogether(ctx context.Context, tx *store.Tx, r Registration) (bool, error) {
	if r.GroupID == "" {
		return false, nil
	}
	return store.One(ctx, tx, store.Value[bool], `SELECT together FROM registration_group WHERE id = ?`, r.GroupID)
}

// WaitForRoom puts somebody with a place online at the end of the queue for the
// room, and tells them their number. The place online stays. A second time
// changes nothing.
func WaitForRoom(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil || r.WaitsForRoom() {
		return r, err
	}
	can, err := CanWaitForRoom(ctx, tx, r, ev)
	if err != nil {
		return r, err
	}
	if !can {
		return r, ErrNotNow
	}
	r.RoomSince = tx.Now
	if err := r.note(ctx, tx, ev, by, "registration.wait_for_room"); err != nil {
		return r, err
	}
	before, err := message.OfRegistration(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if _, err := promoteAll(ctx, tx, ev); err != nil {
		return r, err
	}
	after, err := message.OfRegistration(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if r, err = Find(ctx, tx, id); err != nil || len(after) > len(before) { // an offer, or the call of the last hours, says more
		return r, err
	}
	return r, r.tell(ctx, tx, ev, message.Waitlisted, change{by: by, details: message.Details{Meanwhile: true}})
}

// StopWaiting takes somebody with a place online out of the queue for the room; a
// place there that is held for them goes to the next. A second time changes
// nothing.
func StopWaiting(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil || !r.WaitsForRoom() {
		return r, err
	}
	if r.RoomOffered() {
		return Decline(ctx, tx, id, by)
	}
	if err := r.leaveRoom(ctx, tx, OfferWithdrawn); err != nil {
		return r, err
	}
	return r, r.note(ctx, tx, ev, by, "registration.stop_waiting")
}

// leaveRoom ends the wait for the room: an open offer becomes what is said, and
// its place is given back. The caller writes the row.
func (r *Registration) leaveRoom(ctx context.Context, tx *store.Tx, became OfferStatus) error {
	if err := r.giveRoomBack(ctx, tx, became); err != nil {
		return err
	}
	r.RoomSince = time.Time{}
	return nil
}

// giveRoomBack ends an open offer of a place in the room, and leaves the person
// in the queue.
func (r *Registration) giveRoomBack(ctx context.Context, tx *store.Tx, became OfferStatus) error {
	if !r.RoomOffered() {
		return nil
	}
	if err := r.endOffer(ctx, tx, became); err != nil {
		return err
	}
	there := r.inRoom()
	if err := there.givePlaceBack(ctx, tx); err != nil {
		return err
	}
	r.HoldUntil = time.Time{}
	return nil
}

// note writes the row and the audit entry of what happened without a step.
func (r *Registration) note(ctx context.Context, tx *store.Tx, ev event.Event, by audit.Actor, action string) error {
	r.ChangedAt = tx.Now
	if err := r.save(ctx, tx, false); err != nil {
		return err
	}
	return r.audit(ctx, tx, ev, by, action, string(r.Status), "")
}

// offerRoom holds a place in the room for somebody with a place online, as the
// change says. It is never one above the capacity: the row can tell only that of
// the place online.
func (r *Registration) offerRoom(ctx context.Context, tx *store.Tx, ev event.Event, c change) error {
	there := r.inRoom()
	if err := there.takePlace(ctx, tx); err != nil {
		return err
	}
	if err := there.openOffer(ctx, tx, c.offerReason); err != nil {
		return err
	}
	if err := r.note(ctx, tx, ev, c.by, "registration.offer_room"); err != nil {
		return err
	}
	c.details = message.Details{Meanwhile: true, AnswerBy: r.HoldUntil.UTC().Format(time.RFC3339)}
	return r.tell(ctx, tx, ev, message.Offered, c)
}

// takeRoom swaps the place online for one in the room: the one that is held, or
// in the open call a free one, if there still is one. The company has as many as
// before, so its limit is nothing to it.
func (r *Registration) takeRoom(ctx context.Context, tx *store.Tx, ev event.Event, by audit.Actor) error {
	if r.RoomOffered() {
		if err := r.endOffer(ctx, tx, OfferAccepted); err != nil {
			return err
		}
	} else if err := r.takeFreeRoom(ctx, tx); err != nil {
		return err
	}
	return r.swap(ctx, tx, ev, event.Room, by)
}

func (r *Registration) takeFreeRoom(ctx context.Context, tx *store.Tx) error {
	free, err := lockPlaces(ctx, tx, r.EventID, event.Room)
	if err != nil {
		return err
	}
	if free == 0 {
		return ErrTaken
	}
	there := r.inRoom()
	return there.takePlace(ctx, tx)
}

// letRoomPass answers an offer of the room with no, or with silence: the place
// there is given back, and the one online stays.
func (r *Registration) letRoomPass(ctx context.Context, tx *store.Tx, ev event.Event, became OfferStatus, by audit.Actor) error {
	if err := r.leaveRoom(ctx, tx, became); err != nil {
		return err
	}
	kept := change{by: by, details: message.Details{Meanwhile: true}}
	if became == OfferExpired {
		if err := r.note(ctx, tx, ev, by, "registration.miss_room"); err != nil {
			return err
		}
		return r.tell(ctx, tx, ev, message.Expired, kept)
	}
	if err := r.note(ctx, tx, ev, by, "registration.decline_room"); err != nil {
		return err
	}
	return r.tell(ctx, tx, ev, message.Declined, kept)
}

// takeRoomBack ends the offer of a place in the room when the event has lost its
// date: the person keeps the place in the queue.
func (r *Registration) takeRoomBack(ctx context.Context, tx *store.Tx, ev event.Event, by audit.Actor) error {
	if err := r.giveRoomBack(ctx, tx, OfferWithdrawn); err != nil {
		return err
	}
	return r.note(ctx, tx, ev, by, "registration.take_room_back")
}

// passedRoom is the offer of a place in the room that somebody with a place
// online let pass, if that was the newest.
func passedRoom(ctx context.Context, tx *store.Tx, r Registration) (o Offer, passed bool, err error) {
	if r.Status != Confirmed || r.Mode != event.Online || r.WaitsForRoom() {
		return o, false, nil
	}
	o, found, err := LatestOffer(ctx, tx, r.ID)
	return o, found && o.Mode == event.Room && (o.Status == OfferDeclined || o.Status == OfferExpired), err
}

// PassedRoom tells what became of the newest offer, when somebody with a place
// online let one of the room pass and does not wait for another; empty else.
func PassedRoom(ctx context.Context, tx *store.Tx, r Registration) (OfferStatus, error) {
	o, passed, err := passedRoom(ctx, tx, r)
	if !passed {
		return "", err
	}
	return o.Status, nil
}

// swap gives back the place that somebody has and makes the one that was taken
// for them in the other mode theirs, with an update for their calendar.
func (r *Registration) swap(ctx context.Context, tx *store.Tx, ev event.Event, to event.Mode, by audit.Actor) error {
	from, waited := r.Mode, r.WaitsForRoom()
	if err := r.givePlaceBack(ctx, tx); err != nil {
		return err
	}
	r.Mode, r.Extra, r.RoomSince, r.HoldUntil, r.ChangedAt = to, false, time.Time{}, time.Time{}, tx.Now
	r.CalendarSequence++
	if to == event.Room && !waited {
		r.Diet = "" // asked anew where there is food
	}
	if err := r.save(ctx, tx, false); err != nil {
		return fmt.Errorf("swap places: %w", err)
	}
	if err := r.audit(ctx, tx, ev, by, "registration.change_mode", string(from), ""); err != nil {
		return err
	}
	if err := r.tell(ctx, tx, ev, message.EventMoved, change{by: by, details: message.Details{NewMode: string(to)}}); err != nil {
		return err
	}
	_, err := promoteAll(ctx, tx, ev)
	return err
}

// Positions numbers everybody who waits at an event, in each mode by itself.
func Positions(ctx context.Context, tx *store.Tx, ev event.Event) (map[string]int, error) {
	numbers := map[string]int{}
	for _, mode := range ev.Modes() {
		table, args := queue(ev.ID, mode)
		ids, err := store.All(ctx, tx, store.Value[string], `SELECT q.id FROM `+table+` q ORDER BY q.class, q.joined_at, q.id`, args...)
		if err != nil {
			return nil, err
		}
		for i, id := range ids {
			numbers[id] = i + 1
		}
	}
	return numbers, nil
}
