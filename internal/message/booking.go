package message

import (
	"context"

	"stafett/internal/store"
)

// OfBooking lists the messages about a booking of advice, oldest first.
func OfBooking(ctx context.Context, tx *store.Tx, bookingID string) ([]Message, error) {
	return store.All(ctx, tx, scanMessage, selectMessage+`WHERE booking_id = ? ORDER BY created_at, id`, bookingID)
}

// WaitsForBooking reports whether a letter about a booking has not left yet; one that
// is held since a restore does not count.
func WaitsForBooking(ctx context.Context, tx *store.Tx, bookingID string) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE booking_id = ? AND status <> 'held' AND done_at IS NULL`, bookingID)
	return n > 0, err
}
