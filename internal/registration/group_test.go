package registration_test

import (
	"testing"

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
