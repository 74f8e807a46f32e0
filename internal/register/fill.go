package register

import (
	"context"
	"strings"

	"stafett/internal/company"
	"stafett/internal/store"
)

// FillIn fills in what the register knows about a Norwegian company before
// somebody signs up for it: the name that was left empty, and the company's own
// number instead of a sub-unit's. What was typed stands in every other case, also
// when the register does not answer. Like Ask it is for outside of transactions;
// the entry is noted in the one that signs up.
func (d *Desk) FillIn(ctx context.Context, country string, number, name *string, testNumbers bool) *Entry {
	if country != "NO" {
		return nil
	}
	typed, err := company.ParseNumber(country, *number, testNumbers)
	if err != nil {
		return nil
	}
	found, ok := d.Ask(ctx, country, typed)
	if !ok {
		return nil
	}
	// The parent of a sub-unit is checked as any number that somebody types.
	if _, err := company.ParseNumber(country, found.Company.Number, testNumbers); err != nil {
		return nil
	}
	*number = found.Company.Number
	if strings.TrimSpace(*name) == "" {
		*name = found.Name
	}
	return &found.Company
}

// Note writes what the register said to the company that has just been signed up
// for; nil says nothing.
func (e *Entry) Note(ctx context.Context, tx *store.Tx) error {
	if e == nil {
		return nil
	}
	return company.Registered(ctx, tx, e.Country, e.Number, e.Name, e.SoleTrader())
}
