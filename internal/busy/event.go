package busy

import (
	"strconv"
	"strings"
	"time"

	"stafett/internal/calendar"
)

// moment is a point of time as an event has it: an instant, or a whole day, which
// begins at midnight where the adviser is.
type moment struct {
	t    time.Time // in the zone that it names
	day  bool
	wall string // the date on that zone's calendar, 20270131
}

const (
	wallLayout = "20060102T150405"
	dayLayout  = "20060102"
)

// moment reads one value of a property (RFC 5545 3.3.4, 3.3.5).
func (z *zones) moment(value string, l calendar.Line) (moment, bool) {
	value = strings.ToUpper(strings.TrimSpace(value))
	if len(value) == len(dayLayout) {
		t, err := time.ParseInLocation(dayLayout, value, z.local)
		return moment{t: t, day: true, wall: value}, err == nil && t.Year() > 1000
	}
	loc := z.local
	if plain, utc := strings.CutSuffix(value, "Z"); utc {
		value, loc = plain, time.UTC
	} else if name := l.Params["TZID"]; name != "" {
		if loc = z.find(name); loc == nil {
			return moment{}, false
		}
	}
	if len(value) != len(wallLayout) {
		return moment{}, false
	}
	t, err := time.ParseInLocation(wallLayout, value, loc)
	return moment{t: t, wall: value[:len(dayLayout)]}, err == nil && t.Year() > 1000
}

// moments reads a list of them.
func (z *zones) moments(l calendar.Line) (all []moment, ok bool) {
	ok = true
	for v := range strings.SplitSeq(l.Value, ",") {
		if strings.TrimSpace(v) == "" {
			continue
		}
		m, good := z.moment(v, l)
		if ok = ok && good; good {
			all = append(all, m)
		}
	}
	return all, ok
}

// period reads the times of a list of periods: from and to, or from and how long.
func (z *zones) period(l calendar.Line) (all []Interval, ok bool) {
	ok = true
	for v := range strings.SplitSeq(l.Value, ",") {
		from, to, two := strings.Cut(v, "/")
		m, good := z.moment(from, l)
		var end time.Time
		if d, isLength := length(to); isLength {
			end = d.after(m.t)
		} else if e, isTime := z.moment(to, l); isTime {
			end = e.t
		} else {
			good = false
		}
		if good && two {
			all = append(all, Interval{m.t, end})
		} else {
			ok = false
		}
	}
	return all, ok
}

// span is how long something lasts: whole days on the calendar, and beside them
// an exact time (RFC 5545 3.3.6).
type span struct {
	days int
	time time.Duration
}

func (s span) after(t time.Time) time.Time { return t.AddDate(0, 0, s.days).Add(s.time) }

// longestSpan is in days; no stay is longer.
const longestSpan = 5000

// length reads P1D, PT1H30M, P2W.
func length(v string) (s span, ok bool) {
	v = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(v)), "+")
	rest, ok := strings.CutPrefix(v, "P")
	if !ok || rest == "" {
		return s, false
	}
	units := map[byte]time.Duration{'H': time.Hour, 'M': time.Minute, 'S': time.Second}
	clock := false
	for rest != "" {
		if rest[0] == 'T' && !clock {
			clock, rest = true, rest[1:]
			continue
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
		if end < 1 {
			return s, false
		}
		n, err := strconv.Atoi(rest[:end])
		if err != nil || n > longestSpan*24*60*60 {
			return s, false
		}
		switch unit := rest[end]; {
		case unit == 'W' && !clock:
			s.days += 7 * n
		case unit == 'D' && !clock:
			s.days += n
		case clock && units[unit] != 0:
			s.time += time.Duration(n) * units[unit]
		default:
			return s, false
		}
		rest = rest[end+1:]
	}
	return s, s.days+int(s.time.Hours())/24 <= longestSpan
}

// rawEvent is a VEVENT as far as it matters.
type rawEvent struct {
	uid                          string
	start, end, length, instead  calendar.Line
	rules, additions, exclusions []calendar.Line
	sequence                     int
	free, oldRule                bool
}

// take keeps a property of the event. Of one that may be there once the first
// counts.
func (e *rawEvent) take(l calendar.Line, email string) {
	once := func(at *calendar.Line) {
		if at.Name == "" {
			*at = l
		}
	}
	value := strings.ToUpper(strings.TrimSpace(l.Value))
	switch l.Name {
	case "UID":
		if e.uid == "" {
			e.uid = strings.TrimSpace(l.Value)
		}
	case "SEQUENCE":
		e.sequence, _ = strconv.Atoi(value)
	case "DTSTART":
		once(&e.start)
	case "DTEND":
		once(&e.end)
	case "DURATION":
		once(&e.length)
	case "RECURRENCE-ID":
		once(&e.instead)
	case "RRULE":
		e.rules = append(e.rules, l)
	case "RDATE":
		e.additions = append(e.additions, l)
	case "EXDATE":
		e.exclusions = append(e.exclusions, l)
	case "EXRULE": // which newer programs neither write nor obey
		e.oldRule = true
	case "TRANSP":
		e.free = e.free || value == "TRANSPARENT"
	case "STATUS":
		e.free = e.free || value == "CANCELLED"
	case "X-MICROSOFT-CDO-BUSYSTATUS":
		e.free = e.free || value == "FREE" || value == "WORKINGELSEWHERE"
	case "ATTENDEE":
		if email != "" && strings.EqualFold(l.Params["PARTSTAT"], "DECLINED") {
			e.free = e.free || strings.EqualFold(l.Address(), email)
		}
	}
}

// event is one that was understood.
type event struct {
	uid      string
	sequence int
	start    moment
	lasts    span
	part     bool   // one occurrence of a repeated event, changed
	instead  moment // of which
	repeated
	extra  []Interval // additions that say how long they last
	except exceptions
	free   bool
	unread bool // something of it could not be read
}

func (raw rawEvent) read(z *zones) (e event, ok bool) {
	e = event{uid: raw.uid, sequence: raw.sequence, free: raw.free, unread: raw.oldRule}
	if e.start, ok = z.moment(raw.start.Value, raw.start); !ok {
		return e, false
	}
	if e.lasts, ok = raw.lasts(z, e.start); !ok {
		return e, false
	}
	if raw.instead.Name != "" {
		if e.instead, e.part = z.moment(raw.instead.Value, raw.instead); !e.part {
			return e, false
		}
		// "From this one on" is not written by today's calendars. The others are
		// kept where they were.
		e.unread = e.unread || raw.instead.Params["RANGE"] != ""
	}
	e.repeated = repeated{start: e.start.t}
	for _, l := range raw.rules {
		e.rules = append(e.rules, l.Value)
	}
	for _, l := range raw.additions {
		if strings.Contains(l.Value, "/") {
			times, ok := z.period(l)
			e.extra, e.unread = append(e.extra, times...), e.unread || !ok
			continue
		}
		all, ok := z.moments(l)
		e.unread = e.unread || !ok
		for _, m := range all {
			e.dates = append(e.dates, m.t)
		}
	}
	for _, l := range raw.exclusions {
		all, ok := z.moments(l)
		e.unread = e.unread || !ok
		for _, m := range all {
			// A whole-day event is excluded by the day, however that is written.
			m.day = m.day || e.start.day
			e.except.add(m)
		}
	}
	return e, true
}

// lasts is how long each occurrence lasts. An event without an end is a whole day
// when it begins with one, else nothing (RFC 5545 3.6.1).
func (raw rawEvent) lasts(z *zones, start moment) (span, bool) {
	switch {
	case raw.end.Name != "":
		end, ok := z.moment(raw.end.Value, raw.end)
		if !ok {
			return span{}, false
		}
		if start.day && end.day {
			days := int(end.t.Sub(start.t).Round(24*time.Hour) / (24 * time.Hour))
			return span{days: max(days, 1)}, days <= longestSpan // the same day twice is written for one day
		}
		d := max(end.t.Sub(start.t), 0)
		return span{time: d}, d <= longestSpan*24*time.Hour
	case raw.length.Name != "":
		return length(raw.length.Value)
	case start.day:
		return span{days: 1}, true
	}
	return span{}, true
}

// exceptions are occurrences that do not take place, or not as the others.
type exceptions struct {
	at   map[int64]bool
	days map[string]bool
}

func (x *exceptions) add(m moment) {
	if x.at == nil {
		x.at, x.days = map[int64]bool{}, map[string]bool{}
	}
	if m.day {
		x.days[m.wall] = true
	} else {
		x.at[m.t.Unix()] = true
	}
}

func (x *exceptions) has(t time.Time) bool {
	return x != nil && x.at != nil && (x.at[t.Unix()] || x.days[t.Format(dayLayout)])
}
