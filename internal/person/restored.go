package person

import (
	"context"
	"fmt"

	"stafett/internal/store"
)

// EndAll ends every session and every link to one's own page: a database that went
// back to a backup knows some that had been ended since.
func EndAll(ctx context.Context, tx *store.Tx) error {
	for _, table := range []string{"person_session", "person_link"} {
		if _, err := store.Exec(ctx, tx, `DELETE FROM `+table); err != nil {
			return fmt.Errorf("end all sessions: %w", err)
		}
	}
	return nil
}
