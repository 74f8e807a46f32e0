package certificate

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/locale"
)

// Paper is a certificate in words, in one language. It holds no personal number
// and no address.
type Paper struct {
	Language                  locale.Language
	Brand                     string // the programme's name
	Heading, Lead, Name, Took string
	Title                     string // of the event, in its own language
	Facts                     []Fact // when, how long, where, by whom
	Heads                     string // above the occasions; empty: there are none
	Occasions                 []Fact // of a series: the day, and how long and where
	Issued, Code              Fact
	CheckAt, Address          string // where anybody can check it
}

// Fact is a word and what it is answered with.
type Fact struct{ Label, Value string }

// Words are what a paper needs besides the certificate.
type Words struct {
	Texts   *locale.Catalogue
	Place   string // the name of the event's municipality, if it has one
	BaseURL string // https://… of this installation
}

// Write puts a certificate into words. The dates are those of the event's own
// calendar.
func (c Certificate) Write(lang locale.Language, w Words) (Paper, error) {
	t := &writer{lang: lang, texts: w.Texts}
	p := Paper{
		Language: lang, Brand: c.Programme.Name, Heading: t.text("certificate.title"), Lead: t.text("certificate.lead"),
		Name: c.Name, Took: t.text("certificate.took"), Title: c.Event.Title,
		Facts: []Fact{
			{t.text("certificate.date"), capital(locale.Days(lang, c.Event.LocalStart(), c.Event.LocalEnd()))},
			{t.text("certificate.length"), c.length(t)},
			{t.text("certificate.place"), c.place(t, w.Place)},
			{t.text("certificate.organiser"), c.organiser(t)},
		},
		Issued:  Fact{t.text("certificate.issued"), capital(locale.Date(lang, c.issuedOn()))},
		Code:    Fact{t.text("certificate.code"), c.Shown()},
		CheckAt: t.text("certificate.check_at"), Address: c.Address(w.BaseURL),
	}
	return p, t.err
}

// length is how long the event lasted, in words.
func (c Certificate) length(t *writer) string {
	if c.Minutes() == 0 {
		return t.text("certificate.days", "n", c.Days())
	}
	return locale.Duration(t.lang, c.Minutes())
}

// organiser is who answers for the certificate, with the number.
func (c Certificate) organiser(t *writer) string {
	if number := c.Programme.OrgNumber; number != "" {
		return c.Organiser() + ", " + t.text("certificate.org_number", "number", company.Format(c.Programme.Country, number))
	}
	return c.Organiser()
}

// Address is where anybody can check the certificate.
func (c Certificate) Address(baseURL string) string { return baseURL + "/certificate/" + c.Shown() }

// place is where the person took part.
func (c Certificate) place(t *writer, town string) string {
	if c.Mode == event.Online {
		return t.text("certificate.online")
	}
	var parts []string
	for _, s := range []string{c.Event.VenueName, town} {
		if s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, ", ")
}

// writer looks texts up and keeps the first error.
type writer struct {
	lang  locale.Language
	texts *locale.Catalogue
	err   error
}

func (w *writer) text(key string, args ...any) string {
	s, err := w.texts.Text(w.lang, key, args...)
	if w.err == nil {
		w.err = err
	}
	return s
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
