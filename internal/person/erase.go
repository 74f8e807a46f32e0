package person

import (
	"context"
	"fmt"

	"stafett/internal/feed"
	"stafett/internal/store"
)

// erasedAddress begins what stands in place of an address that was erased. No
// address has such a form, so nobody is found by it.
const erasedAddress = "erased:"

// Erase takes name and address out of a person, of whom nothing but a number is
// left, and ends everything that opens their page.
func Erase(ctx context.Context, tx *store.Tx, id string) error {
	if err := EndSessions(ctx, tx, id); err != nil {
		return err
	}
	if err := feed.End(ctx, tx, feed.Owner{PersonID: id}); err != nil {
		return err
	}
	_, err := store.Exec(ctx, tx, `
		UPDATE person SET email = ?, first_name = '', last_name = '', email_failed_at = NULL WHERE id = ?`, erasedAddress+id, id)
	if err != nil {
		return fmt.Errorf("erase a person: %w", err)
	}
	return nil
}

// Erased reports whether the person's data are gone.
func (p Person) Erased() bool { return p.Email == erasedAddress+p.ID }
