// Package company holds the companies that people sign up for. Two companies
// are the same when country and organisation number are; a name tells nothing,
// for it changes and anybody can type one. No personal number is ever a
// company's number here.
package company

import (
	"context"
	"errors"
	"fmt"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// Company is an organisation with a number in the register of its country.
type Company struct {
	ID      string
	Country string // "SE" or "NO"
	Number  string // digits only, as ParseNumber returns them
	Name    string
	// SoleTrader marks a number that stands for a person: show it by Display.
	SoleTrader bool
}

// Ensure returns the company with this number, new if need be. The name of one
// that is there already stays, whatever is typed by the next person. The number
// must be as ParseNumber returns it, test numbers included, else the error is
// one of ParseNumber's. A number that has been merged gives the company that
// goes on.
func Ensure(ctx context.Context, tx *store.Tx, country, number, name string) (Company, error) {
	// Whatever way a number comes here, a personal one must not be stored.
	stored, err := ParseNumber(country, number, true)
	if err != nil {
		return Company{}, err
	}
	if stored != number {
		return Company{}, ErrNumber
	}
	if err := insertCompany(ctx, tx, Company{ID: tx.NewID(), Country: country, Number: number, Name: name}); err != nil {
		return Company{}, fmt.Errorf("add company: %w", err)
	}
	return FindByNumber(ctx, tx, country, number)
}

// Find returns the company, or problem.ErrMissing. For one that has been merged
// into another it returns the other.
func Find(ctx context.Context, tx *store.Tx, id string) (Company, error) {
	return found(selectCompany(ctx, tx, `WHERE id = ?`, id))
}

// FindByNumber returns the company with these stored digits, or
// problem.ErrMissing. A number that has been merged gives the company that
// goes on.
func FindByNumber(ctx context.Context, tx *store.Tx, country, number string) (Company, error) {
	return found(selectCompany(ctx, tx, `WHERE country = ? AND org_number = ?`, country, number))
}

func found(c Company, err error) (Company, error) {
	if errors.Is(err, store.ErrNoRow) {
		return Company{}, problem.ErrMissing
	}
	return c, err
}

// Doubt takes back that a person's belonging to the company was confirmed, when
// what confirmed it turns out to be wrong. The claim stays.
func Doubt(ctx context.Context, tx *store.Tx, personID, companyID string) error {
	_, err := store.Exec(ctx, tx, `UPDATE contact SET status = 'claimed' WHERE person_id = ? AND company_id = ?`, personID, companyID)
	return err
}

// Claim notes that the person belongs to the company: as they say themselves,
// or confirmed. What is confirmed does not become a mere claim again by it.
func Claim(ctx context.Context, tx *store.Tx, personID, companyID string, confirmed bool) error {
	status := "claimed"
	if confirmed {
		status = "confirmed"
	}
	if err := upsertContact(ctx, tx, personID, companyID, status); err != nil {
		return fmt.Errorf("write contact: %w", err)
	}
	return nil
}
