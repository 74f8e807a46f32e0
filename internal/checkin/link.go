// Package checkin is the door of an event: links that let whoever stands there
// mark people present, from several phones at once, with or without a network.
package checkin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// afterEnd is how long after the event's end its door links live: marks that a
// phone made without a network are still taken.
const afterEnd = 12 * time.Hour

// maxLabel is how many letters the label of a link may have.
const maxLabel = 80

// What keeps a link from being made.
var (
	ErrLabel  = problem.Fields{{Name: "label", Code: "too_long", Args: []any{"most", maxLabel}}}.Err()
	ErrClosed = &problem.Problem{Kind: problem.Conflict, Code: "door_closed"}
)

// Link lets whoever holds it mark presence at one event, and nothing else.
type Link struct {
	ID, EventID, Label           string
	ExpiresAt, RevokedAt, MadeAt time.Time // RevokedAt is zero while it is good
}

// Open reports whether the link can be used at a time.
func (l Link) Open(now time.Time) bool { return l.RevokedAt.IsZero() && now.Before(l.ExpiresAt) }

// Make makes a door link and returns its token, of which only the hash is kept:
// it is shown once. An event without a room, a date, or a future has no door.
func Make(ctx context.Context, tx *store.Tx, eventID, label string, by audit.Actor) (string, error) {
	if len([]rune(label)) > maxLabel {
		return "", ErrLabel
	}
	ev, err := event.Find(ctx, tx, eventID)
	if err != nil {
		return "", err
	}
	if !HasDoor(ev, tx.Now) {
		return "", ErrClosed
	}
	l, token := Link{ID: tx.NewID(), EventID: ev.ID, ExpiresAt: ev.EndsAt.Add(afterEnd)}, tx.NewToken()
	_, err = store.Exec(ctx, tx, `
		INSERT INTO checkin_link (id, token_hash, event_id, label, expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
		l.ID, hash(token), l.EventID, label, store.At(l.ExpiresAt), store.At(tx.Now))
	if err != nil {
		return "", fmt.Errorf("make door link: %w", err)
	}
	return token, note(ctx, tx, ev, l.ID, "checkin_link.make", by)
}

// HasDoor reports whether an event takes people in at a door.
func HasDoor(ev event.Event, now time.Time) bool {
	return ev.HasMode(event.Room) && ev.Status == event.Published && now.Before(ev.EndsAt.Add(afterEnd))
}

// Find returns the link of a token, or problem.ErrMissing when it is unknown,
// revoked, or over. When the event has moved, its links live as much longer.
func Find(ctx context.Context, tx *store.Tx, token string) (Link, error) {
	l, err := store.One(ctx, tx, scanLink, selectLink+`WHERE l.token_hash = ?`, hash(token))
	if errors.Is(err, store.ErrNoRow) || err == nil && !l.Open(tx.Now) {
		return Link{}, problem.ErrMissing
	}
	return l, err
}

// Revoke ends one of the event's links at once; ending it twice changes
// nothing. A link of another event is problem.ErrMissing.
func Revoke(ctx context.Context, tx *store.Tx, eventID, linkID string, by audit.Actor) error {
	ev, err := event.Find(ctx, tx, eventID)
	if err != nil {
		return err
	}
	l, err := store.One(ctx, tx, scanLink, selectLink+`WHERE l.id = ? AND l.event_id = ?`, linkID, eventID)
	if errors.Is(err, store.ErrNoRow) {
		return problem.ErrMissing
	}
	if err != nil || !l.RevokedAt.IsZero() {
		return err
	}
	if _, err := store.Exec(ctx, tx, `UPDATE checkin_link SET revoked_at = ? WHERE id = ?`, store.At(tx.Now), linkID); err != nil {
		return fmt.Errorf("revoke door link: %w", err)
	}
	return note(ctx, tx, ev, linkID, "checkin_link.revoke", by)
}

// List gives the event's door links, the newest first.
func List(ctx context.Context, tx *store.Tx, eventID string) ([]Link, error) {
	return store.All(ctx, tx, scanLink, selectLink+`WHERE l.event_id = ? ORDER BY l.created_at DESC, l.id DESC`, eventID)
}

func note(ctx context.Context, tx *store.Tx, ev event.Event, linkID, action string, by audit.Actor) error {
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: ev.ProgrammeID, Action: action, ObjectKind: "checkin_link", ObjectID: linkID})
}

const selectLink = `
	SELECT l.id, l.event_id, l.label, l.expires_at, l.revoked_at, l.created_at, e.ends_at
	FROM checkin_link l JOIN event e ON e.id = l.event_id `

func scanLink(r store.Row) (l Link, err error) {
	var ends time.Time
	err = r.Scan(&l.ID, &l.EventID, &l.Label, store.Time(&l.ExpiresAt), store.Time(&l.RevokedAt), store.Time(&l.MadeAt), store.Time(&ends))
	if moved := ends.Add(afterEnd); moved.After(l.ExpiresAt) {
		l.ExpiresAt = moved
	}
	return l, err
}

func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
