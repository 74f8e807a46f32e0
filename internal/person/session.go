package person

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrNoSession says that whoever asks is not, or no longer, on their own page.
var ErrNoSession = &problem.Problem{Kind: problem.Denied, Code: "no_session"}

const (
	sessionIdle = 12 * time.Hour
	sessionLife = 7 * 24 * time.Hour
	touchEvery  = time.Minute
)

// newSession begins a session and returns its secret of 256 bits.
func newSession(ctx context.Context, tx *store.Tx, personID string) (token string, err error) {
	token = tx.NewToken() + tx.NewToken()
	_, err = store.Exec(ctx, tx, `INSERT INTO person_session (token_hash, person_id, created_at, last_seen_at) VALUES (?, ?, ?, ?)`,
		hashOf(token), personID, store.At(tx.Now), store.At(tx.Now))
	if err != nil {
		return "", fmt.Errorf("begin a session: %w", err)
	}
	return token, nil
}

// sessionLives is true of a session for the arguments of oldest: the earliest
// moments at which it may have begun and been used.
const sessionLives = ` created_at > ? AND last_seen_at > ? `

func oldest(tx *store.Tx) (begun, used any) {
	return store.At(tx.Now.Add(-sessionLife)), store.At(tx.Now.Add(-sessionIdle))
}

// Session returns whose session it is, and whether it is time to Touch it. It is
// ErrNoSession twelve hours after the last use, seven days after the link was
// used, and once the person's data are erased.
func Session(ctx context.Context, tx *store.Tx, token string) (p Person, stale bool, err error) {
	type row struct {
		person string
		seen   time.Time
	}
	begun, used := oldest(tx)
	s, err := store.One(ctx, tx, func(r store.Row) (x row, err error) { return x, r.Scan(&x.person, store.Time(&x.seen)) }, `
		SELECT person_id, last_seen_at FROM person_session WHERE token_hash = ? AND`+sessionLives, hashOf(token), begun, used)
	if errors.Is(err, store.ErrNoRow) {
		return p, false, ErrNoSession
	}
	if err != nil {
		return p, false, fmt.Errorf("look up a session: %w", err)
	}
	p, err = Find(ctx, tx, s.person)
	return p, tx.Now.Sub(s.seen) >= touchEvery, err
}

// Touch notes that the session is in use. One that has ended stays so.
func Touch(ctx context.Context, tx *store.Tx, token string) error {
	begun, used := oldest(tx)
	_, err := store.Exec(ctx, tx, `UPDATE person_session SET last_seen_at = ? WHERE token_hash = ? AND`+sessionLives, store.At(tx.Now), hashOf(token), begun, used)
	if err != nil {
		return fmt.Errorf("note the use of a session: %w", err)
	}
	return nil
}

// EndSession signs out. An unknown session has ended already.
func EndSession(ctx context.Context, tx *store.Tx, token string) error {
	_, err := store.Exec(ctx, tx, `DELETE FROM person_session WHERE token_hash = ?`, hashOf(token))
	return err
}

// EndSessions ends everything that opens the person's page.
func EndSessions(ctx context.Context, tx *store.Tx, personID string) error {
	for _, table := range []string{"person_session", "person_link"} {
		if _, err := store.Exec(ctx, tx, `DELETE FROM `+table+` WHERE person_id = ?`, personID); err != nil {
			return fmt.Errorf("end what opens a person's page: %w", err)
		}
	}
	return nil
}

// Sweep removes sessions and links that have ended. Nothing needs it to be
// refused in time; but what is gone cannot live again when the clock is set
// back.
func Sweep(ctx context.Context, tx *store.Tx) error {
	begun, used := oldest(tx)
	if _, err := store.Exec(ctx, tx, `DELETE FROM person_session WHERE NOT (`+sessionLives+`)`, begun, used); err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	if _, err := store.Exec(ctx, tx, `DELETE FROM person_link WHERE expires_at <= ?`, store.At(tx.Now)); err != nil {
		return fmt.Errorf("sweep links: %w", err)
	}
	return sweepStrangers(ctx, tx)
}
