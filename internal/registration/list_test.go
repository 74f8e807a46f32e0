package registration_test

import (
	"slices"
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func keepList(t testing.TB, db *store.DB, id string, open bool) (ev event.Event) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		ev, err = event.KeepWaitingList(ctx, tx, id, open, organiser)
		return err
	})
	return ev
}

func TestAClosedListKeepsWhoIsOnItAndTakesNobodyNew(t *testing.T) {
	db, clock, ev, p := queueOf(t, 3)
	keepList(t, db, ev.ID, false)
	_, err := register(db, registrationtest.Request(ev.ID, 4))
	refused(t, "a newcomer", err, registration.ErrFull)
	_, err = addByHand(db, registrationtest.Request(ev.ID, 4), false)
	refused(t, "one added by hand", err, registration.ErrFull)
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	same(t, "a freed place goes to the list", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 offered", "3 waitlisted"})
	if _, err := decline(db, p[1].ID); err != nil {
		t.Fatal(err)
	}
	same(t, "and on", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 declined", "3 offered"})
	_, err = rejoin(db, p[1].ID)
	refused(t, "back on a closed list", err, registration.ErrNotNow)
	keepList(t, db, ev.ID, true)
	clock.Advance(1e9)
	if _, err := rejoin(db, p[1].ID); err != nil {
		t.Fatal(err)
	}
	registrationtest.Sign(t, db, ev.ID, 4)
	same(t, "open again", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 waitlisted", "3 offered", "4 waitlisted"})
	sound(t, db, ev.ID)
}

func TestClosingAListTwiceIsLoggedOnce(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	before := len(logged(t, db, "event", ev.ID))
	same(t, "an open one opened", keepList(t, db, ev.ID, true).Revision, ev.Revision)
	once := keepList(t, db, ev.ID, false)
	same(t, "closed", []any{once.WaitingList, once.Revision}, []any{false, ev.Revision + 1}) // who edits meanwhile is told
	same(t, "closed again", keepList(t, db, ev.ID, false).Revision, once.Revision)
	keepList(t, db, ev.ID, true)
	same(t, "the log", slices.Clone(logged(t, db, "event", ev.ID)[before:]),
		[]string{"event.waiting_list open→closed:  (dalarna)", "event.waiting_list closed→open:  (dalarna)"})
}

func TestWithAClosedListTheStateIsFullAndAPlaceThatNobodyWaitsForIsTheNewcomers(t *testing.T) {
	db, _, ev, p := queueOf(t, 1)
	keepList(t, db, ev.ID, false)
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	if o := registrationtest.SignUp(t, db, registrationtest.Request(ev.ID, 2)); o.Status != registration.Confirmed {
		t.Errorf("the newcomer is %s", o.Status)
	}
	sound(t, db, ev.ID)
}
