package calendar

import (
	"errors"
	"fmt"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// Meeting is everything an invitation says. Calendars are often shared with
// colleagues: no link that manages a place, and nothing about other people,
// belongs in any of its texts.
type Meeting struct {
	UID      string    // "<opaque id>@<domain>", one per registration or booking for all its life
	Sequence int       // 0 first, one more with every change sent
	Stamp    time.Time // the moment the message was prepared; written in UTC

	Start, End time.Time // written in the local time of Zone
	Zone       string    // "Europe/Stockholm" or "Europe/Oslo"

	Language    string // the receiver's: "sv", "nb", "nn" or "en"
	Summary     string // the title, one line
	Description string // plain text, "" if none
	Location    string // plain text, "" if none
	URL         string // the public page, "" if none
	Join        string // address of the meeting on the net, "" if none

	OrganizerName, OrganizerEmail string // the From of the letter
	AttendeeName, AttendeeEmail   string // the To of the letter
}

// Request writes an invitation, or the change of an earlier one with the same
// UID, with a reminder half an hour before. The answer "yes" is already filled
// in, because the person has signed up. The address in Join also stands where
// people see it, even if neither Location nor Description names it. An error
// names each field that cannot be written.
func Request(m Meeting) ([]byte, error) {
	event, err := m.withVisibleJoin().event().component()
	if err = errors.Join(err, m.checkLetter(), checkWebAddress("join", m.Join)); err != nil {
		return nil, fmt.Errorf("invitation: %w", err)
	}
	if m.Join != "" {
		event.AddProperty("CONFERENCE", m.Join, ics.WithValue("URI"), parameter("FEATURE", "VIDEO"))
	}
	addPerson(event, "ATTENDEE;"+attending+";RSVP=TRUE", m.AttendeeName, m.AttendeeEmail)
	event.AddVAlarm(reminder(m))

	cal := newCalendar(MethodRequest, m.Zone)
	cal.AddVEvent(event)
	return write(cal)
}

// Cancel withdraws the invitation with the same UID. The times are the last
// ones sent, Sequence is one more than the last, and Summary already begins
// with the word for cancelled in the receiver's language. Join is not written.
// An error names each field that cannot be written.
func Cancel(m Meeting) ([]byte, error) {
	facts := m.event()
	facts.cancelled = true
	event, err := facts.component()
	if err = errors.Join(err, m.checkLetter()); err != nil {
		return nil, fmt.Errorf("cancellation: %w", err)
	}
	addPerson(event, "ATTENDEE;"+attending, m.AttendeeName, m.AttendeeEmail)

	cal := newCalendar(MethodCancel, m.Zone)
	cal.AddVEvent(event)
	return write(cal)
}

// attending says that the person takes part and has accepted.
const attending = "CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED"

// checkLetter looks at what only a letter has: the moment it was prepared, and
// the person it goes to.
func (m Meeting) checkLetter() error {
	return errors.Join(checkMoment("stamp", m.Stamp), checkEmail("attendee email", m.AttendeeEmail))
}

func (m Meeting) event() event {
	return event{
		uid: m.UID, sequence: m.Sequence, stamp: m.Stamp,
		start: m.Start, end: m.End, zone: m.Zone,
		language: m.Language, summary: m.Summary, description: m.Description,
		location: m.Location, url: m.URL,
		organizerName: m.OrganizerName, organizerEmail: m.OrganizerEmail,
	}
}

// withVisibleJoin puts the address of the meeting where people look, because
// most calendars show nothing of CONFERENCE.
func (m Meeting) withVisibleJoin() Meeting {
	if m.Join == "" || strings.Contains(m.Location, m.Join) || strings.Contains(m.Description, m.Join) {
		return m
	}
	if text(m.Location) == "" {
		m.Location = m.Join
		return m
	}
	m.Description = text(m.Description) + "\n\n" + m.Join
	return m
}

// reminder is shown half an hour before the start (RFC 5545 3.6.6).
func reminder(m Meeting) *ics.VAlarm {
	alarm := &ics.VAlarm{}
	alarm.SetAction(ics.ActionDisplay)
	alarm.SetTrigger("-PT30M")
	alarm.AddProperty(ics.ComponentPropertyDescription, text(m.Summary), parameter("LANGUAGE", m.Language))
	return alarm
}
