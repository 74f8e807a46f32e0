package message

import (
	"context"
	"fmt"

	"stafett/internal/store"
)

// Waits reports whether anything is still to be sent about a registration, or
// held for an organiser to decide on.
func Waits(ctx context.Context, tx *store.Tx, registrationID string) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE registration_id = ? AND done_at IS NULL`, registrationID)
	return n > 0, err
}

// WaitsFor reports whether anything is still to be sent to an address; a link
// that was asked for is left out, for it ends with what it opens.
func WaitsFor(ctx context.Context, tx *store.Tx, recipient string) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE recipient = ? AND letter <> ? AND done_at IS NULL`, recipient, SignIn)
	return n > 0, err
}

// erased takes out of a message to whom it went and what it said. That it was
// sent, when, and of which kind stays.
const erased = `UPDATE message SET recipient = '', details = '{}', sender = '', mime = NULL, unique_key = 'erased:' || id `

// Erase takes the person out of the messages about a registration.
func Erase(ctx context.Context, tx *store.Tx, registrationID string) error {
	if _, err := store.Exec(ctx, tx, erased+`WHERE registration_id = ? AND done_at IS NOT NULL`, registrationID); err != nil {
		return fmt.Errorf("erase messages: %w", err)
	}
	return nil
}

// EraseTo takes the person out of everything that was sent to an address, and
// drops a link that was asked for and not sent.
func EraseTo(ctx context.Context, tx *store.Tx, recipient string) error {
	_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'dropped', reason = ?, done_at = ?, leased_until = NULL WHERE recipient = ? AND letter = ? AND done_at IS NULL`,
		ReasonGone, store.At(tx.Now), recipient, SignIn)
	if err != nil {
		return fmt.Errorf("drop links: %w", err)
	}
	if _, err := store.Exec(ctx, tx, erased+`WHERE recipient = ? AND done_at IS NOT NULL`, recipient); err != nil {
		return fmt.Errorf("erase messages to an address: %w", err)
	}
	return nil
}

// To lists what was written to an address, oldest first.
func To(ctx context.Context, tx *store.Tx, recipient string) ([]Message, error) {
	return store.All(ctx, tx, scanMessage, selectMessage+`WHERE recipient = ? ORDER BY created_at, id`, recipient)
}

// ForgetName takes a name out of what others were told of a colleague at an event:
// who took over their place, gave them theirs, or signed them up.
func ForgetName(ctx context.Context, tx *store.Tx, eventID, name string) error {
	told, err := store.All(ctx, tx, scanMessage, selectMessage+`WHERE event_id = ? AND done_at IS NOT NULL AND details <> '{}'`, eventID)
	if err != nil {
		return err
	}
	for _, m := range told {
		if m.Details.OtherName != name {
			continue
		}
		if _, err := store.Exec(ctx, tx, `UPDATE message SET details = '{}' WHERE id = ?`, m.ID); err != nil {
			return fmt.Errorf("forget a name: %w", err)
		}
	}
	return nil
}
