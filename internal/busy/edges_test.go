package busy

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"
)

// file wraps the lines of events, separated by blank lines, in a calendar.
func file(events ...string) []byte {
	b := "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
	for _, e := range events {
		b += "BEGIN:VEVENT\r\n" + strings.ReplaceAll(strings.TrimSpace(e), "\n", "\r\n") + "\r\nEND:VEVENT\r\n"
	}
	return []byte(b + "END:VCALENDAR\r\n")
}

// at is Norwegian time, as "01-14 09:00 / 10:00" or with a date after the slash.
func short(all []Interval, loc *time.Location) (s []string) {
	for _, i := range all {
		from, to := i.StartsAt.In(loc), i.EndsAt.In(loc)
		layout := "15:04"
		if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
			layout = "01-02 15:04"
		}
		s = append(s, from.Format("01-02 15:04")+" / "+to.Format(layout))
	}
	return s
}

func TestEachPropertyCounts(t *testing.T) {
	for _, tt := range []struct {
		name, event string
		want        []string
		unread      int
	}{
		{"a zone that Windows names", "DTSTART;TZID=W. Europe Standard Time:20270114T090000\nDTEND;TZID=W. Europe Standard Time:20270114T100000", []string{"01-14 09:00 / 10:00"}, 0},
		{"the same in quotation marks and other letters", "DTSTART;TZID=\"w. europe standard time\":20270114T090000\nDTEND;TZID=\"W. EUROPE STANDARD TIME\":20270114T100000", []string{"01-14 09:00 / 10:00"}, 0},
		{"a zone with a word before", "DTSTART;TZID=/mozilla.org/20050126_1/Europe/Helsinki:20270114T090000\nDURATION:PT1H", []string{"01-14 08:00 / 09:00"}, 0},
		{"a zone of the other half of the world", "DTSTART;TZID=Australia/Sydney:20270114T090000\nDURATION:PT1H", []string{"01-13 23:00 / 01-14 00:00"}, 0},
		{"a zone that nobody knows", "DTSTART;TZID=Atlantis:20270114T090000\nDURATION:PT1H", nil, 1},
		{"the zone of the machine that we run on", "DTSTART;TZID=Local:20270114T090000\nDURATION:PT1H", nil, 1},
		{"Z is stronger than a zone", "DTSTART;TZID=America/New_York:20270114T090000Z\nDURATION:PT1H", []string{"01-14 10:00 / 11:00"}, 0},
		{"no zone at all", "DTSTART:20270114T090000\nDTEND:20270114T100000", []string{"01-14 09:00 / 10:00"}, 0},
		{"names in small letters", "dtstart:20270114T090000\ndtend:20270114T100000\ntransp:opaque", []string{"01-14 09:00 / 10:00"}, 0},
		{"a bad parameter beside", "DTSTART;=;X;TZID=Europe/Oslo;:20270114T090000\nDTEND:20270114T100000", []string{"01-14 09:00 / 10:00"}, 0},
		{"a whole day", "DTSTART;VALUE=DATE:20270328\nDTEND;VALUE=DATE:20270329", []string{"03-28 00:00 / 03-29 00:00"}, 0},
		{"a whole day without end", "DTSTART;VALUE=DATE:20270328", []string{"03-28 00:00 / 03-29 00:00"}, 0},
		{"a whole day that ends the day it begins", "DTSTART;VALUE=DATE:20270328\nDTEND;VALUE=DATE:20270328", []string{"03-28 00:00 / 03-29 00:00"}, 0},
		{"days by length, over the change of clocks", "DTSTART;TZID=Europe/Oslo:20270327T120000\nDURATION:P1D", []string{"03-27 12:00 / 03-28 12:00"}, 0},
		{"hours by length, over the change of clocks", "DTSTART;TZID=Europe/Oslo:20270327T120000\nDURATION:PT24H", []string{"03-27 12:00 / 03-28 13:00"}, 0},
		{"weeks and all units", "DTSTART:20270114T090000\nDURATION:P1DT2H3M60S", []string{"01-14 09:00 / 01-15 11:04"}, 0},
		{"no length is no time", "DTSTART:20270114T090000", nil, 0},
		{"an end before the start is no time", "DTSTART:20270114T090000\nDTEND:20270114T080000", nil, 0},
		{"a length that is none", "DTSTART:20270114T090000\nDURATION:1 hour", nil, 1},
		{"a negative length", "DTSTART:20270114T090000\nDURATION:-PT1H", nil, 1},
		{"a length beyond all measure", "DTSTART:20270114T090000\nDURATION:P99999999999999999999D", nil, 1},
		{"a start that is none", "DTSTART:tomorrow\nDTEND:20270114T100000", nil, 1},
		{"no start", "DTEND:20270114T100000", nil, 1},
		{"a day that there is not", "DTSTART;VALUE=DATE:20270230", nil, 1},
		{"free for others", "DTSTART:20270114T090000\nDURATION:PT1H\nTRANSP:TRANSPARENT", nil, 0},
		{"free for Outlook", "DTSTART:20270114T090000\nDURATION:PT1H\nTRANSP:OPAQUE\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", nil, 0},
		{"cancelled", "DTSTART:20270114T090000\nDURATION:PT1H\nSTATUS:CANCELLED", nil, 0},
		{"tentative", "DTSTART:20270114T090000\nDURATION:PT1H\nSTATUS:TENTATIVE\nX-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE", []string{"01-14 09:00 / 10:00"}, 0},
		{"declined by somebody else", "DTSTART:20270114T090000\nDURATION:PT1H\nATTENDEE;PARTSTAT=DECLINED:mailto:per@bedrift.example", []string{"01-14 09:00 / 10:00"}, 0},
		{"declined by the adviser", "DTSTART:20270114T090000\nDURATION:PT1H\nATTENDEE;PARTSTAT=DECLINED:MAILTO:Kari@Raadgiver.example", nil, 0},
		{"one of our own", "UID:advise-0190@stafett.example\nDTSTART:20270114T090000\nDURATION:PT1H", nil, 0},
		{"it began before what is kept", "DTSTART:20270101T090000\nDTEND:20270114T100000", []string{"01-12 10:00 / 01-14 10:00"}, 0},

		{"on weekdays, over the change of clocks", "DTSTART;TZID=Europe/Oslo:20270326T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20270330T070000Z", []string{"03-26 09:00 / 10:00", "03-29 09:00 / 10:00", "03-30 09:00 / 10:00"}, 0},
		{"at an hour that is skipped", "DTSTART;TZID=Europe/Oslo:20270327T023000\nDURATION:PT30M\nRRULE:FREQ=DAILY;COUNT=3", []string{"03-27 02:30 / 03:00", "03-28 03:30 / 04:00", "03-29 02:30 / 03:00"}, 0},
		{"until a day, which belongs to it", "DTSTART;TZID=Europe/Oslo:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20270115", []string{"01-14 09:00 / 10:00", "01-15 09:00 / 10:00"}, 0},
		{"a rule in small letters that ends in a semicolon", "DTSTART:20270114T090000\nDURATION:PT1H\nRRULE:freq=daily;count=2;", []string{"01-14 09:00 / 10:00", "01-15 09:00 / 10:00"}, 0},
		{"the start counts though the rule does not hold it", "DTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=FR;UNTIL=20270115T235959Z", []string{"01-14 09:00 / 10:00", "01-15 09:00 / 10:00"}, 0},
		{"over before what is kept", "DTSTART:20200114T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20270101T000000Z", nil, 0},
		{"counted from long ago", "DTSTART:20270104T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=11", []string{"01-13 09:00 / 10:00", "01-14 09:00 / 10:00"}, 0},
		{"one that lasts from before what is kept", "DTSTART;VALUE=DATE:20260109\nDTEND;VALUE=DATE:20260114\nRRULE:FREQ=YEARLY;COUNT=2", []string{"01-12 10:00 / 01-14 00:00"}, 0},
		{"excluded by the day", "DTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE;VALUE=DATE:20270115", []string{"01-14 09:00 / 10:00", "01-16 09:00 / 10:00"}, 0},
		{"excluded in another zone", "DTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEXDATE:20270114T080000Z,20270116T080000Z", []string{"01-15 09:00 / 10:00"}, 0},
		{"whole days excluded by a time", "DTSTART;VALUE=DATE:20270114\nRRULE:FREQ=DAILY;COUNT=2\nEXDATE;TZID=W. Europe Standard Time:20270114T000000", []string{"01-15 00:00 / 01-16 00:00"}, 0},
		{"periods that are added", "DTSTART:20270114T090000\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20270115T080000Z/PT2H,20270116T080000Z/20270116T090000Z", []string{"01-14 09:00 / 10:00", "01-15 09:00 / 11:00", "01-16 09:00 / 10:00"}, 0},

		{"each hour is not followed, but the first time is kept", "DTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=HOURLY", []string{"01-14 09:00 / 10:00"}, 1},
		{"each second neither", "DTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=SECONDLY", []string{"01-14 09:00 / 10:00"}, 1},
		{"nor by naming every minute of a day", "DTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=0,10,20,30,40", []string{"01-14 09:00 / 10:00"}, 1},
		{"nor a word that is none", "DTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=NOW", []string{"01-14 09:00 / 10:00"}, 1},
		{"nor a count of none", "DTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=0", []string{"01-14 09:00 / 10:00"}, 1},
		{"nor the sixth Monday of January", "DTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY;BYDAY=-6MO", []string{"01-14 09:00 / 10:00"}, 1},
		{"a rule that never comes true", "DTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", []string{"01-14 09:00 / 10:00"}, 0},
		{"an old kind of exception", "DTSTART:20270114T090000\nDURATION:PT1H\nEXRULE:FREQ=DAILY", []string{"01-14 09:00 / 10:00"}, 1},
		{"a birthday of which nobody knows the year", "DTSTART;VALUE=DATE:16040229\nRRULE:FREQ=YEARLY", nil, 0},
		{"the same on a day that each year has", "DTSTART;VALUE=DATE:16040301\nRRULE:FREQ=YEARLY", []string{"03-01 00:00 / 03-02 00:00"}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := reading(t)
			r.Own = func(uid string) bool { return isOurs(uid, map[string]bool{"0190": true}) }
			found, fault := Read(context.Background(), file(tt.event), r)
			if diff := cmp.Diff(tt.want, short(found.Times, r.Zone)); diff != "" || fault != None || found.Unread != tt.unread {
				t.Errorf("fault %q, %d not read (-want +got):\n%s", fault, found.Unread, diff)
			}
		})
	}
}

func TestChangedOccurrencesStandInForTheOthers(t *testing.T) {
	daily := "UID:a\nDTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"
	for _, tt := range []struct {
		name   string
		events []string
		want   []string
		unread int
	}{
		{"moved", []string{daily, "UID:a\nRECURRENCE-ID:20270115T090000\nDTSTART:20270115T120000\nDURATION:PT30M"}, []string{"01-14 09:00 / 10:00", "01-15 12:00 / 12:30", "01-16 09:00 / 10:00"}, 0},
		{"moved, and named in UTC", []string{"UID:a\nRECURRENCE-ID:20270115T080000Z\nDTSTART:20270115T120000\nDURATION:PT30M", daily}, []string{"01-14 09:00 / 10:00", "01-15 12:00 / 12:30", "01-16 09:00 / 10:00"}, 0},
		{"named by the day", []string{daily, "UID:a\nRECURRENCE-ID;VALUE=DATE:20270115\nDTSTART:20270115T120000\nDURATION:PT30M"}, []string{"01-14 09:00 / 10:00", "01-15 12:00 / 12:30", "01-16 09:00 / 10:00"}, 0},
		{"cancelled", []string{daily, "UID:a\nRECURRENCE-ID:20270114T090000\nDTSTART:20270114T090000\nDURATION:PT1H\nSTATUS:CANCELLED"}, []string{"01-15 09:00 / 10:00", "01-16 09:00 / 10:00"}, 0},
		{"free that day", []string{daily, "UID:a\nRECURRENCE-ID:20270114T090000\nDTSTART:20270114T090000\nDURATION:PT1H\nTRANSP:TRANSPARENT"}, []string{"01-15 09:00 / 10:00", "01-16 09:00 / 10:00"}, 0},
		{"changed twice", []string{daily,
			"UID:a\nRECURRENCE-ID:20270115T090000\nSEQUENCE:3\nDTSTART:20270115T120000\nDURATION:PT30M",
			"UID:a\nRECURRENCE-ID:20270115T090000\nSEQUENCE:2\nDTSTART:20270115T180000\nDURATION:PT30M"}, []string{"01-14 09:00 / 10:00", "01-15 12:00 / 12:30", "01-16 09:00 / 10:00"}, 0},
		{"of another event", []string{daily, "UID:b\nRECURRENCE-ID:20270115T090000\nDTSTART:20270115T120000\nDURATION:PT30M"}, []string{"01-14 09:00 / 10:00", "01-15 09:00 / 10:00", "01-15 12:00 / 12:30", "01-16 09:00 / 10:00"}, 0},
		{"without the event that is repeated", []string{"UID:a\nRECURRENCE-ID:20270115T090000\nDTSTART:20270115T120000\nDURATION:PT30M"}, []string{"01-15 12:00 / 12:30"}, 0},
		{"from that one on, which is not followed", []string{daily, "UID:a\nRECURRENCE-ID;RANGE=THISANDFUTURE:20270115T090000\nDTSTART:20270115T120000\nDURATION:PT30M"}, []string{"01-14 09:00 / 10:00", "01-15 12:00 / 12:30", "01-16 09:00 / 10:00"}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := reading(t)
			found, fault := Read(context.Background(), file(tt.events...), r)
			if diff := cmp.Diff(tt.want, short(found.Times, r.Zone)); diff != "" || fault != None || found.Unread != tt.unread {
				t.Errorf("fault %q, %d not read (-want +got):\n%s", fault, found.Unread, diff)
			}
		})
	}
}

func TestWhatIsNoCalendarIsNotTakenForAnEmptyOne(t *testing.T) {
	whole := string(file("DTSTART:20270114T090000\nDURATION:PT1H"))
	for name, f := range map[string]string{
		"nothing": "", "a page": "<!doctype html><title>Logg inn</title>", "cut in the middle": whole[:len(whole)-20],
		"an event alone": "BEGIN:VEVENT\r\nEND:VEVENT\r\n", "nested without end": strings.Repeat("BEGIN:VCALENDAR\r\n", 20),
	} {
		if found, fault := Read(context.Background(), []byte(f), reading(t)); fault != Unreadable || found.Times != nil {
			t.Errorf("%s: fault %q, %v", name, fault, found)
		}
	}
	if found, fault := Read(context.Background(), []byte("\uFEFFBEGIN:VCALENDAR\nEND:VCALENDAR"), reading(t)); fault != None || found.Times != nil {
		t.Errorf("an empty calendar: fault %q, %v", fault, found)
	}
	if _, fault := Read(context.Background(), []byte("BEGIN:VCALENDAR\r\n"+strings.Repeat("BEGIN:VEVENT\r\nEND:VEVENT\r\n", mostEvents+1)+"END:VCALENDAR\r\n"), reading(t)); fault != TooLarge {
		t.Errorf("too many events: fault %q", fault)
	}
}

// Whoever can send an invitation can put this into an adviser's calendar.
func TestRulesThatAreMadeToTakeLongDoNot(t *testing.T) {
	never := make([]string, 200)
	for i := range never {
		never[i] = fmt.Sprintf("UID:%d\nDTSTART:20270114T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", i)
	}
	r := reading(t)
	found, fault := Read(context.Background(), file(never...), r)
	if diff := cmp.Diff([]string{"01-14 09:00 / 10:00"}, short(found.Times, r.Zone)); diff != "" || fault != None || found.Unread < 190 {
		t.Errorf("fault %q, %d not read\n%s", fault, found.Unread, diff)
	}
	many := make([]string, 50)
	for i := range many {
		many[i] = fmt.Sprintf("UID:%d\nDTSTART:20270114T090000\nDURATION:PT1S\nRRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23", i)
	}
	if found, fault := Read(context.Background(), file(many...), r); fault != TooLarge {
		t.Errorf("fault %q, %d times", fault, len(found.Times))
	}
}

// A rule that is followed from later on comes true at the same times.
func TestFollowingARuleFromLaterOnChangesNothing(t *testing.T) {
	loc := oslo(t)
	days := []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
	rapid.Check(t, func(t *rapid.T) {
		freq := rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq")
		text := fmt.Sprintf("FREQ=%s;INTERVAL=%d", freq, rapid.IntRange(1, 7).Draw(t, "interval"))
		if rapid.Bool().Draw(t, "days") {
			text += ";BYDAY=" + strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(days), 1, 4, rapid.ID[string]).Draw(t, "by day"), ",")
		} else if freq == "MONTHLY" && rapid.Bool().Draw(t, "day of month") {
			text += fmt.Sprintf(";BYMONTHDAY=%d", rapid.SampledFrom([]int{1, 15, 29, 30, 31, -1, -2}).Draw(t, "by day of month"))
		}
		if rapid.Bool().Draw(t, "week") {
			text += ";WKST=" + rapid.SampledFrom(days).Draw(t, "first day of the week")
		}
		start := time.Date(rapid.IntRange(2010, 2026).Draw(t, "year"), time.January, rapid.IntRange(1, 366).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"), 30, 0, 0, loc)
		x := &expander{from: time.Date(2027, 1, 12, 9, 0, 0, 0, time.UTC), to: time.Date(2028, 2, 17, 9, 0, 0, 0, time.UTC), days: mostDays}
		got, err := x.follow(text, start)
		o, bad := option(text, start)
		if err != nil || bad != nil {
			t.Fatal(text, err, bad)
		}
		o.Dtstart, o.Until = start, x.to
		rule, err := rrule.NewRRule(*o)
		if err != nil {
			t.Fatal(err)
		}
		var want []time.Time
		for _, w := range rule.All() {
			if !w.Before(x.from) {
				want = append(want, w)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s from %s (-want +got):\n%s", text, start, diff)
		}
	})
}

// A zone that a file describes is the one of that name.
func TestAZoneIsBuiltOfItsRules(t *testing.T) {
	rules := map[string]string{
		"Europe/Oslo":      "BEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT",
		"America/New_York": "BEGIN:DAYLIGHT\nDTSTART:20070311T020000\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nRRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\nEND:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:20071104T020000\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\nEND:STANDARD",
		"Australia/Sydney": "BEGIN:STANDARD\nDTSTART:20080406T030000\nTZOFFSETFROM:+1100\nTZOFFSETTO:+1000\nRRULE:FREQ=YEARLY;BYMONTH=4;BYDAY=1SU\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:20081005T020000\nTZOFFSETFROM:+1000\nTZOFFSETTO:+1100\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=1SU\nEND:DAYLIGHT",
		"Asia/Kolkata":     "BEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0530\nTZOFFSETTO:+0530\nEND:STANDARD",
	}
	for name, text := range rules {
		t.Run(name, func(t *testing.T) {
			want, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			r := reading(t)
			x := &expander{from: r.Now.Add(-keepBack), to: r.Now.AddDate(0, 0, keepAhead), days: mostDays}
			p := parser{zones: zones{files: map[string]*fileZone{}, found: map[string]*time.Location{}, rules: x}}
			head := "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Our own\n"
			if fault := p.parse([]byte(head + text + "\nEND:VTIMEZONE\nEND:VCALENDAR\n")); fault != None {
				t.Fatal(fault)
			}
			got := p.zones.find("Our own")
			if got == nil {
				t.Fatal("it is not built")
			}
			for at := x.from; at.Before(x.to); at = at.Add(30 * time.Minute) {
				_, a := at.In(want).Zone()
				if _, b := at.In(got).Zone(); a != b {
					t.Fatalf("%s is %d seconds east, want %d", at, b, a)
				}
			}
		})
	}
}

// Whatever a file holds, what is read of it is in order, apart, and within the
// time that is kept.
func FuzzRead(f *testing.F) {
	for _, name := range calendars(f) {
		f.Add(read(f, name))
	}
	for _, rule := range []string{
		"FREQ=YEARLY;BYWEEKNO=53,-1,1;BYDAY=MO;WKST=SU", "FREQ=YEARLY;BYDAY=53MO,-53SU", "FREQ=MONTHLY;BYDAY=5FR,-5FR;BYSETPOS=-1,366", "FREQ=YEARLY;BYYEARDAY=366,-366,1",
		"FREQ=WEEKLY;INTERVAL=1000;BYDAY=1MO", "FREQ=DAILY;BYSETPOS=2", "FREQ=YEARLY;BYMONTH=2;BYDAY=-5MO", "FREQ=WEEKLY;BYYEARDAY=1,-1;BYWEEKNO=52", "FREQ=DAILY;COUNT=99999999999", "FREQ=YEARLY;BYMONTHDAY=-31",
	} {
		f.Add(file("DTSTART:20260114T090000\nDURATION:PT1H\nRRULE:" + rule))
		f.Add(file("DTSTART;VALUE=DATE:20240229\nRRULE:" + rule + "\nEXDATE;VALUE=DATE:20270228\nRDATE:20270301"))
	}
	f.Add([]byte("BEGIN:X\nBEGIN:VTIMEZONE\nBEGIN:STANDARD\nTZOFFSETTO:+9999\nEND:STANDARD\nEND:VTIMEZONE\nEND:X"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r := reading(t)
		found, fault := Read(context.Background(), b, r)
		if fault != None && (found.Times != nil || found.Unread != 0) {
			t.Fatalf("fault %q with %v", fault, found)
		}
		end := r.Now.Add(-keepBack - time.Second)
		for _, i := range found.Times {
			if !end.Before(i.StartsAt) || !i.StartsAt.Before(i.EndsAt) {
				t.Fatalf("%v after %s", i, end)
			}
			end = i.EndsAt
		}
		if end.After(r.Now.AddDate(0, 0, keepAhead)) {
			t.Fatal(end)
		}
	})
}
