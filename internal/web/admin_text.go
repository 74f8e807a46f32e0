package web

import (
	"strings"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/unicode/norm"

	"stafett/internal/locale"
	"stafett/internal/problem"
)

// maxTyped is the length in characters at which any field of an organiser's form
// is refused; most fields have a shorter limit of their own.
const maxTyped = 20_000

// typedLine is a form's field of one line, trimmed and composed. What could
// deceive a reader or a mail program is kept to be shown again and refused.
func typedLine(c *gin.Context, name string, f *problem.Fields) string {
	return checkTyped(name, c.PostForm(name), false, f)
}

// typedText is a field that may have several lines.
func typedText(c *gin.Context, name string, f *problem.Fields) string {
	return checkTyped(name, c.PostForm(name), true, f)
}

func checkTyped(name, s string, breaks bool, f *problem.Fields) string {
	s = strings.TrimSpace(norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n")))
	if utf8.RuneCountInString(s) > maxTyped {
		f.Add(name, "too_long", "most", maxTyped)
	}
	if locale.Deceptive(s, breaks) {
		f.Add(name, "characters")
	}
	return s
}

// fullLines are the lines of a text that are not empty.
func fullLines(s string) []string {
	var found []string
	for _, l := range strings.Split(s, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			found = append(found, l)
		}
	}
	return found
}
