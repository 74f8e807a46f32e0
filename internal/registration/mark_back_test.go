package registration_test

import (
	"testing"
	"time"

	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// atTheDoor gives an event of two places half an hour before it: the first gave up late, the
// second waits and the third, too, has no place but stands at the door. The
// fourth has the place.
func atTheDoor(t *testing.T) (*store.DB, *storetest.Clock, string, map[string]reg) {
	t.Helper()
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, places(2))
	late, has := registrationtest.SignUp(t, db, from(acme, ev.ID, 1)).Registration, registrationtest.SignUp(t, db, from(acme, ev.ID, 4)).Registration
	waits := registrationtest.SignUp(t, db, from(acme, ev.ID, 2)).Registration
	clock.Set(starts.Add(-30 * time.Minute))
	if _, err := withdraw(db, late.ID, person); err != nil {
		t.Fatal(err)
	}
	walked, err := arrive(db, ev.ID, registration.Arrival{Name: "Person Nummer 3", Email: registrationtest.Address(3), Organisation: acme.Name})
	if err != nil {
		t.Fatal(err)
	}
	return db, clock, ev.ID, map[string]reg{"gave up late": late, "waits": waits, "walked in": walked, "has a place": has}
}

func TestAMarkTakenBackLeadsToWhatWasThereBefore(t *testing.T) {
	for name, want := range map[string]registration.Status{
		"gave up late": registration.LateCancelled, "waits": registration.Waitlisted, "walked in": registration.Cancelled, "has a place": registration.Confirmed,
	} {
		for _, taken := range [][]registration.Mark{{unmarked}, {absent}, {absent, unmarked}} {
			if name == "has a place" && taken[len(taken)-1] == absent || name != "has a place" && len(taken) > 1 {
				continue
			}
			t.Run(name, func(t *testing.T) {
				db, clock, eventID, people := atTheDoor(t)
				r := registrationtest.Find(t, db, people[name].ID)
				told, taken0 := letters(t, db, r.ID), findEvent(t, db, eventID).Room
				for _, m := range append([]registration.Mark{present}, taken...) {
					if _, err := attend(db, r.ID, m); err != nil {
						t.Fatal(m, err)
					}
				}
				got := registrationtest.Find(t, db, r.ID)
				if got.Status != want || got.BeforeMark != "" || got.JoinedAt != r.JoinedAt || want == registration.Waitlisted && !got.ConfirmedAt.IsZero() {
					t.Errorf("%+v, want %s", got, want)
				}
				if room := findEvent(t, db, eventID).Room; want != registration.Cancelled && (room.Taken != taken0.Taken || room.Extra != taken0.Extra) {
					t.Errorf("%d taken and %d above, before it %d and %d", room.Taken, room.Extra, taken0.Taken, taken0.Extra)
				}
				sound(t, db, eventID)
				if _, err := arrive(db, eventID, registration.Arrival{Name: "Sara Ek", Email: "sara@example.se"}); err != nil {
					t.Fatal(err)
				}
				clock.Set(ends)
				if err := closeEvent(db, eventID); err != nil {
					t.Fatal(err)
				}
				if want == registration.Confirmed {
					return
				}
				same(t, "the state after the event", registrationtest.Find(t, db, r.ID).Status, want)
				same(t, "no letter", letters(t, db, r.ID), told)
			})
		}
	}
}

func TestAMarkTakenBackLeavesNoTieToTheCompany(t *testing.T) {
	db, clock, eventID, people := atTheDoor(t)
	tie := func(r reg) (status string) {
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			status, err = store.One(ctx, tx, store.Value[string], `SELECT status FROM contact WHERE person_id = ? AND company_id = ?`, r.PersonID, r.CompanyID)
			return err
		})
		return status
	}
	for name, r := range people {
		for _, m := range []registration.Mark{present, unmarked} {
			if _, err := attend(db, r.ID, m); err != nil {
				t.Fatal(err)
			}
		}
		same(t, name, tie(r), "claimed")
	}
	// Whoever was there another time stays tied.
	other := registrationtest.Event(t, db, func(c *content) { c.StartsAt, c.EndsAt = starts.Add(time.Hour), ends.Add(time.Hour) })
	there := registrationtest.SignUp(t, db, from(acme, other.ID, 2)).Registration
	clock.Set(starts.Add(time.Hour))
	for _, r := range []reg{there, people["waits"]} {
		if _, err := attend(db, r.ID, present); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := attend(db, people["waits"].ID, unmarked); err != nil {
		t.Fatal(err)
	}
	same(t, "present at another event", tie(there), "confirmed")
	sound(t, db, eventID)
}

func TestAnAddressWhoseInvitationWasRevokedIsInvitedAnew(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, byInvitation)
	revoke := func(i registration.Invitation) {
		storetest.Write(t, db, func(tx *store.Tx) error { _, err := registration.Revoke(ctx, tx, i.ID, organiser); return err })
	}
	first := invite(t, db, ev.ID, registrationtest.Address(1), nil)
	revoke(first)
	second := invite(t, db, ev.ID, registrationtest.Address(1), nil)
	err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := registration.Invite(ctx, tx, ev.ID, "", registrationtest.Address(1), nil, organiser)
		return err
	})
	same(t, "a third one beside it", codes(err), []string{"email:invited"})
	_, err = register(db, with(first.Code, ev.ID, 1))
	same(t, "the code that was revoked", codes(err), []string{"code:invitation"})
	registrationtest.SignUp(t, db, with(second.Code, ev.ID, 1))
	revoke(second)
	invite(t, db, ev.ID, registrationtest.Address(1), nil)
}
