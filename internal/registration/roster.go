package registration

import (
	"context"
	"strings"

	"stafett/internal/locale"
	"stafett/internal/store"
)

// RosterFilter chooses registrations of one event; its zero value chooses all.
// Diet and access needs cannot be searched or sorted by: the law forbids
// choosing people by what may be health data.
type RosterFilter struct {
	Text     string
	Statuses []Status
	Limit    int // 0: no limit
	AfterID  string
}

// Roster lists an event's registrations: those with a place first, then the
// queue in its order, then the rest. Those that are erased are left out: nobody
// is there to be seen.
func Roster(ctx context.Context, tx *store.Tx, eventID string, f RosterFilter) ([]Registration, error) {
	where, args := "WHERE event_id = ? AND status <> 'erased'", []any{eventID}
	for _, word := range strings.Fields(locale.Fold(f.Text)) {
		where, args = where+` AND search LIKE ? ESCAPE '\'`, append(args, "%"+likeEscape.Replace(word)+"%")
	}
	if len(f.Statuses) > 0 {
		where += " AND status IN (''"
		for _, s := range f.Statuses {
			where, args = where+", ?", append(args, s)
		}
		where += ")"
	}
	from, order := "w "+holders+" ", ` ORDER BY CASE WHEN status IN ('confirmed', 'attended', 'no_show', 'offered', 'pending_email') THEN 0 WHEN status = 'requested' THEN 1 WHEN status = 'waitlisted' THEN 2 ELSE 3 END,
		CASE WHEN status = 'waitlisted' THEN `+classOf+` ELSE 0 END, joined_at, id`
	if f.AfterID != "" || f.Limit > 0 { // pages for programs go by id alone
		where, args, from, order = where+" AND id > ?", append(args, f.AfterID), "", " ORDER BY id"
	} else {
		args = append([]any{eventID}, args...)
	}
	if f.Limit > 0 {
		order, args = order+" LIMIT ?", append(args, f.Limit)
	}
	return store.All(ctx, tx, scanRegistration, selectRegistration+from+where+order, args...)
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// Counts is how many registrations of an event are in each state.
type Counts map[Status]int

// WithPlace is how many hold a place.
func (c Counts) WithPlace() int {
	n := 0
	for s, k := range c {
		if s.HoldsPlace() {
			n += k
		}
	}
	return n
}

// CountsOf counts an event's registrations by state; one that is erased counts as
// what it was, so that figures stay.
func CountsOf(ctx context.Context, tx *store.Tx, eventID string) (Counts, error) {
	type row struct {
		status Status
		n      int
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) {
		return x, r.Scan(&x.status, &x.n)
	}, `SELECT CASE WHEN erased_from <> '' THEN erased_from ELSE status END AS was, count(*) FROM registration WHERE event_id = ? GROUP BY was`, eventID)
	c := Counts{}
	for _, x := range rows {
		c[x.status] = x.n
	}
	return c, err
}
