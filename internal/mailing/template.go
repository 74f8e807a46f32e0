package mailing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Template is a text that a programme uses again.
type Template struct {
	ID, ProgrammeID, Name string
	Content
}

const selectTemplate = `SELECT id, programme_id, name, texts, facts FROM mailing_template `

func scanTemplate(r store.Row) (t Template, err error) {
	var texts string
	if err := r.Scan(&t.ID, &t.ProgrammeID, &t.Name, &texts, &t.Facts); err != nil {
		return t, err
	}
	return t, json.Unmarshal([]byte(texts), &t.Texts)
}

// Templates lists those of some programmes by name; nil means every programme.
func Templates(ctx context.Context, tx *store.Tx, programmeIDs []string) ([]Template, error) {
	where, args := Filter{ProgrammeIDs: programmeIDs}.where()
	return store.All(ctx, tx, scanTemplate, selectTemplate+where+` ORDER BY name, id`, args...)
}

// FindTemplate returns a template, or problem.ErrMissing.
func FindTemplate(ctx context.Context, tx *store.Tx, id string) (Template, error) {
	t, err := store.One(ctx, tx, scanTemplate, selectTemplate+`WHERE id = ?`, id)
	if errors.Is(err, store.ErrNoRow) {
		return t, problem.ErrMissing
	}
	return t, err
}

// Keep makes a template of what a mailing says.
func Keep(ctx context.Context, tx *store.Tx, m Mailing, name string, by audit.Actor) (Template, error) {
	t := Template{ID: tx.NewID(), ProgrammeID: m.ProgrammeID, Name: strings.TrimSpace(name), Content: m.Content}
	var f problem.Fields
	switch {
	case t.Name == "":
		f.Add("template", "required")
	case utf8.RuneCountInString(t.Name) > maxName:
		f.Add("template", "too_long", "most", maxName)
	case locale.Deceptive(t.Name, false):
		f.Add("template", "characters")
	case len(m.Texts) == 0:
		f.Add("template", "mailing_nothing")
	}
	if err := f.Err(); err != nil {
		return t, err
	}
	texts, err := json.Marshal(t.Texts)
	if err != nil {
		return t, fmt.Errorf("write texts: %w", err)
	}
	n, err := store.Exec(ctx, tx, `INSERT INTO mailing_template (id, programme_id, name, texts, facts, created_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (programme_id, name) DO NOTHING`, t.ID, t.ProgrammeID, t.Name, string(texts), t.Facts, store.At(tx.Now))
	if err != nil {
		return t, fmt.Errorf("keep template: %w", err)
	}
	if n == 0 {
		return t, problem.Fields{{Name: "template", Code: "mailing_template_taken"}}.Err()
	}
	return t, t.audit(ctx, tx, by, "mailing_template.add")
}

// Forget deletes a template. Mailings that began with it keep their text.
func (t Template) Forget(ctx context.Context, tx *store.Tx, by audit.Actor) error {
	if _, err := store.Exec(ctx, tx, `DELETE FROM mailing_template WHERE id = ?`, t.ID); err != nil {
		return fmt.Errorf("delete template: %w", err)
	}
	return t.audit(ctx, tx, by, "mailing_template.delete")
}

func (t Template) audit(ctx context.Context, tx *store.Tx, by audit.Actor, action string) error {
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: t.ProgrammeID, Action: action, ObjectKind: "mailing_template", ObjectID: t.ID})
}
