package registration_test

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store/storetest"
)

func TestAModeDoesNotEndWhilePeopleAreSignedUpForIt(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*content)
		people int // of whom the last is looked at
		status registration.Status
		ends   bool
	}{
		"who has asked": {func(c *content) { c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"buyer"} }, 1, registration.Requested, false},
		"who waits":     {func(c *content) { c.RoomPlaces = new(1) }, 2, registration.Waitlisted, false},
		"who went late": {func(c *content) {}, 1, registration.LateCancelled, true},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); tt.change(c) })
			var all []reg
			for n := range tt.people {
				all = append(all, registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, n+1), event.Room)).Registration)
			}
			last := all[len(all)-1]
			if tt.status != registration.Requested { // the place is free then, but it is night: nobody is offered it
				clock.Set(time.Date(2027, 3, 9, 22, 0, 0, 0, time.UTC))
				if _, err := withdraw(db, all[0].ID, person); err != nil {
					t.Fatal(err)
				}
			}
			same(t, "before", registrationtest.Find(t, db, last.ID).Status, tt.status)
			now := findEvent(t, db, ev.ID)
			same(t, "places taken", now.Room.Taken, 0)
			c := now.Content
			c.Mode = event.Online
			_, err := updateEvent(db, now, c)
			if !tt.ends {
				same(t, "the room is taken away", codes(err), []string{"mode:mode_taken"})
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			clock.Set(starts)
			_, err = attend(db, last.ID, present)
			refused(t, "coming to a room that is no more", err, registration.ErrNotNow)
		})
	}
}
