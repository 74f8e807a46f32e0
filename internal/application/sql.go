package application

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"stafett/internal/store"
)

const selectApplication = `SELECT a.id, a.advisory_programme_id, a.number, a.status, a.person_id, a.company_id, a.body_name, a.language,
	a.title, a.challenge, a.goal, a.report_url, a.project_owner, a.budget_minor, a.own_share_minor, a.asked_minor, a.support,
	a.granted_minor, a.granted_minutes, a.phase, a.report_by, a.final_report, a.final_report_url, a.end_reason, a.typed, a.revision,
	a.created_at, a.submitted_at, a.decided_at, a.changed_at FROM application a `

func scan(r store.Row) (a Application, err error) {
	var typed string
	err = r.Scan(&a.ID, &a.AdvisoryProgrammeID, &a.Number, &a.Status, &a.PersonID, store.String(&a.CompanyID), &a.BodyName, &a.Language,
		&a.Title, &a.Challenge, &a.Goal, &a.ReportURL, &a.ProjectOwner, &a.BudgetMinor, &a.OwnShareMinor, &a.AskedMinor, &a.Support,
		&a.GrantedMinor, store.Int(&a.GrantedMinutes), store.Int(&a.Phase), store.String(&a.ReportBy), &a.FinalReport, &a.FinalReportURL, &a.EndReason, &typed, &a.Revision,
		store.Time(&a.CreatedAt), store.Time(&a.SubmittedAt), store.Time(&a.DecidedAt), store.Time(&a.ChangedAt))
	if err != nil {
		return a, err
	}
	if strings.HasPrefix(a.Number, noNumber) {
		a.Number = ""
	}
	return a, json.Unmarshal([]byte(typed), &a.Typed)
}

// noNumber begins what stands in place of the number of a draft, which has none.
const noNumber = "draft-"

func (a Application) storedNumber() string {
	if a.Number == "" {
		return noNumber + a.ID
	}
	return a.Number
}

func (a Application) values() ([]any, error) {
	typed, err := json.Marshal(a.Typed)
	if err != nil {
		return nil, fmt.Errorf("write what was typed: %w", err)
	}
	return []any{a.storedNumber(), a.Status, store.Text(a.CompanyID), a.BodyName, a.Language, a.Title, a.Challenge, a.Goal, a.ReportURL, a.ProjectOwner,
		a.BudgetMinor, a.OwnShareMinor, a.AskedMinor, a.Support, a.GrantedMinor, a.GrantedMinutes, a.Phase, store.Text(a.ReportBy),
		a.FinalReport, a.FinalReportURL, a.EndReason, string(typed), store.At(a.SubmittedAt), store.At(a.DecidedAt), store.At(a.ChangedAt)}, nil
}

func (a Application) insert(ctx context.Context, tx *store.Tx) error {
	values, err := a.values()
	if err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `
		INSERT INTO application (number, status, company_id, body_name, language, title, challenge, goal, report_url, project_owner,
			budget_minor, own_share_minor, asked_minor, support, granted_minor, granted_minutes, phase, report_by,
			final_report, final_report_url, end_reason, typed, submitted_at, decided_at, changed_at, id, advisory_programme_id, person_id, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		append(values, a.ID, a.AdvisoryProgrammeID, a.PersonID, store.At(a.CreatedAt))...)
	if err != nil {
		return fmt.Errorf("write application: %w", err)
	}
	return nil
}

// update writes the row as it is now, if it still is in the state that it was read
// in: ErrNotNow when somebody else has moved it on.
func (a *Application) update(ctx context.Context, tx *store.Tx, was Status) error {
	a.ChangedAt = tx.Now
	values, err := a.values()
	if err != nil {
		return err
	}
	n, err := store.Exec(ctx, tx, `
		UPDATE application SET number = ?, status = ?, company_id = ?, body_name = ?, language = ?, title = ?, challenge = ?, goal = ?, report_url = ?, project_owner = ?,
			budget_minor = ?, own_share_minor = ?, asked_minor = ?, support = ?, granted_minor = ?, granted_minutes = ?, phase = ?, report_by = ?,
			final_report = ?, final_report_url = ?, end_reason = ?, typed = ?, submitted_at = ?, decided_at = ?, changed_at = ?, revision = revision + 1
		WHERE id = ? AND status = ?`, append(values, a.ID, was)...)
	if err != nil {
		return fmt.Errorf("write application: %w", err)
	}
	if n != 1 {
		return ErrNotNow
	}
	return nil
}

// lock reads the application and keeps everybody else who wants to change it
// waiting until the transaction ends.
func lock(ctx context.Context, tx *store.Tx, id string) (Application, error) {
	if _, err := store.Exec(ctx, tx, `UPDATE application SET revision = revision + 1 WHERE id = ?`, id); err != nil {
		return Application{}, fmt.Errorf("lock application: %w", err)
	}
	return Find(ctx, tx, id)
}
