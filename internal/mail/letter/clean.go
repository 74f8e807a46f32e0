package letter

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Longest header texts, in characters. A longer one is cut and ends in "…":
// better a short title than no letter.
const (
	longestName    = 200
	longestSubject = 300
)

// displayName cleans a person's or programme's name. "=?" gets a space, since
// many readers would take it for the beginning of an encoded word (RFC 2047),
// even between quotes, and show another name than was written.
func displayName(s string) string {
	s = cut(strings.ReplaceAll(oneLine(s), "=?", "= ?"), longestName)
	if !readsBack(s) {
		s = strings.ReplaceAll(s, `\`, "/")
	}
	return s
}

// readsBack tells whether the standard library can read the name that it writes.
// It cannot with a backslash in some names beyond ASCII, which it puts unchanged
// into an encoded word, where RFC 2047 5 forbids it.
func readsBack(name string) bool {
	written := mail.Address{Name: name, Address: "a@b.example"}
	read, err := mail.ParseAddress(written.String())
	return err == nil && read.Name == name
}

func subject(s string) string { return cut(oneLine(s), longestSubject) }

// oneLine makes s fit for a header field: valid UTF-8 on one line, single
// spaces, no control characters, nothing that turns the direction of writing.
func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case isControl(r) || turnsDirection(r) || r == '\uFEFF':
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

func cut(s string, longest int) string {
	if utf8.RuneCountInString(s) <= longest {
		return s
	}
	runes := []rune(s)
	return strings.TrimRight(string(runes[:longest-1]), " ") + "…"
}

func isControl(r rune) bool { return unicode.IsControl(r) }

// turnsDirection tells the embeddings, overrides and isolates of the
// bidirectional algorithm, with which a name can be made to look like another.
func turnsDirection(r rune) bool {
	return r >= '\u202A' && r <= '\u202E' || r >= '\u2066' && r <= '\u2069'
}

// longestWord keeps "Subject: " and one encoded word within the 76 characters of
// a line that RFC 2047 2 allows; go-mail's own words fill the line alone.
const longestWord = 63

// encodedWords writes a subject as RFC 2047 words in Q encoding, each of whole
// characters. Plain ASCII stays as it is, unless a reader would decode it.
func encodedWords(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) && !strings.Contains(s, "=?") {
		return s
	}
	const head, tail = "=?utf-8?q?", "?="
	var words []string
	word := head
	for _, r := range s {
		if c := qEncoded(r); len(word)+len(c)+len(tail) <= longestWord {
			word += c
		} else {
			words = append(words, word+tail)
			word = head + c
		}
	}
	return strings.Join(append(words, word+tail), " ")
}

func qEncoded(r rune) string {
	switch {
	case r == ' ':
		return "_"
	case r < utf8.RuneSelf && !strings.ContainsRune("=?_", r):
		return string(r)
	}
	var out strings.Builder
	for _, b := range []byte(string(r)) {
		fmt.Fprintf(&out, "=%02X", b)
	}
	return out.String()
}
