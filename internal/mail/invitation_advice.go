package mail

import (
	"strings"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/calendar"
)

// adviceMethod is what the letter asks of a calendar: only a confirmed meeting is
// entered, and who never had it entered has nothing to take out.
func (f facts) adviceMethod() string {
	b := f.advising.booking
	switch f.Letter.Method() {
	case "REQUEST":
		if b.Status == advisory.Confirmed && (f.AdviserID == "" || f.AdviserID == b.AdviserID) {
			return "REQUEST"
		}
	case "CANCEL":
		if f.invited >= 0 && !b.StartsAt.IsZero() {
			return "CANCEL"
		}
	}
	return ""
}

// adviceSequence is the number of the calendar object, of a cancellation always
// more than was sent.
func (f facts) adviceSequence() int {
	n := f.advising.booking.CalendarSequence
	if f.AdviserID != "" {
		n = f.advising.booking.AdviserSequence
	}
	if f.Letter.Method() == "CANCEL" {
		return max(n, f.invited+1)
	}
	return max(n, 0)
}

// adviceCalendar writes the entry that goes with the letter; nil when none does.
// Whoever booked and the adviser have one each, with a number of its own. What the
// advice is about, and whom to ring, does not stand in it: calendars are shared.
func (w *writer) adviceCalendar(s Settings) ([]byte, error) {
	b := w.advising.booking
	uid := b.CalendarUID
	if w.AdviserID != "" {
		uid = b.AdviserUID(w.AdviserID)
	}
	start, end := b.StartsAt, b.EndsAt
	if old := parseTime(w.Details.OldStart); w.method == "CANCEL" && !old.IsZero() { // another adviser has it at another time
		start, end = old, parseTime(w.Details.OldEnd)
	}
	meeting := calendar.Meeting{
		UID: uid + "@" + s.domain(), Sequence: w.sequence(), Stamp: w.written(),
		Start: start, End: end, Zone: b.TimeZone,
		Language: string(w.language), Summary: w.adviceSummary(), Description: w.adviceDescription(), Location: w.adviceLocation(),
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

// adviceSummary names the other side of the meeting, without which the entry would
// be of no use.
func (w *writer) adviceSummary() string {
	title := w.adviceName()
	switch {
	case w.AdviserID == "" && w.advising.adviser.Name != "":
		title = w.t("mail.advice.calendar.with", "title", title, "adviser", w.advising.adviser.Name)
	case w.AdviserID != "" && w.advising.company.Name != "":
		title = w.t("mail.advice.calendar.for", "title", title, "company", typedName(w.advising.company.Name))
	}
	if w.method == "CANCEL" {
		title = w.t("mail.advice.calendar.cancelled", "title", title)
	}
	if w.marked() {
		title = testMark + title
	}
	return title
}

func (w *writer) adviceDescription() string {
	var said []string
	if w.method == "REQUEST" {
		if w.AdviserID == "" {
			if text, _ := w.advising.programme.Text(string(w.language)); text.Preparation != "" {
				said = append(said, w.t("mail.advice.fact.prepare")+":\n"+strings.TrimSpace(text.Preparation))
			}
		}
		if w.join != "" {
			said = append(said, w.t("mail.calendar.join", "url", w.join))
		}
	}
	if c := w.contact(); c != nil && w.AdviserID == "" {
		said = append(said, w.t("mail.calendar.questions", "contact", strings.Join(c.Lines(), ", ")))
	}
	return strings.Join(append(said, w.page), "\n\n")
}

// adviceLocation is where to be: a telephone number stands in the letter alone.
func (w *writer) adviceLocation() string {
	switch w.advising.booking.Meeting {
	case advisory.Online:
		return w.t("mail.online")
	case advisory.Phone:
		return w.t("mail.advice.phone")
	}
	return w.advicePlace()
}

// start of the meeting on its own clock.
func (a advice) start() time.Time { return a.booking.StartsAt.In(a.zone()) }
