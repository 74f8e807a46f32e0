package slot

import (
	"time"

	"stafett/internal/holiday"
)

const oneDay = 24 * time.Hour

// day is one date on the adviser's clock.
type day struct {
	date      string
	midnight  time.Time // of the date in UTC: what the clock shows, told as if it were UTC
	stretches []stretch
	open      []hours // the windows that apply
	shut      []hours // hours taken out of them
}

type hours struct{ from, to Clock }

// stretch is a time during which the clock is the same way off UTC.
type stretch struct {
	Span
	offset time.Duration
}

// dateAt is the date on a clock at a moment, as midnight UTC.
func dateAt(at time.Time, zone *time.Location) time.Time {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func startOf(date time.Time, after int) time.Time { return date.AddDate(0, 0, after) }

// days are the dates on the adviser's clock from one moment to the day after
// another, each with its hours.
func (a Adviser) days(from, to time.Time) []day {
	var days []day
	end := startOf(dateAt(to, a.Zone), 1)
	for midnight := dateAt(from, a.Zone); !midnight.After(end); midnight = midnight.AddDate(0, 0, 1) {
		d := day{date: midnight.Format(time.DateOnly), midnight: midnight, stretches: stretches(midnight, a.Zone)}
		d.open, d.shut = a.hours(d)
		days = append(days, d)
	}
	return days
}

// hours says which windows of the week and of the exceptions apply to a date.
func (a Adviser) hours(d day) (open, shut []hours) {
	off := a.HolidaysOff && holiday.Named(a.Country, d.midnight)
	for _, e := range a.Exceptions {
		switch {
		case e.Date != d.date:
		case e.Free:
			open = append(open, hours{e.From, e.To})
		case e.wholeDay():
			off = true
		default:
			shut = append(shut, hours{e.From, e.To})
		}
	}
	if !off {
		for _, w := range a.Week {
			if w.Weekday == d.midnight.Weekday() {
				open = append(open, hours{w.From, w.To})
			}
		}
	}
	return open, shut
}

// free is the time when the adviser is free on these days, merged: windows that
// meet at midnight are one.
func (a Adviser) free(days []day) []Span {
	var open, shut []Span
	for _, d := range days {
		for _, h := range d.open {
			open = append(open, d.spans(h)...)
		}
		for _, h := range d.shut {
			shut = append(shut, d.spans(h)...)
		}
	}
	return less(merged(open), merged(shut))
}

// stretches are those in which the clock can show the date.
func stretches(midnight time.Time, zone *time.Location) []stretch {
	var found []stretch
	for at := midnight.Add(-oneDay); ; {
		from, to := at.In(zone).ZoneBounds()
		_, offset := at.In(zone).Zone()
		if to.IsZero() {
			to = midnight.Add(3 * oneDay)
		}
		found = append(found, stretch{Span{from.UTC(), to.UTC()}, time.Duration(offset) * time.Second})
		if to.After(midnight.Add(2 * oneDay)) {
			return found
		}
		at = to
	}
}

// spans are when the clock shows one of the hours of the date: none when it jumps
// over them, two when it shows them twice.
func (d day) spans(h hours) []Span {
	var found []Span
	begin, end := d.at(h.from), d.at(h.to)
	for _, s := range d.stretches {
		if part := (Span{begin.Add(-s.offset), end.Add(-s.offset)}).cut(s.Span); !part.empty() {
			found = append(found, part)
		}
	}
	return found
}

func (d day) at(c Clock) time.Time { return d.midnight.Add(time.Duration(c) * time.Minute) }

// grid lists when the clock shows a time that lies a number of steps after the
// start of a window: not one that it jumps over, and of one that it shows twice
// the first.
func (d day) grid(step int) []time.Time {
	var starts []time.Time
	for _, h := range d.open {
		for c := h.from; c < h.to; c += Clock(step) {
			for _, s := range d.stretches {
				start := d.at(c).Add(-s.offset)
				if !start.Before(s.From) && start.Before(s.To) {
					starts = append(starts, start)
					break
				}
			}
		}
	}
	return starts
}
