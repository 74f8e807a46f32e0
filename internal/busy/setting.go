package busy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/store"
)

// State is what an adviser sees of the calendar that is read.
type State struct {
	Host, End  string    // the host of the address, and its last four characters where it is long
	FetchedAt  time.Time // the last time it was read, UTC; zero: never
	TriedAt    time.Time // zero: not yet
	Fault      Fault     // of the last try
	FaultSince time.Time // since when no try has worked
	Unread     int       // entries that could not be understood in full
	Ahead      int       // busy times from now on
}

// Set has the calendar at the address read from now on, in place of one that was.
// Whatever was typed that cannot be one is refused beside the field "url". The
// busy times there are stay until the new address has been read.
func Set(ctx context.Context, tx *store.Tx, adviserID, typed string, by audit.Actor) error {
	address, err := Address(typed)
	if err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `
		INSERT INTO busy_calendar (adviser_id, url) VALUES (?, ?)
		ON CONFLICT (adviser_id) DO UPDATE SET url = excluded.url, fetched_at = NULL, tried_at = NULL, fault = '', fault_since = NULL, unread = 0`,
		adviserID, address)
	if err != nil {
		return fmt.Errorf("set an adviser's other calendar: %w", err)
	}
	return note(ctx, tx, adviserID, "busy.set", by)
}

// Remove has the calendar read no more, and forgets its address and all busy times
// that came of it. Where there is none, nothing changes.
func Remove(ctx context.Context, tx *store.Tx, adviserID string, by audit.Actor) error {
	if _, err := store.Exec(ctx, tx, `DELETE FROM busy_time WHERE adviser_id = ?`, adviserID); err != nil {
		return fmt.Errorf("forget an adviser's busy times: %w", err)
	}
	n, err := store.Exec(ctx, tx, `DELETE FROM busy_calendar WHERE adviser_id = ?`, adviserID)
	if err != nil {
		return fmt.Errorf("remove an adviser's other calendar: %w", err)
	}
	if n == 0 {
		return nil
	}
	return note(ctx, tx, adviserID, "busy.remove", by)
}

func note(ctx context.Context, tx *store.Tx, adviserID, action string, by audit.Actor) error {
	return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: action, ObjectKind: "adviser", ObjectID: adviserID})
}

// StateOf is what the adviser sees; found reports whether a calendar is read.
func StateOf(ctx context.Context, tx *store.Tx, adviserID string) (s State, found bool, err error) {
	s, err = store.One(ctx, tx, scanState, `
		SELECT url, fetched_at, tried_at, fault, fault_since, unread,
			(SELECT count(*) FROM busy_time t WHERE t.adviser_id = c.adviser_id AND t.ends_at > ?)
		FROM busy_calendar c WHERE adviser_id = ?`, store.At(tx.Now), adviserID)
	if errors.Is(err, store.ErrNoRow) {
		return s, false, nil
	}
	return s, err == nil, err
}

func scanState(r store.Row) (s State, err error) {
	var address string
	err = r.Scan(&address, store.Time(&s.FetchedAt), store.Time(&s.TriedAt), &s.Fault, store.Time(&s.FaultSince), &s.Unread, &s.Ahead)
	s.Host, s.End = masked(address)
	return s, err
}

// Times are the adviser's busy times that overlap [from, to), in order.
func Times(ctx context.Context, tx *store.Tx, adviserID string, from, to time.Time) ([]Interval, error) {
	return store.All(ctx, tx, scanInterval, `
		SELECT starts_at, ends_at FROM busy_time WHERE adviser_id = ? AND ends_at > ? AND starts_at < ? ORDER BY starts_at`,
		adviserID, store.At(from), store.At(to))
}

func scanInterval(r store.Row) (i Interval, err error) {
	return i, r.Scan(store.Time(&i.StartsAt), store.Time(&i.EndsAt))
}
