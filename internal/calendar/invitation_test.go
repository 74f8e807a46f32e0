package calendar_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/calendar"
)

func TestInvitationHasEverythingACalendarNeedsAndNothingElse(t *testing.T) {
	data, err := calendar.Request(meeting(t, "nn"))
	cal := mustRead(t, data, err)
	event := cal.one(t, "VEVENT")

	want := []string{
		"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION", "URL",
		"ORGANIZER", "STATUS", "TRANSP", "CLASS", "CONFERENCE", "ATTENDEE",
	}
	if diff := cmp.Diff(want, event.names()); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	wantAlarm := component{Name: "VALARM", Properties: []property{
		{"ACTION", map[string]string{}, "DISPLAY"},
		{"TRIGGER", map[string]string{}, "-PT30M"},
		{"DESCRIPTION", map[string]string{"LANGUAGE": "nn"}, meeting(t, "nn").Summary},
	}}
	if diff := cmp.Diff(wantAlarm, event.one(t, "VALARM")); diff != "" {
		t.Errorf("alarm (-want +got):\n%s", diff)
	}
}

func TestCancellationTakesBackTheSameInvitation(t *testing.T) {
	m := cancelled(t, "nn")
	data, err := calendar.Cancel(m)
	event := mustRead(t, data, err).one(t, "VEVENT")

	got := map[string]string{}
	for _, p := range event.Properties {
		got[p.Name] = p.Value
	}
	want := map[string]string{
		"UID": m.UID, "DTSTAMP": "20270208T073005Z", "SEQUENCE": "1",
		"DTSTART": "20271031T100000", "DTEND": "20271031T153000",
		"SUMMARY": m.Summary, "DESCRIPTION": m.Description, "LOCATION": m.Location, "URL": m.URL,
		"ORGANIZER": "mailto:kalender@stafett.example", "ATTENDEE": "mailto:deltagare@foretag.example",
		"STATUS": "CANCELLED", "TRANSP": "TRANSPARENT", "CLASS": "PUBLIC",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
	if len(event.Components) != 0 {
		t.Errorf("a cancelled meeting still rings: %v", event.Components)
	}
}

func TestMethodIsWrittenInTheFile(t *testing.T) {
	request, err := calendar.Request(meeting(t, "sv"))
	cal := mustRead(t, request, err)
	if got := calendar.Method(cal.property(t, "METHOD").Value); got != calendar.MethodRequest {
		t.Errorf("invitation has method %s", got)
	}
	cancel, err := calendar.Cancel(meeting(t, "sv"))
	cal = mustRead(t, cancel, err)
	if got := calendar.Method(cal.property(t, "METHOD").Value); got != calendar.MethodCancel {
		t.Errorf("cancellation has method %s", got)
	}
	publish, err := calendar.Publish("Kalender", feed(t, "sv"))
	cal = mustRead(t, publish, err)
	if got := calendar.Method(cal.property(t, "METHOD").Value); got != calendar.MethodPublish {
		t.Errorf("feed has method %s", got)
	}
}

func TestThePersonHasAcceptedAndMayAnswerAnInvitationOnly(t *testing.T) {
	want := map[string]string{
		"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "TRUE", "CN": "Åsa Öberg",
	}
	data, err := calendar.Request(meeting(t, "sv"))
	got := mustRead(t, data, err).one(t, "VEVENT").property(t, "ATTENDEE").Params
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("invitation (-want +got):\n%s", diff)
	}

	delete(want, "RSVP")
	data, err = calendar.Cancel(cancelled(t, "sv"))
	got = mustRead(t, data, err).one(t, "VEVENT").property(t, "ATTENDEE").Params
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("cancellation (-want +got):\n%s", diff)
	}
}

func TestNamesStandInQuotationMarksWithoutEscapes(t *testing.T) {
	for _, tt := range awkwardNames {
		t.Run(tt.file, func(t *testing.T) {
			m := meeting(t, "sv")
			m.AttendeeName, m.OrganizerName = tt.name, tt.name
			data, err := calendar.Request(m)
			event := mustRead(t, data, err).one(t, "VEVENT")
			for _, who := range []string{"ATTENDEE", "ORGANIZER"} {
				if got := event.property(t, who).Params["CN"]; got != tt.want {
					t.Errorf("%s is called %q, want %q", who, got, tt.want)
				}
			}
			if unfolded := strings.ReplaceAll(string(data), "\r\n ", ""); !strings.Contains(unfolded, `;CN="`+tt.want+`":mailto:`) {
				t.Errorf("no quotation marks in\n%s", unfolded)
			}
		})
	}
}

func TestAPersonWithoutANameGoesByTheAddress(t *testing.T) {
	m := meeting(t, "sv")
	m.AttendeeName = " \r\n\x00 "
	data, err := calendar.Request(m)
	if got := mustRead(t, data, err).one(t, "VEVENT").property(t, "ATTENDEE").Params["CN"]; got != m.AttendeeEmail {
		t.Errorf("is called %q, want %q", got, m.AttendeeEmail)
	}
}

func TestAddressesBecomeURIs(t *testing.T) {
	for _, tt := range []struct{ name, email, want string }{
		{"an apostrophe stays", "pat.o'brien@foretag.example", "mailto:pat.o'brien@foretag.example"},
		{"a plus stays", "asa+moten@foretag.example", "mailto:asa+moten@foretag.example"},
		{"a question mark would begin something else", "a?b#c%d@foretag.example", "mailto:a%3Fb%23c%25d@foretag.example"},
		{"what no URI can hold is written in hexadecimal", "{a|b}^`@foretag.example", "mailto:%7Ba%7Cb%7D%5E%60@foretag.example"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := meeting(t, "sv")
			m.AttendeeEmail = tt.email
			data, err := calendar.Request(m)
			if got := mustRead(t, data, err).one(t, "VEVENT").property(t, "ATTENDEE").Value; got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTextsKeepTheirLinesAndLoseTheirControls(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"lines of a form", "ett\r\ntvå\r\n\r\ntre", "ett\ntvå\n\ntre"},
		{"lines of an old program", "ett\rtvå", "ett\ntvå"},
		{"breaks that only some programs see", "ett\u2028två\u2029tre", "ett\ntvå\ntre"},
		{"signs that a calendar gives a meaning", `a\b;c,d:e"f`, `a\b;c,d:e"f`},
		{"a backslash before n is no line break", `C:\nytt`, `C:\nytt`},
		{"a tab", "ett\ttvå", "ett två"},
		{"controls", "e\x00t\x1b[31mt\x7f\u0085", "et[31mt"},
		{"octets that are no characters", "ett\xff\xfetvå", "ett\uFFFDtvå"},
		{"a property of its own", "x\r\nATTENDEE:mailto:mallory@onde.example", "x\nATTENDEE:mailto:mallory@onde.example"},
		{"white space around", " \n ett \n ", "ett"},
		{"emoji with skin tone", "👍🏽 👩🏿‍🚒", "👍🏽 👩🏿‍🚒"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := meeting(t, "sv")
			m.Summary, m.Description, m.Location = tt.text, tt.text, tt.text
			data, err := calendar.Request(m)
			event := mustRead(t, data, err).one(t, "VEVENT")
			for _, p := range []string{"SUMMARY", "DESCRIPTION", "LOCATION"} {
				want := property{p, map[string]string{"LANGUAGE": "sv"}, tt.want}
				if diff := cmp.Diff(want, event.property(t, p)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestEmptyTextsAreLeftOut(t *testing.T) {
	m := meeting(t, "sv")
	m.Description, m.Location, m.URL = "", " \r\n", ""
	data, err := calendar.Request(m)
	want := []string{
		"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "STATUS", "TRANSP", "CLASS", "ATTENDEE",
	}
	if diff := cmp.Diff(want, mustRead(t, data, err).one(t, "VEVENT").names()); diff != "" {
		t.Errorf("properties (-want +got):\n%s", diff)
	}
}

func TestTheWayIntoAMeetingOnTheNetCanBeSeen(t *testing.T) {
	const join = "https://stafett.example/join/a,b;c"
	for _, tt := range []struct {
		name                 string
		place, about         string
		wantPlace, wantAbout string
	}{
		{"it is the place when there is none", "", "Om", join, "Om"},
		{"it ends the description when there is a room too", "Salen", "Om", "Salen", "Om\n\n" + join},
		{"it is the description when there is none", "Salen", "", "Salen", join},
		{"it is not said twice: place", "Digitalt: " + join, "Om", "Digitalt: " + join, "Om"},
		{"it is not said twice: description", "Digitalt", "Anslut: " + join, "Digitalt", "Anslut: " + join},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := meeting(t, "sv")
			m.Join, m.Location, m.Description = join, tt.place, tt.about
			data, err := calendar.Request(m)
			event := mustRead(t, data, err).one(t, "VEVENT")
			got := map[string]string{}
			for _, p := range event.Properties {
				got[p.Name] = p.Value
			}
			if got["LOCATION"] != tt.wantPlace || got["DESCRIPTION"] != tt.wantAbout {
				t.Errorf("place %q, description %q", got["LOCATION"], got["DESCRIPTION"])
			}
			want := property{"CONFERENCE", map[string]string{"VALUE": "URI", "FEATURE": "VIDEO"}, join}
			if diff := cmp.Diff(want, event.property(t, "CONFERENCE")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTimesAreTheLocalOnesOfTheEvent(t *testing.T) {
	for _, tt := range []struct {
		name, zone, start, end string
		wantStart, wantEnd     string
	}{
		{"winter", "Europe/Stockholm", "2027-01-12T08:00:00Z", "2027-01-12T09:30:00Z", "20270112T090000", "20270112T103000"},
		{"summer", "Europe/Oslo", "2027-07-12T08:00:00Z", "2027-07-12T09:30:00Z", "20270712T100000", "20270712T113000"},
		{"the hour that is left out in March", "Europe/Oslo", "2027-03-28T00:30:00Z", "2027-03-28T01:30:00Z", "20270328T013000", "20270328T033000"},
		{"over New Year", "Europe/Stockholm", "2027-12-31T22:30:00Z", "2027-12-31T23:30:00Z", "20271231T233000", "20280101T003000"},
		{"given in another zone", "Europe/Stockholm", "2027-01-12T03:00:00-05:00", "2027-01-12T04:30:00-05:00", "20270112T090000", "20270112T103000"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := meeting(t, "sv")
			m.Zone, m.Start, m.End = tt.zone, moment(t, tt.start), moment(t, tt.end)
			data, err := calendar.Request(m)
			cal := mustRead(t, data, err)
			event, tzid := cal.one(t, "VEVENT"), map[string]string{"TZID": tt.zone}
			want := []property{{"DTSTART", tzid, tt.wantStart}, {"DTEND", tzid, tt.wantEnd}}
			if diff := cmp.Diff(want, []property{event.property(t, "DTSTART"), event.property(t, "DTEND")}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := cal.one(t, "VTIMEZONE").property(t, "TZID").Value; got != tt.zone {
				t.Errorf("the rules are those of %s", got)
			}
		})
	}
}

func TestStampIsInUTC(t *testing.T) {
	m := meeting(t, "sv")
	m.Stamp = moment(t, "2027-07-01T09:30:05+02:00")
	data, err := calendar.Request(m)
	if got := mustRead(t, data, err).one(t, "VEVENT").property(t, "DTSTAMP").Value; got != "20270701T073005Z" {
		t.Errorf("got %s", got)
	}
}

// A line of nothing but spaces looks empty to some readers, which then lose the
// rest of the event.
func TestSpacesNeverMakeALineThatLooksEmpty(t *testing.T) {
	for length := range 160 {
		m := meeting(t, "sv")
		m.Description = strings.Repeat("x", length) + "     " + strings.Repeat("y", 90)
		m.Location = strings.Repeat("z", length) + " "
		data, err := calendar.Request(m)
		if got := mustRead(t, data, err).one(t, "VEVENT").property(t, "DESCRIPTION").Value; got != strings.TrimSpace(m.Description) {
			t.Fatalf("after %d letters: %q", length, got)
		}
		for line := range strings.Lines(string(data)) {
			if strings.TrimSpace(line) == "" {
				t.Fatalf("after %d letters:\n%s", length, data)
			}
		}
	}
}

func TestALineOfSpacesAloneCanStillBeFolded(t *testing.T) {
	m := meeting(t, "sv")
	m.Description = "å" + strings.Repeat(" ", 400) + "ö"
	data, err := calendar.Request(m)
	if got := mustRead(t, data, err).one(t, "VEVENT").property(t, "DESCRIPTION").Value; got != m.Description {
		t.Errorf("got %q", got)
	}
}

func TestBadInvitationSaysWhichField(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*calendar.Meeting)
		want  string
	}{
		{"no uid", func(m *calendar.Meeting) { m.UID = "" }, "uid: "},
		{"uid without domain", func(m *calendar.Meeting) { m.UID = "k7q2m9" }, "uid: "},
		{"uid in Swedish", func(m *calendar.Meeting) { m.UID = "åäö@stafett.example" }, "uid: "},
		{"uid with a line break", func(m *calendar.Meeting) { m.UID = "a\r\nX:1@stafett.example" }, "uid: "},
		{"sequence below 0", func(m *calendar.Meeting) { m.Sequence = -1 }, "sequence: "},
		{"no stamp", func(m *calendar.Meeting) { m.Stamp = time.Time{} }, "stamp: "},
		{"no start", func(m *calendar.Meeting) { m.Start = time.Time{} }, "start: "},
		{"no end", func(m *calendar.Meeting) { m.End = time.Time{} }, "end: "},
		{"end at the start", func(m *calendar.Meeting) { m.End = m.Start }, "end: "},
		{"end before the start", func(m *calendar.Meeting) { m.End = m.Start.Add(-time.Hour) }, "end: "},
		{"less than a second", func(m *calendar.Meeting) { m.End = m.Start.Add(time.Millisecond) }, "end: "},
		{"the clock shows an earlier time at the end", func(m *calendar.Meeting) {
			m.Start, m.End = moment(t, "2027-10-31T00:40:00Z"), moment(t, "2027-10-31T01:20:00Z")
		}, "end: "},
		{"the clock shows a later time at an earlier end", func(m *calendar.Meeting) {
			m.Start, m.End = moment(t, "2027-10-31T01:10:00Z"), moment(t, "2027-10-31T00:50:00Z")
		}, "end: "},
		{"no zone", func(m *calendar.Meeting) { m.Zone = "" }, "zone: "},
		{"zone with other rules", func(m *calendar.Meeting) { m.Zone = "Europe/Helsinki" }, "zone: "},
		{"zone of the machine", func(m *calendar.Meeting) { m.Zone = "Local" }, "zone: "},
		{"unknown language", func(m *calendar.Meeting) { m.Language = "no" }, "language: "},
		{"language with a parameter", func(m *calendar.Meeting) { m.Language = "sv;X=1" }, "language: "},
		{"no title", func(m *calendar.Meeting) { m.Summary = " \r\n" }, "summary: "},
		{"page of another scheme", func(m *calendar.Meeting) { m.URL = "javascript:alert(1)" }, "url: "},
		{"page without host", func(m *calendar.Meeting) { m.URL = "https:///events" }, "url: "},
		{"page without scheme", func(m *calendar.Meeting) { m.URL = "stafett.example/events" }, "url: "},
		{"page with a line break", func(m *calendar.Meeting) { m.URL += "\r\nX:1" }, "url: "},
		{"page with a space", func(m *calendar.Meeting) { m.URL += " b" }, "url: "},
		{"page with å", func(m *calendar.Meeting) { m.URL += "å" }, "url: "},
		{"way in of another scheme", func(m *calendar.Meeting) { m.Join = "ftp://stafett.example/" }, "join: "},
		{"way in with a line break", func(m *calendar.Meeting) { m.Join = "https://stafett.example/\nX:1" }, "join: "},
		{"sender without @", func(m *calendar.Meeting) { m.OrganizerEmail = "hemlig.example" }, "organizer email: "},
		{"no receiver", func(m *calendar.Meeting) { m.AttendeeEmail = "" }, "attendee email: "},
		{"receiver without name before @", func(m *calendar.Meeting) { m.AttendeeEmail = "@hemlig.example" }, "attendee email: "},
		{"receiver without domain", func(m *calendar.Meeting) { m.AttendeeEmail = "hemlig@" }, "attendee email: "},
		{"receiver with two @", func(m *calendar.Meeting) { m.AttendeeEmail = "hemlig@a@a.example" }, "attendee email: "},
		{"two receivers", func(m *calendar.Meeting) { m.AttendeeEmail = "hemlig@a.example,b@a.example" }, "attendee email: "},
		{"receiver with a line break", func(m *calendar.Meeting) { m.AttendeeEmail = "hemlig@a.example\r\nX:1" }, "attendee email: "},
		{"receiver with a control", func(m *calendar.Meeting) { m.AttendeeEmail = "hemlig\x00@a.example" }, "attendee email: "},
		{"receiver with a comma", func(m *calendar.Meeting) { m.AttendeeEmail = "hemlig,a@a.example" }, "attendee email: "},
		{"receiver with ø", func(m *calendar.Meeting) { m.AttendeeEmail = "hemlig@ø.example" }, "attendee email: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := meeting(t, "sv")
			tt.spoil(&m)
			data, err := calendar.Request(m)
			if err == nil || data != nil {
				t.Fatalf("was written:\n%s", data)
			}
			if lines := strings.Split(err.Error(), "\n"); len(lines) != 1 || !strings.Contains(lines[0], tt.want) {
				t.Errorf("error is %q, want only %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "hemlig") {
				t.Errorf("the error tells an address: %q", err)
			}
		})
	}
}

func TestAllBadFieldsAreNamedAtOnce(t *testing.T) {
	_, err := calendar.Cancel(calendar.Meeting{})
	if err == nil {
		t.Fatal("a meeting without facts was written")
	}
	for _, field := range []string{"uid", "stamp", "start", "zone", "language", "summary", "organizer email", "attendee email"} {
		if !strings.Contains(err.Error(), field+": ") {
			t.Errorf("%s is not named in %q", field, err)
		}
	}
}

func moment(t *testing.T, s string) time.Time {
	t.Helper()
	m, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
