package company

import (
	"context"
	"errors"
	"time"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Why the mark of a sole trader stays.
var (
	// ErrRegistered says that the public register knows the number as a person's.
	ErrRegistered = &problem.Problem{Kind: problem.Conflict, Code: "company_registered"}
	// ErrElsewhere says that people come for the company in programmes of others too.
	ErrElsewhere = &problem.Problem{Kind: problem.Conflict, Code: "company_sole_elsewhere"}
)

// MarkSoleTrader notes that the company's number stands for a person, and by
// whom that was said. Saying what is known already changes nothing.
func MarkSoleTrader(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	changed, err := updateSoleTrader(ctx, tx, id, true)
	if err != nil || !changed {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "company.sole_trader", ObjectKind: "company", ObjectID: id, From: "no", To: "yes"})
}

// UnmarkSoleTrader takes the mark back, for whoever may (MayUnmark). It shows the
// number to everybody.
func UnmarkSoleTrader(ctx context.Context, tx *store.Tx, within Within, id string, by audit.Actor) error {
	if err := MayUnmark(ctx, tx, within, id); err != nil {
		return err
	}
	changed, err := updateSoleTrader(ctx, tx, id, false)
	if err != nil || !changed {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "company.sole_trader", ObjectKind: "company", ObjectID: id, From: "yes", To: "no"})
}

// MayUnmark refuses with ErrElsewhere when the company comes to programmes other
// than these, whose organisers rely on the mark, and with ErrRegistered when the
// register said so.
func MayUnmark(ctx context.Context, tx *store.Tx, within Within, id string) error {
	registered, err := saidByRegister(ctx, tx, id)
	if err != nil {
		return err
	}
	if registered {
		return ErrRegistered
	}
	elsewhere, err := Elsewhere(ctx, tx, within, id)
	if err == nil && elsewhere {
		return ErrElsewhere
	}
	return err
}

func saidByRegister(ctx context.Context, tx *store.Tx, id string) (bool, error) {
	return audit.Since(ctx, tx, audit.Entry{Actor: audit.System, Action: "company.sole_trader", ObjectKind: "company", ObjectID: id}, time.Unix(0, 0))
}

// Registered gives the company the name that the public register has for it,
// instead of what the first person happened to type, and marks a sole trader.
// It never takes that mark away: an organiser may know better. What it says is
// noted also when the mark was there before, and holds (MayUnmark). A number that is
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
	if known, err := saidByRegister(ctx, tx, c.ID); err != nil || known {
		return err
	}
	if _, err := updateSoleTrader(ctx, tx, c.ID, true); err != nil {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: audit.System, Action: "company.sole_trader", ObjectKind: "company", ObjectID: c.ID, From: yesNo(c.SoleTrader), To: "yes"})
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
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
