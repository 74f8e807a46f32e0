package registration_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// twoPrograms opens one database twice, as two programs on one machine would:
// nothing in memory keeps their writers apart, only the database does.
func twoPrograms(t *testing.T) [2]*store.DB {
	t.Helper()
	both, _ := twoClocks(t)
	return both
}

// twoClocks is twoPrograms with the clock of each: what the one believes to be
// in time can be late for the other.
func twoClocks(t *testing.T) (both [2]*store.DB, clocks [2]*storetest.Clock) {
	t.Helper()
	var ids, tokens atomic.Int64
	path := filepath.Join(t.TempDir(), "stafett.db")
	for i := range both {
		clocks[i] = &storetest.Clock{}
		clocks[i].Set(time.Date(2027, 1, 13, 9, 0, 0, 0, time.UTC))
		db, err := store.Open(ctx, path, store.Options{
			Now:      clocks[i].Now,
			NewID:    func() string { return fmt.Sprintf("id-%05d", ids.Add(1)) },
			NewToken: func() string { return fmt.Sprintf("token-%05d", tokens.Add(1)) },
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		if err := db.Migrate(ctx, 0); err != nil {
			t.Fatal(err)
		}
		both[i] = db
	}
	return both, clocks
}

// atOnce runs n functions as nearly at the same moment as can be.
func atOnce(n int, fn func(i int)) {
	var wait sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wait.Go(func() {
			<-start
			fn(i)
		})
	}
	close(start)
	wait.Wait()
}

func TestTwoHundredAtOnceForTheLastThirtyPlaces(t *testing.T) {
	programs := twoPrograms(t)
	db := programs[0]
	ev := registrationtest.Event(t, db, places(35))
	for n := range 5 { // thirty are left
		registrationtest.Sign(t, db, ev.ID, 900+n)
	}
	const people = 200
	outcomes, faults := make([]registration.Outcome, people), make([]error, people)
	atOnce(people, func(i int) {
		outcomes[i], faults[i] = register(programs[i%2], registrationtest.Request(ev.ID, i))
	})

	var confirmed int
	var numbers []int
	for i, o := range outcomes {
		if faults[i] != nil {
			t.Fatalf("number %d: %v", i, faults[i])
		}
		stored := registrationtest.Find(t, db, o.Registration.ID)
		if stored.Status != o.Status {
			t.Errorf("number %d is told %s and stored %s", i, o.Status, stored.Status)
		}
		switch o.Status {
		case registration.Confirmed:
			confirmed++
		case registration.Waitlisted:
			numbers = append(numbers, o.Position)
			if now := position(t, db, o.Registration.ID); now != o.Position {
				t.Errorf("number %d is told place %d in the queue and has %d", i, o.Position, now)
			}
		}
	}
	if confirmed != 30 {
		t.Errorf("%d got a place, want 30", confirmed)
	}
	slices.Sort(numbers)
	var want []int
	for n := range people - 30 {
		want = append(want, n+1)
	}
	same(t, "the numbers of those who wait", numbers, want)
	sound(t, db, ev.ID)
}

func TestOnePersonManyTimesAtOnceIsOneRegistration(t *testing.T) {
	programs := twoPrograms(t)
	ev := registrationtest.Event(t, programs[0], nil)
	var fresh atomic.Int64
	atOnce(40, func(i int) {
		o, err := register(programs[i%2], registrationtest.Request(ev.ID, 1))
		if err != nil {
			t.Error(err)
		}
		if !o.Already {
			fresh.Add(1)
		}
	})
	same(t, "who is there", roster(t, programs[0], ev.ID), []string{"1 confirmed"})
	if fresh.Load() != 1 {
		t.Errorf("%d of them were new", fresh.Load())
	}
	sound(t, programs[0], ev.ID)
}

func TestThePlaceGivenUpWhileOthersSignUpGoesToOneOfThem(t *testing.T) {
	programs := twoPrograms(t)
	db := programs[0]
	for round := range 15 {
		ev := registrationtest.Event(t, db, places(1))
		holder := registrationtest.Sign(t, db, ev.ID, 900)
		atOnce(12, func(i int) {
			var err error
			if i == 0 {
				_, err = withdraw(programs[round%2], holder.ID, person)
			} else {
				_, err = register(programs[i%2], registrationtest.Request(ev.ID, i))
			}
			if err != nil {
				t.Errorf("round %d, number %d: %v", round, i, err)
			}
		})
		storetest.Read(t, db, func(tx *store.Tx) error {
			counts, err := registration.CountsOf(ctx, tx, ev.ID)
			want := registration.Counts{registration.Confirmed: 1, registration.Waitlisted: 10, registration.Cancelled: 1}
			if counts[registration.Offered] == 1 { // somebody waited already when the place was given up
				want = registration.Counts{registration.Offered: 1, registration.Waitlisted: 10, registration.Cancelled: 1}
			}
			same(t, "who is there", counts, want)
			return err
		})
		sound(t, db, ev.ID)
	}
}

func TestAPlaceIsHandedOnOrGivenUpButNotBoth(t *testing.T) {
	programs := twoPrograms(t)
	db := programs[0]
	won := map[string]int{}
	for round := range 30 {
		ev := registrationtest.Event(t, db, places(1))
		holder, waiting := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
		var handed, given error
		atOnce(2, func(i int) {
			if i == round%2 {
				_, handed = transfer(programs[0], holder.ID, registrationtest.Request("", 3))
			} else {
				_, given = withdraw(programs[1], holder.ID, person)
			}
		})
		next := registrationtest.Find(t, db, waiting.ID).Status
		switch {
		case handed == nil && errors.Is(given, registration.ErrNotNow) && next == registration.Waitlisted:
			won["handed on"]++
		case given == nil && errors.Is(handed, registration.ErrNotNow) && next == registration.Offered:
			won["given up"]++
		default:
			t.Errorf("round %d: handed on %v, given up %v, the next is %s", round, handed, given, next)
		}
		sound(t, db, ev.ID)
	}
	t.Logf("%v", won)
}

// Without the look at the places within the same transaction, many believe that
// there is one; then the table itself refuses one too many.
func TestWithoutTheRuleTheDatabaseStillRefusesOneTooMany(t *testing.T) {
	programs := twoPrograms(t)
	db := programs[0]
	const free, people = 7, 50
	ev := registrationtest.Event(t, db, places(free))
	var believed, took, refusedByTable atomic.Int64
	var looked sync.WaitGroup
	looked.Add(people)
	atOnce(people, func(i int) {
		if n, _ := findEvent(t, db, ev.ID).Free(); n > 0 { // looks, and acts later
			believed.Add(1)
		}
		looked.Done()
		looked.Wait()
		err := programs[i%2].Write(ctx, func(tx *store.Tx) error {
			return registration.TakePlace(&reg{EventID: ev.ID, Mode: event.Room}, ctx, tx)
		})
		switch {
		case err == nil:
			took.Add(1)
		case store.IsConstraint(err):
			refusedByTable.Add(1)
		default:
			t.Error(err)
		}
	})
	if believed.Load() <= free {
		t.Errorf("only %d believed that there was a place: the race did not show", believed.Load())
	}
	if took.Load() != free || refusedByTable.Load() != people-free {
		t.Errorf("%d took a place and %d were refused by the table; want %d and %d", took.Load(), refusedByTable.Load(), free, people-free)
	}
	if got := findEvent(t, db, ev.ID).Room.Taken; got != free {
		t.Errorf("%d of %d places are taken", got, free)
	}
}

func TestTheDatabaseRefusesWhatNoRuleAllows(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, places(1))
	r := registrationtest.Sign(t, db, ev.ID, 1)
	for name, statement := range map[string]string{
		"one too many":                    `UPDATE event_capacity SET taken = taken + 1`,
		"fewer than none":                 `UPDATE event_capacity SET taken = -1`,
		"fewer than none above":           `UPDATE event_capacity SET extra = -1`,
		"fewer places than are taken":     `UPDATE event_capacity SET places = 0`,
		"one address twice":               `INSERT INTO registration (id, event_id, person_id, status, mode, email, first_name, last_name, language, organisation_kind, joined_at, calendar_uid, created_at, changed_at) SELECT 'x', event_id, person_id, 'waitlisted', mode, email, first_name, last_name, language, organisation_kind, joined_at, 'x', created_at, changed_at FROM registration WHERE id = '` + r.ID + `'`,
		"a place since no time":           `UPDATE registration SET confirmed_at = NULL`,
		"a state that is none":            `UPDATE registration SET status = 'perhaps'`,
		"both ways at once":               `UPDATE registration SET mode = 'hybrid'`,
		"closing after the start":         `UPDATE event SET registration_closes_at = '2027-12-01T00:00:00Z'`,
		"an end before the start":         `UPDATE event SET ends_at = '2027-01-01T00:00:00Z'`,
		"a cancellation without a reason": `UPDATE event SET status = 'cancelled'`,
	} {
		err := db.Write(ctx, func(tx *store.Tx) error { _, err := store.Exec(ctx, tx, statement); return err })
		if !store.IsConstraint(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
