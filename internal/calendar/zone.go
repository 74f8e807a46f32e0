package calendar

import (
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"
)

// location finds a zone whose rules the file can carry. Sweden and Norway have
// the same, and either may be named. For another zone it answers UTC with the
// error, so that the other fields can be checked too.
func location(zone string) (*time.Location, error) {
	switch zone {
	case "Europe/Stockholm", "Europe/Oslo":
		return time.LoadLocation(zone)
	}
	return time.UTC, fmt.Errorf("zone: %q is not Europe/Stockholm or Europe/Oslo", zone)
}

// localTime is what a clock in the zone shows (RFC 5545 3.3.5, form 3).
func localTime(t time.Time, loc *time.Location) string {
	return t.In(loc).Format("20060102T150405")
}

// rules says when the clocks change, because a zone that is only named is not
// valid (RFC 5545 3.2.19) and is an hour wrong in some calendars.
func rules(zone string) *ics.VTimezone {
	tz := ics.NewTimezone(zone)
	tz.Components = []ics.Component{
		&ics.Daylight{ComponentBase: change("+0100", "+0200", "CEST", "19810329T020000", "3")},
		&ics.Standard{ComponentBase: change("+0200", "+0100", "CET", "19961027T030000", "10")},
	}
	return tz
}

// change is a shift of the clocks on the last Sunday of a month, every year
// since the given one.
func change(from, to, name, since, month string) ics.ComponentBase {
	var c ics.ComponentBase
	c.AddProperty("TZOFFSETFROM", from)
	c.AddProperty("TZOFFSETTO", to)
	c.AddProperty("TZNAME", name)
	c.AddProperty("DTSTART", since)
	c.AddProperty("RRULE", "FREQ=YEARLY;BYMONTH="+month+";BYDAY=-1SU")
	return c
}
