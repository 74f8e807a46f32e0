package calendar

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// Entry is one event of a feed, for everybody to read.
type Entry struct {
	UID      string    // "<opaque id>@<domain>", the event's own, never that of an invitation
	Changed  time.Time // when the event last changed; written in UTC
	Sequence int       // 0 first, one more with every change of time, place or state

	Start, End time.Time // written in the local time of Zone
	Zone       string    // "Europe/Stockholm" or "Europe/Oslo"

	Language    string // of the texts: "sv", "nb", "nn" or "en"
	Summary     string // the title, one line; of a cancelled event it begins with the word for that
	Description string // plain text, "" if none
	Location    string // plain text, "" if none
	URL         string // the public page, "" if none

	OrganizerName, OrganizerEmail string

	Cancelled bool // a cancelled event stays in the feed until its end
	Tentative bool // nobody knows yet whether it comes about for whoever reads the feed
	Private   bool // those with whom the calendar is shared see the time alone, where it can tell (CLASS)
}

// Publish writes a feed, or the download of a single event. The same entries
// give the same bytes, whatever their order, so that the bytes can be compared
// with what a calendar fetched before. An error names the entry and each field
// of it that cannot be written.
func Publish(name string, entries []Entry) ([]byte, error) {
	cal := newCalendar(MethodPublish, zonesOf(entries)...)
	cal.SetName(calendarName(name))
	cal.SetRefreshInterval("PT6H")
	cal.SetXPublishedTTL("PT6H")

	err := errors.Join(checkPresent("name", name), checkUnique(entries))
	for _, e := range slices.SortedFunc(slices.Values(entries), byStart) {
		event, wrong := e.component()
		if wrong != nil {
			err = errors.Join(err, fmt.Errorf("entry %q: %w", e.UID, wrong))
			continue
		}
		cal.AddVEvent(event)
	}
	if err != nil {
		return nil, fmt.Errorf("feed: %w", err)
	}
	return write(cal)
}

// calendarName has nothing that needs an escape: some readers, ical.js among them,
// do not know NAME or X-WR-CALNAME as text and would show the backslash.
func calendarName(name string) string {
	return strings.NewReplacer(", ", " – ", "; ", " – ", ",", "/", ";", "/", `\`, "/").Replace(oneLine(name))
}

func checkUnique(entries []Entry) error {
	seen := map[string]bool{}
	for _, e := range entries {
		if seen[e.UID] {
			return fmt.Errorf("entry %q: uid: twice in one feed", e.UID)
		}
		seen[e.UID] = true
	}
	return nil
}

func (e Entry) component() (*ics.VEvent, error) {
	event, err := e.event().component()
	if err = errors.Join(err, checkMoment("changed", e.Changed)); err != nil {
		return nil, err
	}
	event.SetModifiedAt(e.Changed)
	return event, nil
}

func (e Entry) event() event {
	return event{
		uid: e.UID, sequence: e.Sequence, stamp: e.Changed,
		start: e.Start, end: e.End, zone: e.Zone,
		language: e.Language, summary: e.Summary, description: e.Description,
		location: e.Location, url: e.URL,
		organizerName: e.OrganizerName, organizerEmail: e.OrganizerEmail,
		cancelled: e.Cancelled, tentative: e.Tentative, private: e.Private,
	}
}

// zonesOf gives each zone once. A feed without events still needs one, since a
// calendar without any component is not valid (RFC 5545 3.6).
func zonesOf(entries []Entry) []string {
	zones := map[string]bool{}
	for _, e := range entries {
		zones[e.Zone] = true
	}
	if len(zones) == 0 {
		return []string{"Europe/Stockholm"}
	}
	return slices.Sorted(maps.Keys(zones))
}

func byStart(a, b Entry) int {
	return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.UID, b.UID))
}
