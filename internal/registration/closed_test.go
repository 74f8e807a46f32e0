package registration_test

import (
	"testing"
	"time"

	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestNobodyIsMarkedAtAnEventThatDidNotTakePlace(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	late := registrationtest.SignUp(t, db, from(acme, ev.ID, 1)).Registration
	clock.Set(starts.Add(-2 * time.Hour))
	if _, err := withdraw(db, late.ID, person); err != nil {
		t.Fatal(err)
	}
	if err := cancelEvent(db, ev.ID); err != nil {
		t.Fatal(err)
	}
	clock.Set(starts)
	_, err := attend(db, late.ID, present)
	refused(t, "who gave up late", err, registration.ErrNotNow)
}

func TestWhoIsEnteredAfterTheClosingIsEnteredWithAReasonAndWithinThirtyDays(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	first, away := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	clock.Set(starts)
	if _, err := attend(db, first.ID, present); err != nil {
		t.Fatal(err)
	}
	clock.Set(ends)
	if err := closeEvent(db, ev.ID); err != nil {
		t.Fatal(err)
	}
	stranger := registration.Arrival{Name: "Eva Ek", Email: "eva@people.example"}
	absentee := registration.Arrival{Name: "Person Nummer 2", Email: away.Email}
	for _, a := range []registration.Arrival{stranger, absentee} {
		_, err := arrive(db, ev.ID, a)
		same(t, a.Name+" without a reason", codes(err), []string{"reason:required"})
	}
	stranger.Reason, absentee.Reason = "Stod på pappret.", "Stod på pappret."
	clock.Set(ends.AddDate(0, 0, 30))
	_, err := arrive(db, ev.ID, stranger)
	refused(t, "after thirty days", err, registration.ErrNotNow)
	clock.Advance(-time.Second)
	for _, a := range []registration.Arrival{stranger, absentee} {
		r, err := arrive(db, ev.ID, a)
		if err != nil || r.Status != registration.Attended {
			t.Errorf("%s: %s, %v", a.Name, r.Status, err)
		}
		storetest.Read(t, db, func(tx *store.Tx) error {
			reason, err := store.One(ctx, tx, store.Value[string], `SELECT reason FROM audit_entry WHERE object_id = ? ORDER BY at DESC, id DESC LIMIT 1`, r.ID)
			same(t, "the reason in the log", reason, "Stod på pappret.")
			return err
		})
	}
}
