package registration

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Purpose is what a personal link is good for; a link of one purpose is refused
// for another.
type Purpose string

// The purposes.
const (
	Manage      Purpose = "registration" // /r/{token}: see, change, give up
	JoinMeeting Purpose = "join"         // /join/{token}: the way in
	AnswerOffer Purpose = "offer"        // /offer/{token}: yes or no to a place
	ProveEmail  Purpose = "confirm"      // /confirm/{token}: the address is mine, or that was not me
	Ticket      Purpose = "ticket"       // shown at the door; opens no page
)

// How long after the event's end links are known: a registration can still be
// seen, and the way into a meeting says that the meeting is over.
const (
	manageLife = 30 * 24 * time.Hour
	joinLife   = 24 * time.Hour
)

// NewLink makes a link and returns its token, of which only the hash is kept.
// With a link to manage comes the code of the ticket.
func NewLink(ctx context.Context, tx *store.Tx, r Registration, ev event.Event, purpose Purpose) (string, error) {
	expires := ev.EndsAt.Add(joinLife)
	if purpose == Manage {
		expires = ev.EndsAt.Add(manageLife)
	}
	token := tx.NewToken()
	if err := insertLink(ctx, tx, token, purpose, r.ID, expires); err != nil || purpose != Manage {
		return token, err
	}
	return token, insertLink(ctx, tx, TicketCode(token), Ticket, r.ID, ev.EndsAt.Add(joinLife))
}

func insertLink(ctx context.Context, tx *store.Tx, token string, purpose Purpose, registrationID string, expires time.Time) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO personal_link (token_hash, purpose, registration_id, expires_at, created_at) VALUES (?, ?, ?, ?, ?)`,
		hash(token), purpose, registrationID, store.At(expires), store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("make link: %w", err)
	}
	return nil
}

// TicketCode is the code on the ticket of whoever holds a token to manage a
// registration: 26 letters and digits, 128 bits. It follows from the token, so
// that the ticket can be shown again wherever the token is, while nothing leads
// back from the code: whoever photographs a ticket can do nothing to the place.
func TicketCode(manageToken string) string {
	mac := hmac.New(sha256.New, []byte(manageToken))
	mac.Write([]byte("ticket"))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(mac.Sum(nil)[:16])
}

// FindByLink returns the registration behind a token, or problem.ErrMissing
// when it is unknown, of another purpose, or has ended. When the event has
// moved, its links live as much longer.
func FindByLink(ctx context.Context, tx *store.Tx, token string, purpose Purpose) (Registration, error) {
	ended := tx.Now.Add(-joinLife)
	if purpose == Manage {
		ended = tx.Now.Add(-manageLife)
	}
	id, err := store.One(ctx, tx, store.Value[string], `
		SELECT l.registration_id FROM personal_link l
		JOIN registration r ON r.id = l.registration_id JOIN event e ON e.id = r.event_id
		WHERE l.token_hash = ? AND l.purpose = ? AND (l.expires_at > ? OR e.ends_at > ? OR e.status = 'postponed')`,
		hash(token), purpose, store.At(tx.Now), store.At(ended))
	if errors.Is(err, store.ErrNoRow) {
		return Registration{}, problem.ErrMissing
	}
	if err != nil {
		return Registration{}, err
	}
	return Find(ctx, tx, id)
}

// dropLinks ends every link to the registration.
func dropLinks(ctx context.Context, tx *store.Tx, registrationID string) error {
	if _, err := store.Exec(ctx, tx, `DELETE FROM personal_link WHERE registration_id = ?`, registrationID); err != nil {
		return fmt.Errorf("drop links: %w", err)
	}
	return nil
}

func hash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
