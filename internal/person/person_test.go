package person_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/person"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var ctx = context.Background()

func ensure(t *testing.T, db *store.DB, p person.Person) (got person.Person) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		got, err = person.Ensure(ctx, tx, p)
		return err
	})
	return got
}

func TestOneAddressIsOnePersonWhateverNameIsTyped(t *testing.T) {
	db, _ := storetest.New(t)
	first := ensure(t, db, person.Person{Email: "anna@example.se", FirstName: "Anna", LastName: "Berg", Language: "sv"})
	if first.ID == "" || first.FirstName != "Anna" {
		t.Fatalf("stored as %+v", first)
	}
	again := ensure(t, db, person.Person{ID: "chosen", Email: "anna@example.se", FirstName: "Stranger", LastName: "Danger", Language: "en"})
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("what an unproved form says took the place of what was known:\n%s", diff)
	}
	other := ensure(t, db, person.Person{Email: "anna.berg@example.se", FirstName: "Anna", LastName: "Berg", Language: "sv"})
	if other.ID == first.ID {
		t.Error("two addresses are one person")
	}
}

func TestAnAddressThatFailedIsKnownFromTheFirstTime(t *testing.T) {
	db, clock := storetest.New(t)
	first := clock.Now()
	anna := person.Person{Email: "anna@example.se", FirstName: "Anna", LastName: "Berg", Language: "sv"}
	ensure(t, db, anna)
	ensure(t, db, person.Person{Email: "bo@example.se", FirstName: "Bo", LastName: "Ek", Language: "nb"})
	for range 2 {
		storetest.Write(t, db, func(tx *store.Tx) error { return person.MarkEmailFailed(ctx, tx, "anna@example.se") })
		clock.Advance(time.Hour)
	}
	if got := ensure(t, db, anna); !got.EmailFailedAt.Equal(first) {
		t.Errorf("failed at %v, want %v", got.EmailFailedAt, first)
	}
	for email, want := range map[string]bool{"anna@example.se": true, "bo@example.se": false, "nobody@example.se": false} {
		storetest.Read(t, db, func(tx *store.Tx) error {
			got, err := person.EmailFailed(ctx, tx, email)
			if got != want {
				t.Errorf("EmailFailed(%s) = %t", email, got)
			}
			return err
		})
	}
}

func TestAnAddressThatFailedIsTriedAgainOnceSomebodyHasLookedAtIt(t *testing.T) {
	db, _ := storetest.New(t)
	for _, email := range []string{"anna@example.se", "bo@example.se"} {
		ensure(t, db, person.Person{Email: email, FirstName: "A", LastName: "B", Language: "sv"})
		storetest.Write(t, db, func(tx *store.Tx) error { return person.MarkEmailFailed(ctx, tx, email) })
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return person.EmailWorks(ctx, tx, "anna@example.se") })
	for email, want := range map[string]bool{"anna@example.se": false, "bo@example.se": true} {
		storetest.Read(t, db, func(tx *store.Tx) error {
			got, err := person.EmailFailed(ctx, tx, email)
			if got != want {
				t.Errorf("EmailFailed(%s) = %t", email, got)
			}
			return err
		})
	}
}
