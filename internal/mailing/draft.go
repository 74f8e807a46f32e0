package mailing

import (
	"context"
	"fmt"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// New stores a draft. Texts may be missing; nothing is sent before it is whole.
func New(ctx context.Context, tx *store.Tx, programmeID string, s Selection, c Content, by audit.Actor) (Mailing, error) {
	m := Mailing{ID: tx.NewID(), ProgrammeID: programmeID, Status: Draft, Selection: s.tidy(), Content: c.tidy(s.News), Revision: 1, EditedBy: by.ID, CreatedAt: tx.Now, ChangedAt: tx.Now}
	if err := m.check(ctx, tx); err != nil {
		return m, err
	}
	if err := m.save(ctx, tx, true); err != nil {
		return m, err
	}
	return m, m.audit(ctx, tx, by, "mailing.create", "", "")
}

// Save changes a draft. The revision is the one that the editor saw: when
// somebody else has saved meanwhile, it is refused with ErrEdited.
func Save(ctx context.Context, tx *store.Tx, id string, revision int, s Selection, c Content, by audit.Actor) (Mailing, error) {
	m, err := Find(ctx, tx, id)
	if err != nil {
		return m, err
	}
	if m.Status != Draft {
		return m, ErrNotNow
	}
	if m.Revision != revision {
		return m, ErrEdited
	}
	s.News = m.Selection.News // a draft stays what it began as
	m.Selection, m.Content, m.Revision, m.EditedBy, m.ChangedAt = s.tidy(), c.tidy(s.News), revision+1, by.ID, tx.Now
	if err := m.check(ctx, tx); err != nil {
		return m, err
	}
	return m, m.save(ctx, tx, false)
}

// tidy leaves out of news what only participants can be chosen by.
func (s Selection) tidy() Selection {
	if s.News {
		return OfNews()
	}
	return s
}

// tidy leaves out the languages in which nothing is written, and of news the
// facts of an event.
func (c Content) tidy(news bool) Content {
	c.Facts = c.Facts && !news
	texts := map[string]Text{}
	for language, t := range c.Texts {
		if !t.Empty() {
			texts[language] = t
		}
	}
	c.Texts = texts
	return c
}

func (m Mailing) check(ctx context.Context, tx *store.Tx) error {
	var f problem.Fields
	if err := m.Selection.check(ctx, tx, m.ProgrammeID, &f); err != nil {
		return err
	}
	m.Content.check(&f, m.Selection.News)
	return f.Err()
}

// Discard throws a draft away.
func Discard(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	m, err := Find(ctx, tx, id)
	if err != nil {
		return err
	}
	if m.Status != Draft {
		return ErrNotNow
	}
	for _, statement := range []string{
		`UPDATE message SET mailing_id = NULL WHERE mailing_id = ?`, // letters that tried it
		`DELETE FROM mailing_event WHERE mailing_id = ?`,
		`DELETE FROM mailing WHERE id = ?`,
	} {
		if _, err := store.Exec(ctx, tx, statement, id); err != nil {
			return fmt.Errorf("discard mailing: %w", err)
		}
	}
	return m.audit(ctx, tx, by, "mailing.discard", "", "")
}

func (m Mailing) audit(ctx context.Context, tx *store.Tx, by audit.Actor, action, from, to string) error {
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: m.ProgrammeID, Action: action, ObjectKind: "mailing", ObjectID: m.ID, From: from, To: to})
}
