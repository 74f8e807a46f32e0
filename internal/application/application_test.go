package application_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"stafett/internal/application"
	"stafett/internal/application/applicationtest"
	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var ctx = context.Background()

func TestAmountsAreReadAsPeopleWriteThem(t *testing.T) {
	for typed, want := range map[string]int64{
		"450 000": 450_000_00, "450000": 450_000_00, "450.000": 450_000_00, "450,000": 450_000_00, "1 250,50": 1_250_50, "1250,5": 1_250_50,
		"450\u00a0000 kr": 450_000_00, "kr 450 000,-": 450_000_00, "NOK 450.000,00": 450_000_00, "1.800.000": 1_800_000_00, "0": 0, "0,50": 50, "450 000 kroner": 450_000_00,
		"": -1, "45o 000": -1, "-5": -1, "1.2.3": -1, "1.80.000": -1, "12,": -1, ",5": -1, "1e6": -1, "99999999999999999999": -1, "1.000,50": 1_000_50, "kr": -1,
	} {
		got, ok := application.ParseAmount(typed)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is read as %d, want %d", typed, got, want)
		}
	}
}

func TestADraftKeepsEveryWordAndOnlyARightOneIsSent(t *testing.T) {
	db, _ := storetest.New(t)
	applicationtest.Setup(t, db)
	p := applicationtest.Person(t, db, 1)
	f := applicationtest.Form(applicationtest.Number(1))
	f.Asked, f.Title = "fire hundre tusen", ""
	var draft application.Application
	applicationtest.Do(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		draft, err = application.SaveDraft(ctx, tx, p.ID, applicationtest.Advisory, "nn", f)
		return err
	})
	if got := applicationtest.Find(t, db, draft.ID); got.Typed != f || got.Number != "" {
		t.Errorf("the draft keeps %+v", got.Typed)
	}
	err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := application.Submit(ctx, tx, p.ID, draft.ID, true)
		return err
	})
	refusal, ok := problem.As(err)
	if !ok || len(refusal.Fields) != 2 || refusal.Fields[0].Name != "title" || refusal.Fields[1].Name != "asked" {
		t.Fatalf("sent as it is: %v", err)
	}
	for asked, want := range map[string]string{"450 001": "asked:application_most", "450 000": "", "0": "asked:application_amount"} {
		f := applicationtest.Form(applicationtest.Number(2))
		f.Asked = asked
		p := applicationtest.Person(t, db, 2)
		err := db.Write(ctx, func(tx *store.Tx) error {
			d, err := application.SaveDraft(ctx, tx, p.ID, applicationtest.Advisory, "nn", f)
			if err != nil {
				return err
			}
			_, err = application.Submit(ctx, tx, p.ID, d.ID, true)
			return err
		})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("asked for %s: %v", asked, err)
		}
	}
}

func TestPersonalNumbersAreNotKept(t *testing.T) {
	f := applicationtest.Form("15057012345")
	f.ProjectOwner = "Kari 150570 12345"
	kept, err := f.Personal("NO")
	if kept.OrgNumber != "" || kept.ProjectOwner != "" || err == nil {
		t.Errorf("kept %q %q, %v", kept.OrgNumber, kept.ProjectOwner, err)
	}
}

func TestTheSchemeIsOpenOnItsDaysAlone(t *testing.T) {
	db, clock := storetest.New(t)
	by := applicationtest.Setup(t, db)
	applicationtest.Do(t, db, func(ctx context.Context, tx *store.Tx) error {
		s, err := application.SchemeOf(ctx, tx, applicationtest.Advisory)
		if err != nil {
			return err
		}
		s.OpensOn, s.ClosesOn = "2027-01-12", "2027-01-13"
		return application.SetScheme(ctx, tx, s, by)
	})
	if a := applicationtest.Submitted(t, db, 1); a.Number != "2027-1" {
		t.Errorf("the case has the number %q", a.Number)
	}
	clock.Set(clock.Now().Truncate(24 * 3600e9).Add(23 * 3600e9)) // midnight in Oslo: the day after
	p := applicationtest.Person(t, db, 2)
	code := applicationtest.Refused(t, db, func(ctx context.Context, tx *store.Tx) error {
		d, err := application.SaveDraft(ctx, tx, p.ID, applicationtest.Advisory, "nn", applicationtest.Form(applicationtest.Number(2)))
		if err != nil {
			return err
		}
		_, err = application.Submit(ctx, tx, p.ID, d.ID, true)
		return err
	})
	if code != application.ErrNotOpen.Code {
		t.Errorf("the day after: %q", code)
	}
}

// Pot: four grants of the most pass, a fifth of one øre fails.
func TestThePotGivesWhatItHoldsAndNotAnOreMore(t *testing.T) {
	db, _ := storetest.New(t)
	by := applicationtest.Setup(t, db)
	for n := range 5 {
		a := applicationtest.Ready(t, db, n, by)
		award := application.Award{Minor: applicationtest.Most, Minutes: 2400}
		want := ""
		if n == 4 {
			award.Minor, want = 1, application.ErrPot.Code
		}
		code := applicationtest.Refused(t, db, func(ctx context.Context, tx *store.Tx) error { return application.GrantTo(ctx, tx, a.ID, award, by) })
		if code != want {
			t.Errorf("grant %d: %q, want %q", n+1, code, want)
		}
		if n == 4 && applicationtest.Find(t, db, a.ID).Status != application.Assessed {
			t.Error("the case that got nothing has moved on")
		}
	}
}

func TestTwentyGrantsAtOnceAgainstAPotForFour(t *testing.T) {
	db, _ := storetest.New(t)
	by := applicationtest.Setup(t, db)
	var ids []string
	for n := range 20 {
		ids = append(ids, applicationtest.Ready(t, db, n, by).ID)
	}
	var wg sync.WaitGroup
	answers := make([]error, len(ids))
	for i, id := range ids {
		wg.Add(1)
		go func() {
			defer wg.Done()
			answers[i] = db.Write(ctx, func(tx *store.Tx) error {
				return application.GrantTo(ctx, tx, id, application.Award{Minor: applicationtest.Most, Minutes: 2400}, by)
			})
		}()
	}
	wg.Wait()
	granted := 0
	for i, err := range answers {
		switch {
		case err == nil:
			granted++
		case !errors.Is(err, application.ErrPot):
			t.Errorf("grant %d: %v", i, err)
		}
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		b, err := application.BalanceOf(ctx, tx, applicationtest.Advisory)
		if granted != 4 || b.GrantedMinor != applicationtest.Pot || b.Left() != 0 {
			t.Errorf("%d granted, the pot is %+v", granted, b)
		}
		accounts, err2 := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM hours_account WHERE cap_minutes = 2400`)
		if accounts != 4 {
			t.Errorf("%d accounts of hours", accounts)
		}
		return errors.Join(err, err2)
	})
}

// What Go decides is held by the database even when Go is passed by.
func TestTheDatabaseHoldsThePotWhenGoIsPassedBy(t *testing.T) {
	db, _ := storetest.New(t)
	by := applicationtest.Setup(t, db)
	a, b := applicationtest.Ready(t, db, 1, by), applicationtest.Ready(t, db, 2, by)
	applicationtest.Do(t, db, func(ctx context.Context, tx *store.Tx) error {
		return application.GrantTo(ctx, tx, a.ID, application.Award{Minor: 400_000_00, Minutes: 2400}, by)
	})
	entry := func(id, kind string, minor int64) string {
		return fmt.Sprintf(`INSERT INTO pot_entry (id, advisory_programme_id, application_id, kind, minor, actor_kind, at, position)
			SELECT 'x', 'startoff', '%s', '%s', %d, 'system', '2027-01-13T09:00:00Z', 99`, id, kind, minor)
	}
	payout := func(minor int64) string {
		return fmt.Sprintf(`INSERT INTO payout (id, application_id, minor, status, asked_kind, asked_by, asked_at) VALUES ('x%d', '%s', %d, 'requested', 'user', 'u', '2027-01-13T09:00:00Z')`, minor, a.ID, minor)
	}
	for what, statement := range map[string]string{
		"more than a project may have":     entry(b.ID, "grant", applicationtest.Most+1),
		"a second grant":                   entry(a.ID, "grant", 1),
		"more returned than granted":       entry(a.ID, "return", 400_000_01),
		"a pot below what is granted":      `UPDATE application_scheme SET pot_minor = 39999999`,
		"a changed entry":                  `UPDATE pot_entry SET minor = 1`,
		"an entry taken out":               `DELETE FROM pot_entry`,
		"more than the part":               payout(300_000_01),
		"more than the grant":              payout(400_000_01),
		"a step that is not in the table":  `UPDATE application SET status = 'closed' WHERE status = 'assessed'`,
		"a case that is deleted":           `DELETE FROM application WHERE status = 'assessed'`,
		"a decision that is made anew":     `UPDATE application_decision SET minor = 0`,
		"a decision that is thrown away":   `DELETE FROM application_decision`,
		"a pot that is smaller by a trick": `UPDATE application_scheme SET pot_minor = 0`,
	} {
		err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := store.Exec(ctx, tx, statement)
			return err
		})
		if !store.IsConstraint(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := db.Write(ctx, func(tx *store.Tx) error { // the part itself may be paid
		_, err := store.Exec(ctx, tx, payout(300_000_00))
		return err
	}); err != nil {
		t.Error(err)
	}
}

func TestAWholeCaseFromDraftToClosing(t *testing.T) {
	db, clock := storetest.New(t)
	by := applicationtest.Setup(t, db)
	a := applicationtest.Submitted(t, db, 1)
	self := audit.Actor{Kind: "person", ID: a.PersonID}
	do := func(fn func(context.Context, *store.Tx) error) { t.Helper(); applicationtest.Do(t, db, fn) }
	refused := func(want string, fn func(context.Context, *store.Tx) error) {
		t.Helper()
		if code := applicationtest.Refused(t, db, fn); code != want {
			t.Errorf("refused with %q, want %q", code, want)
		}
	}
	do(func(ctx context.Context, tx *store.Tx) error {
		return application.AskMore(ctx, tx, a.ID, "Kva er vinsten for kommunen?", "2027-01-27", by)
	})
	clock.Set(clock.Now().AddDate(0, 0, 11)) // three days before
	for range 2 {
		do(application.Remind)
	}
	do(func(ctx context.Context, tx *store.Tx) error {
		return application.Answer(ctx, tx, a.PersonID, a.ID, "Lågare straumrekning.")
	})
	do(func(ctx context.Context, tx *store.Tx) error { return application.Assess(ctx, tx, a.ID, by) })
	grant := func(ctx context.Context, tx *store.Tx) error {
		return application.GrantTo(ctx, tx, a.ID, application.Award{Minor: 400_000_00, Minutes: 2400, ReportBy: "2027-12-01"}, by)
	}
	refused("application_unconfirmed", grant)
	do(func(ctx context.Context, tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE contact SET status = 'confirmed'`)
		return err
	})
	storetest.Read(t, db, func(tx *store.Tx) error {
		projects, err := application.Projects(ctx, tx, a.PersonID, applicationtest.Advisory)
		if len(projects) != 0 {
			t.Error("hours may be booked before the grant")
		}
		return err
	})
	do(grant)
	refused("application_not_now", grant)
	storetest.Read(t, db, func(tx *store.Tx) error {
		projects, err := application.Projects(ctx, tx, a.PersonID, applicationtest.Advisory)
		h, found, err2 := application.HoursOf(ctx, tx, applicationtest.In(ctx, t, tx, a.ID))
		if len(projects) != 1 || !found || leftOf(h) != 2400 {
			t.Errorf("%d projects, hours %+v", len(projects), h)
		}
		return errors.Join(err, err2)
	})
	refused("invalid", func(ctx context.Context, tx *store.Tx) error {
		return application.AskPayout(ctx, tx, a.ID, 300_000_01, "", self)
	})
	do(func(ctx context.Context, tx *store.Tx) error {
		return application.AskPayout(ctx, tx, a.ID, 300_000_00, "Marknadsdialog", self)
	})
	do(func(ctx context.Context, tx *store.Tx) error { return application.Start(ctx, tx, a.ID, by) })
	do(func(ctx context.Context, tx *store.Tx) error { return application.ToPhase(ctx, tx, a.ID, 1, by) })
	refused("application_not_now", func(ctx context.Context, tx *store.Tx) error { return application.Withdraw(ctx, tx, a.PersonID, a.ID) })
	refused("application_payouts", func(ctx context.Context, tx *store.Tx) error {
		return application.Close(ctx, tx, a.ID, "Prosjektet er stoppa.", by)
	})
	var out []application.Payout
	storetest.Read(t, db, func(tx *store.Tx) (err error) { out, err = application.Payouts(ctx, tx, a.ID); return err })
	do(func(ctx context.Context, tx *store.Tx) error {
		return application.AnswerPayout(ctx, tx, a.ID, out[0].ID, true, "", by)
	})
	refused("application_not_now", func(ctx context.Context, tx *store.Tx) error {
		return application.AnswerPayout(ctx, tx, a.ID, out[0].ID, false, "Feil konto.", by)
	})
	do(func(ctx context.Context, tx *store.Tx) error {
		return application.Report(ctx, tx, a.ID, "Det gjekk godt.", "", self)
	})
	do(func(ctx context.Context, tx *store.Tx) error {
		return application.AskPayout(ctx, tx, a.ID, 60_000_00, "", self)
	})
	storetest.Read(t, db, func(tx *store.Tx) (err error) { out, err = application.Payouts(ctx, tx, a.ID); return err })
	do(func(ctx context.Context, tx *store.Tx) error {
		return application.AnswerPayout(ctx, tx, a.ID, out[1].ID, true, "", by)
	})
	do(func(ctx context.Context, tx *store.Tx) error { return application.Close(ctx, tx, a.ID, "", by) })
	storetest.Read(t, db, func(tx *store.Tx) error {
		m, err := application.MoneyOf(ctx, tx, a.ID)
		b, err2 := application.BalanceOf(ctx, tx, applicationtest.Advisory)
		h, _, err3 := application.HoursOf(ctx, tx, applicationtest.In(ctx, t, tx, a.ID))
		if m.ReturnedMinor != 40_000_00 || b.Left() != applicationtest.Pot-360_000_00 || leftOf(h) != 0 {
			t.Errorf("money %+v, pot %+v, hours %+v", m, b, h)
		}
		letters, err4 := store.All(ctx, tx, store.Value[string], `SELECT letter FROM message WHERE application_id = ? ORDER BY rowid`, a.ID)
		if got := strings.Join(letters, " "); got != "P1 P2 P5 P1 P3 P7 P1 P7 P6" {
			t.Errorf("letters %s", got)
		}
		return errors.Join(err, err2, err3, err4)
	})
}

// Hours are promised as money is: what one project was granted and has not booked is
// not there for the next.
func TestHoursArePromisedOnce(t *testing.T) {
	db, _ := storetest.New(t)
	by := applicationtest.Setup(t, db)
	first, second := applicationtest.Ready(t, db, 1, by), applicationtest.Ready(t, db, 2, by)
	grant := func(id string, minutes int) string {
		return applicationtest.Refused(t, db, func(ctx context.Context, tx *store.Tx) error {
			return application.GrantTo(ctx, tx, id, application.Award{Minor: 100, Minutes: minutes}, by)
		})
	}
	if code := grant(first.ID, 36060); code == "" {
		t.Error("more than the whole pool is granted")
	}
	if code := grant(first.ID, 36000-600); code != "" {
		t.Fatalf("within the pool: %s", code)
	}
	if code := grant(second.ID, 601); code == "" {
		t.Error("hours are promised to two projects")
	}
	if code := grant(second.ID, 600); code != "" {
		t.Errorf("the rest of the pool: %s", code)
	}
}

// A final report that says too little goes back to its writer, who hands in another.
func TestAFinalReportGoesBackForMore(t *testing.T) {
	db, _ := storetest.New(t)
	by := applicationtest.Setup(t, db)
	a := applicationtest.Submitted(t, db, 1)
	applicationtest.Granted(t, db, a, by)
	self := audit.Actor{Kind: "person", ID: a.PersonID}
	do := func(fn func(ctx context.Context, tx *store.Tx) error) { applicationtest.Do(t, db, fn) }
	do(func(ctx context.Context, tx *store.Tx) error { return application.Start(ctx, tx, a.ID, by) })
	do(func(ctx context.Context, tx *store.Tx) error {
		return application.Report(ctx, tx, a.ID, "Kort.", "", self)
	})
	do(func(ctx context.Context, tx *store.Tx) error {
		return application.AskMore(ctx, tx, a.ID, "Kva kosta det?", "2027-12-01", by)
	})
	if now := applicationtest.Find(t, db, a.ID); now.Status != application.Running || now.Phase == nil {
		t.Errorf("sent back it is %s", now.Status)
	}
	do(func(ctx context.Context, tx *store.Tx) error {
		return application.Report(ctx, tx, a.ID, "Kort, og det kosta 400 000 kroner.", "", self)
	})
	storetest.Read(t, db, func(tx *store.Tx) error {
		q, err := application.Questions(context.Background(), tx, a.ID)
		if len(q) != 1 || q[0].Open() {
			t.Errorf("the question is %+v", q)
		}
		return err
	})
	if now := applicationtest.Find(t, db, a.ID); now.Status != application.FinalReport {
		t.Errorf("handed in anew it is %s", now.Status)
	}
}
