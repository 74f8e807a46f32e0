package registration

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/store"
)

// step is a change from one state to another.
type step struct{ from, to Status }

// steps is every change there is, with the letter that it sends; none for some.
// What is not in it does not happen.
var steps = map[step]message.Letter{
	{New, Confirmed}:               message.Confirmed,
	{New, Waitlisted}:              message.Waitlisted,
	{New, Attended}:                message.WalkedIn,
	{New, PendingEmail}:            message.ConfirmAddress,
	{New, Requested}:               message.Requested,
	{PendingEmail, Confirmed}:      message.Confirmed,
	{PendingEmail, Waitlisted}:     message.Waitlisted,
	{PendingEmail, Lapsed}:         "",
	{Requested, Confirmed}:         message.Confirmed,
	{Requested, Waitlisted}:        message.Waitlisted,
	{Requested, Rejected}:          message.Rejected,
	{Waitlisted, Confirmed}:        message.Confirmed, // the open call of the last hours, or online instead of the room or until there is a place in it
	{Waitlisted, Attended}:         "",                // turned up at the door, and was let in
	{Waitlisted, Offered}:          message.Offered,
	{Offered, Confirmed}:           message.Confirmed,
	{Offered, Declined}:            message.Declined,
	{Offered, Expired}:             message.Expired,
	{Expired, Waitlisted}:          message.Waitlisted,
	{Declined, Waitlisted}:         message.Waitlisted,
	{Waitlisted, Cancelled}:        message.Cancelled,
	{Requested, Cancelled}:         message.Cancelled,
	{PendingEmail, Cancelled}:      message.Cancelled,
	{Offered, Cancelled}:           message.Cancelled,
	{Offered, Waitlisted}:          "", // the event lost its date: back to the same place in the queue
	{Confirmed, Cancelled}:         message.Cancelled,
	{Confirmed, LateCancelled}:     message.LateCancelled,
	{Confirmed, Transferred}:       message.Transferred,
	{Confirmed, Attended}:          "",
	{LateCancelled, Attended}:      "",
	{Confirmed, NoShow}:            "",
	{Attended, NoShow}:             "",
	{NoShow, Attended}:             "",
	{Attended, Confirmed}:          "", // a mark at the wrong name, taken back
	{Attended, Waitlisted}:         "", // to what was there before it
	{Attended, LateCancelled}:      "",
	{Attended, Cancelled}:          "", // nothing was there: a walk-in
	{Confirmed, EventCancelled}:    message.EventCancelled,
	{Waitlisted, EventCancelled}:   message.EventCancelled,
	{Offered, EventCancelled}:      message.EventCancelled,
	{Requested, EventCancelled}:    message.EventCancelled,
	{PendingEmail, EventCancelled}: message.EventCancelled,
}

// change is one step of one registration, with all that is told about it.
type change struct {
	to                  Status
	by                  audit.Actor
	reason              string
	details             message.Details
	outside             bool      // caused by somebody whose address is unproved
	silent              bool      // the person has been told otherwise
	offerReason         string    // why an offer is made out of turn
	notBefore, notAfter time.Time // of the letter; zero: its usual ones
}

// move takes one step: it takes a place or gives it back, writes the row, the
// audit entry and the letter. A place given back is not given on here: the
// caller does that when all its changes are made (promoteAll).
func move(ctx context.Context, tx *store.Tx, ev event.Event, r *Registration, c change) error {
	letter, ok := steps[step{r.Status, c.to}]
	if !ok {
		return ErrNotNow
	}
	from := r.Status
	if from == Offered {
		if err := r.closeOffer(ctx, tx, c.to); err != nil {
			return err
		}
	}
	if from == Confirmed { // whatever ends the place online ends the wait for the room
		if err := r.leaveRoom(ctx, tx, OfferWithdrawn); err != nil {
			return err
		}
	}
	switch {
	case !from.HoldsPlace() && c.to.HoldsPlace():
		if err := r.takePlace(ctx, tx); err != nil {
			return err
		}
	case from.HoldsPlace() && !c.to.HoldsPlace():
		if err := r.givePlaceBack(ctx, tx); err != nil {
			return err
		}
	}
	r.Status, r.ChangedAt = c.to, tx.Now
	if c.to == Confirmed && from != Attended || c.to == Attended && r.ConfirmedAt.IsZero() {
		r.ConfirmedAt = tx.Now
	}
	switch {
	case !c.to.marked():
		r.BeforeMark = New
	case !from.marked():
		r.BeforeMark = cmp.Or(from, Cancelled)
	}
	if c.to == Waitlisted {
		r.ConfirmedAt = time.Time{}
	}
	r.EndedAt, r.EndReason = time.Time{}, "" // also of those who came after all
	if !c.to.Active() {
		r.EndedAt, r.EndReason = tx.Now, c.reason
	}
	if letter.Method() != "" && c.to.HoldsPlace() || letter.Method() == "CANCEL" && r.CalendarSequence >= 0 {
		r.CalendarSequence++
	}
	if c.to != Offered && c.to != PendingEmail {
		r.HoldUntil = time.Time{}
	}
	if err := r.save(ctx, tx, from == New); err != nil {
		return err
	}
	if c.to == Offered {
		if err := r.openOffer(ctx, tx, c.offerReason); err != nil {
			return err
		}
	}
	if from == New {
		if err := r.countInvitation(ctx, tx, 1); err != nil {
			return err
		}
	} else if from.Active() && !c.to.Active() {
		if err := r.countInvitation(ctx, tx, -1); err != nil {
			return err
		}
	} else if !from.Active() && c.to.Active() {
		if err := r.countInvitation(ctx, tx, 1); err != nil {
			return err
		}
	}
	if err := r.audit(ctx, tx, ev, c.by, "registration."+string(c.to), string(from), c.reason); err != nil {
		return err
	}
	if letter == "" || c.silent {
		return nil
	}
	c.details.HadAPlace = from == Confirmed || from == Attended
	if !r.HoldUntil.IsZero() {
		c.details.AnswerBy = r.HoldUntil.UTC().Format(time.RFC3339)
	}
	return r.tell(ctx, tx, ev, letter, c)
}

// oneByOne does the same with each of the registrations, read anew when it is its
// turn: a place given back by one before may have become its ordinary place.
func oneByOne(ctx context.Context, tx *store.Tx, ids []string, fn func(*Registration) error) error {
	for _, id := range ids {
		r, err := Find(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := fn(&r); err != nil {
			return err
		}
	}
	return nil
}

func (r Registration) audit(ctx context.Context, tx *store.Tx, ev event.Event, by audit.Actor, action, from, reason string) error {
	return audit.Add(ctx, tx, audit.Entry{
		Actor: by, ProgrammeID: ev.ProgrammeID, Action: action, ObjectKind: "registration", ObjectID: r.ID,
		From: from, To: string(r.Status), Reason: reason,
	})
}

// tell writes the letter about the registration into the outbox.
func (r Registration) tell(ctx context.Context, tx *store.Tx, ev event.Event, letter message.Letter, c change) error {
	req := message.Request{
		Key:    fmt.Sprintf("%s:%s:%s:%d:%s", letter, r.ID, r.Status, r.CalendarSequence, store.At(tx.Now)),
		Letter: letter, Recipient: r.Email, Language: r.Language,
		ProgrammeID: ev.ProgrammeID, EventID: ev.ID, RegistrationID: r.ID,
		Details: c.details, Outside: c.outside,
	}
	if letter.Method() != "" && r.CalendarSequence >= 0 {
		sequence := r.CalendarSequence
		req.Sequence = &sequence
	}
	if letter.Method() == "REQUEST" {
		req.NotAfter = ev.EndsAt
	}
	req.NotBefore = c.notBefore
	if letter == message.WalkedIn { // who is there needs no letter before the end
		req.NotBefore = afterTheEnd(ev, tx.Now)
	}
	if !c.notAfter.IsZero() {
		req.NotAfter = c.notAfter
	}
	_, err := message.Enqueue(ctx, tx, req)
	return err
}
