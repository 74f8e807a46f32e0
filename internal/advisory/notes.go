package advisory

import (
	"context"
	"strings"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// PrivateNote is what the adviser has noted about a booking for colleagues and
// organisers; empty when there is nothing.
func PrivateNote(ctx context.Context, tx *store.Tx, bookingID string) (string, error) {
	notes, err := store.All(ctx, tx, store.Value[string], `SELECT private FROM booking_note WHERE booking_id = ?`, bookingID)
	if err != nil || len(notes) == 0 {
		return "", err
	}
	return notes[0], nil
}

// CheckNotes tells what must be corrected in notes, at the fields "shared" and
// "private".
func CheckNotes(shared, private string) error {
	var f problem.Fields
	for _, n := range []struct{ field, value string }{{"shared", shared}, {"private", private}} {
		if locale.Deceptive(n.value, true) {
			f.Add(n.field, "characters")
		} else if utf8.RuneCountInString(n.value) > mostText {
			f.Add(n.field, "too_long", "most", mostText)
		}
	}
	return f.Err()
}

// CorrectNotes writes both notes of a meeting anew. The company sees the shared one
// on its page; no letter tells of the change.
func CorrectNotes(ctx context.Context, tx *store.Tx, id, shared, private string, by audit.Actor) error {
	if err := CheckNotes(shared, private); err != nil {
		return err
	}
	b, err := BookingByID(ctx, tx, id)
	if err != nil {
		return err
	}
	if shared = strings.TrimSpace(shared); shared != b.SharedNote {
		if b.Status != Held && b.Status != Settled {
			return ErrNotNow
		}
		if _, err := store.Exec(ctx, tx, `UPDATE booking SET shared_note = ?, changed_at = ? WHERE id = ?`, shared, store.At(tx.Now), id); err != nil {
			return err
		}
		p, err := ProgrammeByID(ctx, tx, b.AdvisoryProgrammeID)
		if err != nil {
			return err
		}
		if err := audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: p.ProgrammeID, Action: "booking.note", ObjectKind: "booking", ObjectID: id}); err != nil {
			return err
		}
	}
	return WriteNote(ctx, tx, id, private, by)
}

// ProjectName is what an application is about, or its number.
func ProjectName(ctx context.Context, tx *store.Tx, applicationID string) (string, error) {
	name, err := store.One(ctx, tx, store.Value[string], `SELECT CASE WHEN title <> '' THEN title ELSE number END FROM application WHERE id = ?`, applicationID)
	return name, errNoSuch(err)
}
