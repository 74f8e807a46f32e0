// Package register asks public registers of companies for the name that belongs
// to a number, so that people need not type it. It is a help and never a
// condition: whatever goes wrong, what was typed stands. Nothing here comes from
// our own data about companies.
package register

import (
	"context"
	"errors"

	"stafett/internal/store"
)

// Register is one country's public register.
type Register interface {
	// Find returns what the register has for the digits of a number, or
	// ErrUnknown when it has nothing. Every other error is a failure that tells
	// nothing about the number.
	Find(ctx context.Context, country, number string) (Entry, error)
}

// ErrUnknown says that the register has no such number, or has it no more.
var ErrUnknown = errors.New("not in the register")

// Entry is what a register answered about one number.
type Entry struct {
	Country, Number string
	Name            string
	LegalForm       string // the register's own code: AS, ENK
	Municipality    string // the code of the business address; may be empty
	Parent          string // the company's number, when this one is a sub-unit's
	Closed          bool   // bankrupt, being wound up, or removed
}

// soleTrader is the legal form of a sole trader (enkeltpersonforetak).
const soleTrader = "ENK"

// SoleTrader reports whether the number stands for a person.
func (e Entry) SoleTrader() bool { return e.LegalForm == soleTrader }

// answer is an entry as it is kept: also that there is none.
type answer struct {
	Entry
	found bool
}

// kept returns an answer that is not older than wanted.
func kept(ctx context.Context, tx *store.Tx, country, number string) (a answer, known bool, err error) {
	a, err = store.One(ctx, tx, scan, `
		SELECT country, org_number, found, name, legal_form, municipality_code, parent_number, closed
		FROM register_answer WHERE country = ? AND org_number = ? AND fetched_at > ?`, country, number, store.At(tx.Now.Add(-keptFor)))
	if errors.Is(err, store.ErrNoRow) {
		return answer{}, false, nil
	}
	return a, err == nil, err
}

// keep writes the answer over an older one, and forgets all that are too old to
// be used.
func keep(ctx context.Context, tx *store.Tx, a answer) error {
	if _, err := store.Exec(ctx, tx, `DELETE FROM register_answer WHERE fetched_at <= ?`, store.At(tx.Now.Add(-keptFor))); err != nil {
		return err
	}
	_, err := store.Exec(ctx, tx, `
		INSERT INTO register_answer (country, org_number, found, name, legal_form, municipality_code, parent_number, closed, fetched_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (country, org_number) DO UPDATE SET found = excluded.found, name = excluded.name, legal_form = excluded.legal_form,
			municipality_code = excluded.municipality_code, parent_number = excluded.parent_number, closed = excluded.closed, fetched_at = excluded.fetched_at`,
		a.Country, a.Number, a.found, a.Name, a.LegalForm, a.Municipality, a.Parent, a.Closed, store.At(tx.Now))
	return err
}

// Forget drops what the register answered about a number that is a person's.
func Forget(ctx context.Context, tx *store.Tx, country, number string) error {
	_, err := store.Exec(ctx, tx, `DELETE FROM register_answer WHERE country = ? AND org_number = ?`, country, number)
	return err
}

func scan(r store.Row) (a answer, err error) {
	err = r.Scan(&a.Country, &a.Number, &a.found, &a.Name, &a.LegalForm, &a.Municipality, &a.Parent, &a.Closed)
	return a, err
}
