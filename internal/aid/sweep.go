package aid

import (
	"context"
	"fmt"

	"stafett/internal/store"
)

// keptUndecided is for how many months a case is kept in which nothing was granted.
const keptUndecided = 24

// sweptAtOnce is how many cases one run removes; the rest goes the night after.
const sweptAtOnce = 500

// Sweep removes what has been kept for ten years, grants and all that belongs to
// them, and cases of long ago in which nothing was granted. Running it often does no
// harm.
func Sweep(ctx context.Context, tx *store.Tx) error {
	today := dayText(dayOf(tx.Now))
	for _, statement := range []string{
		`UPDATE aid_record SET removed_on = ? WHERE kept_until < ? AND removed_on IS NULL`,
		`DELETE FROM aid_record WHERE removed_on = ? AND kept_until < ?`,
	} {
		if _, err := store.Exec(ctx, tx, statement, today, today); err != nil {
			return fmt.Errorf("remove records of aid: %w", err)
		}
	}
	old, err := store.All(ctx, tx, store.Value[string], `
		SELECT k.id FROM aid_case k WHERE NOT EXISTS (SELECT 1 FROM aid_record d WHERE d.case_id = k.id)
			AND (EXISTS (SELECT 1 FROM aid_award a WHERE a.case_id = k.id) OR k.status IN ('refused', 'lapsed') AND k.changed_at <= ?)
			AND k.status NOT IN ('declaration_asked', 'declared', 'checked')
		ORDER BY k.changed_at, k.id LIMIT ?`, store.At(tx.Now.AddDate(0, -keptUndecided, 0)), sweptAtOnce)
	if err != nil {
		return err
	}
	for _, id := range old {
		if err := remove(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes a case with everything that belongs to it, and the recipient once
// nothing else does.
func remove(ctx context.Context, tx *store.Tx, caseID string) error {
	c, err := Find(ctx, tx, caseID)
	if err != nil {
		return err
	}
	r, err := c.Recipient(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := store.Exec(ctx, tx, `UPDATE aid_case SET removed_on = ? WHERE id = ?`, dayText(dayOf(tx.Now)), c.ID); err != nil {
		return fmt.Errorf("remove a case of aid: %w", err)
	}
	const awards, declarations = `(SELECT id FROM aid_award WHERE case_id = ?)`, `(SELECT id FROM aid_declaration WHERE case_id = ?)`
	for _, statement := range []string{
		`UPDATE message SET aid_case_id = NULL WHERE aid_case_id = ?`,
		`UPDATE aid_other SET same_award_id = NULL WHERE same_award_id IN ` + awards,
		`DELETE FROM aid_register WHERE award_id IN ` + awards,
		`DELETE FROM aid_closing WHERE award_id IN ` + awards,
		`DELETE FROM aid_correction WHERE award_id IN ` + awards,
		`DELETE FROM aid_award WHERE case_id = ?`,
		`DELETE FROM aid_decision WHERE case_id = ?`,
		`DELETE FROM aid_other WHERE declaration_id IN ` + declarations,
		`DELETE FROM aid_linked WHERE declaration_id IN ` + declarations,
		`DELETE FROM aid_declaration WHERE case_id = ?`,
		`DELETE FROM aid_step WHERE case_id = ?`,
		`DELETE FROM aid_case WHERE id = ?`,
	} {
		if _, err := store.Exec(ctx, tx, statement, c.ID); err != nil {
			return fmt.Errorf("remove a case of aid: %w", err)
		}
	}
	n, err := store.Exec(ctx, tx, `DELETE FROM aid_recipient WHERE id = ? AND NOT EXISTS (SELECT 1 FROM aid_case WHERE recipient_id = aid_recipient.id)`, r.ID)
	if err != nil || n == 0 {
		return err
	}
	_, err = store.Exec(ctx, tx, `DELETE FROM aid_undertaking WHERE id = ? AND NOT EXISTS (SELECT 1 FROM aid_recipient WHERE undertaking_id = aid_undertaking.id)`, r.UndertakingID)
	return err
}
