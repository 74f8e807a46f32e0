package mail

import (
	"regexp"
	"strings"
)

// Words are what an organiser wrote for many: paragraphs, with links.
type Words struct {
	Paragraphs []Paragraph
	Language   string // when it is not the letter's
}

// Start is the beginning of the words, for a list of mail.
func (w Words) Start() string {
	if len(w.Paragraphs) == 0 {
		return ""
	}
	line, _, _ := strings.Cut(w.Paragraphs[0].Plain(), "\n")
	return line
}

// Paragraph is text with links in it.
type Paragraph []Span

// Span is a piece of text, which may be a link. Text without a link may have
// several lines.
type Span struct{ Text, URL string }

// Plain is the paragraph without the addresses of its links.
func (p Paragraph) Plain() string {
	var b strings.Builder
	for _, s := range p {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Links are the spans that lead somewhere.
func (p Paragraph) Links() []Span {
	var links []Span
	for _, s := range p {
		if s.URL != "" {
			links = append(links, s)
		}
	}
	return links
}

// link is a link of Markdown to a page or an address, and to nothing else.
var link = regexp.MustCompile(`\[([^\[\]\n]+)\]\((https?://[^\s()]+|mailto:[^\s()]+)\)`)

var blankLines = regexp.MustCompile(`\n[ \t]*(\n[ \t]*)+`)

// parseWords divides what an organiser wrote at its blank lines.
func parseWords(s, language string) *Words {
	w := &Words{Language: language}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	for _, part := range blankLines.Split(s, -1) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		var p Paragraph
		at := 0
		for _, m := range link.FindAllStringSubmatchIndex(part, -1) {
			if m[0] > at {
				p = append(p, Span{Text: part[at:m[0]]})
			}
			p, at = append(p, Span{Text: part[m[2]:m[3]], URL: part[m[4]:m[5]]}), m[1]
		}
		if at < len(part) {
			p = append(p, Span{Text: part[at:]})
		}
		w.Paragraphs = append(w.Paragraphs, p)
	}
	return w
}
