package registration_test

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func invite(t *testing.T, db *store.DB, eventID, address string, places *int) (i registration.Invitation) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		i, err = registration.Invite(ctx, tx, eventID, "Nätverket", address, places, organiser)
		return err
	})
	return i
}

func with(code, eventID string, n int) request {
	q := registrationtest.Request(eventID, n)
	q.Code = code
	return q
}

func byInvitation(c *content) { places(1)(c); c.AudienceMode = event.AudienceInvite }

func TestOnlyACodeThatHoldsOpensAnEventByInvitation(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.AudienceMode = event.AudienceInvite })
	several, one, gone := invite(t, db, ev.ID, "", new(1)), invite(t, db, ev.ID, registrationtest.Address(2), nil), invite(t, db, ev.ID, "", nil)
	storetest.Write(t, db, func(tx *store.Tx) error { _, err := registration.Revoke(ctx, tx, gone.ID, organiser); return err })
	first := registrationtest.SignUp(t, db, with(several.Code, ev.ID, 1)).Registration
	for name, q := range map[string]request{
		"none": with("", ev.ID, 3), "a wrong one": with("AAAAAAAAAAA", ev.ID, 3), "a revoked one": with(gone.Code, ev.ID, 3),
		"one used up": with(several.Code, ev.ID, 3), "somebody else's": with(one.Code, ev.ID, 3),
	} {
		_, err := register(db, q)
		same(t, name, codes(err), []string{"code:invitation"})
	}
	registrationtest.SignUp(t, db, with(one.Code, ev.ID, 2))
	if _, err := withdraw(db, first.ID, person); err != nil {
		t.Fatal(err)
	}
	registrationtest.SignUp(t, db, with(several.Code, ev.ID, 3)) // the place given up can be used again
}

func TestWhoComesBackToAnInvitationUsedUpIsRefused(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, byInvitation)
	open, single := invite(t, db, ev.ID, "", nil), invite(t, db, ev.ID, "", new(1))
	holder := registrationtest.SignUp(t, db, with(open.Code, ev.ID, 1)).Registration
	second := registrationtest.SignUp(t, db, with(single.Code, ev.ID, 2)).Registration
	if _, err := withdraw(db, holder.ID, person); err != nil {
		t.Fatal(err)
	}
	if _, err := decline(db, second.ID); err != nil {
		t.Fatal(err)
	}
	registrationtest.SignUp(t, db, with(single.Code, ev.ID, 3))
	_, err := rejoin(db, second.ID)
	refused(t, "coming back", err, registration.ErrFull)
	sound(t, db, ev.ID)
}

func TestWhoIsOutsideTheAudienceAsksAndTheOrganiserDecides(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { places(1)(c); c.AudienceMode = event.AudienceAsk })
	ask := func(n int) reg {
		q := registrationtest.Request(ev.ID, n)
		q.Audience = "politician"
		return registrationtest.SignUp(t, db, q).Registration
	}
	a, b, c := ask(1), ask(2), ask(3)
	for _, r := range []reg{a, b} {
		storetest.Write(t, db, func(tx *store.Tx) error { _, err := registration.Approve(ctx, tx, r.ID, organiser); return err })
	}
	reject := func(reason string) error {
		return db.Write(ctx, func(tx *store.Tx) error {
			_, err := registration.Reject(ctx, tx, c.ID, reason, organiser)
			return err
		})
	}
	same(t, "without a reason", codes(reject(" ")), []string{"reason:required"})
	if err := reject("För inköpare."); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 confirmed", "2 waitlisted", "3 rejected"})
	same(t, "letters to the first", letters(t, db, a.ID), []string{"E04 -", "E02 0"})
	same(t, "letters to the last", letters(t, db, c.ID), []string{"E04 -", "E05 -"})
	sound(t, db, ev.ID)
}

func TestAnUnprovedAddressHoldsThePlaceForADayAndNoLonger(t *testing.T) {
	for name, tt := range map[string]struct{ before, holds time.Duration }{
		"weeks before":             {30 * 24 * time.Hour, 24 * time.Hour},
		"two hours before start":   {20 * time.Hour, 18 * time.Hour},
		"three hours sharp":        {3 * time.Hour, time.Hour},
		"less is not asked for it": {3*time.Hour - time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { c.ConfirmEmail = true; c.ClosesAt = c.StartsAt })
			clock.Set(starts.Add(-tt.before))
			q := registrationtest.Request(ev.ID, 1)
			q.Outside = true
			r := registrationtest.SignUp(t, db, q).Registration
			if tt.holds == 0 {
				same(t, "state", r.Status, registration.Confirmed)
				return
			}
			until := starts.Add(-tt.before + tt.holds)
			same(t, "held until", r.HoldUntil, until)
			clock.Set(until)
			err := db.Write(ctx, func(tx *store.Tx) error { _, err := registration.Prove(ctx, tx, r.ID); return err })
			refused(t, "proved too late", err, registration.ErrNotNow)
			letGo(t, db)
			same(t, "who is there", roster(t, db, ev.ID), []string{"1 lapsed"})
			same(t, "letters", letters(t, db, r.ID), []string{"E01 -"})
			sound(t, db, ev.ID)
		})
	}
}

func TestWhoWorksElsewhereAsksWhereAnEventIsForItsOwnMunicipality(t *testing.T) {
	mora := municipality.Code{Country: "SE", Number: "2062"}
	for name, tt := range map[string]struct {
		mode      event.AudienceMode
		workplace municipality.Code
		want      registration.Status
	}{
		"the municipality's own":            {event.AudienceAsk, registrationtest.Content().Municipality, registration.Confirmed},
		"another":                           {event.AudienceAsk, mora, registration.Requested},
		"nowhere that is told":              {event.AudienceAsk, municipality.Code{}, registration.Requested},
		"the same number across the border": {event.AudienceAsk, municipality.Code{Country: "NO", Number: "2080"}, registration.Requested},
		"where it is only told":             {event.AudienceInfo, mora, registration.Confirmed},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { c.AudienceMode, c.OwnMunicipality = tt.mode, true })
			q := registrationtest.Request(ev.ID, 1)
			q.Municipality, q.Complete = tt.workplace, false
			same(t, "status", registrationtest.SignUp(t, db, q).Status, tt.want)
			sound(t, db, ev.ID)
		})
	}
}

func TestWhoeverDidNotSignUpGivesThePlaceToTheNext(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { places(1)(c); c.ConfirmEmail = true })
	unproved := func(n int) reg {
		q := registrationtest.Request(ev.ID, n)
		q.Outside = true
		return registrationtest.SignUp(t, db, q).Registration
	}
	disown := func(id string) error {
		return db.Write(ctx, func(tx *store.Tx) error { return registration.Disown(ctx, tx, id) })
	}
	first, second := unproved(1), unproved(2)
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 pending_email", "2 waitlisted"})
	refused(t, "somebody who waits", disown(second.ID), registration.ErrNotNow)
	for range 2 { // the second time changes nothing
		if err := disown(first.ID); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "who is there then", byNumber(t, db, ev.ID), []string{"1 lapsed", "2 offered"})
	same(t, "letters to the address", letters(t, db, first.ID), []string{"E01 -"})
	err := db.Write(ctx, func(tx *store.Tx) error { _, err := registration.Prove(ctx, tx, first.ID); return err })
	refused(t, "proved after all", err, registration.ErrNotNow)
	clock.Advance(time.Minute)
	if again := unproved(1); again.Status != registration.Waitlisted {
		t.Errorf("who signs up after all is %s", again.Status)
	}
	sound(t, db, ev.ID)
}

func TestAnOrganisersAddingByHandIsTheirApproval(t *testing.T) {
	for name, change := range map[string]func(*content){
		"by invitation":        func(c *content) { c.AudienceMode = event.AudienceInvite },
		"outside the audience": func(c *content) { c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"politician"} },
		"of another municipality": func(c *content) {
			c.AudienceMode, c.OwnMunicipality, c.Municipality.Number = event.AudienceAsk, true, "2062"
		},
		"where addresses are proved":  func(c *content) { c.ConfirmEmail = true },
		"where a company has a limit": func(c *content) { c.CompanyLimit = new(1) },
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, change)
			for n := range 2 {
				r, err := addByHand(db, ofCompany(ev.ID, n+1), false)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "status", r.Status, registration.Confirmed)
				same(t, "letters", letters(t, db, r.ID), []string{"E02 0"})
			}
			sound(t, db, ev.ID)
		})
	}
}
