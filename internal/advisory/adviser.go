package advisory

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/store"
)

// Adviser is somebody who gives advice. Name, address and language are the user's.
type Adviser struct {
	ID, UserID            string
	Name, Email, Language string
	Phone, About          string
	Country, TimeZone     string
	JoinURL               string // the adviser's own room online
	Office                string // where people come; empty: the adviser travels to them
	BufferBeforeMinutes   int
	BufferAfterMinutes    int
	TravelMinutes         int
	MaxPerDay             *int // meetings; nil: no limit
	HolidaysOff           bool
	StoppedAt             time.Time // zero: takes bookings
	CreatedAt             time.Time
}

// Location is the adviser's time zone.
func (a Adviser) Location() *time.Location { return location(a.TimeZone) }

// location loads one of the zones that the database allows.
func location(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

const selectAdviser = `SELECT a.id, a.user_id, u.name, u.email, u.language, a.phone, a.about, a.country, a.time_zone, a.join_url, a.office,
	a.buffer_before_minutes, a.buffer_after_minutes, a.travel_minutes, a.max_per_day, a.holidays_off, a.stopped_at, a.created_at
	FROM adviser a JOIN user_account u ON u.id = a.user_id `

func scanAdviser(row store.Row) (a Adviser, err error) {
	err = row.Scan(&a.ID, &a.UserID, &a.Name, &a.Email, &a.Language, &a.Phone, &a.About, &a.Country, &a.TimeZone, &a.JoinURL, &a.Office,
		&a.BufferBeforeMinutes, &a.BufferAfterMinutes, &a.TravelMinutes, store.Int(&a.MaxPerDay), &a.HolidaysOff, store.Time(&a.StoppedAt), store.Time(&a.CreatedAt))
	return a, err
}

// AdviserByID finds an adviser.
func AdviserByID(ctx context.Context, tx *store.Tx, id string) (Adviser, error) {
	a, err := store.One(ctx, tx, scanAdviser, selectAdviser+`WHERE a.id = ?`, id)
	return a, errNoSuch(err)
}

// AdviserOfUser finds the adviser that a user is.
func AdviserOfUser(ctx context.Context, tx *store.Tx, userID string) (Adviser, error) {
	a, err := store.One(ctx, tx, scanAdviser, selectAdviser+`WHERE a.user_id = ?`, userID)
	return a, errNoSuch(err)
}

// AdvisersOf lists those who take bookings in a programme of advice, by name.
func AdvisersOf(ctx context.Context, tx *store.Tx, advisoryProgrammeID string) ([]Adviser, error) {
	return store.All(ctx, tx, scanAdviser, selectAdviser+`
		JOIN adviser_programme p ON p.adviser_id = a.id
		WHERE p.advisory_programme_id = ? AND a.stopped_at IS NULL AND u.disabled_at IS NULL ORDER BY u.name, a.id`, advisoryProgrammeID)
}

// lockAdviser keeps everybody else who wants of the adviser's time waiting until
// the transaction ends.
func lockAdviser(ctx context.Context, tx *store.Tx, id string) error {
	n, err := store.Exec(ctx, tx, `UPDATE adviser SET revision = revision + 1 WHERE id = ?`, id)
	if err == nil && n != 1 {
		err = fmt.Errorf("adviser %s: %w", id, store.ErrNoRow)
	}
	return err
}
