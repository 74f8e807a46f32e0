package store

import (
	"context"
	"errors"
	"fmt"
)

// Partly is what went wrong with some of several things that have nothing to do
// with each other, done in one transaction. Write keeps the others, and returns
// it.
type Partly struct{ Err error }

func (p Partly) Error() string { return p.Err.Error() }
func (p Partly) Unwrap() error { return p.Err }

// Each does the same with every one of the things, each as a part by itself:
// what is written for one that goes wrong is undone, and the next has its turn.
// What went wrong comes back as Partly, with the name of the thing.
func Each(ctx context.Context, tx *Tx, names []string, fn func(name string) error) error {
	var wrong []error
	for _, name := range names {
		err := try(ctx, tx, func() error { return fn(name) })
		if undone := (undoneError{}); errors.As(err, &undone) {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, undone.error))
		} else if err != nil {
			return err
		}
	}
	if len(wrong) > 0 {
		return Partly{errors.Join(wrong...)}
	}
	return nil
}

// undoneError is an error of which nothing is left in the transaction.
type undoneError struct{ error }

func try(ctx context.Context, tx *Tx, fn func() error) error {
	if _, err := Exec(ctx, tx, `SAVEPOINT part`); err != nil {
		return err
	}
	wrong := fn()
	if wrong != nil {
		if _, err := Exec(ctx, tx, `ROLLBACK TO SAVEPOINT part`); err != nil { // given up, or the transaction is gone
			return errors.Join(wrong, err)
		}
	}
	if _, err := Exec(ctx, tx, `RELEASE SAVEPOINT part`); err != nil {
		return errors.Join(wrong, err)
	}
	if wrong != nil {
		return undoneError{wrong}
	}
	return nil
}
