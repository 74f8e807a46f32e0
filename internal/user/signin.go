package user

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrTooManyFailures says that so many passwords were wrong that the account
// has to wait. Its argument "n" is for how many minutes.
var ErrTooManyFailures = &problem.Problem{Kind: problem.Denied, Code: "too_many_failures"}

const maxFailures = 5

// FailureWindow is how far back wrong passwords count.
const FailureWindow = 15 * time.Minute

// Attempt is a sign-in that has begun. Both fields are empty when nobody can
// sign in with the address; Hash also when no password was chosen yet.
// Hasher.Verify says no to an empty Hash after the usual time.
type Attempt struct {
	UserID string
	Hash   string
}

// SignInAttempt begins a sign-in with a password. It only reads, and the
// password is verified after the transaction: that takes too long for one.
// Then SignedIn or Failed follows in a transaction of its own. An unknown or
// disabled account is no error, so that nobody learns of it. The error is
// ErrTooManyFailures after five failures within 15 minutes.
func SignInAttempt(ctx context.Context, tx *store.Tx, email string) (Attempt, error) {
	address, fault := person.Address(email)
	if fault != nil {
		return Attempt{}, nil
	}
	a, err := selectAttempt(ctx, tx, address)
	if errors.Is(err, store.ErrNoRow) {
		return Attempt{}, nil
	}
	if err != nil {
		return Attempt{}, fmt.Errorf("look up an account: %w", err)
	}
	if err := checkFailures(ctx, tx, a.UserID); err != nil {
		return Attempt{}, err
	}
	return a, nil
}

// SignedIn ends an attempt whose password was right: failures are forgotten and
// a session begins, whose token it returns. Failures are counted again here, or
// many attempts begun at the same moment would each have a guess. The error is
// problem.ErrDenied when the user has been disabled since.
func SignedIn(ctx context.Context, tx *store.Tx, userID string) (token string, err error) {
	u, err := Find(ctx, tx, userID)
	if errors.Is(err, problem.ErrMissing) || err == nil && u.Disabled {
		return "", problem.ErrDenied
	}
	if err != nil {
		return "", err
	}
	if err := checkFailures(ctx, tx, userID); err != nil {
		return "", err
	}
	if err := deleteFailures(ctx, tx, userID); err != nil {
		return "", fmt.Errorf("forget failures: %w", err)
	}
	return NewSession(ctx, tx, userID)
}

// Failed ends an attempt whose password was wrong. For the attempt of nobody it
// does nothing.
func Failed(ctx context.Context, tx *store.Tx, userID string) error {
	if userID == "" {
		return nil
	}
	if err := insertFailure(ctx, tx, userID); err != nil {
		return fmt.Errorf("note a failure: %w", err)
	}
	return nil
}

// checkFailures leaves out what lies in the future: after the clock was set
// back, an account waits, and is not locked.
func checkFailures(ctx context.Context, tx *store.Tx, userID string) error {
	failures, err := selectFailures(ctx, tx, userID, tx.Now.Add(-FailureWindow), tx.Now)
	if err != nil {
		return fmt.Errorf("count failures: %w", err)
	}
	return CheckFailures(failures, tx.Now)
}

// CheckFailures refuses when so many passwords were wrong lately, oldest first,
// that the next try has to wait.
func CheckFailures(failures []time.Time, now time.Time) error {
	if len(failures) < maxFailures {
		return nil
	}
	wait := failures[len(failures)-maxFailures].Add(FailureWindow).Sub(now)
	return ErrTooManyFailures.With("n", int((wait+time.Minute-1)/time.Minute))
}
