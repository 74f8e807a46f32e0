package company

import (
	"context"

	"stafett/internal/store"
)

func insertCompany(ctx context.Context, tx *store.Tx, c Company) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO company (id, country, org_number, name, created_at)
		VALUES (?, ?, ?, ?, ?) ON CONFLICT (country, org_number) DO NOTHING`,
		c.ID, c.Country, c.Number, c.Name, store.At(tx.Now))
	return err
}

// selectCompany finds one row and follows it to the company that it has been
// merged into. Merge keeps merged_into pointing at the last of a chain, so that
// one step is enough.
func selectCompany(ctx context.Context, tx *store.Tx, where string, args ...any) (Company, error) {
	return store.One(ctx, tx, scanCompany, `
		SELECT `+companyColumns+` FROM company
		WHERE id = (SELECT COALESCE(merged_into, id) FROM company `+where+`)`, args...)
}

const companyColumns = `id, country, org_number, name, sole_trader`

func scanCompany(r store.Row) (c Company, err error) {
	err = r.Scan(&c.ID, &c.Country, &c.Number, &c.Name, &c.SoleTrader)
	return c, err
}

func upsertContact(ctx context.Context, tx *store.Tx, personID, companyID, status string) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO contact (person_id, company_id, status, created_at)
		VALUES (?, ?, ?, ?)
		ON CONFLICT (person_id, company_id) DO UPDATE SET status = excluded.status
		WHERE excluded.status = 'confirmed'`,
		personID, companyID, status, store.At(tx.Now))
	return err
}

func updateSoleTrader(ctx context.Context, tx *store.Tx, id string, sole bool) (changed bool, err error) {
	n, err := store.Exec(ctx, tx, `UPDATE company SET sole_trader = ? WHERE id = ? AND sole_trader <> ?`, sole, id, sole)
	return n > 0, err
}

func updateName(ctx context.Context, tx *store.Tx, id, name string) error {
	_, err := store.Exec(ctx, tx, `UPDATE company SET name = ? WHERE id = ?`, name, id)
	return err
}
