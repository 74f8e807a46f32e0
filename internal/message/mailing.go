package message

import (
	"context"
	"fmt"

	"stafett/internal/store"
)

// CountOfMailing counts the letters of one mailing. Those that an organiser sent
// to try it are about nobody's registration and do not count.
func CountOfMailing(ctx context.Context, tx *store.Tx, mailingID string) (Counts, error) {
	return count(ctx, tx, `mailing_id = ? AND registration_id IS NOT NULL`, mailingID)
}

// StopMailing drops the letters of a mailing that have not gone. One that is in
// hand, or perhaps arrived already, is left to whoever sends it.
func StopMailing(ctx context.Context, tx *store.Tx, mailingID string) error {
	_, err := store.Exec(ctx, tx, drop+`, mime = NULL
		WHERE mailing_id = ? AND status = 'waiting' AND unanswered = 0 AND (leased_until IS NULL OR leased_until <= ?)`,
		ReasonMailingStopped, store.At(tx.Now), mailingID, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("stop mailing: %w", err)
	}
	return nil
}
