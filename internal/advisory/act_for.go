package advisory

import (
	"context"

	"stafett/internal/company"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// MayBookFor refuses with problem.ErrMissing, as if there were no such company,
// unless the person is a confirmed contact of it.
func MayBookFor(ctx context.Context, tx *store.Tx, personID, companyID string) error {
	ties, err := company.Ties(ctx, tx, personID)
	if err != nil {
		return err
	}
	for _, t := range ties {
		if t.ID == companyID && t.Status == "confirmed" {
			return nil
		}
	}
	return problem.ErrMissing
}
