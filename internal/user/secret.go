package user

import (
	"crypto/sha256"
	"encoding/hex"

	"stafett/internal/store"
)

// newSecret has at least 256 random bits.
func newSecret(tx *store.Tx) string { return tx.NewToken() + tx.NewToken() }

// hashOf is how a secret is stored. One so long cannot be guessed, so it needs
// neither salt nor a slow hash.
func hashOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(sum[:])
}
