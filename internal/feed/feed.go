// Package feed holds the secret addresses by which calendar programs fetch what
// somebody has signed up for, or organises. The secret is kept as a hash only, so
// it is shown when it is made and never again; a new one ends the old. What such
// a calendar says is not decided here.
package feed

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Kind is what an address opens.
type Kind string

// The kinds: a person's own registrations and bookings, the events of the
// programmes that a user organises, and the bookings of an adviser.
const (
	Participant Kind = "participant"
	Organiser   Kind = "organiser"
	Adviser     Kind = "adviser"
)

// Owner is whose calendar it is: a person, for their own registrations, or else
// a user.
type Owner struct{ PersonID, UserID string }

// object is the owner as the audit log names them.
func (o Owner) object() (kind, id string) {
	if o.PersonID != "" {
		return "person", o.PersonID
	}
	return "user", o.UserID
}

// where is true of the owner's addresses.
func (o Owner) where() (condition, id string) {
	kind, id := o.object()
	return kind + `_id = ?`, id
}

// Feed is an address without its secret.
type Feed struct {
	ID        string
	Kind      Kind
	Owner     Owner
	Language  string    // of the words around the events' own
	MadeAt    time.Time // UTC, as all times here
	FetchedAt time.Time // to some minutes; zero: never
}

// Make makes an address of the kind and returns its secret, of at least 128
// random bits. One that the owner had before ends in the same moment.
func Make(ctx context.Context, tx *store.Tx, o Owner, kind Kind, language string, by audit.Actor) (token string, err error) {
	action := "feed.make"
	ended, err := end(ctx, tx, o, kind)
	if err != nil {
		return "", err
	}
	if ended {
		action = "feed.reset"
	}
	token = tx.NewToken()
	_, err = store.Exec(ctx, tx, `
		INSERT INTO feed (id, token_hash, kind, person_id, user_id, language, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		tx.NewID(), hashOf(token), kind, store.Text(o.PersonID), store.Text(o.UserID), language, store.At(tx.Now))
	if err != nil {
		return "", fmt.Errorf("make a calendar's address: %w", err)
	}
	return token, note(ctx, tx, o, kind, action, by)
}

// Remove ends the owner's address of the kind at once. Where there is none,
// nothing changes.
func Remove(ctx context.Context, tx *store.Tx, o Owner, kind Kind, by audit.Actor) error {
	ended, err := end(ctx, tx, o, kind)
	if err != nil || !ended {
		return err
	}
	return note(ctx, tx, o, kind, "feed.remove", by)
}

// End ends all addresses of an owner who is let in no more.
func End(ctx context.Context, tx *store.Tx, o Owner) error {
	condition, id := o.where()
	if _, err := store.Exec(ctx, tx, `DELETE FROM feed WHERE `+condition, id); err != nil {
		return fmt.Errorf("end calendars' addresses: %w", err)
	}
	return nil
}

// EndAll ends every address: after going back to a backup nobody knows which had
// been taken back because they had got about.
func EndAll(ctx context.Context, tx *store.Tx) error {
	if _, err := store.Exec(ctx, tx, `DELETE FROM feed`); err != nil {
		return fmt.Errorf("end all calendars' addresses: %w", err)
	}
	return nil
}

func end(ctx context.Context, tx *store.Tx, o Owner, kind Kind) (was bool, err error) {
	condition, id := o.where()
	n, err := store.Exec(ctx, tx, `DELETE FROM feed WHERE `+condition+` AND kind = ?`, id, kind)
	if err != nil {
		return false, fmt.Errorf("end a calendar's address: %w", err)
	}
	return n > 0, nil
}

func note(ctx context.Context, tx *store.Tx, o Owner, kind Kind, action string, by audit.Actor) error {
	objectKind, id := o.object()
	return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: action, ObjectKind: objectKind, ObjectID: id, To: string(kind)})
}

const selectFeed = `SELECT id, kind, COALESCE(person_id, ''), COALESCE(user_id, ''), language, created_at, last_fetched_at FROM feed `

func scanFeed(r store.Row) (f Feed, err error) {
	return f, r.Scan(&f.ID, &f.Kind, &f.Owner.PersonID, &f.Owner.UserID, &f.Language, store.Time(&f.MadeAt), store.Time(&f.FetchedAt))
}

// Of returns the owner's address of the kind, without its secret; found reports
// whether there is one.
func Of(ctx context.Context, tx *store.Tx, o Owner, kind Kind) (f Feed, found bool, err error) {
	condition, id := o.where()
	f, err = store.One(ctx, tx, scanFeed, selectFeed+`WHERE `+condition+` AND kind = ?`, id, kind)
	if errors.Is(err, store.ErrNoRow) {
		return f, false, nil
	}
	return f, err == nil, err
}

// Find returns what the secret opens, or problem.ErrMissing.
func Find(ctx context.Context, tx *store.Tx, token string) (Feed, error) {
	f, err := store.One(ctx, tx, scanFeed, selectFeed+`WHERE token_hash = ?`, hashOf(token))
	if errors.Is(err, store.ErrNoRow) {
		return f, problem.ErrMissing
	}
	return f, err
}

// noteEvery is how exactly it is noted when a calendar was fetched.
const noteEvery = 10 * time.Minute

// Stale reports whether it is time to call Fetched.
func (f Feed) Stale(now time.Time) bool { return now.Sub(f.FetchedAt) >= noteEvery }

// Fetched notes that the calendar was fetched. An address that has ended
// meanwhile stays so.
func Fetched(ctx context.Context, tx *store.Tx, id string) error {
	if _, err := store.Exec(ctx, tx, `UPDATE feed SET last_fetched_at = ? WHERE id = ?`, store.At(tx.Now), id); err != nil {
		return fmt.Errorf("note that a calendar was fetched: %w", err)
	}
	return nil
}

// hashOf is how a secret is stored. One so long cannot be guessed, so it needs
// neither salt nor a slow hash.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
