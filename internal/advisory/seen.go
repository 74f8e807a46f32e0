package advisory

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"stafett/internal/store"
)

// seen are the times that somebody who waits could have chosen, from the first start
// to the last of each run without a gap.
type seen [][2]time.Time

// has reports whether the time was one of them.
func (s seen) has(start time.Time) bool {
	for _, run := range s {
		if !start.Before(run[0]) && !start.After(run[1]) {
			return true
		}
	}
	return false
}

// endOfTime is after every time that will be offered.
var endOfTime = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC)

// noteSeen notes what somebody who waits could choose from and did not: it is not
// offered to them later. Who had a choice at all is not told of what merely comes
// into view at the far end either.
func (b Booking) noteSeen(ctx context.Context, tx *store.Tx, p Programme) error {
	found, err := Slots(ctx, tx, b.query(b.AdviserID, b.Minutes))
	if err != nil || len(found) == 0 {
		return err
	}
	all, err := readSeen(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	step := ofMinutes(p.StepMinutes)
	for i, s := range found {
		if i > 0 && s.StartsAt.Sub(found[i-1].StartsAt) <= step {
			all[len(all)-1][1] = s.StartsAt
			continue
		}
		all = append(all, [2]time.Time{s.StartsAt, s.StartsAt})
	}
	all = append(all, [2]time.Time{tx.Now.AddDate(0, 0, p.HorizonDays+1).Truncate(24 * time.Hour), endOfTime})
	times, err := json.Marshal(all)
	if err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `
		INSERT INTO booking_seen (booking_id, times) VALUES (?, ?) ON CONFLICT (booking_id) DO UPDATE SET times = excluded.times`, b.ID, string(times))
	if err != nil {
		return fmt.Errorf("note what could be chosen: %w", err)
	}
	return nil
}

// readSeen reads it.
func readSeen(ctx context.Context, tx *store.Tx, bookingID string) (s seen, err error) {
	found, err := store.All(ctx, tx, store.Value[string], `SELECT times FROM booking_seen WHERE booking_id = ?`, bookingID)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return s, json.Unmarshal([]byte(found[0]), &s)
}
