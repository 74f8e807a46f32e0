package user

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"unicode"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"
)

// Hasher turns passwords into hashes, a few at a time: each takes 19 MiB and a
// good part of a core, on purpose. It takes too long for a transaction. It is
// safe for concurrent use.
type Hasher struct{ slots chan struct{} }

const atOnce = 4

// NewHasher returns the one hasher of the program: its limit holds for whatever
// goes through it.
func NewHasher() *Hasher {
	return &Hasher{slots: make(chan struct{}, atOnce)}
}

// cost is how much work a guess is.
type cost struct {
	memory, time uint32 // KiB, rounds
	threads      uint8
}

const (
	saltLength = 16
	keyLength  = 32
)

// current is one of the settings that OWASP's cheat sheet on storing passwords
// recommends for argon2id.
func current() cost { return cost{memory: 19 * 1024, time: 2, threads: 1} }

// Hash returns what is stored in place of the password: argon2id with a salt of
// its own, in PHC form.
func (h *Hasher) Hash(plain string) (string, error) {
	salt := make([]byte, saltLength)
	if _, err := io.ReadFull(rand.Reader, salt); err != nil {
		return "", fmt.Errorf("make a salt: %w", err)
	}
	made := hashed{current(), salt, h.key(plain, current(), salt, keyLength)}
	return made.String(), nil
}

// Verify reports whether the password belongs to the hash. Without a hash, or
// with one that cannot be read, it says no after the same work.
func (h *Hasher) Verify(hash, plain string) bool {
	stored, ok := parseHash(hash)
	if !ok {
		h.VerifyNothing(plain)
		return false
	}
	key := h.key(plain, stored.cost, stored.salt, len(stored.key))
	return subtle.ConstantTimeCompare(key, stored.key) == 1
}

// VerifyNothing works as long as Verify, so that the time does not tell whether
// there is an account.
func (h *Hasher) VerifyNothing(plain string) {
	h.key(plain, current(), make([]byte, saltLength), keyLength)
}

func (h *Hasher) key(plain string, c cost, salt []byte, length int) []byte {
	h.slots <- struct{}{}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(prepared(plain)), salt, c.time, c.memory, c.threads, uint32(length))
}

// prepared makes the same password the same bytes on every keyboard (RFC 8265
// 4.2): one computer sends å as one character, another as a and a ring.
func prepared(plain string) string {
	spaces := func(r rune) rune {
		if unicode.Is(unicode.Zs, r) {
			return ' '
		}
		return r
	}
	return norm.NFC.String(strings.Map(spaces, plain))
}

// hashed is a stored hash in parts.
type hashed struct {
	cost
	salt, key []byte
}

// String writes the PHC form, as $argon2id$v=19$m=19456,t=2,p=1$salt$key.
func (x hashed) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$%s$%s$%s", argon2.Version, x.cost, b64(x.salt), b64(x.key))
}

func (c cost) String() string {
	return fmt.Sprintf("m=%d,t=%d,p=%d", c.memory, c.time, c.threads)
}

// parseHash refuses what is not exactly as String writes it, and costs far from
// ours: a spoilt row must not take all memory.
func parseHash(s string) (x hashed, ok bool) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 {
		return x, false
	}
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &x.memory, &x.time, &x.threads); err != nil {
		return x, false
	}
	var saltErr, keyErr error
	x.salt, saltErr = base64.RawStdEncoding.DecodeString(parts[4])
	x.key, keyErr = base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || keyErr != nil || x.String() != s {
		return x, false
	}
	return x, x.reasonable() && len(x.salt) >= 8 && len(x.key) >= 16 && len(x.key) <= 64
}

func (c cost) reasonable() bool {
	return c.memory >= 8*1024 && c.memory <= 64*1024 && c.time >= 1 && c.time <= 8 && c.threads >= 1 && c.threads <= 4
}
