package transport

import (
	"regexp"
	"strings"
	"unicode"
)

const longestAnswer = 200 // characters

var anyAddress = regexp.MustCompile(`[^\s<>()\[\]"',;:]+@[^\s<>()\[\]"',;:]+`)

// masked is a server's answer as it may be stored and shown: on one line, cut,
// with addresses and the given secrets replaced by "…". Servers like to repeat
// the address that they refuse.
func masked(answer string, secrets ...string) string {
	answer = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, strings.ToValidUTF8(answer, ""))
	for _, secret := range secrets {
		if len(secret) >= 3 { // a shorter one would hide half of the words
			inAnyCase := regexp.MustCompile(`(?i)` + regexp.QuoteMeta(secret))
			answer = inAnyCase.ReplaceAllLiteralString(answer, "…")
		}
	}
	answer = anyAddress.ReplaceAllString(answer, "…")
	answer = strings.Join(strings.Fields(answer), " ")
	if runes := []rune(answer); len(runes) > longestAnswer {
		answer = string(runes[:longestAnswer-1]) + "…"
	}
	return answer
}
