package registration_test

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestAttendanceIsEnteredFromPaperAfterTheEventWasNotedAsHeld(t *testing.T) {
	for name, held := range map[string]func(*store.DB, *storetest.Clock, string) error{
		"by the organiser": func(db *store.DB, clock *storetest.Clock, id string) error {
			clock.Set(ends)
			return closeEvent(db, id)
		},
		"by itself": func(db *store.DB, clock *storetest.Clock, _ string) error {
			clock.Set(ends.Add(14 * 24 * time.Hour))
			return db.Write(ctx, func(tx *store.Tx) error { return registration.CloseOld(ctx, tx) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			there, away := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
			if err := held(db, clock, ev.ID); err != nil {
				t.Fatal(err)
			}
			same(t, "the event", findEvent(t, db, ev.ID).Status, event.Held)
			refused(t, "closing while nobody is marked", closeEvent(db, ev.ID), registration.ErrNotNow)
			if _, err := attend(db, there.ID, present); err != nil {
				t.Fatal(err)
			}
			if err := closeEvent(db, ev.ID); err != nil {
				t.Fatal(err)
			}
			same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 attended", "2 no_show"})
			same(t, "letters", letters(t, db, away.ID), []string{"E02 0", "E13 -"})
			refused(t, "closing again", closeEvent(db, ev.ID), registration.ErrNotNow)
		})
	}
}
