package api

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

func (s *server) eventOperations() {
	add(s, operation{
		method: http.MethodGet, path: "/events", id: "list-events", access: public, status: http.StatusOK, everywhere: true,
		summary: "List events by start; with a token, the drafts of its programme too",
	}, s.listEvents)
	add(s, operation{
		method: http.MethodGet, path: "/events/{id}", id: "show-event", access: public, status: http.StatusOK, everywhere: true,
		summary: "Show an event, by id or slug", refusals: []int{http.StatusNotFound},
	}, s.showEvent)
	add(s, operation{
		method: http.MethodPost, path: "/events", id: "create-event", access: organiser, status: http.StatusCreated,
		summary: "Create an event as a draft", refusals: []int{http.StatusNotFound}, where: contentField,
	}, s.createEvent)
	add(s, operation{
		method: http.MethodPatch, path: "/events/{id}", id: "change-event", access: organiser, status: http.StatusOK,
		summary: "Change the fields that are given; a new time, place or way in is told to everybody with a place", refusals: eventRefusals(), where: contentField,
	}, s.changeEvent)
	add(s, operation{
		method: http.MethodPost, path: "/events/{id}/publish", id: "publish-event", access: organiser, status: http.StatusOK,
		summary: "Show a draft to everybody", refusals: eventRefusals(), where: storedField,
	}, s.publishEvent)
	add(s, operation{
		method: http.MethodPost, path: "/events/{id}/cancel", id: "cancel-event", access: organiser, status: http.StatusOK,
		summary: "Cancel an event for good and tell everybody why", refusals: eventRefusals(),
	}, s.cancelEvent)
	add(s, operation{
		method: http.MethodPost, path: "/events/{id}/move", id: "move-event", access: organiser, status: http.StatusOK,
		summary: "Give an event a new time and tell everybody with a place", refusals: eventRefusals(), where: moveField,
	}, s.moveEvent)
}

func eventRefusals() []int { return []int{http.StatusNotFound, http.StatusConflict} }

// storedField is the location of what an event already holds.
func storedField(field string) string { return "event." + field }

// contentField is the location of a field of an event's content in a request.
func contentField(field string) string {
	switch field {
	case "room_places":
		return "body.capacity.room"
	case "online_places":
		return "body.capacity.online"
	case "price":
		return "body.price_minor"
	}
	return inBody(field)
}

func moveField(field string) string {
	if field == "starts_at" || field == "ends_at" {
		return inBody(field)
	}
	return storedField(field)
}

type eventQuery struct {
	Kind         []eventKind  `query:"kind" doc:"One kind, or several with commas between"`
	Municipality string       `query:"municipality" maxLength:"100" doc:"A code, as SE-2039, or a name that only one municipality has"`
	County       string       `query:"county" maxLength:"100" doc:"A code, as SE-20, or a name"`
	Audience     audienceCode `query:"audience"`
	Language     languageCode `query:"language"`
	From         string       `query:"from" maxLength:"40" doc:"Events that end after this time: RFC 3339 with offset, or a day, from its midnight"`
	To           string       `query:"to" maxLength:"40" doc:"Events that start before this time: RFC 3339 with offset, or a day, to its midnight"`
	Text         string       `query:"q" maxLength:"200" doc:"Words that must all be found"`
	Free         bool         `query:"free" doc:"Only events with free places"`
	Paging
}

// Paging asks for one page of a list.
type Paging struct {
	Cursor string `query:"cursor" maxLength:"200" doc:"Where to go on: next of the page before"`
	Limit  int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

// EventList is one page of events.
type EventList struct {
	Events []Event `json:"events" nullable:"false"`
	Next   string  `json:"next,omitempty" doc:"Cursor of the next page; left out on the last"`
}

func (l EventList) next() string { return l.Next }

func (s *server) listEvents(ctx context.Context, tx *store.Tx, who caller, in *eventQuery) (EventList, error) {
	list := EventList{Events: []Event{}}
	f, err := s.filter(in)
	if err != nil {
		return list, err
	}
	programmes, err := programmesByID(ctx, tx)
	if err != nil {
		return list, err
	}
	found, err := seenBy(ctx, tx, who, f)
	if err != nil {
		return list, err
	}
	if len(found) > in.Limit {
		found = found[:in.Limit]
		last := found[in.Limit-1]
		list.Next = cursor{last.StartsAt.Format(time.RFC3339), last.ID}.String()
	}
	for _, ev := range found {
		if ev, err = event.Find(ctx, tx, ev.ID); err != nil { // with its audience
			return list, err
		}
		list.Events = append(list.Events, s.short(ev, programmes[ev.ProgrammeID], tx.Now))
	}
	return list, nil
}

// seenBy lists what the caller may see: what is public, and all of the caller's
// own programme.
func seenBy(ctx context.Context, tx *store.Tx, who caller, f event.Filter) ([]event.Event, error) {
	if who.organises("") {
		return event.List(ctx, tx, f)
	}
	f.Statuses = visible()
	found, err := event.List(ctx, tx, f)
	if err != nil || !who.signed() {
		return found, err
	}
	f.Statuses, f.ProgrammeIDs = []event.Status{event.Draft, event.Archived}, []string{who.token.ProgrammeID}
	own, err := event.List(ctx, tx, f)
	found = append(found, own...)
	slices.SortFunc(found, func(a, b event.Event) int {
		return cmp.Or(a.StartsAt.Compare(b.StartsAt), strings.Compare(a.ID, b.ID))
	})
	return found, err
}

// filter reads the query; one more event is asked for than is shown, to know
// whether there is a next page.
func (s *server) filter(in *eventQuery) (event.Filter, error) {
	f := event.Filter{
		Kinds: textsAs[event.Kind](in.Kind), Audience: string(in.Audience), Language: string(in.Language),
		Text: in.Text, FreePlacesOnly: in.Free, Limit: in.Limit + 1,
	}
	var errs []FieldError
	check := func(ok bool, name, code string) {
		if !ok {
			errs = append(errs, at("query."+name, code))
		}
	}
	var ok bool
	if in.Municipality != "" {
		f.Municipality, ok = s.municipality(in.Municipality)
		check(ok, "municipality", "municipality")
	}
	if in.County != "" {
		county, ok := s.county(in.County)
		f.Country, f.County = county.Country, county.Code
		check(ok, "county", "county")
	}
	f.From, ok = bound(in.From, 0)
	check(ok, "from", "date_time")
	f.To, ok = bound(in.To, 1)
	check(ok, "to", "date_time")
	var c cursor
	c, ok = parseCursor(in.Cursor)
	if in.Cursor != "" {
		var isTime bool
		f.After.ID = c.id
		f.After.StartsAt, isTime = parseInstant(c.at)
		check(ok && isTime && c.id != "", "cursor", "cursor")
	}
	if len(errs) > 0 {
		return f, invalid(errs...)
	}
	return f, nil
}

// bound reads an end of a span of time. A day is taken on the clock that both
// countries share, and days are added to it.
func bound(text string, days int) (time.Time, bool) {
	if text == "" {
		return time.Time{}, true
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, sharedClock()); err == nil {
		return day.AddDate(0, 0, days), day.Year() >= 2000 && day.Year() < 2100
	}
	return parseInstant(text)
}

func sharedClock() *time.Location {
	return event.Content{TimeZone: "Europe/Stockholm"}.Location()
}

// cursor is the place in a list after which a page begins.
type cursor struct{ at, id string }

// String is the cursor as it is sent.
func (c cursor) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(c.at + " " + c.id))
}

func parseCursor(text string) (cursor, bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	moment, id, _ := strings.Cut(string(b), " ")
	return cursor{moment, id}, err == nil
}

func programmesByID(ctx context.Context, tx *store.Tx) (map[string]programme.Programme, error) {
	all, err := programme.List(ctx, tx)
	byID := map[string]programme.Programme{}
	for _, p := range all {
		byID[p.ID] = p
	}
	return byID, err
}

// EventID names an event.
type EventID struct {
	ID string `path:"id" maxLength:"200" doc:"Id or slug"`
}

func (s *server) showEvent(ctx context.Context, tx *store.Tx, who caller, in *EventID) (Event, error) {
	ev, err := find(ctx, tx, in.ID)
	if err != nil {
		return Event{}, err
	}
	organises := who.organises(ev.ProgrammeID)
	if !organises && !slices.Contains(visible(), ev.Status) {
		return Event{}, problem.ErrMissing
	}
	return s.viewOf(ctx, tx, ev, organises)
}

func (s *server) viewOf(ctx context.Context, tx *store.Tx, ev event.Event, organises bool) (Event, error) {
	p, err := programme.Find(ctx, tx, ev.ProgrammeID)
	return s.view(ev, p, tx.Now, organises), err
}

// own returns an event of the caller's programme; any other is missing.
func own(ctx context.Context, tx *store.Tx, who caller, idOrSlug string) (event.Event, error) {
	ev, err := find(ctx, tx, idOrSlug)
	if err == nil && !who.organises(ev.ProgrammeID) {
		return event.Event{}, problem.ErrMissing
	}
	return ev, err
}

func isMissing(err error) bool { return errors.Is(err, problem.ErrMissing) }
