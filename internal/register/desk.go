package register

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"stafett/internal/store"
)

const (
	// longest is how long one question may take in all, the sub-unit's company
	// and our own database included.
	longest = 2 * time.Second
	// keptFor is how long an answer is used again.
	keptFor = 30 * 24 * time.Hour
	// After so many failures in a row the register is left alone for a while.
	failuresAllowed = 3
	pause           = time.Minute
)

// Desk answers from what is kept, else from the register. Ask it outside of
// transactions: it may wait. It is safe for concurrent use, and a nil Desk knows
// nothing.
type Desk struct {
	db  *store.DB
	reg Register
	log *slog.Logger

	mu       sync.Mutex
	failures int
	until    time.Time // the register is left alone
}

// NewDesk makes a desk that asks the register.
func NewDesk(db *store.DB, reg Register, log *slog.Logger) *Desk {
	return &Desk{db: db, reg: reg, log: log}
}

// Found is a number's name and the company that it belongs to. They differ for a
// sub-unit, whose company is its parent.
type Found struct {
	Name    string // of the number asked for
	Company Entry
}

// Ask returns what the register has for a number, as company.ParseNumber
// returns it. It reports false when the register knows nothing, cannot be
// reached within two seconds, or is left alone after failures.
func (d *Desk) Ask(ctx context.Context, country, number string) (Found, bool) {
	if d == nil {
		return Found{}, false
	}
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	e, found := d.one(ctx, country, number)
	if !found {
		return Found{}, false
	}
	f := Found{Name: e.Name, Company: e}
	if e.Parent == "" {
		return f, true
	}
	// Without its parent a sub-unit would be counted as a company of its own.
	f.Company, found = d.one(ctx, country, e.Parent)
	return f, found && f.Company.Parent == ""
}

// one answers about one number.
func (d *Desk) one(ctx context.Context, country, number string) (Entry, bool) {
	var a answer
	var known bool
	err := d.db.Read(ctx, func(tx *store.Tx) (err error) {
		a, known, err = kept(ctx, tx, country, number)
		return err
	})
	if err != nil {
		d.log.Warn("answers of the register cannot be read", "error", err)
		return Entry{}, false
	}
	if known {
		return a.Entry, a.found
	}
	if d.paused() {
		return Entry{}, false
	}
	if a, err = d.fetch(ctx, country, number); err != nil {
		return Entry{}, false
	}
	// An answer that cannot be kept is as good as another.
	if err := d.db.Write(ctx, func(tx *store.Tx) error { return keep(ctx, tx, a) }); err != nil {
		d.log.Warn("the register's answer is not kept", "error", err)
	}
	return a.Entry, a.found
}

// fetch asks the register and counts its failures. The number is never logged:
// it may be a sole trader's.
func (d *Desk) fetch(ctx context.Context, country, number string) (answer, error) {
	e, err := d.reg.Find(ctx, country, number)
	unknown := errors.Is(err, ErrUnknown)
	if unknown {
		err = nil
	}
	if errors.Is(err, context.Canceled) { // the visitor has left: that says nothing about the register
		return answer{}, err
	}
	d.count(err)
	if unknown {
		e = Entry{Closed: e.Closed}
	}
	e.Country, e.Number = country, number
	return answer{Entry: e, found: !unknown}, err
}

func (d *Desk) paused() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.db.Now().Before(d.until)
}

// count notes how a question ended.
func (d *Desk) count(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err == nil {
		d.failures = 0
		return
	}
	d.failures++
	d.log.Warn("the public register did not answer", "failures", d.failures, "error", err)
	if d.failures >= failuresAllowed {
		d.failures, d.until = 0, d.db.Now().Add(pause)
	}
}
