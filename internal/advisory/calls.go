package advisory

import (
	"context"
	"time"

	"stafett/internal/store"
)

// Logged is a call that was noted after it, with who called as it was said.
type Logged struct {
	Booking
	Caller, Organisation string
}

// Calls lists the calls that the adviser has noted since a moment, the newest first.
func (a Adviser) Calls(ctx context.Context, tx *store.Tx, since time.Time, most int) ([]Logged, error) {
	found, err := store.All(ctx, tx, scanBooking, selectBooking+`WHERE adviser_id = ? AND quick AND ends_at >= ? ORDER BY ends_at DESC, created_at DESC, id LIMIT ?`, a.ID, store.At(since), most)
	if err != nil {
		return nil, err
	}
	calls := make([]Logged, len(found))
	for n, b := range found {
		calls[n] = Logged{Booking: b}
		if calls[n].Caller, calls[n].Organisation, err = callerOf(ctx, tx, b.ID); err != nil {
			return nil, err
		}
	}
	return calls, nil
}

// WhoCalled is who called, as it was said; empty for a meeting that was booked.
func WhoCalled(ctx context.Context, tx *store.Tx, bookingID string) (string, error) {
	caller, organisation, err := callerOf(ctx, tx, bookingID)
	if caller != "" && organisation != "" {
		caller += ", "
	}
	return caller + organisation, err
}

func callerOf(ctx context.Context, tx *store.Tx, bookingID string) (caller, organisation string, err error) {
	found, err := store.All(ctx, tx, func(row store.Row) (l Logged, err error) { return l, row.Scan(&l.Caller, &l.Organisation) },
		`SELECT caller, organisation FROM booking_call WHERE booking_id = ?`, bookingID)
	if err != nil || len(found) == 0 {
		return "", "", err
	}
	return found[0].Caller, found[0].Organisation, nil
}
