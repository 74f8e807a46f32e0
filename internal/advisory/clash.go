package advisory

import (
	"context"

	"stafett/internal/store"
)

// Clashes reports whether something in the adviser's other calendar lies over a
// meeting that is still to come: it came there after the meeting was booked. What
// begins and ends with the meeting is taken to be the meeting itself, as a calendar
// shows it that tells of nothing but busy times.
func (a Adviser) Clashes(ctx context.Context, tx *store.Tx, b Booking) (bool, error) {
	if b.Status != Requested && b.Status != Confirmed || !tx.Now.Before(b.EndsAt) {
		return false, nil
	}
	start, end := store.At(b.StartsAt), store.At(b.EndsAt)
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM busy_time
		WHERE adviser_id = ? AND starts_at < ? AND ends_at > ? AND NOT (starts_at = ? AND ends_at = ?)`, a.ID, end, start, start, end)
	return n > 0, err
}
