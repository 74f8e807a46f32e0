package user

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrNoSession says that whoever asks is not, or no longer, signed in.
var ErrNoSession = &problem.Problem{Kind: problem.Denied, Code: "no_session"}

const (
	sessionIdle = 2 * time.Hour
	sessionLife = 12 * time.Hour
	touchEvery  = time.Minute
)

// SessionInfo is when a session began and was last used.
type SessionInfo struct {
	CreatedAt, LastSeenAt time.Time
}

// Stale reports whether it is time to Touch the session: so long ago was it
// last noted as used.
func (s SessionInfo) Stale(now time.Time) bool { return now.Sub(s.LastSeenAt) >= touchEvery }

// NewSession signs the user in, without asking for anything, and returns the
// secret of 256 bits for the cookie.
func NewSession(ctx context.Context, tx *store.Tx, userID string) (token string, err error) {
	token = newSecret(tx)
	if err := insertSession(ctx, tx, hashOf(token), userID); err != nil {
		return "", fmt.Errorf("begin a session: %w", err)
	}
	return token, nil
}

// Session returns who is signed in, with the roles of this moment. It is
// ErrNoSession two hours after the last use, twelve hours after the sign-in,
// and for somebody disabled.
func Session(ctx context.Context, tx *store.Tx, token string) (User, SessionInfo, error) {
	userID, info, err := selectSession(ctx, tx, hashOf(token))
	if errors.Is(err, store.ErrNoRow) {
		return User{}, SessionInfo{}, ErrNoSession
	}
	if err != nil {
		return User{}, SessionInfo{}, fmt.Errorf("look up a session: %w", err)
	}
	u, err := Find(ctx, tx, userID)
	if err != nil {
		return User{}, SessionInfo{}, err
	}
	if u.Disabled {
		return User{}, SessionInfo{}, ErrNoSession
	}
	return u, info, nil
}

// Touch notes that the session is in use, once a minute at most. One that has
// ended stays so.
func Touch(ctx context.Context, tx *store.Tx, token string) error {
	if err := updateLastSeen(ctx, tx, hashOf(token)); err != nil {
		return fmt.Errorf("note the use of a session: %w", err)
	}
	return nil
}

// EndSession signs out. An unknown session has ended already.
func EndSession(ctx context.Context, tx *store.Tx, token string) error {
	if err := deleteSession(ctx, tx, hashOf(token)); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

// EndSessions signs the user out everywhere.
func EndSessions(ctx context.Context, tx *store.Tx, userID string) error {
	if err := deleteSessions(ctx, tx, userID); err != nil {
		return fmt.Errorf("end the sessions of a user: %w", err)
	}
	return nil
}
