package person

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrLink says that a link to one's own page is not good, or no longer: used,
// expired, or replaced by a newer one.
var ErrLink = &problem.Problem{Kind: problem.Missing, Code: "link_spent"}

// LinkLife is how long a link to one's own page is good, from when the letter
// with it is written.
const LinkLife = 15 * time.Minute

// How many letters with a link go to one address within LinkLife, and within an
// hour. They are counted by themselves: what strangers cause with other letters
// must not keep anybody from their own page, nor the other way round.
const (
	mostLinks     = 3
	mostLinksHour = 10
)

// Asking is a wish for a link to one's own page.
type Asking struct {
	Email string // as typed
	Next  string // the page of one's own where the link leads; empty: the first
	// Newcomer is whoever asks where somebody may come who has never signed up for
	// anything: an unknown address then becomes a person, of whom nothing else is
	// known, and gets the link as well. The letter is the programme's, in Language.
	Newcomer              bool
	Language, ProgrammeID string
}

// mostLinksDay is how many letters with a link go to an address in a day that has
// not shown to be anybody's.
const mostLinksDay = 30

// AskLink sends a link to their own page to whoever has the address. For an
// address that nobody has, or that has had enough letters lately, it does
// nothing: who asks is told the same in each case.
func AskLink(ctx context.Context, tx *store.Tx, a Asking) error {
	address, err := Address(a.Email)
	if err != nil {
		return nil
	}
	p, err := one(ctx, tx, `WHERE email = ?`, address)
	if errors.Is(err, problem.ErrMissing) {
		if !a.Newcomer {
			return nil
		}
		p, err = Ensure(ctx, tx, Person{Email: address, Language: a.Language})
	}
	if err != nil {
		return err
	}
	if p.Name() == "" {
		day, err := message.CountTo(ctx, tx, address, message.SignIn, tx.Now.AddDate(0, 0, -1))
		if err != nil || day >= mostLinksDay {
			return err
		}
	}
	lately, err := message.CountTo(ctx, tx, address, message.SignIn, tx.Now.Add(-LinkLife))
	if err != nil || lately >= mostLinks {
		return err
	}
	hour, err := message.CountTo(ctx, tx, address, message.SignIn, tx.Now.Add(-time.Hour))
	if err != nil || hour >= mostLinksHour {
		return err
	}
	programmeID, err := newestProgramme(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	if programmeID == "" {
		programmeID = a.ProgrammeID
	}
	_, err = message.Enqueue(ctx, tx, message.Request{
		Key:    fmt.Sprintf("%s:%s:%s:%d", message.SignIn, p.ID, store.At(tx.Now), lately),
		Letter: message.SignIn, Recipient: address, Language: p.Language, ProgrammeID: programmeID,
		NotAfter: tx.Now.Add(LinkLife), Details: message.Details{Next: a.Next},
	})
	return err
}

// newestProgramme is the programme that the person signed up in last, which
// signs letters about the person; empty when there is none.
func newestProgramme(ctx context.Context, tx *store.Tx, personID string) (string, error) {
	id, err := store.One(ctx, tx, store.Value[string], `
		SELECT e.programme_id FROM registration r JOIN event e ON e.id = r.event_id
		WHERE r.person_id = ? ORDER BY r.created_at DESC, r.id DESC LIMIT 1`, personID)
	if errors.Is(err, store.ErrNoRow) {
		return "", nil
	}
	return id, err
}

// NewLink returns the secret of a link with which the person, once and within
// its life, comes to their own page. Older links of the person end.
func NewLink(ctx context.Context, tx *store.Tx, personID string, life time.Duration) (token string, err error) {
	if _, err := store.Exec(ctx, tx, `DELETE FROM person_link WHERE person_id = ? AND used_at IS NULL`, personID); err != nil {
		return "", fmt.Errorf("end older links: %w", err)
	}
	token = tx.NewToken()
	_, err = store.Exec(ctx, tx, `INSERT INTO person_link (token_hash, person_id, expires_at, created_at) VALUES (?, ?, ?, ?)`,
		hashOf(token), personID, store.At(tx.Now.Add(life)), store.At(tx.Now))
	if err != nil {
		return "", fmt.Errorf("make a link to one's own page: %w", err)
	}
	return token, nil
}

// linkGood is true of a link that has not been used and not ended.
const linkGood = ` token_hash = ? AND used_at IS NULL AND expires_at > ? `

// LinkPerson returns whose link it is, or ErrLink. It only looks: programs that
// read mail open links before people do.
func LinkPerson(ctx context.Context, tx *store.Tx, token string) (Person, error) {
	id, err := store.One(ctx, tx, store.Value[string], `SELECT person_id FROM person_link WHERE`+linkGood, hashOf(token), store.At(tx.Now))
	return ofLink(ctx, tx, id, err)
}

// UseLink uses the link up, begins a session and returns whose it is with the
// session's secret, or ErrLink. Of two at the same moment one wins.
func UseLink(ctx context.Context, tx *store.Tx, token string) (p Person, session string, err error) {
	id, err := store.One(ctx, tx, store.Value[string], `UPDATE person_link SET used_at = ? WHERE`+linkGood+`RETURNING person_id`,
		store.At(tx.Now), hashOf(token), store.At(tx.Now))
	if p, err = ofLink(ctx, tx, id, err); err != nil {
		return p, "", err
	}
	session, err = newSession(ctx, tx, p.ID)
	return p, session, err
}

func ofLink(ctx context.Context, tx *store.Tx, id string, err error) (Person, error) {
	if errors.Is(err, store.ErrNoRow) {
		return Person{}, ErrLink
	}
	if err != nil {
		return Person{}, fmt.Errorf("look up a link: %w", err)
	}
	return Find(ctx, tx, id)
}

// hashOf is how a secret is stored. One so long cannot be guessed, so it needs
// neither salt nor a slow hash.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
