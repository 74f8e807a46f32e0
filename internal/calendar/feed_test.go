package calendar_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/calendar"
)

func TestFeedIsForEverybodyAndNamesNobody(t *testing.T) {
	entries := feed(t, "sv")
	data, err := calendar.Publish("Kalender", entries)
	cal := mustRead(t, data, err)
	want := []string{
		"UID", "DTSTAMP", "SEQUENCE", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION", "URL",
		"ORGANIZER", "STATUS", "TRANSP", "CLASS", "LAST-MODIFIED",
	}
	for _, event := range cal.all("VEVENT") {
		if diff := cmp.Diff(want, event.names()); diff != "" {
			t.Errorf("properties (-want +got):\n%s", diff)
		}
		if len(event.Components) != 0 {
			t.Errorf("a feed rings at everybody's: %v", event.Components)
		}
	}
	if got := len(cal.all("VEVENT")); got != len(entries) {
		t.Errorf("%d events, want %d", got, len(entries))
	}
}

func TestFeedSaysItsNameAndHowOftenToAsk(t *testing.T) {
	data, err := calendar.Publish("Dalarna,\r\nkalender", nil)
	got := mustRead(t, data, err).Properties
	none := map[string]string{}
	want := []property{
		{"VERSION", none, "2.0"},
		{"PRODID", none, "-//Stafett//Calendar//EN"},
		{"CALSCALE", none, "GREGORIAN"},
		{"METHOD", none, "PUBLISH"},
		{"NAME", none, "Dalarna – kalender"},
		{"X-WR-CALNAME", none, "Dalarna – kalender"},
		{"REFRESH-INTERVAL", map[string]string{"VALUE": "DURATION"}, "PT6H"},
		{"X-PUBLISHED-TTL", none, "PT6H"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCancelledEventStaysInTheFeed(t *testing.T) {
	data, err := calendar.Publish("Kalender", feed(t, "sv"))
	var got []string
	for _, event := range mustRead(t, data, err).all("VEVENT") {
		got = append(got, event.property(t, "STATUS").Value+" "+event.property(t, "TRANSP").Value)
	}
	if diff := cmp.Diff([]string{"CANCELLED TRANSPARENT", "CONFIRMED OPAQUE"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestStampAndLastChangeAreThoseOfTheEvent(t *testing.T) {
	e := entry(meeting(t, "sv"))
	e.Changed = moment(t, "2027-07-01T09:30:05+02:00")
	data, err := calendar.Publish("Kalender", []calendar.Entry{e})
	event := mustRead(t, data, err).one(t, "VEVENT")
	for _, p := range []string{"DTSTAMP", "LAST-MODIFIED"} {
		if got := event.property(t, p).Value; got != "20270701T073005Z" {
			t.Errorf("%s is %s", p, got)
		}
	}
}

func TestSameEntriesGiveSameBytesInAnyOrder(t *testing.T) {
	entries := append(feed(t, "sv"), feed(t, "nb")...)
	sameTime := entries[0]
	sameTime.UID = "another@stafett.example"
	entries = append(entries, sameTime)

	want, err := calendar.Publish("Kalender", entries)
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(entries)
	for range len(entries) {
		entries = append(entries[1:], entries[0])
		got, err := calendar.Publish("Kalender", entries)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(before, entries); diff != "" {
		t.Errorf("the caller's entries were changed (-want +got):\n%s", diff)
	}
}

func TestEveryZoneOfAFeedIsExplainedOnce(t *testing.T) {
	for _, tt := range []struct {
		name    string
		entries []calendar.Entry
		want    []string
	}{
		{"one", feed(t, "nb"), []string{"Europe/Oslo"}},
		{"both", append(feed(t, "sv"), feed(t, "nn")...), []string{"Europe/Oslo", "Europe/Stockholm"}},
		{"an empty feed has one, since a calendar without any part is not valid", nil, []string{"Europe/Stockholm"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data, err := calendar.Publish("Kalender", tt.entries)
			var got []string
			for _, zone := range mustRead(t, data, err).all("VTIMEZONE") {
				got = append(got, zone.property(t, "TZID").Value)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestBadEntrySaysWhichEventAndField(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*calendar.Entry)
		want  string
	}{
		{"no change", func(e *calendar.Entry) { e.Changed = time.Time{} }, "changed: "},
		{"unknown zone", func(e *calendar.Entry) { e.Zone = "Europe/Atlantis" }, "zone: "},
		{"end before start", func(e *calendar.Entry) { e.End = e.Start.Add(-time.Minute) }, "end: "},
		{"page of another scheme", func(e *calendar.Entry) { e.URL = "mailto:a@stafett.example" }, "url: "},
		{"sender without @", func(e *calendar.Entry) { e.OrganizerEmail = "stafett.example" }, "organizer email: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			entries := feed(t, "sv")
			tt.spoil(&entries[1])
			_, err := calendar.Publish("Kalender", entries)
			if err == nil {
				t.Fatal("was written")
			}
			if want := `entry "` + entries[1].UID + `": ` + tt.want; !strings.Contains(err.Error(), want) {
				t.Errorf("error is %q, want %q in it", err, want)
			}
		})
	}
}

func TestTwoEventsCannotShareAUID(t *testing.T) {
	entries := feed(t, "sv")
	entries[1].UID = entries[0].UID
	if _, err := calendar.Publish("Kalender", entries); err == nil || !strings.Contains(err.Error(), "uid: twice") {
		t.Errorf("error is %v", err)
	}
}

func TestAFeedHasAName(t *testing.T) {
	if _, err := calendar.Publish(" \n", nil); err == nil || !strings.Contains(err.Error(), "name: ") {
		t.Errorf("error is %v", err)
	}
}

// A feed is fetched by every subscriber several times a day.
func BenchmarkPublishThousand(b *testing.B) {
	one := entry(meeting(b, "sv"))
	var all []calendar.Entry
	for i := range 1000 {
		one.UID = fmt.Sprintf("event-%d@stafett.example", i)
		all = append(all, one)
	}
	for b.Loop() {
		if _, err := calendar.Publish("Evenemang", all); err != nil {
			b.Fatal(err)
		}
	}
}
