// Package person holds the people who sign up. Two people are the same when
// their e-mail addresses are, trimmed and in lower case; no other rule guesses.
package person

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/store"
)

// Person is somebody whom a message can reach.
type Person struct {
	ID, Email           string
	FirstName, LastName string
	Language            string
	EmailFailedAt       time.Time // zero while mail arrives
}

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
	return store.One(ctx, tx, scan, `
		SELECT id, email, first_name, last_name, language, email_failed_at FROM person WHERE email = ?`, p.Email)
}

func scan(r store.Row) (p Person, err error) {
	err = r.Scan(&p.ID, &p.Email, &p.FirstName, &p.LastName, &p.Language, store.Time(&p.EmailFailedAt))
	return p, err
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
