package registration_test

import (
	"fmt"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store/storetest"
)

func TestMorePlacesGoToTheQueueInItsOrder(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	var people []reg
	for n, o := range []registration.Organisation{acme, acme, {Kind: registration.OfNone}, vik, acme, {Kind: registration.OfNone}} {
		people = append(people, registrationtest.SignUp(t, db, from(o, ev.ID, n)).Registration)
		clock.Advance(time.Minute)
	}
	same(t, "the queue", queue(t, db, ev.ID), []string{"2", "3", "5", "1", "4"})
	c := ev.Content
	c.RoomPlaces = new(3)
	after, err := updateEvent(db, ev, c)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the queue with two places more", queue(t, db, ev.ID), []string{"5", "1", "4"})
	if after.Room.Taken != 3 {
		t.Errorf("the answer says that %d places are taken", after.Room.Taken)
	}
	same(t, "the letter to the next", letters(t, db, people[2].ID), []string{"E03 -", "E07 -"})
	same(t, "no letter to who has a place", letters(t, db, people[0].ID), []string{"E02 0"})
	c.RoomPlaces = nil
	if _, err := updateEvent(db, after, c); err != nil {
		t.Fatal(err)
	}
	same(t, "the queue without a limit", queue(t, db, ev.ID), []string(nil))
	sound(t, db, ev.ID)
}

func TestMorePlacesGoFirstToThoseAboveThem(t *testing.T) {
	db, _, ev, _ := overbooked(t) // two places, two above, one waiting
	for _, step := range []struct {
		places int
		above  []int
		queue  []string
	}{{2, []int{2, 3}, []string{"4"}}, {3, []int{3}, []string{"4"}}, {4, nil, []string{"4"}}, {5, nil, nil}} {
		ev = findEvent(t, db, ev.ID)
		c := ev.Content
		c.RoomPlaces = new(step.places)
		if _, err := updateEvent(db, ev, c); err != nil {
			t.Fatalf("%d places: %v", step.places, err)
		}
		same(t, fmt.Sprintf("above %d places", step.places), above(t, db, ev.ID), step.above)
		same(t, fmt.Sprintf("the queue with %d places", step.places), queue(t, db, ev.ID), step.queue)
		sound(t, db, ev.ID)
	}
	c := findEvent(t, db, ev.ID)
	fewer := c.Content
	fewer.RoomPlaces = new(4)
	_, err := updateEvent(db, c, fewer)
	same(t, "fewer than are taken", codes(err), []string{"room_places:places_taken"})
}

func TestAnEventThatHasBegunGivesNoMorePlaces(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	registrationtest.Sign(t, db, ev.ID, 1)
	registrationtest.Sign(t, db, ev.ID, 2)
	clock.Set(starts)
	c := ev.Content
	c.RoomPlaces = new(5)
	if _, err := updateEvent(db, ev, c); err != nil {
		t.Fatal(err)
	}
	same(t, "the queue", queue(t, db, ev.ID), []string{"2"})
}

func TestWhoIsToldOfAChange(t *testing.T) {
	for _, tt := range []struct {
		name    string
		change  func(*content)
		want    []string // letters to somebody with a place
		details message.Details
		moved   bool
	}{
		{"nothing changed", func(*content) {}, []string{"E02 0"}, message.Details{}, false},
		{"a text", func(c *content) { c.Description = "Mer text" }, []string{"E02 0"}, message.Details{}, false},
		{"the title", func(c *content) { c.Title = "Ny rubrik" }, []string{"E02 0", "E15 1"}, message.Details{Reason: "Därför."}, false},
		{"the time", func(c *content) { c.StartsAt = c.StartsAt.Add(time.Hour) }, []string{"E02 0", "E15 1"},
			message.Details{Reason: "Därför.", OldStart: "2027-03-10T08:00:00Z", OldEnd: "2027-03-10T11:00:00Z"}, true},
		{"the end alone", func(c *content) { c.EndsAt = c.EndsAt.Add(time.Hour) }, []string{"E02 0", "E15 1"},
			message.Details{Reason: "Därför.", OldStart: "2027-03-10T08:00:00Z", OldEnd: "2027-03-10T11:00:00Z"}, true},
		{"the place", func(c *content) { c.VenueName = "Biblioteket" }, []string{"E02 0", "E15 1"}, message.Details{Reason: "Därför.", OldPlace: "Kristinehallen"}, true},
		{"the municipality", func(c *content) { c.Municipality.Number = "2081" }, []string{"E02 0", "E15 1"}, message.Details{Reason: "Därför.", OldPlace: "Kristinehallen"}, true},
		{"the way in, which is nothing to the room", func(c *content) { c.JoinURL = "https://meet.example.se/new" }, []string{"E02 0"}, message.Details{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); places(2)(c) })
			in := func(n int) reg {
				q := registrationtest.Request(ev.ID, n)
				q.Mode = event.Room
				return registrationtest.SignUp(t, db, q).Registration
			}
			first, gone, waiting := in(1), in(2), in(3)
			if _, err := withdraw(db, gone.ID, person); err != nil {
				t.Fatal(err)
			}
			if _, err := accept(db, waiting.ID); err != nil {
				t.Fatal(err)
			}
			other := in(4)
			clock.Advance(time.Hour)
			c := ev.Content
			tt.change(&c)
			after, err := updateEvent(db, findEvent(t, db, ev.ID), c)
			if err != nil {
				t.Fatal(err)
			}
			same(t, "to whoever has a place", letters(t, db, first.ID), tt.want)
			if m := last(t, db, first.ID); m.Letter == message.EventMoved {
				same(t, "which says", m.Details, tt.details)
				if m.NotAfter != after.EndsAt {
					t.Errorf("the letter goes until %v", m.NotAfter)
				}
			}
			if got := registrationtest.Find(t, db, first.ID).CalendarSequence; got != len(tt.want)-1 {
				t.Errorf("the row's SEQUENCE is %d", got)
			}
			same(t, "to whoever got a place by the queue", letters(t, db, waiting.ID), append([]string{"E03 -", "E07 -"}, tt.want...))
			heard := []string{"E03 -"}
			if len(tt.want) == 2 {
				heard = append(heard, "E15 -")
			}
			same(t, "to whoever waits", letters(t, db, other.ID), heard)
			same(t, "to whoever left", letters(t, db, gone.ID), []string{"E02 0", "E10 1"})
			if after.WasMoved(clock.Now()) != tt.moved {
				t.Errorf("shown as moved: %t", after.WasMoved(clock.Now()))
			}
			sound(t, db, ev.ID)
		})
	}
}

func TestWhoGetsAPlaceByTheSameEditHearsOfItOnce(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	first, second := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	c := ev.Content
	c.RoomPlaces, c.VenueName = new(2), "Större salen"
	if _, err := updateEvent(db, ev, c); err != nil {
		t.Fatal(err)
	}
	same(t, "who had a place", letters(t, db, first.ID), []string{"E02 0", "E15 1"})
	same(t, "who gets one", letters(t, db, second.ID), []string{"E03 -", "E07 -"})
}

func TestAnEditThatIsRefusedTellsNobody(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	c := ev.Content
	c.VenueName, c.Summary = "Biblioteket", ""
	_, err := updateEvent(db, ev, c)
	same(t, "refused", codes(err), []string{"summary:required"})
	c.Summary = "x"
	ev.Revision--
	_, err = updateEvent(db, ev, c)
	refused(t, "an old revision", err, event.ErrEdited)
	same(t, "letters", letters(t, db, r.ID), []string{"E02 0"})
}

func TestAFinishedEventIsCorrectedInSilence(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	clock.Set(ends)
	c := ev.Content
	c.Title = "Sociala krav – bilder och inspelning"
	if _, err := updateEvent(db, ev, c); err != nil {
		t.Fatal(err)
	}
	same(t, "letters", letters(t, db, r.ID), []string{"E02 0"})
}

func TestWhatMattersToThoseWhoTakePart(t *testing.T) {
	type change = registration.Change
	for _, tt := range []struct {
		name   string
		change func(*content)
		want   change
	}{
		{"nothing", func(*content) {}, change{}},
		{"texts, price, places and questions", func(c *content) {
			c.Summary, c.Description, c.PriceMinor, c.RoomPlaces, c.Questions = "x", "x", 1, nil, []event.Question{{}}
		}, change{}},
		{"the start", func(c *content) { c.StartsAt = c.StartsAt.Add(time.Minute) }, change{Time: true}},
		{"the end", func(c *content) { c.EndsAt = c.EndsAt.Add(time.Minute) }, change{Time: true}},
		{"the same moment in another zone", func(c *content) { c.StartsAt = c.StartsAt.In(time.FixedZone("", 3600)) }, change{}},
		{"the venue", func(c *content) { c.VenueName = "x" }, change{Place: true}},
		{"the address", func(c *content) { c.VenueAddress = "x" }, change{Place: true}},
		{"the municipality", func(c *content) { c.Municipality = municipality.Code{Country: "NO", Number: "1507"} }, change{Place: true}},
		{"the way in", func(c *content) { c.JoinURL = "https://x.example.se" }, change{WayIn: true}},
		{"from both to the room alone", func(c *content) { c.Mode = event.Room }, change{WayIn: true}},
		{"the title", func(c *content) { c.Title = "x" }, change{Title: true}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := registrationtest.Content()
			registrationtest.Hybrid(&before)
			after := before
			tt.change(&after)
			got := registration.Matters(before, after)
			same(t, "matters", got, tt.want)
			if got.Any() != (tt.want != change{}) {
				t.Errorf("any: %t", got.Any())
			}
		})
	}
	c := registrationtest.Content()
	c.JoinURL = ""
	after := c
	after.JoinURL = "https://x.example.se"
	same(t, "a way in that was promised", registration.Matters(c, after), change{})
}

func TestMovingTellsEverybodyWithAPlaceInTheirLanguage(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	var people []reg
	for n, language := range []string{"sv", "nn", "en"} {
		q := registrationtest.Request(ev.ID, n)
		q.Language = language
		people = append(people, registrationtest.SignUp(t, db, q).Registration)
		clock.Advance(time.Minute)
	}
	to := starts.AddDate(0, 1, 0)
	after, err := moveEvent(db, ev.ID, to)
	if err != nil {
		t.Fatal(err)
	}
	if after.StartsAt != to || !after.WasMoved(clock.Now()) {
		t.Errorf("starts %v, moved %v", after.StartsAt, after.MovedAt)
	}
	for n, want := range [][]string{{"E02 0", "E15 1"}, {"E02 0", "E15 1"}, {"E03 -", "E15 -"}} {
		same(t, fmt.Sprintf("letters to number %d", n), letters(t, db, people[n].ID), want)
	}
	m := last(t, db, people[1].ID)
	if m.Language != "nn" || m.NotAfter != after.EndsAt {
		t.Errorf("the second letter is in %s, until %v", m.Language, m.NotAfter)
	}
	same(t, "which says", m.Details, message.Details{Reason: "Salen är upptagen.", OldStart: "2027-03-10T08:00:00Z", OldEnd: "2027-03-10T11:00:00Z"})
	if _, err := moveEvent(db, ev.ID, to.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	same(t, "moved again", letters(t, db, people[0].ID), []string{"E02 0", "E15 1", "E15 2"})
	if _, err := withdraw(db, people[0].ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "then given up", letters(t, db, people[0].ID), []string{"E02 0", "E15 1", "E15 2", "E10 3"})
	same(t, "the next has heard of both times", letters(t, db, people[2].ID), []string{"E03 -", "E15 -", "E15 -", "E07 -"})
	sound(t, db, ev.ID)
}

func TestPostponingTakesTheEntryOutOfCalendarsAndANewDatePutsItBack(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	first, waiting := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	postponeEvent(t, db, ev.ID)
	same(t, "postponed", letters(t, db, first.ID), []string{"E02 0", "E22 1"})
	if m := last(t, db, first.ID); m.Details.Reason != "Föreläsaren är sjuk." || m.Letter.Method() != "CANCEL" {
		t.Errorf("the letter says %+v", m.Details)
	}
	same(t, "everybody keeps their place", roster(t, db, ev.ID), []string{"1 confirmed", "2 waitlisted"})
	_, err := register(db, registrationtest.Request(ev.ID, 3))
	refused(t, "signing up meanwhile", err, registration.ErrPostponed)
	if _, err := moveEvent(db, ev.ID, starts.AddDate(0, 1, 0)); err != nil {
		t.Fatal(err)
	}
	same(t, "with a new date", letters(t, db, first.ID), []string{"E02 0", "E22 1", "E15 2"})
	same(t, "whoever waits", letters(t, db, waiting.ID), []string{"E03 -", "E22 -", "E15 -"})
	if got := findEvent(t, db, ev.ID).Status; got != event.Published {
		t.Errorf("it is %s", got)
	}
}

func TestCancellingTellsAllOfThemWhy(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	first, gone, waiting := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2), registrationtest.Sign(t, db, ev.ID, 3)
	other := registrationtest.Sign(t, db, ev.ID, 4)
	if _, err := withdraw(db, gone.ID, person); err != nil {
		t.Fatal(err)
	}
	if err := cancelEvent(db, ev.ID); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		r    reg
		want []string
	}{
		{"with a place", first, []string{"E02 0", "E14 1"}},
		{"with the offer of a place", waiting, []string{"E03 -", "E07 -", "E14 -"}},
		{"waiting", other, []string{"E03 -", "E14 -"}},
		{"gone before", gone, []string{"E02 0", "E10 1"}},
	} {
		same(t, tt.name, letters(t, db, tt.r.ID), tt.want)
	}
	m := last(t, db, other.ID)
	if m.Details.Reason != "För få anmälda." || m.Details.HadAPlace {
		t.Errorf("to whoever waited the letter says %+v", m.Details)
	}
	got := registrationtest.Find(t, db, first.ID)
	if got.Status != registration.EventCancelled || got.EndReason != "För få anmälda." {
		t.Errorf("%s because of %q", got.Status, got.EndReason)
	}
	if m := last(t, db, first.ID); !m.Details.HadAPlace {
		t.Error("to whoever had a place the letter does not say so")
	}
	same(t, "the audit", trail(t, db, first.ID), []string{"person →confirmed", "user confirmed→event_cancelled"})
	_, err := register(db, registrationtest.Request(ev.ID, 9))
	refused(t, "signing up", err, registration.ErrCancelled)
	_, err = withdraw(db, first.ID, person)
	refused(t, "giving up", err, registration.ErrNotNow)
	refused(t, "cancelling twice", cancelEvent(db, ev.ID), event.ErrNotNow)
	if ev := findEvent(t, db, ev.ID); ev.Room.Taken != 0 || ev.CancelReason != "För få anmälda." {
		t.Errorf("%d places taken, because of %q", ev.Room.Taken, ev.CancelReason)
	}
	sound(t, db, ev.ID)
}

func TestAPostponedEventMayBeCancelled(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	postponeEvent(t, db, ev.ID)
	if err := cancelEvent(db, ev.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "letters", letters(t, db, r.ID), []string{"E02 0", "E22 1", "E14 2"})
}

func TestNothingIsChangedAboutAnEventThatIsNotThere(t *testing.T) {
	db, _ := storetest.New(t)
	_, err := moveEvent(db, "nothing", starts)
	refused(t, "moving", err, problem.ErrMissing)
	refused(t, "cancelling", cancelEvent(db, "nothing"), problem.ErrMissing)
	_, err = updateEvent(db, event.Event{ID: "nothing"}, registrationtest.Content())
	refused(t, "editing", err, problem.ErrMissing)
}
