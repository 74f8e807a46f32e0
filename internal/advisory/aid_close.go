package advisory

import (
	"context"
	"time"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/store"
)

// CloseAid lowers what was granted to what was used (aid.Close), for everybody in a
// programme of advice that has ended, once nothing of theirs is still to come or to
// be entered. Late and missed meetings are no aid and do not count as used. What is
// told to the register is then right for good.
func CloseAid(ctx context.Context, tx *store.Tx) error {
	type ended struct{ programme, company, person string }
	all, err := store.All(ctx, tx, func(row store.Row) (e ended, err error) {
		return e, row.Scan(&e.programme, store.String(&e.company), store.String(&e.person))
	}, `SELECT k.advisory_programme_id, r.company_id, r.person_id
		FROM aid_case k JOIN aid_recipient r ON r.id = k.recipient_id JOIN advisory_programme p ON p.id = k.advisory_programme_id
		WHERE (p.status = 'closed' OR p.closes_on < ?)
			AND EXISTS (SELECT 1 FROM aid_award a WHERE a.case_id = k.id AND NOT EXISTS (SELECT 1 FROM aid_closing c WHERE c.award_id = a.id))
			AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.advisory_programme_id = p.id AND b.status IN ('requested', 'waiting', 'confirmed', 'held')
				AND (b.company_id = r.company_id OR b.company_id IS NULL AND b.person_id = r.person_id))
		ORDER BY k.id`, tx.Now.Format(time.DateOnly))
	if err != nil {
		return err
	}
	for _, e := range all {
		used, err := store.One(ctx, tx, store.Value[int], `
			SELECT COALESCE(SUM(e.minutes), 0) FROM hours_entry e JOIN hours_account a ON a.id = e.account_id
			WHERE e.advisory_programme_id = ? AND e.kind IN ('settle', 'adjust', 'merge')
				AND (a.company_id = ? OR a.company_id IS NULL AND a.person_id = ?)`, e.programme, e.company, e.person)
		if err != nil {
			return err
		}
		if e.company != "" {
			err = aid.Close(ctx, tx, e.programme, e.company, used, audit.System)
		} else {
			err = aid.CloseForPerson(ctx, tx, e.programme, e.person, used, audit.System)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
