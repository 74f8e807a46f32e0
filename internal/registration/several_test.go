package registration_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// twoEvents gives two small events; the first one's closing and asking goes wrong,
// as the database refuses it.
func twoEvents(t *testing.T) (db *store.DB, clock *storetest.Clock, wrong, right event.Event) {
	t.Helper()
	db, clock = storetest.New(t)
	wrong, right = registrationtest.Event(t, db, atLeast(5)), registrationtest.Event(t, db, atLeast(5))
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `CREATE TRIGGER broken BEFORE UPDATE ON event WHEN old.id = '`+wrong.ID+`' BEGIN SELECT RAISE(ABORT, 'broken'); END`)
		return err
	})
	return db, clock, wrong, right
}

func partly(t *testing.T, db *store.DB, job func(context.Context, *store.Tx) error, wrong, right event.Event) {
	t.Helper()
	err := db.Write(ctx, func(tx *store.Tx) error { return job(ctx, tx) })
	if p := (store.Partly{}); !errors.As(err, &p) || !strings.Contains(err.Error(), wrong.ID) || strings.Contains(err.Error(), right.ID) {
		t.Errorf("what went wrong is %v", err)
	}
}

func TestAnEventThatCannotBeClosedKeepsNoOtherOpen(t *testing.T) {
	db, clock, wrong, right := twoEvents(t)
	clock.Set(ends.AddDate(0, 0, 14))
	partly(t, db, registration.CloseOld, wrong, right)
	same(t, "the event that is wrong", findEvent(t, db, wrong.ID).Status, event.Published)
	same(t, "the other", findEvent(t, db, right.ID).Status, event.Held)
}

func TestAnEventThatCannotBeAskedAboutKeepsNoOtherWaiting(t *testing.T) {
	db, clock, wrong, right := twoEvents(t)
	clock.Set(decision.Add(time.Minute))
	partly(t, db, registration.AskDecisions, wrong, right)
	storetest.Read(t, db, func(tx *store.Tx) error {
		about, err := store.All(ctx, tx, store.Value[string], `SELECT event_id FROM message WHERE letter = 'O1'`)
		same(t, "asked about", about, []string{right.ID})
		return err
	})
}
