package user

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrToken says that an API token is unknown, expired or revoked.
var ErrToken = &problem.Problem{Kind: problem.Denied, Code: "token"}

const (
	// tokenPrefix lets people and scanners see what a leaked secret opens.
	tokenPrefix  = "stf_"
	maxTokenLife = 365 * 24 * time.Hour
)

// APIToken is what a program proves itself with. The secret is not in it.
type APIToken struct {
	ID, Name    string
	Role        Role
	ProgrammeID string // "": every programme
	CreatedAt   time.Time
	ExpiresAt   time.Time
	LastUsedAt  time.Time // zero: never
	RevokedAt   time.Time // zero: not
}

// May reports whether a program with the token may act in the role in the
// programme, by the same rules as a user.
func (t APIToken) May(role Role, programmeID string) bool {
	return Grant{t.Role, t.ProgrammeID}.allows(role, programmeID)
}

// Stale reports whether it is time to TouchToken.
func (t APIToken) Stale(now time.Time) bool { return now.Sub(t.LastUsedAt) >= touchEvery }

// NewToken makes an API token for an administrator, organiser or mail system that lives for
// at most 365 days. plain is shown once and can never be had again. The
// programme must exist.
func NewToken(ctx context.Context, tx *store.Tx, role Role, programmeID, name string, life time.Duration) (plain string, t APIToken, err error) {
	t = APIToken{
		ID: tx.NewID(), Name: strings.TrimSpace(name), Role: role, ProgrammeID: programmeID,
		CreatedAt: tx.Now, ExpiresAt: tx.Now.Add(life).Truncate(time.Second),
	}
	if err := t.check(); err != nil {
		return "", APIToken{}, err
	}
	plain = tokenPrefix + newSecret(tx)
	if err := insertToken(ctx, tx, hashOf(plain), t); err != nil {
		return "", APIToken{}, fmt.Errorf("add API token: %w", err)
	}
	return plain, t, nil
}

func (t APIToken) check() error {
	var f problem.Fields
	checkName(&f, t.Name)
	switch {
	case t.Role != Administrator && t.Role != Organiser && t.Role != MailSystem:
		f.Add("role", "choice")
	case t.Role != Organiser && t.ProgrammeID != "": // there is no administrator of a part, and one mailbox for all
		f.Add("programme_id", "choice")
	}
	if life := t.ExpiresAt.Sub(t.CreatedAt); life <= 0 || life > maxTokenLife {
		f.Add("expires_at", "token_life", "most", int(maxTokenLife/(24*time.Hour)))
	}
	return f.Err()
}

// Token returns the API token with this secret, or ErrToken.
func Token(ctx context.Context, tx *store.Tx, plain string) (APIToken, error) {
	t, err := selectToken(ctx, tx, hashOf(plain))
	if errors.Is(err, store.ErrNoRow) {
		return APIToken{}, ErrToken
	}
	if err != nil {
		return APIToken{}, fmt.Errorf("look up an API token: %w", err)
	}
	if !t.RevokedAt.IsZero() || !tx.Now.Before(t.ExpiresAt) {
		return APIToken{}, ErrToken
	}
	return t, nil
}

// TouchToken notes that the token is in use, once a minute at most.
func TouchToken(ctx context.Context, tx *store.Tx, id string) error {
	if err := updateTokenUsed(ctx, tx, id); err != nil {
		return fmt.Errorf("note the use of an API token: %w", err)
	}
	return nil
}

// Tokens lists all API tokens, newest first, also those that have ended.
func Tokens(ctx context.Context, tx *store.Tx) ([]APIToken, error) {
	return selectTokens(ctx, tx)
}

// RevokeToken ends the token from this moment on. It is problem.ErrMissing for
// an unknown one.
func RevokeToken(ctx context.Context, tx *store.Tx, id string) error {
	known, err := updateTokenRevoked(ctx, tx, id)
	if err != nil {
		return fmt.Errorf("revoke API token: %w", err)
	}
	if !known {
		return problem.ErrMissing
	}
	return nil
}
