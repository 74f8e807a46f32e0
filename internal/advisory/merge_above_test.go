package advisory_test

import (
	"testing"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// TestAboveTheCapWhatWasBookedCanStillBeMovedAndUsed merges two companies which
// together have more than one may have: nobody loses what was booked, and only what
// raises the sum is refused.
func TestAboveTheCapWhatWasBookedCanStillBeMovedAndUsed(t *testing.T) {
	w := newWorld(t, nil)
	old := w.companies(1)[0]
	var mine []advisory.Booking
	for i, day := range []string{"2027-01-18", "2027-01-19", "2027-01-20", "2027-01-21"} {
		r := w.request(at(day, "09:00"), 120)
		if i < 2 {
			r.CompanyID = old
		}
		b, err := w.book(r)
		if err != nil {
			t.Fatal(err)
		}
		mine = append(mine, b)
	}
	w.do(func(tx *store.Tx) error {
		return advisory.MergeCompanies(ctx(), tx, old, w.firm.ID, "samma företag", audit.System)
	})
	sum := func(want int) {
		t.Helper()
		if a := w.account(); a.Reserved+a.Used != want {
			t.Errorf("%d minutes are taken, want %d", a.Reserved+a.Used, want)
		}
	}
	sum(480)
	move := func(i int, clock string, minutes int) error {
		return w.db.Write(ctx(), func(tx *store.Tx) error {
			_, err := advisory.Reschedule(ctx(), tx, mine[i].ID, at("2027-01-25", clock), minutes, "", false, audit.System)
			return err
		})
	}
	if err := move(0, "09:00", 0); err != nil {
		t.Errorf("the same length at another time: %v", err)
	}
	sum(480)
	if err := move(1, "13:00", 90); err != nil {
		t.Errorf("a shorter one: %v", err)
	}
	sum(450)
	if refusal, ok := problem.As(move(1, "13:00", 120)); !ok || !refusal.Is(advisory.ErrCapExceeded) {
		t.Errorf("a longer one: %v", refusal)
	}
	sum(450)
	w.clock.Set(at("2027-01-21", "12:00"))
	step := func(act func(tx *store.Tx) (advisory.Booking, error)) {
		t.Helper()
		w.do(func(tx *store.Tx) error {
			_, err := act(tx)
			return err
		})
	}
	step(func(tx *store.Tx) (advisory.Booking, error) {
		return advisory.EnterTime(ctx(), tx, mine[2].ID, advisory.Time{Minutes: 150}, audit.System)
	})
	sum(450) // the half hour beyond is over
	step(func(tx *store.Tx) (advisory.Booking, error) {
		return advisory.Miss(ctx(), tx, mine[3].ID, audit.System)
	})
	sum(390)
	step(func(tx *store.Tx) (advisory.Booking, error) {
		return advisory.Cancel(ctx(), tx, mine[0].ID, "förhinder", true, audit.System)
	})
	sum(270)
}
