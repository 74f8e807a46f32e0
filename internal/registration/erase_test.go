package registration_test

import (
	"context"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestFoodAndAccessNeedsAreErasedSevenDaysAfterTheEvent(t *testing.T) {
	for _, tt := range []struct {
		name     string
		decision string
		at       time.Duration // after the event's end
		withdraw bool
		kept     bool
	}{
		{"the kitchen still needs them", "2027-14", -24 * time.Hour, false, true},
		{"on the sixth day they are there", "2027-14", 6 * 24 * time.Hour, false, true},
		{"on the seventh they are gone", "2027-14", 7 * 24 * time.Hour, false, false},
		{"who does not come needs nothing", "2027-14", -24 * time.Hour, true, false},
		{"no decision, no erasing", "", 30 * 24 * time.Hour, false, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := context.Background()
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *event.Content) { c.Catering = true })
			var r registration.Registration
			storetest.Write(t, db, func(tx *store.Tx) error {
				o, err := registration.Register(ctx, tx, registration.Request{
					EventID: ev.ID, FirstName: "Åsa", LastName: "Öberg", Email: "asa@people.example", Language: "sv", Diet: "Gluten", DietConsent: true, AccessNeeds: "Hörslinga",
					Organisation: registration.Organisation{Kind: registration.OfNone},
				})
				r = o.Registration
				if err != nil || !tt.withdraw {
					return err
				}
				_, err = registration.Withdraw(ctx, tx, r.ID, registrationtest.Organiser, "")
				return err
			})
			storetest.Write(t, db, func(tx *store.Tx) error {
				_, err := store.Exec(ctx, tx, `UPDATE programme SET erasure_decision = ?`, tt.decision)
				return err
			})
			clock.Set(ev.EndsAt.Add(tt.at))
			storetest.Write(t, db, func(tx *store.Tx) (err error) {
				if err = registration.EraseNeeds(ctx, tx); err == nil {
					r, err = registration.Find(ctx, tx, r.ID)
				}
				return err
			})
			if got := r.Diet != "" && r.AccessNeeds != ""; got != tt.kept {
				t.Errorf("kept %v: %q, %q", got, r.Diet, r.AccessNeeds)
			}
		})
	}
}
