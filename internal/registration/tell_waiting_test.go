package registration_test

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

// inEachState makes an event with one place and somebody in each state of those
// who wait: number 1 has an offer, 2 stands in the queue, 3 has asked, 4 has to
// prove the address.
func inEachState(t *testing.T) (*store.DB, *storetest.Clock, event.Event, []reg) {
	t.Helper()
	db, clock, ev, p := queueOf(t, 3)
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	people := []reg{p[1], p[2]}
	storetest.Write(t, db, func(tx *store.Tx) error {
		people = append(people, stand(t, tx, ev, 8, registration.Requested))
		if _, err := store.Exec(ctx, tx, `UPDATE event_capacity SET places = 2 WHERE event_id = ?`, ev.ID); err != nil {
			return err
		}
		r := stand(t, tx, ev, 9, registration.PendingEmail)
		people = append(people, r)
		_, err := store.Exec(ctx, tx, `UPDATE registration SET hold_until = ? WHERE id = ?`, store.At(tx.Now.Add(24*time.Hour)), r.ID)
		return err
	})
	return db, clock, findEvent(t, db, ev.ID), people
}

// heard lists the letters that were written to somebody since a moment.
func heard(t *testing.T, db *store.DB, r reg, since time.Time) (codes []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := message.OfRegistration(ctx, tx, r.ID)
		for _, m := range all {
			if m.CreatedAt.Before(since) {
				continue
			}
			code := string(m.Letter)
			if m.CalendarSequence != nil || m.Letter == message.EventMoved && m.Details.Reason == "" {
				code += " with an invitation or without a word"
			}
			codes = append(codes, code)
		}
		return err
	})
	return codes
}

func TestWhoWaitsHearsOfAChangeOnce(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, db *store.DB, ev event.Event)
		want   string
	}{
		{"a new time", func(t *testing.T, db *store.DB, ev event.Event) {
			if _, err := moveEvent(db, ev.ID, starts.AddDate(0, 0, 7)); err != nil {
				t.Fatal(err)
			}
		}, "E15"},
		{"a new place", func(t *testing.T, db *store.DB, ev event.Event) {
			c := ev.Content
			c.VenueName = "Biblioteket"
			if _, err := updateEvent(db, ev, c); err != nil {
				t.Fatal(err)
			}
		}, "E15"},
		{"also online", func(t *testing.T, db *store.DB, ev event.Event) {
			c := ev.Content
			registrationtest.Hybrid(&c)
			c.RoomPlaces = new(2)
			if _, err := updateEvent(db, ev, c); err != nil {
				t.Fatal(err)
			}
		}, "E15"},
		{"no date", func(t *testing.T, db *store.DB, ev event.Event) { postponeEvent(t, db, ev.ID) }, "E22"},
		{"cancelled", func(t *testing.T, db *store.DB, ev event.Event) {
			if err := cancelEvent(db, ev.ID); err != nil {
				t.Fatal(err)
			}
		}, "E14"},
		{"a word in the text", func(t *testing.T, db *store.DB, ev event.Event) {
			c := ev.Content
			c.Description = "Mer text"
			if _, err := updateEvent(db, ev, c); err != nil {
				t.Fatal(err)
			}
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock, ev, people := inEachState(t)
			clock.Advance(time.Minute)
			tt.change(t, db, ev)
			var want []string
			if tt.want != "" {
				want = []string{tt.want}
			}
			for i, state := range []string{"with an offer", "in the queue", "who asked", "who must prove the address"} {
				same(t, "to one "+state, heard(t, db, people[i], clock.Now()), want)
			}
		})
	}
}

func TestWhoeverIsOfferedAPlaceByTheMoveHearsOfItByTheOffer(t *testing.T) {
	db, clock, ev, p := queueOf(t, 3)
	postponeEvent(t, db, ev.ID)
	clock.Advance(time.Minute)
	if _, err := withdraw(db, p[0].ID, person); err != nil { // nothing is offered while there is no date
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	if _, err := moveEvent(db, ev.ID, starts.AddDate(0, 0, 7)); err != nil {
		t.Fatal(err)
	}
	same(t, "the next", heard(t, db, p[1], clock.Now()), []string{"E07"})
	same(t, "the one after", heard(t, db, p[2], clock.Now()), []string{"E15"})
}

func TestWhoeverIsCalledByTheMoveHearsOfItByTheCall(t *testing.T) {
	db, clock, ev, p := queueOf(t, 3)
	postponeEvent(t, db, ev.ID)
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	clock.Set(starts)
	if _, err := moveEvent(db, ev.ID, starts.Add(5*time.Hour)); err != nil {
		t.Fatal(err)
	}
	for _, r := range p[1:] {
		same(t, r.Email, heard(t, db, r, clock.Now()), []string{"E07"})
	}
}

func TestWhatIsHeldAfterAMove(t *testing.T) {
	for _, tt := range []struct {
		name string
		wait time.Duration // after the offer was made, or less than nothing: before it ends
		to   time.Time     // zero: in five hours
	}{
		{"later, at once: no shorter than it was", time.Minute, starts.AddDate(0, 1, 0)},
		{"later, an hour before the answer is due: as long as an offer made now", -time.Hour, starts.AddDate(0, 1, 0)},
		{"so near that it ends an hour before the start", time.Minute, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock, ev, people := inEachState(t)
			before := registrationtest.Find(t, db, people[0].ID)
			if tt.wait < 0 {
				clock.Set(before.HoldUntil.Add(tt.wait))
			} else {
				clock.Advance(tt.wait)
			}
			near := tt.to.IsZero()
			if near {
				tt.to = clock.Now().Add(5 * time.Hour)
			}
			if _, err := moveEvent(db, ev.ID, tt.to); err != nil {
				t.Fatal(err)
			}
			got, proof := registrationtest.Find(t, db, people[0].ID), registrationtest.Find(t, db, people[3].ID)
			switch {
			case near:
				same(t, "the offer", got.HoldUntil, tt.to.Add(-time.Hour))
				same(t, "the address", proof.HoldUntil, tt.to.Add(-2*time.Hour))
			case tt.wait < 0:
				if left := got.HoldUntil.Sub(clock.Now()); left < 24*time.Hour {
					t.Errorf("only %s are left to answer", left)
				}
			default:
				if got.HoldUntil.Before(before.HoldUntil) {
					t.Errorf("the answer is due at %s, and was at %s", got.HoldUntil, before.HoldUntil)
				}
			}
			storetest.Read(t, db, func(tx *store.Tx) error {
				o, _, err := registration.LatestOffer(ctx, tx, got.ID)
				same(t, "the offer's own row", o.AnswerBy, got.HoldUntil)
				return err
			})
			same(t, "the letter", heard(t, db, people[0], clock.Now()), []string{"E15"})
			clock.Set(got.HoldUntil.Add(-time.Second))
			if _, err := accept(db, got.ID); err != nil {
				t.Errorf("a second before the end: %v", err)
			}
			sound(t, db, ev.ID)
		})
	}
}

func TestAnEventMovedToWithinTheHourTakesItsOffersBack(t *testing.T) {
	db, clock, ev, people := inEachState(t)
	clock.Advance(time.Minute)
	if _, err := moveEvent(db, ev.ID, clock.Now().Add(50*time.Minute)); err != nil {
		t.Fatal(err)
	}
	_, err := accept(db, people[0].ID)
	refused(t, "saying yes", err, registration.ErrOfferOver)
	letGo(t, db)
	same(t, "one letter", heard(t, db, people[0], clock.Now()), []string{"E09"})
	same(t, "nothing about an address", heard(t, db, people[3], clock.Now()), []string(nil))
}
