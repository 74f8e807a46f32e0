package advisory

import (
	"context"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

var (
	// ErrNoReason says that a step needs a reason.
	ErrNoReason = &problem.Problem{Kind: problem.Invalid, Code: "reason_needed"}
	// ErrTooEarly says that a meeting cannot be called missed or held yet.
	ErrTooEarly = &problem.Problem{Kind: problem.Conflict, Code: "booking_too_early"}
	// ErrInsideLimit says that the time is too near for the company to change alone.
	ErrInsideLimit = &problem.Problem{Kind: problem.Conflict, Code: "inside_limit"}
	// ErrMovedOften says that the booking has been moved as often as it may.
	ErrMovedOften = &problem.Problem{Kind: problem.Conflict, Code: "moved_often"}
)

// Confirm says yes to a request. It refuses with ErrAidMissing while aid has not been
// granted for it.
func Confirm(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Booking, error) {
	p, a, b, err := hold(ctx, tx, id)
	if err != nil {
		return b, err
	}
	covered, err := aidCovers(ctx, tx, p, a, 0)
	if err != nil {
		return b, err
	}
	if !covered && b.Status == Requested {
		return b, ErrAidMissing
	}
	return b, move(ctx, tx, p, &a, &b, change{to: Confirmed, by: by})
}

// Decline says no to a request or to one that waits, with a reason that the company
// reads.
func Decline(ctx context.Context, tx *store.Tx, id, reason string, by audit.Actor) (Booking, error) {
	if strings.TrimSpace(reason) == "" {
		return Booking{}, ErrNoReason
	}
	return take(ctx, tx, id, change{to: Declined, by: by, reason: reason})
}

// take makes a step that needs nothing but its lock.
func take(ctx context.Context, tx *store.Tx, id string, c change) (Booking, error) {
	p, a, b, err := hold(ctx, tx, id)
	if err != nil {
		return b, err
	}
	return b, move(ctx, tx, p, &a, &b, c)
}

// Cancel ends a booking. A company that cancels a confirmed one inside the
// programme's limit is charged from the second time on, never more than was
// reserved; an adviser's or organiser's cancellation costs nothing.
func Cancel(ctx context.Context, tx *store.Tx, id, reason string, byCompany bool, by audit.Actor) (Booking, error) {
	p, a, b, err := hold(ctx, tx, id)
	if err != nil {
		return b, err
	}
	c := change{to: Cancelled, by: by, reason: strings.TrimSpace(reason)}
	if b.Status == Confirmed && !b.StartsAt.After(tx.Now) {
		return b, ErrNotNow
	}
	if byCompany {
		charge, late, err := LateCharge(ctx, tx, p, b)
		if err != nil {
			return b, err
		}
		if late {
			c.to, c.charge = LateCancelled, charge
		}
	}
	return b, move(ctx, tx, p, &a, &b, c)
}

// FreeUntil is the moment until which the company cancels and moves without cost.
func (p Programme) FreeUntil(b Booking) time.Time {
	return b.StartsAt.Add(-time.Duration(p.FreeCancelMinutes) * time.Minute)
}

func (p Programme) insideLimit(b Booking, now time.Time) bool { return now.After(p.FreeUntil(b)) }

// Reschedule gives a booking a new time, and another length or adviser where they
// are named. Inside the limit a company needs the adviser's yes, so agreed says
// whether an adviser or organiser does it.
func Reschedule(ctx context.Context, tx *store.Tx, id string, start time.Time, minutes int, adviserID string, agreed bool, by audit.Actor) (Booking, error) {
	p, a, b, err := hold(ctx, tx, id)
	if err != nil {
		return b, err
	}
	if b.Status != Confirmed && b.Status != Requested || !b.StartsAt.After(tx.Now) {
		return b, ErrNotNow
	}
	if !agreed {
		if p.insideLimit(b, tx.Now) {
			return b, ErrInsideLimit
		}
		if b.Reschedules >= p.MaxReschedules {
			return b, ErrMovedOften
		}
	}
	if minutes == 0 {
		minutes = b.Minutes
	}
	if adviserID == "" {
		adviserID = b.AdviserID
	}
	longer := minutes - b.Minutes
	if err := b.take(ctx, tx, p, adviserID, start, minutes, agreed); err != nil {
		return b, err
	}
	if b.Status == Confirmed && longer > 0 {
		if covered, err := aidCovers(ctx, tx, p, a, longer); err != nil || !covered {
			return b, errOr(err, ErrAidMissing)
		}
	}
	if year := b.StartsAt.In(b.Location()).Year(); a.Year != p.yearOf(year) { // into a year with hours of its own
		if a, err = b.toAccount(ctx, tx, p, a, year, by); err != nil {
			return b, err
		}
	}
	b.Reschedules++
	return b, move(ctx, tx, p, &a, &b, change{to: b.Status, by: by, minutes: minutes})
}

// toAccount gives back what the booking has reserved, and has the holder's account of
// another year stand for it from now on.
func (b *Booking) toAccount(ctx context.Context, tx *store.Tx, p Programme, from Account, year int, by audit.Actor) (Account, error) {
	held, err := reservedFor(ctx, tx, b.ID)
	if err != nil {
		return from, err
	}
	if err := from.add(ctx, tx, p, Entry{BookingID: b.ID, Kind: Release, Minutes: held, Actor: by}); err != nil {
		return from, err
	}
	into, err := OpenAccount(ctx, tx, p, b.Holder(), year)
	b.AccountID = into.ID
	return into, err
}

// missedAfter is how long after its start a meeting can be called missed.
const missedAfter = 15 * time.Minute

// Miss notes that nobody came. It is charged, never more than was reserved.
func Miss(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Booking, error) {
	p, a, b, err := hold(ctx, tx, id)
	if err != nil {
		return b, err
	}
	if b.Status == Confirmed && tx.Now.Before(b.StartsAt.Add(missedAfter)) {
		return b, ErrTooEarly
	}
	return b, move(ctx, tx, p, &a, &b, change{to: Missed, by: by, charge: min(p.MissedChargeMinutes, b.Minutes)})
}

// Time is what an adviser enters after a meeting.
type Time struct {
	Minutes int    // as long as it took; rounded to the programme's step
	Shared  string // for the company too
	Private string // for advisers and organisers only
}

// EnterTime settles a meeting: what was reserved is released and what was used is
// taken from the account, never more than the account and the pool have and was
// granted as aid. What is beyond them is noted as over, is not aid and is not invoiced.
func EnterTime(ctx context.Context, tx *store.Tx, id string, t Time, by audit.Actor) (Booking, error) {
	p, a, b, err := hold(ctx, tx, id)
	if err != nil {
		return b, err
	}
	if b.Status == Confirmed {
		if tx.Now.Before(b.StartsAt) {
			return b, ErrTooEarly
		}
		if err := move(ctx, tx, p, &a, &b, change{to: Held, by: by}); err != nil {
			return b, err
		}
	}
	if b.Status != Held {
		return b, ErrNotNow
	}
	actual := roundTo(t.Minutes, p.SettleStepMinutes)
	held, err := reservedFor(ctx, tx, b.ID)
	if err != nil {
		return b, err
	}
	more, limited, err := a.mostMore(ctx, tx, p)
	if err != nil {
		return b, err
	}
	charged := actual
	if limited {
		charged = min(charged, held+more)
	}
	over := actual - charged
	b.ActualMinutes, b.ChargedMinutes, b.OverMinutes = &actual, &charged, &over
	b.SharedNote, b.SettledAt = strings.TrimSpace(t.Shared), tx.Now
	if b.ApplicationID != "" {
		if b.Phase, err = phaseOf(ctx, tx, b.ApplicationID); err != nil {
			return b, err
		}
	}
	if err := move(ctx, tx, p, &a, &b, change{to: Settled, by: by, settle: &charged}); err != nil {
		return b, err
	}
	return b, WriteNote(ctx, tx, b.ID, t.Private, by)
}

// phaseOf is the step that a project is in; nil before it has begun.
func phaseOf(ctx context.Context, tx *store.Tx, applicationID string) (phase *int, err error) {
	return store.One(ctx, tx, func(r store.Row) (n *int, err error) { return n, r.Scan(store.Int(&n)) }, `SELECT phase FROM application WHERE id = ?`, applicationID)
}

// roundTo rounds minutes to the nearest step, half a step up.
func roundTo(minutes, step int) int { return (minutes + step/2) / step * step }

// WriteNote keeps what an adviser notes for colleagues; empty takes it away.
func WriteNote(ctx context.Context, tx *store.Tx, bookingID, note string, by audit.Actor) error {
	note = strings.TrimSpace(note)
	if note == "" {
		_, err := store.Exec(ctx, tx, `DELETE FROM booking_note WHERE booking_id = ?`, bookingID)
		return err
	}
	_, err := store.Exec(ctx, tx, `
		INSERT INTO booking_note (booking_id, private, written_by, changed_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (booking_id) DO UPDATE SET private = excluded.private, written_by = excluded.written_by, changed_at = excluded.changed_at`,
		bookingID, note, by.ID, store.At(tx.Now))
	return err
}
