package web

import (
	"encoding/xml"
	"fmt"
	"html"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/calendar"
	"stafett/internal/event"
	"stafett/internal/locale"
)

const atomType = "application/atom+xml; charset=utf-8"

// atomFeed is a feed document (RFC 4287 4.1.1).
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang    string      `xml:"xml:lang,attr"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  atomPerson  `xml:"author"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel      string `xml:"rel,attr"`
	Type     string `xml:"type,attr"`
	Href     string `xml:"href,attr"`
	Hreflang string `xml:"hreflang,attr,omitempty"`
}

// atomEntry is one event (RFC 4287 4.1.2).
type atomEntry struct {
	Lang      string       `xml:"xml:lang,attr"`
	ID        string       `xml:"id"`
	Title     string       `xml:"title"`
	Published string       `xml:"published,omitempty"`
	Updated   string       `xml:"updated"`
	Author    atomPerson   `xml:"author"`
	Category  atomCategory `xml:"category"`
	Links     []atomLink   `xml:"link"`
	Summary   string       `xml:"summary,omitempty"`
	Content   atomContent  `xml:"content"`
}

type atomCategory struct {
	Term  string `xml:"term,attr"`
	Label string `xml:"label,attr"`
}

type atomContent struct {
	Type string `xml:"type,attr"`
	HTML string `xml:",chardata"`
}

// tag makes an id that stays when the address changes (RFC 4151). The year is
// that of the first release: whoever has the host's name then may make such ids.
func (s *Server) tag(specific string) string {
	return "tag:" + s.base.Hostname() + ",2026:" + specific
}

// feedAtom is the same list for readers of news.
func (s *Server) feedAtom(c *gin.Context) error {
	f, err := s.readFeed(c)
	if err != nil {
		return err
	}
	a, err := s.atom(f)
	if err != nil {
		return err
	}
	data, err := xml.MarshalIndent(a, "", " ")
	if err != nil {
		return fmt.Errorf("write a feed: %w", err)
	}
	sharedAnswer(c)
	sendFile(c, atomType, f.Changed, append([]byte(xml.Header), append(data, '\n')...))
	return nil
}

func (s *Server) atom(f feed) (a atomFeed, err error) {
	lang := f.words(f.Programme.Language)
	self, page := "/feed.atom", "/events"
	q := f.Filter.query()
	if f.Language != "" {
		q.Set("lang", string(f.Language))
	}
	if len(q) > 0 {
		self, page = self+"?"+q.Encode(), page+"?"+q.Encode()
	}
	a = atomFeed{
		Lang: string(lang), ID: s.tag(self), Author: atomPerson{first(f.Programme.OrganiserName, f.Programme.Name, "Stafett")},
		Links: []atomLink{
			{Rel: "self", Type: "application/atom+xml", Href: s.BaseURL + self},
			{Rel: "alternate", Type: "text/html", Href: s.BaseURL + page},
		},
	}
	if a.Title, err = s.feedName(f); err != nil {
		return a, err
	}
	updated := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) // of a feed that has never held anything
	for _, ev := range newestFirst(f.Events) {
		e, err := s.atomEntry(f, ev)
		if err != nil {
			return a, err
		}
		a.Entries = append(a.Entries, e)
		if ev.ChangedAt.After(updated) {
			updated = ev.ChangedAt
		}
	}
	a.Updated = updated.Format(time.RFC3339)
	return a, nil
}

// mostNews is how many entries readers of news are given: what changed last.
const mostNews = 100

func newestFirst(events []event.Event) []event.Event {
	sorted := slices.SortedStableFunc(slices.Values(events), func(a, b event.Event) int { return b.ChangedAt.Compare(a.ChangedAt) })
	return sorted[:min(len(sorted), mostNews)]
}

func (s *Server) atomEntry(f feed, ev event.Event) (e atomEntry, err error) {
	p, lang := f.Programmes[ev.ProgrammeID], f.words(ev.Language)
	entry, err := s.entry(lang, ev, p)
	if err != nil {
		return e, err
	}
	kind, err := s.Texts.Text(lang, "kind."+string(ev.Kind))
	if err != nil {
		return e, err
	}
	described, err := markdown(ev.Description)
	if err != nil {
		return e, err
	}
	return atomEntry{
		Lang: ev.Language, ID: s.tag("event/" + ev.ID), Title: entry.Summary, Published: instant(ev.PublishedAt), Updated: instant(ev.ChangedAt),
		Author: atomPerson{first(p.OrganiserName, p.Name, "Stafett")}, Category: atomCategory{string(ev.Kind), capitalise(kind)}, Summary: ev.Summary,
		Links: []atomLink{
			{Rel: "alternate", Type: "text/html", Href: entry.URL, Hreflang: ev.Language},
			{Rel: "related", Type: strings.TrimSuffix(calendar.ContentType, "; charset=utf-8"), Href: entry.URL + ".ics"},
		},
		Content: atomContent{"html", atomBody(lang, ev, entry.Location) + string(described)},
	}, nil
}

// atomBody says when and where, in the words of the page, and what it is about.
func atomBody(lang locale.Language, ev event.Event, where string) string {
	body := fmt.Sprintf("<p lang=%q><strong>%s</strong>", lang, html.EscapeString(capitalise(locale.Range(lang, ev.LocalStart(), ev.LocalEnd()))))
	if where != "" {
		body += "<br>" + html.EscapeString(where)
	}
	body += "</p>\n"
	if ev.Summary != "" {
		body += "<p>" + html.EscapeString(ev.Summary) + "</p>\n"
	}
	return body
}
