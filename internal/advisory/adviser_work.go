package advisory

import (
	"context"
	"time"

	"stafett/internal/holiday"
	"stafett/internal/store"
)

// Coming lists the adviser's meetings that are requested or confirmed and have not
// ended, the nearest first.
func (a Adviser) Coming(ctx context.Context, tx *store.Tx, most int) ([]Booking, error) {
	return store.All(ctx, tx, scanBooking, selectBooking+`
		WHERE adviser_id = ? AND status IN ('requested', 'confirmed') AND ends_at > ? ORDER BY starts_at, id LIMIT ?`, a.ID, store.At(tx.Now), most)
}

// Unsettled lists the adviser's meetings that have ended and whose time is not
// entered, the oldest first.
func (a Adviser) Unsettled(ctx context.Context, tx *store.Tx) ([]Booking, error) {
	return store.All(ctx, tx, scanBooking, selectBooking+`
		WHERE adviser_id = ? AND (status = 'confirmed' AND ends_at <= ? OR status = 'held') ORDER BY starts_at, id`, a.ID, store.At(tx.Now))
}

// overdueAfter is how many working days an adviser has to enter the time.
const overdueAfter = 5

// Overdue reports whether the time of a meeting should have been entered by now:
// after five working days.
func (a Adviser) Overdue(b Booking, now time.Time) bool {
	end := b.EndsAt.In(a.Location())
	last := holiday.WorkingDaysAfter(a.Country, time.Date(end.Year(), end.Month(), end.Day(), 0, 0, 0, 0, a.Location()), overdueAfter)
	return (b.Status == Confirmed || b.Status == Held) && !now.Before(last.AddDate(0, 0, 1))
}

// Requests lists what the adviser is asked for and nobody has answered, the
// nearest first.
func (a Adviser) Requests(ctx context.Context, tx *store.Tx) ([]Booking, error) {
	return store.All(ctx, tx, scanBooking, selectBooking+`
		WHERE adviser_id = ? AND status = 'requested' AND starts_at > ? ORDER BY starts_at, id`, a.ID, store.At(tx.Now))
}

// Waiting lists those who wait for a time with the adviser, or with anyone in one
// of the adviser's programmes, in the order of the queue.
func (a Adviser) Waiting(ctx context.Context, tx *store.Tx, most int) ([]Booking, error) {
	return store.All(ctx, tx, scanBooking, selectBooking+`b
		WHERE b.status = 'waiting' AND `+waitsFor+inQueue+` LIMIT ?`, a.ID, a.ID, most)
}

// waitsFor picks what waits for the adviser or for anyone of the adviser's
// programmes.
const waitsFor = `(adviser_id = ? OR adviser_id IS NULL AND advisory_programme_id IN (SELECT advisory_programme_id FROM adviser_programme WHERE adviser_id = ?))`

// Booking finds a booking that is the adviser's, or waits for one of the adviser's
// programmes, else problem.ErrMissing.
func (a Adviser) Booking(ctx context.Context, tx *store.Tx, id string) (Booking, error) {
	b, err := store.One(ctx, tx, scanBooking, selectBooking+`
		WHERE id = ? AND (adviser_id = ? OR status = 'waiting' AND `+waitsFor+`)`, id, a.ID, a.ID, a.ID)
	return b, errNoSuch(err)
}

// Firm is a company, or a project, with what it has had of an adviser's time.
type Firm struct {
	CompanyID, Name string
	BookingID       string // of a project: its newest
	Meetings        int    // that took place
	Minutes         int    // charged for them
	Next, Last      time.Time
}

// hadBookings are the bookings by which an adviser comes to know a company: in the
// adviser's programmes, and not refused before anything came of them.
const hadBookings = `b.adviser_id = ? AND b.status NOT IN ('waiting', 'declined', 'lapsed')
	AND b.advisory_programme_id IN (SELECT advisory_programme_id FROM adviser_programme WHERE adviser_id = b.adviser_id)`

// Firms lists the companies that the adviser has or had bookings with, in the
// programmes that the adviser is in.
func (a Adviser) Firms(ctx context.Context, tx *store.Tx) ([]Firm, error) {
	return store.All(ctx, tx, scanFirm, selectFirm+hadBookings+` GROUP BY c.id, c.name ORDER BY c.name, c.id`, store.At(tx.Now), store.At(tx.Now), a.ID)
}

// Firm finds one of them, or problem.ErrMissing.
func (a Adviser) Firm(ctx context.Context, tx *store.Tx, companyID string) (Firm, error) {
	f, err := store.One(ctx, tx, scanFirm, selectFirm+hadBookings+` AND c.id = ? GROUP BY c.id, c.name`, store.At(tx.Now), store.At(tx.Now), a.ID, companyID)
	return f, errNoSuch(err)
}

const selectFirm = `SELECT c.id, c.name` + hadSums + `
	FROM booking b JOIN company c ON c.id = b.company_id WHERE `

// hadSums are how many of the bookings took place, how long, and which are the next
// and the last.
const hadSums = `, SUM(CASE WHEN b.status = 'settled' THEN 1 ELSE 0 END), SUM(CASE WHEN b.status = 'settled' THEN COALESCE(b.charged_minutes, 0) ELSE 0 END),
	MIN(CASE WHEN b.status IN ('requested', 'confirmed') AND b.starts_at > ? THEN b.starts_at END), MAX(CASE WHEN b.status IN ('held', 'settled', 'confirmed') AND b.starts_at <= ? THEN b.starts_at END)`

func scanFirm(row store.Row) (f Firm, err error) {
	return f, row.Scan(&f.CompanyID, &f.Name, &f.Meetings, &f.Minutes, store.Time(&f.Next), store.Time(&f.Last))
}

// Projects lists the projects that the adviser has or had bookings with, as Firms
// lists companies.
func (a Adviser) Projects(ctx context.Context, tx *store.Tx) ([]Firm, error) {
	return store.All(ctx, tx, func(row store.Row) (f Firm, err error) {
		return f, row.Scan(&f.BookingID, &f.Name, &f.Meetings, &f.Minutes, store.Time(&f.Next), store.Time(&f.Last))
	}, `SELECT MAX(b.id), CASE WHEN c.title <> '' THEN c.title ELSE c.number END`+hadSums+`
		FROM booking b JOIN application c ON c.id = b.application_id WHERE `+hadBookings+` GROUP BY c.id, c.title, c.number ORDER BY 2, c.id`, store.At(tx.Now), store.At(tx.Now), a.ID)
}

// PastWith is a booking of a company with the name of its adviser.
type PastWith struct {
	Booking
	Adviser string
}

// HistoryWith lists the bookings of a company in the adviser's programmes, the
// adviser's own and those of colleagues, the newest first.
func (a Adviser) HistoryWith(ctx context.Context, tx *store.Tx, companyID string, most int) ([]PastWith, error) {
	found, err := store.All(ctx, tx, scanBooking, selectBooking+`
		WHERE company_id = ? AND status NOT IN ('declined', 'lapsed') AND advisory_programme_id IN (SELECT advisory_programme_id FROM adviser_programme WHERE adviser_id = ?)
		ORDER BY COALESCE(starts_at, created_at) DESC, id LIMIT ?`, companyID, a.ID, most)
	if err != nil {
		return nil, err
	}
	names, past := map[string]string{a.ID: a.Name}, make([]PastWith, len(found))
	for n, b := range found {
		if _, known := names[b.AdviserID]; !known && b.AdviserID != "" {
			other, err := AdviserByID(ctx, tx, b.AdviserID)
			if err != nil {
				return nil, err
			}
			names[b.AdviserID] = other.Name
		}
		past[n] = PastWith{b, names[b.AdviserID]}
	}
	return past, nil
}

// Programmes lists the programmes of advice that the adviser is in, by id.
func (a Adviser) Programmes(ctx context.Context, tx *store.Tx) ([]Programme, error) {
	ids, err := store.All(ctx, tx, store.Value[string], `SELECT advisory_programme_id FROM adviser_programme WHERE adviser_id = ? ORDER BY 1`, a.ID)
	if err != nil {
		return nil, err
	}
	var programmes []Programme
	for _, id := range ids {
		p, err := ProgrammeByID(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		programmes = append(programmes, p)
	}
	return programmes, nil
}
