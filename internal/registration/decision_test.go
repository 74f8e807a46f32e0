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

// asked runs the scheduler's question and counts the letters to the organiser.
func asked(t testing.TB, db *store.DB, clock *storetest.Clock, at time.Time) (n int) {
	t.Helper()
	clock.Set(at)
	for range 2 { // twice in an hour, as after a restart
		storetest.Write(t, db, func(tx *store.Tx) error { return registration.AskDecisions(ctx, tx) })
	}
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		n, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE letter = 'O1' AND recipient = 'ida.lind@example.se'`)
		return err
	})
	return n
}

// decision is eight in the morning three working days before the event of the
// tests: it is on Wednesday 10 March, so Friday 5 March.
var decision = time.Date(2027, 3, 5, 7, 0, 0, 0, time.UTC)

func atLeast(n int) func(*content) { return func(c *content) { c.MinParticipants = new(n) } }

func TestTheOrganiserOfTooSmallAnEventIsAskedOnceOnTheDay(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, atLeast(2))
	registrationtest.Sign(t, db, ev.ID, 1)
	same(t, "a second before", asked(t, db, clock, decision.Add(-time.Second)), 0)
	same(t, "on the hour", asked(t, db, clock, decision), 1)
	same(t, "the day after", asked(t, db, clock, decision.AddDate(0, 0, 1)), 1)
	same(t, "once it has begun", asked(t, db, clock, starts), 1)
	same(t, "nothing is cancelled by itself", findEvent(t, db, ev.ID).Status, event.Published)
}

func TestWhoIsNotAskedWhetherAnEventTakesPlace(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*content)
		then   func(t *testing.T, db *store.DB, ev event.Event)
	}{
		"any number is enough": {func(*content) {}, nil},
		"as many as are needed have a place": {atLeast(2), func(t *testing.T, db *store.DB, ev event.Event) {
			registrationtest.Sign(t, db, ev.ID, 1)
			registrationtest.Sign(t, db, ev.ID, 2)
		}},
		"it is cancelled": {atLeast(2), func(t *testing.T, db *store.DB, ev event.Event) {
			if err := cancelEvent(db, ev.ID); err != nil {
				t.Fatal(err)
			}
		}},
		"it is postponed": {atLeast(2), func(t *testing.T, db *store.DB, ev event.Event) { postponeEvent(t, db, ev.ID) }},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, tt.change)
			if tt.then != nil {
				tt.then(t, db, ev)
			}
			same(t, "letters", asked(t, db, clock, decision.Add(time.Hour)), 0)
		})
	}
}

func TestOffersAndThoseWhoWaitDoNotMakeAnEventLargeEnough(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { places(1)(c); atLeast(1)(c) })
	first := registrationtest.Sign(t, db, ev.ID, 1)
	registrationtest.Sign(t, db, ev.ID, 2)
	clock.Set(decision.Add(-time.Hour))
	if _, err := withdraw(db, first.ID, organiser); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 offered"})
	same(t, "letters", asked(t, db, clock, decision), 1)
}

func TestTheDayThatTheOrganiserNamedCounts(t *testing.T) {
	db, clock := storetest.New(t)
	registrationtest.Event(t, db, func(c *content) { atLeast(2)(c); c.DecisionOn = "2027-03-01" })
	first := time.Date(2027, 3, 1, 7, 0, 0, 0, time.UTC)
	same(t, "a second before", asked(t, db, clock, first.Add(-time.Second)), 0)
	same(t, "on the hour", asked(t, db, clock, first), 1)
}

func TestAnEventThatIsMovedIsAskedAboutAnew(t *testing.T) {
	for name, named := range map[string]string{"three working days before": "", "a day that was named": "2027-03-05"} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { atLeast(2)(c); c.DecisionOn = named })
			same(t, "for the first date", asked(t, db, clock, decision), 1)
			if _, err := moveEvent(db, ev.ID, starts.AddDate(0, 0, 14)); err != nil {
				t.Fatal(err)
			}
			same(t, "at once", asked(t, db, clock, decision.Add(time.Hour)), 1)
			same(t, "a second before the new day", asked(t, db, clock, decision.AddDate(0, 0, 14).Add(-time.Second)), 1)
			same(t, "on the new day", asked(t, db, clock, decision.AddDate(0, 0, 14)), 2)
		})
	}
}
