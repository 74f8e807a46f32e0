package user

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrLink says that a link is not good, or no longer: used, expired, replaced by
// a newer one, or made for something else.
var ErrLink = &problem.Problem{Kind: problem.Missing, Code: "link_spent"}

// The purposes of links.
const (
	SetPasswordLink = "set_password" // choose a password
	SignInLink      = "sign_in"      // in, without one
)

// NewLink returns the secret for a link with which the user, once and within
// its life, does what the purpose says. Older links of the user for the same
// purpose end. It is problem.ErrMissing for an unknown or disabled user.
func NewLink(ctx context.Context, tx *store.Tx, userID, purpose string, life time.Duration) (token string, err error) {
	if err := deleteLinks(ctx, tx, userID, purpose); err != nil {
		return "", fmt.Errorf("end older links: %w", err)
	}
	token = tx.NewToken()
	added, err := insertLink(ctx, tx, hashOf(token), userID, purpose, tx.Now.Add(life))
	if err != nil {
		return "", fmt.Errorf("make a link to %s: %w", purpose, err)
	}
	if !added {
		return "", problem.ErrMissing
	}
	return token, nil
}

// LinkUser returns whose link it is, or ErrLink. It only looks: programs that
// read mail open links before people do.
func LinkUser(ctx context.Context, tx *store.Tx, token, purpose string) (User, error) {
	userID, err := selectLink(ctx, tx, hashOf(token), purpose)
	return ofLink(ctx, tx, userID, err)
}

// UseLink uses the link up and returns whose it is, or ErrLink. What the link is
// good for belongs in the same transaction. Of two at the same moment one wins.
func UseLink(ctx context.Context, tx *store.Tx, token, purpose string) (User, error) {
	userID, err := updateLinkUsed(ctx, tx, hashOf(token), purpose)
	return ofLink(ctx, tx, userID, err)
}

func ofLink(ctx context.Context, tx *store.Tx, userID string, err error) (User, error) {
	if errors.Is(err, store.ErrNoRow) {
		return User{}, ErrLink
	}
	if err != nil {
		return User{}, fmt.Errorf("look up a link: %w", err)
	}
	return Find(ctx, tx, userID)
}
