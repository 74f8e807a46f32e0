package registration_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// rounds is how often a race between two is run: each side must have had its
// chance to be first.
const rounds = 20

func offerTo(db *store.DB, id string, over bool) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		_, err := registration.OfferTo(ctx, tx, id, "Hon talar.", over, organiser)
		return err
	})
}

// signs lets people number from to to sign up, a second apart.
func signs(t *testing.T, db *store.DB, clocks [2]*storetest.Clock, eventID string, from, to int) (all []reg) {
	t.Helper()
	for n := from; n <= to; n++ {
		all = append(all, registrationtest.Sign(t, db, eventID, n))
		for _, c := range clocks {
			c.Advance(time.Second)
		}
	}
	return all
}

// offered makes an event with one place, which the first gave up and the second
// is offered, while the third waits.
func offered(t *testing.T, db *store.DB, clocks [2]*storetest.Clock) (event.Event, []reg) {
	t.Helper()
	ev := registrationtest.Event(t, db, places(1))
	all := signs(t, db, clocks, ev.ID, 1, 3)
	if _, err := withdraw(db, all[0].ID, person); err != nil {
		t.Fatal(err)
	}
	return ev, all
}

// became is the state that each of them has now, with the letters so far.
func became(t *testing.T, db *store.DB, all ...reg) (found []string) {
	t.Helper()
	for _, r := range all {
		found = append(found, fmt.Sprintf("%s %v", registrationtest.Find(t, db, r.ID).Status, letters(t, db, r.ID)))
	}
	return found
}

// either fails unless what came of a race is one of the ways in which it may
// end, by the one who was first, and counts them.
func either(t *testing.T, won map[string]int, got []string, ways map[string][]string) {
	t.Helper()
	for first, want := range ways {
		if slices.Equal(got, want) {
			won[first]++
			return
		}
	}
	t.Errorf("came to be %q, which is none of %q", got, ways)
}

// outcome names a refusal, or says yes.
func outcome(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return "yes"
	}
	p, ok := problem.As(err)
	if !ok {
		t.Error(err)
		return "fault"
	}
	return p.Code
}

func TestOneOfferAcceptedByManyAtOnceIsAcceptedOnceWithOneLetter(t *testing.T) {
	programs, clocks := twoClocks(t)
	db := programs[0]
	ev, all := offered(t, db, clocks)
	atOnce(40, func(i int) {
		if r, err := accept(programs[i%2], all[1].ID); err != nil || r.Status != registration.Confirmed {
			t.Errorf("number %d: %s, %v", i, r.Status, err)
		}
	})
	same(t, "what came of them", became(t, db, all...), []string{"cancelled [E02 0 E10 1]", "confirmed [E03 - E07 - E02 0]", "waitlisted [E03 -]"})
	same(t, "the steps", trail(t, db, all[1].ID), []string{"person →waitlisted", "system waitlisted→offered", "person offered→confirmed"})
	sound(t, db, ev.ID)
}

// The one program's clock stands a second before the deadline, the other's on it.
func TestAnOfferIsAcceptedOrRunsOutButNotBoth(t *testing.T) {
	programs, clocks := twoClocks(t)
	db, won := programs[0], map[string]int{}
	for round := range rounds {
		ev, all := offered(t, db, clocks)
		deadline := registrationtest.Find(t, db, all[1].ID).HoldUntil
		clocks[0].Set(deadline.Add(-time.Second))
		clocks[1].Set(deadline)
		var answer error
		atOnce(2, func(i int) {
			if i == round%2 {
				_, answer = accept(programs[0], all[1].ID)
			} else if err := programs[1].Write(ctx, func(tx *store.Tx) error { return registration.LetGo(ctx, tx) }); err != nil {
				t.Error(err)
			}
		})
		either(t, won, append(became(t, db, all[1:]...), outcome(t, answer)), map[string][]string{
			"accepted": {"confirmed [E03 - E07 - E02 0]", "waitlisted [E03 -]", "yes"},
			"ran out":  {"expired [E03 - E07 - E09 -]", "offered [E03 - E07 -]", "offer_over"},
		})
		sound(t, db, ev.ID)
		for _, c := range clocks {
			c.Set(deadline)
		}
	}
	t.Logf("%v", won)
}

func TestAnOfferIsAcceptedAndThenGivenUpOrTheOtherWayRound(t *testing.T) {
	programs, clocks := twoClocks(t)
	db, won := programs[0], map[string]int{}
	for round := range rounds {
		ev, all := offered(t, db, clocks)
		var answer error
		atOnce(2, func(i int) {
			if i == round%2 {
				_, answer = accept(programs[0], all[1].ID)
			} else if _, err := withdraw(programs[1], all[1].ID, person); err != nil {
				t.Error(err)
			}
		})
		either(t, won, append(became(t, db, all[1:]...), outcome(t, answer)), map[string][]string{
			"accepted": {"cancelled [E03 - E07 - E02 0 E10 1]", "offered [E03 - E07 -]", "yes"},
			"given up": {"cancelled [E03 - E07 - E10 -]", "offered [E03 - E07 -]", "offer_over"},
		})
		sound(t, db, ev.ID)
	}
	t.Logf("%v", won)
}

func TestOneYesAndOneNoAtOnceAreOneAnswer(t *testing.T) {
	programs, clocks := twoClocks(t)
	db, won := programs[0], map[string]int{}
	for round := range rounds {
		ev, all := offered(t, db, clocks)
		var yes, no error
		atOnce(2, func(i int) {
			if i == round%2 {
				_, yes = accept(programs[0], all[1].ID)
			} else {
				_, no = decline(programs[1], all[1].ID)
			}
		})
		either(t, won, append(became(t, db, all[1:]...), outcome(t, yes), outcome(t, no)), map[string][]string{
			"yes": {"confirmed [E03 - E07 - E02 0]", "waitlisted [E03 -]", "yes", "offer_accepted"},
			"no":  {"declined [E03 - E07 - E08 -]", "offered [E03 - E07 -]", "offer_over", "yes"},
		})
		sound(t, db, ev.ID)
	}
	t.Logf("%v", won)
}

func TestAnOfferAcceptedWhileTheEventIsPostponedOrCancelled(t *testing.T) {
	programs, clocks := twoClocks(t)
	db, won := programs[0], map[string]int{}
	for round := range rounds {
		ev, all := offered(t, db, clocks)
		end := cancelEvent
		ways := map[string][]string{
			"accepted":  {"event_cancelled [E03 - E07 - E02 0 E14 1]", "event_cancelled [E03 - E14 -]", "yes"},
			"cancelled": {"event_cancelled [E03 - E07 - E14 -]", "event_cancelled [E03 - E14 -]", "offer_over"},
		}
		if round%4 < 2 {
			end = func(db *store.DB, id string) error {
				return db.Write(ctx, func(tx *store.Tx) error {
					_, err := registration.PostponeEvent(ctx, tx, id, "Sjuk.", organiser)
					return err
				})
			}
			ways = map[string][]string{
				"accepted":  {"confirmed [E03 - E07 - E02 0 E22 1]", "waitlisted [E03 - E22 -]", "yes"},
				"postponed": {"waitlisted [E03 - E07 - E22 -]", "waitlisted [E03 - E22 -]", "offer_over"},
			}
		}
		var answer error
		atOnce(2, func(i int) {
			if i == round%2 {
				_, answer = accept(programs[0], all[1].ID)
			} else if err := end(programs[1], ev.ID); err != nil {
				t.Error(err)
			}
		})
		either(t, won, append(became(t, db, all[1:]...), outcome(t, answer)), ways)
		sound(t, db, ev.ID)
	}
	t.Logf("%v", won)
}

func TestInTheOpenCallManyAnswerAtOnceAndOneGetsThePlace(t *testing.T) {
	programs, clocks := twoClocks(t)
	db := programs[0]
	const waiting = 30
	ev := registrationtest.Event(t, db, places(1))
	all := signs(t, db, clocks, ev.ID, 1, 1+waiting)
	for _, c := range clocks {
		c.Set(starts.Add(-5 * time.Hour))
	}
	if _, err := withdraw(db, all[0].ID, organiser); err != nil {
		t.Fatal(err)
	}
	answers := make([]error, waiting)
	atOnce(waiting, func(i int) { _, answers[i] = accept(programs[i%2], all[1+i].ID) })
	var got int
	for i, err := range answers {
		r := all[1+i]
		switch {
		case err == nil:
			got++
			same(t, "who was first", became(t, db, r), []string{"confirmed [E03 - E07 - E02 0]"})
		case errors.Is(err, registration.ErrTaken):
			same(t, "who was later", became(t, db, r), []string{"waitlisted [E03 - E07 -]"})
		default:
			t.Errorf("number %d: %v", i, err)
		}
	}
	same(t, "who got the place", got, 1)
	sound(t, db, ev.ID)
}

func TestMorePlacesWhilePeopleDeclineGoToTheNextInLine(t *testing.T) {
	programs, clocks := twoClocks(t)
	db := programs[0]
	for round := range rounds / 4 {
		ev := registrationtest.Event(t, db, places(3))
		all := signs(t, db, clocks, ev.ID, 1, 14)
		for _, r := range all[:3] {
			if _, err := withdraw(db, r.ID, person); err != nil {
				t.Fatal(err)
			}
		}
		atOnce(4, func(i int) {
			if i == round%4 {
				err := programs[i%2].Write(ctx, func(tx *store.Tx) error {
					now, err := event.Find(ctx, tx, ev.ID)
					if err != nil {
						return err
					}
					c := now.Content
					c.RoomPlaces = new(6)
					_, err = registration.UpdateEvent(ctx, tx, ev.ID, now.Revision, c, "", organiser)
					return err
				})
				if err != nil {
					t.Error(err)
				}
				return
			}
			n := i
			if i > round%4 {
				n--
			}
			if _, err := decline(programs[i%2], all[3+n].ID); err != nil {
				t.Error(err)
			}
		})
		same(t, "what came of them", became(t, db, all...), slices.Concat(
			slices.Repeat([]string{"cancelled [E02 0 E10 1]"}, 3),
			slices.Repeat([]string{"declined [E03 - E07 - E08 -]"}, 3),
			slices.Repeat([]string{"offered [E03 - E07 -]"}, 6),
			slices.Repeat([]string{"waitlisted [E03 -]"}, 2)))
		sound(t, db, ev.ID)
	}
}

// A place is free while people wait when their company has its share.
func TestTwoOrganisersOfferOneFreePlaceOnce(t *testing.T) {
	programs, clocks := twoClocks(t)
	db, won := programs[0], map[string]int{}
	for round := range rounds {
		ev := registrationtest.Event(t, db, func(c *content) { places(2)(c); c.CompanyLimit = new(1) })
		var all []reg
		for n := range 3 {
			all = append(all, registrationtest.SignUp(t, db, from(acme, ev.ID, n)).Registration)
			for _, c := range clocks {
				c.Advance(time.Second)
			}
		}
		var answers [2]error
		atOnce(2, func(i int) {
			n := (i + round) % 2
			answers[n] = offerTo(programs[i], all[1+n].ID, false)
		})
		either(t, won, append(became(t, db, all...), outcome(t, answers[0]), outcome(t, answers[1])), map[string][]string{
			"the one":   {"confirmed [E02 0]", "offered [E03 - E07 -]", "waitlisted [E03 -]", "yes", "full"},
			"the other": {"confirmed [E02 0]", "waitlisted [E03 -]", "offered [E03 - E07 -]", "full", "yes"},
		})
		sound(t, db, ev.ID)
	}
	t.Logf("%v", won)
}

func TestAnOfferIsAcceptedBeforeThePlaceIsHandedOn(t *testing.T) {
	programs, clocks := twoClocks(t)
	db, won := programs[0], map[string]int{}
	for round := range rounds {
		ev, all := offered(t, db, clocks)
		var yes, handed error
		var next reg
		atOnce(2, func(i int) {
			if i == round%2 {
				_, yes = accept(programs[0], all[1].ID)
			} else {
				next, handed = transfer(programs[1], all[1].ID, registrationtest.Request("", 4))
			}
		})
		got := append(became(t, db, all[1:]...), outcome(t, yes), outcome(t, handed))
		if handed == nil {
			got = append(got, became(t, db, next)...)
		}
		either(t, won, got, map[string][]string{
			"accepted":  {"transferred [E03 - E07 - E02 0 E12 1]", "waitlisted [E03 -]", "yes", "yes", "confirmed [E02 0]"},
			"handed on": {"confirmed [E03 - E07 - E02 0]", "waitlisted [E03 -]", "yes", "not_in_this_state"},
		})
		sound(t, db, ev.ID)
	}
	t.Logf("%v", won)
}

// In the open call somebody who waits takes the free place in the moment in
// which another hands theirs to the same person.
func TestOnePersonHasOnePlaceHandedOnOrTaken(t *testing.T) {
	programs, clocks := twoClocks(t)
	db, won := programs[0], map[string]int{}
	for round := range rounds {
		ev := registrationtest.Event(t, db, func(c *content) {
			places(2)(c)
			c.StartsAt = clocks[0].Now().Add(8 * time.Hour)
			c.EndsAt = c.StartsAt.Add(time.Hour)
		})
		all := signs(t, db, clocks, ev.ID, 1, 3)
		for _, c := range clocks {
			c.Set(ev.StartsAt.Add(-5 * time.Hour))
		}
		if _, err := withdraw(db, all[0].ID, organiser); err != nil {
			t.Fatal(err)
		}
		var yes, handed error
		atOnce(2, func(i int) {
			if i == round%2 {
				_, yes = accept(programs[0], all[2].ID)
			} else {
				_, handed = transfer(programs[1], all[1].ID, registrationtest.Request("", 3))
			}
		})
		either(t, won, append(became(t, db, all[1:]...), outcome(t, yes), outcome(t, handed)), map[string][]string{
			"accepted":  {"confirmed [E02 0]", "confirmed [E03 - E07 - E02 0]", "yes", "already_registered"},
			"handed on": {"transferred [E02 0 E12 1]", "cancelled [E03 - E07 -]", "offer_over", "yes"},
		})
		sound(t, db, ev.ID)
	}
	t.Logf("%v", won)
}

func TestACompanysLastPlaceGoesToOneOfTwo(t *testing.T) {
	programs, _ := twoClocks(t)
	db := programs[0]
	for range rounds {
		ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); c.CompanyLimit = new(2) })
		registrationtest.SignUp(t, db, in(from(acme, ev.ID, 1), event.Room))
		var o [2]registration.Outcome
		atOnce(2, func(i int) { // the limit holds for the room and online together
			var err error
			o[i], err = register(programs[i], in(from(acme, ev.ID, 2+i), []event.Mode{event.Room, event.Online}[i]))
			if err != nil && !errors.Is(err, registration.ErrFull) { // nobody waits online
				t.Error(err)
			}
		})
		if a, b := o[0].Status, o[1].Status; a == registration.Confirmed && b == registration.Confirmed || a != registration.Confirmed && b != registration.Confirmed {
			t.Errorf("the two are %q and %q", a, b)
		}
		sound(t, db, ev.ID)
	}
}

// in is a request to come in a mode.
func in(q request, mode event.Mode) request {
	q.Mode = mode
	return q
}

func TestInTheOpenCallACompanyTakesItsLastPlaceOnce(t *testing.T) {
	programs, clocks := twoClocks(t)
	db := programs[0]
	ev := registrationtest.Event(t, db, func(c *content) { places(2)(c); c.CompanyLimit = new(1) })
	holders := signs(t, db, clocks, ev.ID, 1, 2)
	var all []reg
	for n := range 6 {
		all = append(all, registrationtest.SignUp(t, db, from(acme, ev.ID, 3+n)).Registration)
	}
	for _, c := range clocks {
		c.Set(starts.Add(-5 * time.Hour))
	}
	for _, r := range holders {
		if _, err := withdraw(db, r.ID, organiser); err != nil {
			t.Fatal(err)
		}
	}
	answers := make([]string, len(all))
	atOnce(len(all), func(i int) {
		_, err := accept(programs[i%2], all[i].ID)
		answers[i] = outcome(t, err)
	})
	slices.Sort(answers)
	same(t, "answers", answers, append(slices.Repeat([]string{"company_share"}, 5), "yes"))
	states := became(t, db, all...)
	slices.Sort(states)
	same(t, "what came of them", states, append([]string{"confirmed [E03 - E07 - E02 0]"}, slices.Repeat([]string{"waitlisted [E03 - E07 -]"}, 5)...))
	sound(t, db, ev.ID)
}
