package registration_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func waitForRoom(db *store.DB, id string) (r reg, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		r, err = registration.WaitForRoom(ctx, tx, id, person)
		return err
	})
	return r, err
}

func stopWaiting(db *store.DB, id string) (r reg, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		r, err = registration.StopWaiting(ctx, tx, id, person)
		return err
	})
	return r, err
}

// meanwhile makes a hybrid event with one place in the room, which the first has,
// and lets the second take part online and the third wait, both for the room.
func meanwhile(t testing.TB, db *store.DB, tick func()) (event.Event, []reg) {
	t.Helper()
	ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); places(1)(c) })
	var all []reg
	for n := range 3 {
		all = append(all, registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, n+1), event.Room)).Registration)
		tick()
	}
	r, err := changeMode(db, all[1].ID, event.Online)
	if err != nil {
		t.Fatal(err)
	}
	all[1] = r
	return ev, all
}

func ticks(clock *storetest.Clock) func() { return func() { clock.Advance(time.Second) } }

// stands tells how somebody takes part, and their number for the room.
func stands(t testing.TB, db *store.DB, id string) string {
	t.Helper()
	r := registrationtest.Find(t, db, id)
	return fmt.Sprintf("%s %s, waits %t as %d, offered %t", r.Status, r.Mode, r.WaitsForRoom(), position(t, db, id), r.RoomOffered())
}

const (
	waitsSecond = "confirmed online, waits true as 2, offered false"
	waitsFirst  = "confirmed online, waits true as 1, offered false"
	isOffered   = "confirmed online, waits true as 0, offered true"
	onlyOnline  = "confirmed online, waits false as 0, offered false"
	inTheRoom   = "confirmed room, waits false as 0, offered false"
)

func seats(t testing.TB, db *store.DB, eventID string) [2]int {
	t.Helper()
	ev := findEvent(t, db, eventID)
	return [2]int{ev.Room.Taken, ev.Online.Taken}
}

func TestWhoTakesPartOnlineMeanwhileKeepsThePlaceInTheQueue(t *testing.T) {
	db, clock := storetest.New(t)
	ev, p := meanwhile(t, db, ticks(clock))
	same(t, "the second", stands(t, db, p[1].ID), waitsFirst)
	same(t, "places", seats(t, db, ev.ID), [2]int{1, 1})
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "after the first has gone", stands(t, db, p[1].ID), isOffered)
	same(t, "places with the offer", seats(t, db, ev.ID), [2]int{1, 1})
	same(t, "the offer is open until", registrationtest.Find(t, db, p[1].ID).HoldUntil.After(clock.Now()), true)
	sound(t, db, ev.ID)
	if _, err := accept(db, p[1].ID); err != nil {
		t.Fatal(err)
	}
	same(t, "after yes", stands(t, db, p[1].ID), inTheRoom)
	same(t, "places after yes", seats(t, db, ev.ID), [2]int{1, 0})
	same(t, "letters", letters(t, db, p[1].ID), []string{"E03 -", "E02 0", "E07 -", "E15 1"})
	if _, err := accept(db, p[1].ID); err != nil {
		t.Errorf("a second yes: %v", err)
	}
	same(t, "letters after a second yes", len(letters(t, db, p[1].ID)), 4)
	same(t, "the third", position(t, db, p[2].ID), 1)
	sound(t, db, ev.ID)
}

func TestWhoLetsTheRoomPassKeepsThePlaceOnline(t *testing.T) {
	for name, letter := range map[string]string{"no": "E08 -", "silence": "E09 -", "leaving the queue": "E08 -"} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev, p := meanwhile(t, db, ticks(clock))
			if _, err := withdraw(db, p[0].ID, person); err != nil {
				t.Fatal(err)
			}
			var err error
			switch name {
			case "no":
				_, err = decline(db, p[1].ID)
			case "silence":
				clock.Set(registrationtest.Find(t, db, p[1].ID).HoldUntil)
				letGo(t, db)
			default:
				_, err = stopWaiting(db, p[1].ID)
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, "the second", stands(t, db, p[1].ID), onlyOnline)
			same(t, "the third", registrationtest.Find(t, db, p[2].ID).Status, registration.Offered)
			same(t, "places", seats(t, db, ev.ID), [2]int{1, 1})
			same(t, "letters", letters(t, db, p[1].ID), []string{"E03 -", "E02 0", "E07 -", letter})
			_, err = accept(db, p[1].ID)
			refused(t, "yes after all", err, registration.ErrOfferOver)
			_, err = decline(db, p[1].ID)
			if name == "silence" {
				refused(t, "no after all", err, registration.ErrOfferOver)
			} else if err != nil {
				t.Errorf("a second no: %v", err)
			}
			if _, err := rejoin(db, p[1].ID); err != nil {
				t.Fatal(err)
			}
			same(t, "again in the queue", stands(t, db, p[1].ID), waitsFirst)
			sound(t, db, ev.ID)
		})
	}
}

func TestAnAnswerAfterTheLastMomentFindsTheRoomGivenOn(t *testing.T) {
	db, clock := storetest.New(t)
	ev, p := meanwhile(t, db, ticks(clock))
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	clock.Set(registrationtest.Find(t, db, p[1].ID).HoldUntil) // and no scheduler yet
	_, err := accept(db, p[1].ID)
	refused(t, "late", err, registration.ErrOfferOver)
	letGo(t, db)
	same(t, "the third", registrationtest.Find(t, db, p[2].ID).Status, registration.Offered)
	sound(t, db, ev.ID)
}

func TestWhatEndsThePlaceOnlineEndsTheWaitForTheRoom(t *testing.T) {
	for name, tt := range map[string]struct {
		when time.Time // zero: in good time
		do   func(db *store.DB, ev event.Event, id string) error
		want registration.Status
	}{
		"giving up": {time.Time{}, func(db *store.DB, _ event.Event, id string) error { _, err := withdraw(db, id, person); return err }, registration.Cancelled},
		"handing on": {time.Time{}, func(db *store.DB, ev event.Event, id string) error {
			_, err := transfer(db, id, registrationtest.Request(ev.ID, 9))
			return err
		}, registration.Transferred},
		"cancelling":       {time.Time{}, func(db *store.DB, ev event.Event, _ string) error { return cancelEvent(db, ev.ID) }, registration.EventCancelled},
		"coming":           {starts, func(db *store.DB, _ event.Event, id string) error { _, err := attend(db, id, present); return err }, registration.Attended},
		"staying away":     {starts, func(db *store.DB, _ event.Event, id string) error { _, err := attend(db, id, absent); return err }, registration.NoShow},
		"having it erased": {ends.Add(time.Hour), func(db *store.DB, _ event.Event, id string) error { return forget(db, id) }, registration.Erased},
	} {
		for _, offered := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, offered %t", name, offered), func(t *testing.T) {
				db, clock := storetest.New(t)
				ev, p := meanwhile(t, db, ticks(clock))
				if offered {
					if _, err := withdraw(db, p[0].ID, person); err != nil {
						t.Fatal(err)
					}
				}
				if !tt.when.IsZero() {
					if offered { // as if the offer were open still
						storetest.Write(t, db, func(tx *store.Tx) error {
							_, err := store.Exec(ctx, tx, `UPDATE registration SET hold_until = ? WHERE id = ?`, store.At(ends.AddDate(1, 0, 0)), p[1].ID)
							return err
						})
					}
					clock.Set(tt.when)
				}
				if name == "having it erased" {
					storetest.Write(t, db, func(tx *store.Tx) error {
						_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', done_at = ?`, store.At(tx.Now))
						return err
					})
				}
				if err := tt.do(db, ev, p[1].ID); err != nil {
					t.Fatal(err)
				}
				r := registrationtest.Find(t, db, p[1].ID)
				same(t, "became", r.Status, tt.want)
				same(t, "waits", r.WaitsForRoom(), false)
				sound(t, db, ev.ID)
				if offered && tt.when.IsZero() && name != "cancelling" {
					same(t, "the third", registrationtest.Find(t, db, p[2].ID).Status, registration.Offered)
				}
			})
		}
	}
}

func forget(db *store.DB, id string) error {
	return db.Write(ctx, func(tx *store.Tx) error { return registration.Forget(ctx, tx, id, organiser) })
}

func TestAColleagueHasThePlaceOnlineAndNotTheOneInTheQueue(t *testing.T) {
	db, clock := storetest.New(t)
	ev, p := meanwhile(t, db, ticks(clock))
	r, err := transfer(db, p[1].ID, registrationtest.Request(ev.ID, 9))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the colleague", stands(t, db, r.ID), onlyOnline)
	same(t, "the third", position(t, db, p[2].ID), 1)
	sound(t, db, ev.ID)
}

func TestPostponingTakesTheOfferBackAndLeavesThePlaceInTheQueue(t *testing.T) {
	db, clock := storetest.New(t)
	ev, p := meanwhile(t, db, ticks(clock))
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	postponeEvent(t, db, ev.ID)
	same(t, "the second", stands(t, db, p[1].ID), waitsFirst)
	same(t, "places", seats(t, db, ev.ID), [2]int{0, 1})
	_, err := accept(db, p[1].ID)
	refused(t, "yes to an offer taken back", err, registration.ErrOfferOver)
	sound(t, db, ev.ID)
}

func TestANewTimeFitsTheOfferOfTheRoom(t *testing.T) {
	db, clock := storetest.New(t)
	ev, p := meanwhile(t, db, ticks(clock))
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	soon := clock.Now().Add(8 * time.Hour)
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.MoveEvent(ctx, tx, ev.ID, soon, soon.Add(3*time.Hour), "", organiser)
		return err
	})
	same(t, "held until", registrationtest.Find(t, db, p[1].ID).HoldUntil, soon.Add(-time.Hour))
	same(t, "the second", stands(t, db, p[1].ID), isOffered)
	sound(t, db, ev.ID)
}

func TestInTheOpenCallThoseOnlineAreCalledToTheRoomToo(t *testing.T) {
	db, clock := storetest.New(t)
	ev, p := meanwhile(t, db, ticks(clock))
	clock.Set(starts.Add(-5 * time.Hour))
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "letters", letters(t, db, p[1].ID), []string{"E03 -", "E02 0", "E07 -"})
	same(t, "the letter is that of those online", last(t, db, p[1].ID).Details.Meanwhile, true)
	var called bool
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		called, err = registration.IsCalled(ctx, tx, registrationtest.Find(t, db, p[1].ID), findEvent(t, db, ev.ID))
		return err
	})
	same(t, "is called", called, true)
	if _, err := accept(db, p[1].ID); err != nil {
		t.Fatal(err)
	}
	same(t, "the second", stands(t, db, p[1].ID), inTheRoom)
	_, err := accept(db, p[2].ID)
	refused(t, "the third", err, registration.ErrTaken)
	sound(t, db, ev.ID)
}

func TestInTheOpenCallWhoComesLateKeepsThePlaceOnline(t *testing.T) {
	db, clock := storetest.New(t)
	ev, p := meanwhile(t, db, ticks(clock))
	clock.Set(starts.Add(-5 * time.Hour))
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	if _, err := accept(db, p[2].ID); err != nil {
		t.Fatal(err)
	}
	_, err := accept(db, p[1].ID)
	refused(t, "the second", err, registration.ErrTaken)
	same(t, "the second", stands(t, db, p[1].ID), waitsFirst)
	sound(t, db, ev.ID)
}

func TestSomebodyOnlineComesToTheEndOfTheQueueForTheRoom(t *testing.T) {
	db, clock := storetest.New(t)
	ev, p := meanwhile(t, db, ticks(clock))
	online := registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, 4), event.Online)).Registration
	for range 2 { // a second time changes nothing
		clock.Advance(time.Second)
		if _, err := waitForRoom(db, online.ID); err != nil {
			t.Fatal(err)
		}
		same(t, "the fourth", stands(t, db, online.ID), "confirmed online, waits true as 3, offered false")
	}
	var line []string
	storetest.Read(t, db, func(tx *store.Tx) error {
		waiting, err := registration.Queue(ctx, tx, ev.ID, event.Room, 0, 10)
		for _, w := range waiting {
			line = append(line, fmt.Sprintf("%d %s", w.Number, w.ID))
		}
		n, counting := registration.CountWaiting(ctx, tx, ev.ID, event.Room)
		same(t, "counted", n, 3)
		return errors.Join(err, counting)
	})
	same(t, "the queue", line, []string{"1 " + p[1].ID, "2 " + p[2].ID, "3 " + online.ID})
	for range 2 {
		if _, err := stopWaiting(db, p[1].ID); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "the second has left", stands(t, db, p[1].ID), onlyOnline)
	same(t, "the fourth has come nearer", stands(t, db, online.ID), waitsSecond)
	sound(t, db, ev.ID)
	clock.Set(starts.Add(-registration.OpenCallEnds))
	_, err := waitForRoom(db, p[1].ID)
	refused(t, "in the last hour", err, registration.ErrNotNow)
	_, err = waitForRoom(db, p[0].ID)
	refused(t, "somebody in the room", err, registration.ErrNotNow)
}

func TestAGroupThatComesOnlyTogetherDoesNotWaitOnline(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); places(1)(c) })
	registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, 1), event.Room))
	var two []registration.Outcome
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		two, err = registration.RegisterGroup(ctx, tx, []request{in(registrationtest.Request(ev.ID, 2), event.Room), in(registrationtest.Request(ev.ID, 3), event.Room)}, true)
		return err
	})
	id := two[0].Registration.ID
	if _, err := changeMode(db, id, event.Online); err != nil {
		t.Fatal(err)
	}
	same(t, "left the queue", stands(t, db, id), onlyOnline)
	_, err := waitForRoom(db, id)
	refused(t, "into it again", err, registration.ErrNotNow)
	sound(t, db, ev.ID)
}

// A company may have one place. One of it is online and waits for the room: the
// place it has puts it neither behind others nor out of the queue, for the swap
// adds none.
func TestThePlaceOnlineIsNothingToTheQueueForTheRoom(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); places(1)(c); c.CompanyLimit = new(1) })
	first := registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, 1), event.Room)).Registration
	clock.Advance(time.Second)
	ours := registrationtest.SignUp(t, db, in(from(acme, ev.ID, 2), event.Room)).Registration
	clock.Advance(time.Second)
	other := registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, 3), event.Room)).Registration
	colleague := registrationtest.SignUp(t, db, in(from(acme, ev.ID, 4), event.Room)).Registration
	if _, err := changeMode(db, ours.ID, event.Online); err != nil {
		t.Fatal(err)
	}
	same(t, "ours", position(t, db, ours.ID), 1)
	same(t, "another's", position(t, db, other.ID), 2)
	same(t, "the colleague, whose company has a place now", position(t, db, colleague.ID), 3)
	if _, err := withdraw(db, first.ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "ours after the first has gone", stands(t, db, ours.ID), isOffered)
	if _, err := accept(db, ours.ID); err != nil {
		t.Fatal(err)
	}
	sound(t, db, ev.ID)
}

func TestTheOrganiserOffersAFreePlaceOutOfTurnToSomebodyOnline(t *testing.T) {
	db, clock := storetest.New(t)
	ev, p := meanwhile(t, db, ticks(clock))
	refused(t, "none is free", offerTo(db, p[1].ID, false), registration.ErrFull)
	refused(t, "above the capacity", offerTo(db, p[1].ID, true), registration.ErrFull)
	sound(t, db, ev.ID)
	clock.Set(time.Date(2027, 3, 9, 22, 0, 0, 0, time.UTC)) // by night nobody is offered a place that becomes free
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "the second", registrationtest.Find(t, db, p[1].ID).WaitsForRoom(), true)
	sound(t, db, ev.ID)
}

func TestARoomForWhichSomebodyOnlineWaitsDoesNotEnd(t *testing.T) {
	db, clock := storetest.New(t)
	ev, p := meanwhile(t, db, ticks(clock))
	if _, err := withdraw(db, p[2].ID, person); err != nil {
		t.Fatal(err)
	}
	postponeEvent(t, db, ev.ID)
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	now := findEvent(t, db, ev.ID)
	same(t, "places taken", now.Room.Taken, 0)
	c := now.Content
	c.Mode = event.Online
	_, err := updateEvent(db, now, c)
	same(t, "the room is taken away", codes(err), []string{"mode:mode_taken"})
}

func TestTheDatabaseLetsNobodyWaitForTheRoomButThoseOnline(t *testing.T) {
	db, clock := storetest.New(t)
	_, p := meanwhile(t, db, ticks(clock))
	for _, id := range []string{p[0].ID, p[2].ID} { // in the room, and waiting
		err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := store.Exec(ctx, tx, `UPDATE registration SET room_since = joined_at WHERE id = ?`, id)
			return err
		})
		if err == nil {
			t.Error("the row was written")
		}
	}
}

// race lets two act on the same registration at once in two programs, many times.
func TestYesToTheRoomRacesWithGivingUpAndWithAnotherYes(t *testing.T) {
	for name, other := range map[string]func(*store.DB, string) error{
		"giving up":   func(db *store.DB, id string) error { _, err := withdraw(db, id, person); return err },
		"another yes": func(db *store.DB, id string) error { _, err := accept(db, id); return err },
		"no":          func(db *store.DB, id string) error { _, err := decline(db, id); return err },
	} {
		t.Run(name, func(t *testing.T) {
			for range rounds {
				programs, clocks := twoClocks(t)
				ev, p := meanwhile(t, programs[0], func() {
					for _, c := range clocks {
						c.Advance(time.Second)
					}
				})
				if _, err := withdraw(programs[0], p[0].ID, person); err != nil {
					t.Fatal(err)
				}
				done := make(chan error, 2)
				go func() { _, err := accept(programs[0], p[1].ID); done <- err }()
				go func() { done <- other(programs[1], p[1].ID) }()
				got := []string{outcome(t, <-done), outcome(t, <-done)}
				slices.Sort(got)
				r, took := registrationtest.Find(t, programs[0], p[1].ID), seats(t, programs[0], ev.ID)
				switch {
				case name == "another yes" && (r.Mode != event.Room || took != [2]int{1, 0} || len(letters(t, programs[0], r.ID)) != 4):
					t.Fatalf("%v: %s %s, places %v, %v", got, r.Status, r.Mode, took, letters(t, programs[0], r.ID))
				case name == "giving up" && (r.Status != registration.Cancelled || took != [2]int{1, 0}): // the third has the offer
					t.Fatalf("%v: %s, places %v", got, r.Status, took)
				case name == "no" && took != map[event.Mode][2]int{event.Room: {1, 0}, event.Online: {1, 1}}[r.Mode]:
					t.Fatalf("%v: %s, places %v", got, r.Mode, took)
				}
				sound(t, programs[0], ev.ID)
			}
		})
	}
}
