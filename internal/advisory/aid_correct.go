package advisory

import (
	"context"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrAidInUse says that aid cannot be corrected below what is used and booked of it.
var ErrAidInUse = &problem.Problem{Kind: problem.Conflict, Code: "aid_in_use"}

// CorrectAid lowers a grant (aid.Correct) and with it what the account can have, and
// tells the company. The latest requests that no longer fit are declined with the
// reason. It refuses with ErrAidInUse to take what is used or confirmed already.
func CorrectAid(ctx context.Context, tx *store.Tx, caseID string, minutes int, reason string, by audit.Actor) (aid.Correction, error) {
	k, err := aid.Correct(ctx, tx, caseID, minutes, reason, by)
	if err != nil {
		return k, err
	}
	err = eachRequest(ctx, tx, caseID, func(p Programme, a *Account, b *Booking) error {
		covered, err := aidCovers(ctx, tx, p, *a, 0)
		if err != nil || covered {
			return err
		}
		return move(ctx, tx, p, a, b, change{to: Declined, by: by, reason: reason})
	})
	if err != nil {
		return k, err
	}
	ids, err := store.All(ctx, tx, store.Value[string], `SELECT x.id FROM hours_account x WHERE`+ofCase+` ORDER BY x.id`, caseID)
	if err != nil {
		return k, err
	}
	for _, id := range ids {
		if err := haveNoMore(ctx, tx, id); err != nil {
			return k, err
		}
	}
	return k, aid.Inform(ctx, tx, caseID, by)
}

// haveNoMore lets an account have what is granted to its holder.
func haveNoMore(ctx context.Context, tx *store.Tx, accountID string) error {
	a, err := AccountByID(ctx, tx, accountID)
	if err != nil {
		return err
	}
	if err := a.lock(ctx, tx); err != nil {
		return err
	}
	p, err := ProgrammeByID(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	if covered, err := aidCovers(ctx, tx, p, a, 0); err != nil || !covered {
		return errOr(err, ErrAidInUse.With("minutes", a.Used+a.Reserved))
	}
	granted, _, err := aidGranted(ctx, tx, a)
	if err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `UPDATE hours_account SET cap_minutes = ? WHERE id = ? AND cap_minutes > ?`, granted, a.ID, granted)
	return err
}
