package registration_test

import (
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestNobodyGivesUpWaitingForAnEventThatHasBegun(t *testing.T) {
	for name, change := range map[string]func(*content){
		"in the queue":        places(1),
		"without an answer":   func(c *content) { c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"politician"} },
		"with every occasion": places(1),
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, change)
			first := registrationtest.Request(ev.ID, 1)
			first.Audience = "politician"
			registrationtest.SignUp(t, db, first)
			r := registrationtest.Sign(t, db, ev.ID, 2)
			told := letters(t, db, r.ID)
			clock.Set(starts)
			if name == "with every occasion" {
				storetest.Write(t, db, func(tx *store.Tx) error {
					if _, err := store.Exec(ctx, tx, `UPDATE registration SET enrolment_id = 'e' WHERE id = ?`, r.ID); err != nil {
						return err
					}
					n, err := registration.WithdrawAll(ctx, tx, r.ID, person)
					same(t, "given up", n, 0)
					return err
				})
			} else {
				_, err := withdraw(db, r.ID, person)
				refused(t, "by the person", err, registration.ErrNotNow)
				_, err = withdraw(db, r.ID, organiser)
				refused(t, "by the organiser", err, registration.ErrNotNow)
			}
			same(t, "letters", letters(t, db, r.ID), told)
		})
	}
}
