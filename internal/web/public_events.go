package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/calendar"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// eventCard is one event in a list, ready to print.
type eventCard struct {
	Event      event.Event
	Start, End time.Time // on the event's clock
	State      event.State
	Free       int
	Unlimited  bool
	Place      string
	Series     *event.Part // in a list; nil: none
}

func (s *Server) card(ev event.Event, now time.Time) eventCard {
	free, unlimited := ev.Free()
	return eventCard{Event: ev, Start: ev.LocalStart(), End: ev.LocalEnd(), State: ev.State(now), Free: free, Unlimited: unlimited, Place: s.town(ev)}
}

// town is the municipality where an event is; empty when it is only online.
func (s *Server) town(ev event.Event) string {
	if ev.Mode == event.Online {
		return ""
	}
	return s.placeName(ev.Municipality)
}

// month groups a list's events.
type month struct {
	First  time.Time
	Events []eventCard
}

func byMonth(cards []eventCard) []month {
	var months []month
	for _, c := range cards {
		if n := len(months); n == 0 || months[n-1].First.Year() != c.Start.Year() || months[n-1].First.Month() != c.Start.Month() {
			months = append(months, month{First: c.Start})
		}
		months[len(months)-1].Events = append(months[len(months)-1].Events, c)
	}
	return months
}

type frontPage struct {
	page
	Next   []eventCard
	Advice []adviceCard // for all, as in a crisis
	Feed   *feedLinks
}

// front shows the next events.
func (s *Server) front(c *gin.Context) error {
	p := &frontPage{page: page{Wide: true}, Feed: s.feedLinks(eventsFilter{}, s.language(c))}
	now := s.DB.Now()
	err := s.DB.Read(c.Request.Context(), func(tx *store.Tx) error {
		events, err := event.List(c.Request.Context(), tx, event.Filter{Statuses: []event.Status{event.Published}, From: now, Limit: 4})
		for _, ev := range events {
			p.Next = append(p.Next, s.card(ev, now))
		}
		if err != nil {
			return err
		}
		p.Advice, err = s.readForAll(c.Request.Context(), c, tx)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "front", p)
}

type eventsPage struct {
	page
	Filter    eventsFilter
	Filtered  bool
	Months    []month
	Count     int
	Kinds     []option
	Places    []option
	Audiences []option
	Held      []option // the languages that events are held in
	Programme programme.Programme
	Feed      *feedLinks
}

// eventsFilter is what the address says, kept to be shown in the form.
type eventsFilter struct {
	Kinds                            []string
	Municipality, Audience, Language string
	Text                             string
	Free                             bool
	Programme                        string    // its slug; empty: every programme
	From, To                         time.Time // days, the last one included; zero: no bound
}

// option is one choice of a form.
type option struct {
	Value, Label, Hint string
	Chosen             bool
}

// events lists what is coming, as the address asks.
func (s *Server) events(c *gin.Context) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	f := readListFilter(c)
	p := &eventsPage{page: page{Wide: true}, Filter: f, Filtered: len(f.query()) > 0, Feed: s.feedLinks(f, s.language(c))}
	var coming, found []event.Event
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if coming, err = event.List(ctx, tx, visibleFrom(now)); err != nil {
			return err
		}
		found, p.Programme, err = f.find(ctx, tx, now, 0)
		return err
	})
	if err != nil {
		return err
	}
	var cards []eventCard
	for _, ev := range found {
		cards = append(cards, s.card(ev, now))
	}
	if err := s.markSeries(ctx, cards); err != nil {
		return err
	}
	p.Months, p.Count = byMonth(cards), len(cards)
	if err := s.eventOptions(c, p, coming); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "events", p)
}

// readListFilter reads the address: that of the page with the list, and those of
// its feeds. A day that is none is as if it were not there.
func readListFilter(c *gin.Context) eventsFilter {
	day := func(name string) time.Time {
		t, err := time.ParseInLocation(time.DateOnly, c.Query(name), deskZone())
		if err != nil {
			return time.Time{}
		}
		return t
	}
	return eventsFilter{
		Kinds: c.QueryArray("kind"), Municipality: c.Query("municipality"), Audience: c.Query("audience"),
		Language: c.Query("language"), Text: strings.TrimSpace(c.Query("q")), Free: c.Query("free") != "",
		Programme: c.Query("programme"), From: day("from"), To: day("to"),
	}
}

// visibleFrom are the events that visitors see and that are not over.
func visibleFrom(now time.Time) event.Filter {
	return event.Filter{Statuses: []event.Status{event.Published, event.Postponed, event.Cancelled}, From: now}
}

// find lists the events, with the programme when the address names one; one that
// does not exist is problem.ErrMissing.
func (f eventsFilter) find(ctx context.Context, tx *store.Tx, now time.Time, limit int) (found []event.Event, p programme.Programme, err error) {
	narrow := f.narrow(visibleFrom(now))
	narrow.Limit = limit
	if f.Programme != "" {
		if p, err = programme.FindBySlug(ctx, tx, f.Programme); err != nil {
			return nil, p, err
		}
		narrow.ProgrammeIDs = []string{p.ID}
	}
	if f.From.After(narrow.From) {
		narrow.From = f.From
	}
	if !f.To.IsZero() {
		narrow.To = f.To.AddDate(0, 0, 1)
	}
	found, err = event.List(ctx, tx, narrow)
	if f.Free {
		found = slices.DeleteFunc(found, func(ev event.Event) bool { return !ev.TakesRegistrations(now) })
	}
	return found, p, err
}

func (f eventsFilter) narrow(to event.Filter) event.Filter {
	for _, k := range f.Kinds {
		if slices.Contains(event.Kinds(), event.Kind(k)) {
			to.Kinds = append(to.Kinds, event.Kind(k))
		}
	}
	if code, err := municipality.ParseCode(f.Municipality); err == nil {
		to.Municipality = code
	}
	if slices.Contains(event.Audiences(), f.Audience) {
		to.Audience = f.Audience
	}
	if lang, ok := locale.Parse(f.Language); ok {
		to.Language = string(lang)
	}
	to.Text, to.FreePlacesOnly = f.Text, f.Free
	return to
}

// eventOptions offers what would find something, and what is chosen now.
func (s *Server) eventOptions(c *gin.Context, p *eventsPage, coming []event.Event) error {
	lang := s.language(c)
	text := func(key string) (string, error) { return s.Texts.Text(lang, key) }
	for _, k := range event.Kinds() {
		used := slices.ContainsFunc(coming, func(e event.Event) bool { return e.Kind == k })
		chosen := slices.Contains(p.Filter.Kinds, string(k))
		if !used && !chosen {
			continue
		}
		label, err := text("kind." + string(k))
		if err != nil {
			return err
		}
		p.Kinds = append(p.Kinds, option{Value: string(k), Label: capitalise(label), Chosen: chosen})
	}
	for _, a := range event.Audiences() {
		label, err := text("audience." + a)
		if err != nil {
			return err
		}
		p.Audiences = append(p.Audiences, option{Value: a, Label: capitalise(label), Chosen: a == p.Filter.Audience})
	}
	seen := map[string]bool{}
	for _, e := range coming {
		code := e.Municipality.String()
		if e.Municipality.Number != "" && !seen[code] {
			seen[code] = true
			p.Places = append(p.Places, option{Value: code, Label: s.placeName(e.Municipality), Chosen: code == p.Filter.Municipality})
		}
		if l, ok := locale.Parse(e.Language); ok && !seen[e.Language] {
			seen[e.Language] = true
			p.Held = append(p.Held, option{Value: e.Language, Label: l.Name(), Chosen: e.Language == p.Filter.Language})
		}
	}
	sorter := locale.Sorter(lang)
	slices.SortFunc(p.Places, func(a, b option) int { return sorter(a.Label, b.Label) })
	return nil
}

// eventPage is one event, as visitors see it.
type eventPage struct {
	page
	eventCard
	Programme  programme.Programme
	Currency   string
	County     string
	Now        time.Time // on the event's clock
	Opens      time.Time
	Closes     time.Time
	TakesNow   bool
	Capacity   int
	Taken      int
	WaitingFor int
	OldStart   time.Time // zero when the time was not changed lately
	OldEnd     time.Time
	OldPlace   string
	Agenda     []agendaLine
	Preview    bool
	JSONLD     map[string]any
	SeriesView *seriesView // nil: an event by itself
}

type agendaLine struct {
	At    time.Time
	Title string
}

// event shows one event, or its calendar file when the address ends in .ics.
func (s *Server) event(c *gin.Context) error {
	slug, asFile := strings.CutSuffix(c.Param("slug"), ".ics")
	ev, p, waiting, err := s.findPublic(c, slug)
	if err != nil {
		return err
	}
	if asFile {
		return s.eventFile(c, ev, p)
	}
	page := s.eventPage(c, ev, p)
	page.WaitingFor = waiting
	if page.SeriesView, err = s.readSeries(c.Request.Context(), ev, nil); err != nil {
		return err
	}
	page.NoIndex = ev.Status == event.Cancelled
	return s.render(c, http.StatusOK, "event", page)
}

// findPublic finds an event that visitors may see; a draft is not there.
func (s *Server) findPublic(c *gin.Context, slug string) (ev event.Event, p programme.Programme, waiting int, err error) {
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if ev, err = event.FindBySlug(ctx, tx, slug); err != nil {
			return err
		}
		if ev.Status == event.Draft {
			return problem.ErrMissing
		}
		if p, err = programme.Find(ctx, tx, ev.ProgrammeID); err != nil {
			return err
		}
		waiting, err = registration.CountWaiting(ctx, tx, ev.ID, ev.Modes()[0])
		return err
	})
	c.Set(fallbackKey, ev.Language)
	return ev, p, waiting, err
}

func (s *Server) eventPage(c *gin.Context, ev event.Event, p programme.Programme) *eventPage {
	now, loc := s.DB.Now(), ev.Location()
	e := &eventPage{
		page: page{Wide: true, Brand: p.Name}, eventCard: s.card(ev, now), Programme: p, Currency: p.Currency(),
		Now: now.In(loc), Opens: ev.OpensAt.In(loc), Closes: ev.ClosesAt.In(loc), TakesNow: ev.TakesRegistrations(now), Capacity: ev.Places(),
	}
	e.Taken = e.Capacity - e.Free
	if m, ok := s.Places.Find(ev.Municipality); ok && ev.Mode != event.Online {
		e.County = m.County
	}
	if ev.WasMoved(now) {
		if !ev.MovedFromStartsAt.Equal(ev.StartsAt) {
			e.OldStart, e.OldEnd = ev.MovedFromStartsAt.In(loc), ev.MovedFromEnds.In(loc)
		}
		if ev.MovedFromPlace != ev.VenueName {
			e.OldPlace = ev.MovedFromPlace
		}
	}
	for _, a := range ev.Agenda {
		e.Agenda = append(e.Agenda, agendaLine{At: e.Start.Add(time.Duration(a.OffsetMinutes) * time.Minute), Title: a.Title})
	}
	e.JSONLD = s.jsonLD(ev, p)
	return e
}

// jsonLD tells search engines what people read (schema.org/Event).
func (s *Server) jsonLD(ev event.Event, p programme.Programme) map[string]any {
	url := s.BaseURL + "/events/" + ev.Slug
	status := "https://schema.org/EventScheduled"
	switch {
	case ev.Status == event.Cancelled:
		status = "https://schema.org/EventCancelled"
	case ev.Status == event.Postponed:
		status = "https://schema.org/EventPostponed"
	case ev.WasMoved(s.DB.Now()):
		status = "https://schema.org/EventRescheduled"
	}
	mode := map[event.Mode]string{event.Room: "Offline", event.Online: "Online", event.Hybrid: "Mixed"}[ev.Mode]
	availability := "https://schema.org/InStock"
	if !ev.TakesRegistrations(s.DB.Now()) || ev.State(s.DB.Now()) == event.StateFull {
		availability = "https://schema.org/SoldOut"
	}
	ld := map[string]any{
		"@context": "https://schema.org", "@type": "Event", "name": ev.Title, "description": ev.Summary, "url": url,
		"startDate": ev.LocalStart().Format(time.RFC3339), "endDate": ev.LocalEnd().Format(time.RFC3339), "inLanguage": ev.Language,
		"eventStatus": status, "eventAttendanceMode": "https://schema.org/" + mode + "EventAttendanceMode",
		"organizer": map[string]any{"@type": "Organization", "name": first(p.OrganiserName, p.Name), "url": s.BaseURL},
		"offers": map[string]any{"@type": "Offer", "url": url, "price": float64(ev.PriceMinor) / 100, "priceCurrency": p.Currency(),
			"availability": availability, "validFrom": first(instant(ev.OpensAt), instant(ev.PublishedAt))},
	}
	if !ev.MovedFromStartsAt.IsZero() {
		ld["previousStartDate"] = ev.MovedFromStartsAt.In(ev.Location()).Format(time.RFC3339)
	}
	var where []map[string]any
	if ev.HasMode(event.Room) {
		where = append(where, map[string]any{"@type": "Place", "name": first(ev.VenueName, s.town(ev)), "address": map[string]any{
			"@type": "PostalAddress", "streetAddress": ev.VenueAddress, "addressLocality": s.town(ev), "addressCountry": ev.Municipality.Country}})
	}
	if ev.HasMode(event.Online) {
		where = append(where, map[string]any{"@type": "VirtualLocation", "url": url})
	}
	ld["location"] = where
	return ld
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// eventFile is the event for a calendar, without any registration.
func (s *Server) eventFile(c *gin.Context, ev event.Event, p programme.Programme) error {
	lang, ok := locale.Parse(ev.Language)
	if !ok {
		lang = locale.SV
	}
	entry, err := s.entry(lang, ev, p)
	if err != nil {
		return err
	}
	data, err := calendar.Publish(p.Name, []calendar.Entry{entry})
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+ev.Slug+`.ics"`)
	c.Header("Cache-Control", "no-cache") // ask each time, by the tag
	sendFile(c, calendar.ContentType, ev.ChangedAt, data)
	return nil
}

// location is where the event is, on one line.
func (s *Server) location(lang locale.Language, ev event.Event) string {
	if ev.Mode == event.Online {
		word, err := s.Texts.Text(lang, "event.online")
		if err != nil {
			return "Online"
		}
		return word
	}
	var parts []string
	for _, part := range []string{ev.VenueName, ev.VenueAddress, s.town(ev)} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
