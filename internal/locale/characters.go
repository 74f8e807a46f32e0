package locale

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Deceptive reports whether a text has something that no person types and that
// could deceive a reader or break a mail's header: control characters, other
// line ends, reversals of direction, bytes that are no letters. Line breaks and
// tabs are let through where breaks is set.
func Deceptive(s string, breaks bool) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		if breaks && (r == '\n' || r == '\t') {
			return false
		}
		return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	})
}
