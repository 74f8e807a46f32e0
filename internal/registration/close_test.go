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

func closeEvent(db *store.DB, id string) error {
	return db.Write(ctx, func(tx *store.Tx) error { _, err := registration.CloseEvent(ctx, tx, id, organiser); return err })
}

func TestClosingMakesWhoeverWasNotMarkedAbsentIfAnybodyWasMarked(t *testing.T) {
	for name, tt := range map[string]struct {
		marked bool
		want   []string
		second []string
	}{
		"nobody was": {false, []string{"1 confirmed", "2 confirmed"}, []string{"E02 0"}},
		"one was":    {true, []string{"1 attended", "2 no_show"}, []string{"E02 0", "E13 -"}},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			first, second := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
			clock.Set(ends.Add(-time.Second))
			if tt.marked {
				if _, err := attend(db, first.ID, present); err != nil {
					t.Fatal(err)
				}
			}
			refused(t, "before the end", closeEvent(db, ev.ID), registration.ErrNotNow)
			clock.Set(ends)
			if err := closeEvent(db, ev.ID); err != nil {
				t.Fatal(err)
			}
			_ = closeEvent(db, ev.ID) // a second time changes nothing, whatever it answers
			same(t, "who is there", byNumber(t, db, ev.ID), tt.want)
			same(t, "letters to the second", letters(t, db, second.ID), tt.second)
			sound(t, db, ev.ID)
		})
	}
}

func TestAMarkIsReconsideredWithAReasonWithinThirtyDays(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	first, second := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	clock.Set(ends)
	if _, err := attend(db, first.ID, present); err != nil {
		t.Fatal(err)
	}
	if err := closeEvent(db, ev.ID); err != nil {
		t.Fatal(err)
	}
	_, err := attend(db, second.ID, present)
	refused(t, "a mark without a reason", err, registration.ErrMarked)
	again := func(reason string) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			_, err := registration.Reconsider(ctx, tx, second.ID, present, reason, organiser)
			return err
		})
	}
	same(t, "no reason", codes(again("")), []string{"reason:required"})
	clock.Set(ends.AddDate(0, 0, 30))
	refused(t, "after thirty days", again("Var där."), registration.ErrNotNow)
	clock.Advance(-time.Second)
	if err := again("Var där."); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 attended", "2 attended"})
}

func TestAListEnteredAfterTheEventWasNotedAsHeldClosesAttendance(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	first, second := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	clock.Set(ends.AddDate(0, 0, 14))
	storetest.Write(t, db, func(tx *store.Tx) error { return registration.CloseOld(ctx, tx) })
	now := findEvent(t, db, ev.ID)
	same(t, "by itself", now.Status, event.Held)
	same(t, "can be closed with nobody marked", registration.CanClose(now, registration.Counts{registration.Confirmed: 2}, clock.Now()), false)
	refused(t, "closing with nobody marked", closeEvent(db, ev.ID), registration.ErrNotNow)
	same(t, "letters to the second", letters(t, db, second.ID), []string{"E02 0"})
	if _, err := attend(db, first.ID, present); err != nil { // from the printed list, without a reason
		t.Fatal(err)
	}
	same(t, "can be closed now", registration.CanClose(now, registration.Counts{registration.Confirmed: 1, registration.Attended: 1}, clock.Now()), true)
	if err := closeEvent(db, ev.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 attended", "2 no_show"})
	same(t, "letters to the second", letters(t, db, second.ID), []string{"E02 0", "E13 -"})
	refused(t, "closing again", closeEvent(db, ev.ID), registration.ErrNotNow)
	same(t, "closed", findEvent(t, db, ev.ID).AttendanceClosedAt, clock.Now())
}

func TestAnEventThatClosesItselfTellsWhoStayedAwayOnce(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	first := registrationtest.Sign(t, db, ev.ID, 1)
	waiting := registrationtest.Sign(t, db, ev.ID, 2)
	clock.Set(starts)
	if _, err := attend(db, waiting.ID, present); err != nil { // let in at the door
		t.Fatal(err)
	}
	clock.Set(ends.AddDate(0, 0, 14).Add(12 * time.Hour)) // midnight
	for range 2 {
		storetest.Write(t, db, func(tx *store.Tx) error { return registration.CloseOld(ctx, tx) })
		clock.Advance(time.Hour)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 no_show", "2 attended"})
	same(t, "letters", letters(t, db, first.ID), []string{"E02 0", "E13 -"})
	same(t, "sent in the morning", last(t, db, first.ID).DueAt, time.Date(2027, 3, 25, 6, 0, 0, 0, time.UTC))
	sound(t, db, ev.ID)
}
