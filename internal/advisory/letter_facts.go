package advisory

import (
	"context"
	"time"

	"stafett/internal/store"
)

// HeldTime is a time that is held for a booking that waits for one.
type HeldTime struct {
	StartsAt, EndsAt time.Time
	ExpiresAt        time.Time // by when it must be answered
	AdviserName      string
}

// HeldTimes lists the times that are held for a booking now, the earliest first.
func HeldTimes(ctx context.Context, tx *store.Tx, bookingID string) ([]HeldTime, error) {
	return store.All(ctx, tx, func(row store.Row) (h HeldTime, err error) {
		return h, row.Scan(store.Time(&h.StartsAt), store.Time(&h.EndsAt), store.Time(&h.ExpiresAt), &h.AdviserName)
	}, `SELECT p.starts_at, p.ends_at, p.expires_at, u.name
		FROM booking_proposal p JOIN adviser a ON a.id = p.adviser_id JOIN user_account u ON u.id = a.user_id
		WHERE p.booking_id = ? AND p.status = 'open' AND p.expires_at > ? ORDER BY p.starts_at, p.id`, bookingID, store.At(tx.Now))
}

// How a request lapsed: why nobody answered it in time.
const (
	LapsedNoDeclaration = "no_declaration" // the declaration about state aid did not come
	LapsedNoAnswer      = "no_answer"      // an organiser did not decide in time
)
