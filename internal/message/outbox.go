package message

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"stafett/internal/store"
)

// Reach is whose letters somebody may see: part of every question that an
// organiser asks.
type Reach struct {
	Programmes []string // nil: those of every programme
	Personal   bool     // also those about a person, which belong to no programme
}

func (r Reach) where() (string, []any) {
	switch {
	case r.Programmes == nil && r.Personal:
		return "TRUE", nil
	case r.Programmes == nil:
		return "programme_id IS NOT NULL", nil
	}
	return inProgrammes(r.Programmes)
}

// Filter chooses letters of the outbox. What is empty chooses all.
type Filter struct {
	Reach
	Statuses  []Status
	EventID   string
	Letter    Letter
	Recipient string // the whole address
	Part      string // a part of the address, in small letters
	// From and Until bound the moment of a letter: when it was done with, or else
	// when it goes; Until itself is out.
	From, Until time.Time
}

// moment is when a letter was done with, or else when it goes. An index holds
// letters in its order, state by state.
const moment = `COALESCE(done_at, due_at)`

// Moment is when the letter was done with, or else when it goes, or goes again.
func (m Message) Moment() time.Time {
	if m.DoneAt.IsZero() {
		return m.DueAt
	}
	return m.DoneAt
}

var everyStatus = []Status{Waiting, Sent, Failed, Dropped, Uncertain, Held}

// statuses are those that the filter lets through.
func (f Filter) statuses() []Status {
	if len(f.Statuses) == 0 {
		return everyStatus
	}
	return f.Statuses
}

// where is the filter without its states.
func (f Filter) where() (string, []any) {
	where, args := f.Reach.where()
	add := func(condition string, arg any) { where, args = where+` AND `+condition, append(args, arg) }
	if f.EventID != "" {
		add(`event_id = ?`, f.EventID)
	}
	if f.Letter != "" {
		add(`letter = ?`, f.Letter)
	}
	if f.Recipient != "" {
		add(`recipient = ?`, f.Recipient)
	}
	if f.Part != "" {
		add(`lower(recipient) LIKE ? ESCAPE '!'`, "%"+likeSafe.Replace(f.Part)+"%")
	}
	if !f.From.IsZero() {
		add(moment+` >= ?`, store.At(f.From))
	}
	if !f.Until.IsZero() {
		add(moment+` < ?`, store.At(f.Until))
	}
	return where, args
}

var likeSafe = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// Tally counts the letters of a filter by their state; the filter's own states
// are not looked at.
func (f Filter) Tally(ctx context.Context, tx *store.Tx) (Counts, error) {
	where, args := f.where()
	return count(ctx, tx, where, args...)
}

// Place is where a page of letters begins: after this one, or before it when the
// page goes back.
type Place struct {
	At   time.Time
	ID   string
	Back bool
}

// Page lists letters without their bytes and details: those that only wait in the
// order in which they go, all others with the latest moment first. It goes on
// from a place; the zero place is the beginning. More tells that there are others
// beyond the limit, in the direction in which the page goes.
func (f Filter) Page(ctx context.Context, tx *store.Tx, from Place, limit int) (list []Message, more bool, err error) {
	ascending := slices.Equal(f.Statuses, []Status{Waiting}) != from.Back
	for _, s := range f.statuses() {
		some, err := f.pageOf(ctx, tx, s, from, ascending, limit+1)
		if err != nil {
			return nil, false, err
		}
		list = append(list, some...)
	}
	slices.SortStableFunc(list, func(a, b Message) int {
		c := cmp.Or(a.Moment().Compare(b.Moment()), cmp.Compare(a.ID, b.ID))
		if ascending {
			return c
		}
		return -c
	})
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	if from.Back {
		slices.Reverse(list)
	}
	return list, more, nil
}

// pageOf reads one state.
func (f Filter) pageOf(ctx context.Context, tx *store.Tx, s Status, from Place, ascending bool, limit int) ([]Message, error) {
	query, args := f.pageQuery(s, from, ascending, limit)
	return store.All(ctx, tx, scanListed, query, args...)
}

// pageQuery asks for one range of the index, in its order, however long that is.
func (f Filter) pageQuery(s Status, from Place, ascending bool, limit int) (string, []any) {
	where, args := f.where()
	order, beyond := ` DESC`, `<`
	if ascending {
		order, beyond = ``, `>`
	}
	if !from.At.IsZero() {
		where += ` AND ` + moment + beyond + `= ? AND (` + moment + beyond + ` ? OR id` + beyond + ` ?)`
		args = append(args, store.At(from.At), store.At(from.At), from.ID)
	}
	return selectListed + `WHERE status = ? AND ` + where + ` ORDER BY ` + moment + order + `, id` + order + ` LIMIT ?`,
		append(append([]any{s}, args...), limit)
}

const selectListed = `SELECT id, letter, recipient, language, programme_id, event_id, registration_id, status, reason, due_at, attempts, prepared_at,
	leased_until, unanswered, created_at, done_at FROM message `

func scanListed(r store.Row) (m Message, err error) {
	return m, r.Scan(&m.ID, &m.Letter, &m.Recipient, &m.Language, store.String(&m.ProgrammeID), store.String(&m.EventID),
		store.String(&m.RegistrationID), &m.Status, &m.Reason, store.Time(&m.DueAt), &m.Attempts, store.Time(&m.PreparedAt),
		store.Time(&m.LeasedUntil), &m.Unanswered, store.Time(&m.CreatedAt), store.Time(&m.DoneAt))
}

// StuckOf finds the newest letter of an event that did not arrive or waits for a
// decision, by registration.
func StuckOf(ctx context.Context, tx *store.Tx, eventID string) (map[string]Message, error) {
	all, err := store.All(ctx, tx, scanListed, selectListed+`
		WHERE event_id = ? AND status IN ('failed', 'uncertain', 'held') ORDER BY created_at, id`, eventID)
	newest := make(map[string]Message, len(all))
	for _, m := range all {
		newest[m.RegistrationID] = m
	}
	return newest, err
}

// Find returns one letter of those that may be seen; store.ErrNoRow when there
// is none.
func (r Reach) Find(ctx context.Context, tx *store.Tx, id string) (Message, error) {
	where, args := r.where()
	return store.One(ctx, tx, scanMessage, selectMessage+`WHERE id = ? AND `+where, append([]any{id}, args...)...)
}
