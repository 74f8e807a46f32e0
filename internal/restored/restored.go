// Package restored knows whether the database went back to a backup. What was
// due before that moment may have been sent in the time that is lost: it waits
// for an organiser's answer, and so does what would be decided by itself on the
// facts of before.
package restored

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/store"
)

// Lost is the time of which the database knows nothing since it went back to a
// backup. The zero value is none.
type Lost struct {
	From time.Time // the last that the backup knew
	To   time.Time // when it was put in place
}

// Any reports whether the database went back to a backup and nobody has answered
// yet.
func (l Lost) Any() bool { return !l.To.IsZero() }

// Covers reports whether what was due at a moment may have happened already in
// the time that is lost.
func (l Lost) Covers(due time.Time) bool { return l.Any() && !due.After(l.To) }

// Until is the end of the time that is lost as it is stored; with none it is
// before every stored moment.
func (l Lost) Until() string {
	if !l.Any() {
		return ""
	}
	return store.At(l.To).(string)
}

// Pending is the time that an organiser has yet to be asked about; of several, all
// of it.
func Pending(ctx context.Context, tx *store.Tx) (Lost, error) {
	return store.One(ctx, tx, func(r store.Row) (l Lost, err error) {
		return l, r.Scan(store.Time(&l.From), store.Time(&l.To))
	}, `SELECT min(backup_at), max(restored_at) FROM restored WHERE answered_at IS NULL`)
}

// Note writes down that the database went back to a backup which knew nothing
// later than the moment given.
func Note(ctx context.Context, tx *store.Tx, backupAt time.Time, by audit.Actor) (Lost, error) {
	if backupAt.After(tx.Now) || backupAt.IsZero() {
		backupAt = tx.Now
	}
	id := tx.NewID()
	_, err := store.Exec(ctx, tx, `INSERT INTO restored (id, backup_at, restored_at) VALUES (?, ?, ?)`, id, store.At(backupAt), store.At(tx.Now))
	if err != nil {
		return Lost{}, fmt.Errorf("note the restore: %w", err)
	}
	err = audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "database.restored", ObjectKind: "database", ObjectID: id, From: backupAt.UTC().Format(time.RFC3339)})
	return Lost{backupAt, tx.Now}, err
}

// Answer lets everything go on.
func Answer(ctx context.Context, tx *store.Tx) error {
	if _, err := store.Exec(ctx, tx, `UPDATE restored SET answered_at = ? WHERE answered_at IS NULL`, store.At(tx.Now)); err != nil {
		return fmt.Errorf("note the answer about the restore: %w", err)
	}
	return nil
}

// LastKnown is the last moment of which the database knows anything; zero when it
// is new.
func LastKnown(ctx context.Context, tx *store.Tx) (last time.Time, err error) {
	for _, query := range []string{
		`SELECT max(at) FROM installation`, `SELECT max(last_run_at) FROM job_run`, `SELECT max(at) FROM audit_entry`,
		`SELECT max(created_at) FROM message`, `SELECT max(done_at) FROM message`,
	} {
		at, err := store.One(ctx, tx, func(r store.Row) (t time.Time, err error) { return t, r.Scan(store.Time(&t)) }, query)
		if err != nil {
			return last, fmt.Errorf("find the last that is known: %w", err)
		}
		if at.After(last) {
			last = at
		}
	}
	return last, nil
}
