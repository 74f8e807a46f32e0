package registration_test

import (
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func changeMode(db *store.DB, id string, to event.Mode) (r reg, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		r, err = registration.ChangeMode(ctx, tx, id, to, person)
		return err
	})
	return r, err
}

func TestWhoChangesToOnlineGivesThePlaceInTheRoomOn(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); places(1)(c) })
	in := func(n int) reg {
		q := registrationtest.Request(ev.ID, n)
		q.Mode = event.Room
		return registrationtest.SignUp(t, db, q).Registration
	}
	first, second := in(1), in(2)
	if _, err := changeMode(db, first.ID, event.Online); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 confirmed", "2 offered"})
	same(t, "letters to who changed", letters(t, db, first.ID), []string{"E02 0", "E15 1"})
	_, err := changeMode(db, first.ID, event.Room)
	refused(t, "back while the place is offered", err, registration.ErrFull)
	if _, err := decline(db, second.ID); err != nil {
		t.Fatal(err)
	}
	if r, err := changeMode(db, first.ID, event.Room); err != nil || r.CalendarSequence != 2 {
		t.Errorf("back again: SEQUENCE %d, %v", r.CalendarSequence, err)
	}
	sound(t, db, ev.ID)
}

func TestChangingTheModeDoesNotGoRoundACompanysLimit(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); c.CompanyLimit = new(1) })
	in := func(n int) registration.Outcome {
		q := from(acme, ev.ID, n)
		q.Mode = event.Room
		return registrationtest.SignUp(t, db, q)
	}
	in(1)
	second := in(2)
	same(t, "the second of one", second.Status, registration.Waitlisted)
	_, err := changeMode(db, second.Registration.ID, event.Online)
	refused(t, "online instead", err, registration.ErrShare)
	sound(t, db, ev.ID)
}
