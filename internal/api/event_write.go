package api

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// EventContent is what an organiser may write about an event. Anything else that
// is sent, such as a status, is ignored.
type EventContent struct {
	Kind        eventKind      `json:"kind,omitempty"`
	Title       string         `json:"title,omitempty" minLength:"1" maxLength:"200"`
	Summary     *string        `json:"summary,omitempty" maxLength:"4000" nullable:"true"`
	Description *string        `json:"description,omitempty" maxLength:"20000" nullable:"true" doc:"Markdown"`
	Language    languageCode   `json:"language,omitempty" doc:"In which it is held"`
	Audience    []audienceCode `json:"audience,omitempty" uniqueItems:"true" nullable:"true"`

	StartsAt string   `json:"starts_at,omitempty" format:"date-time"`
	EndsAt   string   `json:"ends_at,omitempty" format:"date-time"`
	TimeZone zoneName `json:"time_zone,omitempty"`

	Mode         eventMode    `json:"mode,omitempty"`
	Municipality *WantedPlace `json:"municipality,omitempty"`
	Venue        *string      `json:"venue,omitempty" maxLength:"300" nullable:"true"`
	VenueAddress *string      `json:"venue_address,omitempty" maxLength:"300" nullable:"true"`
	AccessNotes  *string      `json:"access_notes,omitempty" maxLength:"4000" nullable:"true"`

	RegistrationOpensAt  *string   `json:"registration_opens_at,omitempty" format:"date-time" nullable:"true" doc:"Without it, open as soon as it is published"`
	RegistrationClosesAt *string   `json:"registration_closes_at,omitempty" format:"date-time" nullable:"true" doc:"Without it, the start online, and in a room 23:59 on the seventh day before"`
	Capacity             *Capacity `json:"capacity,omitempty" doc:"A way to take part that is not named has no limit"`
	WaitingList          *bool     `json:"waiting_list,omitempty" doc:"Left out in a new event: true"`
	MinParticipants      *int      `json:"min_participants,omitempty" minimum:"1" maximum:"100000" nullable:"true"`
	CompanyLimit         *int      `json:"company_limit,omitempty" minimum:"1" maximum:"100000" nullable:"true" doc:"Places for one company; more go to the waiting list"`
	Catering             bool      `json:"catering,omitempty"`
	PriceMinor           int64     `json:"price_minor,omitempty" minimum:"0" maximum:"10000000" doc:"In the smallest unit of the currency"`
	PriceNote            *string   `json:"price_note,omitempty" maxLength:"300" nullable:"true"`

	JoinURL        *string `json:"join_url,omitempty" maxLength:"2000" nullable:"true" doc:"https; never shown to the public"`
	JoinPromisedOn *string `json:"join_promised_on,omitempty" format:"date" nullable:"true" doc:"The day by which a missing join link comes"`

	ContactName  *string `json:"contact_name,omitempty" maxLength:"300" nullable:"true" doc:"Without it, the programme's organiser"`
	ContactEmail *string `json:"contact_email,omitempty" maxLength:"254" nullable:"true"`
	ContactPhone *string `json:"contact_phone,omitempty" maxLength:"60" nullable:"true"`
}

// NewEvent is an event to be created.
type NewEvent struct {
	Programme string `json:"programme" minLength:"1" maxLength:"200" doc:"Id or slug of the programme"`
	EventContent
}

// TransformSchema implements huma.SchemaTransformer: what may be left out of a
// change must be there in a new event.
func (NewEvent) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Required = []string{"programme", "kind", "title", "language", "mode", "starts_at", "ends_at", "time_zone"}
	s.PrecomputeMessages()
	return s
}

// CreatedEvent is the draft that has come to be.
type CreatedEvent struct {
	ID     string      `json:"id"`
	Slug   string      `json:"slug"`
	Status eventStatus `json:"status"`
}

type createInput struct{ Body NewEvent }

func (s *server) createEvent(ctx context.Context, tx *store.Tx, who caller, in *createInput) (CreatedEvent, error) {
	p, err := findProgramme(ctx, tx, in.Body.Programme)
	if err != nil {
		return CreatedEvent{}, err
	}
	if !who.organises(p.ID) {
		return CreatedEvent{}, problem.ErrMissing
	}
	blank := event.Content{WaitingList: true, ContactName: p.OrganiserName, ContactEmail: p.ContactEmail, ContactPhone: p.ContactPhone}
	if blank.ContactName == "" {
		blank.ContactName = p.Name
	}
	c, err := s.content(ctx, blank)
	if err != nil {
		return CreatedEvent{}, err
	}
	ev, err := event.Create(ctx, tx, p.ID, "", c, who.actor())
	return CreatedEvent{ev.ID, ev.Slug, eventStatus(ev.Status)}, err
}

// EventChange is a change of an event: only the fields that are given change,
// and null empties those that may be empty.
type EventChange struct {
	EventContent
	Message string `json:"message,omitempty" maxLength:"4000" doc:"Words for those with a place, when they must be told"`
}

type changeInput struct {
	EventID
	Body EventChange
}

func (s *server) changeEvent(ctx context.Context, tx *store.Tx, who caller, in *changeInput) (Event, error) {
	ev, err := own(ctx, tx, who, in.ID)
	if err != nil {
		return Event{}, err
	}
	c, err := s.content(ctx, ev.Content)
	if err != nil {
		return Event{}, err
	}
	ev, err = registration.UpdateEvent(ctx, tx, ev.ID, ev.Revision, c, in.Body.Message, who.actor())
	if err != nil {
		return Event{}, err
	}
	return s.viewOf(ctx, tx, ev, true)
}

// content puts the fields that the request gives over those of before. What was
// sent has been validated, so it is simply decoded over what is there.
func (s *server) content(ctx context.Context, before event.Content) (event.Content, error) {
	f := fieldsOf(before)
	if err := json.Unmarshal(requestOf(ctx).body, &f); err != nil {
		return before, invalid(at("body", "type"))
	}
	return s.contentOf(f, before)
}

// fieldsOf writes content as a request would. A last moment that only follows
// from the start is left out, so that it follows the new one.
func fieldsOf(c event.Content) EventContent {
	f := EventContent{
		Kind: eventKind(c.Kind), Title: c.Title, Summary: &c.Summary, Description: &c.Description, Language: languageCode(c.Language),
		Audience: textsAs[audienceCode](c.Audiences), StartsAt: instant(c.StartsAt, time.UTC), EndsAt: instant(c.EndsAt, time.UTC),
		TimeZone: zoneName(c.TimeZone), Mode: eventMode(c.Mode), Venue: &c.VenueName, VenueAddress: &c.VenueAddress, AccessNotes: &c.AccessNotes,
		Capacity: &Capacity{copied(c.RoomPlaces), copied(c.OnlinePlaces)}, WaitingList: &c.WaitingList,
		MinParticipants: copied(c.MinParticipants), CompanyLimit: copied(c.CompanyLimit),
		Catering: c.Catering, PriceMinor: c.PriceMinor, PriceNote: &c.PriceNote, JoinURL: &c.JoinURL, JoinPromisedOn: &c.JoinPromisedOn,
		ContactName: &c.ContactName, ContactEmail: &c.ContactEmail, ContactPhone: &c.ContactPhone,
	}
	if c.Municipality.Number != "" {
		place := placeOf(c.Municipality)
		f.Municipality = &place
	}
	if !c.OpensAt.IsZero() {
		opens := instant(c.OpensAt, time.UTC)
		f.RegistrationOpensAt = &opens
	}
	if !c.ClosesAt.IsZero() && !c.ClosesAt.Equal(event.DefaultClosesAt(c.Mode, c.StartsAt, c.Location())) {
		closes := instant(c.ClosesAt, time.UTC)
		f.RegistrationClosesAt = &closes
	}
	return f
}

// copied keeps what is decoded over a number away from where it came from.
func copied(n *int) *int {
	if n == nil {
		return nil
	}
	m := *n
	return &m
}

// contentOf reads the fields into content; what the API does not write stays as
// before. Whether it makes sense is the domain's to say.
func (s *server) contentOf(f EventContent, before event.Content) (event.Content, error) {
	c := before
	c.Kind, c.Title, c.Summary, c.Description = event.Kind(f.Kind), f.Title, text(f.Summary), text(f.Description)
	c.Language, c.TimeZone, c.Mode = string(f.Language), string(f.TimeZone), event.Mode(f.Mode)
	c.Audiences = textsAs[string](f.Audience)
	c.VenueName, c.VenueAddress, c.AccessNotes = text(f.Venue), text(f.VenueAddress), text(f.AccessNotes)
	c.WaitingList, c.MinParticipants, c.CompanyLimit, c.Catering = f.WaitingList == nil || *f.WaitingList, f.MinParticipants, f.CompanyLimit, f.Catering
	c.PriceMinor, c.PriceNote = f.PriceMinor, text(f.PriceNote)
	c.JoinURL, c.JoinPromisedOn = text(f.JoinURL), text(f.JoinPromisedOn)
	c.ContactName, c.ContactEmail, c.ContactPhone = text(f.ContactName), text(f.ContactEmail), text(f.ContactPhone)
	c.RoomPlaces, c.OnlinePlaces = nil, nil
	if f.Capacity != nil {
		c.RoomPlaces, c.OnlinePlaces = f.Capacity.Room, f.Capacity.Online
	}
	var errs []FieldError
	switch {
	case f.Municipality == nil:
		c.Municipality = municipality.Code{}
	case *f.Municipality != placeOf(before.Municipality): // one that is no more stays until it is changed
		var ok bool
		if c.Municipality, ok = s.meant(*f.Municipality); !ok {
			errs = append(errs, at("body.municipality", "municipality"))
		}
	}
	errs = append(errs, readTimes(f, &c)...)
	if len(errs) > 0 {
		return c, invalid(errs...)
	}
	return c, nil
}

func readTimes(f EventContent, c *event.Content) (errs []FieldError) {
	read := func(name, value string) time.Time {
		t, ok := parseInstant(value)
		if value != "" && !ok {
			errs = append(errs, at(inBody(name), "date_time"))
		}
		if !ok {
			return time.Time{}
		}
		return t
	}
	c.StartsAt, c.EndsAt = read("starts_at", f.StartsAt), read("ends_at", f.EndsAt)
	c.OpensAt = read("registration_opens_at", text(f.RegistrationOpensAt))
	c.ClosesAt = read("registration_closes_at", text(f.RegistrationClosesAt))
	if c.ClosesAt.IsZero() && !c.StartsAt.IsZero() {
		c.ClosesAt = event.DefaultClosesAt(c.Mode, c.StartsAt, c.Location())
	}
	return errs
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (s *server) publishEvent(ctx context.Context, tx *store.Tx, who caller, in *EventID) (Event, error) {
	ev, err := own(ctx, tx, who, in.ID)
	if err != nil {
		return Event{}, err
	}
	if ev, err = registration.PublishEvent(ctx, tx, ev.ID, who.actor()); err != nil {
		return Event{}, err
	}
	return s.viewOf(ctx, tx, ev, true)
}

type cancelInput struct {
	EventID
	Body struct {
		Message string `json:"message" maxLength:"4000" doc:"Why, shown to everybody as it is"`
	} `nameHint:"Cancellation"`
}

func (s *server) cancelEvent(ctx context.Context, tx *store.Tx, who caller, in *cancelInput) (Event, error) {
	ev, err := own(ctx, tx, who, in.ID)
	if err != nil {
		return Event{}, err
	}
	if ev, err = registration.CancelEvent(ctx, tx, ev.ID, in.Body.Message, who.actor()); err != nil {
		return Event{}, err
	}
	return s.viewOf(ctx, tx, ev, true)
}

type moveInput struct {
	EventID
	Body struct {
		StartsAt string `json:"starts_at" format:"date-time"`
		EndsAt   string `json:"ends_at" format:"date-time"`
		Message  string `json:"message,omitempty" maxLength:"4000" doc:"Words for those with a place"`
	} `nameHint:"Move"`
}

func (s *server) moveEvent(ctx context.Context, tx *store.Tx, who caller, in *moveInput) (Event, error) {
	ev, err := own(ctx, tx, who, in.ID)
	if err != nil {
		return Event{}, err
	}
	starts, startsOK := parseInstant(in.Body.StartsAt)
	ends, endsOK := parseInstant(in.Body.EndsAt)
	var errs []FieldError
	if !startsOK {
		errs = append(errs, at("body.starts_at", "date_time"))
	}
	if !endsOK {
		errs = append(errs, at("body.ends_at", "date_time"))
	}
	if len(errs) > 0 {
		return Event{}, invalid(errs...)
	}
	if ev, err = registration.MoveEvent(ctx, tx, ev.ID, starts, ends, in.Body.Message, who.actor()); err != nil {
		return Event{}, err
	}
	return s.viewOf(ctx, tx, ev, true)
}

// findProgramme returns the programme by id or slug.
func findProgramme(ctx context.Context, tx *store.Tx, idOrSlug string) (programme.Programme, error) {
	p, err := programme.Find(ctx, tx, idOrSlug)
	if isMissing(err) {
		p, err = programme.FindBySlug(ctx, tx, idOrSlug)
	}
	if err != nil && !isMissing(err) {
		return p, fmt.Errorf("find programme: %w", err)
	}
	return p, err
}
