package calendar_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"stafett/internal/calendar/calendartest"
)

// Readers that share nothing with the writer find in each kind of file what our
// own, stricter one finds.
func TestReadersThatShareNothingWithUsAgree(t *testing.T) {
	all := samples(t)
	var names []string
	var files [][]byte
	for _, s := range all {
		names, files = append(names, s.file), append(files, s.data)
	}
	for i, got := range calendartest.Read(t, names, files) {
		cal := mustRead(t, files[i], nil)
		n := 0
		for _, c := range cal.Components {
			if c.Name != "VEVENT" {
				continue
			}
			ev := got.Events[n]
			n++
			for name, theirs := range map[string]string{
				"UID": ev.UID, "SEQUENCE": fmt.Sprint(ev.Sequence), "SUMMARY": ev.Summary, "DESCRIPTION": ev.Description, "LOCATION": ev.Location,
				"URL": ev.URL, "CONFERENCE": ev.Conference, "STATUS": ev.Status, "TRANSP": ev.Transparency,
			} {
				if ours := valueOf(c, name); ours != theirs {
					t.Errorf("%s: %s is %q, they read %q", names[i], name, ours, theirs)
				}
			}
			for name, theirs := range map[string]string{"DTSTART": ev.Start, "DTEND": ev.End} {
				if ours := localMoment(t, propertyOf(c, name)).UTC().Format(time.RFC3339); ours != theirs {
					t.Errorf("%s: %s is %s, they read %s", names[i], name, ours, theirs)
				}
			}
			for name, theirs := range map[string][]calendartest.Person{"ORGANIZER": ev.Organizers, "ATTENDEE": ev.Attendees} {
				p := propertyOf(c, name)
				ours := fmt.Sprint([]calendartest.Person{{Address: strings.TrimPrefix(p.Value, "mailto:"), Name: p.Params["CN"], State: p.Params["PARTSTAT"], RSVP: p.Params["RSVP"]}})
				if p.Name == "" {
					ours = "[]"
				}
				if fmt.Sprint(theirs) != ours {
					t.Errorf("%s: %s is %s, they read %v", names[i], name, ours, theirs)
				}
			}
		}
		if n != len(got.Events) || got.Method != valueOf(cal, "METHOD") {
			t.Errorf("%s: they read %d events with %s", names[i], len(got.Events), got.Method)
		}
	}
}

func propertyOf(c component, name string) property {
	for _, p := range c.Properties {
		if p.Name == name {
			return p
		}
	}
	return property{}
}

func valueOf(c component, name string) string { return propertyOf(c, name).Value }
