package event

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/store"
)

// ListChanged is the last moment at which a list of what is coming became
// another: an event that visitors see was changed, or one came to its end. It is
// zero while there has been none.
func ListChanged(ctx context.Context, tx *store.Tx, now time.Time) (time.Time, error) {
	var newest time.Time
	for _, q := range []struct {
		query string
		args  []any
	}{
		{`SELECT changed_at FROM event WHERE status <> 'draft' ORDER BY changed_at DESC LIMIT 1`, nil},
		{`SELECT ends_at FROM event WHERE status <> 'draft' AND ends_at <= ? ORDER BY ends_at DESC LIMIT 1`, []any{store.At(now)}},
	} {
		at, err := store.One(ctx, tx, func(r store.Row) (t time.Time, err error) { return t, r.Scan(store.Time(&t)) }, q.query, q.args...)
		if errors.Is(err, store.ErrNoRow) {
			continue
		}
		if err != nil {
			return newest, fmt.Errorf("when the list changed: %w", err)
		}
		if at.After(newest) {
			newest = at
		}
	}
	return newest, nil
}
