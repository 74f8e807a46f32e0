// Package registration holds who has a place: signing up, the waiting list,
// giving up and handing on a place, attendance, and telling everybody when an
// event changes. Places and queue live together, because "who gets the next
// place" is one rule.
package registration

import (
	"strings"
	"time"

	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/problem"
)

// Status is the state of one registration.
type Status string

// The states. The first five, and attended and absent, are active: an address
// has at most one of them for an event.
const (
	New            Status = "" // before it exists
	PendingEmail   Status = "pending_email"
	Requested      Status = "requested"
	Confirmed      Status = "confirmed"
	Waitlisted     Status = "waitlisted"
	Offered        Status = "offered"
	Rejected       Status = "rejected"
	Lapsed         Status = "lapsed"
	Declined       Status = "declined"
	Expired        Status = "expired"
	Cancelled      Status = "cancelled"
	LateCancelled  Status = "late_cancelled"
	Transferred    Status = "transferred"
	Attended       Status = "attended"
	NoShow         Status = "no_show"
	EventCancelled Status = "event_cancelled"
	Erased         Status = "erased"
)

// HoldsPlace reports whether the state takes up a place. An open offer does, or
// the queue could be overtaken.
func (s Status) HoldsPlace() bool {
	switch s {
	case Confirmed, Offered, PendingEmail, Attended, NoShow:
		return true
	}
	return false
}

// Active reports whether the person still takes part, waits or is asked about.
func (s Status) Active() bool {
	return s.HoldsPlace() || s == Waitlisted || s == Requested
}

// OrganisationKind is for whom somebody comes.
type OrganisationKind string

// The kinds. A sole trader is never asked for a number: in Sweden it is the
// owner's personal number.
const (
	OfCompany     OrganisationKind = "company"
	OfSoleTrader  OrganisationKind = "sole_trader"
	OfNotStarted  OrganisationKind = "not_started"
	OfPublicBody  OrganisationKind = "public_body"
	OfAssociation OrganisationKind = "association"
	OfNone        OrganisationKind = "none"
)

// OrganisationKinds lists them in the order in which they are offered.
func OrganisationKinds() []OrganisationKind {
	return []OrganisationKind{OfCompany, OfSoleTrader, OfNotStarted, OfPublicBody, OfAssociation, OfNone}
}

// Registration is one person's registration for one event.
type Registration struct {
	ID, EventID, PersonID, CompanyID string
	Status                           Status
	Mode                             event.Mode // room or online
	Extra                            bool       // holds a place above the capacity
	Email, FirstName, LastName       string
	Phone, Language                  string
	Audience                         string
	OrganisationKind                 OrganisationKind
	OrganisationName                 string
	Municipality                     municipality.Code
	Diet, AccessNeeds                string
	JoinedAt                         time.Time // the place in the queue
	RoomSince                        time.Time // the place in the queue for the room, of somebody with a place online
	HoldUntil                        time.Time // of an offer, or an address to be proved: when the place is given on
	GroupID, InvitationID            string
	ConfirmedAt, EndedAt             time.Time
	BeforeMark                       Status // to which a mark taken back leads; Cancelled: to none; New: not marked
	ErasedFrom                       Status // what it was before its data were erased
	EndReason                        string
	CalendarUID                      string
	CalendarSequence                 int // of the newest invitation; -1: none
	CreatedAt, ChangedAt             time.Time
}

// Name is first and last name.
func (r Registration) Name() string { return strings.TrimSpace(r.FirstName + " " + r.LastName) }

// Refusals.
var (
	ErrNotOpen   = &problem.Problem{Kind: problem.Conflict, Code: "not_open"}
	ErrClosed    = &problem.Problem{Kind: problem.Conflict, Code: "closed"}
	ErrFull      = &problem.Problem{Kind: problem.Conflict, Code: "full"}
	ErrCancelled = &problem.Problem{Kind: problem.Conflict, Code: "event_cancelled"}
	ErrPostponed = &problem.Problem{Kind: problem.Conflict, Code: "event_postponed"}
	ErrPast      = &problem.Problem{Kind: problem.Conflict, Code: "event_past"}
	ErrNotNow    = &problem.Problem{Kind: problem.Conflict, Code: "not_in_this_state"}
	ErrOfferOver = &problem.Problem{Kind: problem.Conflict, Code: "offer_over"}
	ErrAccepted  = &problem.Problem{Kind: problem.Conflict, Code: "offer_accepted"} // a no after the yes
	ErrShare     = &problem.Problem{Kind: problem.Conflict, Code: "company_share"}
	ErrTaken     = &problem.Problem{Kind: problem.Conflict, Code: "place_taken"}
	ErrMarked    = &problem.Problem{Kind: problem.Conflict, Code: "attendance_closed"}
	ErrTooEarly  = &problem.Problem{Kind: problem.Conflict, Code: "too_early"} // with at: from when it is possible
	ErrAlready   = &problem.Problem{Kind: problem.Conflict, Code: "already_registered"}
)
