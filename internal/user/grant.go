package user

import (
	"context"
	"fmt"

	"stafett/internal/store"
)

// Give adds a role to those that a user has; twice is once.
func Give(ctx context.Context, tx *store.Tx, userID string, g Grant) error {
	if err := insertGrant(ctx, tx, userID, g); err != nil {
		return fmt.Errorf("give %s: %w", g.Role, err)
	}
	return nil
}

// HasPassword reports whether the user has chosen a password, and so can sign in.
func HasPassword(ctx context.Context, tx *store.Tx, userID string) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM user_account WHERE id = ? AND password_hash IS NOT NULL`, userID)
	return n > 0, err
}
