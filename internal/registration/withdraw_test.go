package registration_test

import (
	"fmt"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestAFreedPlaceGoesToTheNextAtOnce(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	var people []reg
	for n := range 5 {
		people = append(people, registrationtest.Sign(t, db, ev.ID, n))
		clock.Advance(time.Minute)
	}
	gone, err := withdraw(db, people[0].ID, person)
	if err != nil {
		t.Fatal(err)
	}
	if gone.Status != registration.Cancelled || gone.EndedAt != clock.Now() {
		t.Errorf("the first is %s since %v", gone.Status, gone.EndedAt)
	}
	same(t, "who is there", roster(t, db, ev.ID), []string{"1 confirmed", "2 offered", "3 waitlisted", "4 waitlisted", "0 cancelled"})
	same(t, "letters to the first", letters(t, db, people[0].ID), []string{"E02 0", "E10 1"})
	same(t, "letters to the third", letters(t, db, people[2].ID), []string{"E03 -", "E07 -"})
	if _, err := accept(db, people[2].ID); err != nil {
		t.Fatal(err)
	}
	same(t, "letters to the third, who accepts", letters(t, db, people[2].ID), []string{"E03 -", "E07 -", "E02 0"})
	same(t, "audit of the third", trail(t, db, people[2].ID), []string{"person →waitlisted", "system waitlisted→offered", "person offered→confirmed"})
	if m := last(t, db, people[2].ID); !m.Details.FromList || m.Details.HadAPlace {
		t.Errorf("the letter says %+v", m.Details)
	}
	if m := last(t, db, people[0].ID); !m.Details.HadAPlace || m.Details.ByHand {
		t.Errorf("the letter to the first says %+v", m.Details)
	}
	next := registrationtest.Find(t, db, people[2].ID)
	if next.ConfirmedAt != clock.Now() || next.JoinedAt != people[2].JoinedAt {
		t.Errorf("the third has the place since %v, joined at %v", next.ConfirmedAt, next.JoinedAt)
	}
	if a, b := position(t, db, people[3].ID), position(t, db, people[4].ID); a != 1 || b != 2 {
		t.Errorf("the others have moved up to %d and %d", a, b)
	}
	sound(t, db, ev.ID)
}

func TestGivingUpAPlaceInTheQueueFreesNothing(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	var people []reg
	for n := range 3 {
		people = append(people, registrationtest.Sign(t, db, ev.ID, n))
		clock.Advance(time.Minute)
	}
	clock.Set(closes.Add(time.Hour)) // never late: there is no place to give up
	if r, err := withdraw(db, people[1].ID, person); err != nil || r.Status != registration.Cancelled {
		t.Errorf("%s, %v", r.Status, err)
	}
	same(t, "who is there", roster(t, db, ev.ID), []string{"0 confirmed", "2 waitlisted", "1 cancelled"})
	same(t, "letters", letters(t, db, people[1].ID), []string{"E03 -", "E10 -"})
	if m := last(t, db, people[1].ID); m.Details.HadAPlace {
		t.Error("the letter says that there was a place")
	}
	sound(t, db, ev.ID)
}

func TestWhenGivingUpIsLate(t *testing.T) {
	for _, tt := range []struct {
		name   string
		mode   event.Mode
		now    time.Time
		by     audit.Actor
		want   registration.Status
		letter string
	}{
		{"in a room, in the last second", event.Room, closes.Add(-time.Second), person, registration.Cancelled, "E10 1"},
		{"in a room, after the last day", event.Room, closes, person, registration.LateCancelled, "E11 1"},
		{"in a room, a second before the start", event.Room, starts.Add(-time.Second), person, registration.LateCancelled, "E11 1"},
		{"online, a second before the start", event.Online, starts.Add(-time.Second), person, registration.Cancelled, "E10 1"},
		{"by an organiser, in the last second", event.Room, closes.Add(-time.Second), organiser, registration.Cancelled, "E10 1"},
		{"by an organiser, after the last day", event.Room, closes, organiser, registration.LateCancelled, "E11 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, registrationtest.Hybrid)
			q := registrationtest.Request(ev.ID, 1)
			q.Mode = tt.mode
			id := registrationtest.SignUp(t, db, q).Registration.ID
			clock.Set(tt.now)
			r, err := withdraw(db, id, tt.by)
			if err != nil || r.Status != tt.want {
				t.Fatalf("%s, %v; want %s", r.Status, err, tt.want)
			}
			if late := registrationtest.Find(t, db, id).LateAt(ev, tt.now); late != (tt.mode == event.Room && !tt.now.Before(closes)) {
				t.Errorf("the page says that it is late: %t", late)
			}
			same(t, "the letters", letters(t, db, id), []string{"E02 0", tt.letter})
			if m := last(t, db, id); m.Details.ByHand != (tt.by == organiser) {
				t.Errorf("by hand: %t", m.Details.ByHand)
			}
			sound(t, db, ev.ID)
		})
	}
}

func TestALatePlaceGoesToTheQueueToo(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	first, second := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	clock.Set(starts.Add(-time.Hour - time.Second))
	if _, err := withdraw(db, first.ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "letters to the next", letters(t, db, second.ID), []string{"E03 -", "E07 -"})
	if r, err := accept(db, second.ID); err != nil || r.Status != registration.Confirmed {
		t.Errorf("in the last second of the open call the next is %s, %v", r.Status, err)
	}
}

func TestNobodyGivesUpAPlaceOnceTheEventHasBegun(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	first, second := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	clock.Set(starts)
	for _, by := range []audit.Actor{person, organiser} {
		_, err := withdraw(db, first.ID, by)
		refused(t, "at the start", err, registration.ErrNotNow)
	}
	clock.Advance(-time.Second)
	if _, err := withdraw(db, second.ID, person); err != nil {
		t.Errorf("whoever waits may leave until then: %v", err)
	}
	_, err := withdraw(db, second.ID, person)
	refused(t, "twice", err, registration.ErrNotNow)
	_, err = withdraw(db, "nothing", person)
	refused(t, "what is not there", err, problem.ErrMissing)
	sound(t, db, ev.ID)
}

func TestGivingUpIsFreeAfterAMove(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	before := registrationtest.Sign(t, db, ev.ID, 1)
	clock.Advance(time.Hour)
	moved, err := moveEvent(db, ev.ID, starts.AddDate(0, 0, 1))
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Hour)
	after := registrationtest.Sign(t, db, ev.ID, 2) // who knew the new date
	clock.Set(moved.ClosesAt.Add(time.Hour))
	if r, err := withdraw(db, before.ID, person); err != nil || r.Status != registration.Cancelled {
		t.Errorf("whoever had a place before the move: %s, %v", r.Status, err)
	}
	if r, err := withdraw(db, after.ID, person); err != nil || r.Status != registration.LateCancelled {
		t.Errorf("whoever came after it: %s, %v", r.Status, err)
	}
}

// A postponed event has no start, whatever date it had.
func TestAPlaceAtAPostponedEventMayBeGivenUpAtAnyTime(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(3))
	var people []reg
	for n := range 5 {
		people = append(people, registrationtest.Sign(t, db, ev.ID, n))
	}
	postponeEvent(t, db, ev.ID)
	clock.Set(ends.AddDate(0, 0, 7))
	if r, err := withdraw(db, people[0].ID, person); err != nil || r.Status != registration.Cancelled {
		t.Errorf("after the old date: %s, %v", r.Status, err)
	}
	if r, err := transfer(db, people[1].ID, registrationtest.Request("", 9)); err != nil || r.Status != registration.Confirmed {
		t.Errorf("handing it on: %s, %v", r.Status, err)
	}
	_, err := attend(db, people[2].ID, registration.Present)
	refused(t, "being there", err, registration.ErrNotNow)
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.Correct(ctx, tx, people[2].ID, registration.Correction{FirstName: "Bo", LastName: "Ek", Language: "sv"}, person)
		return err
	})
	same(t, "while there is no date the queue stands still", queue(t, db, ev.ID), []string{"3", "4"})
	if _, err := moveEvent(db, ev.ID, starts.AddDate(0, 2, 0)); err != nil {
		t.Fatal(err)
	}
	same(t, "with a new date the free place is offered", queue(t, db, ev.ID), []string{"4"})
	same(t, "with one letter, to the new date", letters(t, db, people[3].ID), []string{"E03 -", "E22 -", "E07 -"})
	sound(t, db, ev.ID)
}

func TestAPlaceIsHandedToAColleague(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { places(1)(c); c.Catering = true })
	q := from(acme, ev.ID, 1)
	q.Diet, q.DietConsent, q.AccessNeeds = "Nötter", true, "Tolk"
	old := registrationtest.SignUp(t, db, q).Registration
	waiting := registrationtest.Sign(t, db, ev.ID, 2)
	clock.Advance(time.Hour)
	next, err := transfer(db, old.ID, from(acme, "", 3))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", roster(t, db, ev.ID), []string{"3 confirmed", "2 waitlisted", "1 transferred"})
	if next.CompanyID != old.CompanyID || next.Mode != old.Mode || next.Diet != "" || next.AccessNeeds != "" || next.ConfirmedAt != clock.Now() || next.CalendarUID == old.CalendarUID {
		t.Errorf("the colleague's registration: %+v", next)
	}
	same(t, "letters to the old", letters(t, db, old.ID), []string{"E02 0", "E12 1"})
	same(t, "letters to the new", letters(t, db, next.ID), []string{"E02 0"})
	if m := last(t, db, old.ID); m.Details.OtherName != "Person Nummer 3" {
		t.Errorf("the letter names %q", m.Details.OtherName)
	}
	same(t, "audit of the old", trail(t, db, old.ID), []string{"person →confirmed", "person confirmed→transferred"})
	same(t, "who waits still waits", letters(t, db, waiting.ID), []string{"E03 -"})
	sound(t, db, ev.ID)
}

func TestWhoWaitsMayBeHandedAPlace(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	old, waiting := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	registrationtest.Sign(t, db, ev.ID, 3)
	next, err := transfer(db, old.ID, registrationtest.Request("", 2))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", roster(t, db, ev.ID), []string{"2 confirmed", "3 waitlisted", "1 transferred", "2 cancelled"})
	same(t, "the waiting registration ends without a letter", letters(t, db, waiting.ID), []string{"E03 -"})
	same(t, "the new one has its own", letters(t, db, next.ID), []string{"E02 0"})
	sound(t, db, ev.ID)
}

func TestWhatCannotBeHandedOn(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	first, second, waiting := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2), registrationtest.Sign(t, db, ev.ID, 3)
	for _, tt := range []struct {
		name string
		id   string
		to   int
		want *problem.Problem
	}{
		{"to oneself", first.ID, 1, registration.ErrAlready},
		{"to somebody with a place", first.ID, 2, registration.ErrAlready},
		{"a number on the list", waiting.ID, 9, registration.ErrNotNow},
		{"what is not there", "nothing", 9, problem.ErrMissing},
	} {
		_, err := transfer(db, tt.id, registrationtest.Request("", tt.to))
		refused(t, tt.name, err, tt.want)
	}
	q := registrationtest.Request("", 9)
	q.Email, q.FirstName = "ingen", ""
	_, err := transfer(db, first.ID, q)
	same(t, "a half form", codes(err), []string{"first_name:required", "email:email"})
	clock.Set(starts)
	_, err = transfer(db, second.ID, registrationtest.Request("", 9))
	refused(t, "once it has begun", err, registration.ErrNotNow)
	same(t, "who is there", roster(t, db, ev.ID), []string{"1 confirmed", "2 confirmed", "3 waitlisted"})
	sound(t, db, ev.ID)
}

func TestALetterToAColleagueIsCountedAsAStrangers(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	for n := range 12 {
		clock.Advance(time.Second)
		q := registrationtest.Request("", 99)
		q.Outside = true
		next, err := transfer(db, registrationtest.Sign(t, db, ev.ID, n).ID, q)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := withdraw(db, next.ID, organiser); err != nil { // so that the next can be handed to the same address
			t.Fatal(err)
		}
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		held, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE recipient = ? AND status = 'held'`, registrationtest.Address(99))
		if held != 2 {
			t.Errorf("%d of twelve letters in an hour are held", held)
		}
		return err
	})
}

// overbooked gives an event of two places with two people above them.
func overbooked(t *testing.T) (*store.DB, *storetest.Clock, event.Event, []reg) {
	t.Helper()
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	var people []reg
	for n := range 2 {
		people = append(people, registrationtest.Sign(t, db, ev.ID, n))
		clock.Advance(time.Minute)
	}
	for n := 2; n < 4; n++ {
		r, err := addByHand(db, registrationtest.Request(ev.ID, n), true)
		if err != nil {
			t.Fatal(err)
		}
		people = append(people, r)
		clock.Advance(time.Minute)
	}
	return db, clock, ev, append(people, registrationtest.Sign(t, db, ev.ID, 4))
}

// above lists who is above the places, by number.
func above(t testing.TB, db *store.DB, eventID string) (numbers []int) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := registration.Roster(ctx, tx, eventID, registration.RosterFilter{})
		for _, r := range all {
			var n int
			if _, err := fmt.Sscanf(r.LastName, "Nummer %d", &n); err != nil {
				return err
			}
			if r.Extra {
				numbers = append(numbers, n)
			}
		}
		return err
	})
	return numbers
}

func TestAnOrganiserMayPutPeopleAboveThePlaces(t *testing.T) {
	db, _, ev, people := overbooked(t)
	same(t, "who is there", roster(t, db, ev.ID), []string{"0 confirmed", "1 confirmed", "2 confirmed", "3 confirmed", "4 waitlisted"})
	same(t, "above the places", above(t, db, ev.ID), []int{2, 3})
	same(t, "the letter", letters(t, db, people[2].ID), []string{"E02 0"})
	same(t, "the audit", trail(t, db, people[2].ID), []string{"user →confirmed"})
	if m := last(t, db, people[2].ID); !m.Details.ByHand {
		t.Error("the letter does not say that an organiser did it")
	}
	if n, _ := findEvent(t, db, ev.ID).Free(); n != 0 {
		t.Errorf("%d places are free", n)
	}
	sound(t, db, ev.ID)
}

func TestWhileThereAreTooManyNobodyMovesUp(t *testing.T) {
	db, _, ev, people := overbooked(t)
	for _, step := range []struct {
		name  string
		goes  int
		above []int
		queue []string
	}{
		{"one with an ordinary place: the first above gets it", 0, []int{3}, []string{"4"}},
		{"one who was above and has an ordinary place now", 2, nil, []string{"4"}},
		{"one when all have ordinary places: the queue moves", 3, nil, nil},
	} {
		if _, err := withdraw(db, people[step.goes].ID, person); err != nil {
			t.Fatal(err)
		}
		same(t, step.name+": above", above(t, db, ev.ID), step.above)
		same(t, step.name+": the queue", queue(t, db, ev.ID), step.queue)
		sound(t, db, ev.ID)
	}
	db, _, ev, people = overbooked(t)
	if _, err := withdraw(db, people[3].ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "one above leaves: the other stays above", above(t, db, ev.ID), []int{2})
	same(t, "and the queue stands", queue(t, db, ev.ID), []string{"4"})
	sound(t, db, ev.ID)
}

func TestPlacesAreHandedOnWhileThereAreTooMany(t *testing.T) {
	for _, who := range []int{0, 2} {
		db, _, ev, people := overbooked(t)
		if _, err := transfer(db, people[who].ID, registrationtest.Request("", 9)); err != nil {
			t.Errorf("number %d cannot hand on the place: %v", who, err)
		}
		if got := findEvent(t, db, ev.ID).Room; got.Taken != 2 || got.Extra != 2 {
			t.Errorf("number %d handed on the place: %d taken, %d above", who, got.Taken, got.Extra)
		}
		same(t, "the queue", queue(t, db, ev.ID), []string{"4"})
		sound(t, db, ev.ID)
	}
}

func TestAnEventWithTooManyCanBeCancelled(t *testing.T) {
	db, _, ev, people := overbooked(t)
	if err := cancelEvent(db, ev.ID); err != nil {
		t.Fatal(err)
	}
	for _, r := range people {
		if got := registrationtest.Find(t, db, r.ID); got.Status != registration.EventCancelled || got.Extra {
			t.Errorf("%s is %s, above %t", r.LastName, got.Status, got.Extra)
		}
	}
	if got := findEvent(t, db, ev.ID).Room; got.Taken != 0 || got.Extra != 0 {
		t.Errorf("%d taken, %d above", got.Taken, got.Extra)
	}
	sound(t, db, ev.ID)
}

func TestAddingByHand(t *testing.T) {
	opens := time.Date(2027, 2, 1, 7, 0, 0, 0, time.UTC)
	full := func(c *content) { places(1)(c) }
	noList := func(c *content) { places(1)(c); c.WaitingList = false }
	for _, tt := range []struct {
		name   string
		change func(*content)
		taken  int // by those before
		before func(*testing.T, *store.DB, *storetest.Clock, string)
		now    time.Time
		over   bool
		want   registration.Status
		err    *problem.Problem
		letter []string
	}{
		{"where there is a place", nil, 0, nil, opens, false, registration.Confirmed, nil, []string{"E02 0"}},
		{"before registration opens", func(c *content) { c.OpensAt = opens }, 0, nil, opens.Add(-time.Hour), false, registration.Confirmed, nil, []string{"E02 0"}},
		{"after it closed", nil, 0, nil, closes.Add(time.Hour), false, registration.Confirmed, nil, []string{"E02 0"}},
		{"at the door, full, above", full, 1, nil, starts.Add(time.Minute), true, registration.Confirmed, nil, []string{"E02 0"}},
		{"full: on the list", full, 1, nil, opens, false, registration.Waitlisted, nil, []string{"E03 -"}},
		{"full without a list", noList, 1, nil, opens, false, "", registration.ErrFull, nil},
		{"full without a list, above", noList, 1, nil, opens, true, registration.Confirmed, nil, []string{"E02 0"}},
		{"after the end: was there", nil, 0, nil, ends, false, registration.Attended, nil, []string{"E02b -"}},
		{"after the end of a full event: was there", full, 1, nil, ends, false, registration.Attended, nil, []string{"E02b -"}},
		{"after the end of a full event without a list", noList, 1, nil, ends, false, registration.Attended, nil, []string{"E02b -"}},
		{"postponed past its old end: has a place", nil, 0, func(t *testing.T, db *store.DB, _ *storetest.Clock, id string) {
			postponeEvent(t, db, id)
		}, ends, false, registration.Confirmed, nil, []string{"E02 0"}},
		{"to what was held", nil, 0, func(t *testing.T, db *store.DB, clock *storetest.Clock, id string) {
			clock.Set(ends)
			storetest.Write(t, db, func(tx *store.Tx) error { _, err := event.MarkHeld(ctx, tx, id, organiser); return err })
		}, ends.AddDate(0, 0, 1), true, "", registration.ErrNotNow, nil},
		{"to what was cancelled", nil, 0, func(t *testing.T, db *store.DB, _ *storetest.Clock, id string) {
			if err := cancelEvent(db, id); err != nil {
				t.Fatal(err)
			}
		}, opens, true, "", registration.ErrNotNow, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, tt.change)
			for n := range tt.taken {
				registrationtest.Sign(t, db, ev.ID, n)
			}
			if tt.before != nil {
				tt.before(t, db, clock, ev.ID)
			}
			clock.Set(tt.now)
			r, err := addByHand(db, registrationtest.Request(ev.ID, 9), tt.over)
			if tt.err != nil {
				refused(t, "adding", err, tt.err)
				return
			}
			if err != nil || r.Status != tt.want {
				t.Fatalf("%s, %v; want %s", r.Status, err, tt.want)
			}
			same(t, "the letters", letters(t, db, r.ID), tt.letter)
			sound(t, db, ev.ID)
		})
	}
}

func TestNobodyIsAddedTwice(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	registrationtest.Sign(t, db, ev.ID, 1)
	registrationtest.Sign(t, db, ev.ID, 2)
	for n := 1; n <= 2; n++ {
		_, err := addByHand(db, registrationtest.Request(ev.ID, n), true)
		refused(t, "adding who has a place, and who waits", err, registration.ErrAlready)
	}
	_, err := addByHand(db, request{EventID: ev.ID}, true)
	if p, ok := problem.As(err); !ok || p.Kind != problem.Invalid {
		t.Errorf("an empty form: %v", err)
	}
	_, err = addByHand(db, registrationtest.Request("nothing", 3), true)
	refused(t, "to what is not there", err, problem.ErrMissing)
	sound(t, db, ev.ID)
}

func TestWhoIsAddedByHandWaitsInTheRightPartOfTheQueue(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	registrationtest.SignUp(t, db, from(acme, ev.ID, 1))
	clock.Advance(time.Minute)
	if _, err := addByHand(db, from(acme, ev.ID, 2), false); err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	registrationtest.Sign(t, db, ev.ID, 3)
	same(t, "the queue, a colleague last", queue(t, db, ev.ID), []string{"3", "2"})
}
