package busy

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"stafett/internal/calendar"
)

// Bounds of a file that is read. A calendar of a busy person has some thousand
// events; whatever is larger was made to keep us busy.
const (
	mostNested = 8
	mostEvents = 20_000
	mostTimes  = 10_000  // intervals that are left when all are merged
	mostFound  = 200_000 // before that
)

// Reading is what is asked of a calendar.
type Reading struct {
	Now   time.Time
	Zone  *time.Location        // of the adviser: whole days and times without a zone are there
	Email string                // of the adviser: what that address has declined is free
	Own   func(uid string) bool // an event of ours, which holds its time here already
}

// Found is what a calendar says.
type Found struct {
	Times  []Interval // merged, in order
	Unread int        // events that could not be understood in full
}

// Read finds when the owner of the calendar is not free: from a day back until 400
// days ahead. A time that is free for others (TRANSP), one that was cancelled and
// one that the adviser declined do not count; a tentative one does. Of an event
// that cannot be understood its first time is kept where there is one, and it is
// counted.
func Read(ctx context.Context, file []byte, r Reading) (Found, Fault) {
	from, to := r.Now.Add(-keepBack), r.Now.AddDate(0, 0, keepAhead)
	p := parser{reading: r, zones: zones{local: r.Zone, files: map[string]*fileZone{}, found: map[string]*time.Location{}}}
	if fault := p.parse(file); fault != None {
		return Found{}, fault
	}
	x := &expander{from: from, to: to, days: mostDays}
	p.zones.rules = x
	var found Found
	var all []Interval
	for _, l := range p.periods {
		times, ok := p.zones.period(l)
		if !ok {
			found.Unread++
		}
		all = append(all, times...)
	}
	events := make([]event, 0, len(p.events))
	gone := map[string]*exceptions{} // by UID: what stands elsewhere in the file
	for _, raw := range p.events {
		e, ok := raw.read(&p.zones)
		if !ok {
			found.Unread++
			continue
		}
		if e.part && e.uid != "" {
			if gone[e.uid] == nil {
				gone[e.uid] = &exceptions{}
			}
			gone[e.uid].add(e.instead)
		}
		events = append(events, e)
	}
	for _, e := range newest(events) {
		if ctx.Err() != nil {
			return Found{}, Slow
		}
		if e.unread {
			found.Unread++
		}
		if e.free || r.Own != nil && r.Own(e.uid) {
			continue
		}
		times, ok := x.times(e, gone[e.uid])
		if !ok && !e.unread {
			found.Unread++
		}
		if all = append(all, times...); len(all) > mostFound {
			return Found{}, TooLarge
		}
	}
	if found.Times = merged(all, from, to); len(found.Times) > mostTimes {
		return Found{}, TooLarge
	}
	return found, None
}

// newest leaves out of several versions of one changed occurrence all but the
// newest: the one with the highest number, or else the last.
func newest(events []event) []event {
	at := map[string]int{}
	kept := events[:0]
	for _, e := range events {
		if !e.part || e.uid == "" {
			kept = append(kept, e)
			continue
		}
		key := e.uid + "\x00" + e.instead.wall + strconv.FormatInt(e.instead.t.Unix(), 10)
		if i, there := at[key]; !there {
			at[key] = len(kept)
			kept = append(kept, e)
		} else if kept[i].sequence <= e.sequence {
			kept[i] = e
		}
	}
	return kept
}

// parser takes a file apart into what matters of it.
type parser struct {
	reading Reading
	zones   zones
	events  []rawEvent
	periods []calendar.Line // FREEBUSY
}

func (p *parser) parse(file []byte) Fault {
	var inside []string
	at := func(names ...string) bool { return slices.Equal(inside, names) }
	halfOfZone := func() bool { return len(inside) == 3 && inside[0] == "VCALENDAR" && inside[1] == "VTIMEZONE" }
	var zone *fileZone
	var half *observance
	name, calendars := "", 0
	for l := range calendar.Lines(file) {
		switch l.Name {
		case "BEGIN":
			if len(inside) == mostNested {
				return Unreadable
			}
			inside = append(inside, strings.ToUpper(strings.TrimSpace(l.Value)))
			switch {
			case at("VCALENDAR"):
				calendars++
			case at("VCALENDAR", "VEVENT"):
				if len(p.events) == mostEvents {
					return TooLarge
				}
				p.events = append(p.events, rawEvent{})
			case at("VCALENDAR", "VTIMEZONE"):
				zone, name = &fileZone{}, ""
			case halfOfZone():
				half = &observance{summer: inside[2] == "DAYLIGHT"}
			}
		case "END":
			switch {
			case at("VCALENDAR", "VTIMEZONE") && name != "" && len(p.zones.files) < mostZones:
				p.zones.files[name] = zone
			case halfOfZone():
				zone.observed = append(zone.observed, *half)
			}
			if len(inside) > 0 {
				inside = inside[:len(inside)-1]
			}
		default:
			switch {
			case at("VCALENDAR", "VEVENT"):
				p.events[len(p.events)-1].take(l, p.reading.Email)
			case at("VCALENDAR", "VFREEBUSY") && l.Name == "FREEBUSY" && !strings.EqualFold(l.Params["FBTYPE"], "FREE"):
				p.periods = append(p.periods, l)
			case at("VCALENDAR", "VTIMEZONE") && l.Name == "TZID":
				name = l.Value
			case at("VCALENDAR", "VTIMEZONE") && l.Name == "X-LIC-LOCATION":
				zone.known = l.Value
			case halfOfZone():
				half.take(l)
			}
		}
	}
	if calendars == 0 || len(inside) > 0 { // an answer that was cut off is none
		return Unreadable
	}
	return None
}
