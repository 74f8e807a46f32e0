package certificate

import (
	"strings"

	"stafett/internal/locale"
)

// SeriesWords are what the paper of a series needs besides the certificate.
type SeriesWords struct {
	Texts   *locale.Catalogue
	Towns   map[string]string // names of the municipalities, by event
	BaseURL string
}

// Write puts a certificate for a series into words: the whole of it first, and
// then the occasions at which the person was, with their days and hours.
func (o OfSeries) Write(lang locale.Language, w SeriesWords) (Paper, error) {
	t := &writer{lang: lang, texts: w.Texts}
	p := Paper{
		Language: lang, Brand: o.Programme.Name, Heading: t.text("certificate.series_title"), Lead: t.text("certificate.lead"),
		Name: o.Name, Took: t.text("certificate.took_series"), Title: o.Series.Title,
		Code:    Fact{t.text("certificate.code"), o.Shown()},
		CheckAt: t.text("certificate.check_at"), Address: o.Address(w.BaseURL),
	}
	issued := o.IssuedAt
	if len(o.Attended) > 0 {
		first, last := o.Attended[0].Event, o.Attended[len(o.Attended)-1].Event
		issued = issued.In(last.Location())
		p.Facts = []Fact{
			{t.text("certificate.date"), capital(locale.Days(lang, first.LocalStart(), last.LocalEnd()))},
			{t.text("certificate.attended"), t.text("certificate.attended_of", "n", len(o.Attended), "total", o.Occasions)},
		}
		if minutes := o.Minutes(); minutes > 0 {
			p.Facts = append(p.Facts, Fact{t.text("certificate.length"), locale.Duration(lang, minutes)})
		}
		p.Heads = t.text("certificate.occasions")
	}
	p.Facts = append(p.Facts, Fact{t.text("certificate.organiser"), Certificate{Programme: o.Programme}.organiser(t)})
	p.Issued = Fact{t.text("certificate.issued"), capital(locale.Date(lang, issued))}
	for _, c := range o.Attended {
		parts := []string{c.length(t)}
		if c.Event.Title != o.Series.Title {
			parts = append(parts, c.Event.Title)
		}
		if place := c.place(t, w.Towns[c.Event.ID]); place != "" {
			parts = append(parts, place)
		}
		p.Occasions = append(p.Occasions, Fact{capital(locale.Days(lang, c.Event.LocalStart(), c.Event.LocalEnd())), strings.Join(parts, ", ")})
	}
	return p, t.err
}

// Address is where anybody can check the certificate.
func (o OfSeries) Address(baseURL string) string { return baseURL + "/certificate/" + o.Shown() }
