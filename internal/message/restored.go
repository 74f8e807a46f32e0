package message

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/store"
)

// ofRestore chooses the messages that wait for an answer because the database went
// back to a backup.
const ofRestore = ` status = 'held' AND reason = '` + ReasonRestored + `' `

// HoldOld puts what waits and was due by a moment on hold, since it may have gone
// in the time that was lost when the database went back to a backup, and tells how
// many. Links for signing in are dropped: who needs one asks for another.
func HoldOld(ctx context.Context, tx *store.Tx, until time.Time) (int, error) {
	_, err := store.Exec(ctx, tx, drop+`WHERE status = 'waiting' AND due_at <= ? AND letter = ?`, ReasonThrown, store.At(tx.Now), store.At(until), SignIn)
	if err != nil {
		return 0, fmt.Errorf("drop old links: %w", err)
	}
	n, err := store.Exec(ctx, tx, `UPDATE message SET status = 'held', reason = ?, leased_until = NULL WHERE status = 'waiting' AND due_at <= ?`,
		ReasonRestored, store.At(until))
	if err != nil {
		return 0, fmt.Errorf("hold old messages: %w", err)
	}
	return int(n), nil
}

// Old is a group of letters of one kind about one event that wait for an answer
// since the database went back to a backup.
type Old struct {
	Letter               Letter
	EventID, ProgrammeID string
	N                    int
	First, Last          time.Time // when they were due
	Example              string    // the id of one of them
}

// OldOf lists those groups of some programmes, by event and kind; nil programmes
// means every one.
func OldOf(ctx context.Context, tx *store.Tx, programmeIDs []string) ([]Old, error) {
	where, args := inProgrammes(programmeIDs)
	return store.All(ctx, tx, func(r store.Row) (o Old, err error) {
		return o, r.Scan(&o.Letter, &o.EventID, &o.ProgrammeID, &o.N, store.Time(&o.First), store.Time(&o.Last), &o.Example)
	}, `SELECT letter, COALESCE(event_id, ''), COALESCE(programme_id, ''), count(*), min(due_at), max(due_at), min(id)
		FROM message WHERE`+ofRestore+`AND `+where+`
		GROUP BY letter, COALESCE(event_id, ''), COALESCE(programme_id, '') ORDER BY min(due_at), COALESCE(event_id, ''), letter`, args...)
}

// SendOld lets a group go again, each if it still applies, and tells how many.
func SendOld(ctx context.Context, tx *store.Tx, o Old) (int, error) {
	set, values := goAgain(tx.Now)
	n, err := store.Exec(ctx, tx, `UPDATE message SET `+set+` WHERE`+ofRestore+o.where(), append(values, o.Letter, o.EventID, o.ProgrammeID)...)
	if err != nil {
		return 0, fmt.Errorf("send old messages: %w", err)
	}
	return int(n), nil
}

// ThrowOld drops a group, and tells how many.
func ThrowOld(ctx context.Context, tx *store.Tx, o Old) (int, error) {
	n, err := store.Exec(ctx, tx, drop+`, mime = NULL WHERE`+ofRestore+o.where(), ReasonThrown, store.At(tx.Now), o.Letter, o.EventID, o.ProgrammeID)
	if err != nil {
		return 0, fmt.Errorf("throw old messages away: %w", err)
	}
	return int(n), nil
}

func (Old) where() string {
	return ` AND letter = ? AND COALESCE(event_id, '') = ? AND COALESCE(programme_id, '') = ?`
}
