package advisory_test

import (
	"errors"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/store"
)

// linked is another company that is one undertaking with the world's own.
func (w *world) linked(number, name string) (c company.Company) {
	w.t.Helper()
	c = w.other(number, name)
	w.do(func(tx *store.Tx) error {
		k, err := aid.Ask(ctx(), tx, aid.Terms{
			ProgrammeID: w.prog.ID, AdvisoryProgrammeID: w.advice.ID, CompanyID: w.firm.ID, PersonID: w.who.ID, Minutes: 300, MarketMinor: 110_000, Currency: "SEK",
		}, audit.System)
		if err != nil {
			return err
		}
		if _, err = aid.Declare(ctx(), tx, k.ID, aid.Declaration{Signer: "Anna Lind", NACE: "16.239", Linked: []aid.Linked{{Name: name, Number: number}}}, audit.Actor{Kind: "person", ID: w.who.ID}); err != nil {
			return err
		}
		d, err := k.Declaration(ctx(), tx)
		if err != nil {
			return err
		}
		_, err = aid.Check(ctx(), tx, k.ID, aid.Checking{Linked: map[string]bool{d.Linked[0].ID: true}}, audit.Command)
		return err
	})
	return c
}

func perUndertaking(p *advisory.Programme) { p.CapPer = advisory.PerUndertaking }

func TestLinkedCompaniesShareACapPerUndertaking(t *testing.T) {
	w := newWorld(t, perUndertaking)
	ours, theirs := w.firm, w.linked("5560360793", "Snickarnas Fönster AB")
	if _, err := w.book(w.request(at("2027-01-18", "10:00"), 120)); err != nil {
		t.Fatal(err)
	}
	w.firm = theirs
	if left, _ := w.account().Available(); left != 180 {
		t.Errorf("%d minutes are left to the other company, which has booked nothing; want 180 of 300", left)
	}
	if _, err := w.book(w.request(at("2027-01-19", "10:00"), 120)); err != nil {
		t.Fatal(err)
	}
	if _, err := w.book(w.request(at("2027-01-20", "10:00"), 90)); !errors.Is(err, advisory.ErrCapExceeded) {
		t.Errorf("90 of the 60 minutes that are left to both: %v", err)
	}
	last, err := w.book(w.request(at("2027-01-20", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	w.firm = ours
	if _, err := w.book(w.request(at("2027-01-21", "10:00"), 30)); !errors.Is(err, advisory.ErrCapExceeded) {
		t.Errorf("half an hour with nothing left to both: %v", err)
	}
	w.clock.Set(last.EndsAt)
	w.do(func(tx *store.Tx) error {
		b, err := advisory.EnterTime(ctx(), tx, last.ID, advisory.Time{Minutes: 75}, second)
		if b.ChargedMinutes == nil || *b.ChargedMinutes != 60 || *b.OverMinutes != 15 {
			t.Errorf("75 minutes with nothing left: charged %v, over %v; want 60 and 15", b.ChargedMinutes, b.OverMinutes)
		}
		h, err2 := advisory.Holdings(ctx(), tx, advisory.HoldingFilter{AdvisoryProgrammeID: w.advice.ID}, locale.SV)
		for _, x := range h {
			if left, _ := x.Available(); left != 0 {
				t.Errorf("the list says that %s has %d minutes left", x.Name, left)
			}
		}
		return errors.Join(err, err2)
	})
}

func TestCompaniesThatAreNotLinkedDoNotShareACap(t *testing.T) {
	w := newWorld(t, perUndertaking)
	if _, err := w.book(w.request(at("2027-01-18", "10:00"), 120)); err != nil {
		t.Fatal(err)
	}
	w.firm = w.other("5560360793", "Bygg i Mora AB")
	if left, _ := w.account().Available(); left != 300 {
		t.Errorf("%d minutes are left, want 300", left)
	}
}

func TestLinkedCompaniesHaveTheirOwnCapWhereItIsPerCompany(t *testing.T) {
	w := newWorld(t, nil)
	theirs := w.linked("5560360793", "Snickarnas Fönster AB")
	if _, err := w.book(w.request(at("2027-01-18", "10:00"), 120)); err != nil {
		t.Fatal(err)
	}
	w.firm = theirs
	if left, _ := w.account().Available(); left != 300 {
		t.Errorf("%d minutes are left, want 300", left)
	}
}

func TestTheDatabaseHoldsTheCapOfAnUndertaking(t *testing.T) {
	w := newWorld(t, perUndertaking)
	ours, theirs := w.firm, w.linked("5560360793", "Snickarnas Fönster AB")
	first, err := w.book(w.request(at("2027-01-18", "10:00"), 120))
	if err != nil {
		t.Fatal(err)
	}
	w.firm = theirs
	if _, err := w.book(w.request(at("2027-01-19", "10:00"), 120)); err != nil {
		t.Fatal(err)
	}
	w.firm = ours
	a := w.account()
	err = w.db.Write(ctx(), func(tx *store.Tx) error {
		_, err := store.Exec(ctx(), tx, `INSERT INTO hours_entry (id, account_id, advisory_programme_id, booking_id, kind, minutes, actor_kind, at, position) VALUES ('x', ?, ?, ?, 'reserve', 61, 'system', ?, 99)`,
			a.ID, w.advice.ID, first.ID, store.At(tx.Now))
		return err
	})
	if err == nil {
		t.Error("the database lets two linked companies have 301 of 300 minutes")
	}
}

func TestAMergeOfLinkedCompaniesKeepsWhatBothHaveBooked(t *testing.T) {
	w := newWorld(t, perUndertaking)
	from, into := w.firm, w.linked("5560360793", "Snickarnas Fönster AB")
	w.advice.LeadMinutes = 0
	if _, err := w.book(w.request(at("2027-01-18", "10:00"), 120)); err != nil {
		t.Fatal(err)
	}
	w.firm = into
	b, err := w.book(w.request(at("2027-01-19", "10:00"), 120))
	if err != nil {
		t.Fatal(err)
	}
	w.do(func(tx *store.Tx) error {
		return advisory.MergeCompanies(ctx(), tx, from.ID, into.ID, "Fusion i januari", organiser)
	})
	a := w.account()
	if left, _ := a.Available(); a.Reserved != 240 || left != 60 || a.Exceeded() {
		t.Errorf("after the merge %+v and %d left, want 240 reserved and 60 left", a.Balance, left)
	}
	w.clock.Set(b.EndsAt.Add(time.Minute))
	w.do(func(tx *store.Tx) error {
		_, err := advisory.EnterTime(ctx(), tx, b.ID, advisory.Time{Minutes: 180}, second)
		return err
	})
	if a := w.account(); a.Used != 180 {
		t.Errorf("%d minutes used, want 180", a.Used)
	}
}
