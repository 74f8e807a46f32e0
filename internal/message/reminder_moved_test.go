package message_test

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// changeHall gives the event another hall, which is told to those in the room.
func changeHall(t *testing.T, db *store.DB, id string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		ev, err := event.Find(ctx, tx, id)
		if err != nil {
			return err
		}
		c := ev.Content
		c.VenueName = "Nya salen"
		_, err = registration.UpdateEvent(ctx, tx, id, ev.Revision, c, "Salen är bokad.", registrationtest.Organiser)
		return err
	})
}

// A new hall just before a reminder is told to those in the room, so they need none;
// whoever takes part online has been told nothing, and gets the way in.
func TestWhoIsNotToldOfANewHallIsReminded(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.Mode, c.JoinURL = event.Hybrid, "https://meet.example/x" })
	for i, mode := range ev.Modes() { // in the room, online
		q := registrationtest.Request(ev.ID, i+1)
		q.Mode = mode
		registrationtest.SignUp(t, db, q)
	}
	run(t, db, clock, weekDue)

	clock.Set(dayDue.Add(-40 * time.Minute))
	changeHall(t, db, ev.ID)
	storetest.Read(t, db, func(tx *store.Tx) error {
		found, err := message.Forecasts(ctx, tx, ev.ID)
		for _, f := range found {
			if f.Letter == message.DayBefore && (f.People != 1 || f.Never != "") {
				t.Errorf("the forecast of the day before is %d people and %q, want the one online", f.People, f.Never)
			}
		}
		return err
	})
	same(t, "the day before", run(t, db, clock, dayDue), "E19 person002")
	same(t, "an hour before", run(t, db, clock, hourDue), "E20 person002")
}

// The organisers are not told of what they have changed: another hall does not take
// the list from them, a new time does, whose own moment is past.
func TestANewHallDoesNotTakeTheListFromTheOrganisers(t *testing.T) {
	rosterDue := time.Date(2027, 3, 8, 8, 0, 0, 0, time.UTC)
	for name, tt := range map[string]struct {
		change func(*testing.T, *store.DB, string)
		want   int
	}{
		"a new hall": {changeHall, 1},
		"a new hour": {func(t *testing.T, db *store.DB, id string) { moveEvent(t, db, id, starts.Add(time.Hour)) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			registrationtest.Sign(t, db, ev.ID, 1)
			run(t, db, clock, weekDue)
			clock.Set(rosterDue.Add(-40 * time.Minute))
			tt.change(t, db, ev.ID)
			run(t, db, clock, rosterDue)
			if got := len(messages(t, db, "letter = 'O3'")); got != tt.want {
				t.Errorf("the organisers got %d lists, want %d", got, tt.want)
			}
		})
	}
}
