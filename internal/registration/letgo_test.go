package registration_test

import (
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func liftShare(db *store.DB, eventID, companyID string, places *int, reason string) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		return registration.LiftShare(ctx, tx, eventID, companyID, places, reason, organiser)
	})
}

// overdue is a queue of so many in which the second's offer has just run out; the
// scheduler has not come yet.
func overdue(t *testing.T, n int) (*store.DB, event.Event, []reg) {
	t.Helper()
	db, clock, ev, p := queueOf(t, n)
	if _, err := withdraw(db, p[0].ID, person); err != nil {
		t.Fatal(err)
	}
	clock.Set(registrationtest.Find(t, db, p[1].ID).HoldUntil)
	return db, ev, p
}

func TestAnOfferPastItsDeadlineIsOverBeforeTheSchedulerComes(t *testing.T) {
	for name, tt := range map[string]struct {
		waiting int // including who had the place and who was offered it
		do      func(db *store.DB, ev event.Event, p []reg) error
		refusal string // then all stays as it was, for the scheduler to write down
		want    []string
	}{
		"yes":                    {3, func(db *store.DB, _ event.Event, p []reg) error { _, err := accept(db, p[1].ID); return err }, "offer_over", nil},
		"no":                     {3, func(db *store.DB, _ event.Event, p []reg) error { _, err := decline(db, p[1].ID); return err }, "offer_over", nil},
		"giving up":              {3, func(db *store.DB, _ event.Event, p []reg) error { _, err := withdraw(db, p[1].ID, person); return err }, "not_in_this_state", nil},
		"back into the queue":    {3, func(db *store.DB, _ event.Event, p []reg) error { _, err := rejoin(db, p[1].ID); return err }, "", []string{"1 cancelled", "2 waitlisted", "3 offered"}},
		"the next one says yes":  {3, func(db *store.DB, _ event.Event, p []reg) error { _, err := accept(db, p[2].ID); return err }, "", []string{"1 cancelled", "2 expired", "3 confirmed"}},
		"the next one leaves":    {3, func(db *store.DB, _ event.Event, p []reg) error { _, err := withdraw(db, p[2].ID, person); return err }, "", []string{"1 cancelled", "2 expired", "3 cancelled"}},
		"out of turn to a third": {4, func(db *store.DB, _ event.Event, p []reg) error { return offerTo(db, p[3].ID, false) }, "full", nil},
		"a newcomer when nobody waits": {2, func(db *store.DB, ev event.Event, _ []reg) error {
			_, err := register(db, registrationtest.Request(ev.ID, 9))
			return err
		}, "", []string{"1 cancelled", "2 expired", "9 confirmed"}},
		"the same person anew": {2, func(db *store.DB, ev event.Event, _ []reg) error {
			_, err := register(db, registrationtest.Request(ev.ID, 2))
			return err
		}, "", []string{"1 cancelled", "2 confirmed", "2 expired"}},
		"a newcomer behind others": {3, func(db *store.DB, ev event.Event, _ []reg) error {
			_, err := register(db, registrationtest.Request(ev.ID, 9))
			return err
		}, "", []string{"1 cancelled", "2 expired", "3 offered", "9 waitlisted"}},
		"a group": {2, func(db *store.DB, ev event.Event, _ []reg) error {
			_, err := signGroup(db, ev.ID, false, 8, 9)
			return err
		},
			"", []string{"1 cancelled", "2 expired", "8 confirmed", "9 waitlisted"}},
		"by hand": {2, func(db *store.DB, ev event.Event, _ []reg) error {
			_, err := addByHand(db, registrationtest.Request(ev.ID, 9), false)
			return err
		}, "", []string{"1 cancelled", "2 expired", "9 confirmed"}},
		"postponing": {3, func(db *store.DB, ev event.Event, _ []reg) error {
			return db.Write(ctx, func(tx *store.Tx) error {
				_, err := registration.PostponeEvent(ctx, tx, ev.ID, "Sjuk.", organiser)
				return err
			})
		}, "", []string{"1 cancelled", "2 expired", "3 waitlisted"}},
		"cancelling": {3, func(db *store.DB, ev event.Event, _ []reg) error { return cancelEvent(db, ev.ID) }, "", []string{"1 cancelled", "2 expired", "3 event_cancelled"}},
	} {
		t.Run(name, func(t *testing.T) {
			db, ev, p := overdue(t, tt.waiting)
			before := byNumber(t, db, ev.ID)
			err := tt.do(db, ev, p)
			if tt.refusal != "" {
				same(t, "refusal", outcome(t, err), tt.refusal)
				tt.want = before
			} else if err != nil {
				t.Fatal(err)
			}
			same(t, "who is there", byNumber(t, db, ev.ID), tt.want)
			sound(t, db, ev.ID)
			letGo(t, db)
			same(t, "the offer that ran out", last(t, db, p[1].ID).Letter != "E07", true)
			sound(t, db, ev.ID)
		})
	}
}

// What a page shows in that minute is what the answer will be.
func TestPagesOfferWhatTheRulesAllowAfterTheDeadline(t *testing.T) {
	db, ev, p := overdue(t, 3)
	r := registrationtest.Find(t, db, p[1].ID)
	same(t, "still written as", r.Status, registration.Offered)
	now := r.HoldUntil
	for what, got := range map[string][2]bool{
		"an answer":           {registration.CanAnswer(r, ev, now), false},
		"giving up":           {registration.CanWithdraw(r, ev, now), false},
		"back into the queue": {registration.CanRejoin(r, ev, now), true},
		"an answer in time":   {registration.CanAnswer(r, ev, now.Add(-1)), true},
		"giving up in time":   {registration.CanWithdraw(r, ev, now.Add(-1)), true},
		"back in time":        {registration.CanRejoin(r, ev, now.Add(-1)), false},
	} {
		same(t, what, got[0], got[1])
	}
}

func TestAnUnprovedAddressPastItsTimeHoldsNothingBeforeTheSchedulerComes(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { places(1)(c); c.ConfirmEmail, c.WaitingList = true, false })
	q := registrationtest.Request(ev.ID, 1)
	q.Outside = true
	held := registrationtest.SignUp(t, db, q).Registration
	_, err := register(db, registrationtest.Request(ev.ID, 2))
	refused(t, "while it is held", err, registration.ErrFull)
	clock.Set(held.HoldUntil)
	registrationtest.SignUp(t, db, registrationtest.Request(ev.ID, 2))
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 lapsed", "2 confirmed"})
	sound(t, db, ev.ID)
}

func TestWhoSaysThatItWasNotThemGivesThePlaceAndTheInvitationBack(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { byInvitation(c); c.ConfirmEmail = true })
	single, other := invite(t, db, ev.ID, "", new(1)), invite(t, db, ev.ID, "", nil)
	q := with(single.Code, ev.ID, 1)
	q.Outside = true
	held := registrationtest.SignUp(t, db, q).Registration
	same(t, "holds", held.Status, registration.PendingEmail)
	next := registrationtest.SignUp(t, db, with(other.Code, ev.ID, 2)).Registration
	for range 2 { // a second time changes nothing
		storetest.Write(t, db, func(tx *store.Tx) error { return registration.Disown(ctx, tx, held.ID) })
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 lapsed", "2 offered"})
	same(t, "letters to the address", letters(t, db, held.ID), []string{"E01 -"})
	same(t, "letters to the next", letters(t, db, next.ID), []string{"E03 -", "E07 -"})
	registrationtest.SignUp(t, db, with(single.Code, ev.ID, 3)) // the invitation can be used again
	err := db.Write(ctx, func(tx *store.Tx) error { return registration.Disown(ctx, tx, next.ID) })
	refused(t, "of one that is not to be proved", err, registration.ErrNotNow)
	sound(t, db, ev.ID)
}
