package web

import (
	"context"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// items are what stands in a day of the week's page, a line each.
func items(doc *goquery.Document, day string) (lines []string) {
	doc.Find("#d" + day).Closest(".week-day").Find(".week-item").Each(func(_ int, s *goquery.Selection) {
		at := ""
		for _, name := range []string{"data-h", "data-m", "data-eh", "data-em"} {
			at += " " + s.AttrOr(name, "-")
		}
		lines = append(lines, strings.TrimSpace(s.AttrOr("data-kind", "")+at+" "+plain(s)))
	})
	return lines
}

func TestTheWeekShowsMeetingsBusyTimesAndWhatIsFree(t *testing.T) {
	o := newOffice(t, nil)
	o.book(o.me, local("2027-01-20", "09:30"), 60, nil)
	o.book(o.me, local("2027-01-21", "13:00"), 60, func(r *advisory.Request) {
		r.Meeting, r.Municipality.Country, r.Municipality.Number, r.Place = advisory.OnSite, "SE", "2062", "Verkstaden"
	})
	storetest.Write(t, o.s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, ?, ?)`, o.me.ID, store.At(local("2027-01-20", "15:00")), store.At(local("2027-01-20", "19:15")))
		if err != nil {
			return err
		}
		_, err = advisory.AddException(context.Background(), tx, o.me.ID, advisory.Exception{Date: "2027-01-22", Note: "tandläkare"}, "", audit.System)
		return err
	})
	doc := o.see("/adviser/week?week=2027-W03")
	wants(t, plain(doc.Find(".toolbar")), "Vecka 3", "18–24 januari 2027", "Vecka 2", "Vecka 4", "Den här veckan")
	for day, want := range map[string][]string{
		"2027-01-20": {
			"free 0 0 1 3 08.00–09.15 Ledig tid", "meeting 1 6 2 6 09.30–10.30 Snickarna i Älvdalen AB TelefonRing 070-174 06 05",
			"free 2 9 7 0 10.45–15.00 Ledig tid", "busy 7 0 11 3 15.00–19.15 Upptagen",
		},
		"2027-01-21": {
			"free 0 0 3 9 08.00–11.45 Ledig tid", "travel 4 0 5 0 12.00–13.00 Resa", "meeting 5 0 6 0 13.00–14.00 Snickarna i Älvdalen AB På platsVerkstaden, Mora (karta)",
			"travel 6 0 7 0 14.00–15.00 Resa", "free 7 3 10 0 15.15–18.00 Ledig tid",
		},
		"2027-01-22": {"empty - - - - Inget"},
	} {
		if got := items(doc, day); strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s:\n%s\nwant:\n%s", day, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	wants(t, plain(doc.Find("#d2027-01-22").Parent()), "Ledig · tandläkare")
	if got := doc.Find(".week").AttrOr("data-hours", ""); got != "12" { // from eight to the end of what is busy
		t.Errorf("%s hours are shown", got)
	}
	if n := doc.Find(`.week-tabs a[href="#d2027-01-20"] .week-dots`).Text(); n != "1" {
		t.Errorf("the tab of Wednesday tells of %q meetings", n)
	}
}

func TestAMeetingThatAnotherCalendarHasComeToLieOverIsMarked(t *testing.T) {
	o := newOffice(t, nil)
	over := o.book(o.me, local("2027-01-20", "09:30"), 60, nil)
	same := o.book(o.me, local("2027-01-20", "12:00"), 60, nil) // as a calendar shows it that has the meeting itself
	storetest.Write(t, o.s.DB, func(tx *store.Tx) (err error) {
		for _, at := range [][2]string{{"10:15", "11:00"}, {"12:00", "13:00"}} {
			if err == nil {
				_, err = store.Exec(context.Background(), tx, `INSERT INTO busy_time (adviser_id, starts_at, ends_at) VALUES (?, ?, ?)`, o.me.ID, store.At(local("2027-01-20", at[0])), store.At(local("2027-01-20", at[1])))
			}
		}
		return err
	})
	for _, page := range []string{"/adviser", "/adviser/week?week=2027-W03"} {
		if got := strings.Count(plain(o.see(page).Find("main")), "Krockar med din andra kalender"); got != 1 {
			t.Errorf("%s marks %d meetings", page, got)
		}
	}
	wants(t, plain(o.see("/adviser/bookings/"+over.ID).Find("main")), "Din andra kalender har fått något på samma tid.")
	if plain(o.see("/adviser/bookings/"+same.ID).Find(".ds-alert")) != "" {
		t.Error("a meeting clashes with itself")
	}
}

func TestTheWeekInWhichTheClockIsSet(t *testing.T) {
	o := newOffice(t, nil)
	storetest.Write(t, o.s.DB, func(tx *store.Tx) error {
		return advisory.SetExceptions(context.Background(), tx, o.me.ID, []advisory.Exception{
			{Date: "2027-03-28", From: "01:00", To: "04:00", Available: true}, {Date: "2027-10-31", From: "01:00", To: "04:00", Available: true},
		}, audit.System)
	})
	doc := o.see("/adviser/week?week=2027-W12")
	wants(t, plain(doc.Find("#d2027-03-28").Parent()), "Dygnet har 23 timmar")
	if got := strings.Join(items(doc, "2027-03-28"), "\n"); got != "free 0 0 3 0 01.00–04.00 Ledig tid\nnone 1 0 2 0" {
		t.Errorf("the night in spring:\n%s", got)
	}
	doc = o.see("/adviser/week?week=2027-W43")
	wants(t, plain(doc.Find("#d2027-10-31").Parent()), "Dygnet har 25 timmar")
	if got := plain(doc.Find(".week-axis")); !strings.HasPrefix(got, "01.0002.0002.0003.00") {
		t.Errorf("the hours of the week in autumn are %s", got)
	}
	if got := strings.Join(items(doc, "2027-10-31"), "\n"); got != "free 0 0 4 0 01.00–04.00 Ledig tid" {
		t.Errorf("the night in autumn:\n%s", got)
	}
	if got := items(doc, "2027-10-30"); got[len(got)-1] != "none 2 0 3 0" { // has no second two o'clock
		t.Errorf("the day before: %v", got)
	}
}

func TestAWeekThatThereIsNotIsThisOne(t *testing.T) {
	o := newOffice(t, nil)
	for query, want := range map[string]string{"": "Vecka 2", "?week=2027-W53": "Vecka 2", "?week=2026-W53": "Vecka 53", "?week=x": "Vecka 2", "?week=2027-W00": "Vecka 2"} {
		if got := plain(o.see("/adviser/week" + query).Find("h1")); got != want {
			t.Errorf("%q is %s, want %s", query, got, want)
		}
	}
}
