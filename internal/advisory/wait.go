package advisory

import (
	"context"
	"slices"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// mayWait refuses to let somebody wait for what they could not take: more hours than
// the account has left, another length than those of the programme, or an adviser
// who gives no advice in it (problem.ErrMissing) or helps the other side. A pool
// that is used up may fill again.
func (b *Booking) mayWait(ctx context.Context, tx *store.Tx, p Programme, a Account, adviserID string) error {
	left, limited := a.Available()
	if limited && b.Minutes > left {
		return ErrCapExceeded.With("left", left)
	}
	if !slices.Contains(p.Lengths, b.Minutes) && !(limited && b.Minutes == left && left < slices.Min(p.Lengths)) {
		return problem.Fields{{Name: "minutes", Code: "choice"}}.Err()
	}
	if adviserID == "" {
		return nil
	}
	advisers, err := AdvisersOf(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(advisers, func(a Adviser) bool { return a.ID == adviserID })
	if i < 0 {
		return problem.ErrMissing
	}
	if neutral, err := advisers[i].neutral(ctx, tx, *b); err != nil || !neutral {
		return errOr(err, ErrOtherSide)
	}
	b.AdviserID = adviserID
	return nil
}
