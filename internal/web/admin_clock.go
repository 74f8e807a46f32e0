package web

import (
	"time"

	"stafett/internal/problem"
)

// Years that somebody may mean; others are slips of the keyboard.
const (
	firstYear = 2000
	lastYear  = 2199
)

// localInstant is the instant of a date and a time of day on the clock of a
// zone, as forms send them ("2027-03-04", "08:30"). The code is that of an
// error, empty when there is none: clock_gap for a time that the clocks skip in
// spring. Of the two instants of a time in the hour that comes twice in autumn it
// is the first.
func localInstant(date, clock string, loc *time.Location) (at time.Time, code string) {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil || day.Year() < firstYear || day.Year() > lastYear {
		return at, "date"
	}
	hm, err := time.Parse("15:04", clock)
	if err != nil {
		return at, "date"
	}
	at = time.Date(day.Year(), day.Month(), day.Day(), hm.Hour(), hm.Minute(), 0, 0, loc)
	if at.Hour() != hm.Hour() || at.Minute() != hm.Minute() {
		return time.Time{}, "clock_gap"
	}
	if earlier := at.Add(-time.Hour); earlier.Hour() == at.Hour() {
		at = earlier
	}
	return at.UTC(), ""
}

// typedInstant reads a date and a time that belong together. Both empty is the
// zero time; an error stands at the field of the date.
func typedInstant(name, date, clock string, loc *time.Location, f *problem.Fields) time.Time {
	if date == "" && clock == "" {
		return time.Time{}
	}
	at, code := localInstant(date, clock, loc)
	if code != "" {
		f.Add(name, code)
	}
	return at
}

// endDayAndClock is the end as the form has it: without a day when it is the
// start's, so that the end follows when only the start is given another day.
func endDayAndClock(start, end time.Time, loc *time.Location) (date, clock string) {
	date, clock = dayAndClock(end, loc)
	if first, _ := dayAndClock(start, loc); first == date {
		date = ""
	}
	return date, clock
}

// dayAndClock splits an instant into what a form's two fields show; of the zero
// time nothing.
func dayAndClock(t time.Time, loc *time.Location) (date, clock string) {
	if t.IsZero() {
		return "", ""
	}
	local := t.In(loc)
	return local.Format(time.DateOnly), local.Format("15:04")
}
