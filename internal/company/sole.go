package company

import (
	"context"

	"stafett/internal/audit"
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
// It never takes that mark away: an organiser may know better.
func Registered(ctx context.Context, tx *store.Tx, id, name string, sole bool) error {
	if err := updateName(ctx, tx, id, name); err != nil || !sole {
		return err
	}
	return MarkSoleTrader(ctx, tx, id, true, audit.System)
}
