package registration_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// series publishes three occasions a week apart, the last with one place.
func series(t *testing.T, db *store.DB, signUp event.SignUp, change func(*event.Content)) []event.Event {
	t.Helper()
	var all []event.Event
	var ids []string
	for i := range 3 {
		ev := registrationtest.Event(t, db, func(c *event.Content) {
			if change != nil {
				change(c)
			}
			c.StartsAt, c.EndsAt = c.StartsAt.AddDate(0, 0, 7*i), c.EndsAt.AddDate(0, 0, 7*i)
			if i == 2 {
				c.RoomPlaces = new(1)
			}
		})
		all, ids = append(all, ev), append(ids, ev.ID)
	}
	storetest.Write(t, db, func(tx *store.Tx) error {
		s, err := event.MakeSeries(ctx, tx, "Anbudsskolan", signUp, ids, registrationtest.Organiser)
		for i := range all {
			all[i].SeriesID = s.ID
		}
		return err
	})
	return all
}

func enrol(db *store.DB, q registration.Request, ids ...string) (outcomes []registration.Outcome, err error) {
	err = db.Write(ctx, func(tx *store.Tx) error {
		outcomes, err = registration.Enrol(ctx, tx, q, ids)
		return err
	})
	return outcomes, err
}

func statuses(outcomes []registration.Outcome) (list []registration.Status) {
	for _, o := range outcomes {
		list = append(list, o.Status)
	}
	return list
}

func enrolled(t *testing.T, db *store.DB, id string) (all []registration.Registration) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		all, err = registration.Enrolled(ctx, tx, id)
		return err
	})
	return all
}

func TestEnrollingForTheWholeGivesEachOccasionByItself(t *testing.T) {
	db, _ := storetest.New(t)
	all := series(t, db, event.ForWhole, nil)
	registrationtest.Sign(t, db, all[2].ID, 99) // the last place of the third
	got, err := enrol(db, registrationtest.Request(all[1].ID, 1))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]registration.Status{registration.Confirmed, registration.Confirmed, registration.Waitlisted}, statuses(got)); diff != "" {
		t.Error(diff)
	}
	if got[2].Position != 1 || got[0].Registration.CalendarUID == got[1].Registration.CalendarUID {
		t.Errorf("position %d, UIDs %s and %s", got[2].Position, got[0].Registration.CalendarUID, got[1].Registration.CalendarUID)
	}
	if n := len(enrolled(t, db, got[0].Registration.ID)); n != 3 {
		t.Errorf("%d registrations have the enrolment", n)
	}
	err = db.Write(ctx, func(tx *store.Tx) error { return event.LeaveSeries(ctx, tx, all[0].ID, audit.Command) })
	if !errors.Is(err, event.ErrEnrolled) {
		t.Errorf("an occasion with people left its series: %v", err)
	}
}

func TestEnrollingForEachGivesTheChosenOnes(t *testing.T) {
	db, _ := storetest.New(t)
	all := series(t, db, event.ForEach, nil)
	got, err := enrol(db, registrationtest.Request(all[0].ID, 1), all[2].ID)
	if err != nil || len(got) != 2 || got[0].Registration.EventID != all[0].ID || got[1].Registration.EventID != all[2].ID {
		t.Fatalf("%+v, %v", got, err)
	}
	stranger := registrationtest.Event(t, db, nil)
	if _, err := enrol(db, registrationtest.Request(all[0].ID, 2), stranger.ID); err == nil {
		t.Error("an event of no series was signed up for with one")
	}
}

func TestAnAddressThatIsThereGetsAStrangersAnswer(t *testing.T) {
	db, _ := storetest.New(t)
	all := series(t, db, event.ForWhole, nil)
	before := registrationtest.Sign(t, db, all[0].ID, 1)
	got, err := enrol(db, registrationtest.Request(all[0].ID, 1))
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Registration.ID != before.ID || !got[0].Already || got[0].Status != registration.Confirmed {
		t.Errorf("the answer is %+v", got[0])
	}
	if n := len(enrolled(t, db, before.ID)); n != 3 {
		t.Errorf("%d registrations have the enrolment, the missing ones too", n)
	}
	again, err := enrol(db, registrationtest.Request(all[0].ID, 1))
	if err != nil || len(enrolled(t, db, before.ID)) != 3 {
		t.Errorf("once more: %v, %v", statuses(again), err)
	}
}

func TestGivingUpAllOccasionsLetsTheNextIn(t *testing.T) {
	db, _ := storetest.New(t)
	all := series(t, db, event.ForWhole, nil)
	first, err := enrol(db, registrationtest.Request(all[0].ID, 1))
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := enrol(db, registrationtest.Request(all[0].ID, 2))
	if err != nil || waiting[2].Status != registration.Waitlisted {
		t.Fatalf("%v, %v", statuses(waiting), err)
	}
	storetest.Write(t, db, func(tx *store.Tx) error {
		n, err := registration.WithdrawAll(ctx, tx, first[1].Registration.ID, audit.Actor{Kind: "person", ID: first[1].Registration.PersonID})
		if n != 3 {
			t.Errorf("%d given up", n)
		}
		return err
	})
	for _, o := range first {
		if s := registrationtest.Find(t, db, o.Registration.ID).Status; s != registration.Cancelled {
			t.Errorf("%s is %s", o.Registration.EventID, s)
		}
	}
	if s := registrationtest.Find(t, db, waiting[0].Registration.ID).Status; s != registration.Confirmed {
		t.Errorf("another person's place is %s", s)
	}
}

func TestCancellingOneOccasionLeavesTheOthers(t *testing.T) {
	db, _ := storetest.New(t)
	all := series(t, db, event.ForWhole, nil)
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := event.Cancel(ctx, tx, all[1].ID, "Sjukdom", registrationtest.Organiser)
		return err
	})
	got, err := enrol(db, registrationtest.Request(all[0].ID, 1))
	if err != nil || len(got) != 2 || got[1].Registration.EventID != all[2].ID {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAQuestionThatOccasionsShareIsAnsweredOnce(t *testing.T) {
	db, _ := storetest.New(t)
	all := series(t, db, event.ForWhole, func(c *event.Content) {
		c.Questions = []event.Question{{Kind: event.YesNoQuestion, Label: "Buss?", Required: true}}
	})
	q := registrationtest.Request(all[0].ID, 1)
	if _, err := enrol(db, q); err == nil {
		t.Error("a required question was left out")
	}
	q.Answers = map[string][]string{all[0].Questions[0].ID: {"yes"}}
	got, err := enrol(db, q)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		there, err := registration.Answers(ctx, tx, got[1].Registration.ID)
		if diff := cmp.Diff(map[string][]string{all[1].Questions[0].ID: {"yes"}}, there); diff != "" {
			t.Error(diff)
		}
		return err
	})
}

func TestAQuestionOfAnotherOccasionAloneIsAnsweredUnderItsOwnId(t *testing.T) {
	db, _ := storetest.New(t)
	n := 0
	all := series(t, db, event.ForEach, func(c *event.Content) {
		if n++; n == 2 {
			c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "Vad vill du öva?", Required: true}}
		}
	})
	q := registrationtest.Request(all[0].ID, 1)
	if _, err := enrol(db, q, all[1].ID); err == nil {
		t.Error("the required question of the second occasion was left out")
	}
	q.Answers = map[string][]string{all[1].Questions[0].ID: {"Pris"}}
	got, err := enrol(db, q, all[1].ID)
	if err != nil || len(got) != 2 || got[1].Status != registration.Confirmed {
		t.Errorf("%v, %v", statuses(got), err)
	}
}

func TestTwoEnrolAtOnceForTheLastPlaceOfOneOccasion(t *testing.T) {
	programs := twoPrograms(t)
	all := series(t, programs[0], event.ForWhole, nil)
	const people = 10
	outcomes, faults := make([][]registration.Outcome, people), make([]error, people)
	atOnce(people, func(i int) { outcomes[i], faults[i] = enrol(programs[i%2], registrationtest.Request(all[0].ID, i)) })
	var last, others int
	var numbers []int
	for i, o := range outcomes {
		if faults[i] != nil {
			t.Fatal(faults[i])
		}
		for _, x := range o[:2] {
			if x.Status == registration.Confirmed {
				others++
			}
		}
		if o[2].Status == registration.Confirmed {
			last++
		} else {
			numbers = append(numbers, o[2].Position)
		}
	}
	slices.Sort(numbers)
	if last != 1 || others != 2*people {
		t.Errorf("%d have the last place, %d the others", last, others)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 4, 5, 6, 7, 8, 9}, numbers); diff != "" {
		t.Error(diff)
	}
}

// An invitation to one occasion opens the series and counts once for each who
// comes by it, until they have given up every occasion.
func TestAnInvitationOpensTheWholeSeriesAndCountsOnce(t *testing.T) {
	db, _ := storetest.New(t)
	all := series(t, db, event.ForWhole, func(c *event.Content) { c.AudienceMode = event.AudienceInvite })
	code := invite(t, db, all[1].ID, "", new(1))
	used := func() (n int) {
		t.Helper()
		storetest.Read(t, db, func(tx *store.Tx) error {
			i, err := registration.FindInvitation(ctx, tx, code.ID)
			n = i.Used
			return err
		})
		return n
	}
	got, err := enrol(db, with(code.Code, all[0].ID, 1))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "statuses", statuses(got), []registration.Status{registration.Confirmed, registration.Confirmed, registration.Confirmed})
	same(t, "used", used(), 1)
	_, err = enrol(db, with(code.Code, all[2].ID, 2))
	same(t, "the second to come by it", codes(err), []string{"code:invitation"})
	for i, want := range []int{1, 1, 0} {
		if _, err := withdraw(db, got[i].Registration.ID, person); err != nil {
			t.Fatal(err)
		}
		same(t, "used when occasions are given up", used(), want)
	}
	stranger := registrationtest.Event(t, db, func(c *event.Content) { c.AudienceMode = event.AudienceInvite })
	_, err = enrol(db, with(code.Code, stranger.ID, 3))
	same(t, "an event of no series", codes(err), []string{"code:invitation"})
}

// One sign-up for a series writes a letter for each occasion: none of them may be
// held as if a stranger filled somebody's mailbox.
func TestTheLettersForOneSeriesCountOnceAgainstTheStrangersLimit(t *testing.T) {
	db, _ := storetest.New(t)
	var ids []string
	for i := range event.MaxOccasions {
		ids = append(ids, registrationtest.Event(t, db, func(c *event.Content) {
			c.StartsAt, c.EndsAt = c.StartsAt.AddDate(0, 0, 7*i), c.EndsAt.AddDate(0, 0, 7*i)
		}).ID)
	}
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := event.MakeSeries(ctx, tx, "Anbudsskolan", event.ForWhole, ids, registrationtest.Organiser)
		return err
	})
	q := registrationtest.Request(ids[0], 1)
	q.Outside = true
	held := func() (n int) {
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			n, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE recipient = ? AND status = 'held'`, q.Email)
			return err
		})
		return n
	}
	if _, err := enrol(db, q); err != nil {
		t.Fatal(err)
	}
	same(t, "held of the first", held(), 0)
	single := registrationtest.Request("", 1)
	single.Outside = true
	for i := range 10 { // in the same second, and yet each counts
		single.EventID = registrationtest.Event(t, db, nil).ID
		registrationtest.SignUp(t, db, single)
		same(t, fmt.Sprintf("held after %d more", i+1), held(), max(0, i-8))
	}
}
