package advisory_test

import (
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/store"
)

// remembered is what the tables still say of people after advice.
type remembered struct {
	Need, Person, Shared, Notes, Callers, Own, Address, Entries int
}

func (w *world) remembered() (x remembered) {
	w.t.Helper()
	w.do(func(tx *store.Tx) (err error) {
		x, err = store.One(ctx(), tx, func(r store.Row) (x remembered, err error) {
			return x, r.Scan(&x.Need, &x.Person, &x.Shared, &x.Notes, &x.Callers, &x.Own, &x.Address, &x.Entries)
		}, `SELECT
			(SELECT count(*) FROM booking WHERE need <> '' OR procurement <> '' OR procurement_key <> ''), (SELECT count(*) FROM booking WHERE person_id IS NOT NULL),
			(SELECT count(*) FROM booking WHERE shared_note <> ''), (SELECT count(*) FROM booking_note), (SELECT count(*) FROM booking_call),
			(SELECT count(*) FROM hours_account WHERE person_id IS NOT NULL), (SELECT count(*) FROM company_invoice), (SELECT count(*) FROM hours_entry)`)
		return err
	})
	return x
}

func TestWhatIsKnownThroughAdviceIsErasedInItsTime(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.ClosesOn, p.QuickLog, p.PriceMinor = "2027-12-31", true, 20000 })
	start := at("2027-01-18", "09:00")
	r := w.request(start, 60)
	r.Procurement, r.Authority = "Fönster till skolan", "Älvdalens kommun"
	b, err := w.book(r)
	if err != nil {
		t.Fatal(err)
	}
	own := w.request(at("2027-01-19", "09:00"), 60)
	own.CompanyID = ""
	alone, err := w.book(own)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.Set(at("2027-01-19", "12:00"))
	w.do(func(tx *store.Tx) error {
		for _, id := range []string{b.ID, alone.ID} {
			if _, err := advisory.EnterTime(ctx(), tx, id, advisory.Time{Minutes: 60, Shared: "Gick igenom kraven", Private: "Osäker på intyget"}, by); err != nil {
				return err
			}
		}
		if _, err := advisory.LogCall(ctx(), tx, advisory.Call{AdvisoryProgrammeID: w.advice.ID, AdviserID: w.adviser.ID, Caller: "Nils", About: "Undrar", Minutes: 20, Language: "sv"}, by); err != nil {
			return err
		}
		return advisory.SetInvoiceTo(ctx(), tx, w.firm.ID, advisory.InvoiceAddress{Address: "Box 1, Älvdalen"}, by)
	})
	all := w.remembered()
	decide := func(decision string) {
		w.do(func(tx *store.Tx) error {
			_, err := store.Exec(ctx(), tx, `UPDATE programme SET erasure_decision = ?`, decision)
			return err
		})
	}
	whole := remembered{Need: 3, Person: 2, Shared: 2, Notes: 2, Callers: 1, Own: 1, Address: 1, Entries: all.Entries}
	if all != whole {
		t.Fatalf("before anything is erased: %+v", all)
	}
	withoutNeeds := whole
	withoutNeeds.Need = 0
	nobody := remembered{Address: 1, Entries: all.Entries}
	for _, tt := range []struct {
		name     string
		at       time.Time
		decision string
		want     remembered
	}{
		{"no decision, no erasing", at("2040-01-01", "12:00"), "", whole},
		{"not yet", at("2027-07-17", "12:00"), "2027-14", whole},
		{"what was needed, after six months", at("2027-07-20", "12:00"), "2027-14", withoutNeeds},
		{"24 months after the meetings the programme has not ended so long ago", at("2029-06-01", "12:00"), "2027-14", withoutNeeds},
		{"the day before", at("2029-12-30", "12:00"), "2027-14", withoutNeeds},
		{"the people, 24 months after its end", at("2029-12-31", "12:00"), "2027-14", nobody},
		{"in the seventh year the invoices' address is there", at("2034-01-31", "12:00"), "2027-14", nobody},
		{"and then it is gone", at("2034-02-01", "12:00"), "2027-14", remembered{Entries: all.Entries}},
	} {
		w.clock.Set(tt.at)
		decide(tt.decision)
		w.do(func(tx *store.Tx) error { return advisory.Sweep(ctx(), tx) })
		if got := w.remembered(); got != tt.want {
			t.Errorf("%s: %+v, not %+v", tt.name, got, tt.want)
		}
	}
	w.do(func(tx *store.Tx) error { // the figures stay, and a correction goes to nobody
		kept, err := advisory.BookingByID(ctx(), tx, b.ID)
		if err != nil || kept.ActualMinutes == nil || *kept.ActualMinutes != 60 || kept.CompanyID != w.firm.ID {
			t.Errorf("the booking is %+v, %v", kept, err)
		}
		a, err := advisory.AccountByID(ctx(), tx, alone.AccountID)
		if err != nil || a.Used != 60 {
			t.Errorf("the account of the one without a company is %+v, %v", a, err)
		}
		_, err = advisory.OpenAccount(ctx(), tx, w.advice, advisory.Holder{PersonID: w.who.ID}, 2030)
		return err
	})
}
