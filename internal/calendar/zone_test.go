package calendar_test

import (
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"stafett/internal/calendar"
)

// onset is the moment from which a zone has an offset.
type onset struct {
	from   time.Time
	offset int // seconds east of Greenwich
	name   string
}

// The rules are fixed in the file, while Go's come from the zone database. If
// the countries stop changing their clocks, or change them on another day, this
// test is the one to tell.
func TestRulesOfTheZonesAgreeWithGoForTenYears(t *testing.T) {
	for _, zone := range []string{"Europe/Stockholm", "Europe/Oslo"} {
		t.Run(zone, func(t *testing.T) {
			m := meeting(t, "sv")
			m.Zone = zone
			data, err := calendar.Request(m)
			first := time.Now().UTC().Truncate(time.Hour)
			last := first.AddDate(10, 0, 0)
			onsets := onsets(t, mustRead(t, data, err).one(t, "VTIMEZONE"), first.Year()-1, last.Year())

			loc, err := time.LoadLocation(zone)
			if err != nil {
				t.Fatal(err)
			}
			months := map[string]bool{}
			for hour := first; hour.Before(last); hour = hour.Add(time.Hour) {
				months[hour.Format("2006-01")] = true
				name, offset := hour.In(loc).Zone()
				if got := inForce(onsets, hour); got.offset != offset || got.name != name {
					t.Fatalf("at %s the file says %s (%d s), Go says %s (%d s)", hour, got.name, got.offset, name, offset)
				}
			}
			if len(months) < 120 {
				t.Errorf("only %d months were compared", len(months))
			}
		})
	}
}

// onsets reads the rules of a zone for some years, in order of time.
func onsets(t *testing.T, zone component, first, last int) []onset {
	t.Helper()
	var all []onset
	for _, kind := range []string{"DAYLIGHT", "STANDARD"} {
		rule := zone.one(t, kind)
		since, err := time.Parse("20060102T150405", rule.property(t, "DTSTART").Value)
		if err != nil {
			t.Fatal(err)
		}
		pattern := regexp.MustCompile(`^FREQ=YEARLY;BYMONTH=(\d+);BYDAY=-1SU$`)
		match := pattern.FindStringSubmatch(rule.property(t, "RRULE").Value)
		if match == nil {
			t.Fatalf("%s has a rule of another kind: %s", kind, rule.property(t, "RRULE").Value)
		}
		month, err := strconv.Atoi(match[1])
		if err != nil {
			t.Fatal(err)
		}
		if since != lastSunday(since.Year(), time.Month(month), since) {
			t.Errorf("%s begins on %s, which its own rule does not name", kind, since)
		}
		before := seconds(t, rule.property(t, "TZOFFSETFROM").Value)
		after := seconds(t, rule.property(t, "TZOFFSETTO").Value)
		for year := first; year <= last; year++ {
			local := lastSunday(year, time.Month(month), since)
			from := local.Add(-time.Duration(before) * time.Second)
			all = append(all, onset{from, after, rule.property(t, "TZNAME").Value})
		}
	}
	slices.SortFunc(all, func(a, b onset) int { return a.from.Compare(b.from) })
	return all
}

// lastSunday is the last Sunday of a month, at the time of day of clock.
func lastSunday(year int, month time.Month, clock time.Time) time.Time {
	day := time.Date(year, month+1, 0, clock.Hour(), clock.Minute(), clock.Second(), 0, time.UTC)
	return day.AddDate(0, 0, -int(day.Weekday()))
}

// seconds reads an offset such as +0200.
func seconds(t *testing.T, offset string) int {
	t.Helper()
	east, err := time.Parse("-0700", offset)
	if err != nil {
		t.Fatal(err)
	}
	_, s := east.Zone()
	return s
}

// inForce is the last onset that is not after a moment.
func inForce(onsets []onset, moment time.Time) onset {
	for _, o := range slices.Backward(onsets) {
		if !o.from.After(moment) {
			return o
		}
	}
	return onset{}
}
