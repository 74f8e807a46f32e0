package busy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/store"
)

// How often a calendar is asked for: by itself, and when its adviser wants it.
const (
	pause      = 30 * time.Minute
	shortPause = time.Minute
)

// Refresh reads each calendar that was not tried for half an hour, one at a time.
// No transaction is open while another host is asked. What cannot be read leaves
// the busy times as they are.
func (f *Fetcher) Refresh(ctx context.Context, db *store.DB) error {
	for {
		more, err := f.one(ctx, db, "", pause)
		if err != nil || !more {
			return err
		}
	}
}

// RefreshOne reads one adviser's calendar now, unless that was tried less than a
// minute ago.
func (f *Fetcher) RefreshOne(ctx context.Context, db *store.DB, adviserID string) error {
	_, err := f.one(ctx, db, adviserID, shortPause)
	return err
}

// claimed is a calendar to be read now.
type claimed struct {
	adviserID, address string
	reading            Reading
}

func (f *Fetcher) one(ctx context.Context, db *store.DB, adviserID string, since time.Duration) (more bool, err error) {
	var c claimed
	var found bool
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		c, found, err = claim(ctx, tx, adviserID, since)
		return err
	})
	if err != nil || !found {
		return false, err
	}
	file, fault := f.Fetch(ctx, c.address)
	var read Found
	if fault == None {
		read, fault = Read(ctx, file, c.reading)
	}
	if err := ctx.Err(); err != nil { // we end, or wait no longer: nothing is known of the calendar
		return false, err
	}
	return true, db.Write(ctx, func(tx *store.Tx) error {
		if fault != None {
			return failed(ctx, tx, c, fault)
		}
		return keep(ctx, tx, c, read)
	})
}

// claim takes the calendar that has waited longest, so that it is tried once even
// if we end in between. Nobody's is read who may no longer sign in.
func claim(ctx context.Context, tx *store.Tx, adviserID string, since time.Duration) (c claimed, found bool, err error) {
	which, args := "", []any{store.At(tx.Now), store.At(tx.Now.Add(-since))}
	if adviserID != "" {
		which, args = " AND c.adviser_id = ?", append(args, adviserID)
	}
	c, err = store.One(ctx, tx, func(r store.Row) (c claimed, err error) {
		return c, r.Scan(&c.adviserID, &c.address)
	}, `
		UPDATE busy_calendar SET tried_at = ? WHERE adviser_id = (
			SELECT c.adviser_id FROM busy_calendar c JOIN adviser a ON a.id = c.adviser_id JOIN user_account u ON u.id = a.user_id
			WHERE (c.tried_at IS NULL OR c.tried_at <= ?) AND u.disabled_at IS NULL`+which+`
			ORDER BY c.tried_at NULLS FIRST, c.adviser_id LIMIT 1)
		RETURNING adviser_id, url`, args...)
	if errors.Is(err, store.ErrNoRow) {
		return c, false, nil
	}
	if err != nil {
		return c, false, fmt.Errorf("choose a calendar to read: %w", err)
	}
	c.reading, err = readingOf(ctx, tx, c.adviserID)
	return c, err == nil, err
}

// readingOf is what is asked of an adviser's calendar. What we have put into it
// ourselves, by an invitation or by the adviser's calendar of bookings, holds its
// time already.
func readingOf(ctx context.Context, tx *store.Tx, adviserID string) (r Reading, err error) {
	r.Now = tx.Now
	zone := ""
	_, err = store.One(ctx, tx, func(row store.Row) (struct{}, error) {
		return struct{}{}, row.Scan(&zone, &r.Email)
	}, `SELECT a.time_zone, u.email FROM adviser a JOIN user_account u ON u.id = a.user_id WHERE a.id = ?`, adviserID)
	if err != nil {
		return r, fmt.Errorf("read the adviser of a calendar: %w", err)
	}
	if r.Zone, err = time.LoadLocation(zone); err != nil {
		return r, err
	}
	uids, err := store.All(ctx, tx, func(row store.Row) (pair [2]string, err error) {
		return pair, row.Scan(&pair[0], &pair[1])
	}, `
		SELECT id, calendar_uid FROM booking WHERE adviser_id = ? AND (ends_at IS NULL OR ends_at > ?)
		UNION ALL SELECT id, booking_id FROM booking_proposal WHERE adviser_id = ? AND ends_at > ?`,
		adviserID, store.At(tx.Now.Add(-keepBack)), adviserID, store.At(tx.Now.Add(-keepBack)))
	if err != nil {
		return r, fmt.Errorf("read an adviser's bookings: %w", err)
	}
	ours := map[string]bool{}
	for _, u := range uids {
		ours[u[0]], ours[u[1]] = true, true
		ours[advisory.Booking{CalendarUID: u[1]}.AdviserUID(adviserID)] = true
	}
	r.Own = func(uid string) bool { return isOurs(uid, ours) }
	return r, nil
}

// longestUID is longer than any name that we give.
const longestUID = 200

// isOurs reports whether an event has one of the names that we give to a booking:
// its own or that of its invitations, with a word before it that tells one
// person's file from another's, and our host behind it.
func isOurs(uid string, ours map[string]bool) bool {
	if len(uid) > longestUID {
		return false
	}
	id, _, _ := strings.Cut(uid, "@")
	for {
		if ours[id] {
			return true
		}
		_, rest, more := strings.Cut(id, "-")
		if !more {
			return false
		}
		id = rest
	}
}

// failed notes why the calendar could not be read, unless its address has been
// changed since.
func failed(ctx context.Context, tx *store.Tx, c claimed, fault Fault) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE busy_calendar SET fault = ?, fault_since = COALESCE(fault_since, ?) WHERE adviser_id = ? AND url = ?`,
		fault, store.At(tx.Now), c.adviserID, c.address)
	if err != nil {
		return fmt.Errorf("note that a calendar could not be read: %w", err)
	}
	return nil
}

// keep stores the busy times in place of those there were, unless the address has
// been changed since.
func keep(ctx context.Context, tx *store.Tx, c claimed, found Found) error {
	n, err := store.Exec(ctx, tx, `
		UPDATE busy_calendar SET fetched_at = ?, fault = '', fault_since = NULL, unread = ? WHERE adviser_id = ? AND url = ?`,
		store.At(tx.Now), found.Unread, c.adviserID, c.address)
	if err != nil || n == 0 {
		return err
	}
	had, err := store.All(ctx, tx, scanInterval, `SELECT starts_at, ends_at FROM busy_time WHERE adviser_id = ? ORDER BY starts_at`, c.adviserID)
	if err != nil || slices.EqualFunc(had, found.Times, Interval.equal) {
		return err
	}
	if _, err := store.Exec(ctx, tx, `DELETE FROM busy_time WHERE adviser_id = ?`, c.adviserID); err != nil {
		return fmt.Errorf("replace an adviser's busy times: %w", err)
	}
	for part := range slices.Chunk(found.Times, 200) {
		values, args := "", []any{}
		for _, i := range part {
			values += ", (?, ?, ?)"
			args = append(args, c.adviserID, store.At(i.StartsAt), store.At(i.EndsAt))
		}
		if _, err := store.Exec(ctx, tx, `INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES `+values[2:], args...); err != nil {
			return fmt.Errorf("keep an adviser's busy times: %w", err)
		}
	}
	return nil
}

func (i Interval) equal(o Interval) bool {
	return i.StartsAt.Equal(o.StartsAt) && i.EndsAt.Equal(o.EndsAt)
}
