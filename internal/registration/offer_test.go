package registration_test

import (
	"slices"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func accept(db *store.DB, id string) (r reg, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) { r, err = registration.Accept(ctx, tx, id, person); return err })
	return r, err
}

func decline(db *store.DB, id string) (r reg, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) { r, err = registration.Decline(ctx, tx, id, person); return err })
	return r, err
}

func rejoin(db *store.DB, id string) (r reg, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) { r, err = registration.Rejoin(ctx, tx, id, person); return err })
	return r, err
}

// byNumber is the roster in the order of the people's numbers.
func byNumber(t testing.TB, db *store.DB, eventID string) []string {
	t.Helper()
	return slices.Sorted(slices.Values(roster(t, db, eventID)))
}

// letGo runs the scheduler's minute.
func letGo(t testing.TB, db *store.DB) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error { return registration.LetGo(ctx, tx) })
}

// The answers are worked out by hand from the table of lengths. In January and
// February Stockholm and Oslo are an hour ahead of UTC, from 28 March two hours.
func TestHowLongAnOfferLasts(t *testing.T) {
	sweden, norway := "Europe/Stockholm", "Europe/Oslo"
	for name, c := range map[string]struct {
		zone           string
		now, start     string // local
		sent, answerBy string // local; empty: no offer
	}{
		// 24 hours of Monday to Friday, 14 hours a day: Wednesday 10–21 is 11, Thursday 07–20 the other 13.
		"weeks before, in the week": {sweden, "2027-01-13 10:00", "2027-03-10 09:00", "2027-01-13 10:00", "2027-01-14 20:00"},
		// Friday 10–21 is 11, the weekend none, Monday 13 more.
		"weeks before, over a weekend": {sweden, "2027-01-15 10:00", "2027-03-10 09:00", "2027-01-15 10:00", "2027-01-18 20:00"},
		// Saturday and Sunday count for nothing: Monday 14, Tuesday 10.
		"weeks before, on a Saturday": {sweden, "2027-01-16 10:00", "2027-03-10 09:00", "2027-01-16 10:00", "2027-01-19 17:00"},
		// Tuesday 5 January 10–21 is 11, Epiphany is a holiday in Sweden, Thursday 13.
		"weeks before, over Epiphany in Sweden": {sweden, "2027-01-05 10:00", "2027-03-10 09:00", "2027-01-05 10:00", "2027-01-07 20:00"},
		"weeks before, over Epiphany in Norway": {norway, "2027-01-05 10:00", "2027-03-10 09:00", "2027-01-05 10:00", "2027-01-06 20:00"},
		// Monday 17 May is Norway's: Friday 11, Tuesday 13. In Sweden Monday counts.
		"weeks before, over 17 May in Norway": {norway, "2027-05-14 10:00", "2027-06-10 09:00", "2027-05-14 10:00", "2027-05-18 20:00"},
		"weeks before, over 17 May in Sweden": {sweden, "2027-05-14 10:00", "2027-06-10 09:00", "2027-05-14 10:00", "2027-05-17 20:00"},
		// Sent at seven: Thursday 14, Friday 10.
		"weeks before, late in the evening": {sweden, "2027-01-13 22:00", "2027-03-10 09:00", "2027-01-14 07:00", "2027-01-15 17:00"},
		"weeks before, at nine sharp":       {sweden, "2027-01-13 21:00", "2027-03-10 09:00", "2027-01-14 07:00", "2027-01-15 17:00"},
		"weeks before, before seven":        {sweden, "2027-01-13 06:59", "2027-03-10 09:00", "2027-01-13 07:00", "2027-01-14 17:00"},
		// A second more than seven days is the first row, seven days sharp the second: 12 hours of any day, 11 and 1.
		"a second more than seven days": {sweden, "2027-01-13 10:00", "2027-01-20 10:00:01", "2027-01-13 10:00", "2027-01-14 20:00"},
		"seven days sharp":              {sweden, "2027-01-13 10:00", "2027-01-20 10:00", "2027-01-13 10:00", "2027-01-14 08:00"},
		// Saturday 10–21 is 11, Sunday counts.
		"days before, over a Sunday": {sweden, "2027-01-16 10:00", "2027-01-20 10:00", "2027-01-16 10:00", "2027-01-17 08:00"},
		// 48 hours sharp is still 12 hours; less is 4.
		"48 hours sharp":        {sweden, "2027-01-13 08:00", "2027-01-15 08:00", "2027-01-13 08:00", "2027-01-13 20:00"},
		"a second less than 48": {sweden, "2027-01-13 08:00", "2027-01-15 07:59:59", "2027-01-13 08:00", "2027-01-13 12:00"},
		// 19–21 is 2 hours, the night none, 07–09 the other 2.
		"four hours over a night":   {sweden, "2027-01-13 19:00", "2027-01-15 08:00", "2027-01-13 19:00", "2027-01-14 09:00"},
		"24 hours sharp":            {sweden, "2027-01-13 08:00", "2027-01-14 08:00", "2027-01-13 08:00", "2027-01-13 12:00"},
		"a second less than 24":     {sweden, "2027-01-13 08:00", "2027-01-14 07:59:59", "2027-01-13 08:00", "2027-01-13 10:00"},
		"two hours run on at night": {sweden, "2027-01-13 20:30", "2027-01-14 12:00", "2027-01-13 20:30", "2027-01-13 22:30"},
		"six hours sharp":           {sweden, "2027-01-13 08:00", "2027-01-13 14:00", "2027-01-13 08:00", "2027-01-13 10:00"},
		"a second less than six":    {sweden, "2027-01-13 08:00", "2027-01-13 13:59:59", "", ""},
		// In the morning there will be less than six hours.
		"at night before a morning": {sweden, "2027-01-13 22:00", "2027-01-14 09:00", "", ""},
		// At seven it is ten hours: two hours from then.
		"at night before an evening": {sweden, "2027-01-13 22:00", "2027-01-14 17:00", "2027-01-14 07:00", "2027-01-14 09:00"},
		// 47 hours by day: 20–21 and 07–10. Over the change to summer time the local hours are the same:
		// Saturday 27 March 20:00 to Monday 20:00 is 47 hours, so the row is four hours, not twelve.
		"the clock goes forward": {sweden, "2027-03-27 20:00", "2027-03-29 20:00", "2027-03-27 20:00", "2027-03-28 10:00"},
		// Saturday 30 October 20:00 to Monday 19:00 is 48 hours: 12, of which one that evening and 11 on Sunday.
		"the clock goes back": {sweden, "2027-10-30 20:00", "2027-11-01 19:00", "2027-10-30 20:00", "2027-10-31 18:00"},
	} {
		t.Run(name, func(t *testing.T) {
			zone, err := time.LoadLocation(c.zone)
			if err != nil {
				t.Fatal(err)
			}
			local := func(s string) time.Time {
				if len(s) == len("2006-01-02 15:04") {
					s += ":00"
				}
				at, err := time.ParseInLocation(time.DateTime, s, zone)
				if err != nil {
					t.Fatal(err)
				}
				return at
			}
			ev := event.Event{Content: event.Content{StartsAt: local(c.start).UTC(), TimeZone: c.zone, Municipality: municipality.Code{Country: "SE", Number: "2080"}}}
			if c.zone == norway {
				ev.Municipality = municipality.Code{Country: "NO", Number: "3405"}
			}
			sent, answerBy, ok := registration.Terms(ev, local(c.now).UTC())
			if ok != (c.sent != "") {
				t.Fatalf("an offer is made: %t", ok)
			}
			if !ok {
				return
			}
			if !sent.Equal(local(c.sent)) || !answerBy.Equal(local(c.answerBy)) {
				t.Errorf("sent %s, answer by %s; want %s and %s", sent.In(zone), answerBy.In(zone), c.sent, c.answerBy)
			}
			if answerBy.After(ev.StartsAt.Add(-time.Hour)) {
				t.Errorf("answer by %s is later than an hour before the start", answerBy)
			}
		})
	}
}

// queueOf makes an event with one place and lets n people sign up: the first has
// the place, the others wait.
func queueOf(t *testing.T, n int) (*store.DB, *storetest.Clock, event.Event, []reg) {
	t.Helper()
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	people := make([]reg, n)
	for i := range people {
		people[i] = registrationtest.Sign(t, db, ev.ID, i+1)
		clock.Advance(time.Minute)
	}
	return db, clock, ev, people
}

func TestAFreedPlaceIsOfferedAndAcceptedOnce(t *testing.T) {
	db, clock, ev, p := queueOf(t, 3)
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 offered", "3 waitlisted"})
	clock.Set(registrationtest.Find(t, db, p[1].ID).HoldUntil.Add(-time.Second))
	for range 2 {
		if _, err := accept(db, p[1].ID); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "letters", letters(t, db, p[1].ID), []string{"E03 -", "E07 -", "E02 0"})
	sound(t, db, ev.ID)
}

func TestAnOfferAnsweredTooLateGoesToTheNextAndRejoiningIsAtTheEnd(t *testing.T) {
	db, clock, ev, p := queueOf(t, 3)
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	clock.Set(registrationtest.Find(t, db, p[1].ID).HoldUntil)
	_, err := accept(db, p[1].ID)
	refused(t, "accepting in the second when it ends", err, registration.ErrOfferOver)
	letGo(t, db)
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 expired", "3 offered"})
	clock.Advance(time.Minute)
	registrationtest.Sign(t, db, ev.ID, 4)
	clock.Advance(time.Minute)
	if _, err := rejoin(db, p[1].ID); err != nil {
		t.Fatal(err)
	}
	same(t, "number in the queue", position(t, db, p[1].ID), 2)
	same(t, "letters", letters(t, db, p[1].ID), []string{"E03 -", "E07 -", "E09 -", "E03 -"})
	sound(t, db, ev.ID)
}

func TestADeclinedOfferGoesToTheNextAtOnce(t *testing.T) {
	db, _, ev, p := queueOf(t, 3)
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := decline(db, p[1].ID); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 declined", "3 offered"})
	same(t, "letters", letters(t, db, p[1].ID), []string{"E03 -", "E07 -", "E08 -"})
	sound(t, db, ev.ID)
}

func TestInTheLastSixHoursEverybodyIsCalledOnceAndTheFirstAnswerCounts(t *testing.T) {
	db, clock, ev, p := queueOf(t, 3)
	clock.Set(starts.Add(-5 * time.Hour))
	if _, err := withdraw(db, p[0].ID, organiser); err != nil {
		t.Fatal(err)
	}
	letGo(t, db)
	for _, r := range p[1:] {
		same(t, "letters", letters(t, db, r.ID), []string{"E03 -", "E07 -"})
	}
	if _, err := accept(db, p[2].ID); err != nil {
		t.Fatal(err)
	}
	_, err := accept(db, p[1].ID)
	refused(t, "the second to answer", err, registration.ErrTaken)
	clock.Set(starts.Add(-time.Hour))
	_, err = accept(db, p[1].ID)
	refused(t, "an hour before the start", err, registration.ErrOfferOver)
	sound(t, db, ev.ID)
}

func TestAnOfferOutOfTurnNeedsAReasonThatIsKept(t *testing.T) {
	db, _, ev, p := queueOf(t, 3)
	out := func(reason string) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			_, err := registration.OfferTo(ctx, tx, p[2].ID, reason, true, organiser)
			return err
		})
	}
	same(t, "without a reason", codes(out("")), []string{"reason:required"})
	if err := out("Hon talar."); err != nil {
		t.Fatal(err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		o, found, err := registration.LatestOffer(ctx, tx, p[2].ID)
		if !found || o.Reason != "Hon talar." || o.Status != registration.OfferOpen {
			t.Errorf("the offer is %+v", o)
		}
		return err
	})
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 confirmed", "2 waitlisted", "3 offered"})
	sound(t, db, ev.ID)
}

// Giving back an ordinary place makes room for one that is above the capacity,
// which may be the next to be given back in the same minute.
func TestOffersAboveTheCapacityEndWithTheOthers(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, db *store.DB, clock *storetest.Clock, p []reg){
		"time runs out": func(t *testing.T, db *store.DB, clock *storetest.Clock, p []reg) {
			clock.Set(registrationtest.Find(t, db, p[2].ID).HoldUntil)
			letGo(t, db)
		},
		"they decline": func(t *testing.T, db *store.DB, _ *storetest.Clock, p []reg) {
			for _, r := range p[1:] {
				if _, err := decline(db, r.ID); err != nil {
					t.Fatal(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock, ev, p := queueOf(t, 3)
			if _, err := withdraw(db, p[0].ID, person); err != nil {
				t.Fatal(err)
			}
			if err := offerTo(db, p[2].ID, true); err != nil {
				t.Fatal(err)
			}
			same(t, "above the capacity", findEvent(t, db, ev.ID).Room.Extra, 1)
			end(t, db, clock, p)
			if got := findEvent(t, db, ev.ID).Room; got.Taken != 0 || got.Extra != 0 {
				t.Errorf("%d taken and %d above the capacity", got.Taken, got.Extra)
			}
			sound(t, db, ev.ID)
		})
	}
}
