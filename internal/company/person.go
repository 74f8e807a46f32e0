package company

import (
	"context"
	"fmt"
	"slices"
	"time"

	"stafett/internal/store"
)

// Tie is that a person belongs to a company, claimed or confirmed.
type Tie struct {
	Company
	Status    string
	CreatedAt time.Time
}

// Ties lists the companies that a person belongs to.
func Ties(ctx context.Context, tx *store.Tx, personID string) ([]Tie, error) {
	return store.All(ctx, tx, func(r store.Row) (t Tie, err error) {
		return t, r.Scan(&t.ID, &t.Country, &t.Number, &t.Name, &t.SoleTrader, &t.Status, store.Time(&t.CreatedAt))
	}, `SELECT c.id, c.country, c.org_number, c.name, c.sole_trader, t.status, t.created_at
		FROM contact t JOIN company c ON c.id = t.company_id WHERE t.person_id = ? ORDER BY t.created_at, c.id`, personID)
}

// ConfirmedTies lists those companies that are known to be the person's: of any other
// nothing may be told but the number that the person has typed.
func ConfirmedTies(ctx context.Context, tx *store.Tx, personID string) ([]Tie, error) {
	ties, err := Ties(ctx, tx, personID)
	return slices.DeleteFunc(ties, func(t Tie) bool { return t.Status != "confirmed" }), err
}

// Untie forgets that a person belongs to any company.
func Untie(ctx context.Context, tx *store.Tx, personID string) error {
	_, err := store.Exec(ctx, tx, `DELETE FROM contact WHERE person_id = ?`, personID)
	return err
}

// Deserted reports whether a company is a sole trader for whom nobody comes any
// more, so that nothing is left but the name and number of a person. One that has
// had hours of advice is not: the ledger of hours, and what was invoiced or given as
// aid, is kept for its own time.
func Deserted(ctx context.Context, tx *store.Tx, id string) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM company c WHERE c.id = ? AND c.sole_trader AND c.merged_into IS NULL
			AND NOT EXISTS (SELECT 1 FROM contact WHERE company_id = c.id)
			AND NOT EXISTS (SELECT 1 FROM registration WHERE company_id = c.id AND status <> 'erased')
			AND NOT EXISTS (SELECT 1 FROM aid_recipient WHERE company_id = c.id)
			AND NOT EXISTS (SELECT 1 FROM aid_linked WHERE company_id = c.id)
			AND NOT EXISTS (SELECT 1 FROM company f WHERE (f.id = c.id OR f.merged_into = c.id) AND (
				EXISTS (SELECT 1 FROM hours_account WHERE company_id = f.id) OR EXISTS (SELECT 1 FROM booking WHERE company_id = f.id)
				OR EXISTS (SELECT 1 FROM application WHERE company_id = f.id)))`, id)
	return n == 1, err
}

// Forget deletes a deserted company with its other numbers. Callers take the one
// of the highest package that keeps something by company.
func Forget(ctx context.Context, tx *store.Tx, id string) error {
	for _, statement := range []string{
		`DELETE FROM company_merge WHERE into_id = ? OR into_id IN (SELECT id FROM company WHERE merged_into = ?)`,
		`DELETE FROM company WHERE id = ? OR merged_into = ?`,
	} {
		if _, err := store.Exec(ctx, tx, statement, id, id); err != nil {
			return fmt.Errorf("forget a company: %w", err)
		}
	}
	return nil
}
