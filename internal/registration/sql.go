package registration

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"stafett/internal/locale"
	"stafett/internal/store"
)

const registrationColumns = `id, event_id, person_id, company_id, status, mode, extra, email, first_name, last_name, phone, language, audience,
	organisation_kind, organisation_name, municipality_country, municipality_code, diet, access_needs, joined_at, hold_until, group_id, invitation_id,
	confirmed_at, ended_at, end_reason, calendar_uid, calendar_sequence, created_at, changed_at, before_mark, erased_from, room_since`

const selectRegistration = `SELECT ` + registrationColumns + ` FROM registration `

func scanRegistration(row store.Row) (r Registration, err error) {
	err = row.Scan(&r.ID, &r.EventID, &r.PersonID, store.String(&r.CompanyID), &r.Status, &r.Mode, &r.Extra, &r.Email, &r.FirstName, &r.LastName,
		&r.Phone, &r.Language, &r.Audience, &r.OrganisationKind, &r.OrganisationName, store.String(&r.Municipality.Country), store.String(&r.Municipality.Number),
		&r.Diet, &r.AccessNeeds, store.Time(&r.JoinedAt), store.Time(&r.HoldUntil), store.String(&r.GroupID), store.String(&r.InvitationID), store.Time(&r.ConfirmedAt), store.Time(&r.EndedAt), &r.EndReason,
		&r.CalendarUID, &r.CalendarSequence, store.Time(&r.CreatedAt), store.Time(&r.ChangedAt), store.String((*string)(&r.BeforeMark)), &r.ErasedFrom, store.Time(&r.RoomSince))
	return r, err
}

// save writes the whole row.
func (r Registration) save(ctx context.Context, tx *store.Tx, isNew bool) error {
	values := []any{r.ID, r.EventID, r.PersonID, store.Text(r.CompanyID), r.Status, r.Mode, r.Extra, r.Email, r.FirstName, r.LastName,
		r.Phone, r.Language, r.Audience, r.OrganisationKind, r.OrganisationName, store.Text(r.Municipality.Country), store.Text(r.Municipality.Number),
		r.Diet, r.AccessNeeds, store.At(r.JoinedAt), store.At(r.HoldUntil), store.Text(r.GroupID), store.Text(r.InvitationID), store.At(r.ConfirmedAt), store.At(r.EndedAt), r.EndReason,
		r.CalendarUID, r.CalendarSequence, store.At(r.CreatedAt), store.At(r.ChangedAt), store.Text(string(r.BeforeMark)), r.ErasedFrom, store.At(r.RoomSince), r.searchWords()}
	marks := strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")
	query := `INSERT INTO registration (` + registrationColumns + `, search) VALUES (` + marks + `)`
	if !isNew {
		query = `UPDATE registration SET (` + registrationColumns + `, search) = (` + marks + `) WHERE id = ?`
		values = append(values, r.ID)
	}
	if _, err := store.Exec(ctx, tx, query, values...); err != nil {
		return fmt.Errorf("save registration: %w", err)
	}
	return nil
}

// searchWords leaves out diet and access needs: they must never be searched.
func (r Registration) searchWords() string {
	return locale.Fold(strings.Join([]string{r.FirstName, r.LastName, r.Email, r.OrganisationName}, " "))
}

func writeAnswers(ctx context.Context, tx *store.Tx, id string, answers map[string][]string) error {
	// Answers to questions that are no longer asked stay.
	_, err := store.Exec(ctx, tx, `
		DELETE FROM answer WHERE registration_id = ? AND question_id NOT IN (SELECT id FROM question WHERE removed)`, id)
	if err != nil {
		return err
	}
	for question, values := range answers {
		if len(values) == 0 {
			continue
		}
		value, err := json.Marshal(values)
		if err != nil {
			return err
		}
		_, err = store.Exec(ctx, tx, `INSERT INTO answer (registration_id, question_id, value) VALUES (?, ?, ?)`, id, question, string(value))
		if err != nil {
			return fmt.Errorf("write answer: %w", err)
		}
	}
	return nil
}

// Answers returns what was answered, by question id.
func Answers(ctx context.Context, tx *store.Tx, id string) (map[string][]string, error) {
	all, err := answersWhere(ctx, tx, `registration_id = ?`, id)
	return all[id], err
}

// AnswersOf returns all answers for an event: by registration, then question.
func AnswersOf(ctx context.Context, tx *store.Tx, eventID string) (map[string]map[string][]string, error) {
	return answersWhere(ctx, tx, `registration_id IN (SELECT id FROM registration WHERE event_id = ?)`, eventID)
}

func answersWhere(ctx context.Context, tx *store.Tx, where, arg string) (map[string]map[string][]string, error) {
	type row struct{ registration, question, value string }
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) {
		return x, r.Scan(&x.registration, &x.question, &x.value)
	}, `SELECT registration_id, question_id, value FROM answer WHERE `+where, arg)
	if err != nil {
		return nil, err
	}
	all := map[string]map[string][]string{}
	for _, x := range rows {
		var values []string
		if err := json.Unmarshal([]byte(x.value), &values); err != nil {
			return nil, fmt.Errorf("read answer: %w", err)
		}
		if all[x.registration] == nil {
			all[x.registration] = map[string][]string{}
		}
		all[x.registration][x.question] = values
	}
	return all, nil
}
