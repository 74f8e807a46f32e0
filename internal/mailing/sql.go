package mailing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"stafett/internal/problem"
	"stafett/internal/store"
)

const columns = `id, programme_id, status, selection, texts, facts, revision, edited_by, send_at, missed_at, started_at, written_at, ended_at,
	not_working, erased, created_at, changed_at`

const selectMailing = `SELECT ` + columns + ` FROM mailing `

func scanMailing(r store.Row) (m Mailing, err error) {
	var selection, texts string
	err = r.Scan(&m.ID, &m.ProgrammeID, &m.Status, &selection, &texts, &m.Facts, &m.Revision, &m.EditedBy, store.Time(&m.SendAt), store.Time(&m.MissedAt),
		store.Time(&m.StartedAt), store.Time(&m.WrittenAt), store.Time(&m.EndedAt), &m.NotWorking, &m.Erased, store.Time(&m.CreatedAt), store.Time(&m.ChangedAt))
	if err != nil {
		return m, err
	}
	if err := json.Unmarshal([]byte(selection), &m.Selection); err != nil {
		return m, fmt.Errorf("read selection: %w", err)
	}
	if err := json.Unmarshal([]byte(texts), &m.Texts); err != nil {
		return m, fmt.Errorf("read texts: %w", err)
	}
	return m, nil
}

// save writes the whole row and its events.
func (m Mailing) save(ctx context.Context, tx *store.Tx, isNew bool) error {
	selection, err := json.Marshal(m.Selection)
	if err != nil {
		return fmt.Errorf("write selection: %w", err)
	}
	texts, err := json.Marshal(m.Texts)
	if err != nil {
		return fmt.Errorf("write texts: %w", err)
	}
	values := []any{m.ID, m.ProgrammeID, m.Status, string(selection), string(texts), m.Facts, m.Revision, m.EditedBy, store.At(m.SendAt), store.At(m.MissedAt),
		store.At(m.StartedAt), store.At(m.WrittenAt), store.At(m.EndedAt), m.NotWorking, m.Erased, store.At(m.CreatedAt), store.At(m.ChangedAt)}
	places := strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")
	query := `INSERT INTO mailing (` + columns + `) VALUES (` + places + `)`
	if !isNew {
		query, values = `UPDATE mailing SET (`+columns+`) = (`+places+`) WHERE id = ?`, append(values, m.ID)
	}
	if _, err := store.Exec(ctx, tx, query, values...); err != nil {
		return fmt.Errorf("save mailing: %w", err)
	}
	if m.Status != Draft && !isNew {
		return nil
	}
	if _, err := store.Exec(ctx, tx, `DELETE FROM mailing_event WHERE mailing_id = ?`, m.ID); err != nil {
		return fmt.Errorf("save mailing: %w", err)
	}
	for _, id := range m.Selection.EventIDs {
		if _, err := store.Exec(ctx, tx, `INSERT INTO mailing_event (mailing_id, event_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, m.ID, id); err != nil {
			return fmt.Errorf("save mailing: %w", err)
		}
	}
	return nil
}

// Find returns the mailing, or problem.ErrMissing.
func Find(ctx context.Context, tx *store.Tx, id string) (Mailing, error) {
	m, err := store.One(ctx, tx, scanMailing, selectMailing+`WHERE id = ?`, id)
	if errors.Is(err, store.ErrNoRow) {
		return m, problem.ErrMissing
	}
	if err != nil {
		return m, err
	}
	m.Selection.EventIDs, err = store.All(ctx, tx, store.Value[string], `
		SELECT me.event_id FROM mailing_event me JOIN event e ON e.id = me.event_id WHERE me.mailing_id = ? ORDER BY e.starts_at, e.id`, id)
	return m, err
}

// Filter chooses mailings for a list.
type Filter struct {
	ProgrammeIDs []string // nil: every programme
	Status       Status   // "": all
	EventID      string   // "": of any event
}

func (f Filter) where() (string, []any) {
	list, args := []string{"TRUE"}, []any{}
	if f.ProgrammeIDs != nil {
		list, args = append(list, "programme_id IN ("+marks(len(f.ProgrammeIDs))+")"), append(args, anyOf(f.ProgrammeIDs)...)
	}
	if f.Status != "" {
		list, args = append(list, "status = ?"), append(args, f.Status)
	}
	if f.EventID != "" {
		list, args = append(list, "id IN (SELECT mailing_id FROM mailing_event WHERE event_id = ?)"), append(args, f.EventID)
	}
	return "WHERE " + strings.Join(list, " AND "), args
}

// Count is how many mailings the filter chooses.
func Count(ctx context.Context, tx *store.Tx, f Filter) (int, error) {
	where, args := f.where()
	return store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM mailing `+where, args...)
}

// List returns some of the mailings that the filter chooses, the last changed
// first, without their events.
func List(ctx context.Context, tx *store.Tx, f Filter, from, most int) ([]Mailing, error) {
	where, args := f.where()
	return store.All(ctx, tx, scanMailing, selectMailing+where+` ORDER BY changed_at DESC, id DESC LIMIT ? OFFSET ?`, append(args, most, from)...)
}
