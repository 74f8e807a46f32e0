package advisory

import (
	"context"

	"stafett/internal/company"
	"stafett/internal/store"
)

// Choice is one holder of hours for whom a person may book, or might once
// something is cleared up.
type Choice struct {
	Holder
	Company company.Company // of a company; what may be told of it follows from Claimed
	Project string          // of a project: its number and title
	Claimed bool            // waits for confirmation: nothing of the company may be told
	Can     Eligibility
	Account Account
	Lengths []int // what can be booked now, in minutes
}

// Key names the choice in a form.
func (c Choice) Key() string {
	switch {
	case c.ApplicationID != "":
		return "p-" + c.ApplicationID
	case c.CompanyID != "":
		return "c-" + c.CompanyID
	}
	return "me"
}

// ChoicesFor lists for whom the person may book in a programme of advice: the
// projects that were granted hours, or the companies that the person belongs to;
// whoever belongs to none, such as somebody who has not started yet, has hours of
// their own. Of a company that waits for confirmation nothing is read.
func ChoicesFor(ctx context.Context, tx *store.Tx, p Programme, personID string) (all []Choice, err error) {
	if p.Prerequisite == Application {
		all, err = projectsFor(ctx, tx, p, personID)
	} else {
		all, err = companiesFor(ctx, tx, p, personID)
	}
	if err != nil {
		return nil, err
	}
	year := tx.Now.In(location(zoneOf(p.Currency))).Year()
	for i := range all {
		c := &all[i]
		if c.Claimed {
			continue
		}
		if c.Can, err = EligibilityOf(ctx, tx, p, c.Holder); err != nil {
			return nil, err
		}
		if c.Account, err = AccountOf(ctx, tx, p, c.Holder, year); err != nil {
			return nil, err
		}
		if c.Lengths, err = LengthsFor(ctx, tx, p, c.Account); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func companiesFor(ctx context.Context, tx *store.Tx, p Programme, personID string) (all []Choice, err error) {
	ties, err := company.Ties(ctx, tx, personID)
	if err != nil {
		return nil, err
	}
	for _, t := range ties {
		all = append(all, Choice{Holder: Holder{CompanyID: t.ID}, Company: t.Company, Claimed: t.Status != "confirmed"})
	}
	if len(ties) == 0 && p.Prerequisite != PublicBody {
		all = append(all, Choice{Holder: Holder{PersonID: personID}})
	}
	return all, nil
}

func projectsFor(ctx context.Context, tx *store.Tx, p Programme, personID string) ([]Choice, error) {
	return store.All(ctx, tx, func(row store.Row) (c Choice, err error) {
		var number string
		err = row.Scan(&c.ApplicationID, &number, &c.Project)
		c.Project = number + " " + c.Project
		return c, err
	}, `SELECT id, number, title FROM application WHERE advisory_programme_id = ? AND status IN ('granted', 'running')
			AND (person_id = ? OR company_id IN (SELECT company_id FROM contact WHERE person_id = ? AND status = 'confirmed'))
		ORDER BY created_at, id`, p.ID, personID, personID)
}
