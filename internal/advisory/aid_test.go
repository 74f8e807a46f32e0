package advisory_test

import (
	"errors"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/store"
)

// asAid makes the hours of the test's programme worth 900 kr each to a company.
func asAid(p *advisory.Programme) {
	p.AidRegime, p.AidReason, p.AidMarketMinor, p.AidSource, p.PriceMinor = "de_minimis", "", 110_000, "medelpris enligt anbud 2026", 20_000
}

// declared lets the company declare that it has had no other aid.
func (w *world) declared() aid.Case {
	w.t.Helper()
	var k aid.Case
	w.do(func(tx *store.Tx) (err error) {
		if k, err = aid.Of(ctx(), tx, w.advice.ID, w.firm.ID); err != nil {
			return err
		}
		if _, err = aid.Declare(ctx(), tx, k.ID, aid.Declaration{Signer: "Anna Lind", NACE: "16.239", PersonID: w.who.ID}, audit.Actor{Kind: "person", ID: w.who.ID}); err != nil {
			return err
		}
		k, err = aid.Check(ctx(), tx, k.ID, aid.Checking{}, audit.Command)
		return err
	})
	return k
}

func (w *world) grant(k aid.Case, minutes int, reason string) {
	w.t.Helper()
	w.do(func(tx *store.Tx) error {
		_, err := advisory.GrantAid(ctx(), tx, k.ID, aid.Granting{
			Minutes: minutes, Rate: aid.Rate{Value: 1_120_000, On: tx.Now.AddDate(0, 0, -1), Source: "InforEuro"}, Number: "2027:1", NACE: "16.239", Reason: reason,
		}, audit.Command)
		return err
	})
}

// status is what has become of a booking.
func (w *world) status(id string) (s advisory.Status) {
	w.t.Helper()
	w.do(func(tx *store.Tx) error {
		b, err := advisory.BookingByID(ctx(), tx, id)
		s = b.Status
		return err
	})
	return s
}

func TestTheFirstMeetingWaitsForTheGrantOfAid(t *testing.T) {
	w := newWorld(t, asAid)
	first, err := w.book(w.request(at("2027-01-20", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	if first.Status != advisory.Requested {
		t.Fatalf("before a grant the booking is %s, want requested", first.Status)
	}
	err = w.db.Write(ctx(), func(tx *store.Tx) error {
		_, err := advisory.Confirm(ctx(), tx, first.ID, audit.Command)
		return err
	})
	if !errors.Is(err, advisory.ErrAidMissing) {
		t.Errorf("confirming without a grant: %v, want %v", err, advisory.ErrAidMissing)
	}
	w.grant(w.declared(), 300, "")
	if s := w.status(first.ID); s != advisory.Confirmed {
		t.Errorf("after the grant the booking is %s, want confirmed", s)
	}
	second, err := w.book(w.request(at("2027-01-21", "10:00"), 60))
	if err != nil || second.Status != advisory.Confirmed {
		t.Errorf("the next booking is %s (%v), want confirmed at once", second.Status, err)
	}
}

func TestFewerHoursGrantedAreTheCapAndTheLatestRequestGoes(t *testing.T) {
	w := newWorld(t, asAid)
	var ids []string
	for i, minutes := range []int{60, 120} {
		b, err := w.book(w.request(at("2027-01-20", "10:00").AddDate(0, 0, i), minutes))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, b.ID)
	}
	w.grant(w.declared(), 90, "Taket för stöd är nästan nått.")
	if a, b := w.status(ids[0]), w.status(ids[1]); a != advisory.Confirmed || b != advisory.Declined {
		t.Errorf("the bookings are %s and %s, want confirmed and declined", a, b)
	}
	if left, _ := w.account().Available(); left != 30 {
		t.Errorf("%d minutes are left, want 30 of the 90 granted", left)
	}
}

func TestARequestWithoutADeclarationLapsesInTime(t *testing.T) {
	for _, c := range []struct {
		name  string
		start time.Time
		until time.Time // the last moment at which it stands
	}{
		{"three days before a meeting far ahead, or on the fifth working day", at("2027-01-20", "10:00"), at("2027-01-17", "10:00")},
		{"half the time from booking to a near meeting", at("2027-01-15", "10:00"), at("2027-01-14", "10:00")},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(p *advisory.Programme) { asAid(p); p.LeadMinutes = 60 })
			w.clock.Set(at("2027-01-13", "10:00"))
			b, err := w.book(w.request(c.start, 60))
			if err != nil {
				t.Fatal(err)
			}
			for _, moment := range []struct {
				at   time.Time
				want advisory.Status
			}{{c.until.Add(-time.Second), advisory.Requested}, {c.until, advisory.Lapsed}} {
				w.clock.Set(moment.at)
				w.do(func(tx *store.Tx) error { return advisory.LapseDue(ctx(), tx) })
				if s := w.status(b.ID); s != moment.want {
					t.Errorf("at %s the request is %s, want %s", moment.at, s, moment.want)
				}
			}
			if a := w.account(); a.Reserved != 0 {
				t.Errorf("%d minutes are still reserved", a.Reserved)
			}
		})
	}
}

func TestARequestThatNobodyAnswersLapsesAfterFiveWorkingDays(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.Prerequisite = advisory.ByOrganiser })
	w.clock.Set(at("2027-01-13", "10:00")) // a Wednesday
	b, err := w.book(w.request(at("2027-02-10", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	for _, moment := range []struct {
		at   time.Time
		want advisory.Status
	}{{at("2027-01-20", "23:59"), advisory.Requested}, {at("2027-01-21", "00:00"), advisory.Lapsed}} {
		w.clock.Set(moment.at)
		w.do(func(tx *store.Tx) error { return advisory.LapseDue(ctx(), tx) })
		if s := w.status(b.ID); s != moment.want {
			t.Errorf("at %s the request is %s, want %s", moment.at, s, moment.want)
		}
	}
}

func TestAidIsNotCorrectedBelowWhatIsBookedOfIt(t *testing.T) {
	w := newWorld(t, asAid)
	first, err := w.book(w.request(at("2027-01-20", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	k := w.declared()
	w.grant(k, 300, "")
	correct := func(minutes int) error {
		return w.db.Write(ctx(), func(tx *store.Tx) error {
			_, err := advisory.CorrectAid(ctx(), tx, k.ID, minutes, "Färre timmar behövdes.", audit.Command)
			return err
		})
	}
	if err := correct(30); !errors.Is(err, advisory.ErrAidInUse) {
		t.Errorf("below the meeting that stands: %v, want %v", err, advisory.ErrAidInUse)
	}
	if err := correct(60); err != nil || w.status(first.ID) != advisory.Confirmed {
		t.Fatalf("to what the meeting takes: %v, and it is %s", err, w.status(first.ID))
	}
	if left, _ := w.account().Available(); left != 0 {
		t.Errorf("%d minutes are left, want none: they would have no aid", left)
	}
	if _, err := w.book(w.request(at("2027-01-21", "10:00"), 60)); !errors.Is(err, advisory.ErrCapExceeded) {
		t.Errorf("one more: %v, want %v", err, advisory.ErrCapExceeded)
	}
	var letters int
	w.do(func(tx *store.Tx) (err error) {
		letters, err = store.One(ctx(), tx, store.Value[int], `SELECT count(*) FROM message WHERE letter = 'A2'`)
		return err
	})
	if letters != 2 {
		t.Errorf("%d letters tell of the aid, want one of the grant and one of the correction", letters)
	}
}
