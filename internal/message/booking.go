package message

import (
	"context"

	"stafett/internal/store"
)

// OfBooking lists the messages about a booking of advice, oldest first.
func OfBooking(ctx context.Context, tx *store.Tx, bookingID string) ([]Message, error) {
	return store.All(ctx, tx, scanMessage, selectMessage+`WHERE booking_id = ? ORDER BY created_at, id`, bookingID)
}
