package calendar_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/calendar"
)

func TestAReplyIsReadAsCalendarsWriteIt(t *testing.T) {
	const begin, end = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:a@b.example\r\n", "END:VEVENT\r\nEND:VCALENDAR\r\n"
	for name, tt := range map[string]struct {
		attendee string
		want     calendar.Attendee
	}{
		"plain":                    {"ATTENDEE;PARTSTAT=DECLINED:mailto:anna@firma.example", calendar.Attendee{Email: "anna@firma.example", Answer: "DECLINED"}},
		"any case":                 {"attendee;partstat=declined:MAILTO:anna@firma.example", calendar.Attendee{Email: "anna@firma.example", Answer: "DECLINED"}},
		"folded":                   {"ATTENDEE;PARTSTAT=DEC\r\n LINED:mailto:anna@fir\r\n\tma.example", calendar.Attendee{Email: "anna@firma.example", Answer: "DECLINED"}},
		"signs in quotation marks": {`ATTENDEE;CN="Ek: Anna; A";PARTSTAT="DECLINED":mailto:anna@firma.example`, calendar.Attendee{Email: "anna@firma.example", Answer: "DECLINED"}},
		"a broken parameter":       {"ATTENDEE;CN;=;PARTSTAT=DECLINED:mailto:anna@firma.example", calendar.Attendee{Email: "anna@firma.example", Answer: "DECLINED"}},
		"encoded as we write it":   {"ATTENDEE;PARTSTAT=ACCEPTED:mailto:a%25b@firma.example", calendar.Attendee{Email: "a%b@firma.example", Answer: "ACCEPTED"}},
		"an address of Apple's":    {"ATTENDEE;EMAIL=anna@firma.example;PARTSTAT=TENTATIVE:urn:uuid:1", calendar.Attendee{Email: "anna@firma.example", Answer: "TENTATIVE"}},
		"without an answer":        {"ATTENDEE:mailto:anna@firma.example", calendar.Attendee{Email: "anna@firma.example"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, text := range []string{begin + tt.attendee + "\r\n" + end, strings.ReplaceAll(begin+tt.attendee+"\r\n"+end, "\r\n", "\n")} {
				got, err := calendar.ReadReply([]byte(text))
				want := calendar.Reply{Method: "REPLY", UID: "a@b.example", Attendees: []calendar.Attendee{tt.want}}
				if diff := cmp.Diff(want, got); err != nil || diff != "" {
					t.Errorf("%v (-want +got):\n%s", err, diff)
				}
			}
		})
	}
}

func TestWhatIsNoReplyIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":          "",
		"no event":         "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nEND:VCALENDAR\r\n",
		"no number":        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
		"cut short":        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n",
		"sequence":         "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nSEQUENCE:many\r\nEND:VEVENT\r\n",
		"nested too deep":  strings.Repeat("BEGIN:VCALENDAR\r\n", 100),
		"too many people":  "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\n" + strings.Repeat("ATTENDEE:mailto:a@b.example\r\n", 100) + "END:VEVENT\r\n",
		"too many lines":   strings.Repeat("A:B\r\n", 10000),
		"too large":        strings.Repeat("A", 300<<10),
		"a task, no event": "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VTODO\r\nUID:a\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
	} {
		if got, err := calendar.ReadReply([]byte(text)); !errors.Is(err, calendar.ErrNoReply) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

// What we write ourselves is read back, whoever is invited.
func FuzzReadReply(f *testing.F) {
	f.Add("BEGIN:VCALENDAR\nMETHOD:REPLY\nBEGIN:VEVENT\nUID:a\nATTENDEE;PARTSTAT=DECLINED;CN=\"a;b:c\":mailto:a@b.example\nSEQUENCE:1\nEND:VEVENT\nEND:VCALENDAR")
	f.Add("begin:vcalendar\r\n begin\r\n\t:vevent\r\nuid;x=\":\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := calendar.ReadReply([]byte(text))
		if err == nil && (r.UID == "" || r.Sequence < 0 || len(r.Attendees) > 20) {
			t.Errorf("read as %+v", r)
		}
	})
}
