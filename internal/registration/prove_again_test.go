package registration_test

import (
	"testing"
	"time"

	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store/storetest"
)

func TestWhoeverHasNotProvedTheAddressIsAskedAgain(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.ConfirmEmail = true })
	q := registrationtest.Request(ev.ID, 1)
	q.Outside = true
	r := registrationtest.SignUp(t, db, q).Registration
	clock.Advance(23 * time.Hour)
	again := registrationtest.SignUp(t, db, q)
	same(t, "what a stranger is told", again.Status, registration.PendingEmail)
	same(t, "signed up again", letters(t, db, r.ID), []string{"E01 -", "E01 -"})
	same(t, "held no longer for it", registrationtest.Find(t, db, r.ID).HoldUntil, r.HoldUntil)

	if _, err := changeAddress(db, r.ID, registrationtest.Address(9)); err != nil {
		t.Fatal(err)
	}
	m := last(t, db, r.ID)
	same(t, "the letter to the right address", []string{string(m.Letter), m.Recipient}, []string{"E01", registrationtest.Address(9)})
	clock.Set(r.HoldUntil)
	letGo(t, db)
	same(t, "held for the right address", registrationtest.Find(t, db, r.ID).Status, registration.PendingEmail)
	clock.Advance(23 * time.Hour)
	letGo(t, db)
	same(t, "and no longer than for a new one", registrationtest.Find(t, db, r.ID).Status, registration.Lapsed)
}
