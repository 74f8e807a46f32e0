package owndata_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/owndata"
	"stafett/internal/person"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// Somebody with a meeting behind and one ahead sees both, and when they want to be
// forgotten the one ahead is called off with all its hours back; of the other the
// company's hours stay.
func TestAMeetingStaysWithoutThePersonAndOneAheadIsCalledOff(t *testing.T) {
	ctx := context.Background()
	db, clock := storetest.New(t)
	owner := registrationtest.Programme(t, db)
	var who person.Person
	var firm company.Company
	var past, ahead advisory.Booking
	do := func(fn func(tx *store.Tx) error) { t.Helper(); storetest.Write(t, db, fn) }
	do(func(tx *store.Tx) error {
		five := 300
		p, err := advisory.AddProgramme(ctx, tx, advisory.Programme{
			ProgrammeID: owner.ID, Slug: "radgivning", Status: advisory.Open, Language: "sv", Prerequisite: advisory.NoPrerequisite, CapMinutes: &five, CapPer: advisory.PerCompany, CapPeriod: "programme",
			Currency: "SEK", VATPercent: 25, StepMinutes: 30, LeadMinutes: 60, FreeCancelMinutes: 30 * 24 * 60, HorizonDays: 60, LateChargeMinutes: 30, MaxReschedules: 2, SettleStepMinutes: 5,
			AidRegime: "none", AidReason: "open to all", Lengths: []int{60}, Meetings: advisory.Meetings(), Questions: []advisory.Question{{Kind: "text", Label: "Hur många är ni?"}}, Texts: map[string]advisory.Text{"sv": {Name: "Anbudshjälp"}},
		}, audit.System)
		if err != nil {
			return err
		}
		u, err := user.Add(ctx, tx, "eva@radgivare.example", "Eva", "sv", []user.Grant{{Role: user.Adviser, ProgrammeID: owner.ID}})
		if err != nil {
			return err
		}
		if _, err := store.Exec(ctx, tx, `INSERT INTO adviser (id, user_id, country, time_zone, holidays_off, join_url, created_at) VALUES ('eva', ?, 'SE', 'Europe/Stockholm', FALSE, 'https://meet.example/eva', ?)`, u.ID, store.At(tx.Now)); err != nil {
			return err
		}
		for day := 1; day <= 7; day++ {
			if _, err := store.Exec(ctx, tx, `INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES (?, 'eva', ?, '00:00', '24:00')`, tx.NewID(), day); err != nil {
				return err
			}
		}
		if _, err := store.Exec(ctx, tx, `INSERT INTO adviser_programme (adviser_id, advisory_programme_id) VALUES ('eva', ?)`, p.ID); err != nil {
			return err
		}
		if who, err = person.Ensure(ctx, tx, person.Person{Email: "anna@snickarna.example", FirstName: "Anna", LastName: "Lind", Language: "sv"}); err != nil {
			return err
		}
		if firm, err = company.Ensure(ctx, tx, "SE", "5566778899", "Snickarna"); err != nil {
			return err
		}
		if err := company.Claim(ctx, tx, who.ID, firm.ID, true); err != nil {
			return err
		}
		hour := tx.Now.Truncate(time.Hour)
		for i, b := range []*advisory.Booking{&past, &ahead} {
			*b, err = advisory.Book(ctx, tx, advisory.Request{
				AdvisoryProgrammeID: p.ID, StartsAt: hour.Add(time.Duration(24+i*240) * time.Hour), Minutes: 60, Meeting: advisory.Online, CompanyID: firm.ID, PersonID: who.ID, Language: "sv",
				Need: "Vi ska lämna anbud på fönster till en skola.", Procurement: "Fönster", Authority: "Kommunen", Answers: map[string]string{p.Questions[0].ID: "Vi är fyra"},
			}, audit.Actor{Kind: "person", ID: who.ID})
			if err != nil {
				return err
			}
		}
		return nil
	})
	clock.Advance(48 * time.Hour)
	do(func(tx *store.Tx) error {
		_, err := advisory.EnterTime(ctx, tx, past.ID, advisory.Time{Minutes: 60, Shared: "Läs kraven noga", Private: "Verkar ovan"}, audit.Actor{Kind: "user", ID: "eva"})
		return err
	})
	do(func(tx *store.Tx) error {
		d, err := owndata.Read(ctx, tx, who.ID)
		if err != nil {
			return err
		}
		file, err := json.Marshal(d.Bookings)
		for _, want := range []string{"Vi ska lämna anbud", `"procurement":"Fönster"`, "Vi är fyra", "Läs kraven noga", `"internal_note":true`, `"charged_minutes":60`} {
			if !strings.Contains(string(file), want) {
				t.Errorf("the file lacks %q: %s", want, file)
			}
		}
		if strings.Contains(string(file), "Verkar ovan") {
			t.Error("the file has what the adviser noted for colleagues")
		}
		if _, err := store.Exec(ctx, tx, `UPDATE programme SET erasure_decision = ''`); err != nil {
			return err
		}
		plan, err2 := owndata.PlanFor(ctx, tx, who.ID)
		if len(plan.Kept) != 2 || plan.Kept[0].Bound != registration.PublicRecord {
			t.Errorf("of an authority without a decision: %d kept, %d going", len(plan.Kept), len(plan.Going))
		}
		if _, err := store.Exec(ctx, tx, `UPDATE programme SET erasure_decision = '2027-14'`); err != nil {
			return err
		}
		if plan, err2 = owndata.PlanFor(ctx, tx, who.ID); len(plan.Going) != 2 || len(plan.Kept) != 0 {
			t.Errorf("once it has decided: %d kept, %d going", len(plan.Kept), len(plan.Going))
		}
		return errors.Join(err, err2)
	})
	do(func(tx *store.Tx) error { return owndata.Ask(ctx, tx, who.ID) })
	do(func(tx *store.Tx) error {
		b, err := advisory.BookingByID(ctx, tx, ahead.ID)
		if err != nil || b.Status != advisory.Cancelled {
			t.Errorf("the meeting ahead is %s, %v", b.Status, err)
		}
		a, err := advisory.AccountByID(ctx, tx, b.AccountID)
		if a.Used != 60 || a.Reserved != 0 {
			t.Errorf("the company has used %d and reserved %d", a.Used, a.Reserved)
		}
		if err := owndata.Erase(ctx, tx); err != nil {
			return err
		}
		if b, err := advisory.BookingByID(ctx, tx, past.ID); err != nil || b.Need == "" {
			t.Errorf("erased while letters about it wait, %v", err)
		}
		if _, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', done_at = created_at WHERE done_at IS NULL`); err != nil {
			return err
		}
		return err
	})
	do(func(tx *store.Tx) error { return owndata.Erase(ctx, tx) })
	do(func(tx *store.Tx) error { return owndata.Erase(ctx, tx) }) // what it finds done it leaves alone
	do(func(tx *store.Tx) error {
		p, err := person.Find(ctx, tx, who.ID)
		if err != nil || !p.Erased() {
			t.Errorf("the person is still %s, %v", p.Email, err)
		}
		for _, id := range []string{past.ID, ahead.ID} {
			b, err := advisory.BookingByID(ctx, tx, id)
			if err != nil || b.PersonID != "" || b.Need+b.Procurement+b.Authority+b.SharedNote != "" || b.CompanyID != firm.ID || b.StartsAt.IsZero() {
				t.Errorf("the booking says %+v, %v", b, err)
			}
		}
		left, err := store.One(ctx, tx, store.Value[int], `SELECT (SELECT count(*) FROM booking_answer) + (SELECT count(*) FROM booking_note)`)
		if left != 0 {
			t.Errorf("%d answers and notes are left", left)
		}
		return err
	})
}
