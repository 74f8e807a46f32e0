package owndata

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// Status is what has become of a request for erasure.
type Status string

// The states of a request.
const (
	Open    Status = "open"
	Granted Status = "granted"
	Refused Status = "refused"
)

// Request asks one organiser to erase what is stored about a person.
type Request struct {
	ID, PersonID, ProgrammeID string // no programme: the person had no registrations
	AskedAt                   time.Time
	Erased, Kept              int // registrations erased at once, and those that had to be decided on
	Status                    Status
	Decision                  string // the organiser's reason
	DecidedAt                 time.Time
	PublicRecord              bool // refused while what it is about was a public record: that holds
}

// AnswerBy is when the person must have had an answer: within a month, which ends
// on the day of the same number, or on the last of a month that has none.
func (q Request) AnswerBy() time.Time {
	asked := q.AskedAt
	if zone, err := time.LoadLocation("Europe/Stockholm"); err == nil { // Sweden and Norway have the same clock
		asked = asked.In(zone)
	}
	by := asked.AddDate(0, 1, 0)
	if by.Day() != asked.Day() {
		by = by.AddDate(0, 0, -by.Day())
	}
	return by
}

const selectRequest = `SELECT id, person_id, programme_id, asked_at, erased, kept, status, decision, decided_at, public_record FROM erasure_request `

func scanRequest(r store.Row) (q Request, err error) {
	return q, r.Scan(&q.ID, &q.PersonID, store.String(&q.ProgrammeID), store.Time(&q.AskedAt), &q.Erased, &q.Kept, &q.Status, &q.Decision, store.Time(&q.DecidedAt), &q.PublicRecord)
}

func (q Request) insert(ctx context.Context, tx *store.Tx) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO erasure_request (id, person_id, programme_id, asked_at, erased, kept, status, decision, decided_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		q.ID, q.PersonID, store.Text(q.ProgrammeID), store.At(q.AskedAt), q.Erased, q.Kept, q.Status, q.Decision, store.At(q.DecidedAt))
	return err
}

// decide ends an open request; false when it is not open any more.
func (q *Request) decide(ctx context.Context, tx *store.Tx, to Status, reason string) (bool, error) {
	q.Status, q.Decision, q.DecidedAt = to, reason, tx.Now
	n, err := store.Exec(ctx, tx, `UPDATE erasure_request SET status = ?, decision = ?, decided_at = ?, public_record = ? WHERE id = ? AND status = 'open'`,
		to, reason, store.At(tx.Now), q.PublicRecord, q.ID)
	return n == 1, err
}

func requestsOf(ctx context.Context, tx *store.Tx, personID string) ([]Request, error) {
	return store.All(ctx, tx, scanRequest, selectRequest+`WHERE person_id = ? ORDER BY asked_at, id`, personID)
}

// FindRequest returns a request to one of the programmes, nil meaning all, or
// problem.ErrMissing.
func FindRequest(ctx context.Context, tx *store.Tx, id string, programmes []string) (Request, error) {
	where, args := within(programmes)
	q, err := store.One(ctx, tx, scanRequest, selectRequest+`WHERE id = ? AND `+where, append([]any{id}, args...)...)
	if errors.Is(err, store.ErrNoRow) {
		return q, problem.ErrMissing
	}
	return q, err
}

// OpenRequests lists the requests that wait for an answer from the programmes,
// nil meaning all, the oldest first.
func OpenRequests(ctx context.Context, tx *store.Tx, programmes []string) ([]Request, error) {
	where, args := within(programmes)
	return store.All(ctx, tx, scanRequest, selectRequest+`WHERE status = 'open' AND `+where+` ORDER BY asked_at, id`, args...)
}

// CountOpen counts the people who wait for one: one person may ask several
// programmes.
func CountOpen(ctx context.Context, tx *store.Tx, programmes []string) (int, error) {
	where, args := within(programmes)
	return store.One(ctx, tx, store.Value[int], `SELECT count(DISTINCT person_id) FROM erasure_request WHERE status = 'open' AND `+where, args...)
}

func within(programmes []string) (where string, args []any) {
	if programmes == nil {
		return `TRUE`, nil
	}
	where = `programme_id IN (''`
	for _, id := range programmes {
		where, args = where+`, ?`, append(args, id)
	}
	return where + `)`, args
}

// values are the texts of a stored answer.
func values(raw string) (list []string, err error) {
	return list, json.Unmarshal([]byte(raw), &list)
}
