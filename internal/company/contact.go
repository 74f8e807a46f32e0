package company

import (
	"context"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Claimant is somebody who says that they belong to a company, and waits for the
// answer of a colleague or an organiser.
type Claimant struct{ PersonID, Name, Email string }

// Claimants lists who waits to be confirmed for the company, the longest first.
func Claimants(ctx context.Context, tx *store.Tx, companyID string) ([]Claimant, error) {
	return store.All(ctx, tx, func(r store.Row) (c Claimant, err error) {
		return c, r.Scan(&c.PersonID, &c.Name, &c.Email)
	}, `SELECT p.id, trim(p.first_name || ' ' || p.last_name), p.email FROM contact t JOIN person p ON p.id = t.person_id
		WHERE t.company_id = ? AND t.status = 'claimed' ORDER BY t.created_at, p.id`, companyID)
}

// Answer confirms or refuses that a colleague belongs to the company, as one who
// is confirmed says. It is problem.ErrMissing unless the one is confirmed and the
// other waits.
func Answer(ctx context.Context, tx *store.Tx, companyID, personID string, yes bool, by audit.Actor) error {
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT (SELECT count(*) FROM contact WHERE company_id = ? AND person_id = ? AND status = 'confirmed')
			* (SELECT count(*) FROM contact WHERE company_id = ? AND person_id = ? AND status = 'claimed')`, companyID, by.ID, companyID, personID)
	if err != nil {
		return err
	}
	if n == 0 || by.Kind != "person" {
		return problem.ErrMissing
	}
	if yes {
		return Confirm(ctx, tx, personID, companyID, by)
	}
	return Refuse(ctx, tx, personID, companyID, by)
}

// Refuse says no to somebody who says that they belong to the company; they may say
// so again. It is problem.ErrMissing when they do not wait.
func Refuse(ctx context.Context, tx *store.Tx, personID, companyID string, by audit.Actor) error {
	n, err := store.Exec(ctx, tx, `DELETE FROM contact WHERE company_id = ? AND person_id = ? AND status = 'claimed'`, companyID, personID)
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.ErrMissing
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "contact.refuse", ObjectKind: "contact", ObjectID: companyID + "/" + personID, From: "claimed"})
}
