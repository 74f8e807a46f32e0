package company

import (
	"context"
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

// Untie forgets that a person belongs to any company.
func Untie(ctx context.Context, tx *store.Tx, personID string) error {
	_, err := store.Exec(ctx, tx, `DELETE FROM contact WHERE person_id = ?`, personID)
	return err
}
