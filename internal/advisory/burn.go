package advisory

import (
	"context"
	"time"

	"stafett/internal/store"
)

// Burn is how the hours of a programme of advice have gone, by day.
type Burn struct {
	Days    []BurnDay // those on which something changed, the first first
	Pool    *int      // nil: no limit
	Taken   int       // used and booked now
	Pace    int       // minutes a week, of the last weeks
	EmptyOn time.Time // when the pool is empty at that pace; zero: never, or there is no pool
}

// BurnDay is what had been used and booked by the end of a day.
type BurnDay struct {
	On    time.Time
	Taken int
}

// paceWeeks is how far back the pace is taken from.
const paceWeeks = 8

// BurnOf tells how the hours have gone until now, and when the pool is empty if it
// goes on as in the last eight weeks.
func BurnOf(ctx context.Context, tx *store.Tx, p Programme) (Burn, error) {
	type row struct {
		day     string
		minutes int
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) { return x, r.Scan(&x.day, &x.minutes) }, `
		SELECT substr(at, 1, 10), SUM(CASE kind WHEN 'release' THEN -minutes ELSE minutes END) FROM hours_entry
		WHERE advisory_programme_id = ? GROUP BY substr(at, 1, 10) ORDER BY substr(at, 1, 10)`, p.ID)
	b := Burn{Pool: p.PoolMinutes}
	if err != nil || len(rows) == 0 {
		return b, err
	}
	since, before := tx.Now.AddDate(0, 0, -7*paceWeeks), 0
	for _, x := range rows {
		on, err := time.Parse(time.DateOnly, x.day)
		if err != nil {
			return b, err
		}
		b.Taken += x.minutes
		b.Days = append(b.Days, BurnDay{on, b.Taken})
		if on.Before(since) {
			before = b.Taken
		}
	}
	weeks := min(paceWeeks, max(1, int(tx.Now.Sub(b.Days[0].On)/(7*24*time.Hour))))
	b.Pace = max(0, (b.Taken-before)/weeks)
	if left := minutesOr(p.PoolMinutes, 0) - b.Taken; p.PoolMinutes != nil && b.Pace > 0 && left > 0 {
		days := left * 7 / b.Pace
		if days < 20*366 {
			b.EmptyOn = tx.Now.AddDate(0, 0, days)
		}
	}
	return b, nil
}
