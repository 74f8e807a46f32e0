package advisory

import (
	"context"

	"stafett/internal/company"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrNotEligible says that the programme's prerequisite is not met.
var ErrNotEligible = &problem.Problem{Kind: problem.Conflict, Code: "not_eligible"}

// Eligibility is whether a holder may book.
type Eligibility string

// Whether a holder may book.
const (
	Eligible    Eligibility = "yes"
	AskFirst    Eligibility = "ask" // an organiser answers each request
	NotEligible Eligibility = "no"
)

// EligibilityOf says whether the holder meets the programme's prerequisite today.
func EligibilityOf(ctx context.Context, tx *store.Tx, p Programme, h Holder) (Eligibility, error) {
	switch p.Prerequisite {
	case NoPrerequisite:
		return Eligible, nil
	case ByOrganiser:
		return AskFirst, nil
	case AttendedKind:
		n, err := store.One(ctx, tx, store.Value[int], `
			SELECT count(*) FROM registration r JOIN event e ON e.id = r.event_id
			WHERE r.status = 'attended' AND e.programme_id = ? AND e.kind = ? AND e.starts_at >= ?
				AND (? <> '' AND (r.company_id = ? OR r.company_id IS NULL AND r.organisation_kind = 'not_started'
						AND r.person_id IN (SELECT person_id FROM contact WHERE company_id = ? AND status = 'confirmed')) -- who came before the company had a number
					OR ? <> '' AND r.company_id IS NULL AND r.person_id = ?)`,
			p.ProgrammeID, p.PrerequisiteKind, store.At(tx.Now.AddDate(0, -p.PrerequisiteMonths, 0)), h.CompanyID, h.CompanyID, h.CompanyID, h.PersonID, h.PersonID)
		return yesIf(n > 0), err
	case PublicBody:
		if h.CompanyID == "" {
			return NotEligible, nil
		}
		public, known, err := company.PublicBody(ctx, tx, h.CompanyID)
		if err != nil || !known {
			return AskFirst, err
		}
		return yesIf(public), nil
	case Application:
		if h.ApplicationID == "" {
			return NotEligible, nil
		}
		n, err := store.One(ctx, tx, store.Value[int], `
			SELECT count(*) FROM application WHERE id = ? AND advisory_programme_id = ? AND status IN ('granted', 'running')`, h.ApplicationID, p.ID)
		return yesIf(n > 0), err
	}
	return NotEligible, nil
}

func yesIf(is bool) Eligibility {
	if is {
		return Eligible
	}
	return NotEligible
}
