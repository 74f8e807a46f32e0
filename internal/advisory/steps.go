package advisory

import (
	"context"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// step is a change from one state to another.
type step struct{ from, to Status }

// steps is every change there is, with the letter that it sends; none for some.
// What is not in it does not happen. Whether hours are reserved or released
// follows from the states (Status.HoldsHours); what is charged or settled is said
// by the change.
var steps = map[step]message.Letter{
	{New, Requested}:           message.BookingRequested,
	{New, Confirmed}:           message.BookingConfirmed,
	{New, Waiting}:             message.BookingWaiting,
	{New, Held}:                "", // a call of the helpline, logged after it
	{Waiting, Requested}:       message.BookingRequested,
	{Waiting, Confirmed}:       message.BookingConfirmed,
	{Waiting, Cancelled}:       message.BookingCancelled,
	{Waiting, Declined}:        message.BookingDeclined,
	{Waiting, Lapsed}:          message.BookingLapsed,
	{Requested, Confirmed}:     message.BookingConfirmed,
	{Requested, Declined}:      message.BookingDeclined,
	{Requested, Lapsed}:        message.BookingLapsed,
	{Requested, Cancelled}:     message.BookingCancelled,
	{Requested, Requested}:     message.BookingMoved, // a new time
	{Confirmed, Confirmed}:     message.BookingMoved, // a new time
	{Confirmed, Cancelled}:     message.BookingCancelled,
	{Confirmed, LateCancelled}: message.BookingLate,
	{Confirmed, Missed}:        message.BookingMissed,
	{Confirmed, Held}:          "",
	{Held, Settled}:            message.BookingSettled,
}

// ErrNotNow says that the booking's state does not allow the step.
var ErrNotNow = &problem.Problem{Kind: problem.Conflict, Code: "booking_not_now"}

// change is one step of one booking, with all that is told about it.
type change struct {
	to      Status
	by      audit.Actor
	reason  string
	minutes int  // reserved anew by a change of time; 0: as before
	charge  int  // minutes charged to the account without having been used
	settle  *int // minutes of a meeting that took place
	details message.Details
	silent  bool // the person has been told otherwise
}

// move takes one step: it writes the ledger, the row, the audit entry and the
// letters, and offers time that it makes free to those who wait. The account must be locked; a new time must have been found free.
func move(ctx context.Context, tx *store.Tx, p Programme, a *Account, b *Booking, c change) error {
	letter, ok := steps[step{b.Status, c.to}]
	if !ok {
		return ErrNotNow
	}
	from := b.Status
	old, err := before(ctx, tx, *b)
	if err != nil {
		return err
	}
	held := 0
	if from.HoldsHours() && (!c.to.HoldsHours() || c.to == from) {
		if held, err = reservedFor(ctx, tx, b.ID); err != nil {
			return err
		}
		if err := a.add(ctx, tx, p, Entry{BookingID: b.ID, Kind: Release, Minutes: held, Actor: c.by}); err != nil {
			return err
		}
	}
	if c.minutes != 0 {
		b.Minutes = c.minutes
	}
	b.Status, b.ChangedAt = c.to, tx.Now
	if c.to == Confirmed && b.ConfirmedAt.IsZero() {
		b.ConfirmedAt = tx.Now
	}
	if from == Waiting && c.to == Requested {
		b.RequestedAt = tx.Now
	}
	if !c.to.Active() && c.to != Settled {
		b.EndedAt, b.EndReason = tx.Now, c.reason
	}
	if letter.Method() == "REQUEST" && c.to == Confirmed || letter.Method() == "CANCEL" && b.CalendarSequence >= 0 {
		b.CalendarSequence++
	}
	b.countForAdviser(old)
	if c.charge > 0 || c.to == LateCancelled || c.to == Missed {
		charged := c.charge
		b.ChargedMinutes = &charged
	}
	if err := b.save(ctx, tx, from == New); err != nil {
		return err
	}
	if c.to.HoldsHours() && (!from.HoldsHours() || c.to == from) {
		if err := a.add(ctx, tx, p, Entry{BookingID: b.ID, Kind: Reserve, Minutes: b.Minutes, Actor: c.by, again: held}); err != nil {
			return err
		}
	}
	if c.charge > 0 {
		if err := a.add(ctx, tx, p, Entry{BookingID: b.ID, Kind: Charge, Minutes: c.charge, Actor: c.by}); err != nil {
			return err
		}
	}
	if c.settle != nil {
		if err := a.add(ctx, tx, p, Entry{BookingID: b.ID, Kind: Settle, Minutes: *c.settle, Actor: c.by}); err != nil {
			return err
		}
	}
	if c.to == Requested && from != Requested {
		if err := askAid(ctx, tx, p, *a, *b, c.by); err != nil {
			return err
		}
	}
	if err := audit.Add(ctx, tx, audit.Entry{
		Actor: c.by, ProgrammeID: p.ProgrammeID, Action: "booking." + string(c.to), ObjectKind: "booking", ObjectID: b.ID, From: string(from), To: string(c.to), Reason: c.reason,
	}); err != nil {
		return err
	}
	if letter != "" && !c.silent {
		if err := tell(ctx, tx, p, *b, letter, c.told(old, *b)); err != nil {
			return err
		}
	}
	if err := tellAdvisers(ctx, tx, p, old, *b, c); err != nil {
		return err
	}
	return passOn(ctx, tx, from, *b)
}

// passOn lets go what a step has made free, and offers it to those who wait before
// the transaction ends: nobody slips in between.
func passOn(ctx context.Context, tx *store.Tx, from Status, b Booking) error {
	freed := b.Status == from || !b.Status.Active() && b.StartsAt.After(tx.Now) // moved, or called off
	if from == Waiting {
		n, err := closeProposals(ctx, tx, b.ID, ProposalWithdrawn)
		if err != nil {
			return err
		}
		freed = n > 0
	}
	if !freed || from == New {
		return nil
	}
	return offerNow(ctx, tx)
}

// hold locks what a step of a booking needs: its account and pool, and reads both.
func hold(ctx context.Context, tx *store.Tx, id string) (p Programme, a Account, b Booking, err error) {
	if b, err = BookingByID(ctx, tx, id); err != nil {
		return p, a, b, err
	}
	if p, err = ProgrammeByID(ctx, tx, b.AdvisoryProgrammeID); err != nil {
		return p, a, b, err
	}
	a = Account{ID: b.AccountID, AdvisoryProgrammeID: b.AdvisoryProgrammeID}
	if err = a.lock(ctx, tx); err != nil {
		return p, a, b, err
	}
	b, err = BookingByID(ctx, tx, id) // as it is now that nobody else changes it
	return p, a, b, err
}
