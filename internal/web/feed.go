package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/calendar"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// fetched is for what programs fetch by themselves, again and again: no cookie is
// read or set, so that whatever stands between us and them may keep the answer.
const fetched access = "fetched"

// feedRoutes are what calendars and readers of news subscribe to.
func (s *Server) feedRoutes() []route {
	get := func(path string, a access, h handler) route { return route{http.MethodGet, path, a, h} }
	post := func(path string, a access, h handler) route { return route{http.MethodPost, path, a, h} }
	return []route{
		get("/feed.ics", fetched, s.feedCalendar),
		get("/feed.atom", fetched, s.feedAtom),
		get("/feed/:file", fetched, s.privateFeed), // {token}.ics

		get("/me/calendar", personal, s.feedSettings),
		post("/me/calendar", personal, s.makeFeed),
		post("/me/calendar/remove", personal, s.removeFeed),
		get("/admin/calendar", organise, s.feedSettings),
		post("/admin/calendar", organise, s.makeFeed),
		post("/admin/calendar/remove", organise, s.removeFeed),
	}
}

func feedPages() map[string]pager { return map[string]pager{"calendar_address": &ownFeedPage{}} }

// mostInFeed bounds what one feed costs.
const mostInFeed = 2000

// feed is what a subscription is about.
type feed struct {
	Filter     eventsFilter
	Language   locale.Language // of the words around the events' own; empty: that of each event
	Programme  programme.Programme
	Events     []event.Event
	Programmes map[string]programme.Programme
	Changed    time.Time // when it last became another; zero: not known
}

// readFeed finds the events that the address asks for: those of the calendar
// page with the same filters that are not over yet.
func (s *Server) readFeed(c *gin.Context) (f feed, err error) {
	ctx, now := c.Request.Context(), s.DB.Now()
	f.Filter = readListFilter(c)
	f.Language, _ = locale.Parse(c.Query("lang"))
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if f.Events, f.Programme, err = f.Filter.find(ctx, tx, now, mostInFeed); err != nil {
			return err
		}
		if f.Programmes, err = programmesByID(ctx, tx); err != nil {
			return err
		}
		f.Changed, err = event.ListChanged(ctx, tx, now)
		return err
	})
	if f.Filter.Free { // who takes the last place changes the feed, and no event
		f.Changed = time.Time{}
	}
	return f, err
}

func programmesByID(ctx context.Context, tx *store.Tx) (map[string]programme.Programme, error) {
	all, err := programme.List(ctx, tx)
	byID := map[string]programme.Programme{}
	for _, p := range all {
		byID[p.ID] = p
	}
	return byID, err
}

// words is the language of the words around an event, or around all of them.
func (f feed) words(own string) locale.Language {
	if f.Language != "" {
		return f.Language
	}
	if lang, ok := locale.Parse(own); ok {
		return lang
	}
	return locale.SV
}

// name tells one subscription from another in the list of a calendar.
func (s *Server) feedName(f feed) (string, error) {
	lang := f.words(f.Programme.Language)
	name, err := s.Texts.Text(lang, "feed.name")
	if f.Programme.Name != "" {
		name = f.Programme.Name
	}
	var parts []string
	add := func(key string) {
		var word string
		if err == nil {
			word, err = s.Texts.Text(lang, key)
		}
		parts = append(parts, word)
	}
	narrow := f.Filter.narrow(event.Filter{})
	for _, k := range narrow.Kinds {
		add("kind." + string(k))
	}
	if place := s.placeName(narrow.Municipality); place != "" {
		parts = append(parts, place)
	}
	if narrow.Audience != "" {
		add("audience." + narrow.Audience)
	}
	if narrow.Language != "" {
		parts = append(parts, locale.Language(narrow.Language).Name())
	}
	if narrow.Text != "" {
		parts = append(parts, narrow.Text)
	}
	if narrow.FreePlacesOnly {
		add("events.free_places")
	}
	if len(parts) > 0 {
		name += ": " + strings.Join(parts, " – ")
	}
	return name, err
}

// feedCalendar is the calendar to subscribe to (RFC 5546 3.2.1).
func (s *Server) feedCalendar(c *gin.Context) error {
	f, err := s.readFeed(c)
	if err != nil {
		return err
	}
	name, err := s.feedName(f)
	if err != nil {
		return err
	}
	var entries []calendar.Entry
	for _, ev := range f.Events {
		entry, err := s.entry(f.words(ev.Language), ev, f.Programmes[ev.ProgrammeID])
		if err != nil {
			return err
		}
		entries = append(entries, entry)
	}
	data, err := s.publish(name, entries)
	if err != nil {
		return err
	}
	sharedAnswer(c)
	sendFile(c, calendar.ContentType, f.Changed, data)
	return nil
}

// entry is an event as calendars show it, without anybody's registration, with
// the words around the event's own in the language.
func (s *Server) entry(lang locale.Language, ev event.Event, p programme.Programme) (calendar.Entry, error) {
	summary, off := ev.Title, ev.Status == event.Cancelled || ev.Status == event.Postponed
	if off {
		word, err := s.Texts.Text(lang, "event_state."+string(ev.Status))
		if err != nil {
			return calendar.Entry{}, err
		}
		summary = capitalise(word) + ": " + summary
	}
	address := s.BaseURL + "/events/" + ev.Slug
	return calendar.Entry{
		UID: ev.ID + "@" + s.base.Hostname(), Changed: ev.ChangedAt, Start: ev.StartsAt, End: ev.EndsAt, Zone: ev.TimeZone, Language: ev.Language,
		Summary: summary, Description: strings.TrimSpace(ev.Summary + "\n\n" + address), Location: s.location(lang, ev), URL: address,
		OrganizerName: first(p.OrganiserName, p.Name), OrganizerEmail: first(ev.ContactEmail, p.ContactEmail, "noreply@"+s.base.Hostname()),
		Cancelled: off, Sequence: ev.Revision,
	}, nil
}

// publish writes the file. One event that cannot be written, as one on the night
// when an hour comes twice, is left out and logged: it must not take the others
// out of people's calendars.
func (s *Server) publish(name string, entries []calendar.Entry) ([]byte, error) {
	data, err := calendar.Publish(name, entries)
	if err == nil {
		return data, nil
	}
	var good []calendar.Entry
	for _, e := range entries {
		if _, wrong := calendar.Publish(name, []calendar.Entry{e}); wrong != nil {
			s.Log.Error("an event is left out of a feed", "event", e.UID, "error", wrong)
			continue
		}
		good = append(good, e)
	}
	return calendar.Publish(name, good)
}

// sharedAnswer lets everybody on the way keep the answer for a while, and any
// site show it: it is the same for all.
func sharedAnswer(c *gin.Context) {
	h := c.Writer.Header()
	h.Del("Vary")
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// sendFile answers with the bytes, or that they are still the same (RFC 9110
// 13.1). A zero time says that nobody can tell by the clock.
func sendFile(c *gin.Context, kind string, changed time.Time, data []byte) {
	c.Header("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(data)))
	c.Header("Content-Type", kind)
	http.ServeContent(c.Writer, c.Request, "", changed, bytes.NewReader(data))
}

// feedLinks are the addresses under which a list of events can be subscribed to.
type feedLinks struct {
	Calendar string
	Webcal   template.URL // the same, with webcal://
	Atom     string
	Narrowed bool // to less than everything
}

func (s *Server) feedLinks(f eventsFilter, lang locale.Language) *feedLinks {
	q := f.query()
	l := &feedLinks{Narrowed: len(q) > 0}
	q.Set("lang", string(lang))
	l.Calendar = s.BaseURL + "/feed.ics?" + q.Encode()
	l.Webcal = webcal(l.Calendar)
	l.Atom = s.BaseURL + "/feed.atom?" + q.Encode()
	return l
}

// webcal is the address by which a calendar program opens instead of a browser.
func webcal(address string) template.URL {
	_, rest, _ := strings.Cut(address, "://")
	return template.URL("webcal://" + rest)
}

// query writes the filter as an address, always in the same order. What cannot
// be meant is left out.
func (f eventsFilter) query() url.Values {
	n, q := f.narrow(event.Filter{}), url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	for _, k := range n.Kinds {
		q.Add("kind", string(k))
	}
	if n.Municipality.Number != "" {
		set("municipality", n.Municipality.String())
	}
	set("audience", n.Audience)
	set("language", n.Language)
	set("q", n.Text)
	set("programme", f.Programme)
	if !f.From.IsZero() {
		set("from", f.From.Format(time.DateOnly))
	}
	if !f.To.IsZero() {
		set("to", f.To.Format(time.DateOnly))
	}
	if f.Free {
		set("free", "1")
	}
	return q
}
