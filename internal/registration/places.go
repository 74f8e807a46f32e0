package registration

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/store"
)

// noLimit stands for the free places of an event without a limit.
const noLimit = 1_000_000_000

// lockPlaces keeps everybody else who wants a place in this mode waiting until
// the transaction ends, and counts those that are free.
func lockPlaces(ctx context.Context, tx *store.Tx, eventID string, mode event.Mode) (free int, err error) {
	free, err = store.One(ctx, tx, store.Value[int], `
		UPDATE event_capacity SET revision = revision + 1
		WHERE event_id = ? AND mode = ?
		RETURNING COALESCE(places, ?) - taken - extra`, eventID, mode, noLimit)
	return max(0, free), err
}

// takePlace counts a place as taken, above the capacity when Extra says so. The
// table's constraint refuses one too many whatever was decided before. The last
// place ends a call to those who wait.
func (r *Registration) takePlace(ctx context.Context, tx *store.Tx) error {
	column := "taken"
	if r.Extra {
		column = "extra"
	}
	_, err := store.Exec(ctx, tx, `
		UPDATE event_capacity SET `+column+` = `+column+` + 1, called_at_revision = CASE WHEN taken + extra + 1 >= places THEN NULL ELSE called_at_revision END
		WHERE event_id = ? AND mode = ?`, r.EventID, r.Mode)
	if err != nil {
		return fmt.Errorf("take a place: %w", err)
	}
	return nil
}

// givePlaceBack gives up the place: while there are people above the capacity,
// one of them gets it.
func (r *Registration) givePlaceBack(ctx context.Context, tx *store.Tx) error {
	if r.Extra {
		r.Extra = false
		_, err := store.Exec(ctx, tx, `UPDATE event_capacity SET extra = extra - 1 WHERE event_id = ? AND mode = ?`, r.EventID, r.Mode)
		return err
	}
	regular, err := store.Exec(ctx, tx, `
		UPDATE registration SET extra = FALSE WHERE id =
			(SELECT id FROM registration WHERE event_id = ? AND mode = ? AND extra AND id <> ? ORDER BY joined_at, id LIMIT 1)`,
		r.EventID, r.Mode, r.ID)
	if err != nil {
		return fmt.Errorf("give a place back: %w", err)
	}
	column := "taken"
	if regular > 0 {
		column = "extra"
	}
	_, err = store.Exec(ctx, tx, `UPDATE event_capacity SET `+column+` = `+column+` - 1 WHERE event_id = ? AND mode = ?`, r.EventID, r.Mode)
	return err
}

// promote offers each free place in the mode to the next in the queue: first
// those whose company has no place, then by the time they joined, so nobody slips
// in between. It passes over those whose company has its share and groups that
// come only together and do not all fit. In the last hours everybody who waits is
// called instead.
func promote(ctx context.Context, tx *store.Tx, ev event.Event, mode event.Mode) error {
	if ev.Status != event.Published || !tx.Now.Before(ev.StartsAt) {
		return nil
	}
	for {
		free, err := lockPlaces(ctx, tx, ev.ID, mode)
		if err != nil || free == 0 {
			return err
		}
		if inOpenCall(ev, tx.Now) {
			return callAll(ctx, tx, ev, mode, free)
		}
		if !Offers(ev, tx.Now) { // nothing is sent now, and it will be too late for an offer in the morning
			return nil
		}
		next, found, err := nextInLine(ctx, tx, ev, mode, free)
		if err != nil || !found {
			return err
		}
		if err := countSkipped(ctx, tx, ev, next); err != nil {
			return err
		}
		err = eachTogether(ctx, tx, next, Waitlisted, func(one *Registration) error {
			return offer(ctx, tx, ev, one, change{by: audit.System})
		})
		if err != nil {
			return err
		}
	}
}

// queue is everybody who waits for places, as a table to select from: with the
// class, how many places they need at once, and whether their company's share
// allows as many. In that for the room are also those with a place online
// meanwhile, which counts for nothing here: they give it back for the other.
func queue(eventID string, mode event.Mode) (table string, args []any) {
	table, args = `SELECT w.id, w.group_id, w.joined_at, `+classOf+` AS class, `+shareLeft+` AS share,
			CASE WHEN g.together THEN (SELECT count(*) FROM registration m WHERE m.group_id = w.group_id AND m.status = 'waitlisted') ELSE 1 END AS need
		FROM registration w LEFT JOIN registration_group g ON g.id = w.group_id `+holders+withShare+`
		WHERE w.event_id = ? AND w.mode = ? AND w.status = 'waitlisted'`, []any{eventID, eventID, mode}
	if mode == event.Room {
		table += ` UNION ALL SELECT w.id, w.group_id, w.room_since, ` + classOf + `, ` + shareLeft + `, 1
		FROM registration w ` + holders + withShare + `
		WHERE w.event_id = ? AND w.room_since IS NOT NULL AND w.hold_until IS NULL`
		args = append(args, eventID, eventID)
	}
	return "(" + table + ")", args
}

// nextInLine is the first in the queue for whom the free places are enough. It
// looks at one class after the other: within a class the queue is read in order,
// and no further than to the one it finds.
func nextInLine(ctx context.Context, tx *store.Tx, ev event.Event, mode event.Mode, free int) (r Registration, found bool, err error) {
	table, args := queue(ev.ID, mode)
	for class := range 2 {
		id, err := store.One(ctx, tx, store.Value[string], `
			SELECT q.id FROM `+table+` q WHERE q.class = ? AND q.need <= ? AND q.need <= q.share
			ORDER BY q.joined_at, q.id LIMIT 1`, append(args, class, free)...)
		if errors.Is(err, store.ErrNoRow) {
			continue
		}
		if err != nil {
			return r, false, err
		}
		r, err = Find(ctx, tx, id)
		return r, err == nil, err
	}
	return r, false, nil
}

// callAll tells everybody who waits and for whom the free places are enough that
// the first to answer gets them; each of them once for a start, until all places
// have been taken and one becomes free anew.
func callAll(ctx context.Context, tx *store.Tx, ev event.Event, mode event.Mode, free int) error {
	call, err := store.One(ctx, tx, store.Value[int], `
		UPDATE event_capacity SET called_at_revision = COALESCE(called_at_revision, revision) WHERE event_id = ? AND mode = ?
		RETURNING called_at_revision`, ev.ID, mode)
	if err != nil {
		return err
	}
	table, args := queue(ev.ID, mode)
	waiting, err := store.All(ctx, tx, scanRegistration, selectRegistration+`
		WHERE id IN (SELECT q.id FROM `+table+` q WHERE q.need <= ? AND q.need <= q.share) ORDER BY joined_at, id`, append(args, free)...)
	if err != nil {
		return err
	}
	last := ev.StartsAt.Add(-OpenCallEnds)
	for _, r := range waiting {
		_, err := message.Enqueue(ctx, tx, message.Request{
			Key:    fmt.Sprintf("open_call:%s:%s:%d", r.ID, store.At(ev.StartsAt), call),
			Letter: message.Offered, Recipient: r.Email, Language: r.Language, ProgrammeID: ev.ProgrammeID, EventID: ev.ID, RegistrationID: r.ID,
			Details: message.Details{OpenCall: true, Meanwhile: r.WaitsForRoom(), AnswerBy: last.UTC().Format(time.RFC3339)}, NotAfter: last,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// IsCalled reports whether somebody who waits can take a free place now: the open
// call has begun, the places are enough for all who come only together, and their
// company may have as many.
func IsCalled(ctx context.Context, tx *store.Tx, r Registration, ev event.Event) (bool, error) {
	if !r.InQueue() || !CanAnswer(r, ev, tx.Now) {
		return false, nil
	}
	free, unlimited := ev.Capacity(r.QueueMode()).Free()
	if unlimited {
		free = noLimit
	}
	table, args := queue(ev.ID, r.QueueMode())
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM `+table+` q WHERE q.id = ? AND q.need <= ? AND q.need <= q.share`, append(args, r.ID, free)...)
	return n > 0, err
}

// holdingPlace lists the states that hold a place, as Status.HoldsPlace does.
const holdingPlace = `'confirmed', 'offered', 'pending_email', 'attended', 'no_show'`

// holders joins to the rows w, as h, the places that their company's people hold
// at the event: counted once for all companies. Its argument is the event.
const holders = `LEFT JOIN (SELECT c.company_id AS holder, count(*) AS places FROM registration c
		WHERE c.event_id = ? AND c.company_id IS NOT NULL AND c.status IN (` + holdingPlace + `) GROUP BY c.company_id) h ON h.holder = w.company_id`

// classOf is the part of the queue in which the row w stands: 0 when its company
// has no place but the one online that the row itself would give back, 1 after
// those. It reads what holders joins.
const classOf = `CASE WHEN h.places > CASE WHEN w.room_since IS NULL THEN 0 ELSE 1 END THEN 1 ELSE 0 END`

// Position is the person's number on the waiting list, counted anew each time;
// 0 when not waiting.
func Position(ctx context.Context, tx *store.Tx, r Registration) (int, error) {
	if !r.InQueue() {
		return 0, nil
	}
	class, err := r.class(ctx, tx)
	if err != nil {
		return 0, err
	}
	table, args := queue(r.EventID, r.QueueMode())
	return store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM `+table+` q WHERE (q.class, q.joined_at, q.id) <= (?, ?, ?)`,
		append(args, class, store.At(r.QueueSince()), r.ID)...)
}

// Waiting is one in the queue as an organiser sees it.
type Waiting struct {
	Registration
	Number   int  // 1 is next
	Together int  // how many come only together; 0: alone
	Full     bool // the company has its share of places
}

// Queue lists those who wait for a place in the mode, the next one first: at
// most so many of them, after the first so many.
func Queue(ctx context.Context, tx *store.Tx, eventID string, mode event.Mode, after, most int) ([]Waiting, error) {
	table, args := queue(eventID, mode)
	scan := func(row store.Row) (w Waiting, err error) {
		var need, share int
		w.Registration, err = scanRegistration(scanMore{row, []any{&need, &share, &w.Number}})
		if w.Full = need > share; need > 1 {
			w.Together = need
		}
		return w, err
	}
	return store.All(ctx, tx, scan, `
		SELECT `+registrationColumns+`, need, share, number
		FROM (SELECT q.id AS waiting_id, q.need, q.share, row_number() OVER (ORDER BY q.class, q.joined_at, q.id) AS number FROM `+table+` q) line
		JOIN registration ON id = waiting_id WHERE number > ? AND number <= ? ORDER BY number`, append(args, after, after+most)...)
}

// scanMore scans the columns after those that are asked for as well.
type scanMore struct {
	store.Row
	more []any
}

func (s scanMore) Scan(into ...any) error { return s.Row.Scan(append(into, s.more...)...) }

// CountWaiting is how many wait for a place in the mode.
func CountWaiting(ctx context.Context, tx *store.Tx, eventID string, mode event.Mode) (int, error) {
	return store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM registration WHERE event_id = ?
			AND (mode = ? AND status = 'waitlisted' OR ? = 'room' AND room_since IS NOT NULL AND hold_until IS NULL)`, eventID, mode, mode)
}
