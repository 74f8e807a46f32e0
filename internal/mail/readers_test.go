package mail

import (
	"bytes"
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/calendar/calendartest"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/mail/letter"
	"stafett/internal/message"
	"stafett/internal/registration"
)

// written is a letter as it leaves, with what it was made of.
type writtenLetter struct {
	name  string
	facts facts
	draft draft
	bytes []byte
}

// theLetters is filled once for all tests.
var theLetters []writtenLetter

// everyLetter writes every letter in every situation and language, as a mail
// server gets it.
func everyLetter(t *testing.T) (all []writtenLetter) {
	t.Helper()
	if theLetters != nil {
		return theLetters
	}
	m := press(t)
	for _, v := range variants() {
		for _, lang := range locale.All() {
			f := sampleFacts(t, lang)
			v.change(&f)
			links := sampleLinks(t, f)
			d, err := m.draft(f, links)
			if err != nil {
				t.Fatalf("%s: %v", v.name, err)
			}
			c := message.Message{ID: "m1", Letter: f.Letter, Recipient: f.Recipient, Language: string(lang)}
			if err := m.compose(&c, f, links, ""); err != nil {
				t.Fatalf("%s: %v", v.name, err)
			}
			all = append(all, writtenLetter{v.name + "." + string(lang), f, d, c.MIME})
		}
	}
	theLetters = all
	return all
}

// read is what somebody else's program makes of a letter.
type readLetter struct {
	From, To, ReplyTo [][2]string
	Subject           string
	Tree              any
	Text, HTML        string
	Method, Calendar  string
	Attachments       [][3]string // name, type, content
	List              [][2]string // fields by which news can be ended
	Defects           []string
}

// pythonReads reads letters with Python's e-mail package, started once.
func pythonReads(t *testing.T, all []writtenLetter) (found []readLetter) {
	t.Helper()
	var messages [][]byte
	for _, l := range all {
		messages = append(messages, l.bytes)
	}
	in, err := json.Marshal(messages)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/python3", "letter/testdata/read.py")
	var stderr bytes.Buffer
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("python3, which reads letters as somebody else would: %v\n%s", err, &stderr)
	}
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	if len(found) != len(all) {
		t.Fatalf("python3 read %d of %d letters", len(found), len(all))
	}
	return found
}

// Two readers that share no code with the writer find in every letter what it was
// made of: the structure, both texts, the addresses, and the same calendar twice.
func TestEveryLetterIsReadAsItWasMeant(t *testing.T) {
	all := everyLetter(t)
	for i, got := range pythonReads(t, all) {
		l := all[i]
		want := readLetter{
			From:    [][2]string{{l.facts.programme.Name, "program@stafett.example"}},
			To:      [][2]string{{l.facts.toName(), l.facts.Recipient}},
			ReplyTo: [][2]string{{"", l.draft.replyTo}},
			Subject: flat(l.draft.Subject), Tree: any([]any{"multipart/alternative", "text/plain", "text/html"}), Text: l.draft.Text, HTML: l.draft.HTML,
			Method: l.draft.Method, Calendar: string(l.draft.calendar), Attachments: [][3]string{}, List: [][2]string{}, Defects: []string{},
		}
		if l.facts.Letter == message.News && !l.facts.isTest() { // and no other letter
			want.List = [][2]string{{"List-Unsubscribe", "<https://stafett.example/u/end_news-token>"}, {"List-Unsubscribe-Post", "List-Unsubscribe=One-Click"}}
		}
		if l.draft.replyTo == "" {
			want.ReplyTo = [][2]string{}
		}
		outer := []any{"multipart/mixed"}
		if want.Method != "" {
			outer = append(outer, []any{"multipart/alternative", "text/plain", "text/html", "text/calendar"}, "application/ics")
			want.Attachments = append(want.Attachments, [3]string{"invite.ics", "application/ics", want.Calendar})
		} else {
			outer = append(outer, want.Tree)
		}
		if l.draft.ticket != nil {
			outer = append(outer, "application/pdf")
			want.Attachments = append(want.Attachments, [3]string{"ticket.pdf", "application/pdf", strings.ToValidUTF8(string(l.draft.ticket), "\uFFFD")})
		}
		if l.draft.notice != nil {
			outer = append(outer, "application/pdf")
			want.Attachments = append(want.Attachments, [3]string{"notice.pdf", "application/pdf", string(l.draft.notice)})
		}
		if len(outer) > 2 {
			want.Tree = outer
		}
		for _, text := range []*string{&got.Text, &got.HTML, &want.Text, &want.HTML} {
			*text = strings.TrimRight(strings.ReplaceAll(*text, "\r\n", "\n"), "\n")
		}
		for n := range got.Attachments { // how broken octets are shown is each program's own
			if strings.HasSuffix(got.Attachments[n][0], ".pdf") && len(want.Attachments) > n {
				got.Attachments[n][2], want.Attachments[n][2] = got.Attachments[n][2][:5], want.Attachments[n][2][:5]
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: Python reads (+) something else:\n%s", l.name, diff)
		}
		p, err := letter.Parse(l.bytes)
		if err != nil {
			t.Fatal(err)
		}
		if p.Subject != want.Subject || string(p.Calendar) != string(l.draft.calendar) || p.CalendarMethod != l.draft.Method || len(p.Attachments) != len(want.Attachments) {
			t.Errorf("%s: go-message reads subject %q, method %q, %d attachments", l.name, p.Subject, p.CalendarMethod, len(p.Attachments))
		}
	}
}

// checkCalendar compares what independent readers found in the calendar of a
// letter with what the letter is about.
func checkCalendar(t *testing.T, name string, got calendartest.File, want calendarFacts) {
	t.Helper()
	if len(got.Events) != 1 || got.Method != want.method || !slices.Equal(got.Zones, []string{want.zone}) || got.Name != "" {
		t.Errorf("%s: %s with %d events and zones %v", name, got.Method, len(got.Events), got.Zones)
		return
	}
	ev, cancel := got.Events[0], want.method == "CANCEL"
	expect := ev // what is not looked at stays
	expect.UID, expect.Sequence = want.uid, want.sequence
	expect.Start, expect.End = want.start.UTC().Format(time.RFC3339), want.end.UTC().Format(time.RFC3339)
	expect.Organizers = []calendartest.Person{{Address: want.from, Name: want.fromName}}
	expect.Attendees = []calendartest.Person{{Address: want.to, Name: want.toName, State: "ACCEPTED", RSVP: "TRUE"}}
	expect.Status, expect.Transparency = "CONFIRMED", "OPAQUE"
	if cancel {
		expect.Attendees[0].RSVP, expect.Status, expect.Transparency, expect.Alarms, expect.Conference = "", "CANCELLED", "TRANSPARENT", nil, ""
		expect.Alarms = []string{}
	} else {
		expect.Alarms = []string{"DISPLAY -PT30M " + ev.Summary}
	}
	if diff := cmp.Diff(expect, ev); diff != "" {
		t.Errorf("%s (-want +read):\n%s", name, diff)
	}
	if !strings.HasSuffix(ev.Summary, want.title) || (ev.Summary == want.title) == cancel {
		t.Errorf("%s: the title is %q", name, ev.Summary)
	}
	for _, acts := range []string{"/r/", "/offer/", "/me", "/confirm/", "/ticket/"} {
		if strings.Contains(ev.Description+ev.Location+ev.URL+ev.Conference, acts) {
			t.Errorf("%s: the calendar, which others may see, has the link %s", name, acts)
		}
	}
	if join := "/join/"; !cancel && strings.Contains(ev.Conference, join) != want.online {
		t.Errorf("%s: online %v, but the way in is %q", name, want.online, ev.Conference)
	}
	if ev.Conference != "" && !strings.Contains(ev.Description+ev.Location, ev.Conference) {
		t.Errorf("%s: nobody sees the way in", name)
	}
}

// calendarFacts is what the calendar of a letter must say.
type calendarFacts struct {
	method, uid, zone, title   string
	sequence                   int
	start, end                 time.Time
	from, fromName, to, toName string
	online                     bool
}

func TestEveryCalendarOfALetterIsReadAlike(t *testing.T) {
	var with []writtenLetter
	var names []string
	var files [][]byte
	for _, l := range everyLetter(t) {
		if l.draft.Method != "" {
			with, names, files = append(with, l), append(names, l.name), append(files, l.draft.calendar)
		}
	}
	if len(with) < 50 {
		t.Fatalf("only %d letters have a calendar", len(with))
	}
	for i, got := range calendartest.Read(t, names, files) {
		f := with[i].facts
		if f.advising != nil {
			checkMeeting(t, names[i], got, with[i])
			continue
		}
		checkCalendar(t, names[i], got, calendarFacts{
			method: with[i].draft.Method, uid: f.registration.CalendarUID + "@stafett.example", zone: f.event.TimeZone, title: f.event.Title,
			sequence: f.sequence(), start: f.event.StartsAt, end: f.event.EndsAt, from: "program@stafett.example", fromName: f.programme.Name,
			to: f.Recipient, toName: typedName(f.registration.Name()), online: f.registration.Mode == event.Online && f.registration.Status != registration.Erased,
		})
	}
}
