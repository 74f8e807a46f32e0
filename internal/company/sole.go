package company

import (
	"context"
	"errors"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// MarkSoleTrader notes whether the company's number stands for a person, and by
// whom that was said. Saying what is known already changes nothing.
func MarkSoleTrader(ctx context.Context, tx *store.Tx, id string, sole bool, by audit.Actor) error {
	changed, err := updateSoleTrader(ctx, tx, id, sole)
	if err != nil || !changed {
		return err
	}
	e := audit.Entry{Actor: by, Action: "company.sole_trader", ObjectKind: "company", ObjectID: id, From: "no", To: "yes"}
	if !sole {
		e.From, e.To = e.To, e.From
	}
	return audit.Add(ctx, tx, e)
}

// Registered gives the company the name that the public register has for it,
// instead of what the first person happened to type, and marks a sole trader.
// It never takes that mark away: an organiser may know better. A number that is
// not there, or has been merged into another, is left as it is: its name is not
// that of the company that goes on.
func Registered(ctx context.Context, tx *store.Tx, country, number, name string, sole bool) error {
	c, err := FindByNumber(ctx, tx, country, number)
	if errors.Is(err, problem.ErrMissing) || err == nil && (c.Country != country || c.Number != number) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := updateName(ctx, tx, c.ID, name); err != nil || !sole {
		return err
	}
	return MarkSoleTrader(ctx, tx, c.ID, true, audit.System)
}

// Confirm notes that an organiser has confirmed that the person belongs to the
// company.
func Confirm(ctx context.Context, tx *store.Tx, personID, companyID string, by audit.Actor) error {
	if err := Claim(ctx, tx, personID, companyID, true); err != nil {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{
		Actor: by, Action: "contact.confirm", ObjectKind: "contact", ObjectID: companyID + "/" + personID, From: "claimed", To: "confirmed",
	})
}
