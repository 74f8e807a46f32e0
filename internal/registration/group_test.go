package registration_test

import (
	"fmt"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func signGroup(db *store.DB, eventID string, together bool, numbers ...int) (o []registration.Outcome, err error) {
	var people []request
	for _, n := range numbers {
		people = append(people, registrationtest.Request(eventID, n))
	}
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		o, err = registration.RegisterGroup(ctx, tx, people, together)
		return err
	})
	return o, err
}

func TestAGroupHasThePlacesThereAreOrComesOnlyTogether(t *testing.T) {
	for name, tt := range map[string]struct {
		places   int
		together bool
		want     []string
	}{
		"all fit":                {3, false, []string{"1 confirmed", "2 confirmed", "3 confirmed"}},
		"some fit":               {2, false, []string{"1 confirmed", "2 confirmed", "3 waitlisted"}},
		"together, all fit":      {3, true, []string{"1 confirmed", "2 confirmed", "3 confirmed"}},
		"together, one too many": {2, true, []string{"1 waitlisted", "2 waitlisted", "3 waitlisted"}},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, places(tt.places))
			if _, err := signGroup(db, ev.ID, tt.together, 1, 2, 3); err != nil {
				t.Fatal(err)
			}
			same(t, "who is there", byNumber(t, db, ev.ID), tt.want)
			sound(t, db, ev.ID)
		})
	}
}

// addColleague signs person number n up as a colleague of a registration.
func addColleague(db *store.DB, id string, n int) (o registration.Outcome, err error) {
	q := registrationtest.Request("", n)
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		o, err = registration.AddColleague(ctx, tx, id, q)
		return err
	})
	return o, err
}

// ofCompany is person number n of the company.
func ofCompany(eventID string, n int) request {
	q := registrationtest.Request(eventID, n)
	q.Organisation = registration.Organisation{Kind: registration.OfCompany, Country: "SE", Number: "402000-1006", Name: "Siljans Snickeri (påhittat)"}
	q.TestNumbers = true
	return q
}

func group(db *store.DB, together bool, people ...request) (o []registration.Outcome, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		o, err = registration.RegisterGroup(ctx, tx, people, together)
		return err
	})
	return o, err
}

// told is what whoever signed the group up is told of each.
func told(outcomes []registration.Outcome) (list []string) {
	for _, o := range outcomes {
		list = append(list, fmt.Sprintf("%s %d", o.Status, o.Position))
	}
	return list
}

func TestTheAnswerForAGroupDoesNotTellWhoWasRegisteredBefore(t *testing.T) {
	for name, tt := range map[string]struct {
		together bool
		want     []string
	}{
		"each by themselves": {false, []string{"confirmed 0", "waitlisted 1", "waitlisted 2", "waitlisted 3", "waitlisted 4"}},
		"only together":      {true, []string{"waitlisted 1", "waitlisted 2", "waitlisted 3", "waitlisted 4", "waitlisted 5"}},
	} {
		for _, known := range []int{0, 12, 13, 14} {
			t.Run(fmt.Sprintf("%s, known: %d", name, known), func(t *testing.T) {
				db, _ := storetest.New(t)
				ev := registrationtest.Event(t, db, places(2))
				first := 1
				if known != 0 {
					first = known
				}
				registrationtest.Sign(t, db, ev.ID, first)
				o, err := signGroup(db, ev.ID, tt.together, 11, 12, 13, 14, 15)
				if err != nil {
					t.Fatal(err)
				}
				same(t, "what is told", told(o), tt.want)
				sound(t, db, ev.ID)
			})
		}
	}
}

func TestACompanysLimitHoldsForAGroup(t *testing.T) {
	for name, tt := range map[string]struct {
		together   bool
		want, then []string
	}{
		"each by themselves": {false, []string{"confirmed 0", "confirmed 0", "waitlisted 1"}, []string{"1 confirmed", "2 confirmed", "3 offered"}},
		"only together":      {true, []string{"waitlisted 1", "waitlisted 2", "waitlisted 3"}, []string{"1 offered", "2 offered", "3 offered"}},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { c.CompanyLimit = new(2) })
			o, err := group(db, tt.together, ofCompany(ev.ID, 1), registrationtest.Request(ev.ID, 2), registrationtest.Request(ev.ID, 3))
			if err != nil {
				t.Fatal(err)
			}
			same(t, "outcomes", told(o), tt.want)
			storetest.Write(t, db, func(tx *store.Tx) error {
				return registration.LiftShare(ctx, tx, ev.ID, o[0].Registration.CompanyID, nil, "De kommer från tre orter.", organiser)
			})
			same(t, "when the limit is lifted", byNumber(t, db, ev.ID), tt.then)
			sound(t, db, ev.ID)
		})
	}
}

func TestWhereThereIsNoQueueAGroupThatDoesNotFitIsRefusedAsAWhole(t *testing.T) {
	for _, together := range []bool{false, true} {
		db, _ := storetest.New(t)
		ev := registrationtest.Event(t, db, func(c *content) { places(2)(c); c.WaitingList = false })
		_, err := signGroup(db, ev.ID, together, 1, 2, 3)
		refused(t, "three for two places", err, registration.ErrFullGroup)
		same(t, "who is there", byNumber(t, db, ev.ID), nil)
	}
}

func TestWhoDeclinesDeclinesForAllWhoComeOnlyTogether(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, places(3))
	var first []reg
	for n := range 3 {
		first = append(first, registrationtest.Sign(t, db, ev.ID, 1+n))
	}
	o, err := signGroup(db, ev.ID, true, 4, 5)
	if err != nil {
		t.Fatal(err)
	}
	registrationtest.Sign(t, db, ev.ID, 6)
	for _, r := range first[:2] {
		if _, err := withdraw(db, r.ID, person); err != nil {
			t.Fatal(err)
		}
	}
	more := findEvent(t, db, ev.ID)
	c := more.Content
	c.RoomPlaces = new(4)
	if _, err := updateEvent(db, more, c); err != nil {
		t.Fatal(err)
	}
	same(t, "offered", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "3 confirmed", "4 offered", "5 offered", "6 offered"})
	if _, err := decline(db, o[1].Registration.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "after one has declined", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "3 confirmed", "4 declined", "5 declined", "6 offered"})
	for _, x := range o {
		same(t, "letters", letters(t, db, x.Registration.ID), []string{"E03 -", "E07 -", "E08 -"})
	}
	sound(t, db, ev.ID)
}

func TestWhoAskedToComeOnlyTogetherAreLetInTogether(t *testing.T) {
	for free, want := range map[int]string{2: "confirmed", 1: "waitlisted"} {
		db, _ := storetest.New(t)
		ev := registrationtest.Event(t, db, func(c *content) {
			places(free)(c)
			c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"politician"}
		})
		o, err := signGroup(db, ev.ID, true, 1, 2)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "at first", told(o), []string{"requested 0", "requested 0"})
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, err := registration.Approve(ctx, tx, o[1].Registration.ID, organiser)
			return err
		})
		same(t, "when one is let in", byNumber(t, db, ev.ID), []string{"1 " + want, "2 " + want})
		sound(t, db, ev.ID)
	}
}

func TestAGroupThatComesTogetherComesInTheSameWay(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, registrationtest.Hybrid)
	a, b, c := registrationtest.Request(ev.ID, 1), registrationtest.Request(ev.ID, 2), registrationtest.Request(ev.ID, 3)
	a.Mode, c.Mode = event.Online, event.Room
	_, err := group(db, true, a, b, c)
	same(t, "mistakes", codes(err), []string{"p3_mode:mode_together"})
	o, err := group(db, false, a, b, c)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the colleague who chose no way", o[1].Registration.Mode, event.Online)
	same(t, "the colleague who chose another", o[2].Registration.Mode, event.Room)
}

func TestColleaguesAreOfTheSameOrganisationAndAnswerTheQuestionsThemselves(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) {
		c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "Vad hoppas du på?", Required: true}}
	})
	a, b := ofCompany(ev.ID, 1), registrationtest.Request(ev.ID, 2)
	a.Answers = map[string][]string{ev.Questions[0].ID: {"Allt."}}
	o, err := group(db, false, a, b)
	if err != nil {
		t.Fatal(err)
	}
	r := o[1].Registration
	if r.CompanyID == "" || r.CompanyID != o[0].Registration.CompanyID || r.OrganisationName != a.Organisation.Name {
		t.Errorf("the colleague comes for %+v", r)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		answers, err := registration.Answers(ctx, tx, r.ID)
		same(t, "answers of the colleague", len(answers), 0)
		return err
	})
}

func TestAnInvitationOpensTheEventForColleaguesAsFarAsItGoes(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { c.AudienceMode = event.AudienceInvite })
	two, mine := invite(t, db, ev.ID, "", new(2)), invite(t, db, ev.ID, registrationtest.Address(1), nil)
	_, err := group(db, false, with(two.Code, ev.ID, 1), registrationtest.Request(ev.ID, 2), registrationtest.Request(ev.ID, 3))
	same(t, "one too many", codes(err), []string{"p3_email:invitation_colleague"})
	_, err = group(db, false, with(mine.Code, ev.ID, 1), registrationtest.Request(ev.ID, 2))
	same(t, "one that is for one address", codes(err), []string{"p2_email:invitation_colleague"})
	_, err = group(db, false, with("FEL", ev.ID, 1), registrationtest.Request(ev.ID, 2))
	same(t, "none", codes(err), []string{"code:invitation"})
	o, err := group(db, false, with(two.Code, ev.ID, 1), registrationtest.Request(ev.ID, 2))
	if err != nil {
		t.Fatal(err)
	}
	_, err = addColleague(db, o[0].Registration.ID, 3)
	same(t, "a colleague later, when it is used up", codes(err), []string{"email:invitation_colleague"})
	if _, err := withdraw(db, o[1].Registration.ID, person); err != nil {
		t.Fatal(err)
	}
	later, err := addColleague(db, o[0].Registration.ID, 3)
	if err != nil || later.Status != registration.Confirmed || later.Registration.InvitationID != two.ID {
		t.Errorf("a colleague later: %+v, %v", later, err)
	}
}

func TestAColleagueAddedLaterHasTheOutcomeOfANewcomer(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*content)
		before func(t *testing.T, db *store.DB, eventID string)
		want   string
		letter []string
	}{
		"a place":               {nil, nil, "confirmed 0", []string{"E02 0"}},
		"the queue":             {places(1), nil, "waitlisted 1", []string{"E03 -"}},
		"over the limit":        {func(c *content) { c.CompanyLimit = new(1) }, nil, "waitlisted 1", []string{"E03 -"}},
		"an address to confirm": {func(c *content) { c.ConfirmEmail = true }, nil, "pending_email 0", []string{"E01 -"}},
		"outside the audience": {func(c *content) { c.AudienceMode, c.Audiences = event.AudienceAsk, []string{"politician"} }, nil,
			"requested 0", []string{"E04 -"}},
		"from another municipality": {func(c *content) {
			c.AudienceMode, c.OwnMunicipality, c.Municipality = event.AudienceAsk, true, municipality.Code{Country: "SE", Number: "2062"}
		}, nil, "requested 0", []string{"E04 -"}},
		"registered before": {nil, func(t *testing.T, db *store.DB, eventID string) { registrationtest.Sign(t, db, eventID, 2) },
			"confirmed 0", []string{"E02 0", "E06 -"}},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, tt.change)
			first := registrationtest.SignUp(t, db, ofCompany(ev.ID, 1)).Registration
			if tt.before != nil {
				tt.before(t, db, ev.ID)
			}
			q := registrationtest.Request("", 2)
			q.Outside = true
			var o registration.Outcome
			storetest.Write(t, db, func(tx *store.Tx) (err error) { o, err = registration.AddColleague(ctx, tx, first.ID, q); return err })
			same(t, "outcome", told([]registration.Outcome{o})[0], tt.want)
			same(t, "letters", letters(t, db, o.Registration.ID), tt.letter)
			if tt.before == nil && o.Registration.CompanyID != first.CompanyID {
				t.Errorf("the colleague comes for %+v", o.Registration)
			}
			sound(t, db, ev.ID)
		})
	}
}

func TestOnlyWhoTakesPartAddsAColleague(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	gone, here := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	if _, err := withdraw(db, gone.ID, person); err != nil {
		t.Fatal(err)
	}
	_, err := addColleague(db, gone.ID, 3)
	refused(t, "after giving up", err, registration.ErrNotNow)
	_, err = addColleague(db, here.ID, 2)
	same(t, "oneself", codes(err), []string{"email:own_address"})
	clock.Set(closes)
	_, err = addColleague(db, here.ID, 3)
	refused(t, "after the last day", err, registration.ErrClosed)
}

func TestTheSameAddressTwiceInAGroupIsAMistake(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	_, err := signGroup(db, ev.ID, false, 1, 2, 2)
	same(t, "mistakes", codes(err), []string{"p3_email:email_twice"})
}

func TestAGroupThatComesTogetherIsSkippedKeepsItsNumberAndTheOrganiserHearsOnce(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, places(4))
	var first []reg
	for n := range 4 {
		first = append(first, registrationtest.Sign(t, db, ev.ID, n+1))
	}
	group, err := signGroup(db, ev.ID, true, 5, 6)
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		registrationtest.Sign(t, db, ev.ID, 7+n)
	}
	told := func() (n int) {
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			n, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE letter = 'O2'`)
			return err
		})
		return n
	}
	for n, want := range []int{0, 1, 1} {
		if _, err := withdraw(db, first[n].ID, person); err != nil {
			t.Fatal(err)
		}
		same(t, "letters to the organiser", told(), want)
		same(t, "the group's number", position(t, db, group[0].Registration.ID), 1)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "3 cancelled", "4 confirmed",
		"5 waitlisted", "6 waitlisted", "7 offered", "8 offered", "9 offered"})
	c := findEvent(t, db, ev.ID)
	more := c.Content
	more.RoomPlaces = new(6)
	if _, err := updateEvent(db, c, more); err != nil {
		t.Fatal(err)
	}
	if _, err := accept(db, group[1].Registration.ID); err != nil {
		t.Fatal(err)
	}
	for _, o := range group {
		same(t, "letters", letters(t, db, o.Registration.ID), []string{"E03 -", "E07 -", "E02 0"})
	}
	sound(t, db, ev.ID)
}

// waitingTogether is an event with so many places, all taken, for which two who
// come only together wait before a third person.
func waitingTogether(t *testing.T, taken int) (db *store.DB, clock *storetest.Clock, ev event.Event, holders []reg, pair []string, last reg) {
	t.Helper()
	db, clock = storetest.New(t)
	ev = registrationtest.Event(t, db, places(taken))
	for n := range taken {
		holders = append(holders, registrationtest.Sign(t, db, ev.ID, n+1))
	}
	clock.Advance(time.Minute)
	o, err := signGroup(db, ev.ID, true, 5, 6)
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(time.Minute)
	return db, clock, ev, holders, []string{o[0].Registration.ID, o[1].Registration.ID}, registrationtest.Sign(t, db, ev.ID, 7)
}

func TestAnOfferOutOfTurnToAGroupIsForAllOfIt(t *testing.T) {
	db, _, ev, _, pair, _ := waitingTogether(t, 1)
	refused(t, "without a place for both", offerTo(db, pair[1], false), registration.ErrFull)
	if err := offerTo(db, pair[1], true); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 confirmed", "5 offered", "6 offered", "7 waitlisted"})
	if got := findEvent(t, db, ev.ID).Room; got.Taken != 1 || got.Extra != 2 {
		t.Errorf("%d taken and %d above the capacity", got.Taken, got.Extra)
	}
	sound(t, db, ev.ID)
}

func TestAnOfferOutOfTurnToAGroupTakesTheFreePlaceFirst(t *testing.T) {
	db, _, ev, holders, pair, last := waitingTogether(t, 2)
	if _, err := withdraw(db, last.ID, person); err != nil {
		t.Fatal(err)
	}
	if _, err := withdraw(db, holders[0].ID, person); err != nil { // one is free, which is too few
		t.Fatal(err)
	}
	refused(t, "with one free place", offerTo(db, pair[0], false), registration.ErrFull)
	if err := offerTo(db, pair[0], true); err != nil {
		t.Fatal(err)
	}
	if got := findEvent(t, db, ev.ID).Room; got.Taken != 2 || got.Extra != 1 {
		t.Errorf("%d taken and %d above the capacity", got.Taken, got.Extra)
	}
	sound(t, db, ev.ID)
}

func TestAGroupThatLetAnOfferPassComesBackAsOne(t *testing.T) {
	db, clock, ev, holders, pair, last := waitingTogether(t, 2)
	for _, r := range holders {
		if _, err := withdraw(db, r.ID, person); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "offered", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "5 waitlisted", "6 waitlisted", "7 offered"})
	if _, err := decline(db, last.ID); err != nil {
		t.Fatal(err)
	}
	same(t, "then both", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "5 offered", "6 offered", "7 declined"})
	if _, err := decline(db, pair[1]); err != nil {
		t.Fatal(err)
	}
	registrationtest.Sign(t, db, ev.ID, 8)
	registrationtest.Sign(t, db, ev.ID, 9)
	clock.Advance(time.Minute)
	if _, err := rejoin(db, pair[0]); err != nil {
		t.Fatal(err)
	}
	same(t, "back", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 cancelled", "5 waitlisted", "6 waitlisted", "7 declined", "8 confirmed", "9 confirmed"})
	for _, id := range pair {
		same(t, "letters", letters(t, db, id), []string{"E03 -", "E07 -", "E08 -", "E03 -"})
	}
	sound(t, db, ev.ID)
}

func TestWhenOneOfAGroupLeavesThePlacesThatAreEnoughForTheOthersAreOffered(t *testing.T) {
	db, _, ev, holders, pair, last := waitingTogether(t, 2)
	for _, r := range []reg{last, holders[0]} {
		if _, err := withdraw(db, r.ID, person); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := withdraw(db, pair[0], person); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 confirmed", "5 cancelled", "6 offered", "7 cancelled"})
	sound(t, db, ev.ID)
}

func TestOneDecisionHoldsForAllWhoAskToComeTogether(t *testing.T) {
	for name, tt := range map[string]struct {
		places int
		yes    bool
		want   []string
	}{
		"yes, and there is room":         {2, true, []string{"1 confirmed", "2 confirmed"}},
		"yes, and there is room for one": {1, true, []string{"1 waitlisted", "2 waitlisted"}},
		"no":                             {2, false, []string{"1 rejected", "2 rejected"}},
	} {
		t.Run(name, func(t *testing.T) {
			db, _ := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *content) { onRequest(c); places(tt.places)(c) })
			people := []request{registrationtest.Request(ev.ID, 1), registrationtest.Request(ev.ID, 2)}
			people[0].Audience = "politician"
			var o []registration.Outcome
			storetest.Write(t, db, func(tx *store.Tx) (err error) {
				o, err = registration.RegisterGroup(ctx, tx, people, true)
				return err
			})
			same(t, "asked", byNumber(t, db, ev.ID), []string{"1 requested", "2 requested"})
			var err error
			if tt.yes {
				_, err = approve(db, o[1].Registration.ID)
			} else {
				err = reject(db, o[1].Registration.ID)
			}
			if err != nil {
				t.Fatal(err)
			}
			same(t, "who is there", byNumber(t, db, ev.ID), tt.want)
			sound(t, db, ev.ID)
		})
	}
}

func TestAGroupThatComesOnlyTogetherComesOneWay(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { registrationtest.Hybrid(c); places(1)(c) })
	registrationtest.SignUp(t, db, in(registrationtest.Request(ev.ID, 1), event.Room))
	people := []request{in(registrationtest.Request(ev.ID, 2), event.Online), in(registrationtest.Request(ev.ID, 3), event.Room)}
	err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := registration.RegisterGroup(ctx, tx, people, true)
		return err
	})
	same(t, "refused", codes(err), []string{"p2_mode:mode_together"})
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 confirmed"})
	sound(t, db, ev.ID)
}

func TestAGroupPartlyAboveTheCapacityDeclinesAsOne(t *testing.T) {
	db, _, ev, holders, pair, last := waitingTogether(t, 2)
	for _, r := range []reg{last, holders[0]} {
		if _, err := withdraw(db, r.ID, person); err != nil {
			t.Fatal(err)
		}
	}
	if err := offerTo(db, pair[0], true); err != nil {
		t.Fatal(err)
	}
	if _, err := decline(db, pair[0]); err != nil {
		t.Fatal(err)
	}
	same(t, "who is there", byNumber(t, db, ev.ID), []string{"1 cancelled", "2 confirmed", "5 declined", "6 declined", "7 cancelled"})
	sound(t, db, ev.ID)
}
