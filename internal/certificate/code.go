package certificate

import (
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// alphabet is Crockford's base 32: no I, L, O and U, so that no two signs look
// alike on paper.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// codeLength is how many characters a code has, of five bits each.
const codeLength = 16

var crockford = base32.NewEncoding(alphabet).WithPadding(base32.NoPadding)

// codeOf makes a code of 80 bits of a fresh secret, which has at least 128
// random ones.
func codeOf(secret string) string {
	sum := sha256.Sum256([]byte(secret))
	return crockford.EncodeToString(sum[:codeLength*5/8])
}

// lookAlikes are the signs that people read for others, and what is left out.
var lookAlikes = strings.NewReplacer("O", "0", "I", "1", "L", "1", "-", "", "\u2010", "", "\u2011", "", "–", "", " ", "", "\u00a0", "")

// ParseCode reads a code as somebody typed it off a paper: in small letters,
// with or without hyphens and spaces, with O for 0 and I or L for 1. It reports
// false for what can be no code.
func ParseCode(typed string) (code string, ok bool) {
	code = lookAlikes.Replace(strings.ToUpper(strings.TrimSpace(typed)))
	if len(code) != codeLength || strings.Trim(code, alphabet) != "" {
		return "", false
	}
	return code, true
}

// Show writes a code in groups, as it stands on paper: XXXX-XXXX-XXXX-XXXX.
func Show(code string) string {
	var groups []string
	for len(code) > 4 {
		groups, code = append(groups, code[:4]), code[4:]
	}
	return strings.Join(append(groups, code), "-")
}
