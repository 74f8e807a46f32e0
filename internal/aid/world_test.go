package aid_test

import (
	"context"
	"testing"
	"time"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/person"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var (
	ctx = context.Background()
	una = audit.Actor{Kind: "user", ID: "una"}
)

// world is a programme in Dalarna with two advisory programmes, and a company.
type world struct {
	*testing.T
	db        *store.DB
	clock     *storetest.Clock
	programme programme.Programme
	company   company.Company
	person    person.Person
}

func newWorld(t *testing.T) *world {
	w := &world{T: t}
	w.db, w.clock = storetest.New(t)
	w.write(func(tx *store.Tx) (err error) {
		w.programme, err = programme.Add(ctx, tx, programme.Programme{
			Slug: "dalarna", Name: "Upphandlingsdialog Dalarna", Country: "SE", CountyCode: "20", Language: "sv", TimeZone: "Europe/Stockholm",
			OrganiserName: "Exempelregionen", OrgNumber: "4020000002", ContactEmail: "hej@exempel.example",
		}, una)
		if err != nil {
			return err
		}
		for _, id := range []string{"udd", "akuten"} {
			if err := addAdvisory(tx, id, w.programme.ID); err != nil {
				return err
			}
		}
		if w.company, err = company.Ensure(ctx, tx, "SE", "5566778899", "Snickeri Exempel AB"); err != nil {
			return err
		}
		w.person, err = person.Ensure(ctx, tx, person.Person{Email: "kim@exempel.example", FirstName: "Kim", LastName: "Exempel", Language: "sv"})
		return err
	})
	return w
}

func addAdvisory(tx *store.Tx, id, programmeID string) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO advisory_programme (id, programme_id, slug, status, language, prerequisite, cap_minutes, cap_per, cap_period, price_minor, currency, vat_percent, step_minutes, lead_minutes, free_cancel_minutes,
			aid_regime, aid_market_minor, aid_source, created_at, changed_at)
		VALUES (?, ?, ?, 'open', 'sv', 'none', 300, 'company', 'programme', 20000, 'SEK', 25, 30, 2880, 1440, 'de_minimis', 110000, 'prislista', ?, ?)`,
		id, programmeID, id, store.At(tx.Now), store.At(tx.Now))
	return err
}

func (w *world) write(fn func(*store.Tx) error) { w.Helper(); storetest.Write(w, w.db, fn) }

func (w *world) terms(advisory string) aid.Terms {
	return aid.Terms{ProgrammeID: w.programme.ID, AdvisoryProgrammeID: advisory, CompanyID: w.company.ID, PersonID: w.person.ID, Minutes: 300, MarketMinor: 110_000, PriceMinor: 20_000, Currency: "SEK"}
}

func (w *world) self() audit.Actor { return audit.Actor{Kind: "person", ID: w.person.ID} }

var inforEuro = aid.Rate{Value: 1_120_000, On: day("2027-01-01"), Source: "InforEuro"}

func granting(minutes int) aid.Granting {
	return aid.Granting{Minutes: minutes, Rate: inforEuro, Number: "2027/17", NACE: "43.32"}
}

func day(s string) time.Time {
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return d
}

// checked takes a case as far as a decision.
func (w *world) checked(tx *store.Tx, t aid.Terms, d aid.Declaration, k aid.Checking) (aid.Case, error) {
	c, err := aid.Ask(ctx, tx, t, w.self())
	if err != nil {
		return c, err
	}
	if d.Signer == "" {
		d.Signer = "Kim Exempel"
	}
	if _, err := aid.Declare(ctx, tx, c.ID, d, w.self()); err != nil {
		return c, err
	}
	return aid.Check(ctx, tx, c.ID, k, una)
}
