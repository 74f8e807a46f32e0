package message

import (
	"context"
	"time"

	"stafett/internal/store"
)

// Regular is one thing that runs by itself, and how long it may be silent
// before something is wrong.
type Regular struct {
	Name   string
	Within time.Duration
}

// Regulars are all things that run by themselves: by the minute, by the hour,
// and once a day.
var Regulars = [...]Regular{
	{"mail", 5 * time.Minute},
	{"reminders", 5 * time.Minute},
	{"offers", 5 * time.Minute},
	{"waiting", 5 * time.Minute},
	{"mailings", 5 * time.Minute},
	{"meetings", 5 * time.Minute},
	{"advice", time.Hour},
	{"hours", 2 * time.Hour},
	{"requests", 20 * time.Minute},
	{"decisions", 2 * time.Hour},
	{"held", 2 * time.Hour},
	{"aid", 2 * time.Hour},
	{"erase", 2 * time.Hour},
	{"erasures", 5 * time.Minute},
	{"applications", 26 * time.Hour},
	{"sweep", 26 * time.Hour},
}

// Run is the last time that something which runs by itself did.
type Run struct {
	Name  string // one of Regulars
	At    time.Time
	Fault string    // why it went wrong; empty: it did not
	Since time.Time // since when it has gone wrong; zero: it did not
}

// NoteRun writes down that something ran, and how it went.
func NoteRun(ctx context.Context, tx *store.Tx, name, fault string) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO job_run (name, last_run_at, fault, fault_since) VALUES (?, ?, ?, CASE WHEN ? <> '' THEN ? END)
		ON CONFLICT (name) DO UPDATE SET last_run_at = excluded.last_run_at, fault = excluded.fault,
			fault_since = CASE WHEN excluded.fault <> '' THEN COALESCE(job_run.fault_since, excluded.fault_since) END`,
		name, store.At(tx.Now), fault, fault, store.At(tx.Now))
	return err
}

// Runs lists the last run of everything, by name.
func Runs(ctx context.Context, tx *store.Tx) ([]Run, error) {
	return store.All(ctx, tx, func(r store.Row) (x Run, err error) {
		return x, r.Scan(&x.Name, store.Time(&x.At), &x.Fault, store.Time(&x.Since))
	}, `SELECT name, last_run_at, fault, COALESCE(fault_since, CASE WHEN fault <> '' THEN last_run_at END) FROM job_run ORDER BY name`)
}
