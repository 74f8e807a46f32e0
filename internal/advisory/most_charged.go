package advisory

import (
	"context"

	"stafett/internal/store"
)

// MostCharged is how many minutes of a meeting can be taken from its account at
// most: what is reserved for it and what else the account and the pool have left.
// Minutes beyond are noted, are no aid and are not invoiced. Limited is false where
// there is neither cap nor pool.
func MostCharged(ctx context.Context, tx *store.Tx, p Programme, b Booking) (minutes int, limited bool, err error) {
	a, err := AccountByID(ctx, tx, b.AccountID)
	if err != nil {
		return 0, false, err
	}
	held, err := reservedFor(ctx, tx, b.ID)
	if err != nil {
		return 0, false, err
	}
	left, limited := a.Available()
	pool, pooled, err := poolLeft(ctx, tx, p)
	if pooled && (!limited || pool < left) {
		left, limited = pool, true
	}
	return held + left, limited, err
}
