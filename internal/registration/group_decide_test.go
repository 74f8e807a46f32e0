package registration_test

import (
	"errors"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestWhatIsDecidedForOneOfAGroupThatComesTogetherIsDecidedForAll(t *testing.T) {
	approve := func(db *store.DB, id string) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			_, err := registration.Approve(ctx, tx, id, organiser)
			return err
		})
	}
	reject := func(db *store.DB, id string) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			_, err := registration.Reject(ctx, tx, id, "För inköpare.", organiser)
			return err
		})
	}
	over := func(db *store.DB, id string) error { return offerTo(db, id, true) }
	free := func(db *store.DB, id string) error { return offerTo(db, id, false) }
	asks := func(c *content) { c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"politician"} }
	for name, tt := range map[string]struct {
		places int
		change func(*content)
		decide func(db *store.DB, id string) error
		want   registration.Status
		above  []int
		no     error
	}{
		"let in, there are places":        {3, asks, approve, registration.Confirmed, nil, nil},
		"let in, one place is not enough": {2, asks, approve, registration.Waitlisted, nil, nil},
		"not let in":                      {3, asks, reject, registration.Rejected, nil, nil},
		"out of turn, one is not enough":  {2, nil, free, registration.Waitlisted, nil, registration.ErrFull},
		"out of turn, one of them above":  {2, nil, over, registration.Offered, []int{3}, nil},
		"out of turn, both of them above": {1, nil, over, registration.Offered, []int{2, 3}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) {
				places(tt.places)(c)
				if tt.change != nil {
					tt.change(c)
				}
			})
			first := registrationtest.Request(ev.ID, 1)
			first.Audience = "politician"
			registrationtest.SignUp(t, db, first)
			o, err := signGroup(db, ev.ID, true, 2, 3)
			if err != nil {
				t.Fatal(err)
			}
			if err := tt.decide(db, o[1].Registration.ID); !errors.Is(err, tt.no) {
				t.Fatal(err)
			}
			for _, x := range o {
				same(t, x.Registration.LastName, registrationtest.Find(t, db, x.Registration.ID).Status, tt.want)
			}
			same(t, "above the places", above(t, db, ev.ID), tt.above)
			sound(t, db, ev.ID)
		})
	}
}

func TestAnEarlierTimeInTheFormEndsOffersEarlier(t *testing.T) {
	db, clock, ev, people := inEachState(t)
	ev = findEvent(t, db, ev.ID)
	c := ev.Content
	c.StartsAt = clock.Now().Add(8 * time.Hour)
	c.EndsAt, c.ClosesAt = c.StartsAt.Add(3*time.Hour), c.StartsAt
	if _, err := updateEvent(db, ev, c); err != nil {
		t.Fatal(err)
	}
	same(t, "the offer", registrationtest.Find(t, db, people[0].ID).HoldUntil, c.StartsAt.Add(-time.Hour))
	same(t, "the address", registrationtest.Find(t, db, people[3].ID).HoldUntil, c.StartsAt.Add(-2*time.Hour))
}
