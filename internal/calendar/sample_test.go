package calendar_test

import (
	"strings"
	"testing"
	"time"

	"stafett/internal/calendar"
)

// sample is a file as somebody would receive it.
type sample struct {
	file string // below testdata
	data []byte
}

// at reads a local time of a zone, such as "2027-03-03 09:00".
func at(t testing.TB, zone, clock string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	moment, err := time.ParseInLocation("2006-01-02 15:04", clock, loc)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

var organizers = map[string]string{
	"sv": "Upphandlingsdialog Dalarna",
	"nb": "Innkjøp i distriktene",
	"nn": "Regional StartOff",
	"en": "Procurement Dialogue Dalarna",
}

// meeting is an ordinary invitation in a language.
func meeting(t testing.TB, language string) calendar.Meeting {
	t.Helper()
	m := calendar.Meeting{
		Stamp:          time.Date(2027, 2, 1, 7, 30, 5, 0, time.UTC),
		Language:       language,
		OrganizerName:  organizers[language],
		OrganizerEmail: "kalender@stafett.example",
		AttendeeEmail:  "deltagare@foretag.example",
	}
	switch language {
	case "sv":
		m.UID, m.Zone = "k7q2m9@stafett.example", "Europe/Stockholm"
		m.Start, m.End = at(t, m.Zone, "2027-03-03 09:00"), at(t, m.Zone, "2027-03-03 12:00")
		m.Summary = "Lärseminarium: så läser du ett förfrågningsunderlag"
		m.Description = "Vi går igenom en upphandling steg för steg; ta gärna med en egen.\r\n\r\nFrågor? Skriv till kontakt@stafett.example."
		m.Location = "Kulturhuset, Storgatan 1, Borlänge"
		m.URL = "https://stafett.example/events/lararseminarium-borlange"
		m.AttendeeName = "Åsa Öberg"
	case "nb":
		m.UID, m.Zone = "x4d8p1@stafett.example", "Europe/Oslo"
		m.Start, m.End = at(t, m.Zone, "2027-04-14 12:00"), at(t, m.Zone, "2027-04-14 13:00")
		m.Summary = "Handlingsrommet i kommunale innkjøp"
		m.Description = "Hvor langt kan kommunen gå for at små og lokale bedrifter skal kunne konkurrere om avtalene?"
		m.Join = "https://stafett.example/join/eksempel,1"
		m.URL = "https://stafett.example/events/handlingsrommet"
		m.AttendeeName = "Bjørn Ødegård"
	case "nn":
		m.UID, m.Zone = "r1t6w3@stafett.example", "Europe/Oslo"
		m.Start, m.End = at(t, m.Zone, "2027-10-31 10:00"), at(t, m.Zone, "2027-10-31 15:30")
		m.Summary = "Innovative innkjøp: slik får kommunen støtte og prosesshjelp"
		m.Description = "Vi viser korleis de kan søkje, og kva hjelp de får undervegs.\nTa med spørsmål frå kommunen dykkar."
		m.Location = "Kommunehuset, Fjordvegen 2, Ulstein"
		m.Join = "https://stafett.example/join/doeme"
		m.URL = "https://stafett.example/events/innovative-innkjop"
		m.AttendeeName = "Sølvi Kvåle"
	case "en":
		m.UID, m.Zone = "b5h0z7@stafett.example", "Europe/Stockholm"
		m.Start, m.End = at(t, m.Zone, "2027-06-10 13:00"), at(t, m.Zone, "2027-06-10 13:45")
		m.Summary = "Workshop: your first public tender"
		m.Location = "Library, 3 Market Square, Falun"
		m.AttendeeName = "Pat Quill"
	default:
		t.Fatalf("no meeting in %q", language)
	}
	return m
}

// cancelled is the same meeting when the organiser has called it off.
func cancelled(t testing.TB, language string) calendar.Meeting {
	t.Helper()
	m := meeting(t, language)
	word := map[string]string{"sv": "Inställt", "nb": "Avlyst", "nn": "Avlyst", "en": "Cancelled"}[language]
	m.Summary = word + ": " + m.Summary
	m.Sequence = 1
	m.Stamp = m.Stamp.AddDate(0, 0, 7)
	return m
}

// entry is the event of a meeting as a feed shows it.
func entry(m calendar.Meeting) calendar.Entry {
	return calendar.Entry{
		UID: "event-" + m.UID, Changed: m.Stamp, Sequence: m.Sequence,
		Start: m.Start, End: m.End, Zone: m.Zone,
		Language: m.Language, Summary: m.Summary, Description: m.Description,
		Location: m.Location, URL: m.URL,
		OrganizerName: m.OrganizerName, OrganizerEmail: m.OrganizerEmail,
	}
}

// feed holds an event, and one that was called off.
func feed(t testing.TB, language string) []calendar.Entry {
	t.Helper()
	takesPlace := entry(meeting(t, language))
	calledOff := entry(cancelled(t, language))
	calledOff.UID = "earlier-" + calledOff.UID
	calledOff.Start, calledOff.End = calledOff.Start.AddDate(0, 0, -14), calledOff.End.AddDate(0, 0, -14)
	calledOff.Cancelled = true
	return []calendar.Entry{takesPlace, calledOff}
}

var feedNames = map[string]string{
	"sv": "Upphandlingsdialog Dalarna, kalender",
	"nb": "Innkjøp i distriktene; arrangementer",
	"nn": "Regional StartOff: arrangement",
	"en": "Procurement Dialogue Dalarna",
}

// awkwardNames are names that people have, or that somebody tries.
var awkwardNames = []struct{ file, name, want string }{
	{"comma_and_quotes", `Öberg, Åsa "Ås"; x:y\z`, `Öberg, Åsa ”Ås”; x:y/z`},
	{"apostrophe", "Pat O'Brien", "Pat O'Brien"},
	{"two_hundred_letters", strings.Repeat("Långå", 40), strings.Repeat("Långå", 40)},
	{"line_break", "Anna\r\nATTENDEE:mailto:mallory@onde.example\nBerg", "Anna ATTENDEE:mailto:mallory@onde.example Berg"},
	{"emoji", strings.Repeat("Kim 👍🏽👩🏿‍🚒 ", 8), strings.TrimSpace(strings.Repeat("Kim 👍🏽👩🏿‍🚒 ", 8))},
}

// samples writes every kind of file in every language, and an invitation for
// every awkward name.
func samples(t *testing.T) []sample {
	t.Helper()
	var all []sample
	add := func(file string, data []byte, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all = append(all, sample{file, data})
	}
	for _, language := range []string{"sv", "nb", "nn", "en"} {
		data, err := calendar.Request(meeting(t, language))
		add("request."+language+".ics", data, err)
		data, err = calendar.Cancel(cancelled(t, language))
		add("cancel."+language+".ics", data, err)
		data, err = calendar.Publish(feedNames[language], feed(t, language))
		add("publish."+language+".ics", data, err)
	}
	for _, awkward := range awkwardNames {
		m := meeting(t, "sv")
		m.AttendeeName = awkward.name
		m.Description += "\n" + awkward.name
		data, err := calendar.Request(m)
		add("request_name_"+awkward.file+".sv.ics", data, err)
	}
	return all
}
