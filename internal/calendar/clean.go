package calendar

import (
	"strings"
	"unicode"
)

// text makes what a person typed fit for a TEXT value (RFC 5545 3.3.11): whole
// characters, lines that end in LF, nothing that controls a terminal or could
// begin a property of its own. White space around it goes, since a folded line
// of nothing but spaces ends the event for some readers. The library escapes
// what is left.
func text(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.TrimSpace(strings.Map(printable, s))
}

// printable turns other breaks of a line into LF and a tab into a space, so
// that words stay apart, and drops all other controls.
func printable(r rune) rune {
	switch r {
	case '\n', '\r', '\u2028', '\u2029':
		return '\n'
	case '\t':
		return ' '
	}
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

// oneLine is text without breaks.
func oneLine(s string) string {
	return strings.Join(strings.Fields(text(s)), " ")
}

// name makes a person's name fit to stand between quotation marks as a
// parameter, where nothing can be escaped (RFC 5545 3.2). The carets of RFC
// 6868 would do, but older readers show them.
func name(s string) string {
	return strings.NewReplacer(`"`, "”", `\`, "/").Replace(oneLine(s))
}

// mailto is the address as a URI: what is allowed in an address but means
// something else in a URI, or nothing, is written in hexadecimal (RFC 6068 2).
func mailto(email string) string {
	return "mailto:" + strings.NewReplacer(
		"%", "%25", "?", "%3F", "#", "%23", "^", "%5E", "`", "%60", "{", "%7B", "|", "%7C", "}", "%7D",
	).Replace(email)
}
