package advisory

import (
	"context"
	"errors"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrAidMissing says that a request cannot be confirmed before the aid in it has
// been granted: the law wants the declaration and the decision before the first
// meeting (Regulation (EU) 2023/2831, Art. 7(4) and 3(3)).
var ErrAidMissing = &problem.Problem{Kind: problem.Conflict, Code: "aid_missing"}

// aidCovers reports whether no grant of aid is missing for the account's holder with
// all that is reserved and used in the programme, in every year, and so many minutes
// more: a grant is one for the programme, not one for each year's account.
func aidCovers(ctx context.Context, tx *store.Tx, p Programme, a Account, more int) (bool, error) {
	if !p.IsAid() || a.ApplicationID != "" {
		return true, nil
	}
	minutes, ok, err := aidGranted(ctx, tx, a)
	if err != nil || !ok {
		return false, err
	}
	taken, err := a.ofHolder(ctx, tx)
	return taken.Used+taken.Reserved+more <= minutes, err
}

// ofHolder is what the account's holder has in all its accounts of the programme.
func (a Account) ofHolder(ctx context.Context, tx *store.Tx) (b Balance, err error) {
	same, id := a.sameHolder()
	all, err := store.All(ctx, tx, scanAccount, selectAccount+`WHERE a.advisory_programme_id = ? AND `+same, a.AdvisoryProgrammeID, id)
	for _, x := range all {
		b.Used, b.Reserved = b.Used+x.Used, b.Reserved+x.Reserved
	}
	return b, err
}

// sameHolder is true of the accounts a of the same company or person, whose id is its
// argument.
func (a Account) sameHolder() (where, id string) {
	if a.CompanyID != "" {
		return `a.company_id = ?`, a.CompanyID
	}
	return `a.company_id IS NULL AND a.person_id = ?`, a.PersonID
}

func aidGranted(ctx context.Context, tx *store.Tx, a Account) (minutes int, ok bool, err error) {
	if a.CompanyID != "" {
		return aid.Granted(ctx, tx, a.AdvisoryProgrammeID, a.CompanyID)
	}
	return aid.GrantedToPerson(ctx, tx, a.AdvisoryProgrammeID, a.PersonID)
}

// aidCase is the account's case of aid; found is false when nobody has asked yet.
func aidCase(ctx context.Context, tx *store.Tx, a Account) (c aid.Case, found bool, err error) {
	if a.CompanyID != "" {
		c, err = aid.Of(ctx, tx, a.AdvisoryProgrammeID, a.CompanyID)
	} else {
		c, err = aid.OfPerson(ctx, tx, a.AdvisoryProgrammeID, a.PersonID)
	}
	if errors.Is(err, problem.ErrMissing) {
		return c, false, nil
	}
	return c, err == nil, err
}

// askAid asks the company for its declaration when a grant is missing for the
// booking, once. What is planned are all the hours that the holder's accounts can have
// and that no grant covers yet.
func askAid(ctx context.Context, tx *store.Tx, p Programme, a Account, b Booking, by audit.Actor) error {
	covered, err := aidCovers(ctx, tx, p, a, 0)
	if err != nil || covered {
		return err
	}
	granted, more, err := aidGranted(ctx, tx, a)
	if err != nil {
		return err
	}
	taken, err := a.ofHolder(ctx, tx)
	if err != nil {
		return err
	}
	same, id := a.sameHolder()
	caps, err := store.One(ctx, tx, store.Value[int], `SELECT COALESCE(SUM(a.cap_minutes), 0) FROM hours_account a WHERE a.advisory_programme_id = ? AND `+same, p.ID, id)
	if err != nil {
		return err
	}
	minutes := max(caps, taken.Used+taken.Reserved) - granted
	_, err = aid.Ask(ctx, tx, aid.Terms{
		ProgrammeID: p.ProgrammeID, AdvisoryProgrammeID: p.ID, CompanyID: a.CompanyID, PersonID: b.PersonID, Minutes: minutes,
		MarketMinor: p.AidMarketMinor, PriceMinor: p.PriceMinor, Currency: p.Currency, More: more,
	}, by)
	return err
}

// GrantAid grants aid (aid.Grant) and confirms what waited for it. Where fewer
// minutes than planned are granted they become the account's cap, and the latest
// requests that no longer fit are declined with the grant's reason.
func GrantAid(ctx context.Context, tx *store.Tx, caseID string, g aid.Granting, by audit.Actor) (aid.Award, error) {
	award, err := aid.Grant(ctx, tx, caseID, g, by)
	if err != nil {
		return award, err
	}
	err = eachRequest(ctx, tx, caseID, func(p Programme, a *Account, b *Booking) error {
		if covered, err := aidCovers(ctx, tx, p, *a, 0); err != nil || !covered {
			if err != nil {
				return err
			}
			return move(ctx, tx, p, a, b, change{to: Declined, by: by, reason: g.Reason})
		}
		if can, err := EligibilityOf(ctx, tx, p, b.Holder()); err != nil || can == AskFirst { // an organiser still has to say yes
			return err
		}
		return move(ctx, tx, p, a, b, change{to: Confirmed, by: by})
	})
	if err != nil {
		return award, err
	}
	return award, lowerCaps(ctx, tx, caseID)
}

// RefuseAid refuses aid (aid.Refuse) and declines what waited for it, with the same
// reason. A company of which nothing waits is told by a letter of its own.
func RefuseAid(ctx context.Context, tx *store.Tx, caseID, reason string, by audit.Actor) (aid.Case, error) {
	c, err := aid.Refuse(ctx, tx, caseID, reason, by)
	if err != nil {
		return c, err
	}
	told := false
	err = eachRequest(ctx, tx, caseID, func(p Programme, a *Account, b *Booking) error {
		told = told || b.PersonID == c.PersonID
		return move(ctx, tx, p, a, b, change{to: Declined, by: by, reason: reason})
	})
	if err != nil || told {
		return c, err
	}
	return c, c.TellRefusal(ctx, tx)
}

// ofCase is where an account, or a booking, is of the company or person that a case
// of aid is about, in its programme of advice.
const ofCase = `
	EXISTS (SELECT 1 FROM aid_case k JOIN aid_recipient r ON r.id = k.recipient_id LEFT JOIN company c ON c.id = r.company_id
		WHERE k.id = ? AND k.advisory_programme_id = x.advisory_programme_id AND x.application_id IS NULL
			AND (x.company_id = COALESCE(c.merged_into, c.id) OR x.company_id IS NULL AND x.person_id = r.person_id))`

// eachRequest does something with each request that waits for a case of aid, the
// latest meeting first, its account locked.
func eachRequest(ctx context.Context, tx *store.Tx, caseID string, do func(p Programme, a *Account, b *Booking) error) error {
	ids, err := store.All(ctx, tx, store.Value[string], `SELECT x.id FROM booking x WHERE x.status = 'requested' AND`+ofCase+` ORDER BY x.starts_at DESC, x.id`, caseID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		p, a, b, err := hold(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := do(p, &a, &b); err != nil {
			return err
		}
	}
	return nil
}

// lowerCaps lets the accounts of a case have no more than was granted in all.
func lowerCaps(ctx context.Context, tx *store.Tx, caseID string) error {
	ids, err := store.All(ctx, tx, store.Value[string], `SELECT x.id FROM hours_account x WHERE x.cap_minutes IS NOT NULL AND`+ofCase+` ORDER BY x.id`, caseID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		a, err := AccountByID(ctx, tx, id)
		if err != nil {
			return err
		}
		granted, _, err := aidGranted(ctx, tx, a)
		if err != nil {
			return err
		}
		most := max(granted, a.Used+a.Reserved) // a merge may have taken it above
		if _, err := store.Exec(ctx, tx, `UPDATE hours_account SET cap_minutes = ? WHERE id = ? AND cap_minutes > ?`, most, id, most); err != nil {
			return err
		}
	}
	return nil
}
