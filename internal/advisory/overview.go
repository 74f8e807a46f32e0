package advisory

import (
	"context"
	"strings"

	"stafett/internal/store"
)

// Within says whose programmes of advice count: those of these programmes; nil means
// every one.
type Within []string

// where is a condition on a column that holds a programme's id, and its arguments.
func (w Within) where(column string) (string, []any) {
	if w == nil {
		return `TRUE`, nil
	}
	if len(w) == 0 {
		return `FALSE`, nil
	}
	args := make([]any, len(w))
	for i, id := range w {
		args[i] = id
	}
	return column + ` IN (` + marks(len(w)) + `)`, args
}

// ProgrammesWithin lists the programmes of advice, by address.
func ProgrammesWithin(ctx context.Context, tx *store.Tx, within Within) ([]Programme, error) {
	in, args := within.where("programme_id")
	return selectProgrammes(ctx, tx, `WHERE `+in, args...)
}

// Counts are what one programme of advice has now.
type Counts struct {
	Balance
	Advisers  int // who take bookings
	Accounts  int // companies, projects and people who have used or booked something
	Requested int // wait for an answer
	Waiting   int // wait for a time
	Unsettled int // took place, the time is not entered
	Pending   int // adjustments that wait for the second pair of eyes
	Exceeded  int // accounts that a merge has taken above the cap
}

// Decide is how many things of the programme wait for somebody.
func (c Counts) Decide() int { return c.Requested + c.Waiting + c.Unsettled + c.Pending + c.Exceeded }

// Add sums what waits in another programme of advice.
func (c *Counts) Add(o Counts) {
	c.Requested, c.Waiting, c.Unsettled = c.Requested+o.Requested, c.Waiting+o.Waiting, c.Unsettled+o.Unsettled
	c.Pending, c.Exceeded = c.Pending+o.Pending, c.Exceeded+o.Exceeded
}

// CountsWithin counts for each programme of advice, by its id.
func CountsWithin(ctx context.Context, tx *store.Tx, within Within) (map[string]Counts, error) {
	in, args := within.where("p.programme_id")
	counts := map[string]Counts{}
	add := func(query string, set func(c *Counts, n []int)) error {
		columns := strings.Count(query, "AS n")
		type row struct {
			id string
			n  []int
		}
		rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) {
			x.n = make([]int, columns)
			to := []any{&x.id}
			for i := range x.n {
				to = append(to, &x.n[i])
			}
			return x, r.Scan(to...)
		}, strings.ReplaceAll(query, "WITHIN", in), args...)
		for _, x := range rows {
			c := counts[x.id]
			set(&c, x.n)
			counts[x.id] = c
		}
		return err
	}
	for _, part := range []struct {
		query string
		set   func(c *Counts, n []int)
	}{
		{`SELECT e.advisory_programme_id,
				SUM(CASE kind WHEN 'reserve' THEN minutes WHEN 'release' THEN -minutes ELSE 0 END) AS n1,
				SUM(CASE WHEN kind IN ('settle', 'charge', 'adjust', 'merge') THEN minutes ELSE 0 END) AS n2,
				count(DISTINCT e.account_id) AS n3
			FROM hours_entry e JOIN advisory_programme p ON p.id = e.advisory_programme_id WHERE WITHIN GROUP BY e.advisory_programme_id`,
			func(c *Counts, n []int) { c.Reserved, c.Used, c.Accounts = n[0], n[1], n[2] }},
		{`SELECT a.advisory_programme_id, count(*) AS n1 FROM adviser_programme a JOIN advisory_programme p ON p.id = a.advisory_programme_id
				JOIN adviser d ON d.id = a.adviser_id JOIN user_account u ON u.id = d.user_id
			WHERE d.stopped_at IS NULL AND u.disabled_at IS NULL AND WITHIN GROUP BY a.advisory_programme_id`,
			func(c *Counts, n []int) { c.Advisers = n[0] }},
		{`SELECT b.advisory_programme_id, count(*) FILTER (WHERE b.status = 'requested') AS n1, count(*) FILTER (WHERE b.status = 'waiting') AS n2,
				count(*) FILTER (WHERE b.status = 'held' OR b.status = 'confirmed' AND b.ends_at < '` + "NOW" + `') AS n3
			FROM booking b JOIN advisory_programme p ON p.id = b.advisory_programme_id WHERE b.status IN ('requested', 'waiting', 'held', 'confirmed') AND WITHIN GROUP BY b.advisory_programme_id`,
			func(c *Counts, n []int) { c.Requested, c.Waiting, c.Unsettled = n[0], n[1], n[2] }},
		{`SELECT a.advisory_programme_id, count(*) AS n1 FROM hours_adjustment j JOIN hours_account a ON a.id = j.account_id
				JOIN advisory_programme p ON p.id = a.advisory_programme_id WHERE j.status = 'open' AND WITHIN GROUP BY a.advisory_programme_id`,
			func(c *Counts, n []int) { c.Pending = n[0] }},
		{`SELECT id, count(*) AS n1 FROM (` + accountsAbove + ` AND WITHIN GROUP BY a.id, a.cap_minutes, a.advisory_programme_id) AS above WHERE taken > cap GROUP BY id`,
			func(c *Counts, n []int) { c.Exceeded = n[0] }},
	} {
		now, _ := store.At(tx.Now).(string)
		if err := add(strings.ReplaceAll(part.query, "NOW", now), part.set); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// accountsAbove begins a query of accounts with a cap and what they have taken;
// only those that got a merge entry can be above it.
const accountsAbove = `SELECT a.advisory_programme_id AS id, a.cap_minutes AS cap, SUM(CASE e.kind WHEN 'release' THEN -e.minutes ELSE e.minutes END) AS taken
	FROM hours_account a JOIN hours_entry e ON e.account_id = a.id JOIN advisory_programme p ON p.id = a.advisory_programme_id
	WHERE a.cap_minutes IS NOT NULL AND a.id IN (SELECT account_id FROM hours_entry WHERE kind = 'merge')`
