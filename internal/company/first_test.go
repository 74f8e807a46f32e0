package company_test

import (
	"testing"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/person"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// The first one of a company of which nothing is known can book at once; whoever
// names one of which anything is known waits, also when nobody is tied to it now.
func TestTheFirstOfACompanyIsConfirmedAndNobodyAfter(t *testing.T) {
	exec := func(query string, args ...any) func(*store.Tx, company.Company, string) error {
		return func(tx *store.Tx, _ company.Company, _ string) error {
			_, err := store.Exec(ctx, tx, query, args...)
			return err
		}
	}
	for _, tt := range []struct {
		name  string
		make  func(tx *store.Tx, c company.Company, other string) error
		first bool
	}{
		{"nothing", nil, true},
		{"somebody claims it", func(tx *store.Tx, c company.Company, other string) error {
			return company.Claim(ctx, tx, other, c.ID, false)
		}, false},
		{"somebody is confirmed", func(tx *store.Tx, c company.Company, other string) error {
			return company.Claim(ctx, tx, other, c.ID, true)
		}, false},
		{"somebody was confirmed and is erased", func(tx *store.Tx, c company.Company, other string) error {
			if err := company.Confirm(ctx, tx, other, c.ID, audit.System); err != nil {
				return err
			}
			return company.Untie(ctx, tx, other)
		}, false},
		{"aid", exec(`INSERT INTO aid_recipient (id, undertaking_id, company_id, created_at) SELECT 'r', u.id, c.id, c.created_at FROM aid_undertaking u, company c`), false},
		{"hours", exec(`INSERT INTO hours_account (id, advisory_programme_id, company_id, created_at) SELECT 'a', a.id, c.id, c.created_at FROM advisory_programme a, company c`), false},
		{"an application", exec(`INSERT INTO application (number, id, advisory_programme_id, company_id, person_id, status, language, created_at, changed_at) SELECT '2027-1', 'a', a.id, c.id, p.id, 'draft', 'sv', c.created_at, c.created_at FROM advisory_programme a, company c, person p WHERE p.first_name = 'Bo'`), false},
		{"an invoice address", exec(`INSERT INTO company_invoice (company_id, address) SELECT id, 'Box 1' FROM company`), false},
		{"another number of it", func(tx *store.Tx, c company.Company, _ string) error {
			old, err := company.Ensure(ctx, tx, "SE", "8875009584", "Förut")
			if err != nil {
				return err
			}
			return company.Merge(ctx, tx, old.ID, c.ID, "nytt nummer", audit.System)
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := storetest.New(t)
			pr := registrationtest.Programme(t, db)
			c := ensure(t, db, "SE", "5566778899", "Snickarna")
			storetest.Write(t, db, func(tx *store.Tx) error {
				anna, err := person.Ensure(ctx, tx, person.Person{Email: "anna@snickarna.example", FirstName: "Anna", Language: "sv"})
				if err != nil {
					return err
				}
				bo, err := person.Ensure(ctx, tx, person.Person{Email: "bo@snickarna.example", FirstName: "Bo", Language: "sv"})
				if err != nil {
					return err
				}
				for _, needed := range []string{
					`INSERT INTO aid_undertaking (id, created_at) VALUES ('u', '2027-01-01T00:00:00Z')`,
					`INSERT INTO advisory_programme (id, programme_id, slug, status, language, prerequisite, cap_per, cap_period, price_minor, currency, vat_percent, step_minutes, lead_minutes, free_cancel_minutes, aid_regime, aid_reason, created_at, changed_at)
						SELECT 'x', id, 'x', 'open', 'sv', 'none', 'company', 'programme', 0, 'SEK', 25, 30, 0, 0, 'none', 'open', '2027-01-01T00:00:00Z', '2027-01-01T00:00:00Z' FROM programme WHERE id = '` + pr.ID + `'`,
				} {
					if _, err := store.Exec(ctx, tx, needed); err != nil {
						return err
					}
				}
				if tt.make != nil {
					if err := tt.make(tx, c, bo.ID); err != nil {
						return err
					}
				}
				first, err := company.ClaimFirst(ctx, tx, anna.ID, c.ID, pr.ID)
				if err != nil {
					return err
				}
				ties, err := company.Ties(ctx, tx, anna.ID)
				if first != tt.first || len(ties) != 1 || (ties[0].Status == "confirmed") != tt.first {
					t.Errorf("confirmed %v, %+v", first, ties)
				}
				log, err2 := audit.Of(ctx, tx, "contact", c.ID+"/"+anna.ID)
				if (len(log) == 1 && log[0].Action == "contact.first") != tt.first {
					t.Errorf("the log says %+v", log)
				}
				if again, err := company.ClaimFirst(ctx, tx, bo.ID, c.ID, ""); again && tt.name != "somebody is confirmed" || err != nil {
					t.Errorf("the next one is confirmed too, %v", err)
				}
				if err == nil {
					err = err2
				}
				return err
			})
		})
	}
}
