package message

import (
	"context"
	"time"

	"stafett/internal/store"
)

// Counts is how many messages are in each state.
type Counts struct{ Waiting, Sent, Failed, Dropped, Uncertain, Held int }

// Stuck is how many need an organiser's eye.
func (c Counts) Stuck() int { return c.Failed + c.Uncertain + c.Held }

// CountOf counts the messages of one event.
func CountOf(ctx context.Context, tx *store.Tx, eventID string) (Counts, error) {
	return count(ctx, tx, `event_id = ?`, eventID)
}

func count(ctx context.Context, tx *store.Tx, where string, args ...any) (Counts, error) {
	type row struct {
		status Status
		n      int
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) {
		return x, r.Scan(&x.status, &x.n)
	}, `SELECT status, count(*) FROM message WHERE `+where+` GROUP BY status`, args...)
	var c Counts
	for _, r := range rows {
		switch r.status {
		case Waiting:
			c.Waiting = r.n
		case Sent:
			c.Sent = r.n
		case Failed:
			c.Failed = r.n
		case Dropped:
			c.Dropped = r.n
		case Uncertain:
			c.Uncertain = r.n
		case Held:
			c.Held = r.n
		}
	}
	return c, err
}

func inProgrammes(ids []string) (string, []any) {
	if ids == nil {
		return "TRUE", nil
	}
	where, args := "programme_id IN (''", []any{}
	for _, id := range ids {
		where, args = where+", ?", append(args, id)
	}
	return where + ")", args
}

// List returns the newest messages of some programmes in some states, without
// their bytes; nil programmes means every one.
func List(ctx context.Context, tx *store.Tx, programmeIDs []string, statuses []Status, limit int) ([]Message, error) {
	where, args := inProgrammes(programmeIDs)
	where += " AND status IN (''"
	for _, s := range statuses {
		where, args = where+", ?", append(args, s)
	}
	return store.All(ctx, tx, scanMessage, selectMessage+`WHERE `+where+`) ORDER BY created_at DESC, id DESC LIMIT ?`, append(args, limit)...)
}

// OfRegistration lists what was written to one registration, oldest first.
func OfRegistration(ctx context.Context, tx *store.Tx, registrationID string) ([]Message, error) {
	return store.All(ctx, tx, scanMessage, selectMessage+`WHERE registration_id = ? ORDER BY created_at, id`, registrationID)
}

// Find returns one message; store.ErrNoRow when there is none.
func Find(ctx context.Context, tx *store.Tx, id string) (Message, error) {
	return store.One(ctx, tx, scanMessage, selectMessage+`WHERE id = ?`, id)
}

// CountTo is how many messages of one kind were written to an address since a
// time.
func CountTo(ctx context.Context, tx *store.Tx, recipient string, l Letter, since time.Time) (int, error) {
	return store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM message WHERE recipient = ? AND letter = ? AND created_at > ?`, recipient, l, store.At(since))
}

// CountToOf is the same, of one programme.
func CountToOf(ctx context.Context, tx *store.Tx, programmeID, recipient string, l Letter, since time.Time) (int, error) {
	return store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM message WHERE programme_id = ? AND recipient = ? AND letter = ? AND created_at > ?`, programmeID, recipient, l, store.At(since))
}

// FirstDue is when the first of the letters of one kind about an event that were
// written at a moment is due; zero when there are none.
func FirstDue(ctx context.Context, tx *store.Tx, eventID string, l Letter, written time.Time) (time.Time, error) {
	return store.One(ctx, tx, func(r store.Row) (t time.Time, err error) { return t, r.Scan(store.Time(&t)) },
		`SELECT min(due_at) FROM message WHERE event_id = ? AND letter = ? AND created_at = ?`, eventID, l, store.At(written))
}
