// Package person holds the people who sign up. Two people are the same when
// their e-mail addresses are, trimmed and in lower case; no other rule guesses.
package person

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// Person is somebody whom a message can reach.
type Person struct {
	ID, Email           string
	FirstName, LastName string
	Language            string
	EmailFailedAt       time.Time // zero while mail arrives
	CreatedAt           time.Time
}

// Name is first and last name.
func (p Person) Name() string { return strings.TrimSpace(p.FirstName + " " + p.LastName) }

// Ensure returns the person with this address, new if need be. What is known of
// somebody is never overwritten by what a form says: the address is unproved.
func Ensure(ctx context.Context, tx *store.Tx, p Person) (Person, error) {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO person (id, email, first_name, last_name, language, created_at)
		VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (email) DO NOTHING`,
		tx.NewID(), p.Email, p.FirstName, p.LastName, p.Language, store.At(tx.Now))
	if err != nil {
		return p, fmt.Errorf("add person: %w", err)
	}
	return one(ctx, tx, `WHERE email = ?`, p.Email)
}

// Find returns the person, or problem.ErrMissing.
func Find(ctx context.Context, tx *store.Tx, id string) (Person, error) {
	return one(ctx, tx, `WHERE id = ?`, id)
}

// FindByEmail returns the person with this stored address, or
// problem.ErrMissing.
func FindByEmail(ctx context.Context, tx *store.Tx, email string) (Person, error) {
	return one(ctx, tx, `WHERE email = ?`, email)
}

func one(ctx context.Context, tx *store.Tx, where, arg string) (Person, error) {
	p, err := store.One(ctx, tx, scan, `
		SELECT id, email, first_name, last_name, language, email_failed_at, created_at FROM person `+where, arg)
	if errors.Is(err, store.ErrNoRow) {
		return p, problem.ErrMissing
	}
	return p, err
}

func scan(r store.Row) (p Person, err error) {
	err = r.Scan(&p.ID, &p.Email, &p.FirstName, &p.LastName, &p.Language, store.Time(&p.EmailFailedAt), store.Time(&p.CreatedAt))
	return p, err
}

// Rename corrects the name and the language of letters, as somebody asks who has
// shown that the address is theirs.
func Rename(ctx context.Context, tx *store.Tx, id, firstName, lastName, language string) error {
	_, err := store.Exec(ctx, tx, `UPDATE person SET first_name = ?, last_name = ?, language = ? WHERE id = ?`, firstName, lastName, language, id)
	return err
}

// MarkEmailFailed notes that a mail server said there is no such address:
// nothing more is sent to it until it is corrected.
func MarkEmailFailed(ctx context.Context, tx *store.Tx, email string) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE person SET email_failed_at = ? WHERE email = ? AND email_failed_at IS NULL`, store.At(tx.Now), email)
	return err
}

// EmailFailed reports whether the address is known not to exist.
func EmailFailed(ctx context.Context, tx *store.Tx, email string) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM person WHERE email = ? AND email_failed_at IS NOT NULL`, email)
	return n > 0, err
}

// EmailWorks forgets that mail to the address failed, because somebody has
// looked at it and wants it tried again.
func EmailWorks(ctx context.Context, tx *store.Tx, email string) error {
	_, err := store.Exec(ctx, tx, `UPDATE person SET email_failed_at = NULL WHERE email = ?`, email)
	return err
}
