package user

import (
	"context"
	"fmt"

	"stafett/internal/store"
)

// EndAll signs everybody out and ends every link for signing in: a database that
// went back to a backup knows sessions and links that had been ended since.
func EndAll(ctx context.Context, tx *store.Tx) error {
	for _, table := range []string{"session", "sign_in_link"} {
		if _, err := store.Exec(ctx, tx, `DELETE FROM `+table); err != nil {
			return fmt.Errorf("end all sessions: %w", err)
		}
	}
	return nil
}
