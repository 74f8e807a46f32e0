package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
)

// newDatabase migrates a new database as a person does, by command, and gives
// its path.
func newDatabase(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "stafett.db")
	done(t, "migrate", "--database", file)
	return file
}

// seed lets fn write to a database that no program has open.
func seed(t *testing.T, file string, fn func(*store.DB)) {
	t.Helper()
	db, err := store.Open(context.Background(), file, realOptions(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	fn(db)
}

// inDays puts an event's three hours so many days from now, whenever that is.
func inDays(days int, change func(*event.Content)) func(*event.Content) {
	return func(c *event.Content) {
		c.StartsAt = time.Now().UTC().Truncate(time.Hour).AddDate(0, 0, days)
		c.EndsAt = c.StartsAt.Add(3 * time.Hour)
		if change != nil {
			change(c)
		}
	}
}

// withSeminar is a new database with one event that takes registrations, in
// thirty days.
func withSeminar(t *testing.T) (file string, ev event.Event) {
	t.Helper()
	file = newDatabase(t)
	seed(t, file, func(db *store.DB) { ev = registrationtest.Event(t, db, inDays(30, nil)) })
	return file, ev
}
