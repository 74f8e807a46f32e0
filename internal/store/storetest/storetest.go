// Package storetest gives tests a real database in a temporary folder, with a
// clock that the test moves and ids that it can foresee.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stafett/internal/store"
)

// Clock is a clock that stands still until the test moves it. It is safe for
// concurrent use.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Set moves the clock to t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// Advance moves the clock forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Start is where the clock of New stands: a Wednesday in winter.
var start = time.Date(2027, 1, 13, 9, 0, 0, 0, time.UTC)

// migrated is an empty database with the whole schema. Hundreds of tests begin
// with it; it is made once.
var migrated = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "stafett-schema-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "stafett.db")
	db, err := store.Open(context.Background(), file, store.Options{Now: func() time.Time { return start }})
	if err != nil {
		return nil, err
	}
	if err := errors.Join(db.Migrate(context.Background(), 0), db.Close()); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

// New gives a migrated database file in t.TempDir and its clock.
func New(t testing.TB) (*store.DB, *Clock) {
	t.Helper()
	schema, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "stafett.db")
	if err := os.WriteFile(file, schema, 0o600); err != nil {
		t.Fatal(err)
	}
	clock := &Clock{now: start}
	var ids, tokens atomic.Int64
	db, err := store.Open(context.Background(), file, store.Options{
		Now:      clock.Now,
		NewID:    func() string { return fmt.Sprintf("id-%05d", ids.Add(1)) },
		NewToken: func() string { return fmt.Sprintf("token-%020d", tokens.Add(1)) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db, clock
}

// Write runs fn in a transaction and fails the test on an error.
func Write(t testing.TB, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Write(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// Read runs fn in a reading transaction and fails the test on an error.
func Read(t testing.TB, db *store.DB, fn func(*store.Tx) error) {
	t.Helper()
	if err := db.Read(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}
