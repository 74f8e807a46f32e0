package message

import (
	"context"
	"strings"
	"time"

	"stafett/internal/store"
)

// TakenIn is the reason of an attempt that succeeded, of a letter that came back
// afterwards.
const TakenIn = "taken_in"

// Attempt is why a letter did not go, or came back, and how often for this reason.
type Attempt struct {
	Reason      string
	First, Last time.Time
	Times       int
}

// noteAttempt remembers why the letter did not go this time.
func noteAttempt(ctx context.Context, tx *store.Tx, id, reason string) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO message_attempt (message_id, reason, first_at, last_at) VALUES (?, ?, ?, ?)
		ON CONFLICT (message_id, reason) DO UPDATE SET times = message_attempt.times + 1, last_at = excluded.last_at`,
		id, reason, store.At(tx.Now), store.At(tx.Now))
	return err
}

// Attempts lists what attempts to send a letter came to, the first first.
// A letter that came back has the reason of its return, and TakenIn before it.
func Attempts(ctx context.Context, tx *store.Tx, id string) ([]Attempt, error) {
	return store.All(ctx, tx, func(r store.Row) (a Attempt, err error) {
		return a, r.Scan(&a.Reason, store.Time(&a.First), store.Time(&a.Last), &a.Times)
	}, `SELECT reason, first_at, last_at, times FROM message_attempt WHERE message_id = ? ORDER BY first_at, reason`, id)
}

// Returned reports whether the letter had gone, and came back.
func (a Attempt) Returned() bool { return strings.HasPrefix(a.Reason, ReasonCameBack) }
