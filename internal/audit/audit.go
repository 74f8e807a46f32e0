// Package audit writes down who did what when. Entries are only ever added, in
// the transaction of what they tell of; personal data appear by reference only.
package audit

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/store"
)

// Actor is who did something.
type Actor struct {
	Kind string // person, user, token, system, command
	ID   string
}

// System acts when a rule of time or order acts by itself.
var System = Actor{Kind: "system"}

// Command acts when somebody uses the program from the command line.
var Command = Actor{Kind: "command"}

// Entry is one thing done to one object.
type Entry struct {
	At          time.Time
	Actor       Actor
	ProgrammeID string
	Action      string // "registration.cancel"
	ObjectKind  string // "registration"
	ObjectID    string
	From, To    string // states or values, never personal data
	Reason      string
}

// Add writes the entry at the transaction's moment.
func Add(ctx context.Context, tx *store.Tx, e Entry) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO audit_entry (id, at, actor_kind, actor_id, programme_id, action, object_kind, object_id, from_value, to_value, reason)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		tx.NewID(), store.At(tx.Now), e.Actor.Kind, e.Actor.ID, store.Text(e.ProgrammeID),
		e.Action, e.ObjectKind, e.ObjectID, e.From, e.To, e.Reason)
	if err != nil {
		return fmt.Errorf("write audit entry %s: %w", e.Action, err)
	}
	return nil
}

// Of lists what was done to one object, oldest first.
func Of(ctx context.Context, tx *store.Tx, kind, id string) ([]Entry, error) {
	return store.All(ctx, tx, scan, `
		SELECT at, actor_kind, actor_id, action, from_value, to_value, reason
		FROM audit_entry WHERE object_kind = ? AND object_id = ? ORDER BY at, id`, kind, id)
}

// OfEvent lists what was done to an event, its invitations and its door
// links, oldest first.
func OfEvent(ctx context.Context, tx *store.Tx, id string) ([]Entry, error) {
	return store.All(ctx, tx, scan, `
		SELECT at, actor_kind, actor_id, action, from_value, to_value, reason FROM audit_entry
		WHERE object_kind = 'event' AND object_id = ?
			OR object_kind = 'invitation' AND object_id IN (SELECT i.id FROM invitation i WHERE i.event_id = ?)
			OR object_kind = 'checkin_link' AND object_id IN (SELECT l.id FROM checkin_link l WHERE l.event_id = ?)
		ORDER BY at, audit_entry.id`, id, id, id)
}

// Since reports whether the same actor has done the same to the same object
// since a time.
func Since(ctx context.Context, tx *store.Tx, e Entry, since time.Time) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM audit_entry
		WHERE object_kind = ? AND object_id = ? AND at > ? AND action = ? AND actor_kind = ? AND actor_id = ?`,
		e.ObjectKind, e.ObjectID, store.At(since), e.Action, e.Actor.Kind, e.Actor.ID)
	return n > 0, err
}

func scan(r store.Row) (e Entry, err error) {
	err = r.Scan(store.Time(&e.At), &e.Actor.Kind, &e.Actor.ID, &e.Action, &e.From, &e.To, &e.Reason)
	return e, err
}
