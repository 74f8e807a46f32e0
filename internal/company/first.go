package company

import (
	"context"
	"fmt"

	"stafett/internal/audit"
	"stafett/internal/store"
)

// known is true of a company c of which anything is known: that somebody comes, or
// came, for it; that somebody was confirmed or refused; that it has hours, a booking,
// aid, an application or an invoice address; that another number was merged into it.
const known = `(EXISTS (SELECT 1 FROM contact WHERE company_id = c.id)
	OR EXISTS (SELECT 1 FROM registration WHERE company_id = c.id)
	OR EXISTS (SELECT 1 FROM booking WHERE company_id = c.id)
	OR EXISTS (SELECT 1 FROM hours_account WHERE company_id = c.id)
	OR EXISTS (SELECT 1 FROM application WHERE company_id = c.id)
	OR EXISTS (SELECT 1 FROM aid_recipient WHERE company_id = c.id)
	OR EXISTS (SELECT 1 FROM aid_linked WHERE company_id = c.id)
	OR EXISTS (SELECT 1 FROM company_invoice WHERE company_id = c.id)
	OR EXISTS (SELECT 1 FROM company f WHERE f.merged_into = c.id)
	OR EXISTS (SELECT 1 FROM audit_entry WHERE object_kind = 'contact' AND object_id > c.id || '/' AND object_id < c.id || '0'))`

// ClaimFirst notes that the person belongs to the company, as they say themselves,
// and for the advice of which programme, if it is known: its organisers are shown
// it. The first person of a company of which nothing is known is confirmed by it:
// there is nothing yet that could be told to the wrong one. Whoever comes later
// waits for a colleague or an organiser.
func ClaimFirst(ctx context.Context, tx *store.Tx, personID, companyID, programmeID string) (confirmed bool, err error) {
	unknown, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM company c WHERE c.id = ? AND NOT `+known, companyID)
	if err != nil {
		return false, fmt.Errorf("claim a company: %w", err)
	}
	if err := Claim(ctx, tx, personID, companyID, unknown > 0); err != nil {
		return false, err
	}
	if programmeID != "" {
		if _, err := store.Exec(ctx, tx, `UPDATE contact SET claimed_for = ? WHERE person_id = ? AND company_id = ?`, programmeID, personID, companyID); err != nil {
			return false, fmt.Errorf("claim a company: %w", err)
		}
	}
	if unknown == 0 {
		return store.One(ctx, tx, store.Value[bool], `SELECT status = 'confirmed' FROM contact WHERE person_id = ? AND company_id = ?`, personID, companyID)
	}
	return true, audit.Add(ctx, tx, audit.Entry{
		Actor: audit.Actor{Kind: "person", ID: personID}, Action: "contact.first", ObjectKind: "contact", ObjectID: companyID + "/" + personID, To: "confirmed",
	})
}
