package advisory

import (
	"context"
	"time"

	"stafett/internal/advisory/slot"
	"stafett/internal/municipality"
	"stafett/internal/store"
)

// Agenda is what an adviser has between two moments.
type Agenda struct {
	Bookings []Booking     // that take place, took place or should have, by start
	Proposed []ProposedFor // times held for those who wait
	Busy     []slot.Span   // in other calendars
	Open     []slot.Span   // when the week and its exceptions have the adviser free
	Free     []slot.Span   // what is left of that
}

// ProposedFor is a time that is held for a booking that waits for its answer.
type ProposedFor struct {
	ID, BookingID    string
	StartsAt, EndsAt time.Time
	CreatedAt        time.Time
}

// Agenda reads what the adviser has between two moments.
func (a Adviser) Agenda(ctx context.Context, tx *store.Tx, from, to time.Time) (g Agenda, err error) {
	if g.Bookings, g.Proposed, err = a.Taken(ctx, tx, from, to); err != nil {
		return g, err
	}
	all, err := calendars(ctx, tx, []Adviser{a}, from, to, Online, municipality.Code{}, "")
	if err != nil {
		return g, err
	}
	times := all[0].times
	g.Open, g.Free = times.Open(from, to), times.Left(from, to)
	for _, s := range times.Busy {
		if s.From.Before(to) && from.Before(s.To) {
			g.Busy = append(g.Busy, s)
		}
	}
	return g, nil
}

// Taken reads the bookings and the times proposed that an adviser has between two
// moments.
func (a Adviser) Taken(ctx context.Context, tx *store.Tx, from, to time.Time) (bookings []Booking, proposed []ProposedFor, err error) {
	if bookings, err = store.All(ctx, tx, scanBooking, selectBooking+`
		WHERE adviser_id = ? AND status IN ('requested', 'confirmed', 'held', 'settled', 'missed') AND starts_at < ? AND ends_at > ? ORDER BY starts_at, id`,
		a.ID, store.At(to), store.At(from)); err != nil {
		return nil, nil, err
	}
	proposed, err = store.All(ctx, tx, func(row store.Row) (p ProposedFor, err error) {
		return p, row.Scan(&p.ID, &p.BookingID, store.Time(&p.StartsAt), store.Time(&p.EndsAt), store.Time(&p.CreatedAt))
	}, `SELECT id, booking_id, starts_at, ends_at, created_at FROM booking_proposal
		WHERE adviser_id = ? AND status = 'open' AND expires_at > ? AND starts_at < ? AND ends_at > ? ORDER BY starts_at, id`,
		a.ID, store.At(tx.Now), store.At(to), store.At(from))
	return bookings, proposed, err
}

// OutsideHours lists the coming bookings of an adviser that do not lie within the
// hours in which the adviser can be booked, such as those made before the week was
// changed. They stay as they are until somebody moves them.
func (a Adviser) OutsideHours(ctx context.Context, tx *store.Tx) ([]Booking, error) {
	coming, err := store.All(ctx, tx, scanBooking, selectBooking+`
		WHERE adviser_id = ? AND status IN ('requested', 'confirmed') AND starts_at > ? ORDER BY starts_at, id`, a.ID, store.At(tx.Now))
	if err != nil || len(coming) == 0 {
		return nil, err
	}
	from, to := coming[0].StartsAt.Add(-24*time.Hour), coming[len(coming)-1].EndsAt.Add(24*time.Hour)
	all, err := calendars(ctx, tx, []Adviser{a}, from, to, Online, municipality.Code{}, "")
	if err != nil {
		return nil, err
	}
	open := all[0].times.Open(from, to)
	var outside []Booking
	for _, b := range coming {
		if !(slot.Span{From: b.StartsAt, To: b.EndsAt}).Within(open) {
			outside = append(outside, b)
		}
	}
	return outside, nil
}
