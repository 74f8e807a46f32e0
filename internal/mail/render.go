package mail

import (
	"bytes"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"

	"stafett/internal/locale"
	files "stafett/templates"
)

// Rendered is a letter as the recipient reads it.
type Rendered struct {
	Subject, HTML, Text string
	Preheader           string // what a list of mail shows beside the subject
	Method              string // REQUEST or CANCEL when a calendar object goes with it, else empty
}

// errNoText says that there is no letter of this kind.
var errNoText = errors.New("no text for this kind of letter")

// templates print one content, in one language.
type templates struct {
	html *htmltemplate.Template
	text *texttemplate.Template
}

func parse(texts *locale.Catalogue) (map[locale.Language]templates, error) {
	all := map[locale.Language]templates{}
	for _, lang := range locale.All() {
		functions := map[string]any{
			"t":      func(key string) (string, error) { return texts.Text(lang, key) },
			"light":  light.colour,
			"dark":   dark.colour,
			"lines":  func(s string) []string { return strings.Split(s, "\n") },
			"indent": func(by, s string) string { return strings.ReplaceAll(s, "\n", "\n"+by) },
		}
		html, err := htmltemplate.New("letter.html").Funcs(functions).ParseFS(files.Files, "mail/letter.html")
		if err != nil {
			return nil, fmt.Errorf("template of letters: %w", err)
		}
		text, err := texttemplate.New("letter.txt").Funcs(functions).ParseFS(files.Files, "mail/letter.txt")
		if err != nil {
			return nil, fmt.Errorf("template of letters: %w", err)
		}
		all[lang] = templates{html, text}
	}
	return all, nil
}

func (t templates) print(c Content) (html, text string, err error) {
	var h, p bytes.Buffer
	if err := t.html.Execute(&h, c); err != nil {
		return "", "", fmt.Errorf("print letter: %w", err)
	}
	if err := t.text.Execute(&p, c); err != nil {
		return "", "", fmt.Errorf("print letter: %w", err)
	}
	return h.String(), p.String(), nil
}

// palette names the colours of a letter. Every ink is easy to read on every
// ground of its palette that it stands on (WCAG 2.2, 1.4.3).
type palette map[string]string

var (
	light = palette{"page": "#ffffff", "panel": "#eef4fa", "ink": "#20262d", "quiet": "#505a66", "link": "#005db1", "line": "#99c0e3", "button": "#0062ba", "on-button": "#ffffff"}
	dark  = palette{"page": "#0c1927", "panel": "#172f4b", "ink": "#e7edf4", "quiet": "#b4c2d3", "link": "#9cc6ee", "line": "#285182", "button": "#4c91cf", "on-button": "#000000"}
)

func (p palette) colour(name string) (string, error) {
	colour, ok := p[name]
	if !ok {
		return "", fmt.Errorf("no colour %q", name)
	}
	return colour, nil
}

// draft is a letter in all its parts, before it is written down.
type draft struct {
	Rendered
	calendar []byte
	ticket   []byte // a PDF; nil when none goes with the letter
	notice   []byte // of a grant of aid, likewise
	replyTo  string
	oneClick string // of news: the address that ends them
}

// draft writes a letter from the facts.
func (m *Mailer) draft(f facts, l links) (draft, error) {
	w := &writer{facts: f, links: l, texts: m.texts, places: m.places, log: m.log,
		replyTo: replyAddress(m.settings, f), method: f.method(), sender: m.settings.FromEmail}
	content, err := w.content()
	if err != nil {
		return draft{}, err
	}
	if f.marked() {
		content.Subject = testMark + content.Subject
		content.Footer = append([]string{w.t("mail.sample.footer")}, content.Footer...)
	}
	d := draft{replyTo: w.replyTo, oneClick: w.oneClick(), Rendered: Rendered{Subject: content.Subject, Preheader: content.Preheader, Method: w.method}}
	if d.HTML, d.Text, err = m.templates[f.language].print(content); err != nil {
		return d, err
	}
	if d.ticket, err = w.ticketPDF(); err != nil {
		return d, err
	}
	if d.notice, err = w.noticePDF(); err != nil {
		return d, err
	}
	d.calendar, err = w.calendar(m.settings)
	return d, err
}
