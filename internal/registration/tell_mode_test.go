package registration_test

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store/storetest"
)

// Whoever hears of what is nothing to them reads the next letter less well.
func TestOnlyThoseWhoseFactsChangedAreTold(t *testing.T) {
	for _, tt := range []struct {
		name                  string
		change                func(*content)
		room, online, waiting []string
		toOnline              message.Details
	}{
		{"the room", func(c *content) { c.VenueName = "Biblioteket" }, []string{"E02 0", "E15 1"}, []string{"E02 0"}, []string{"E03 -", "E15 -"}, message.Details{}},
		{"the link", func(c *content) { c.JoinURL = "https://meet.example.se/new" }, []string{"E02 0"}, []string{"E02 0", "E15 1"}, []string{"E03 -"},
			message.Details{Reason: "Därför.", NewJoinURL: true}},
		{"both", func(c *content) { c.VenueName, c.JoinURL = "Biblioteket", "https://meet.example.se/new" }, []string{"E02 0", "E15 1"}, []string{"E02 0", "E15 1"}, []string{"E03 -", "E15 -"},
			message.Details{Reason: "Därför.", NewJoinURL: true}},
		{"the title", func(c *content) { c.Title = "Ny rubrik" }, []string{"E02 0", "E15 1"}, []string{"E02 0", "E15 1"}, []string{"E03 -", "E15 -"}, message.Details{Reason: "Därför."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); places(1)(c) })
			room := registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, 1), event.Room)).Registration
			online := registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, 2), event.Online)).Registration
			waiting := registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, 3), event.Room)).Registration
			clock.Advance(time.Hour)
			c := ev.Content
			tt.change(&c)
			if _, err := updateEvent(db, findEvent(t, db, ev.ID), c); err != nil {
				t.Fatal(err)
			}
			same(t, "in the room", letters(t, db, room.ID), tt.room)
			same(t, "online", letters(t, db, online.ID), tt.online)
			same(t, "who waits for the room", letters(t, db, waiting.ID), tt.waiting)
			if m := last(t, db, online.ID); m.Letter == message.EventMoved {
				same(t, "which says", m.Details, tt.toOnline)
			}
		})
	}
}

func TestWhoComesIntoTheQueueForTheRoomWithAPlaceOnlineIsTold(t *testing.T) {
	db, clock := storetest.New(t)
	ev, _ := meanwhile(t, db, ticks(clock))
	online := registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, 4), event.Online)).Registration
	for range 2 { // once
		if _, err := waitForRoom(db, online.ID); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "letters", letters(t, db, online.ID), []string{"E02 0", "E03 -"})
	if m := last(t, db, online.ID); !m.Details.Meanwhile {
		t.Errorf("the letter knows nothing of the place online: %+v", m.Details)
	}
}
