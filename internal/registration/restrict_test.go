package registration_test

import (
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/problem"
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
		"a wrong one": with("AAAAAAAAAAA", ev.ID, 3), "a revoked one": with(gone.Code, ev.ID, 3),
		"one used up": with(several.Code, ev.ID, 3), "somebody else's": with(one.Code, ev.ID, 3),
	} {
		_, err := register(db, q)
		same(t, name, codes(err), []string{"code:invitation"})
	}
	_, err := register(db, with(" ", ev.ID, 3))
	same(t, "none", codes(err), []string{"code:invitation_needed"})
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

func approve(db *store.DB, id string) (r reg, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) { r, err = registration.Approve(ctx, tx, id, organiser); return err })
	return r, err
}

func reject(db *store.DB, id string) error {
	return db.Write(ctx, func(tx *store.Tx) error {
		_, err := registration.Reject(ctx, tx, id, "För inköpare.", organiser)
		return err
	})
}

func revoke(t *testing.T, db *store.DB, id string) (i registration.Invitation) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) { i, err = registration.Revoke(ctx, tx, id, organiser); return err })
	return i
}

// onRequest is an event that those outside its audience ask to come to.
func onRequest(c *content) { c.AudienceMode = event.AudienceAsk }

// asks is somebody outside the audience who asks.
func asks(t testing.TB, db *store.DB, eventID string, n int) reg {
	t.Helper()
	q := registrationtest.Request(eventID, n)
	q.Audience = "politician"
	return registrationtest.SignUp(t, db, q).Registration
}

func TestARevokedInvitationKeepsWhoCameByItAndIsLoggedOnceInItsProgramme(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.AudienceMode = event.AudienceInvite })
	i := invite(t, db, ev.ID, "", new(3))
	guest := registrationtest.SignUp(t, db, with(i.Code, ev.ID, 1)).Registration
	first := revoke(t, db, i.ID)
	clock.Advance(time.Hour)
	same(t, "revoked since", revoke(t, db, i.ID).RevokedAt, first.RevokedAt)
	same(t, "the log", logged(t, db, "invitation", i.ID), []string{"event.invite →:  (dalarna)", "event.revoke_invitation →:  (dalarna)"})
	same(t, "who came by it", registrationtest.Find(t, db, guest.ID).Status, registration.Confirmed)
	if _, err := withdraw(db, guest.ID, person); err != nil {
		t.Fatal(err) // counts as used once less, though it is revoked
	}
	err := db.Write(ctx, func(tx *store.Tx) error { _, err := registration.Revoke(ctx, tx, "none", organiser); return err })
	refused(t, "one that is not there", err, problem.ErrMissing)
}

func TestInvitationsAreListedNewestFirstWithHowOftenTheyWereUsed(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.AudienceMode = event.AudienceInvite })
	other := registrationtest.Event(t, db, func(c *content) { c.AudienceMode = event.AudienceInvite })
	old := invite(t, db, ev.ID, "", new(2))
	invite(t, db, other.ID, "", nil)
	clock.Advance(time.Minute)
	one := invite(t, db, ev.ID, " "+registrationtest.Address(7)+" ", new(1))
	registrationtest.SignUp(t, db, with(" "+strings.ToLower(old.Code), ev.ID, 1)) // as it was read out
	old.Used = 1
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := registration.Invitations(ctx, tx, ev.ID)
		same(t, "invitations", all, []registration.Invitation{one, old})
		return err
	})
	same(t, "the address", one.Email, registrationtest.Address(7))
}

func TestWhatAnInvitationMayNotBe(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	invite(t, db, ev.ID, registrationtest.Address(1), nil)
	for name, tt := range map[string]struct {
		label, address string
		places         *int
		want           string
	}{
		"an address twice":  {"x", registrationtest.Address(1), nil, "email:invited"},
		"no address at all": {"x", "ida", nil, "email:email"},
		"of no places":      {"x", "", new(0), "places:number"},
		"too long a label":  {strings.Repeat("å", 201), "", nil, "label:too_long"},
	} {
		err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := registration.Invite(ctx, tx, ev.ID, tt.label, tt.address, tt.places, organiser)
			return err
		})
		same(t, name, codes(err), []string{tt.want})
	}
}

func TestARequestIsDecidedOnceAndOnlyWhileThereIsSomethingToDecide(t *testing.T) {
	for name, tt := range map[string]struct {
		change           func(*content)
		then             func(t *testing.T, db *store.DB, clock *storetest.Clock, ev event.Event, r reg)
		approve, reject  string // the refusals; yes
		approved, denied registration.Status
	}{
		"at once":      {nil, nil, "yes", "yes", registration.Confirmed, registration.Rejected},
		"approved":     {nil, func(_ *testing.T, db *store.DB, _ *storetest.Clock, _ event.Event, r reg) { approve(db, r.ID) }, "not_in_this_state", "not_in_this_state", registration.Confirmed, registration.Confirmed},
		"rejected":     {nil, func(_ *testing.T, db *store.DB, _ *storetest.Clock, _ event.Event, r reg) { reject(db, r.ID) }, "not_in_this_state", "not_in_this_state", registration.Rejected, registration.Rejected},
		"taken back":   {nil, func(_ *testing.T, db *store.DB, _ *storetest.Clock, _ event.Event, r reg) { withdraw(db, r.ID, person) }, "not_in_this_state", "not_in_this_state", registration.Cancelled, registration.Cancelled},
		"it has begun": {nil, func(_ *testing.T, _ *store.DB, clock *storetest.Clock, _ event.Event, _ reg) { clock.Set(starts) }, "not_in_this_state", "yes", registration.Requested, registration.Rejected},
		"a second before": {nil, func(_ *testing.T, _ *store.DB, clock *storetest.Clock, _ event.Event, _ reg) {
			clock.Set(starts.Add(-time.Second))
		}, "yes", "yes", registration.Confirmed, registration.Rejected},
		"it is postponed": {nil, func(t *testing.T, db *store.DB, _ *storetest.Clock, ev event.Event, _ reg) {
			postponeEvent(t, db, ev.ID)
		}, "not_in_this_state", "yes", registration.Requested, registration.Rejected},
		"it is cancelled": {nil, func(_ *testing.T, db *store.DB, _ *storetest.Clock, ev event.Event, _ reg) { cancelEvent(db, ev.ID) }, "not_in_this_state", "not_in_this_state", registration.EventCancelled, registration.EventCancelled},
		"it is full": {places(1), func(t *testing.T, db *store.DB, _ *storetest.Clock, ev event.Event, _ reg) {
			registrationtest.Sign(t, db, ev.ID, 9)
		}, "yes", "yes", registration.Waitlisted, registration.Rejected},
		"it is full and the list is closed": {places(1), func(t *testing.T, db *store.DB, _ *storetest.Clock, ev event.Event, _ reg) {
			registrationtest.Sign(t, db, ev.ID, 9)
			keepList(t, db, ev.ID, false)
		}, "full", "yes", registration.Requested, registration.Rejected},
	} {
		t.Run(name, func(t *testing.T) {
			for _, yes := range []bool{true, false} {
				db, clock := storetest.New(t)
				ev := registrationtest.Event(t, db, func(c *content) {
					onRequest(c)
					if tt.change != nil {
						tt.change(c)
					}
				})
				r := asks(t, db, ev.ID, 1)
				same(t, "holds no place", findEvent(t, db, ev.ID).Room.Taken, 0)
				if tt.then != nil {
					tt.then(t, db, clock, ev, r)
				}
				if yes {
					_, err := approve(db, r.ID)
					same(t, "approving", outcome(t, err), tt.approve)
					same(t, "approved", registrationtest.Find(t, db, r.ID).Status, tt.approved)
				} else {
					same(t, "rejecting", outcome(t, reject(db, r.ID)), tt.reject)
					same(t, "rejected", registrationtest.Find(t, db, r.ID).Status, tt.denied)
				}
				sound(t, db, ev.ID)
			}
		})
	}
}

func TestWhoIsApprovedStandsBehindThoseWhoWaitAlready(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { onRequest(c); places(1)(c) })
	first := asks(t, db, ev.ID, 1)
	clock.Advance(time.Hour)
	registrationtest.Sign(t, db, ev.ID, 2)
	second := registrationtest.Sign(t, db, ev.ID, 3)
	clock.Advance(time.Hour)
	if _, err := approve(db, first.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "numbers", []int{position(t, db, second.ID), position(t, db, first.ID)}, []int{1, 2})
}

func TestWhoWorksElsewhereAsksWhereAnEventIsForItsOwnMunicipality(t *testing.T) {
	mora := municipality.Code{Country: "SE", Number: "2062"}
	for name, tt := range map[string]struct {
		mode      event.AudienceMode
		workplace municipality.Code
		want      registration.Status
	}{
		"the municipality's own":               {event.AudienceAsk, registrationtest.Content().Municipality, registration.Confirmed},
		"another":                              {event.AudienceAsk, mora, registration.Requested},
		"nowhere that is told":                 {event.AudienceAsk, municipality.Code{}, registration.Requested},
		"the same number across the border":    {event.AudienceAsk, municipality.Code{Country: "NO", Number: "2080"}, registration.Requested},
		"also where the audience is only told": {event.AudienceInfo, mora, registration.Requested},
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
