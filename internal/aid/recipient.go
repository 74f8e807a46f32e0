package aid

import (
	"context"
	"errors"
	"fmt"

	"stafett/internal/company"
	"stafett/internal/store"
)

// Recipient is who gets aid.
type Recipient struct {
	ID, UndertakingID string
	CompanyID         string // empty: a person's firm
	PersonID          string
	Name              string
	Country           string // of a company
	Number            string // as it is shown; masked where it stands for a person
	SoleTrader        bool
	HasNumber         bool // of a person's firm: its number is stored, sealed
}

// ensureRecipient returns who the terms are for, new and an undertaking of its own
// if need be.
func ensureRecipient(ctx context.Context, tx *store.Tx, companyID, personID string) (Recipient, error) {
	if companyID != "" {
		c, err := company.Find(ctx, tx, companyID)
		if err != nil {
			return Recipient{}, err
		}
		companyID, personID = c.ID, ""
	}
	r, err := store.One(ctx, tx, scanRecipient, selectRecipient+`WHERE r.company_id = ? OR r.person_id = ?`, store.Text(companyID), store.Text(personID))
	if err == nil || !errors.Is(err, store.ErrNoRow) {
		return r, err
	}
	undertaking := tx.NewID()
	if _, err := store.Exec(ctx, tx, `INSERT INTO aid_undertaking (id, created_at) VALUES (?, ?)`, undertaking, store.At(tx.Now)); err != nil {
		return r, fmt.Errorf("add an undertaking: %w", err)
	}
	id := tx.NewID()
	_, err = store.Exec(ctx, tx, `INSERT INTO aid_recipient (id, undertaking_id, company_id, person_id, created_at) VALUES (?, ?, ?, ?, ?)`,
		id, undertaking, store.Text(companyID), store.Text(personID), store.At(tx.Now))
	if err != nil {
		return r, fmt.Errorf("add a recipient of aid: %w", err)
	}
	return recipient(ctx, tx, id)
}

func recipient(ctx context.Context, tx *store.Tx, id string) (Recipient, error) {
	return missing(store.One(ctx, tx, scanRecipient, selectRecipient+`WHERE r.id = ?`, id))
}

// Recipient is who the case is about.
func (c Case) Recipient(ctx context.Context, tx *store.Tx) (Recipient, error) {
	return recipient(ctx, tx, c.RecipientID)
}

// lock keeps everybody else who wants to grant something to the undertaking waiting
// until the transaction ends.
func lock(ctx context.Context, tx *store.Tx, undertakingID string) error {
	_, err := store.Exec(ctx, tx, `UPDATE aid_undertaking SET revision = revision + 1 WHERE id = ?`, undertakingID)
	return err
}

// join makes one undertaking of two: all that either has had counts for both.
func join(ctx context.Context, tx *store.Tx, from, into string) error {
	if from == into {
		return nil
	}
	if err := lock(ctx, tx, into); err != nil {
		return err
	}
	if _, err := store.Exec(ctx, tx, `UPDATE aid_recipient SET undertaking_id = ? WHERE undertaking_id = ?`, into, from); err != nil {
		return fmt.Errorf("join undertakings: %w", err)
	}
	_, err := store.Exec(ctx, tx, `DELETE FROM aid_undertaking WHERE id = ?`, from)
	return err
}

// Follow lets aid follow a company into the one that it is merged into: all that
// either has had counts for the one that goes on (Art. 3(8)). It is a
// company.Follower. The cases stay with the numbers that they were granted to.
func Follow(ctx context.Context, tx *store.Tx, from, into string) error {
	old, err := store.All(ctx, tx, scanRecipient, selectRecipient+`WHERE r.company_id IN (SELECT id FROM company WHERE id = ? OR merged_into = ?)`, from, from)
	if err != nil || len(old) == 0 {
		return err
	}
	goesOn, err := ensureRecipient(ctx, tx, into, "")
	if err != nil {
		return err
	}
	for _, r := range old {
		if err := join(ctx, tx, r.UndertakingID, goesOn.UndertakingID); err != nil {
			return err
		}
	}
	return nil
}

const selectRecipient = `SELECT r.id, r.undertaking_id, COALESCE(r.company_id, ''), COALESCE(r.person_id, ''),
	CASE WHEN r.company_id IS NULL AND r.name = '' THEN COALESCE(p.first_name || ' ' || p.last_name, '') ELSE COALESCE(o.name, r.name) END, COALESCE(o.country, ''), COALESCE(o.org_number, ''), COALESCE(o.sole_trader, FALSE), r.number_mac <> ''
	FROM aid_recipient r LEFT JOIN company o ON o.id = r.company_id LEFT JOIN person p ON p.id = r.person_id `

func scanRecipient(row store.Row) (r Recipient, err error) {
	var number string
	err = row.Scan(&r.ID, &r.UndertakingID, &r.CompanyID, &r.PersonID, &r.Name, &r.Country, &number, &r.SoleTrader, &r.HasNumber)
	r.Number = company.Display(company.Company{Country: r.Country, Number: number, SoleTrader: r.SoleTrader})
	return r, err
}
