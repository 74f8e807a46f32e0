package registration_test

import (
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

// besideAnOffer gives an event with one place, which is offered to the second,
// and lets the organiser offer the third one above it. So many more are added by
// hand. Both offers end at the same second.
func besideAnOffer(t *testing.T, more int) (*store.DB, *storetest.Clock, event.Event, []reg) {
	t.Helper()
	db, clock, ev, p := queueOf(t, 3)
	clock.Set(time.Date(2027, 2, 6, 10, 0, 0, 0, time.UTC)) // a Saturday
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	clock.Advance(30 * time.Hour)
	if err := offerTo(db, p[2].ID, true); err != nil {
		t.Fatal(err)
	}
	a, b := registrationtest.Find(t, db, p[1].ID), registrationtest.Find(t, db, p[2].ID)
	if a.Extra || !b.Extra || !a.HoldUntil.Equal(b.HoldUntil) {
		t.Fatalf("offers until %s and %s, above the places %t and %t", a.HoldUntil, b.HoldUntil, a.Extra, b.Extra)
	}
	for n := range more {
		r, err := addByHand(db, registrationtest.Request(ev.ID, 10+n), true)
		if err != nil {
			t.Fatal(err)
		}
		p = append(p, r)
	}
	clock.Set(a.HoldUntil)
	return db, clock, ev, p
}

func TestOffersOfAnOrdinaryPlaceAndOfOneAboveThemEndTogether(t *testing.T) {
	db, _, ev, _ := besideAnOffer(t, 0)
	letGo(t, db)
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 expired", "3 expired"})
	sound(t, db, ev.ID)
}

func TestWhoIsAboveThePlacesGetsTheOneThatBothOffersLeave(t *testing.T) {
	db, _, ev, p := besideAnOffer(t, 1)
	letGo(t, db)
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "10 confirmed", "2 expired", "3 expired"})
	sound(t, db, ev.ID)
	if _, err := withdraw(db, p[3].ID, person); err != nil {
		t.Error(err)
	}
	sound(t, db, ev.ID)
}

func TestWhatIsFittedToANewTimeKeepsThePlaceItWasGivenOnTheWay(t *testing.T) {
	db, clock, ev, p := besideAnOffer(t, 1)
	clock.Advance(-time.Hour)
	storetest.Write(t, db, func(tx *store.Tx) error { // the first ends with the move, the second is longer
		until := registrationtest.Find(t, db, p[1].ID).HoldUntil
		_, err := store.Exec(ctx, tx, `UPDATE registration SET hold_until = ? WHERE id = ?`, store.At(until.Add(-time.Hour)), p[1].ID)
		return err
	})
	if _, err := moveEvent(db, ev.ID, starts.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "10 confirmed", "2 expired", "3 offered"})
	sound(t, db, ev.ID)
}

func TestAGroupPartlyAboveThePlacesDeclinesAsOne(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	registrationtest.Sign(t, db, ev.ID, 1)
	registrationtest.Sign(t, db, ev.ID, 2)
	o, err := signGroup(db, ev.ID, true, 3, 4)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { // one place more: not enough for both
		_, err := store.Exec(ctx, tx, `UPDATE event_capacity SET places = 3 WHERE event_id = ?`, ev.ID)
		return err
	})
	if err := offerTo(db, o[0].Registration.ID, true); err != nil {
		t.Fatal(err)
	}
	same(t, "above the places", above(t, db, ev.ID), []int{4})
	if _, err := decline(db, o[0].Registration.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 confirmed", "2 confirmed", "3 declined", "4 declined"})
	sound(t, db, ev.ID)
}

func TestAnEventOfWhichSomethingIsWrongKeepsNoOtherWaiting(t *testing.T) {
	db, clock := storetest.New(t)
	var wrong, right event.Event
	var last reg
	for i, ev := range []*event.Event{&wrong, &right} {
		*ev = registrationtest.Event(t, db, places(1))
		first := registrationtest.Sign(t, db, ev.ID, 10*i+1)
		registrationtest.Sign(t, db, ev.ID, 10*i+2)
		last = registrationtest.Sign(t, db, ev.ID, 10*i+3)
		if _, err := withdraw(db, first.ID, person); err != nil {
			t.Fatal(err)
		}
	}
	storetest.Write(t, db, func(tx *store.Tx) error { // nobody is above the places, the row says otherwise
		_, err := store.Exec(ctx, tx, `UPDATE registration SET extra = TRUE WHERE event_id = ? AND status = 'offered'`, wrong.ID)
		return err
	})
	clock.Advance(20 * 24 * time.Hour)
	err := db.Write(ctx, func(tx *store.Tx) error { return registration.LetGo(ctx, tx) })
	if partly := (store.Partly{}); !errors.As(err, &partly) || !strings.Contains(err.Error(), wrong.ID) || strings.Contains(err.Error(), right.ID) {
		t.Errorf("what went wrong is %v", err)
	}
	same(t, "the event that is wrong", byNumber(t, db, wrong.ID), []string{"1 cancelled", "2 offered", "3 waitlisted"})
	same(t, "the other", byNumber(t, db, right.ID), []string{"11 cancelled", "12 expired", "13 offered"})
	if len(letters(t, db, last.ID)) != 2 {
		t.Errorf("the next one has the letters %v", letters(t, db, last.ID))
	}
}
