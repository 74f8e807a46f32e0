package registration_test

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	people "stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func changeAddress(db *store.DB, id, to string) (r reg, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		r, err = registration.ChangeAddress(ctx, tx, id, to, organiser)
		return err
	})
	return r, err
}

func TestACorrectedAddressGetsWhatThePersonShouldKnow(t *testing.T) {
	for _, tt := range []struct {
		name    string
		before  func(*testing.T, *store.DB, *storetest.Clock, string)
		person  int // 2 waits
		letters []string
	}{
		{"with a place", nil, 1, []string{"E02 0", "E02 -"}},
		{"waiting", nil, 2, []string{"E03 -", "E03 -"}},
		{"after being there", func(t *testing.T, db *store.DB, clock *storetest.Clock, id string) {
			clock.Set(starts)
			if _, err := attend(db, id, present); err != nil {
				t.Fatal(err)
			}
		}, 1, []string{"E02 0", "E06 -"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, places(1))
			ids := map[int]reg{}
			for n := 1; n <= 2; n++ {
				ids[n] = registrationtest.SignUp(t, db, from(acme, ev.ID, n)).Registration
			}
			old := ids[tt.person]
			if tt.before != nil {
				tt.before(t, db, clock, old.ID)
			}
			clock.Advance(time.Minute)
			before := roster(t, db, ev.ID)
			r, err := changeAddress(db, old.ID, " Rätt.Adress@Example.SE ")
			if got := codes(err); len(got) != 1 || got[0] != "email:email" {
				t.Fatalf("a letter that no plain mail server knows: %v", err)
			}
			if r, err = changeAddress(db, old.ID, " Ratt.Adress@Example.SE "); err != nil {
				t.Fatal(err)
			}
			stored := registrationtest.Find(t, db, old.ID)
			same(t, "the answer", r, stored)
			if stored.Email != "ratt.adress@example.se" || stored.PersonID == old.PersonID || stored.CalendarUID != old.CalendarUID || stored.CalendarSequence != old.CalendarSequence || stored.CompanyID != old.CompanyID {
				t.Errorf("stored: %+v", stored)
			}
			same(t, "who is there", roster(t, db, ev.ID), before)
			same(t, "the letters", letters(t, db, old.ID), tt.letters)
			if m := last(t, db, old.ID); m.Recipient != "ratt.adress@example.se" || !m.Details.ByHand || m.Status != message.Waiting {
				t.Errorf("the letter: %+v", m)
			}
			storetest.Read(t, db, func(tx *store.Tx) error {
				tie, err := store.One(ctx, tx, store.Value[string], `SELECT status FROM contact WHERE person_id = ? AND company_id = ?`, stored.PersonID, stored.CompanyID)
				if tie != "claimed" {
					t.Errorf("the tie to the company is %q", tie)
				}
				found, err2 := registration.Roster(ctx, tx, ev.ID, registration.RosterFilter{Text: "ratt.adress"})
				if len(found) != 1 {
					t.Errorf("by the new address %d are found, %v", len(found), err2)
				}
				return err
			})
			sound(t, db, ev.ID)
		})
	}
}

func TestTheOldAddressKeepsNothing(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r, other := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	manage, join, others := newLink(t, db, r, registration.Manage), newLink(t, db, r, registration.JoinMeeting), newLink(t, db, other, registration.Manage)
	if _, err := moveEvent(db, ev.ID, starts.AddDate(0, 0, 1)); err != nil { // a letter that is yet to go
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	if _, err := changeAddress(db, r.ID, registrationtest.Address(9)); err != nil {
		t.Fatal(err)
	}
	for token, purpose := range map[string]registration.Purpose{manage: registration.Manage, join: registration.JoinMeeting} {
		_, err := follow(db, token, purpose)
		refused(t, "an old link for "+string(purpose), err, problem.ErrMissing)
	}
	if got, err := follow(db, others, registration.Manage); got.ID != other.ID {
		t.Errorf("somebody else's link: %v", err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		for n, want := range map[int]int{1: 0, 2: 2, 9: 1} {
			waiting, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE recipient = ? AND status = 'waiting'`, registrationtest.Address(n))
			if waiting != want {
				t.Errorf("%d letters wait to go to number %d, want %d", waiting, n, want)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func TestEachCorrectionOfAnAddressSendsALetter(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	for _, n := range []int{8, 9, 8} { // wrong twice
		clock.Advance(time.Minute)
		if _, err := changeAddress(db, r.ID, registrationtest.Address(n)); err != nil {
			t.Fatal(err)
		}
		if m := last(t, db, r.ID); m.Recipient != registrationtest.Address(n) || m.Status != message.Waiting {
			t.Errorf("after the correction to number %d the last letter goes to %s", n, m.Recipient)
		}
	}
}

func TestAnAddressThatFailedIsTriedAgainWhenSomebodyEntersIt(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	storetest.Write(t, db, func(tx *store.Tx) error { return people.MarkEmailFailed(ctx, tx, r.Email) })
	if _, err := changeAddress(db, r.ID, r.Email); err != nil {
		t.Fatal(err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		failed, err := people.EmailFailed(ctx, tx, r.Email)
		if failed {
			t.Error("mail to it is still held back")
		}
		return err
	})
}

func TestWhatAddressCannotBeGiven(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	first, second := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	_, err := changeAddress(db, first.ID, second.Email)
	refused(t, "somebody else's who is there", err, registration.ErrAlready)
	_, err = changeAddress(db, "nothing", "a@example.se")
	refused(t, "to what is not there", err, problem.ErrMissing)
	if _, err := withdraw(db, second.ID, person); err != nil {
		t.Fatal(err)
	}
	_, err = changeAddress(db, second.ID, "b@example.se")
	refused(t, "to whoever left", err, registration.ErrNotNow)
	clock.Set(ends)
	_, err = changeAddress(db, first.ID, "c@example.se")
	refused(t, "after the end", err, registration.ErrNotNow)
	same(t, "who is there", roster(t, db, ev.ID), []string{"1 confirmed", "2 cancelled"})
}

func TestWhatAPageMayOffer(t *testing.T) {
	type may struct{ Correct, Withdraw, Transfer bool }
	ev := event.Event{Status: event.Published, Content: registrationtest.Content()}
	postponed := ev
	postponed.Status = event.Postponed
	for _, tt := range []struct {
		name   string
		status registration.Status
		ev     event.Event
		now    time.Time
		want   may
	}{
		{"with a place", registration.Confirmed, ev, starts.Add(-time.Second), may{true, true, true}},
		{"with a place, at the start", registration.Confirmed, ev, starts, may{true, false, false}},
		{"with a place, at the end", registration.Confirmed, ev, ends, may{false, false, false}},
		{"with a place, postponed past its old end", registration.Confirmed, postponed, ends, may{true, true, true}},
		{"waiting", registration.Waitlisted, ev, starts.Add(-time.Second), may{true, true, false}},
		{"waiting, at the start", registration.Waitlisted, ev, starts, may{true, false, false}},
		{"waiting, postponed past its old end", registration.Waitlisted, postponed, ends, may{true, true, false}},
		{"having asked", registration.Requested, ev, starts.Add(-time.Second), may{true, true, false}},
		{"having asked, after the end", registration.Requested, ev, ends, may{false, false, false}},
		{"there", registration.Attended, ev, starts, may{true, false, false}},
		{"gone", registration.Cancelled, ev, starts.Add(-time.Second), may{false, false, false}},
		{"handed on", registration.Transferred, postponed, starts, may{false, false, false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := reg{Status: tt.status}
			same(t, "the page offers", may{registration.CanCorrect(r, tt.ev, tt.now), registration.CanWithdraw(r, tt.ev, tt.now), registration.CanTransfer(r, tt.ev, tt.now)}, tt.want)
		})
	}
}
