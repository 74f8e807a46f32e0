package calendar

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// lineLimit is how many octets a line may have without its end (RFC 5545 3.1).
const lineLimit = 75

// fold breaks long lines in two or more, each after the first beginning with a
// space that the reader takes away.
func fold(lines string) []byte {
	var b bytes.Buffer
	for line := range strings.SplitSeq(strings.TrimSuffix(lines, "\r\n"), "\r\n") {
		for limit := lineLimit; len(line) > limit; limit = lineLimit - 1 {
			n := breakAt(line, limit)
			b.WriteString(line[:n] + "\r\n ")
			line = line[n:]
		}
		b.WriteString(line + "\r\n")
	}
	return b.Bytes()
}

// breakAt finds the last place within the limit that stands before a whole
// character other than a space. A part of nothing but spaces would look like an
// empty line, and some readers stop there; it is only made of a line that holds
// nothing else.
func breakAt(line string, limit int) int {
	n := limit
	for n > 0 && (line[n] == ' ' || !utf8.RuneStart(line[n])) {
		n--
	}
	if n > 0 {
		return n
	}
	for n = limit; !utf8.RuneStart(line[n]); {
		n--
	}
	return n
}
