package event

import (
	"context"
	"fmt"
	"strings"
	"time"

	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/store"
)

// Filter chooses events for a list; its zero value chooses all.
type Filter struct {
	ProgrammeIDs   []string // nil: every programme
	Statuses       []Status
	Kinds          []Kind
	Municipality   municipality.Code
	County         string // two digits, with Country
	Country        string
	Audience       string
	Language       string
	Text           string    // each word must be found
	From, To       time.Time // events that end after From and start before To
	FreePlacesOnly bool
	Newest         bool // latest start first
	Limit          int  // 0: no limit
	After          Cursor
}

// Cursor is the place after which a page of a list goes on.
type Cursor struct {
	StartsAt time.Time
	ID       string
}

// List returns the events that the filter chooses, by start, with capacities
// but without agenda, speakers and questions.
func List(ctx context.Context, tx *store.Tx, f Filter) ([]Event, error) {
	query, args := f.sql()
	events, err := store.All(ctx, tx, scanEvent, selectEvent+query, args...)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	return events, nil
}

// sql puts the conditions together from fixed fragments; values only ever go in
// as arguments.
func (f Filter) sql() (string, []any) {
	where, args := []string{"TRUE"}, []any{}
	add := func(fragment string, values ...any) {
		where, args = append(where, fragment), append(args, values...)
	}
	if f.ProgrammeIDs != nil {
		add(in("e.programme_id", len(f.ProgrammeIDs)), anyOf(f.ProgrammeIDs)...)
	}
	if f.Statuses != nil {
		add(in("e.status", len(f.Statuses)), anyOf(f.Statuses)...)
	}
	if len(f.Kinds) > 0 {
		add(in("e.kind", len(f.Kinds)), anyOf(f.Kinds)...)
	}
	if f.Municipality.Number != "" {
		add("e.municipality_country = ? AND e.municipality_code = ?", f.Municipality.Country, f.Municipality.Number)
	}
	if f.County != "" {
		add("e.municipality_country = ? AND substr(e.municipality_code, 1, 2) = ?", f.Country, f.County)
	}
	if f.Audience != "" {
		add("EXISTS (SELECT 1 FROM event_audience a WHERE a.event_id = e.id AND a.audience = ?)", f.Audience)
	}
	if f.Language != "" {
		add("e.language = ?", f.Language)
	}
	for _, word := range strings.Fields(locale.Fold(f.Text)) {
		add(`e.search LIKE ? ESCAPE '\'`, "%"+likeEscape.Replace(word)+"%")
	}
	if !f.From.IsZero() {
		add("e.ends_at > ?", store.At(f.From))
	}
	if !f.To.IsZero() {
		add("e.starts_at < ?", store.At(f.To))
	}
	if f.FreePlacesOnly {
		add(`(r.event_id IS NOT NULL AND (r.places IS NULL OR r.taken + r.extra < r.places)
			OR o.event_id IS NOT NULL AND (o.places IS NULL OR o.taken + o.extra < o.places))`)
	}
	order := " ORDER BY e.starts_at, e.id"
	if f.Newest {
		order = " ORDER BY e.starts_at DESC, e.id DESC"
	}
	if f.After.ID != "" {
		compare := ">"
		if f.Newest {
			compare = "<"
		}
		add("(e.starts_at, e.id) "+compare+" (?, ?)", store.At(f.After.StartsAt), f.After.ID)
	}
	if f.Limit > 0 {
		order += fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	return " WHERE " + strings.Join(where, " AND ") + order, args
}

var likeEscape = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

func in(column string, n int) string {
	if n == 0 {
		return "FALSE"
	}
	return column + " IN (" + placeholders(n) + ")"
}

func anyOf[T any](values []T) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}
