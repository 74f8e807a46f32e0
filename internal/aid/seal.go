package aid

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Keys seal the numbers of people whose firm has no other: one to encrypt, one to
// know two that are the same. They come from a file outside of the database.
type Keys struct{ seal, mac []byte }

// leastSecret is how long the secret is at least, in bytes.
const leastSecret = 32

// NewKeys makes the keys from a secret of at least 32 bytes, spaces around it apart.
func NewKeys(secret []byte) (*Keys, error) {
	text := strings.TrimSpace(string(secret))
	if len(text) < leastSecret {
		return nil, fmt.Errorf("the secret has %d bytes, it must have at least %d: make one with openssl rand -base64 32", len(text), leastSecret)
	}
	seal, err := hkdf.Key(sha256.New, []byte(text), nil, "stafett aid number seal", 32)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	mac, err := hkdf.Key(sha256.New, []byte(text), nil, "stafett aid number mac", 32)
	if err != nil {
		return nil, fmt.Errorf("derive a key: %w", err)
	}
	return &Keys{seal, mac}, nil
}

var (
	// ErrNoKey says that no number can be stored or read here: no key is set.
	ErrNoKey = &problem.Problem{Kind: problem.Conflict, Code: "aid_no_key"}
	// errSealed says that a stored number does not open with this key.
	errSealed = errors.New("a sealed number does not open: it was sealed with another key")
)

func (k *Keys) aead() (cipher.AEAD, error) {
	block, err := aes.NewCipher(k.seal)
	if err != nil {
		return nil, fmt.Errorf("make a cipher: %w", err)
	}
	return cipher.NewGCM(block)
}

// close seals a number for one recipient: it opens for no other.
func (k *Keys) close(number, recipientID string) ([]byte, error) {
	a, err := k.aead()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, a.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	return a.Seal(nonce, nonce, []byte(number), []byte(recipientID)), nil
}

func (k *Keys) open(sealed []byte, recipientID string) (string, error) {
	a, err := k.aead()
	if err != nil {
		return "", err
	}
	if len(sealed) < a.NonceSize() {
		return "", errSealed
	}
	plain, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], []byte(recipientID))
	if err != nil {
		return "", errSealed
	}
	return string(plain), nil
}

func (k *Keys) hash(number string) string {
	h := hmac.New(sha256.New, k.mac)
	h.Write([]byte(number))
	return hex.EncodeToString(h.Sum(nil))
}

// Masked stands for a personal number wherever it is shown.
const Masked = "••••••-••••"

// SetNumber stores, sealed, the personal number of whoever the case is about, when
// their firm has no other. Two recipients with one number are one undertaking. The
// error at the field number never holds what was typed.
func (k *Keys) SetNumber(ctx context.Context, tx *store.Tx, caseID, typed string, by audit.Actor) error {
	if k == nil {
		return ErrNoKey
	}
	c, err := Find(ctx, tx, caseID)
	if err != nil {
		return err
	}
	r, err := c.Recipient(ctx, tx)
	if err != nil {
		return err
	}
	if r.CompanyID != "" {
		return ErrNotNow
	}
	number, ok := company.PersonalNumber(typed)
	if !ok {
		return problem.Fields{{Name: "number", Code: "aid_number"}}.Err()
	}
	sealed, err := k.close(number, r.ID)
	if err != nil {
		return err
	}
	mac := k.hash(number)
	if _, err := store.Exec(ctx, tx, `UPDATE aid_recipient SET number_sealed = ?, number_mac = ? WHERE id = ?`, sealed, mac, r.ID); err != nil {
		return fmt.Errorf("store a number: %w", err)
	}
	same, err := store.All(ctx, tx, store.Value[string], `SELECT DISTINCT undertaking_id FROM aid_recipient WHERE number_mac = ? AND undertaking_id <> ?`, mac, r.UndertakingID)
	if err != nil {
		return err
	}
	for _, other := range same {
		if err := join(ctx, tx, other, r.UndertakingID); err != nil {
			return err
		}
	}
	if _, err := store.Exec(ctx, tx, `UPDATE aid_record SET number_sealed = ? WHERE pseudonym = ?`, sealed, r.ID); err != nil {
		return fmt.Errorf("keep a number: %w", err)
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: c.ProgrammeID, Action: "aid.number", ObjectKind: "aid_case", ObjectID: c.ID})
}

// Number opens the number of whoever the case is about, for the register, and notes
// who looked at it.
func (k *Keys) Number(ctx context.Context, tx *store.Tx, caseID string, by audit.Actor) (string, error) {
	if k == nil {
		return "", ErrNoKey
	}
	c, err := Find(ctx, tx, caseID)
	if err != nil {
		return "", err
	}
	sealed, err := store.One(ctx, tx, store.Value[[]byte], `SELECT number_sealed FROM aid_recipient WHERE id = ?`, c.RecipientID)
	if err != nil {
		return "", err
	}
	if sealed == nil {
		return "", problem.ErrMissing
	}
	number, err := k.open(sealed, c.RecipientID)
	if err != nil {
		return "", err
	}
	err = audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: c.ProgrammeID, Action: "aid.number_shown", ObjectKind: "aid_case", ObjectID: c.ID})
	return company.Format("SE", number), err
}
