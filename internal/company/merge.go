package company

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

var (
	// ErrSame says that a company cannot be merged with itself, nor with a
	// number that is another of its own already.
	ErrSame = &problem.Problem{Kind: problem.Invalid, Code: "company_same"}
	// ErrNoReason says that a merge needs a reason, in plain text.
	ErrNoReason = &problem.Problem{Kind: problem.Invalid, Code: "company_reason"}
)

// maxReason is the length of a reason in characters.
const maxReason = 4000

// Follower moves what a package keeps by company from one company to another,
// in the transaction of the merge. It must leave nothing behind and lose
// nothing.
type Follower func(ctx context.Context, tx *store.Tx, from, into string) error

// Merge makes one company of two, for good: from is another number of into, by
// which into is found from now on. Contacts follow, and one that is confirmed
// for either is confirmed for the one that goes on. All else that belongs to a
// company is moved by the followers, each written by the package that owns the
// rows; callers take the merge of the highest such package, not this one. Of a
// company that was merged before, the one that goes on is meant.
//
// It refuses with ErrNoReason, with ErrSame, which also keeps chains without
// cycles, and with problem.ErrMissing.
func Merge(ctx context.Context, tx *store.Tx, from, into, reason string, by audit.Actor, follow ...Follower) error {
	reason = strings.TrimSpace(reason)
	if reason == "" || utf8.RuneCountInString(reason) > maxReason || locale.Deceptive(reason, true) {
		return ErrNoReason
	}
	old, err := Find(ctx, tx, from)
	if err != nil {
		return err
	}
	goesOn, err := Find(ctx, tx, into)
	if err != nil {
		return err
	}
	if old.ID == goesOn.ID {
		return ErrSame
	}
	if err := moveContacts(ctx, tx, old.ID, goesOn.ID); err != nil {
		return fmt.Errorf("move contacts: %w", err)
	}
	for _, move := range follow {
		if err := move(ctx, tx, old.ID, goesOn.ID); err != nil {
			return fmt.Errorf("merge companies: %w", err)
		}
	}
	if err := pointTo(ctx, tx, old.ID, goesOn.ID); err != nil {
		return err
	}
	if err := insertMerge(ctx, tx, old.ID, goesOn.ID, reason, by); err != nil {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{
		Actor: by, Action: "company.merge", ObjectKind: "company", ObjectID: goesOn.ID, From: old.ID, To: goesOn.ID, Reason: reason,
	})
}

// moveContacts ties everybody tied to the old company to the new one.
func moveContacts(ctx context.Context, tx *store.Tx, from, into string) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO contact (person_id, company_id, status, claimed_for, created_at)
		SELECT person_id, ?, status, claimed_for, created_at FROM contact WHERE company_id = ?
		ON CONFLICT (person_id, company_id) DO UPDATE SET status = excluded.status
		WHERE excluded.status = 'confirmed'`, into, from)
	if err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `DELETE FROM contact WHERE company_id = ?`, from)
	return err
}

// pointTo lets the old number, and all that were merged into it before, lead to
// the company that goes on.
func pointTo(ctx context.Context, tx *store.Tx, from, into string) error {
	_, err := store.Exec(ctx, tx, `UPDATE company SET merged_into = ? WHERE id = ? OR merged_into = ?`, into, from, from)
	return err
}

func insertMerge(ctx context.Context, tx *store.Tx, from, into, reason string, by audit.Actor) error {
	who := by.ID
	if who == "" {
		who = by.Kind
	}
	_, err := store.Exec(ctx, tx, `
		INSERT INTO company_merge (id, from_id, into_id, reason, merged_by, merged_at) VALUES (?, ?, ?, ?, ?, ?)`,
		tx.NewID(), from, into, reason, who, store.At(tx.Now))
	return err
}

// Former lists the companies that were merged into this one, in the order of
// their numbers; each is as it was.
func Former(ctx context.Context, tx *store.Tx, id string) ([]Company, error) {
	return store.All(ctx, tx, scanCompany, `SELECT `+companyColumns+` FROM company WHERE merged_into = ? ORDER BY country, org_number`, id)
}
