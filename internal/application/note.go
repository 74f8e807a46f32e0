package application

import (
	"context"
	"fmt"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Note is what an assessor writes for colleagues. The applicant's pages never show
// it.
type Note struct {
	ID, ApplicationID string
	UserID, UserName  string
	Points            *int // 0 to 10
	Note              string
	WrittenAt         time.Time
}

// MostPoints is the highest that an assessor may give.
const MostPoints = 10

// Notes lists the assessors' notes, oldest first.
func Notes(ctx context.Context, tx *store.Tx, id string) ([]Note, error) {
	return store.All(ctx, tx, func(r store.Row) (n Note, err error) {
		return n, r.Scan(&n.ID, &n.ApplicationID, &n.UserID, &n.UserName, store.Int(&n.Points), &n.Note, store.Time(&n.WrittenAt))
	}, `SELECT n.id, n.application_id, n.user_id, u.name, n.points, n.note, n.written_at
		FROM application_note n JOIN user_account u ON u.id = n.user_id WHERE n.application_id = ? ORDER BY n.written_at, n.id`, id)
}

// AddNote writes a note; points, words or both.
func AddNote(ctx context.Context, tx *store.Tx, id, note string, points *int, by audit.Actor) error {
	a, err := Find(ctx, tx, id)
	if err != nil {
		return err
	}
	if a.Status == Draft {
		return ErrNotNow
	}
	note = strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(note, "\r\n", "\n")))
	var f problem.Fields
	switch {
	case note == "" && points == nil:
		f.Add("note", "required")
	case long(note, longText):
		f.Add("note", "too_long", "most", longText)
	case locale.Deceptive(note, true):
		f.Add("note", "characters")
	}
	if points != nil && (*points < 0 || *points > MostPoints) {
		f.Add("points", "application_between", "least", 0, "most", MostPoints)
	}
	if err := f.Err(); err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `INSERT INTO application_note (id, application_id, user_id, points, note, written_at) VALUES (?, ?, ?, ?, ?, ?)`,
		tx.NewID(), id, by.ID, points, note, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("write a note: %w", err)
	}
	return a.audit(ctx, tx, by, "application.note", "", "", "")
}
