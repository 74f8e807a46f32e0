package busy

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"stafett/internal/calendar"
)

// Bounds of the rules that are followed, so that no file, which anybody may send
// into somebody's calendar by an invitation, keeps the program at work.
const (
	mostDays      = 9_000_000 // looked at, for all rules of a file
	daysOfNothing = 3_000_000 // what a rule costs that never comes true: all days until the year 9999
	longestRule   = 500       // bytes
	mostByRule    = 8         // rules of one event
	mostOfDay     = 24        // times of day that one rule names
	mostPicked    = 10        // BYSETPOS
	mostInterval  = 1000
)

// repeated is when something takes place more than once.
type repeated struct {
	start time.Time
	rules []string
	dates []time.Time
}

// expander finds occurrences within bounds.
type expander struct {
	from, to time.Time
	days     int // that may still be looked at
}

var errRule = errors.New("a rule that is not followed")

// times are those of an event. It answers false where a rule could not be
// followed; then the first time is there all the same.
func (x *expander) times(e event, changed *exceptions) (found []Interval, ok bool) {
	starts, ok := []time.Time{e.start.t}, true
	if len(e.rules) > 0 || len(e.dates) > 0 {
		// What began earlier may still last.
		wide := &expander{from: x.from.AddDate(0, 0, -e.lasts.days-1).Add(-e.lasts.time), to: x.to, days: x.days}
		starts, ok = wide.all(e.repeated)
		x.days = wide.days
	}
	for _, t := range starts {
		if e.except.has(t) || !e.part && changed.has(t) {
			continue
		}
		if end := e.lasts.after(t); end.After(x.from) && t.Before(x.to) {
			found = append(found, Interval{t, end})
		}
	}
	for _, i := range e.extra {
		if !e.except.has(i.StartsAt) && !changed.has(i.StartsAt) && i.EndsAt.After(x.from) && i.StartsAt.Before(x.to) {
			found = append(found, i)
		}
	}
	return found, ok
}

// all is when it begins within the bounds, in no order, and the very first time
// wherever that is. Where a rule is not followed it answers false and the rest.
func (x *expander) all(r repeated) (starts []time.Time, ok bool) {
	starts, ok = append([]time.Time{r.start}, r.dates...), len(r.rules) <= mostByRule
	for _, text := range r.rules[:min(len(r.rules), mostByRule)] {
		found, err := x.follow(text, r.start)
		starts, ok = append(starts, found...), ok && err == nil
	}
	slices.SortFunc(starts, time.Time.Compare)
	return slices.CompactFunc(starts, time.Time.Equal), ok
}

// follow finds when the rule comes true from the start on and within the bounds.
func (x *expander) follow(text string, start time.Time) (found []time.Time, err error) {
	defer func() {
		// The library is not made for rules that somebody invents to break it; what
		// is refused below is all that is known to.
		if p := recover(); p != nil {
			found, err = nil, fmt.Errorf("%w: %v", errRule, p)
		}
	}()
	o, err := option(text, start)
	if err != nil {
		return nil, err
	}
	if o.Until.IsZero() || o.Until.After(x.to) {
		o.Until = x.to
	}
	if o.Until.Before(x.from) || o.Until.Before(start) {
		return nil, nil
	}
	o.Dtstart = start
	if o.Count == 0 {
		o.Dtstart = later(start, x.from, o.Freq, max(o.Interval, 1))
	}
	if x.days -= int(o.Until.Sub(o.Dtstart).Hours()/24) + 1; x.days < 0 {
		return nil, errRule
	}
	rule, err := rrule.NewRRule(*o)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errRule, err)
	}
	next, came := rule.Iterator(), false
	for t, more := next(); more; t, more = next() {
		came = true
		if !t.Before(x.from) {
			found = append(found, t)
		}
	}
	if x.days -= len(found); !came {
		x.days -= daysOfNothing
	}
	return found, nil
}

// option reads a rule (RFC 5545 3.3.10), refuses what repeats more than once a day
// or cannot be meant, and writes down the clock of the start where the rule names
// no other.
func option(text string, start time.Time) (*rrule.ROption, error) {
	if len(text) > longestRule {
		return nil, errRule
	}
	var kept []string
	var until time.Time
	for part := range strings.SplitSeq(strings.ToUpper(strings.TrimSpace(text)), ";") {
		name, value, _ := strings.Cut(part, "=")
		switch strings.TrimSpace(name) {
		case "":
		case "UNTIL":
			z := zones{local: start.Location()}
			m, ok := z.moment(value, calendar.Line{})
			if !ok {
				return nil, errRule
			}
			if until = m.t; m.day { // the whole of that day, where it takes place
				until = m.t.AddDate(0, 0, 1).Add(-time.Second)
			}
		case "COUNT", "INTERVAL":
			if n, err := strconv.Atoi(value); err != nil || n < 1 || name == "INTERVAL" && n > mostInterval {
				return nil, errRule
			}
			kept = append(kept, part)
		case "DTSTART", "BYEASTER":
			return nil, errRule
		default:
			kept = append(kept, part)
		}
	}
	o, err := rrule.StrToROption(strings.Join(kept, ";"))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", errRule, err)
	}
	o.Until = until
	if len(o.Byhour) == 0 {
		o.Byhour = []int{start.Hour()}
	}
	if len(o.Byminute) == 0 {
		o.Byminute = []int{start.Minute()}
	}
	if len(o.Bysecond) == 0 {
		o.Bysecond = []int{start.Second()}
	}
	if o.Freq > rrule.DAILY || len(o.Byhour)*len(o.Byminute)*len(o.Bysecond) > mostOfDay || len(o.Bysetpos) > mostPicked {
		return nil, errRule
	}
	// The fifth Friday is the last that a month has; the library would look beyond it.
	most := 5
	if o.Freq == rrule.YEARLY && len(o.Bymonth) == 0 {
		most = 53
	}
	for _, day := range o.Byweekday {
		if n := day.N(); n < -most || n > most {
			return nil, errRule
		}
	}
	if len(o.Byweekno)+len(o.Byyearday)+len(o.Bymonthday)+len(o.Byweekday) == 0 {
		switch o.Freq {
		case rrule.YEARLY:
			if len(o.Bymonth) == 0 {
				o.Bymonth = []int{int(start.Month())}
			}
			o.Bymonthday = []int{start.Day()}
		case rrule.MONTHLY:
			o.Bymonthday = []int{start.Day()}
		case rrule.WEEKLY:
			o.Byweekday = []rrule.Weekday{[]rrule.Weekday{rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA}[start.Weekday()]}
		}
	}
	return o, nil
}

// later is a time from which the rule can be followed in place of its start,
// without coming true otherwise: a whole number of intervals on, and before the
// time that matters. A birthday of 1904 need not be counted through.
func later(start, from time.Time, freq rrule.Frequency, interval int) time.Time {
	if !start.Before(from) {
		return start
	}
	days := int(from.Sub(start).Hours() / 24)
	step := func(n int) time.Time { return start.AddDate(0, 0, n*interval) }
	n := days / interval
	switch freq {
	case rrule.WEEKLY:
		step = func(n int) time.Time { return start.AddDate(0, 0, 7*n*interval) }
		n = days / 7 / interval
	case rrule.MONTHLY:
		step = func(n int) time.Time { return start.AddDate(0, n*interval, 0) }
		n = days / 31 / interval
	case rrule.YEARLY:
		step = func(n int) time.Time { return start.AddDate(n*interval, 0, 0) }
		n = days / 366 / interval
	}
	for n--; n > 0; n-- { // one before, for an interval that spans the turn of the year
		if t := step(n); t.Day() == start.Day() || freq == rrule.DAILY || freq == rrule.WEEKLY {
			return t
		}
	}
	return start
}
