package message

import (
	"context"
	"fmt"

	"stafett/internal/store"
)

// keptMonths is how long it can be seen to whom a letter went and what became of
// it, after it was done with and what it is about is over.
const keptMonths = 12

// sweptAtOnce is how many letters one transaction takes.
const sweptAtOnce = 500

// Sweep takes the person, and what mail servers answered, out of some letters of
// long ago, and reports whether there are more. That a letter was sent, when, and
// of which kind stays.
func Sweep(ctx context.Context, tx *store.Tx) (more bool, err error) {
	before := store.At(tx.Now.AddDate(0, -keptMonths, 0))
	ids, err := store.All(ctx, tx, store.Value[string], `
		SELECT m.id FROM message m LEFT JOIN event e ON e.id = m.event_id
		WHERE m.status IN ('sent', 'dropped', 'failed', 'uncertain') AND COALESCE(m.done_at, m.due_at) <= ? AND m.recipient <> '' AND (e.id IS NULL OR e.ends_at <= ?)
		LIMIT ?`, before, before, sweptAtOnce)
	if err != nil {
		return false, fmt.Errorf("find letters of long ago: %w", err)
	}
	for _, id := range ids {
		if _, err := store.Exec(ctx, tx, `DELETE FROM message_attempt WHERE message_id = ?`, id); err != nil {
			return false, fmt.Errorf("forget attempts of long ago: %w", err)
		}
		if _, err := store.Exec(ctx, tx, erased+`WHERE id = ?`, id); err != nil {
			return false, fmt.Errorf("forget to whom letters of long ago went: %w", err)
		}
	}
	return len(ids) == sweptAtOnce, nil
}
