package restored

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"stafett/internal/store"
)

// Sign is a sign of life: which database it is, and a number that only rises.
// The database has it, and then a file beside it. A database behind its file is
// an older one that was put back.
type Sign struct {
	ID     string    `json:"database"`
	Number int64     `json:"number"`
	At     time.Time `json:"at"`
}

// File is where the sign of life of a database stands.
func File(database string) string { return database + ".alive" }

// ReadFile reads the sign beside a database; found is false when there is none,
// or none that can be read: nothing follows from that.
func ReadFile(database string) (s Sign, found bool, err error) {
	b, err := os.ReadFile(File(database))
	if errors.Is(err, os.ErrNotExist) {
		return s, false, nil
	}
	if err != nil {
		return s, false, fmt.Errorf("read the sign of life: %w", err)
	}
	if json.Unmarshal(b, &s) != nil || s.ID == "" {
		return Sign{}, false, nil
	}
	return s, true, nil
}

// Beat raises the database's number and then writes the file beside it, so that
// the database is never the one behind. Write to the file fails without harm.
func Beat(ctx context.Context, db *store.DB) error {
	var s Sign
	err := db.Write(ctx, func(tx *store.Tx) (err error) {
		s, err = raise(ctx, tx, 0)
		return err
	})
	if err != nil {
		return err
	}
	b, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("write the sign of life: %w", err)
	}
	return store.WriteFile(File(db.Path()), append(b, '\n'))
}

// raise raises the number, at least to one above another.
func raise(ctx context.Context, tx *store.Tx, above int64) (Sign, error) {
	s, found, err := own(ctx, tx)
	if err != nil {
		return s, err
	}
	if !found {
		s.ID = tx.NewID()
	}
	s.Number, s.At = max(s.Number, above)+1, tx.Now
	_, err = store.Exec(ctx, tx, `
		INSERT INTO installation (id, number, at) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET number = excluded.number, at = excluded.at`,
		s.ID, s.Number, store.At(s.At))
	if err != nil {
		return s, fmt.Errorf("raise the sign of life: %w", err)
	}
	return s, nil
}

func own(ctx context.Context, tx *store.Tx) (Sign, bool, error) {
	s, err := store.One(ctx, tx, func(r store.Row) (s Sign, err error) {
		return s, r.Scan(&s.ID, &s.Number, store.Time(&s.At))
	}, `SELECT id, number, at FROM installation`)
	if errors.Is(err, store.ErrNoRow) {
		return s, false, nil
	}
	return s, err == nil, err
}

// Behind reports whether the database is an older one than the file beside it
// tells of: the same with a smaller number, or one of before there were numbers
// that has been in use.
func Behind(ctx context.Context, tx *store.Tx, file Sign) (bool, error) {
	s, found, err := own(ctx, tx)
	if err != nil {
		return false, err
	}
	if found {
		return s.ID == file.ID && s.Number < file.Number, nil
	}
	last, err := LastKnown(ctx, tx)
	return !last.IsZero() && last.Before(file.At), err
}

// Rise puts the database's number above that of the file beside it, once it is
// known that the database went back to a backup.
func Rise(ctx context.Context, tx *store.Tx, file Sign) error {
	_, err := raise(ctx, tx, file.Number)
	return err
}
