package application

import (
	"context"
	"fmt"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Question is what an organiser asks an applicant, and the answer.
type Question struct {
	ID, ApplicationID string
	Question          string
	AnswerBy          string // "2027-02-01": the last day
	AskedBy           string // the user
	AskedAt           time.Time
	Answer            string
	AnsweredBy        string    // the person
	EndedAt           time.Time // zero: waits for an answer
}

// Open reports whether an answer is waited for.
func (q Question) Open() bool { return q.EndedAt.IsZero() }

const selectQuestion = `SELECT id, application_id, question, answer_by, asked_by, asked_at, answer, answered_by, ended_at FROM application_ask `

func scanQuestion(r store.Row) (q Question, err error) {
	return q, r.Scan(&q.ID, &q.ApplicationID, &q.Question, &q.AnswerBy, &q.AskedBy, store.Time(&q.AskedAt), &q.Answer, &q.AnsweredBy, store.Time(&q.EndedAt))
}

// Questions lists what was asked about an application, oldest first.
func Questions(ctx context.Context, tx *store.Tx, id string) ([]Question, error) {
	return store.All(ctx, tx, scanQuestion, selectQuestion+`WHERE application_id = ? ORDER BY asked_at, id`, id)
}

// QuestionByID finds a question, or problem.ErrMissing.
func QuestionByID(ctx context.Context, tx *store.Tx, id string) (Question, error) {
	q, err := store.One(ctx, tx, scanQuestion, selectQuestion+`WHERE id = ?`, id)
	return q, missing(err)
}

// AnswerDays is how long an applicant has to answer unless the organiser says
// otherwise.
const AnswerDays = 14

// AskMore asks the applicant for more, to be answered by a day ("2027-02-01") that
// lies ahead. A final report goes back to be handed in anew, which is the answer.
func AskMore(ctx context.Context, tx *store.Tx, id, question, answerBy string, by audit.Actor) error {
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	h, err := homeOf(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	var f problem.Fields
	question = text(&f, "question", question)
	dayAhead(&f, "answer_by", answerBy, h)
	if err := f.Err(); err != nil {
		return err
	}
	to := NeedsInfo
	if a.Status == FinalReport { // it goes back to its writer
		to = Running
	}
	if !a.may(to, by) {
		return ErrNotNow
	}
	q := tx.NewID()
	_, err = store.Exec(ctx, tx, `INSERT INTO application_ask (id, application_id, question, answer_by, asked_by, asked_at) VALUES (?, ?, ?, ?, ?, ?)`,
		q, id, question, answerBy, by.ID, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("ask for more: %w", err)
	}
	return a.move(ctx, tx, to, by, "", message.Details{AskID: q})
}

// dayAhead checks a day that must be tomorrow or later, and within three years.
func dayAhead(f *problem.Fields, field, day string, h home) {
	_, err := time.Parse(time.DateOnly, day)
	switch {
	case err != nil:
		f.Add(field, "application_day")
	case day <= h.Day() || day > h.Now.AddDate(3, 0, 0).Format(time.DateOnly):
		f.Add(field, "application_day_ahead")
	}
}

// Answer gives the applicant's answer; the case is then as it was submitted.
func Answer(ctx context.Context, tx *store.Tx, personID, id, answer string) error {
	if _, err := Own(ctx, tx, personID, id); err != nil {
		return err
	}
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	var f problem.Fields
	if answer = text(&f, "answer", answer); f.Err() != nil {
		return f.Err()
	}
	by := audit.Actor{Kind: "person", ID: personID}
	if a.Status != NeedsInfo {
		return ErrNotNow
	}
	q, err := store.One(ctx, tx, store.Value[string], `
		UPDATE application_ask SET answer = ?, answered_by = ?, ended_at = ? WHERE application_id = ? AND ended_at IS NULL RETURNING id`, answer, personID, store.At(tx.Now), id)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	return a.move(ctx, tx, Submitted, by, "", message.Details{AskID: q})
}

// endQuestion ends a question that nobody will answer any more.
func (a Application) endQuestion(ctx context.Context, tx *store.Tx) error {
	_, err := store.Exec(ctx, tx, `UPDATE application_ask SET ended_at = ? WHERE application_id = ? AND ended_at IS NULL`, store.At(tx.Now), a.ID)
	return err
}

// words checks words that go to the other side.
func words(f *problem.Fields, field, typed string, must bool) string {
	if !must && strings.TrimSpace(typed) == "" {
		return ""
	}
	return text(f, field, typed)
}
