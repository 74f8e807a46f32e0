package advisory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"stafett/internal/advisory/slot"
	"stafett/internal/municipality"
	"stafett/internal/store"
)

// calendar is an adviser with all that decides when there is time for somebody.
type calendar struct {
	Adviser
	times    slot.Adviser
	weeks    map[week]int // meetings in each
	meetings []time.Time  // their starts, in order
}

// remembered is how far back meetings are looked at to tell whose turn it is, and
// aWeek how far ahead.
const (
	remembered = 60 * 24 * time.Hour
	aWeek      = 7 * 24 * time.Hour
)

// calendars reads when the advisers are free and what they have between two
// moments, and how long each is on the way to a meeting there. A booking named
// except is left out, with what is proposed for it.
func calendars(ctx context.Context, tx *store.Tx, advisers []Adviser, from, to time.Time, m Meeting, site municipality.Code, except string) ([]*calendar, error) {
	if len(advisers) == 0 {
		return nil, nil
	}
	found, at, ids := make([]*calendar, len(advisers)), map[string]*calendar{}, make([]any, len(advisers))
	for i, a := range advisers {
		found[i] = &calendar{Adviser: a, times: slot.Adviser{
			ID: a.ID, Zone: a.Location(), Country: a.Country, HolidaysOff: a.HolidaysOff, Before: ofMinutes(a.BufferBeforeMinutes), After: ofMinutes(a.BufferAfterMinutes),
		}}
		if m == OnSite && a.Office == "" { // the adviser travels
			found[i].times.Travel = ofMinutes(a.TravelMinutes)
		}
		if a.MaxPerDay != nil {
			found[i].times.MaxPerDay = *a.MaxPerDay
		}
		at[a.ID], ids[i] = found[i], a.ID
	}
	begin, end := store.At(from.Add(-24*time.Hour)), store.At(to.Add(48*time.Hour))
	first, last := from.Add(-48*time.Hour).Format(time.DateOnly), to.Add(48*time.Hour).Format(time.DateOnly)
	theirs := `adviser_id IN (` + marks(len(ids)) + `)`
	for _, part := range []struct {
		query string
		args  []any
		read  func(store.Row) error
	}{
		{`SELECT adviser_id, weekday, from_clock, to_clock FROM availability WHERE ` + theirs + ` ORDER BY adviser_id, weekday, from_clock`, nil, func(row store.Row) error {
			var id, from, to string
			var weekday int
			if err := row.Scan(&id, &weekday, &from, &to); err != nil {
				return err
			}
			at[id].times.Week = append(at[id].times.Week, slot.Window{Weekday: time.Weekday(weekday % 7), From: clockOf(from), To: clockOf(to)})
			return nil
		}},
		{`SELECT adviser_id, date, from_clock, to_clock, available FROM availability_exception WHERE ` + theirs + ` AND date BETWEEN ? AND ?`, []any{first, last}, func(row store.Row) error {
			var id, from, to string
			e := slot.Exception{To: slot.EndOfDay}
			if err := row.Scan(&id, &e.Date, store.String(&from), store.String(&to), &e.Free); err != nil {
				return err
			}
			if from != "" {
				e.From, e.To = clockOf(from), clockOf(to)
			}
			at[id].times.Exceptions = append(at[id].times.Exceptions, e)
			return nil
		}},
		{`SELECT adviser_id, id, starts_at, CASE WHEN status IN ('requested', 'confirmed', 'held') THEN blocked_from END, blocked_to FROM booking
			WHERE ` + theirs + ` AND id <> ? AND NOT quick AND status IN ('requested', 'confirmed', 'held', 'settled', 'missed') AND starts_at > ? AND blocked_from < ?`,
			[]any{except, store.At(from.Add(-remembered)), store.At(to.Add(48*time.Hour + aWeek))}, func(row store.Row) error { return readTaken(row, at) }},
		{`SELECT adviser_id, booking_id, starts_at, blocked_from, blocked_to FROM booking_proposal
			WHERE ` + theirs + ` AND booking_id <> ? AND status = 'open' AND expires_at > ?`,
			[]any{except, store.At(tx.Now)}, func(row store.Row) error { return readTaken(row, at) }},
		{`SELECT adviser_id, starts_at, ends_at FROM busy_time WHERE ` + theirs + ` AND ends_at > ? AND starts_at < ?`, []any{begin, end}, func(row store.Row) error {
			var id string
			var s slot.Span
			if err := row.Scan(&id, store.Time(&s.From), store.Time(&s.To)); err != nil {
				return err
			}
			at[id].times.Busy = append(at[id].times.Busy, s)
			return nil
		}},
		{`SELECT adviser_id, minutes FROM adviser_travel WHERE ` + theirs + ` AND municipality_country = ? AND municipality_code = ?`, []any{site.Country, site.Number}, func(row store.Row) error {
			var id string
			var n int
			if err := row.Scan(&id, &n); err != nil {
				return err
			}
			if m == OnSite && at[id].Office == "" {
				at[id].times.Travel = ofMinutes(n)
			}
			return nil
		}},
	} {
		if _, err := store.All(ctx, tx, func(row store.Row) (struct{}, error) { return struct{}{}, part.read(row) }, part.query, append(slices.Clone(ids), part.args...)...); err != nil {
			return nil, fmt.Errorf("read calendars: %w", err)
		}
	}
	for _, c := range found {
		c.count()
	}
	return found, nil
}

// readTaken reads a meeting, or a time proposed for one. One that is over blocks
// nothing any more, and is counted among those of its day.
func readTaken(row store.Row, at map[string]*calendar) error {
	var id string
	var t slot.Taken
	if err := row.Scan(&id, &t.Booking, store.Time(&t.Start), store.Time(&t.Block.From), store.Time(&t.Block.To)); err != nil {
		return err
	}
	if t.Block.From.IsZero() {
		t.Block = slot.Span{}
	}
	at[id].times.Taken = append(at[id].times.Taken, t)
	return nil
}

func ofMinutes(n int) time.Duration { return time.Duration(n) * time.Minute }

// clockOf reads a time of day as the database has it, from 00:00 to 24:00.
func clockOf(s string) slot.Clock {
	hour, minute, _ := strings.Cut(s, ":")
	return slot.Clock(60*number(hour) + number(minute))
}

// number reads digits, which a check of the database has seen to.
func number(digits string) (n int) {
	for _, d := range digits {
		n = 10*n + int(d-'0')
	}
	return n
}

// block is what a meeting takes of the adviser's time.
func (c calendar) block(r slot.Rules, start time.Time) Block {
	b := c.times.Block(r, start)
	start = start.UTC()
	return Block{start, start.Add(ofMinutes(r.Minutes)), b.From, b.To}
}

// count notes the meetings of each week, and in order.
func (c *calendar) count() {
	c.weeks = map[week]int{}
	seen := map[string]bool{}
	for _, t := range c.times.Taken {
		c.meetings = append(c.meetings, t.Start)
		if !seen[t.Booking] {
			seen[t.Booking] = true
			c.weeks[weekOf(t.Start, c.times.Zone)]++
		}
	}
	slices.SortFunc(c.meetings, time.Time.Compare)
}

// week is a week by ISO 8601.
type week struct{ year, number int }

func weekOf(at time.Time, zone *time.Location) (w week) {
	w.year, w.number = at.In(zone).ISOWeek()
	return w
}

// before reports whose turn it is at a time: who has the fewest meetings in its
// week is before others, then who has been longest without one.
func (c *calendar) before(o *calendar, start time.Time) bool {
	w := weekOf(start, c.times.Zone)
	return cmp.Or(cmp.Compare(c.weeks[w], o.weeks[w]), c.latest(start).Compare(o.latest(start))) < 0
}

// latest is the last meeting before a time, if it is remembered.
func (c *calendar) latest(start time.Time) time.Time {
	i, _ := slices.BinarySearchFunc(c.meetings, start, time.Time.Compare)
	if i == 0 || c.meetings[i-1].Before(start.Add(-remembered)) {
		return time.Time{}
	}
	return c.meetings[i-1]
}

// inTurn puts first whose turn it is at that time; all else stays in order.
func inTurn(all []*calendar, start time.Time) {
	slices.SortStableFunc(all, func(a, b *calendar) int {
		switch {
		case a.before(b, start):
			return -1
		case b.before(a, start):
			return 1
		}
		return 0
	})
}
