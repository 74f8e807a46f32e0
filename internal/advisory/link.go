package advisory

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// linkLife is how long after a meeting, or after the last letter about a booking
// without a time, the link to it is known.
const linkLife = 30 * 24 * time.Hour

// NewLink makes a personal link to a booking, /b/{token}, and returns its token, of
// which only the hash is kept. Whoever has it may see, move and cancel this one
// booking and nothing else.
func NewLink(ctx context.Context, tx *store.Tx, b Booking) (string, error) {
	token := tx.NewToken()
	_, err := store.Exec(ctx, tx, `INSERT INTO booking_link (token_hash, booking_id, expires_at, created_at) VALUES (?, ?, ?, ?)`,
		hashOf(token), b.ID, store.At(laterOf(b.EndsAt, tx.Now).Add(linkLife)), store.At(tx.Now))
	if err != nil {
		return "", fmt.Errorf("make link to a booking: %w", err)
	}
	return token, nil
}

// FindByLink returns the booking behind a token, or problem.ErrMissing when it is
// unknown or has ended. When the meeting has moved, its links live as much longer.
func FindByLink(ctx context.Context, tx *store.Tx, token string) (Booking, error) {
	id, err := store.One(ctx, tx, store.Value[string], `
		SELECT l.booking_id FROM booking_link l JOIN booking b ON b.id = l.booking_id
		WHERE l.token_hash = ? AND (l.expires_at > ? OR b.ends_at > ? OR b.status IN ('waiting', 'requested'))`,
		hashOf(token), store.At(tx.Now), store.At(tx.Now.Add(-linkLife)))
	if errors.Is(err, store.ErrNoRow) {
		return Booking{}, problem.ErrMissing
	}
	if err != nil {
		return Booking{}, err
	}
	return BookingByID(ctx, tx, id)
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// DropLinksOf ends every link to the bookings of a person who is erased.
func DropLinksOf(ctx context.Context, tx *store.Tx, personID string) error {
	if _, err := store.Exec(ctx, tx, `DELETE FROM booking_link WHERE booking_id IN (SELECT id FROM booking WHERE person_id = ?)`, personID); err != nil {
		return fmt.Errorf("drop links to a person's bookings: %w", err)
	}
	return nil
}
