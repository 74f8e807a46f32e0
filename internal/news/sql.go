package news

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"stafett/internal/problem"
	"stafett/internal/store"
)

const selectSubscription = `SELECT s.id, s.programme_id, s.email, s.language, s.status, s.source, s.wording, s.asked_at, s.confirmed_at, s.ended_at, s.ended_by FROM subscription s `

func scanSubscription(r store.Row) (s Subscription, err error) {
	return s, r.Scan(&s.ID, &s.ProgrammeID, &s.Email, &s.Language, &s.Status, &s.Source, &s.Wording,
		store.Time(&s.AskedAt), store.Time(&s.ConfirmedAt), store.Time(&s.EndedAt), store.String((*string)(&s.EndedBy)))
}

// Find returns one subscription, or problem.ErrMissing.
func Find(ctx context.Context, tx *store.Tx, id string) (Subscription, error) {
	s, err := store.One(ctx, tx, scanSubscription, selectSubscription+`WHERE s.id = ?`, id)
	if errors.Is(err, store.ErrNoRow) {
		return s, problem.ErrMissing
	}
	return s, err
}

// Of lists what an address has asked for and not ended, by programme.
func Of(ctx context.Context, tx *store.Tx, email string) ([]Subscription, error) {
	return store.All(ctx, tx, scanSubscription, selectSubscription+`WHERE s.email = ? AND s.status <> 'ended' ORDER BY s.programme_id`, email)
}

// All lists what an address has ever asked for and is still kept, oldest first.
func All(ctx context.Context, tx *store.Tx, email string) ([]Subscription, error) {
	return store.All(ctx, tx, scanSubscription, selectSubscription+`WHERE s.email = ? ORDER BY s.asked_at, s.id`, email)
}

// Reader finds the wish of an address that gets news from a programme now.
func Reader(ctx context.Context, tx *store.Tx, programmeID, email string) (s Subscription, found bool, err error) {
	s, _, err = open(ctx, tx, programmeID, email)
	if s.Status != On {
		return Subscription{}, false, err
	}
	return s, true, err
}

// open finds the one that has not ended.
func open(ctx context.Context, tx *store.Tx, programmeID, email string) (s Subscription, found bool, err error) {
	s, err = store.One(ctx, tx, scanSubscription, selectSubscription+`WHERE s.programme_id = ? AND s.email = ? AND s.status <> 'ended'`, programmeID, email)
	if errors.Is(err, store.ErrNoRow) {
		return s, false, nil
	}
	return s, err == nil, err
}

func (s Subscription) insert(ctx context.Context, tx *store.Tx) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO subscription (id, programme_id, email, language, status, source, wording, asked_at, confirmed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.ID, s.ProgrammeID, s.Email, s.Language, s.Status, s.Source, s.Wording, store.At(s.AskedAt), store.At(s.ConfirmedAt))
	if err != nil {
		return fmt.Errorf("note who wants news: %w", err)
	}
	return nil
}

func (s Subscription) update(ctx context.Context, tx *store.Tx) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE subscription SET status = ?, source = ?, wording = ?, language = ?, asked_at = ?, confirmed_at = ?, ended_at = ?, ended_by = ? WHERE id = ?`,
		s.Status, s.Source, s.Wording, s.Language, store.At(s.AskedAt), store.At(s.ConfirmedAt), store.At(s.EndedAt), store.Text(string(s.EndedBy)), s.ID)
	if err != nil {
		return fmt.Errorf("change who wants news: %w", err)
	}
	return nil
}

// Purpose is what a link in a letter is for.
type Purpose string

// The purposes of links.
const (
	ToConfirm Purpose = "confirm"
	ToEnd     Purpose = "end"
)

// NewLink returns the secret of a link for the letter that is being written.
func NewLink(ctx context.Context, tx *store.Tx, subscriptionID string, p Purpose) (token string, err error) {
	token = tx.NewToken()
	_, err = store.Exec(ctx, tx, `INSERT INTO subscription_link (token_hash, subscription_id, purpose, created_at) VALUES (?, ?, ?, ?)`,
		hashOf(token), subscriptionID, p, store.At(tx.Now))
	if err != nil {
		return "", fmt.Errorf("make a link to news: %w", err)
	}
	return token, nil
}

// ByLink returns whose link it is, or ErrLink. It only looks: programs that read
// mail open links before people do.
func ByLink(ctx context.Context, tx *store.Tx, token string, p Purpose) (Subscription, error) {
	s, err := store.One(ctx, tx, scanSubscription, selectSubscription+`JOIN subscription_link l ON l.subscription_id = s.id WHERE l.token_hash = ? AND l.purpose = ?`, hashOf(token), p)
	if errors.Is(err, store.ErrNoRow) || err == nil && s.EndedBy == ByErasure {
		return Subscription{}, ErrLink
	}
	return s, err
}

// hashOf is how a secret is stored. One so long cannot be guessed, so it needs
// neither salt nor a slow hash.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
