package registration

import (
	"context"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/store"
)

// MergeCompanies merges two companies as company.Merge does, with the same
// refusals, and takes registrations and shares of places along. Nobody loses a
// place: where the two together have more than one company may, they keep them,
// and only the next person waits. Packages that keep more by company pass
// followers of their own.
func MergeCompanies(ctx context.Context, tx *store.Tx, from, into, reason string, by audit.Actor, follow ...company.Follower) error {
	return company.Merge(ctx, tx, from, into, reason, by, append([]company.Follower{moveRegistrations, moveShares}, follow...)...)
}

func moveRegistrations(ctx context.Context, tx *store.Tx, from, into string) error {
	_, err := store.Exec(ctx, tx, `UPDATE registration SET company_id = ? WHERE company_id = ?`, into, from)
	return err
}

// moveShares lets the company that goes on have the larger of two shares at an
// event; no limit is the largest.
func moveShares(ctx context.Context, tx *store.Tx, from, into string) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO company_share (event_id, company_id, places, reason)
		SELECT event_id, ?, places, reason FROM company_share WHERE company_id = ?
		ON CONFLICT (event_id, company_id) DO UPDATE SET places = excluded.places, reason = excluded.reason
		WHERE company_share.places IS NOT NULL AND (excluded.places IS NULL OR excluded.places > company_share.places)`, into, from)
	if err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `DELETE FROM company_share WHERE company_id = ?`, from)
	return err
}

// ByCompany lists at most so many registrations of a company at events of the
// programmes, nil meaning all, the newest first. Those that are erased are left
// out.
func ByCompany(ctx context.Context, tx *store.Tx, companyID string, programmes []string, most int) ([]Registration, error) {
	where, args := `company_id = ? AND status <> 'erased'`, []any{companyID}
	if programmes != nil {
		where += ` AND event_id IN (SELECT id FROM event WHERE programme_id IN (''`
		for _, id := range programmes {
			where, args = where+`, ?`, append(args, id)
		}
		where += `))`
	}
	return store.All(ctx, tx, scanRegistration, selectRegistration+`WHERE `+where+` ORDER BY created_at DESC, id DESC LIMIT ?`, append(args, most)...)
}
