package calendar_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/calendar"
)

// Whatever people type, the file has one event with the properties that we put
// there, and says what they typed.
func FuzzMeetingText(f *testing.F) {
	for _, awkward := range awkwardNames {
		f.Add(awkward.name, awkward.name, awkward.name, awkward.name)
	}
	f.Add("Åsa", "Träff", "", "")
	f.Add("\"\r\nEND:VEVENT", "a\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:x", `\n\,\;\\`, "\u2028\u0085\xff")
	f.Add("", " x ", strings.Repeat(" ", 300), "x"+strings.Repeat(" ", 300)+"å")
	f.Fuzz(func(t *testing.T, name, summary, description, location string) {
		m := meeting(t, "sv")
		m.AttendeeName, m.OrganizerName = name, name
		m.Summary, m.Description, m.Location = summary, description, location
		request, err := calendar.Request(m)
		if cleaned(summary) == "" {
			if err == nil || !strings.Contains(err.Error(), "summary: ") {
				t.Fatalf("a meeting without title: %v", err)
			}
			return
		}
		checkTyped(t, mustRead(t, request, err), m, "ATTENDEE", "ORGANIZER")

		cancel, err := calendar.Cancel(m)
		checkTyped(t, mustRead(t, cancel, err), m, "ATTENDEE", "ORGANIZER")

		publish, err := calendar.Publish(summary, []calendar.Entry{entry(m)})
		feed := mustRead(t, publish, err)
		checkTyped(t, feed, m, "ORGANIZER")
		if got := feed.property(t, "NAME").Value; strings.ContainsAny(got, `,;\`) || plain(got) != plain(cleaned(summary)) {
			t.Errorf("the feed is called %q, from %q", got, summary)
		}
	})
}

// plain is a name without what parts its words.
func plain(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(`,;\/–`, r) || unicode.IsSpace(r) }), " ")
}

// checkTyped looks for the typed texts in the only event of a file.
func checkTyped(t *testing.T, cal component, m calendar.Meeting, people ...string) {
	t.Helper()
	typed := map[string]string{
		"SUMMARY": cleaned(m.Summary), "DESCRIPTION": cleaned(m.Description), "LOCATION": cleaned(m.Location),
	}
	event := cal.one(t, "VEVENT")
	got := map[string]string{"SUMMARY": "", "DESCRIPTION": "", "LOCATION": ""}
	for _, p := range event.Properties {
		switch p.Name {
		case "SUMMARY", "DESCRIPTION", "LOCATION":
			got[p.Name] += p.Value
		case "ATTENDEE", "ORGANIZER", "UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "URL", "STATUS", "TRANSP",
			"CLASS", "LAST-MODIFIED":
			event.property(t, p.Name)
		default:
			t.Errorf("nobody wrote %s", p.Name)
		}
	}
	if diff := cmp.Diff(typed, got); diff != "" {
		t.Errorf("texts (-typed +read):\n%s", diff)
	}
	for _, who := range people {
		if got, want := event.property(t, who).Params["CN"], called(m.AttendeeName); want != "" && got != want {
			t.Errorf("%s is called %q, want %q", who, got, want)
		}
	}
}

// cleaned is what may be left of a text, said once more in another way.
func cleaned(s string) string {
	var kept []rune
	var broken bool // the octet before was no character either
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		invalid := r == utf8.RuneError && size == 1
		switch {
		case invalid && broken:
		case strings.HasPrefix(s, "\r\n"):
			kept, size = append(kept, '\n'), 2
		case r == '\r' || r == '\u2028' || r == '\u2029':
			kept = append(kept, '\n')
		case r == '\t':
			kept = append(kept, ' ')
		case r == '\n' || !unicode.Is(unicode.Cc, r):
			kept = append(kept, r)
		}
		broken = invalid
		s = s[size:]
	}
	return strings.TrimSpace(string(kept))
}

// called is what may be left of a name.
func called(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(cleaned(s), `"`, "”"), `\`, "/")
	return strings.Join(strings.Fields(s), " ")
}
