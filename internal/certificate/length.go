package certificate

import "time"

// longestNight is how long an event may last past midnight and still be told in
// hours.
const longestNight = 12 * time.Hour

// Minutes is how long the event lasted. It is 0 for one of several days, whose
// hours on each day are not known; Days tells of that.
func (c Certificate) Minutes() int {
	if c.Days() > 1 && c.Event.EndsAt.Sub(c.Event.StartsAt) > longestNight {
		return 0
	}
	return int(c.Event.EndsAt.Sub(c.Event.StartsAt) / time.Minute)
}

// Days is on how many days of its own calendar the event took place.
func (c Certificate) Days() int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	last := c.Event.LocalEnd().Add(-time.Nanosecond) // midnight belongs to the day before
	return int(day(last).Sub(day(c.Event.LocalStart()))/(24*time.Hour)) + 1
}

// SeriesEarned reports whether somebody who was at so many occasions of a series
// has earned a certificate for the whole of it: at four fifths of them, rounded
// up.
func SeriesEarned(attended, occasions int) bool {
	return occasions > 0 && attended*5 >= occasions*4
}
