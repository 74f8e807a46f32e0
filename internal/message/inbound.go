package message

import (
	"context"
	"slices"
	"time"

	"stafett/internal/store"
)

// InboundRun is the name under which reading the mailbox is noted, CalendarsRun
// that of reading advisers' other calendars.
const (
	InboundRun   = "inbound"
	CalendarsRun = "calendars"
)

// optional are the things that run by themselves where they have been set up.
var optional = [...]Regular{{InboundRun, 10 * time.Minute}, {CalendarsRun, 15 * time.Minute}}

// Expected lists what is to run by itself, given what has: of what need not be set
// up, only what has run once.
func Expected(runs []Run) []Regular {
	all := slices.Clone(Regulars[:])
	for _, o := range optional {
		if slices.ContainsFunc(runs, func(r Run) bool { return r.Name == o.Name }) {
			all = append(all, o)
		}
	}
	return all
}

// ForgetRun forgets that something ran, because it is not set up any more.
func ForgetRun(ctx context.Context, tx *store.Tx, name string) error {
	_, err := store.Exec(ctx, tx, `DELETE FROM job_run WHERE name = ?`, name)
	return err
}
