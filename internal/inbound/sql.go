package inbound

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/store"
)

const selectNoted = `SELECT kind, outcome, way, message_id, registration_id, received_at FROM inbound_message `

func scan(r store.Row) (n Noted, err error) {
	err = r.Scan(&n.Kind, &n.Outcome, &n.Way, store.String(&n.MessageID), store.String(&n.RegistrationID), store.Time(&n.ReceivedAt))
	return n, err
}

func find(ctx context.Context, tx *store.Tx, key string) (Noted, error) {
	return store.One(ctx, tx, scan, selectNoted+`WHERE key = ?`, key)
}

func add(ctx context.Context, tx *store.Tx, key string, n Noted) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO inbound_message (key, kind, outcome, way, message_id, registration_id, received_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		key, n.Kind, n.Outcome, n.Way, store.Text(n.MessageID), store.Text(n.RegistrationID), store.At(n.ReceivedAt))
	if err != nil {
		return fmt.Errorf("note a message that came in: %w", err)
	}
	return nil
}

// Newest lists what came in last.
func Newest(ctx context.Context, tx *store.Tx, limit int) ([]Noted, error) {
	return store.All(ctx, tx, scan, selectNoted+`ORDER BY received_at DESC, key LIMIT ?`, limit)
}

// Kept is how long is noted what came in.
const Kept = 30 * 24 * time.Hour

// Sweep forgets what came in long ago.
func Sweep(ctx context.Context, tx *store.Tx) error {
	if _, err := store.Exec(ctx, tx, `DELETE FROM inbound_message WHERE received_at < ?`, store.At(tx.Now.Add(-Kept))); err != nil {
		return fmt.Errorf("forget what came in long ago: %w", err)
	}
	return nil
}
