package advisory

import (
	"context"

	"stafett/internal/store"
)

// MostCharged is how many minutes of a meeting can be taken from its account at
// most: what is reserved for it and what else the account, the pool and the grant of aid have left.
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
	more, limited, err := a.mostMore(ctx, tx, p)
	return held + more, limited, err
}

// mostMore is how much more than is reserved can be taken from the account now: what
// it and the pool have left, and as aid no more than was granted. Limited is false
// where nothing bounds it.
func (a Account) mostMore(ctx context.Context, tx *store.Tx, p Programme) (minutes int, limited bool, err error) {
	minutes, limited = a.Available()
	narrow := func(n int) {
		if !limited || n < minutes {
			minutes, limited = n, true
		}
	}
	pool, pooled, err := poolLeft(ctx, tx, p)
	if err != nil {
		return 0, false, err
	}
	if pooled {
		narrow(pool)
	}
	if p.IsAid() && a.ApplicationID == "" {
		granted, _, err := aidGranted(ctx, tx, a)
		if err != nil {
			return 0, false, err
		}
		taken, err := a.ofHolder(ctx, tx)
		if err != nil {
			return 0, false, err
		}
		narrow(max(0, granted-taken.Used-taken.Reserved))
	}
	return minutes, limited, nil
}
