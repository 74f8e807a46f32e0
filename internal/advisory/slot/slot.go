// Package slot computes when an adviser is free: the week and its exceptions on
// the adviser's own clock, less what is taken, busy or too near. It knows no
// database and no clock; the same rule lists the times that are offered and says
// yes or no to one of them when it is booked.
package slot

import (
	"slices"
	"time"
)

// Adviser is all that decides when one adviser can meet somebody.
type Adviser struct {
	ID          string
	Zone        *time.Location
	Country     string // whose holidays are free, as package holiday knows it
	HolidaysOff bool
	Week        []Window
	Exceptions  []Exception
	Before      time.Duration // kept free before a meeting
	After       time.Duration // kept free after it
	Travel      time.Duration // to the meeting asked for, and back: kept free on both sides
	MaxPerDay   int           // meetings; 0: no limit
	Taken       []Taken
	Busy        []Span // in other calendars
}

// Clock is a time of day in minutes after midnight; 24:00 is 1440.
type Clock int

// EndOfDay is 24:00.
const EndOfDay Clock = 24 * 60

// Window is a part of each week when the adviser is free.
type Window struct {
	Weekday  time.Weekday
	From, To Clock
}

// Exception is a day, or hours of it, that differ from the week. From 00:00 to
// 24:00 is the whole day. Of two that disagree the narrower wins: hours that are
// free beat a holiday and a whole day that is not, and hours that are not free
// beat whatever is.
type Exception struct {
	Date     string // 2027-03-28
	From, To Clock
	Free     bool
}

func (e Exception) wholeDay() bool { return e.From <= 0 && e.To >= EndOfDay }

// Taken is time that a meeting takes of the adviser, or a proposed one.
type Taken struct {
	Booking string    // several with the same are counted as one meeting of a day
	Start   time.Time // of the meeting, which is of the day it starts
	Block   Span      // with what is kept free around it
}

// Rules are what the programme, the request and the moment say.
type Rules struct {
	Minutes  int           // of the meeting, in real time
	Step     int           // minutes between times offered, from the start of each window
	Lead     time.Duration // from now to the first time offered
	Horizon  int           // days from today to the last that is offered
	LastDay  string        // no meeting starts after this day; empty: none
	From, To time.Time     // only starts in [From, To); zero: as far as the others allow
	Now      time.Time
}

// Slot is a time that an adviser is free.
type Slot struct {
	Start   time.Time // UTC
	Adviser string
}

// Block is what a meeting takes of the adviser's time, with what is kept free
// around it.
func (a Adviser) Block(r Rules, start time.Time) Span {
	start = start.UTC()
	return Span{start.Add(-a.Before - a.Travel), start.Add(r.length() + a.After + a.Travel)}
}

func (r Rules) length() time.Duration { return time.Duration(r.Minutes) * time.Minute }

// All lists the free times of several advisers, the nearest first, and at the
// same time in the order of the advisers.
func All(advisers []Adviser, r Rules) []Slot {
	var found []Slot
	for _, a := range advisers {
		for _, start := range a.Starts(r) {
			found = append(found, Slot{start, a.ID})
		}
	}
	slices.SortStableFunc(found, func(a, b Slot) int { return a.Start.Compare(b.Start) })
	return found
}

// Free reports whether the adviser can have a meeting that starts then: whether
// Starts would list it.
func (a Adviser) Free(r Rules, start time.Time) bool {
	if start.Before(r.From) || !r.To.IsZero() && !start.Before(r.To) {
		return false
	}
	r.From, r.To = start, start.Add(1)
	return len(a.Starts(r)) > 0
}

// Clear reports whether a meeting then touches nothing else of the adviser's,
// whatever the week and the programme say: what an adviser may decide by hand.
func (a Adviser) Clear(r Rules, start time.Time) bool { return !a.Block(r, start).touches(a.blocked()) }

// Starts lists when a meeting can start, in UTC and in order, each time once.
// The meeting itself lies within hours when the adviser is free, which may go on
// over midnight; what is kept free around it may lie outside them, but touches
// nothing else of the adviser's. A start that the clock jumps over is not there;
// of one that comes twice, when the clock is set back, the first is meant.
func (a Adviser) Starts(r Rules) []time.Time {
	from, last := r.From, a.lastDay(r)
	if earliest := r.Now.Add(r.Lead); from.Before(earliest) {
		from = earliest
	}
	to := startOf(last, 1)
	if !r.To.IsZero() && r.To.Before(to.Add(oneDay)) {
		to = r.To.Add(oneDay) // the clock there may be ahead
	}
	if r.Minutes <= 0 || r.Step <= 0 || !from.Before(to) {
		return nil
	}
	week := a.days(from, to.Add(r.length()))
	free, blocked, count := a.free(week), a.blocked(), a.meetings()
	var starts []time.Time
	for _, d := range week {
		if d.midnight.After(last) || a.MaxPerDay > 0 && count[d.date] >= a.MaxPerDay {
			continue
		}
		for _, start := range d.grid(r.Step) {
			if start.Before(from) || !r.To.IsZero() && !start.Before(r.To) {
				continue
			}
			meeting := Span{start, start.Add(r.length())}
			if meeting.within(free) && !a.Block(r, start).touches(blocked) {
				starts = append(starts, start)
			}
		}
	}
	slices.SortFunc(starts, time.Time.Compare)
	return slices.CompactFunc(starts, time.Time.Equal)
}

// lastDay is the last date that a meeting may start on, as midnight UTC.
func (a Adviser) lastDay(r Rules) time.Time {
	last := startOf(dateAt(r.Now, a.Zone), r.Horizon)
	if end, err := time.Parse(time.DateOnly, r.LastDay); err == nil && end.Before(last) {
		return end
	}
	return last
}

// blocked is the time that nothing may touch, merged.
func (a Adviser) blocked() []Span {
	all := slices.Clone(a.Busy)
	for _, t := range a.Taken {
		all = append(all, t.Block)
	}
	return merged(all)
}

// meetings counts the meetings of each date.
func (a Adviser) meetings() map[string]int {
	if a.MaxPerDay == 0 {
		return nil
	}
	seen, count := map[[2]string]bool{}, map[string]int{}
	for _, t := range a.Taken {
		date := dateAt(t.Start, a.Zone).Format(time.DateOnly)
		if key := [2]string{t.Booking, date}; !seen[key] {
			seen[key] = true
			count[date]++
		}
	}
	return count
}
