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

// caseOfAid is the company's case.
func (w *world) caseOfAid() (k aid.Case) {
	w.t.Helper()
	w.do(func(tx *store.Tx) (err error) { k, err = aid.Of(ctx(), tx, w.advice.ID, w.firm.ID); return err })
	return k
}

func TestAGrantOfAidIsNotOneForEachYear(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { asAid(p); p.CapPeriod = "year"; p.LeadMinutes = 60 })
	w.clock.Set(at("2027-12-07", "10:00"))
	if _, err := w.book(w.request(at("2027-12-14", "10:00"), 120)); err != nil {
		t.Fatal(err)
	}
	w.grant(w.declared(), 300, "")
	for i, minutes := range []int{120, 60} {
		if b, err := w.book(w.request(at("2027-12-15", "10:00").AddDate(0, 0, i), minutes)); err != nil || b.Status != advisory.Confirmed {
			t.Fatal(b.Status, err)
		}
	}
	next, err := w.book(w.request(at("2028-01-11", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	if k := w.caseOfAid(); next.Status != advisory.Requested || k.Status != aid.Asked || k.Round != 2 || k.Minutes != 300 {
		t.Fatalf("an hour of the next year, with all that was granted booked, is %s; the case is %s, round %d, for %d minutes", next.Status, k.Status, k.Round, k.Minutes)
	}
	w.grant(w.declared(), 300, "")
	if s := w.status(next.ID); s != advisory.Confirmed {
		t.Errorf("after the second grant it is %s", s)
	}
}

func TestMoreHoursThanGrantedNeedANewGrant(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { asAid(p); p.CapMinutes = minutes(120) })
	first, err := w.book(w.request(at("2027-01-20", "10:00"), 120))
	if err != nil {
		t.Fatal(err)
	}
	w.grant(w.declared(), 120, "")
	if err := w.edit(func(p *advisory.Programme) { p.CapMinutes = minutes(300) }); err != nil {
		t.Fatal(err)
	}
	w.clock.Set(first.EndsAt)
	w.do(func(tx *store.Tx) error {
		b, err := advisory.EnterTime(ctx(), tx, first.ID, advisory.Time{Minutes: 150}, second)
		if b.ChargedMinutes == nil || *b.ChargedMinutes != 120 || *b.OverMinutes != 30 {
			t.Errorf("150 minutes with 120 granted: %+v", b)
		}
		return err
	})
	more, err := w.book(w.request(at("2027-02-03", "10:00"), 60))
	if k := w.caseOfAid(); err != nil || more.Status != advisory.Requested || k.Status != aid.Asked || k.Minutes != 180 {
		t.Fatalf("%s (%v), the case %s for %d minutes; want requested, and asked for the 180 that are not granted", more.Status, err, k.Status, k.Minutes)
	}
	w.grant(w.declared(), 90, "Taket är nästan nått.")
	if s, a := w.status(more.ID), w.account(); s != advisory.Confirmed || *a.CapMinutes != 210 {
		t.Errorf("after 90 more it is %s and the cap %d, want confirmed and 210", s, *a.CapMinutes)
	}
	err = w.db.Write(ctx(), func(tx *store.Tx) error {
		if _, err := store.Exec(ctx(), tx, `UPDATE hours_account SET cap_minutes = 300`); err != nil {
			return err
		}
		_, err := advisory.Reschedule(ctx(), tx, more.ID, at("2027-02-04", "10:00"), 120, "", true, second)
		return err
	})
	if !errors.Is(err, advisory.ErrAidMissing) {
		t.Errorf("a longer meeting than was granted: %v", err)
	}
}

func TestAnEditOfTheProgrammeLeavesALowerGrantAlone(t *testing.T) {
	w := newWorld(t, asAid)
	if _, err := w.book(w.request(at("2027-01-20", "10:00"), 60)); err != nil {
		t.Fatal(err)
	}
	w.grant(w.declared(), 90, "Taket är nästan nått.")
	for _, c := range []struct{ programme, want int }{{300, 90}, {600, 90}, {60, 60}} {
		if err := w.edit(func(p *advisory.Programme) { p.CapMinutes = minutes(c.programme) }); err != nil {
			t.Fatal(err)
		}
		if a := w.account(); *a.CapMinutes != c.want {
			t.Errorf("with %d in the programme the account has %d, want %d", c.programme, *a.CapMinutes, c.want)
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

func TestAGrantIsLoweredToWhatWasUsedWhenTheProgrammeHasEnded(t *testing.T) {
	w := newWorld(t, asAid)
	b, err := w.book(w.request(at("2027-01-20", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	k := w.declared()
	w.grant(k, 300, "")
	inForce := func() (minutes int) {
		w.do(func(tx *store.Tx) error {
			if err := advisory.CloseAid(ctx(), tx); err != nil {
				return err
			}
			awards, err := k.Awards(ctx(), tx)
			minutes, _, _ = awards[0].InForce()
			return err
		})
		return minutes
	}
	w.clock.Set(at("2027-01-20", "12:00"))
	w.do(func(tx *store.Tx) error {
		return advisory.SetStatus(ctx(), tx, w.advice.ID, advisory.Closed, audit.Command)
	})
	if got := inForce(); got != 300 {
		t.Errorf("before the time is entered %d minutes are granted, want 300", got)
	}
	w.do(func(tx *store.Tx) error {
		_, err := advisory.EnterTime(ctx(), tx, b.ID, advisory.Time{Minutes: 50}, audit.Actor{Kind: "user", ID: w.adviser.UserID})
		return err
	})
	for range 2 { // running it twice does no harm
		if got := inForce(); got != 50 {
			t.Errorf("after the end %d minutes are granted, want the 50 that were used", got)
		}
	}
}
