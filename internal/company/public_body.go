package company

import (
	"context"
	"errors"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// PublicBody reports whether the company is one that buys for the public, as an
// organiser has said; else as its number says: those of the Swedish state, regions
// and municipalities begin with 2. Known is false when neither tells.
func PublicBody(ctx context.Context, tx *store.Tx, id string) (public, known bool, err error) {
	type row struct {
		country, number string
		said            *int
	}
	c, err := store.One(ctx, tx, func(r store.Row) (c row, err error) {
		return c, r.Scan(&c.country, &c.number, store.Int(&c.said))
	}, `SELECT country, org_number, public_body FROM company WHERE id = ?`, id)
	switch {
	case errors.Is(err, store.ErrNoRow):
		return false, false, problem.ErrMissing
	case err != nil:
		return false, false, err
	case c.said != nil:
		return *c.said != 0, true, nil
	case c.country == "SE" && c.number[0] == '2':
		return true, true, nil
	}
	return false, c.country == "SE" && c.number[0] != '5', nil // a municipality's company is a limited company too
}

// MarkPublicBody notes what an organiser says of the company.
func MarkPublicBody(ctx context.Context, tx *store.Tx, id string, public bool, by audit.Actor) error {
	n, err := store.Exec(ctx, tx, `UPDATE company SET public_body = ? WHERE id = ?`, public, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.ErrMissing
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "company.public_body", ObjectKind: "company", ObjectID: id, To: yesNo(public)})
}
