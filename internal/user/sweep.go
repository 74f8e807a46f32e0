package user

import (
	"context"
	"fmt"

	"stafett/internal/store"
)

// Sweep removes sessions, links and failures that have ended, and revokes API
// tokens that have expired. Nothing needs it to be refused in time; but what is
// gone cannot live again when the clock is set back. Running it often does no
// harm.
func Sweep(ctx context.Context, tx *store.Tx) error {
	for _, end := range []func(context.Context, *store.Tx) error{
		deleteEndedSessions, deleteEndedLinks, deleteOldFailures, revokeExpiredTokens,
	} {
		if err := end(ctx, tx); err != nil {
			return fmt.Errorf("sweep what has ended: %w", err)
		}
	}
	return nil
}
