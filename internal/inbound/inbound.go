// Package inbound reads mail that comes back: what calendars answer to an
// invitation, and letters that could not be delivered. A calendar that says no
// makes us ask the person; it never gives up a place. A letter that came back is
// marked, and so is its address when there is none such. All else is noted and
// dropped. Nothing that is read here is answered, so nothing can go round in
// circles.
//
// What comes in is written by anybody: it is bounded, and believed only where it
// names something that only its receiver can know.
package inbound

import (
	"time"

	"stafett/internal/calendar"
)

// MaxSize is how large a message may be, in bytes.
const MaxSize = 256 << 10

// Way is how a message came in.
type Way string

// The ways in.
const (
	ByCommand Way = "command" // stafett mail receive
	ByHTTP    Way = "http"
	ByIMAP    Way = "imap"
)

// Kind is what a message is.
type Kind string

// The kinds of messages.
const (
	Reply      Kind = "reply"      // of a calendar
	Bounce     Kind = "bounce"     // a report about a letter of ours
	Automatic  Kind = "automatic"  // out of office, a list, a receipt
	Loop       Kind = "loop"       // our own letter come back
	Letter     Kind = "letter"     // somebody wrote to the address that only sends
	Unreadable Kind = "unreadable" // no message at all
	TooLarge   Kind = "too_large"
)

// Outcome is what was done about a message.
type Outcome string

// The outcomes.
const (
	Asked     Outcome = "asked"     // the person was asked whether to give up the place
	Accepted  Outcome = "accepted"  // the calendar said yes
	Tentative Outcome = "tentative" // the calendar said perhaps
	Proposal  Outcome = "proposal"  // another time was proposed, which only an organiser could give
	Outdated  Outcome = "outdated"  // it answers an older invitation, or was asked about already
	NoPlace   Outcome = "no_place"  // there is no place to give up any more
	Unknown   Outcome = "unknown"   // nothing of ours is named, or not as its receiver knows it

	NoSuchAddress Outcome = "no_such_address" // the letter failed and its address is marked
	CameBack      Outcome = "came_back"       // the letter failed
	StillTrying   Outcome = "still_trying"    // it is only late, or has arrived
	NotedBefore   Outcome = "noted_before"    // the letter had failed already

	Dropped Outcome = "dropped"
)

// Mail is a message that has been read. Reading needs no database, so that no
// transaction waits for it.
type Mail struct {
	Kind Kind

	key        string         // the same for the same message, whichever way it comes
	recipients []string       // to whom it was delivered, in their stored form
	reply      calendar.Reply // of a Reply
	reports    []report       // of a Bounce: what became of each recipient
	returned   string         // of a Bounce: the message id of what came back; "" when it is not told
}

// Noted is what is kept of a message.
type Noted struct {
	Kind           Kind
	Outcome        Outcome
	Way            Way
	MessageID      string // of the outbox, of a letter that came back; or ""
	RegistrationID string // or ""
	ReceivedAt     time.Time
}
