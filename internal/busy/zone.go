package busy

import (
	"encoding/binary"
	"slices"
	"strings"
	"time"

	"stafett/internal/calendar"
)

// mostZones bounds how many zones of one file are looked for.
const mostZones = 100

// zones finds the zone that a time names: by the name that all know, by the one
// that Windows has for it, or by the rules that stand in the file.
type zones struct {
	local *time.Location // of times that name none
	files map[string]*fileZone
	found map[string]*time.Location // nil: there is none of that name
	rules *expander
}

// fileZone is a VTIMEZONE.
type fileZone struct {
	known    string // its common name, as some calendars add
	observed []observance
}

// observance is from when on clocks are shifted how (RFC 5545 3.6.5).
type observance struct {
	from, to int // seconds east of Greenwich, before and after
	summer   bool
	start    string // on the clock before
	rules    []string
	dates    []calendar.Line
	bad      bool
}

// take keeps a property of one of the zone's halves.
func (o *observance) take(l calendar.Line) {
	ok := true
	switch l.Name {
	case "TZOFFSETFROM":
		o.from, ok = offset(l.Value)
	case "TZOFFSETTO":
		o.to, ok = offset(l.Value)
	case "DTSTART":
		o.start = strings.TrimSpace(l.Value)
	case "RRULE":
		o.rules = append(o.rules, l.Value)
	case "RDATE":
		o.dates = append(o.dates, l)
	}
	o.bad = o.bad || !ok
}

// offset reads +0100, -0330 or +010000.
func offset(s string) (seconds int, ok bool) {
	s = strings.TrimSpace(s)
	if len(s) == 5 {
		s += "00"
	}
	if len(s) != 7 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	t, err := time.Parse("150405", s[1:])
	if err != nil {
		return 0, false
	}
	seconds = t.Hour()*3600 + t.Minute()*60 + t.Second()
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// find returns the zone of that name, or nil.
func (z *zones) find(name string) *time.Location {
	loc, known := z.found[name]
	if !known && len(z.found) < mostZones {
		loc = z.look(name)
		z.found[name] = loc
	}
	return loc
}

func (z *zones) look(name string) *time.Location {
	if loc := common(name); loc != nil {
		return loc
	}
	if loc := common(windows[strings.ToLower(strings.TrimSpace(name))]); loc != nil {
		return loc
	}
	f, ok := z.files[name]
	if !ok {
		return nil
	}
	if loc := common(f.known); loc != nil {
		return loc
	}
	return z.built(name, f)
}

// common is the zone of a name of the time zone database, which some programs
// put a word of their own before: /example.org/20240101/Europe/Oslo.
func common(name string) *time.Location {
	parts := strings.Split(strings.Trim(strings.TrimSpace(name), "/"), "/")
	for from := max(0, len(parts)-3); from < len(parts); from++ {
		tail := strings.Join(parts[from:], "/")
		if tail == "" || tail == "Local" { // "Local" is wherever this program runs
			continue
		}
		if loc, err := time.LoadLocation(tail); err == nil {
			return loc
		}
	}
	return nil
}

// built makes a zone of the rules in the file, for the years that matter. It
// answers nil where they cannot be read.
func (z *zones) built(name string, f *fileZone) *time.Location {
	type change struct {
		at     int64
		offset int
		summer bool
	}
	from, to := z.rules.from.AddDate(-2, 0, 0), z.rules.to.AddDate(1, 0, 0)
	var changes []change
	first := change{at: -1 << 62}
	for _, o := range f.observed {
		start, err := time.Parse(wallLayout, o.start)
		if err != nil || o.bad {
			return nil
		}
		// Clocks are computed as if they were UTC, then shifted.
		within := &expander{from: from, to: to, days: z.rules.days}
		all, ok := within.all(repeated{start: start, rules: o.rules})
		z.rules.days = within.days
		if !ok {
			return nil
		}
		for _, l := range o.dates {
			for v := range strings.SplitSeq(l.Value, ",") {
				if t, err := time.Parse(wallLayout, strings.TrimSpace(v)); err == nil {
					all = append(all, t)
				}
			}
		}
		for _, t := range all {
			c := change{at: t.Unix() - int64(o.from), offset: o.to, summer: o.summer}
			if !t.Before(from) {
				changes = append(changes, c)
			}
		}
		if at := start.Unix(); at > first.at && start.Before(from) {
			first = change{at: at, offset: o.to, summer: o.summer}
		}
	}
	if len(f.observed) == 0 || len(changes) > 100 {
		return nil
	}
	slices.SortFunc(changes, func(a, b change) int { return int(a.at - b.at) })
	if first.at == -1<<62 { // all of it begins within the time that matters
		first.offset = f.observed[0].from
	}
	// The form in which zones are stored (RFC 9636, version 2, whose first part is
	// left empty).
	types := []change{first}
	kind := make([]byte, len(changes))
	for i, c := range changes {
		types = append(types, c)
		kind[i] = byte(len(types) - 1)
	}
	head := append([]byte("TZif2"), make([]byte, 15)...)
	data := append(append(slices.Clone(head), make([]byte, 24)...), head...)
	for _, n := range []int{0, 0, 0, len(changes), len(types), 4} {
		data = binary.BigEndian.AppendUint32(data, uint32(n))
	}
	for _, c := range changes {
		data = binary.BigEndian.AppendUint64(data, uint64(c.at))
	}
	data = append(data, kind...)
	for _, c := range types {
		data = binary.BigEndian.AppendUint32(data, uint32(c.offset))
		data = append(data, map[bool]byte{true: 1}[c.summer], 0)
	}
	loc, err := time.LoadLocationFromTZData(name, append(data, "XXX\x00"...))
	if err != nil {
		return nil
	}
	return loc
}
