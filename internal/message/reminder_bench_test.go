package message_test

import (
	"fmt"
	"testing"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// crowd gives an event ten thousand people with a place, and rules beside the
// standard ones.
func crowd(b testing.TB, db *store.DB) event.Event {
	b.Helper()
	ev := people(b, db, 10_000)
	for days := range 6 {
		addRule(b, db, ev.ID, own(days+1))
	}
	return ev
}

// people gives an event so many with a place.
func people(b testing.TB, db *store.DB, many int) event.Event {
	b.Helper()
	ev := registrationtest.Event(b, db, func(c *event.Content) { n := 20_000; c.RoomPlaces = &n })
	r := registrationtest.Sign(b, db, ev.ID, 0)
	storetest.Write(b, db, func(tx *store.Tx) error {
		for n := range many - 1 {
			_, err := store.Exec(ctx, tx, `
				INSERT INTO registration (id, event_id, person_id, status, mode, email, first_name, last_name, language, organisation_kind, joined_at, confirmed_at, calendar_uid, created_at, changed_at)
				SELECT ?, event_id, person_id, status, mode, ?, first_name, last_name, language, organisation_kind, joined_at, confirmed_at, ?, created_at, changed_at FROM registration WHERE id = ?`,
				fmt.Sprintf("crowd-%05d", n), fmt.Sprintf("crowd%05d@example.se", n), fmt.Sprintf("crowd-%05d", n), r.ID)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return ev
}

// What the scheduler asks each minute, while nothing is due any more.
func BenchmarkDueOfTenThousandWhenAllIsWritten(b *testing.B) {
	db, clock := storetest.New(b)
	crowd(b, db)
	clock.Set(dayDue)
	storetest.Write(b, db, func(tx *store.Tx) error { _, err := message.EnqueueDue(ctx, tx); return err })
	for b.Loop() {
		storetest.Read(b, db, func(tx *store.Tx) error {
			due, err := message.Due(ctx, tx, tx.Now)
			if len(due) != 0 {
				b.Fatalf("%d are due", len(due))
			}
			return err
		})
	}
}

// What is to go until the start, as the command lists it.
func BenchmarkDueOfTenThousandUntilTheStart(b *testing.B) {
	db, clock := storetest.New(b)
	crowd(b, db)
	clock.Set(weekDue)
	for b.Loop() {
		storetest.Read(b, db, func(tx *store.Tx) error {
			due, err := message.Due(ctx, tx, starts)
			if len(due) < 60_000 {
				b.Fatalf("only %d are due", len(due))
			}
			return err
		})
	}
}

// The list that an organiser looks at.
func BenchmarkForecastsOfTenThousand(b *testing.B) {
	db, clock := storetest.New(b)
	ev := crowd(b, db)
	clock.Set(dayDue)
	storetest.Write(b, db, func(tx *store.Tx) error { _, err := message.EnqueueDue(ctx, tx); return err })
	for b.Loop() {
		storetest.Read(b, db, func(tx *store.Tx) error { _, err := message.Forecasts(ctx, tx, ev.ID); return err })
	}
}

// One part of what the scheduler writes: as long as this, others wait.
func BenchmarkAPartOfTenThousandReminders(b *testing.B) {
	db, clock := storetest.New(b)
	crowd(b, db)
	clock.Set(dayDue)
	for b.Loop() {
		storetest.Write(b, db, func(tx *store.Tx) error { _, err := message.EnqueueSome(ctx, tx); return err })
	}
}
