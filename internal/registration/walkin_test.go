package registration_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func arrive(db *store.DB, eventID string, a registration.Arrival) (r registration.Registration, err error) {
	if a.Language == "" {
		a.Language = "sv"
	}
	a.By = registrationtest.Organiser
	err = db.Write(context.Background(), func(tx *store.Tx) (err error) {
		r, err = registration.WalkIn(context.Background(), tx, eventID, a)
		return err
	})
	return r, err
}

func TestSomebodyWhoTurnsUpIsPresentAtOnceAndHearsOfItAfterTheEnd(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) {
		c.RoomPlaces, c.Questions = new(1), []event.Question{{Kind: event.YesNoQuestion, Label: "Buss?", Required: true}}
	})
	clock.Set(starts.Add(-time.Hour))
	for i, tt := range []struct {
		name, first, last string
		extra             bool
	}{{"Maria von Essen", "Maria", "von Essen", false}, {"Anna Karin  Berg", "Anna Karin", "Berg", true}, {"Nils", "Nils", "", true}} {
		r, err := arrive(db, ev.ID, registration.Arrival{Name: tt.name, Email: " " + registrationtest.Address(i), Organisation: "Nordby Rör"})
		if err != nil {
			t.Fatal(err)
		}
		got := registrationtest.Find(t, db, r.ID)
		if got.FirstName != tt.first || got.LastName != tt.last || got.Extra != tt.extra || got.Status != registration.Attended || got.Mode != event.Room ||
			got.OrganisationName != "Nordby Rör" || got.CompanyID != "" || got.OrganisationKind != registration.OfNone {
			t.Errorf("%+v", got)
		}
		same(t, "one letter", letters(t, db, r.ID), []string{"E02b -"})
		if m := last(t, db, r.ID); !m.DueAt.Equal(ends) {
			t.Errorf("it goes at %s, and the event ends at %s", m.DueAt, ends)
		}
		same(t, "the audit", trail(t, db, r.ID), []string{"user →attended"})
	}
	sound(t, db, ev.ID)
}

func TestWhoeverIsRegisteredIsMarkedOnThatRegistration(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = new(2) })
	first, late, queued := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2), registrationtest.Sign(t, db, ev.ID, 3)
	clock.Set(starts.Add(-2 * time.Hour))
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.Withdraw(context.Background(), tx, late.ID, person, "")
		return err
	})
	clock.Set(starts)
	for n, want := range map[int]registration.Registration{1: first, 2: late, 3: queued} {
		got, err := arrive(db, ev.ID, registration.Arrival{Name: "Någon Annan", Email: registrationtest.Address(n)})
		if err != nil || got.ID != want.ID || got.Status != registration.Attended || got.Name() != want.Name() {
			t.Errorf("number %d: %v, %+v", n, err, got)
		}
	}
	sound(t, db, ev.ID)
}

func TestTheNameOfACompanyAtTheEventTiesToIt(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	q := registrationtest.Request(ev.ID, 1)
	q.Organisation, q.TestNumbers = registration.Organisation{Kind: registration.OfCompany, Country: "SE", Number: "402000-1006", Name: "Siljans Snickeri"}, true
	colleague := registrationtest.SignUp(t, db, q).Registration
	clock.Set(starts)
	got, err := arrive(db, ev.ID, registration.Arrival{Name: "Eva Ek", Email: "eva@people.example", Organisation: " siljans  SNICKERI"})
	if err != nil || got.CompanyID != colleague.CompanyID || got.OrganisationName != "Siljans Snickeri" {
		t.Errorf("%v, %+v", err, got)
	}
}

func TestAWalkInIsRefusedWithAReason(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	good := registration.Arrival{Name: "Eva Ek", Email: "eva@people.example"}
	clock.Set(starts.Add(-time.Hour - time.Second))
	if _, err := arrive(db, ev.ID, good); !errors.Is(err, registration.ErrNotNow) {
		t.Errorf("too early: %v", err)
	}
	clock.Set(starts)
	for _, tt := range []struct {
		name string
		a    registration.Arrival
		want problem.Fields
	}{
		{"nothing typed", registration.Arrival{}, problem.Fields{{Name: "name", Code: "required"}, {Name: "email", Code: "required"}}},
		{"no address", registration.Arrival{Name: "Eva", Email: "eva"}, problem.Fields{{Name: "email", Code: "email"}}},
		{"a personal number for a company", registration.Arrival{Name: "Eva", Email: good.Email, Organisation: "Eva 640823-3234"}, problem.Fields{{Name: "company_name", Code: "name_not_number"}}},
	} {
		_, err := arrive(db, ev.ID, tt.a)
		p, ok := problem.As(err)
		if !ok {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, problem.Fields(p.Fields)); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}
