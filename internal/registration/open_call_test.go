package registration_test

import (
	"testing"
	"time"

	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestEachPlaceFreedInTheLastHoursIsCalledOut(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	var p []reg
	for n := 1; n <= 5; n++ {
		p = append(p, registrationtest.Sign(t, db, ev.ID, n))
		clock.Advance(time.Minute)
	}
	give := func(r reg) {
		t.Helper()
		if _, err := withdraw(db, r.ID, person); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the scheduler's minutes call nobody twice
			clock.Advance(time.Minute)
			letGo(t, db)
		}
	}
	last := func() []string { t.Helper(); return letters(t, db, p[4].ID) }
	clock.Set(starts.Add(-5 * time.Hour))
	give(p[0])
	same(t, "a place is free", last(), []string{"E03 -", "E07 -"})
	if _, err := accept(db, p[2].ID); err != nil {
		t.Fatal(err)
	}
	give(p[1])
	same(t, "it was taken, and another is free", last(), []string{"E03 -", "E07 -", "E07 -"})
	give(p[2])
	same(t, "a second one beside it", last(), []string{"E03 -", "E07 -", "E07 -"})
	for _, r := range p[3:] {
		if _, err := accept(db, r.ID); err != nil {
			t.Fatal(err)
		}
	}
	sound(t, db, ev.ID)
}

func TestFewerPlacesEndACall(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	p := []reg{registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2), registrationtest.Sign(t, db, ev.ID, 3)}
	clock.Set(starts.Add(-5 * time.Hour))
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, 2} {
		ev = findEvent(t, db, ev.ID)
		c := ev.Content
		c.RoomPlaces = new(n)
		if _, err := updateEvent(db, ev, c); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "letters", letters(t, db, p[2].ID), []string{"E03 -", "E07 -", "E07 -"})
}

func TestOnlyThoseAreCalledForWhomThePlacesAreEnough(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { places(3)(c); c.CompanyLimit = new(1) })
	first, second := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	registrationtest.SignUp(t, db, from(acme, ev.ID, 3))
	shareFull := registrationtest.SignUp(t, db, from(acme, ev.ID, 4)).Registration
	two, err := signGroup(db, ev.ID, true, 5, 6)
	if err != nil {
		t.Fatal(err)
	}
	alone := registrationtest.Sign(t, db, ev.ID, 7)
	clock.Set(starts.Add(-5 * time.Hour))
	look := func(what string, want ...any) {
		t.Helper()
		for i, r := range []reg{shareFull, two[0].Registration, two[1].Registration, alone} {
			var called bool
			storetest.Read(t, db, func(tx *store.Tx) (err error) {
				called, err = registration.IsCalled(ctx, tx, registrationtest.Find(t, db, r.ID), findEvent(t, db, ev.ID))
				return err
			})
			same(t, what+": "+r.LastName, []any{len(letters(t, db, r.ID)) - 1, called}, []any{want[2*i], want[2*i+1]})
		}
	}
	if _, err := withdraw(db, first.ID, person); err != nil {
		t.Fatal(err)
	}
	look("one place is free", 0, false, 0, false, 0, false, 1, true)
	_, err = accept(db, shareFull.ID)
	refused(t, "a company that has its share", err, registration.ErrShare)
	_, err = accept(db, two[0].Registration.ID)
	refused(t, "two for one place", err, registration.ErrTaken)
	if _, err := withdraw(db, second.ID, person); err != nil {
		t.Fatal(err)
	}
	look("two places are free", 0, false, 1, true, 1, true, 1, true)
	if _, err := accept(db, two[1].Registration.ID); err != nil {
		t.Fatal(err)
	}
	look("none is", 0, false, 2, false, 2, false, 1, false)
	sound(t, db, ev.ID)
}
