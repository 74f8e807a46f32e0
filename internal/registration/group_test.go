package registration_test

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func signGroup(db *store.DB, eventID string, together bool, numbers ...int) (o []registration.Outcome, err error) {
	var people []request
	for _, n := range numbers {
		people = append(people, registrationtest.Request(eventID, n))
	}
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		o, err = registration.RegisterGroup(ctx, tx, people, together)
		return err
	})
	return o, err
}

func TestAGroupHasThePlacesThereAreOrComesOnlyTogether(t *testing.T) {
	for name, tt := range map[string]struct {
		places   int
		together bool
		want     []string
	}{
		"all fit":                {3, false, []string{"1 confirmed", "2 confirmed", "3 confirmed"}},
		"some fit":               {2, false, []string{"1 confirmed", "2 confirmed", "3 waitlisted"}},
		"together, all fit":      {3, true, []string{"1 confirmed", "2 confirmed", "3 confirmed"}},
		"together, one too many": {2, true, []string{"1 waitlisted", "2 waitlisted", "3 waitlisted"}},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, places(tt.places))
			if _, err := signGroup(db, ev.ID, tt.together, 1, 2, 3); err != nil {
				t.Fatal(err)
			}
			same(t, "who is there", byNumber(t, db, ev.ID), tt.want)
			sound(t, db, ev.ID)
		})
	}
}

func TestTheSameAddressTwiceInAGroupIsAMistake(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	_, err := signGroup(db, ev.ID, false, 1, 2, 2)
	same(t, "mistakes", codes(err), []string{"p3_email:email_twice"})
}

func TestAGroupThatComesTogetherIsSkippedKeepsItsNumberAndTheOrganiserHearsOnce(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, places(4))
	var first []reg
	for n := range 4 {
		first = append(first, registrationtest.Sign(t, db, ev.ID, n+1))
	}
	group, err := signGroup(db, ev.ID, true, 5, 6)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		registrationtest.Sign(t, db, ev.ID, 7+n)
	}
	told := func() (n int) {
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			n, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE letter = 'O2'`)
			return err
		})
		return n
	}
	for n, want := range []int{0, 1, 1} {
		if _, err := withdraw(db, first[n].ID, person); err != nil {
			t.Fatal(err)
		}
		same(t, "letters to the organiser", told(), want)
		same(t, "the group's number", position(t, db, group[0].Registration.ID), 1)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "3 cancelled", "4 confirmed",
		"5 waitlisted", "6 waitlisted", "7 offered", "8 offered", "9 offered"})
	c := findEvent(t, db, ev.ID)
	more := c.Content
	more.RoomPlaces = new(6)
	if _, err := updateEvent(db, c, more); err != nil {
		t.Fatal(err)
	}
	if _, err := accept(db, group[1].Registration.ID); err != nil {
		t.Fatal(err)
	}
	for _, o := range group {
		same(t, "letters", letters(t, db, o.Registration.ID), []string{"E03 -", "E07 -", "E02 0"})
	}
	sound(t, db, ev.ID)
}

// waitingTogether is an event with so many places, all taken, for which two who
// come only together wait before a third person.
func waitingTogether(t *testing.T, taken int) (db *store.DB, clock *storetest.Clock, ev event.Event, holders []reg, pair []string, last reg) {
	t.Helper()
	db, clock = storetest.New(t)
	ev = registrationtest.Event(t, db, places(taken))
	for n := range taken {
		holders = append(holders, registrationtest.Sign(t, db, ev.ID, n+1))
	}
	clock.Advance(time.Minute)
	o, err := signGroup(db, ev.ID, true, 5, 6)
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	return db, clock, ev, holders, []string{o[0].Registration.ID, o[1].Registration.ID}, registrationtest.Sign(t, db, ev.ID, 7)
}

func TestAnOfferOutOfTurnToAGroupIsForAllOfIt(t *testing.T) {
	db, _, ev, _, pair, _ := waitingTogether(t, 1)
	refused(t, "without a place for both", offerTo(db, pair[1], false), registration.ErrFull)
	if err := offerTo(db, pair[1], true); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 confirmed", "5 offered", "6 offered", "7 waitlisted"})
	if got := findEvent(t, db, ev.ID).Room; got.Taken != 1 || got.Extra != 2 {
		t.Errorf("%d taken and %d above the capacity", got.Taken, got.Extra)
	}
	sound(t, db, ev.ID)
}

func TestAnOfferOutOfTurnToAGroupTakesTheFreePlaceFirst(t *testing.T) {
	db, _, ev, holders, pair, last := waitingTogether(t, 2)
	if _, err := withdraw(db, last.ID, person); err != nil {
		t.Fatal(err)
	}
	if _, err := withdraw(db, holders[0].ID, person); err != nil { // one is free, which is too few
		t.Fatal(err)
	}
	refused(t, "with one free place", offerTo(db, pair[0], false), registration.ErrFull)
	if err := offerTo(db, pair[0], true); err != nil {
		t.Fatal(err)
	}
	if got := findEvent(t, db, ev.ID).Room; got.Taken != 2 || got.Extra != 1 {
		t.Errorf("%d taken and %d above the capacity", got.Taken, got.Extra)
	}
	sound(t, db, ev.ID)
}

func TestAGroupThatLetAnOfferPassComesBackAsOne(t *testing.T) {
	db, clock, ev, holders, pair, last := waitingTogether(t, 2)
	for _, r := range holders {
		if _, err := withdraw(db, r.ID, person); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "offered", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "5 waitlisted", "6 waitlisted", "7 offered"})
	if _, err := decline(db, last.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "then both", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "5 offered", "6 offered", "7 declined"})
	if _, err := decline(db, pair[1]); err != nil {
		t.Fatal(err)
	}
	registrationtest.Sign(t, db, ev.ID, 8)
	registrationtest.Sign(t, db, ev.ID, 9)
	clock.Advance(time.Minute)
	if _, err := rejoin(db, pair[0]); err != nil {
		t.Fatal(err)
	}
	same(t, "back", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "5 waitlisted", "6 waitlisted", "7 declined", "8 confirmed", "9 confirmed"})
	for _, id := range pair {
		same(t, "letters", letters(t, db, id), []string{"E03 -", "E07 -", "E08 -", "E03 -"})
	}
	sound(t, db, ev.ID)
}

func TestWhenOneOfAGroupLeavesThePlacesThatAreEnoughForTheOthersAreOffered(t *testing.T) {
	db, _, ev, holders, pair, last := waitingTogether(t, 2)
	for _, r := range []reg{last, holders[0]} {
		if _, err := withdraw(db, r.ID, person); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := withdraw(db, pair[0], person); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 confirmed", "5 cancelled", "6 offered", "7 cancelled"})
	sound(t, db, ev.ID)
}

func TestOneDecisionHoldsForAllWhoAskToComeTogether(t *testing.T) {
	for name, tt := range map[string]struct {
		places int
		yes    bool
		want   []string
	}{
		"yes, and there is room":         {2, true, []string{"1 confirmed", "2 confirmed"}},
		"yes, and there is room for one": {1, true, []string{"1 waitlisted", "2 waitlisted"}},
		"no":                             {2, false, []string{"1 rejected", "2 rejected"}},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { onRequest(c); places(tt.places)(c) })
			people := []request{registrationtest.Request(ev.ID, 1), registrationtest.Request(ev.ID, 2)}
			people[0].Audience = "politician"
			var o []registration.Outcome
			storetest.Write(t, db, func(tx *store.Tx) (err error) {
				o, err = registration.RegisterGroup(ctx, tx, people, true)
				return err
			})
			same(t, "asked", byNumber(t, db, ev.ID), []string{"1 requested", "2 requested"})
			var err error
			if tt.yes {
				_, err = approve(db, o[1].Registration.ID)
			} else {
				err = reject(db, o[1].Registration.ID)
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, "who is there", byNumber(t, db, ev.ID), tt.want)
			sound(t, db, ev.ID)
		})
	}
}

func TestAGroupThatComesOnlyTogetherComesOneWay(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); places(1)(c) })
	registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, 1), event.Room))
	people := []request{in(registrationtest.Request(ev.ID, 2), event.Online), in(registrationtest.Request(ev.ID, 3), event.Room)}
	var o []registration.Outcome
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		o, err = registration.RegisterGroup(ctx, tx, people, true)
		return err
	})
	for _, x := range o {
		same(t, "mode", x.Registration.Mode, event.Online)
	}
	sound(t, db, ev.ID)
}

func TestAGroupPartlyAboveTheCapacityDeclinesAsOne(t *testing.T) {
	db, _, ev, holders, pair, last := waitingTogether(t, 2)
	for _, r := range []reg{last, holders[0]} {
		if _, err := withdraw(db, r.ID, person); err != nil {
			t.Fatal(err)
		}
	}
	if err := offerTo(db, pair[0], true); err != nil {
		t.Fatal(err)
	}
	if _, err := decline(db, pair[0]); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 confirmed", "5 declined", "6 declined", "7 cancelled"})
	sound(t, db, ev.ID)
}
