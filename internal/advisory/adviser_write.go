package advisory

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Travel is how long an adviser needs to a municipality, one way.
type Travel struct {
	municipality.Code
	Minutes int
}

// Bounds of how an adviser works, as the database has them.
const (
	mostBuffer = 240
	mostTravel = 600
	mostPerDay = 48
	mostAbout  = 1000
	mostLine   = 300
)

// SetAdviser keeps how an adviser works: telephone, room online, office, what they
// know well, buffers, travel, the most a day and holidays. Name, address, country
// and zone are not changed by it. Buffers and travel count for bookings made or
// moved from now on. What is wrong is told at the field of the same name in snake
// case.
func SetAdviser(ctx context.Context, tx *store.Tx, a Adviser, by audit.Actor) error {
	a.Phone, a.About, a.JoinURL, a.Office = strings.TrimSpace(a.Phone), strings.TrimSpace(a.About), strings.TrimSpace(a.JoinURL), strings.TrimSpace(a.Office)
	if err := a.check(); err != nil {
		return err
	}
	n, err := store.Exec(ctx, tx, `
		UPDATE adviser SET phone = ?, about = ?, join_url = ?, office = ?, buffer_before_minutes = ?, buffer_after_minutes = ?, travel_minutes = ?,
			max_per_day = ?, holidays_off = ?, revision = revision + 1 WHERE id = ?`,
		a.Phone, a.About, a.JoinURL, a.Office, a.BufferBeforeMinutes, a.BufferAfterMinutes, a.TravelMinutes, a.MaxPerDay, a.HolidaysOff, a.ID)
	if err != nil {
		return fmt.Errorf("save adviser: %w", err)
	}
	if n != 1 {
		return problem.ErrMissing
	}
	return audit.Add(ctx, tx, audit.Entry{
		Actor: by, Action: "adviser.change", ObjectKind: "adviser", ObjectID: a.ID,
		To: fmt.Sprintf("buffers %d+%d, travel %d, holidays off %t", a.BufferBeforeMinutes, a.BufferAfterMinutes, a.TravelMinutes, a.HolidaysOff),
	})
}

func (a Adviser) check() error {
	var f problem.Fields
	for _, n := range []struct {
		field       string
		value, most int
	}{
		{"buffer_before", a.BufferBeforeMinutes, mostBuffer}, {"buffer_after", a.BufferAfterMinutes, mostBuffer}, {"travel", a.TravelMinutes, mostTravel},
	} {
		if n.value < 0 || n.value > n.most {
			f.Add(n.field, "minutes_most", "most", n.most)
		}
	}
	if a.MaxPerDay != nil && (*a.MaxPerDay < 1 || *a.MaxPerDay > mostPerDay) {
		f.Add("max_per_day", "at_least_one")
	}
	for _, text := range []struct {
		field, value string
		most         int
	}{
		{"phone", a.Phone, mostLine}, {"office", a.Office, mostLine}, {"join_url", a.JoinURL, 2000}, {"about", a.About, mostAbout},
	} {
		if locale.Deceptive(text.value, text.field == "about") {
			f.Add(text.field, "characters")
		} else if utf8.RuneCountInString(text.value) > text.most {
			f.Add(text.field, "too_long", "most", text.most)
		}
	}
	if u, err := url.Parse(a.JoinURL); a.JoinURL != "" && (err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil) {
		f.Add("join_url", "web_address")
	}
	return f.Err()
}

// Travels lists an adviser's travel times, by municipality.
func Travels(ctx context.Context, tx *store.Tx, adviserID string) ([]Travel, error) {
	return store.All(ctx, tx, func(row store.Row) (t Travel, err error) {
		return t, row.Scan(&t.Country, &t.Number, &t.Minutes)
	}, `SELECT municipality_country, municipality_code, minutes FROM adviser_travel WHERE adviser_id = ? ORDER BY 1, 2`, adviserID)
}

// SetTravels gives an adviser these travel times and no others. What is wrong is
// told at the field "travels[n].minutes" or ".municipality" of the nth.
func SetTravels(ctx context.Context, tx *store.Tx, adviserID string, travels []Travel, by audit.Actor) error {
	var f problem.Fields
	seen, text := map[municipality.Code]bool{}, make([]string, len(travels))
	for n, t := range travels {
		if t.Minutes < 0 || t.Minutes > mostTravel {
			f.Add(fmt.Sprintf("travels[%d].minutes", n), "minutes_most", "most", mostTravel)
		}
		if seen[t.Code] {
			f.Add(fmt.Sprintf("travels[%d].municipality", n), "municipality_twice")
		}
		seen[t.Code], text[n] = true, fmt.Sprintf("%s %s %d", t.Country, t.Number, t.Minutes)
	}
	if err := f.Err(); err != nil {
		return err
	}
	if err := lockAdviser(ctx, tx, adviserID); err != nil {
		return errNoSuch(err)
	}
	if _, err := store.Exec(ctx, tx, `DELETE FROM adviser_travel WHERE adviser_id = ?`, adviserID); err != nil {
		return err
	}
	for _, t := range travels {
		if _, err := store.Exec(ctx, tx, `INSERT INTO adviser_travel (adviser_id, municipality_country, municipality_code, minutes) VALUES (?, ?, ?, ?)`,
			adviserID, t.Country, t.Number, t.Minutes); err != nil {
			return fmt.Errorf("write travel: %w", err)
		}
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "adviser.travel", ObjectKind: "adviser", ObjectID: adviserID, To: strings.Join(text, ", ")})
}
