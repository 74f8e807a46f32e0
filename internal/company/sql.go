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

func selectCompany(ctx context.Context, tx *store.Tx, where string, args ...any) (Company, error) {
	return store.One(ctx, tx, scanCompany, `SELECT id, country, org_number, name FROM company `+where, args...)
}

func scanCompany(r store.Row) (c Company, err error) {
	err = r.Scan(&c.ID, &c.Country, &c.Number, &c.Name)
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
