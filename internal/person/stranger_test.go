package person

import (
	"context"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestWhatIsTiedToAPersonIsKnown(t *testing.T) {
	schema, err := os.ReadFile("../store/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range regexp.MustCompile(`(?s)CREATE TABLE (\w+) \(.*?\n\)`).FindAllSubmatch(schema, -1) {
		if regexp.MustCompile(`REFERENCES person \(id\)`).Match(table[0]) && !slices.Contains(tied, string(table[1])) {
			t.Errorf("people are swept away though something is tied to them in %s", table[1])
		}
	}
}

func TestAnAddressWithWhichNothingWasDoneIsForgotten(t *testing.T) {
	ctx := context.Background()
	db, clock := storetest.New(t)
	count := func() (n int) {
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			n, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM person`)
			return err
		})
		return n
	}
	storetest.Write(t, db, func(tx *store.Tx) error {
		if err := AskLink(ctx, tx, Asking{Email: "nobody@example.se"}); err != nil {
			return err
		}
		if err := AskLink(ctx, tx, Asking{Email: "new@example.se", Newcomer: true, Language: "sv"}); err != nil {
			return err
		}
		_, err := Ensure(ctx, tx, Person{Email: "anna@example.se", FirstName: "Anna", LastName: "Lind", Language: "sv"})
		return err
	})
	if n := count(); n != 2 {
		t.Fatalf("%d people, want the newcomer and Anna", n)
	}
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{7 * 24 * time.Hour, 2}, {2 * 24 * time.Hour, 1}} {
		clock.Advance(step.after)
		storetest.Write(t, db, func(tx *store.Tx) error { return Sweep(ctx, tx) })
		if n := count(); n != step.want {
			t.Errorf("%d people, want %d", n, step.want)
		}
	}
}
