package advisory

import (
	"context"
	"time"

	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/store"
)

// before is the booking as it is in the database; nothing of one that is new.
func before(ctx context.Context, tx *store.Tx, b Booking) (Booking, error) {
	if b.Status == New {
		return Booking{}, nil
	}
	return BookingByID(ctx, tx, b.ID)
}

// told is what the letter to whoever booked says of the step beside what is true
// after it.
func (c change) told(old, b Booking) message.Details {
	d := c.details
	d.Reason = c.reason
	d.ByHand = c.by.Kind != "person" || c.by.ID != b.PersonID
	d.HadAPlace = old.Status == Confirmed
	if c.to == old.Status {
		d.OldStart, d.OldEnd, d.OldPlace = timeText(old.StartsAt), timeText(old.EndsAt), old.Place
	}
	return d
}

// timeText is how a moment stands in the details of a letter; empty of none.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// tell writes a letter about a booking to the person who booked. A call that was
// only logged has none.
func tell(ctx context.Context, tx *store.Tx, p Programme, b Booking, letter message.Letter, details message.Details) error {
	if b.PersonID == "" {
		return nil
	}
	who, err := person.Find(ctx, tx, b.PersonID)
	if err != nil {
		return err
	}
	if who.Erased() {
		return nil
	}
	r := message.Request{
		Key: string(letter) + ":" + b.ID + ":" + tx.NewID(), Letter: letter, Recipient: who.Email, Language: b.Language,
		ProgrammeID: p.ProgrammeID, BookingID: b.ID, Details: details, NotAfter: b.lettersEnd(tx.Now),
	}
	if letter.Method() != "" && b.CalendarSequence >= 0 {
		r.Sequence = &b.CalendarSequence
	}
	if by, err := time.Parse(time.RFC3339, details.AnswerBy); err == nil {
		r.NotAfter = by
	}
	_, err = message.Enqueue(ctx, tx, r)
	return err
}

// lettersEnd is until when a letter about the booking makes sense: as long as the
// meeting that it tells of; zero where the usual time does.
func (b Booking) lettersEnd(now time.Time) time.Time {
	if b.EndsAt.IsZero() || !b.Status.HoldsHours() {
		return time.Time{}
	}
	return laterOf(b.EndsAt, now.Add(time.Hour))
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// AdviserUID is the number of the meeting in the calendar of its adviser. No two
// people share one, and another adviser has another.
func (b Booking) AdviserUID(adviserID string) string { return b.CalendarUID + "-" + adviserID }

// meets reports whether the adviser has the meeting in the calendar.
func (b Booking) meets() bool { return b.Status == Confirmed }

// countForAdviser raises the number of the adviser's invitation when one is to be
// written, or taken back. It never falls, also when another adviser takes over.
func (b *Booking) countForAdviser(old Booking) {
	if b.meets() || old.meets() && b.Status != Held && b.AdviserSequence >= 0 {
		b.AdviserSequence++
	}
}

// tellAdvisers tells those whose time the booking takes, or took. What an adviser
// did is told to that adviser only where a calendar must hear of it.
func tellAdvisers(ctx context.Context, tx *store.Tx, p Programme, old, b Booking, c change) error {
	wasThere := old.AdviserID != "" && old.Status.HoldsHours()
	isThere := b.AdviserID != "" && (b.Status == Requested || b.Status == Confirmed)
	over := b.Status == Held || b.Status == Settled || b.Status == Missed
	if wasThere && !over && (!isThere || old.AdviserID != b.AdviserID) {
		if err := tellAdviser(ctx, tx, p, b, old.AdviserID, message.AdviserFree, old, c); err != nil {
			return err
		}
	}
	if !isThere {
		return nil
	}
	return tellAdviser(ctx, tx, p, b, b.AdviserID, message.AdviserBooked, old, c)
}

func tellAdviser(ctx context.Context, tx *store.Tx, p Programme, b Booking, adviserID string, letter message.Letter, old Booking, c change) error {
	a, err := AdviserByID(ctx, tx, adviserID)
	if err != nil {
		return err
	}
	own := c.by.Kind == "user" && c.by.ID == a.UserID
	if own && !b.meets() && !old.meets() {
		return nil
	}
	d := c.told(old, b)
	d.Moved = old.AdviserID == adviserID && c.to == old.Status
	r := message.Request{
		Key: string(letter) + ":" + b.ID + ":" + tx.NewID(), Letter: letter, Recipient: a.Email, Language: a.Language,
		ProgrammeID: p.ProgrammeID, BookingID: b.ID, AdviserID: a.ID, Details: d, NotAfter: b.lettersEnd(tx.Now),
	}
	if b.AdviserSequence >= 0 && (b.meets() || old.meets()) {
		r.Sequence = &b.AdviserSequence
	}
	_, err = message.Enqueue(ctx, tx, r)
	return err
}
