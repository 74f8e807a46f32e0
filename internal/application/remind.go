package application

import (
	"context"
	"time"

	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/store"
)

// How many days before a last day the applicant is reminded of it.
const (
	remindAnswer = 3
	remindDraft  = 7
	remindReport = 14
)

// What a reminder is about.
const (
	AboutAnswer = "ask"
	AboutDraft  = "draft"
	AboutReport = "report"
)

// due is a reminder that may be written now.
type due struct {
	application, about, key, ask string
	last                         string // the last day
	within                       int    // days before it
}

// Remind writes the reminders of last days that are near: of an answer, of a draft
// before the scheme closes, of a final report. Each goes once; running it often
// does no harm.
func Remind(ctx context.Context, tx *store.Tx) error {
	far := tx.Now.AddDate(0, 0, remindReport+1).Format(time.DateOnly)
	near := tx.Now.AddDate(0, 0, -1).Format(time.DateOnly)
	all, err := store.All(ctx, tx, func(r store.Row) (d due, err error) {
		return d, r.Scan(&d.application, &d.about, &d.key, &d.ask, &d.last, &d.within)
	}, `SELECT a.id, ?, q.id, q.id, q.answer_by, ? FROM application_ask q JOIN application a ON a.id = q.application_id
			WHERE q.ended_at IS NULL AND a.status = 'needs_info' AND q.answer_by BETWEEN ? AND ?
		UNION ALL SELECT a.id, ?, a.id || s.closes_on, '', s.closes_on, ? FROM application a
			JOIN application_scheme s ON s.advisory_programme_id = a.advisory_programme_id JOIN advisory_programme p ON p.id = a.advisory_programme_id
			WHERE a.status = 'draft' AND p.status = 'open' AND s.closes_on BETWEEN ? AND ?
		UNION ALL SELECT a.id, ?, a.id || a.report_by, '', a.report_by, ? FROM application a WHERE a.status = 'running' AND a.report_by BETWEEN ? AND ?
		ORDER BY 1, 2`,
		AboutAnswer, remindAnswer, near, far, AboutDraft, remindDraft, near, far, AboutReport, remindReport, near, far)
	if err != nil {
		return err
	}
	for _, d := range all {
		if err := d.remind(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (d due) remind(ctx context.Context, tx *store.Tx) error {
	a, err := Find(ctx, tx, d.application)
	if err != nil {
		return err
	}
	h, err := homeOf(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	last, err := time.ParseInLocation(time.DateOnly, d.last, h.Now.Location())
	if err != nil {
		return err
	}
	end := last.AddDate(0, 0, 1)
	if !h.Now.Before(end) || h.Now.Before(last.AddDate(0, 0, -d.within)) {
		return nil
	}
	p, err := person.Find(ctx, tx, a.PersonID)
	if err != nil || p.Erased() {
		return err
	}
	_, err = message.EnqueueApplication(ctx, tx, message.Request{
		Key: string(message.ApplicationReminder) + ":" + d.about + ":" + d.key, Letter: message.ApplicationReminder, Recipient: p.Email, Language: a.Language,
		ProgrammeID: h.ID, Details: message.Details{About: d.about, AskID: d.ask, AnswerBy: end.UTC().Format(time.RFC3339)},
		NotBefore: message.AfterNight(h.Now), NotAfter: end,
	}, a.ID)
	return err
}
