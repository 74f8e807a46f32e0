// Package applicationtest gives tests a scheme with a pot, and projects that ask
// for support from it, in a database of package storetest.
package applicationtest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"stafett/internal/application"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

// Advisory is the id of the programme of advice that has the pot, and Slug its
// address.
const (
	Advisory = "startoff"
	Slug     = "startoff-prosess"
)

// The pot is enough for four projects that get the most.
const (
	Most = 450_000_00
	Pot  = 4 * Most
)

// form is an application without a fault, but for whom it is.
var form = application.Form{
	Title: "Smartare straum i gamle skular", Challenge: "Skulane våre bruker for mykje straum om vinteren.", Goal: "Berekraftsmål 7: rein energi til alle",
	ReportURL: "https://kommune.example/status", ProjectOwner: "Einingsleiar eigedom", Budget: "700 000", OwnShare: "250 000", Asked: "450 000", Support: "Hjelp til marknadsdialog",
}

// Form is an application without a fault, for the body with this number: one of
// the invented ones.
func Form(number string) application.Form {
	f := form
	f.OrgNumber, f.BodyName = number, "Prøvekommunen"
	return f
}

// Number is an invented Norwegian organisation number.
func Number(n int) string {
	for at := 0; ; at++ {
		digits := fmt.Sprintf("3%07d", at)
		sum := 0
		for i, weight := range []int{3, 2, 7, 6, 5, 4, 3, 2} {
			sum += weight * int(digits[i]-'0')
		}
		if check := (11 - sum%11) % 11; check < 10 {
			if n--; n < 0 {
				return digits + fmt.Sprint(check)
			}
		}
	}
}

// Setup makes the programme with its pot, phases and an organiser, and returns
// who organises.
func Setup(t testing.TB, db *store.DB) (organiser audit.Actor) {
	t.Helper()
	var p programme.Programme
	Do(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		if p, err = programme.Add(ctx, tx, programme.Programme{
			Slug: "startoff", Name: "Regional StartOff", Country: "NO", CountyCode: "15", Language: "nn", TimeZone: "Europe/Oslo",
			OrganiserName: "Eksempel fylkeskommune", ContactEmail: "post@fylke.example", Authority: true,
		}, audit.Command); err != nil {
			return err
		}
		u, err := user.Add(ctx, tx, "kari@fylke.example", "Kari Moen", "nn", []user.Grant{{Role: user.Organiser, ProgrammeID: p.ID}})
		organiser = audit.Actor{Kind: "user", ID: u.ID}
		return err
	})
	GivePot(t, db, p, organiser)
	return organiser
}

// GivePot gives a programme a pot of money for projects, in the programme of advice
// with the id Advisory.
func GivePot(t testing.TB, db *store.DB, p programme.Programme, by audit.Actor) {
	t.Helper()
	Do(t, db, func(ctx context.Context, tx *store.Tx) error {
		at := store.At(tx.Now)
		for _, s := range []struct {
			query string
			args  []any
		}{
			{`INSERT INTO advisory_programme (id, programme_id, slug, status, language, prerequisite, cap_minutes, cap_per, cap_period, pool_minutes, price_minor, currency,
				vat_percent, vat_reason, step_minutes, lead_minutes, free_cancel_minutes, aid_regime, aid_reason, created_at, changed_at)
				VALUES (?, ?, ?, 'open', 'nn', 'application', 2400, 'project', 'programme', 36000, 0, ?, 0, '', 30, 4320, 1440, 'none', 'støtte til ein kommune', ?, ?)`,
				[]any{Advisory, p.ID, Slug, p.Currency(), at, at}},
			{`INSERT INTO advisory_text (advisory_programme_id, language, name, summary) VALUES (?, 'nn', 'Prosesstøtte til innovative innkjøp', 'Timar frå ein felles pott.')`, []any{Advisory}},
		} {
			if _, err := store.Exec(ctx, tx, s.query, s.args...); err != nil {
				return err
			}
		}
		for i, name := range []string{"Behov", "Marknadsdialog", "Konkurranse", "Utvikling", "Evaluering"} {
			if _, err := store.Exec(ctx, tx, `INSERT INTO advisory_phase (advisory_programme_id, position, name) VALUES (?, ?, ?)`, Advisory, i, name); err != nil {
				return err
			}
		}
		s := application.StandardScheme(Advisory, p.Currency())
		s.PotMinor, s.MostMinor = Pot, Most
		s.Appeal = "De kan klage på vedtaket innan tre veker frå de fekk det. Send klaga til post@fylke.example."
		return application.SetScheme(ctx, tx, s, by)
	})
}

// Person is somebody who applies.
func Person(t testing.TB, db *store.DB, n int) (p person.Person) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		p, err = person.Ensure(context.Background(), tx, person.Person{Email: fmt.Sprintf("sokjar%d@kommune.example", n), FirstName: "Øyvind", LastName: fmt.Sprintf("Bråten %d", n), Language: "nn"})
		return err
	})
	return p
}

// Submitted is a case that person number n has sent, for body number n.
func Submitted(t testing.TB, db *store.DB, n int) (a application.Application) {
	t.Helper()
	return SubmittedBy(t, db, Person(t, db, n).ID, Form(Number(n)))
}

// SubmittedBy is a case that the person has sent.
func SubmittedBy(t testing.TB, db *store.DB, personID string, f application.Form) (a application.Application) {
	t.Helper()
	Do(t, db, func(ctx context.Context, tx *store.Tx) error {
		d, err := application.SaveDraft(ctx, tx, personID, Advisory, "nn", f)
		if err != nil {
			return err
		}
		a, err = application.Submit(ctx, tx, personID, d.ID, true)
		return err
	})
	return a
}

// Granted grants a case that has been sent the most there is.
func Granted(t testing.TB, db *store.DB, a application.Application, by audit.Actor) {
	t.Helper()
	Do(t, db, func(ctx context.Context, tx *store.Tx) error {
		if err := application.Assess(ctx, tx, a.ID, by); err != nil {
			return err
		}
		if err := company.Confirm(ctx, tx, a.PersonID, a.CompanyID, by); err != nil {
			return err
		}
		return application.GrantTo(ctx, tx, a.ID, application.Award{Minor: Most, Minutes: 2400, ReportBy: "2027-12-01"}, by)
	})
}

// Ready is a case that can be granted: assessed, and its body confirmed.
func Ready(t testing.TB, db *store.DB, n int, by audit.Actor) application.Application {
	t.Helper()
	a := Submitted(t, db, n)
	Do(t, db, func(ctx context.Context, tx *store.Tx) error {
		if err := application.Assess(ctx, tx, a.ID, by); err != nil {
			return err
		}
		return company.Confirm(ctx, tx, a.PersonID, a.CompanyID, by)
	})
	return Find(t, db, a.ID)
}

// Do runs fn in a transaction and fails the test on an error.
func Do(t testing.TB, db *store.DB, fn func(context.Context, *store.Tx) error) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error { return fn(context.Background(), tx) })
}

// Find reads an application.
func Find(t testing.TB, db *store.DB, id string) (a application.Application) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		a, err = application.Find(context.Background(), tx, id)
		return err
	})
	return a
}

// Refused runs fn and reports the code of the refusal; empty when there was none.
func Refused(t testing.TB, db *store.DB, fn func(context.Context, *store.Tx) error) string {
	t.Helper()
	err := db.Write(context.Background(), func(tx *store.Tx) error { return fn(context.Background(), tx) })
	var p *problem.Problem
	if err != nil && !errors.As(err, &p) {
		t.Fatal(err)
	}
	if p == nil {
		return ""
	}
	return p.Code
}

// In reads an application in a transaction.
func In(ctx context.Context, t testing.TB, tx *store.Tx, id string) application.Application {
	t.Helper()
	a, err := application.Find(ctx, tx, id)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
