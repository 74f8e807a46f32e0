package advisory_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/store"
	"stafett/internal/user"
)

var second = audit.Actor{Kind: "user", ID: "second"}

// settle books and settles a meeting on a day.
func (w *world) settle(day string, booked, took int) (b advisory.Booking) {
	w.t.Helper()
	b, err := w.book(w.request(at(day, "10:00"), booked))
	if err != nil {
		w.t.Fatal(err)
	}
	w.clock.Set(b.EndsAt.Add(10 * time.Minute))
	w.do(func(tx *store.Tx) (err error) {
		b, err = advisory.EnterTime(ctx(), tx, b.ID, advisory.Time{Minutes: took}, audit.Actor{Kind: "user", ID: w.adviser.UserID})
		return err
	})
	return b
}

func (w *world) adjust(minutes int, reason string, by audit.Actor) (waits bool, err error) {
	w.t.Helper()
	id := w.account().ID
	err = w.db.Write(ctx(), func(tx *store.Tx) (err error) {
		waits, err = advisory.AdjustHours(ctx(), tx, id, minutes, reason, by)
		return err
	})
	return waits, err
}

func TestAnAdjustmentOfMoreThanAnHourNeedsTwo(t *testing.T) {
	w := newWorld(t, nil)
	w.settle("2027-01-18", 120, 120)
	if _, err := w.adjust(-10, "kort", organiser); faultAt(err, "reason") != "reason_short" {
		t.Errorf("a reason of four letters gave %v", err)
	}
	if waits, err := w.adjust(-60, "Mötet avbröts av brandlarm", organiser); err != nil || waits {
		t.Errorf("an hour back waits (%t) or is refused: %v", waits, err)
	}
	if waits, err := w.adjust(-5, "Fem minuter till tillbaka", organiser); err != nil || !waits {
		t.Errorf("more than an hour in small parts counts at once (%t), %v", waits, err)
	}
	if a := w.account(); a.Used != 60 {
		t.Errorf("%d minutes used, want 60", a.Used)
	}
	var open []advisory.Adjustment
	w.do(func(tx *store.Tx) (err error) {
		open, err = advisory.OpenAdjustments(ctx(), tx, advisory.Within{w.prog.ID})
		return err
	})
	if len(open) != 1 {
		t.Fatalf("%d adjustments wait, want one", len(open))
	}
	decide := func(agree bool, by audit.Actor) error {
		return w.db.Write(ctx(), func(tx *store.Tx) error { return advisory.DecideAdjustment(ctx(), tx, open[0].ID, agree, by) })
	}
	if err := decide(true, organiser); !errors.Is(err, advisory.ErrSamePerson) {
		t.Errorf("agreeing with oneself gave %v", err)
	}
	if err := decide(true, second); err != nil {
		t.Fatal(err)
	}
	if err := decide(true, second); !errors.Is(err, advisory.ErrAdjustDecided) {
		t.Errorf("agreeing twice gave %v", err)
	}
	if a := w.account(); a.Used != 55 {
		t.Errorf("%d minutes used after both agreed, want 55", a.Used)
	}
	if _, err := w.adjust(-60, "Mer tillbaka än som använts", second); faultAt(err, "minutes") != "adjust_below" {
		t.Errorf("giving back more than was used gave %v", err)
	}
	if _, err := w.adjust(246, "Mer än vad som är kvar", second); !errors.Is(err, advisory.ErrCapExceeded) {
		t.Errorf("taking more than is left gave %v", err)
	}
}

func TestMinutesAreCorrectedAfterSettling(t *testing.T) {
	w := newWorld(t, nil)
	b := w.settle("2027-01-18", 60, 60)
	correct := func(minutes int, by audit.Actor) (waits bool, err error) {
		err = w.db.Write(ctx(), func(tx *store.Tx) (err error) {
			waits, err = advisory.Correct(ctx(), tx, b.ID, minutes, "Rådgivaren skrev fel tid", by)
			return err
		})
		return waits, err
	}
	if waits, err := correct(47, organiser); waits || err != nil {
		t.Fatal(waits, err)
	}
	w.do(func(tx *store.Tx) (err error) {
		b, err = advisory.BookingByID(ctx(), tx, b.ID)
		n, err2 := store.One(ctx(), tx, store.Value[int], `SELECT count(*) FROM message WHERE booking_id = ? AND letter = 'B11'`, b.ID)
		if n != 1 {
			t.Errorf("%d letters about the correction", n)
		}
		return errors.Join(err, err2)
	})
	if a := w.account(); *b.ActualMinutes != 45 || *b.ChargedMinutes != 45 || a.Used != 45 {
		t.Errorf("corrected to %d, charged %d, used %d; want 45 of each", *b.ActualMinutes, *b.ChargedMinutes, a.Used)
	}
	if waits, err := correct(360, organiser); !waits || err != nil {
		t.Fatal(waits, err)
	}
	if _, err := correct(370, second); !errors.Is(err, advisory.ErrAdjustWaits) {
		t.Errorf("a second correction while one waits gave %v", err)
	}
	w.do(func(tx *store.Tx) error {
		open, err := advisory.OpenAdjustments(ctx(), tx, nil)
		if err != nil {
			return err
		}
		return advisory.DecideAdjustment(ctx(), tx, open[0].ID, true, second)
	})
	w.do(func(tx *store.Tx) (err error) { b, err = advisory.BookingByID(ctx(), tx, b.ID); return err })
	if a := w.account(); *b.ActualMinutes != 360 || *b.ChargedMinutes != 300 || *b.OverMinutes != 60 || a.Used != 300 {
		t.Errorf("corrected to %d, charged %d, over %d, used %d; want 360, 300, 60, 300", *b.ActualMinutes, *b.ChargedMinutes, *b.OverMinutes, a.Used)
	}
}

func TestFiveHoursAtTwoHundredKronor(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.PriceMinor, p.LeadMinutes = 20_000, 0 })
	w.settle("2027-01-18", 120, 120)
	w.settle("2027-01-20", 120, 117) // 115: 383,33
	b := w.settle("2027-01-22", 60, 60)
	lines := func(month string) (l []advisory.InvoiceLine) {
		t.Helper()
		w.do(func(tx *store.Tx) (err error) {
			p, err := advisory.ProgrammeByID(ctx(), tx, w.advice.ID)
			if err != nil {
				return err
			}
			l, err = advisory.InvoiceBasis(ctx(), tx, p, month, at("2027-01-01", "00:00").Location())
			return err
		})
		return l
	}
	sums := func(l []advisory.InvoiceLine) string {
		minutes, amount, vat := 0, int64(0), int64(0)
		for _, x := range l {
			minutes, amount, vat = minutes+x.Minutes, amount+x.Amount, vat+x.VAT
		}
		return fmt.Sprint(len(l), minutes, amount, vat)
	}
	if got := sums(lines("2027-01")); got != "3 295 98333 24583" {
		t.Errorf("January is %s", got)
	}
	// In February five minutes more turn out to have been used, and the organiser has
	// come to another view of VAT: what was booked keeps its own.
	w.clock.Set(at("2027-02-02", "09:00"))
	if err := w.edit(func(p *advisory.Programme) { p.VATPercent, p.VATReason = 0, "Myndighetsutövning" }); err != nil {
		t.Fatal(err)
	}
	w.do(func(tx *store.Tx) error {
		_, err := advisory.Correct(ctx(), tx, b.ID, 65, "Mötet tog fem minuter till", organiser)
		return err
	})
	if got := sums(lines("2027-01")); got != "3 295 98333 24583" {
		t.Errorf("January has changed to %s", got)
	}
	february := lines("2027-02")
	if got := sums(february); got != "1 5 1667 417" || !february[0].Correction {
		t.Errorf("February is %s", got)
	}
	// 300 minutes at 200 kronor an hour are 1 000,00 and 250,00.
	if got, vat := advisory.PriceOf(300, 20_000), advisory.VATOn(100_000, 25); got != 100_000 || vat != 25_000 {
		t.Errorf("five hours cost %d and %d", got, vat)
	}
}

// other makes another company with a person who may act for it.
func (w *world) other(number, name string) (c company.Company) {
	w.t.Helper()
	w.do(func(tx *store.Tx) (err error) { c, err = company.Ensure(ctx(), tx, "SE", number, name); return err })
	return c
}

func TestAMergeTakesHoursAlongAndMayPassTheCap(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.LeadMinutes = 0 })
	w.settle("2027-01-18", 120, 120)
	w.settle("2027-01-19", 60, 60)
	into := w.other("5560360793", "Bygg i Mora AB")
	from := w.firm
	w.firm = into
	w.settle("2027-01-20", 120, 120)
	mine, err := w.book(w.request(at("2027-02-01", "10:00"), 120))
	if err != nil {
		t.Fatal(err)
	}
	w.firm = from
	theirs, err := w.book(w.request(at("2027-02-02", "10:00"), 90))
	if err != nil {
		t.Fatal(err)
	}
	pool := func() (b advisory.Balance) {
		w.do(func(tx *store.Tx) (err error) { b, err = advisory.PoolBalance(ctx(), tx, w.advice.ID); return err })
		return b
	}
	before := pool()
	w.do(func(tx *store.Tx) error {
		return advisory.MergeCompanies(ctx(), tx, from.ID, into.ID, "Fusion i januari", organiser)
	})
	if after := pool(); after != before {
		t.Errorf("the pool was %+v and is %+v", before, after)
	}
	old := w.account()
	w.firm = into
	a := w.account()
	if old.Used != 0 || old.Reserved != 0 || a.Used != 300 || a.Reserved != 210 || !a.Exceeded() {
		t.Errorf("the old has %+v, the new %+v; want nothing and 300 used, 210 reserved", old.Balance, a.Balance)
	}
	if left, _ := a.Available(); left != 0 {
		t.Errorf("%d minutes can be booked above the cap", left)
	}
	// Both bookings can still be settled, with what they had reserved.
	for _, b := range []advisory.Booking{mine, theirs} {
		w.clock.Set(b.EndsAt.Add(time.Minute))
		w.do(func(tx *store.Tx) error {
			_, err := advisory.EnterTime(ctx(), tx, b.ID, advisory.Time{Minutes: b.Minutes}, second)
			return err
		})
	}
	if a = w.account(); a.Used != 510 || a.Reserved != 0 {
		t.Errorf("after settling %+v, want 510 used", a.Balance)
	}
	w.do(func(tx *store.Tx) error {
		n, err := advisory.CountsWithin(ctx(), tx, advisory.Within{w.prog.ID})
		if n[w.advice.ID].Exceeded != 1 {
			t.Errorf("%d accounts above the cap, want one", n[w.advice.ID].Exceeded)
		}
		h, err2 := advisory.Holdings(ctx(), tx, advisory.HoldingFilter{Above: true}, locale.SV)
		if len(h) != 1 || h[0].Name != into.Name {
			t.Errorf("above the cap: %v", h)
		}
		return errors.Join(err, err2)
	})
	// The ledger of the merge adds up to nought.
	w.do(func(tx *store.Tx) error {
		sum, err := store.One(ctx(), tx, store.Value[int], `SELECT SUM(minutes) FROM hours_entry WHERE kind = 'merge'`)
		if sum != 0 {
			t.Errorf("entries of the merge add up to %d", sum)
		}
		return err
	})
}

func TestASoleTraderWithHoursIsNotForgotten(t *testing.T) {
	w := newWorld(t, nil)
	w.settle("2027-01-18", 60, 60)
	w.do(func(tx *store.Tx) error {
		if err := company.MarkSoleTrader(ctx(), tx, w.firm.ID, organiser); err != nil {
			return err
		}
		deserted, err := company.Deserted(ctx(), tx, w.firm.ID)
		if deserted {
			t.Error("a sole trader with hours in the ledger counts as deserted")
		}
		return err
	})
}

func TestACallIsNotedAndTakesHoursWhereThereIsACap(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.QuickLog = true })
	call := func(c advisory.Call) (b advisory.Booking, err error) {
		c.AdvisoryProgrammeID, c.AdviserID, c.Language = w.advice.ID, w.adviser.ID, "sv"
		err = w.db.Write(ctx(), func(tx *store.Tx) (err error) {
			b, err = advisory.LogCall(ctx(), tx, c, organiser)
			return err
		})
		return b, err
	}
	if _, err := call(advisory.Call{About: "Får vi förlänga avtalet?", Minutes: 20}); faultAt(err, "caller") != "call_who" {
		t.Errorf("a call of nobody gave %v", err)
	}
	for i := range 2 { // two at the same moment, by one adviser
		b, err := call(advisory.Call{Caller: "Kim", Organisation: "Älvdalens kommun", About: "Får vi förlänga avtalet?", Minutes: 20})
		if err != nil || b.Status != advisory.Settled || !b.Quick {
			t.Fatalf("call %d: %s, %v", i, b.Status, err)
		}
	}
	for _, minutes := range []int{240, 240, 30} { // of 300
		if _, err := call(advisory.Call{Caller: "Anna", CompanyID: w.firm.ID, About: "Om avtal", Minutes: minutes}); err != nil {
			t.Fatal(err)
		}
	}
	if a := w.account(); a.Used != 300 || a.Reserved != 0 {
		t.Errorf("the company has %+v, want 300 used", a.Balance)
	}
	w.do(func(tx *store.Tx) error {
		list, total, err := advisory.Bookings(ctx(), tx, advisory.BookingFilter{Calls: true}, 0, 10)
		if total != 5 || list[0].Holds() == "" {
			t.Errorf("%d calls, %q", total, list[0].Holds())
		}
		found, n, err2 := advisory.Bookings(ctx(), tx, advisory.BookingFilter{Text: "alvdalens"}, 0, 1)
		if n != 2+3 && n != 2 || len(found) != 1 {
			t.Errorf("%d found of %d", len(found), n)
		}
		return errors.Join(err, err2)
	})
	w.edit(func(p *advisory.Programme) { p.QuickLog = false })
	if _, err := call(advisory.Call{Caller: "Kim", About: "Om avtal", Minutes: 20}); !errors.Is(err, advisory.ErrNoHelpline) {
		t.Errorf("a call where none is noted gave %v", err)
	}
}

func TestADayIsCancelledForIllness(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.CapMinutes = nil })
	for _, clock := range []string{"09:00", "13:00"} {
		if _, err := w.book(w.request(at("2027-01-18", clock), 60)); err != nil {
			t.Fatal(err)
		}
	}
	next, err := w.book(w.request(at("2027-01-19", "09:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	w.do(func(tx *store.Tx) error {
		n, err := advisory.CancelDay(ctx(), tx, w.adviser.ID, advisory.Within{w.prog.ID}, "2027-01-18", "Eva är sjuk", organiser)
		if n != 2 {
			t.Errorf("%d meetings cancelled, want two", n)
		}
		letters, err2 := store.One(ctx(), tx, store.Value[int], `SELECT count(*) FROM message WHERE letter = 'B7'`)
		if letters != 2 {
			t.Errorf("%d letters, want two", letters)
		}
		b, err3 := advisory.BookingByID(ctx(), tx, next.ID)
		if b.Status != advisory.Confirmed {
			t.Errorf("the next day's meeting is %s", b.Status)
		}
		return errors.Join(err, err2, err3)
	})
	if _, err := w.book(w.request(at("2027-01-18", "15:00"), 60)); !errors.Is(err, advisory.ErrSlotTaken) {
		t.Errorf("a booking on the cancelled day gave %v", err)
	}
}

func TestAnAdviserOfOthersIsNotStopped(t *testing.T) {
	w := newWorld(t, nil)
	var elsewhere advisory.Adviser
	w.do(func(tx *store.Tx) (err error) {
		elsewhere, err = advisory.EnsureAdviser(ctx(), tx, advisory.NewAdviser{Email: "eva@radgivare.example", Name: "x", Language: "sv", Country: "SE", ProgrammeID: w.prog.ID, Advice: []string{w.advice.ID}}, organiser)
		return err
	})
	if elsewhere.ID != w.adviser.ID || elsewhere.Name != w.adviser.Name {
		t.Errorf("the same address made %+v", elsewhere)
	}
	stop := func(within advisory.Within) error {
		return w.db.Write(ctx(), func(tx *store.Tx) error {
			return advisory.StopAdviser(ctx(), tx, w.adviser.ID, within, false, organiser)
		})
	}
	if err := stop(advisory.Within{w.prog.ID}); err != nil {
		t.Fatal(err)
	}
	w.do(func(tx *store.Tx) error {
		found, err := advisory.AdvisersOf(ctx(), tx, w.advice.ID)
		if len(found) != 0 {
			t.Errorf("%d take bookings after stopping", len(found))
		}
		u, err2 := user.Find(ctx(), tx, w.adviser.UserID)
		if u.Disabled {
			t.Error("the user is let in no more")
		}
		return errors.Join(err, err2)
	})
	if err := stop(advisory.Within{"another"}); err == nil {
		t.Error("another programme's organiser has stopped the adviser")
	}
}

func TestACorrectionThatTakesMoreThanAnHourBySomethingThatCameFreeNeedsTwo(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.CapMinutes = minutes(120); p.LeadMinutes = 0 })
	b := w.settle("2027-01-18", 120, 240) // 120 over
	w.do(func(tx *store.Tx) error {
		return errors.Join(
			exec(tx, `INSERT INTO hours_entry (id, account_id, advisory_programme_id, kind, minutes, reason, actor_kind, actor_id, at, position) VALUES ('a', ?, ?, 'adjust', -60, 'Givet tillbaka en gång', 'user', 'x', ?, 90)`, b.AccountID, w.advice.ID, store.At(tx.Now)),
			exec(tx, `INSERT INTO hours_entry (id, account_id, advisory_programme_id, kind, minutes, reason, actor_kind, actor_id, at, position) VALUES ('b', ?, ?, 'adjust', -60, 'Givet tillbaka två gånger', 'user', 'y', ?, 91)`, b.AccountID, w.advice.ID, store.At(tx.Now)))
	})
	var waits bool
	w.do(func(tx *store.Tx) (err error) {
		waits, err = advisory.Correct(ctx(), tx, b.ID, 245, "Rådgivaren skrev fel tid", organiser)
		return err
	})
	if !waits {
		t.Error("two hours more were taken by one alone")
	}
}

func exec(tx *store.Tx, query string, args ...any) error {
	_, err := store.Exec(ctx(), tx, query, args...)
	return err
}

func TestAMergeTakesTheInvoiceAddressAndWhatWasToldAlong(t *testing.T) {
	w := newWorld(t, nil)
	into := w.other("5560360793", "Bygg i Mora AB")
	w.do(func(tx *store.Tx) error {
		return errors.Join(
			advisory.SetInvoiceTo(ctx(), tx, w.firm.ID, advisory.InvoiceAddress{Reference: "Anna"}, organiser),
			exec(tx, `INSERT INTO advice_told (advisory_programme_id, company_id, told_at) VALUES (?, ?, ?)`, w.advice.ID, w.firm.ID, store.At(tx.Now)),
			advisory.MergeCompanies(ctx(), tx, w.firm.ID, into.ID, "Fusion i januari", organiser))
	})
	w.do(func(tx *store.Tx) error {
		to, err := advisory.InvoiceTo(ctx(), tx, into.ID)
		told, err2 := store.One(ctx(), tx, store.Value[int], `SELECT count(*) FROM advice_told WHERE company_id = ?`, into.ID)
		if to.Reference != "Anna" || told != 1 {
			t.Errorf("the company that goes on has the reference %q, and was told %d times", to.Reference, told)
		}
		return errors.Join(err, err2)
	})
}
