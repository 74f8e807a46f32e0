package api

import (
	"context"
	"time"

	"stafett/internal/event"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// Event is an event as the API tells of it. What only its organiser may know is
// left out for everybody else.
type Event struct {
	ID           string      `json:"id"`
	Slug         string      `json:"slug"`
	URL          string      `json:"url" doc:"The event's page"`
	Programme    string      `json:"programme" doc:"The programme's slug"`
	Status       eventStatus `json:"status" doc:"As stored"`
	State        eventState  `json:"state" doc:"What it is to a visitor now"`
	CancelReason string      `json:"cancel_reason,omitempty"`

	Kind        eventKind      `json:"kind"`
	Title       string         `json:"title"`
	Summary     string         `json:"summary,omitempty"`
	Description string         `json:"description,omitempty" doc:"Markdown; not in lists"`
	Language    languageCode   `json:"language" doc:"In which it is held"`
	Audience    []audienceCode `json:"audience" nullable:"false"`

	StartsAt  string     `json:"starts_at" format:"date-time"`
	EndsAt    string     `json:"ends_at" format:"date-time"`
	TimeZone  zoneName   `json:"time_zone"`
	MovedFrom *MovedFrom `json:"moved_from,omitempty" doc:"For 30 days after it has got a new time or place"`

	Mode         eventMode     `json:"mode"`
	Municipality *Municipality `json:"municipality,omitempty"`
	Venue        string        `json:"venue,omitempty"`
	VenueAddress string        `json:"venue_address,omitempty"`
	AccessNotes  string        `json:"access_notes,omitempty"`

	RegistrationOpensAt  string    `json:"registration_opens_at,omitempty" format:"date-time"`
	RegistrationClosesAt string    `json:"registration_closes_at" format:"date-time"`
	Capacity             *Capacity `json:"capacity,omitempty" doc:"A way to take part that is not named has no limit"`
	FreePlaces           *Capacity `json:"free_places,omitempty" doc:"A way to take part that is not named has no limit"`
	WaitingList          bool      `json:"waiting_list"`
	PriceMinor           int64     `json:"price_minor" doc:"In the smallest unit of the currency; 0: free of charge"`
	Currency             string    `json:"currency" enum:"SEK,NOK"`
	PriceNote            string    `json:"price_note,omitempty"`

	ContactName  string `json:"contact_name,omitempty"`
	ContactEmail string `json:"contact_email,omitempty"`
	ContactPhone string `json:"contact_phone,omitempty"`

	CoOrganisers []string     `json:"co_organisers,omitempty" doc:"Not in lists" nullable:"false"`
	Agenda       []AgendaItem `json:"agenda,omitempty" doc:"Not in lists" nullable:"false"`
	Speakers     []Speaker    `json:"speakers,omitempty" doc:"Not in lists" nullable:"false"`
	Questions    []Question   `json:"questions,omitempty" doc:"Asked of everybody who signs up; not in lists" nullable:"false"`

	JoinURL         string `json:"join_url,omitempty" doc:"For its organiser only"`
	JoinPromisedOn  string `json:"join_promised_on,omitempty" format:"date" doc:"For its organiser only"`
	MinParticipants *int   `json:"min_participants,omitempty" doc:"For its organiser only"`
	CompanyLimit    *int   `json:"company_limit,omitempty" doc:"For its organiser only"`
}

// MovedFrom is the time and place that people may still have in mind.
type MovedFrom struct {
	StartsAt string `json:"starts_at" format:"date-time"`
	EndsAt   string `json:"ends_at" format:"date-time"`
	Venue    string `json:"venue,omitempty"`
}

// Capacity is a number of places in each way to take part; nil: no limit.
type Capacity struct {
	Room   *int `json:"room,omitempty" minimum:"0" maximum:"100000" nullable:"true"`
	Online *int `json:"online,omitempty" minimum:"0" maximum:"100000" nullable:"true"`
}

// AgendaItem is one line of the agenda.
type AgendaItem struct {
	StartsAt string `json:"starts_at" format:"date-time"`
	Title    string `json:"title"`
}

// Speaker is somebody who takes part from the stage.
type Speaker struct {
	Name         string `json:"name"`
	Organisation string `json:"organisation,omitempty"`
}

// Question is one that the event asks of everybody who signs up.
type Question struct {
	ID       string   `json:"id" doc:"Under which the answer is sent"`
	Kind     string   `json:"kind" enum:"text,choice,choices,yes_no"`
	Label    string   `json:"label"`
	Required bool     `json:"required"`
	Options  []string `json:"options,omitempty" nullable:"false"`
}

// visible are the states of events that everybody may see.
func visible() []event.Status {
	return []event.Status{event.Published, event.Postponed, event.Cancelled, event.Held}
}

// view tells of an event; its organiser is told more.
func (s *server) view(ev event.Event, p programme.Programme, now time.Time, organises bool) Event {
	e := s.short(ev, p, now)
	e.Description, e.CoOrganisers = ev.Description, ev.CoOrganisers
	for _, a := range ev.Agenda {
		e.Agenda = append(e.Agenda, AgendaItem{instant(ev.StartsAt.Add(time.Duration(a.OffsetMinutes)*time.Minute), ev.Location()), a.Title})
	}
	for _, x := range ev.Speakers {
		e.Speakers = append(e.Speakers, Speaker(x))
	}
	for _, q := range ev.Questions {
		e.Questions = append(e.Questions, Question{q.ID, string(q.Kind), q.Label, q.Required, q.Options})
	}
	if organises {
		e.JoinURL, e.JoinPromisedOn = ev.JoinURL, ev.JoinPromisedOn
		e.MinParticipants, e.CompanyLimit = ev.MinParticipants, ev.CompanyLimit
	}
	return e
}

// short is what a list tells of an event.
func (s *server) short(ev event.Event, p programme.Programme, now time.Time) Event {
	loc := ev.Location()
	e := Event{
		ID: ev.ID, Slug: ev.Slug, URL: s.BaseURL + "/events/" + ev.Slug, Programme: p.Slug,
		Status: eventStatus(ev.Status), State: eventState(ev.State(now)), CancelReason: ev.CancelReason,
		Kind: eventKind(ev.Kind), Title: ev.Title, Summary: ev.Summary, Language: languageCode(ev.Language), Audience: textsAs[audienceCode](ev.Audiences),
		StartsAt: instant(ev.StartsAt, loc), EndsAt: instant(ev.EndsAt, loc), TimeZone: zoneName(ev.TimeZone),
		Mode: eventMode(ev.Mode), Municipality: s.place(ev.Municipality), Venue: ev.VenueName, VenueAddress: ev.VenueAddress, AccessNotes: ev.AccessNotes,
		RegistrationOpensAt: instant(ev.OpensAt, loc), RegistrationClosesAt: instant(ev.ClosesAt, loc), WaitingList: ev.WaitingList,
		PriceMinor: ev.PriceMinor, Currency: p.Currency(), PriceNote: ev.PriceNote,
		ContactName: ev.ContactName, ContactEmail: ev.ContactEmail, ContactPhone: ev.ContactPhone,
	}
	e.Capacity, e.FreePlaces = places(ev)
	if ev.WasMoved(now) {
		e.MovedFrom = &MovedFrom{instant(ev.MovedFromStartsAt, loc), instant(ev.MovedFromEnds, loc), ev.MovedFromPlace}
	}
	return e
}

// places gives the places and the free ones, by the ways to take part that have
// a limit.
func places(ev event.Event) (all, free *Capacity) {
	for _, m := range ev.Modes() {
		c := ev.Capacity(m)
		n, unlimited := c.Free()
		if unlimited {
			continue
		}
		if all == nil {
			all, free = &Capacity{}, &Capacity{}
		}
		if m == event.Room {
			all.Room, free.Room = c.Places, &n
		} else {
			all.Online, free.Online = c.Places, &n
		}
	}
	return all, free
}

// instant writes a time with the offset that the place has then; nothing for the
// zero time.
func instant(t time.Time, loc *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(loc).Format(time.RFC3339)
}

// parseInstant reads a time with its offset, to the second. Only this century
// is taken: anything else is a slip, and would not sort as stored.
func parseInstant(text string) (time.Time, bool) {
	t, err := time.Parse(time.RFC3339, text)
	t = t.UTC().Truncate(time.Second)
	return t, err == nil && t.Year() >= 2000 && t.Year() < 2100
}

// find returns the event by id or slug.
func find(ctx context.Context, tx *store.Tx, idOrSlug string) (event.Event, error) {
	ev, err := event.Find(ctx, tx, idOrSlug)
	if isMissing(err) {
		return event.FindBySlug(ctx, tx, idOrSlug)
	}
	return ev, err
}
