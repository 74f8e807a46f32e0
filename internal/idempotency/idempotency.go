// Package idempotency remembers what was answered to a request that carried a
// key, so that the same request sent again – by a double click, a retry, or
// after a crash – gets the same answer and changes nothing. Look and Keep belong
// in the one writing transaction of the effect: then two at once wait for each
// other, and an answer is kept exactly when its effect is.
package idempotency

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// life is how long an answer is kept; after that the key is as good as new.
const life = 48 * time.Hour

// ErrReused says that the key came before with another request.
var ErrReused = &problem.Problem{Kind: problem.Invalid, Code: "idempotency_key_reused"}

// Answer is what was answered to a request. Refusals by validation are not
// kept: whoever corrects them may use the key again.
type Answer struct {
	Status int // of HTTP
	Body   string
}

// Look finds the answer given to the caller's request under this key; found is
// false when there is none, or only one older than 48 hours. Another request
// under the same key is ErrReused. The transaction must be a writing one.
func Look(ctx context.Context, tx *store.Tx, caller, key, request string) (a Answer, found bool, err error) {
	type row struct {
		request string
		answer  Answer
	}
	kept, err := store.One(ctx, tx, func(r store.Row) (x row, err error) {
		return x, r.Scan(&x.request, &x.answer.Status, &x.answer.Body)
	}, `SELECT request, status, answer FROM idempotency WHERE caller = ? AND key = ? AND created_at > ?`,
		caller, key, oldest(tx))
	switch {
	case errors.Is(err, store.ErrNoRow):
		return Answer{}, false, nil
	case err != nil:
		return Answer{}, false, fmt.Errorf("look for an answer given before: %w", err)
	case kept.request != request:
		return Answer{}, false, ErrReused
	}
	return kept.answer, true, nil
}

// Keep stores the answer, for Look to find for 48 hours. It is an error when
// the key has one already.
func Keep(ctx context.Context, tx *store.Tx, caller, key, request string, a Answer) error {
	_, err := store.Exec(ctx, tx, `DELETE FROM idempotency WHERE caller = ? AND key = ? AND created_at <= ?`, caller, key, oldest(tx))
	if err != nil {
		return fmt.Errorf("forget an old answer: %w", err)
	}
	_, err = store.Exec(ctx, tx, `
		INSERT INTO idempotency (caller, key, request, status, answer, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
		caller, key, request, a.Status, a.Body, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	return nil
}

// Forget deletes the answers in which an address stands, in whatever case it was
// typed.
func Forget(ctx context.Context, tx *store.Tx, email string) error {
	escaped := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(strings.ToLower(email))
	if _, err := store.Exec(ctx, tx, `DELETE FROM idempotency WHERE lower(answer) LIKE ? ESCAPE '\'`, "%"+escaped+"%"); err != nil {
		return fmt.Errorf("forget answers to an address: %w", err)
	}
	return nil
}

// Sweep deletes what is older than 48 hours.
func Sweep(ctx context.Context, tx *store.Tx) error {
	if _, err := store.Exec(ctx, tx, `DELETE FROM idempotency WHERE created_at <= ?`, oldest(tx)); err != nil {
		return fmt.Errorf("forget old answers: %w", err)
	}
	return nil
}

// oldest is the moment after which an answer must have been given to count.
func oldest(tx *store.Tx) any { return store.At(tx.Now.Add(-life)) }

// Hash makes one short text of a request, by which it is known again. What was
// sent cannot be read out of it.
func Hash(method, path string, body []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s %d:%s ", len(method), method, len(path), path)
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}
