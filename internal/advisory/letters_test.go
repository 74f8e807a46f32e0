package advisory_test

import (
	"slices"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/store"
)

// lettersOf lists the codes of what the one who books has been sent.
func (w *world) lettersOf() (codes []string) {
	w.t.Helper()
	w.do(func(tx *store.Tx) (err error) {
		codes, err = store.All(ctx(), tx, store.Value[string], `SELECT letter FROM message WHERE recipient = ? ORDER BY rowid`, w.who.Email)
		return err
	})
	return codes
}

func TestWhoStillWaitsIsToldThatTheTimesHaveRunOut(t *testing.T) {
	w := newWorld(t, nil)
	r := w.request(time.Time{}, 60)
	b, err := w.book(r)
	if err != nil {
		t.Fatal(err)
	}
	w.do(func(tx *store.Tx) error {
		_, err := advisory.Propose(ctx(), tx, b.ID, w.adviser.ID, []time.Time{at("2027-01-18", "09:00"), at("2027-01-18", "13:00")}, by)
		return err
	})
	before := w.lettersOf()
	w.clock.Advance(72 * time.Hour)
	w.do(func(tx *store.Tx) error { // nobody gives the hour to the queue again at once
		_, err := store.Exec(ctx(), tx, `UPDATE advisory_programme SET status = 'closed'`)
		return err
	})
	for range 2 { // once, though the clock strikes again
		w.do(func(tx *store.Tx) error { return advisory.LookAfterWaiting(ctx(), tx) })
	}
	after := w.lettersOf()
	if want := append(slices.Clone(before), "B2"); !slices.Equal(after, want) {
		t.Errorf("letters %v, want %v", after, want)
	}
}

func TestARefusedCompanyIsToldOnce(t *testing.T) {
	for _, waits := range []bool{true, false} {
		w := newWorld(t, asAid)
		b, err := w.book(w.request(at("2027-01-18", "09:00"), 60))
		if err != nil {
			t.Fatal(err)
		}
		k := w.declared()
		if !waits {
			w.do(func(tx *store.Tx) error {
				_, err := advisory.Cancel(ctx(), tx, b.ID, "", true, by)
				return err
			})
		}
		before := w.lettersOf()
		w.do(func(tx *store.Tx) error {
			_, err := advisory.RefuseAid(ctx(), tx, k.ID, "Taket är nått.", audit.Command)
			return err
		})
		want := append(slices.Clone(before), map[bool]string{true: "B4", false: "A3"}[waits])
		if after := w.lettersOf(); !slices.Equal(after, want) {
			t.Errorf("a booking waits %v: letters %v, want %v", waits, after, want)
		}
	}
}
