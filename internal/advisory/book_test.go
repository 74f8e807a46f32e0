package advisory_test

import (
	"errors"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/store"
)

func TestHoursAreReservedWhenBookedAndSpentWhenSettled(t *testing.T) {
	w := newWorld(t, nil)
	b, err := w.book(w.request(at("2027-01-18", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	if b.Status != advisory.Confirmed || b.AdviserID != w.adviser.ID {
		t.Errorf("the booking is %s with adviser %q, want confirmed with Eva", b.Status, b.AdviserID)
	}
	if a := w.account(); a.Reserved != 60 || a.Used != 0 {
		t.Errorf("after booking %d minutes are reserved and %d used, want 60 and 0", a.Reserved, a.Used)
	}
	w.clock.Set(at("2027-01-18", "11:10"))
	w.do(func(tx *store.Tx) (err error) {
		b, err = advisory.EnterTime(ctx(), tx, b.ID, advisory.Time{Minutes: 42, Shared: "Läs skallkraven först."}, audit.Actor{Kind: "user", ID: w.adviser.UserID})
		return err
	})
	if a := w.account(); a.Reserved != 0 || a.Used != 40 {
		t.Errorf("after 42 minutes were entered %d are reserved and %d used, want 0 and 40", a.Reserved, a.Used)
	}
}

func TestAnAdviserHasOneMeetingAtATime(t *testing.T) {
	w := newWorld(t, nil)
	if _, err := w.book(w.request(at("2027-01-18", "10:00"), 60)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.book(w.request(at("2027-01-18", "11:15"), 60)); !errors.Is(err, advisory.ErrSlotTaken) {
		t.Errorf("a meeting within the buffer of another gave %v, want %v", err, advisory.ErrSlotTaken)
	}
	if _, err := w.book(w.request(at("2027-01-18", "11:30"), 60)); err != nil {
		t.Errorf("a meeting after both buffers: %v", err)
	}
}

func TestTheCapHolds(t *testing.T) {
	w := newWorld(t, nil)
	for i, minutes := range []int{120, 120, 30} {
		if _, err := w.book(w.request(at("2027-01-18", "08:00").AddDate(0, 0, i), minutes)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.book(w.request(at("2027-01-25", "08:00"), 60)); !errors.Is(err, advisory.ErrCapExceeded) {
		t.Errorf("60 minutes with 30 left gave %v, want %v", err, advisory.ErrCapExceeded)
	}
	if _, err := w.book(w.request(at("2027-01-25", "08:00"), 30)); err != nil {
		t.Errorf("the last half hour: %v", err)
	}
}

func TestALateCancellationCostsFromTheSecondOn(t *testing.T) {
	w := newWorld(t, nil)
	for i, want := range []int{0, 30} {
		b, err := w.book(w.request(at("2027-01-20", "10:00").AddDate(0, 0, 7*i), 60))
		if err != nil {
			t.Fatal(err)
		}
		w.clock.Set(b.StartsAt.Add(-time.Hour))
		w.do(func(tx *store.Tx) (err error) {
			b, err = advisory.Cancel(ctx(), tx, b.ID, "sjuk", true, audit.Actor{Kind: "person", ID: w.who.ID})
			return err
		})
		if a := w.account(); b.Status != advisory.LateCancelled || a.Used != want || a.Reserved != 0 {
			t.Errorf("late cancellation %d: %s, %d used, %d reserved; want late_cancelled, %d, 0", i+1, b.Status, a.Used, a.Reserved, want)
		}
	}
}

func TestAMeetingThatMovesIntoAnotherYearTakesThatYearsHours(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.CapPeriod = "year" })
	w.clock.Set(at("2027-12-13", "10:00"))
	b, err := w.book(w.request(at("2027-12-20", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	for _, day := range []string{"2028-01-11", "2027-12-21"} {
		w.do(func(tx *store.Tx) error {
			b, err = advisory.Reschedule(ctx(), tx, b.ID, at(day, "10:00"), 0, "", false, audit.Actor{Kind: "person", ID: w.who.ID})
			if err != nil {
				return err
			}
			for _, year := range []int{2027, 2028} {
				a, err := advisory.AccountOf(ctx(), tx, w.advice, advisory.Holder{CompanyID: w.firm.ID}, year)
				if err != nil {
					return err
				}
				want := 0
				if year == b.StartsAt.Year() {
					want = 60
				}
				if a.Reserved != want || (a.ID == b.AccountID) != (want > 0) {
					t.Errorf("moved to %s: %d minutes of %d are reserved, want %d", day, a.Reserved, year, want)
				}
			}
			return nil
		})
	}
}

func TestAProjectsHoursAreThereForProjectsAlone(t *testing.T) {
	w := newWorld(t, nil)
	r := w.request(at("2027-01-18", "10:00"), 60)
	r.ApplicationID = "of another programme"
	if _, err := w.book(r); !errors.Is(err, advisory.ErrNotEligible) {
		t.Errorf("a project's hours in a programme for companies: %v", err)
	}
}

func TestAnswersToQuestionsThatWereNotAskedAreLeftOut(t *testing.T) {
	w := newWorld(t, nil)
	r := w.request(at("2027-01-18", "10:00"), 60)
	r.Answers = map[string]string{"nobody asked": "yes"}
	if _, err := w.book(r); err != nil {
		t.Error(err)
	}
}
