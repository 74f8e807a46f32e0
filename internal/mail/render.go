package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"strings"
	texttemplate "text/template"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
	files "stafett/templates"
)

// Rendered is a letter as the recipient reads it.
type Rendered struct {
	Subject, HTML, Text string
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
	replyTo  string
	oneClick string // of news: the address that ends them
}

// draft writes a letter from the facts.
func (m *Mailer) draft(f facts, l links) (draft, error) {
	w := &writer{facts: f, links: l, texts: m.texts, places: m.places, log: m.log,
		replyTo: replyAddress(m.settings, f), method: f.method()}
	content, err := w.content()
	if err != nil {
		return draft{}, err
	}
	d := draft{replyTo: w.replyTo, oneClick: w.oneClick(), Rendered: Rendered{Subject: content.Subject, Method: w.method}}
	if d.HTML, d.Text, err = m.templates[f.language].print(content); err != nil {
		return d, err
	}
	if d.ticket, err = w.ticketPDF(); err != nil {
		return d, err
	}
	d.calendar, err = w.calendar(m.settings)
	return d, err
}

// Preview renders a message from what is true in the transaction, which may be
// one that only reads. It stores nothing, and the personal links in it open
// nothing. A message without a registration is shown as it would go to an
// invented person.
func (m *Mailer) Preview(ctx context.Context, tx *store.Tx, msg message.Message) (Rendered, error) {
	var f facts
	var err error
	if msg.RegistrationID == "" && (msg.Letter != message.News || msg.Details.SubscriptionID == "") {
		f, err = m.sample(ctx, tx, msg)
	} else {
		f, err = readFacts(ctx, tx, msg)
	}
	if err != nil {
		return Rendered{}, err
	}
	if _, ok := m.templates[f.language]; !ok {
		return Rendered{}, fmt.Errorf("no letters in the language %q", f.language)
	}
	l, err := makeLinks(f, m.settings.BaseURL, sampleTokens)
	if err != nil {
		return Rendered{}, err
	}
	d, err := m.draft(f, l)
	return d.Rendered, err
}

// sample stands somebody in who takes part in the message's event.
func (m *Mailer) sample(ctx context.Context, tx *store.Tx, msg message.Message) (facts, error) {
	f := facts{Message: msg, now: tx.Now, language: locale.Language(msg.Language), invited: -1, position: 1}
	if msg.Letter == message.News && msg.EventID == "" {
		if err := f.readProgramme(ctx, tx); err != nil {
			return f, err
		}
	} else if err := f.readEvent(ctx, tx, msg.EventID); err != nil {
		return f, err
	}
	name := func(key string) string {
		text, _ := m.texts.Text(f.language, key) // an invented name in another language does as well
		return text
	}
	f.registration = registration.Registration{
		ID: "sample", EventID: msg.EventID, Status: registration.Confirmed, Mode: f.event.Modes()[0],
		Email: "name@example.org", FirstName: name("mail.sample.first_name"), LastName: name("mail.sample.last_name"),
		Language: msg.Language, JoinedAt: tx.Now, CalendarUID: "sample",
	}
	if msg.Letter == message.Roster {
		f.registration = registration.Registration{}
		return f, f.readOrganisers(ctx, tx)
	}
	if msg.Letter == message.OwnWords && msg.Details.Rule == nil && msg.Details.RuleID == "" { // a kind of letter, and no rule of anybody's
		text := message.RuleText{Language: msg.Language, Subject: name("mail.sample.own_subject"), Body: name("mail.sample.own_body")}
		f.Details.Rule = &message.Rule{Letter: message.OwnWords, Audience: message.WithPlace, Anchor: "start", Texts: []message.RuleText{text}}
	}
	if err := f.readRule(ctx, tx); err != nil {
		return f, err
	}
	f.stand()
	if (msg.Letter == message.HourBefore || msg.Letter == message.Mailing) && f.event.HasMode(event.Online) {
		f.registration.Mode = event.Online
	}
	if msg.Letter.Method() == "CANCEL" {
		f.invited = 0
	}
	if msg.Letter == message.Mailing || msg.Letter == message.News {
		var err error
		if f.mailing, err = sampleMailing(ctx, tx, f); err != nil {
			return f, err
		}
	}
	if f.Recipient == "" {
		f.Recipient = f.registration.Email
	}
	if msg.Letter == message.News {
		f.asReader()
	}
	return f, nil
}
