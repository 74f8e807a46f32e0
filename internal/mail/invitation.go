package mail

import (
	"strings"

	"stafett/internal/calendar"
	"stafett/internal/event"
	"stafett/internal/message"
)

// method is what the calendar object of the letter asks for; empty when none
// goes with it: an event without a date has nothing to enter, who has no place
// must not enter it, and who was never invited has nothing to take out.
func (f facts) method() string {
	if f.advising != nil {
		return f.adviceMethod()
	}
	switch f.Letter.Method() {
	case "REQUEST":
		if f.event.Status != event.Postponed && f.hasPlace() {
			return "REQUEST"
		}
	case "CANCEL":
		if f.invited >= 0 {
			return "CANCEL"
		}
	}
	return ""
}

// sequence is the number of the calendar object: that of the registration,
// and of a cancellation always more than was sent.
func (f facts) sequence() int {
	if f.isTest() {
		return f.testSequence()
	}
	if f.advising != nil {
		return f.adviceSequence()
	}
	if f.Letter.Method() == "CANCEL" {
		return max(f.registration.CalendarSequence, f.invited+1)
	}
	return max(f.registration.CalendarSequence, 0)
}

// calendar writes the object that goes with the letter; nil when none does.
func (w *writer) calendar(s Settings) ([]byte, error) {
	if w.advising != nil {
		return w.adviceCalendar(s)
	}
	meeting := calendar.Meeting{
		UID: w.registration.CalendarUID + "@" + s.domain(), Sequence: w.sequence(), Stamp: w.written(),
		Start: w.event.StartsAt, End: w.event.EndsAt, Zone: w.event.TimeZone,
		Language: string(w.language), Summary: w.summary(), Description: w.description(), Location: w.where(),
		URL: w.page, Join: w.join,
		OrganizerName: w.programme.Name, OrganizerEmail: s.FromEmail,
		AttendeeName: typedName(w.registration.Name()), AttendeeEmail: w.Recipient,
	}
	switch w.method {
	case "REQUEST":
		return calendar.Request(meeting)
	case "CANCEL":
		return calendar.Cancel(meeting)
	}
	return nil, nil
}

// summary is the title; of what is taken back it begins with the reason why, for
// some calendars only show that.
func (w *writer) summary() string {
	if w.marked() {
		return testMark + w.summaryOf()
	}
	return w.summaryOf()
}

func (w *writer) summaryOf() string {
	switch w.Letter {
	case message.EventCancelled:
		return w.t("mail.calendar.cancelled", "title", w.event.Title)
	case message.EventPostponed:
		return w.t("mail.calendar.postponed", "title", w.event.Title)
	case message.Cancelled, message.LateCancelled, message.Transferred:
		return w.t("mail.calendar.withdrawn", "title", w.event.Title)
	}
	return w.event.Title
}

// description says what the public page says. A calendar is often shared with
// colleagues, so the link that manages the place must not be there; the way
// into the meeting may.
func (w *writer) description() string {
	parts := []string{w.event.Summary}
	if w.method == "REQUEST" {
		if w.join != "" {
			parts = append(parts, w.t("mail.calendar.join", "url", w.join))
		}
		if w.registration.Mode != event.Online {
			parts = append(parts, w.event.AccessNotes)
		}
	}
	if c := w.contact(); c != nil {
		parts = append(parts, w.t("mail.calendar.questions", "contact", strings.Join(c.Lines(), ", ")))
	}
	var said []string
	for _, part := range append(parts, w.page) {
		if part = strings.TrimSpace(part); part != "" {
			said = append(said, part)
		}
	}
	return strings.Join(said, "\n\n")
}
