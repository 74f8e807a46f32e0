// Package event holds the events of a programme: what they are, when and where,
// how many places they have, and which state they are in. Who has a place, and
// who must be told of a change, is the business of package registration.
package event

import (
	"slices"
	"time"

	"stafett/internal/municipality"
)

// Kind is what sort of event it is.
type Kind string

// The kinds, in the order in which they are offered.
const (
	Webinar         Kind = "webinar"
	Seminar         Kind = "seminar"
	LearningSeminar Kind = "learning_seminar"
	Dialogue        Kind = "dialogue"
	SupplierMeeting Kind = "supplier_meeting"
	Workshop        Kind = "workshop"
	Conference      Kind = "conference"
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{Webinar, Seminar, LearningSeminar, Dialogue, SupplierMeeting, Workshop, Conference}
}

// Audiences lists the codes of those for whom an event can be.
func Audiences() []string {
	return []string{"supplier_sme", "supplier_large", "startup", "social_enterprise", "industry_org", "procurer",
		"buyer", "municipality", "municipal_leader", "business_developer", "politician"}
}

// AudienceMode is how far the audiences of an event bind.
type AudienceMode string

// The ways: the audiences are information, others must ask the organiser, or
// nobody comes without an invitation. What people say of themselves is believed.
const (
	AudienceInfo   AudienceMode = "info"
	AudienceAsk    AudienceMode = "ask"
	AudienceInvite AudienceMode = "invite"
)

// AudienceModes lists the ways.
func AudienceModes() []AudienceMode { return []AudienceMode{AudienceInfo, AudienceAsk, AudienceInvite} }

// Status is the stored state; what a visitor is shown is State.
type Status string

// The stored states.
const (
	Draft     Status = "draft"
	Published Status = "published"
	Postponed Status = "postponed" // no new date yet; places are kept
	Cancelled Status = "cancelled"
	Held      Status = "held"
	Archived  Status = "archived"
)

// Mode is how people take part: in the event as a whole, and (never hybrid)
// in one registration.
type Mode string

// The modes.
const (
	Room   Mode = "room"
	Online Mode = "online"
	Hybrid Mode = "hybrid"
)

// Content is all that an organiser writes about an event.
type Content struct {
	Kind                        Kind
	Language                    string // sv, nb, nn, en: the language it is held in
	Title, Summary, Description string // Description is Markdown
	Mode                        Mode
	StartsAt, EndsAt            time.Time // UTC
	TimeZone                    string    // Europe/Stockholm, Europe/Oslo
	OpensAt                     time.Time // zero: open as soon as it is published
	ClosesAt                    time.Time
	RoomPlaces, OnlinePlaces    *int // nil: no limit; only those of Mode count
	Municipality                municipality.Code
	VenueName, VenueAddress     string
	AccessNotes                 string
	JoinURL                     string
	JoinPromisedOn              string // 2027-03-03, for a webinar published before its link is known
	PriceMinor                  int64  // öre or øre, by the programme's country
	PriceNote                   string
	ContactName                 string
	ContactEmail, ContactPhone  string
	AskPhone, Catering          bool
	WaitingList                 bool
	MinParticipants             *int
	CompanyLimit                *int // places for one company; nil: no limit
	Audiences                   []string
	AudienceMode                AudienceMode // what the audiences mean for signing up; empty: AudienceInfo
	OwnMunicipality             bool         // for workplaces in the event's municipality
	ConfirmEmail                bool         // an address must be proved before it has a place
	DecisionOn                  string       // 2027-03-03, the day to decide on too small an event; empty: see DecisionDay
	CoOrganisers                []string
	Agenda                      []AgendaItem
	Speakers                    []Speaker
	Questions                   []Question
}

// AgendaItem is one line of the agenda. Its time hangs on the event's start, so
// it moves with the event.
type AgendaItem struct {
	OffsetMinutes int // from the start; below zero for coffee before it
	Title         string
}

// Speaker is somebody who takes part from the stage.
type Speaker struct{ Name, Organisation string }

// Question is one that an event asks of everybody who signs up.
type Question struct {
	ID       string
	Kind     QuestionKind
	Label    string
	Required bool
	Options  []string // for choice and choices
}

// QuestionKind is how a question is answered.
type QuestionKind string

// The kinds of question.
const (
	TextQuestion    QuestionKind = "text"
	ChoiceQuestion  QuestionKind = "choice"
	ChoicesQuestion QuestionKind = "choices"
	YesNoQuestion   QuestionKind = "yes_no"
)

// QuestionKinds lists every kind of question.
func QuestionKinds() []QuestionKind {
	return []QuestionKind{TextQuestion, ChoiceQuestion, ChoicesQuestion, YesNoQuestion}
}

// Event is an event as it is stored.
type Event struct {
	ID, ProgrammeID, Slug string
	Status                Status
	Content
	MovedAt                          time.Time // zero: never moved
	MovedFromStartsAt, MovedFromEnds time.Time
	MovedFromPlace                   string
	CancelReason                     string
	Revision                         int
	CreatedAt, ChangedAt             time.Time
	AttendanceClosedAt               time.Time // zero: people can still be marked without a reason
	DecisionAskedAt                  time.Time // zero: the organiser has not been asked whether it takes place
	PublishedAt                      time.Time
	Room, Online                     Capacity // of the modes it has
	SeriesID                         string   // empty: an event by itself
}

// Capacity is how many places there are in one mode, and how many are gone.
type Capacity struct {
	Places *int // nil: no limit
	Taken  int  // within Places
	Extra  int  // above them, added by hand
}

// Free is the number of places that can be given: 0 when full, or while there
// are more people than places; unlimited reports that there is no end to them.
func (c Capacity) Free() (n int, unlimited bool) {
	if c.Places == nil {
		return 0, true
	}
	return max(0, *c.Places-c.Taken-c.Extra), false
}

// HasMode reports whether one can take part in this way.
func (e Event) HasMode(m Mode) bool { return slices.Contains(e.Modes(), m) }

// Modes lists the ways to take part.
func (c Content) Modes() []Mode {
	if c.Mode == Hybrid {
		return []Mode{Room, Online}
	}
	return []Mode{c.Mode}
}

// Capacity is that of one mode.
func (e Event) Capacity(m Mode) Capacity {
	if m == Online {
		return e.Online
	}
	return e.Room
}

// Free adds up the free places of all modes.
func (e Event) Free() (n int, unlimited bool) {
	for _, m := range e.Modes() {
		free, all := e.Capacity(m).Free()
		n, unlimited = n+free, unlimited || all
	}
	return n, unlimited
}

// Places adds up the places of all modes; 0 when there is no limit.
func (e Event) Places() int {
	n := 0
	for _, m := range e.Modes() {
		c := e.Capacity(m)
		if c.Places == nil {
			return 0
		}
		n += *c.Places
	}
	return n
}

// Location is the event's time zone.
func (c Content) Location() *time.Location {
	loc, err := time.LoadLocation(c.TimeZone)
	if err != nil { // the zones are embedded and the column is checked
		return time.UTC
	}
	return loc
}

// LocalStart is the start on the event's own clock.
func (c Content) LocalStart() time.Time { return c.StartsAt.In(c.Location()) }

// LocalEnd is the end on the event's own clock.
func (c Content) LocalEnd() time.Time { return c.EndsAt.In(c.Location()) }

// WaitsIn reports whether there is a queue for the mode. In a hybrid event only
// the room has one: whoever waits for it can follow online meanwhile.
func (e Event) WaitsIn(m Mode) bool {
	return e.WaitingList && (e.Mode != Hybrid || m == Room)
}

// LateFrom is the moment from which giving up a place counts as late: in a room
// the last day to register, online only the start.
func (e Event) LateFrom(m Mode) time.Time {
	if m == Room {
		return e.ClosesAt
	}
	return e.StartsAt
}

// ForAudience reports whether somebody belongs to those for whom the event is:
// one of its audiences (any, when it names none) with, where that is asked, the
// workplace in its municipality.
func (c Content) ForAudience(audience string, workplace municipality.Code) bool {
	return (len(c.Audiences) == 0 || slices.Contains(c.Audiences, audience)) && (!c.OwnMunicipality || workplace == c.Municipality)
}

// MustAsk reports whether somebody has to ask the organiser first: from outside
// the audience of an event that asks for it, and with the workplace elsewhere
// where the event is for those in its municipality. An invitation is the
// organiser's word already.
func (c Content) MustAsk(audience string, workplace municipality.Code) bool {
	switch c.AudienceMode {
	case AudienceInvite:
		return false
	case AudienceAsk:
		return !c.ForAudience(audience, workplace)
	}
	return c.OwnMunicipality && workplace != c.Municipality
}

// SomeAsk reports whether there is anybody who has to ask the organiser first.
func (c Content) SomeAsk() bool {
	return c.AudienceMode == AudienceAsk && len(c.Audiences) > 0 || c.AudienceMode != AudienceInvite && c.OwnMunicipality
}

// Country is the country whose holidays and working days count for the event.
func (c Content) Country() string {
	if c.TimeZone == "Europe/Oslo" {
		return "NO"
	}
	return "SE"
}
