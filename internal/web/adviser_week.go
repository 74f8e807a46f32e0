package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	spans "stafett/internal/advisory/slot"
	"stafett/internal/holiday"
	"stafett/internal/locale"
	"stafett/internal/store"
)

// adviserWeekPage is one week: a day after the other on a phone, seven columns with
// hours where there is room.
type adviserWeekPage struct {
	page
	Number         int
	First, Last    time.Time // its days
	Previous, Next weekLink
	This           bool
	Days           []weekDay
	Hours          []axisHour // those shown, from the top
}

// weekLink leads to a week.
type weekLink struct {
	To     string
	Number int
}

// weekDay is one day of the week.
type weekDay struct {
	Day      time.Time // its midnight
	Tab      string    // "mån"
	Today    bool
	Hours    int // 23 or 25 when the clock is set that night, else 0
	Holiday  string
	Notes    []advisory.Exception
	Items    []weekItem
	Meetings int
	Clash    bool // something of another calendar lies over one of them
}

// weekItem is something in a day. Rows are counted from the first hour shown: the
// hour, and five minutes of it.
type weekItem struct {
	Kind             string // meeting, proposed, busy, free, travel, now, none
	Start, End       time.Time
	Clocks           string
	Hour, Part       int
	EndHour, EndPart int
	Meeting          meetingView
	Booking          string // of a proposed time
	Over             bool   // lies over something of another calendar
	Short            bool
	Outside          bool // of the hours shown
}

// axisHour is one hour of the week's axis.
type axisHour struct {
	Clock  int
	Second bool // the hour that comes twice when the clock is set back, the second time
	Start  time.Time
}

// How much of a day is shown at least, and from how long on a busy time says
// nothing about the hours of work.
const (
	firstHour, lastHour = 8, 17
	wholeDay            = 12 * time.Hour
	shortItem           = 40 * time.Minute
	leastFree           = 15 * time.Minute
)

// weekForm is a week in an address: "2027-W03" (ISO 8601).
var weekForm = regexp.MustCompile(`^(\d{4})-W(\d{2})$`)

// weekStart is the midnight that begins a week, on a clock; ok is false when there
// is no such week.
func weekStart(week string, loc *time.Location) (monday time.Time, ok bool) {
	m := weekForm.FindStringSubmatch(week)
	if m == nil {
		return time.Time{}, false
	}
	year, _ := strconv.Atoi(m[1])
	number, _ := strconv.Atoi(m[2])
	monday = monday4(year, loc).AddDate(0, 0, 7*(number-1))
	y, n := monday.ISOWeek()
	return monday, y == year && n == number
}

// monday4 is the Monday of the week that has 4 January, which is the first.
func monday4(year int, loc *time.Location) time.Time {
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, loc)
	return fourth.AddDate(0, 0, -(int(fourth.Weekday())+6)%7)
}

func linkTo(monday time.Time) weekLink {
	year, number := monday.ISOWeek()
	return weekLink{fmt.Sprintf("%s/week?week=%d-W%02d", adviserPath, year, number), number}
}

func (s *Server) adviserWeek(c *gin.Context) error {
	ctx, me := c.Request.Context(), asAdviser(c)
	now := s.DB.Now().In(me.Location())
	this := startOfDay(now).AddDate(0, 0, -(int(now.Weekday())+6)%7)
	monday, ok := weekStart(c.Query("week"), me.Location())
	if !ok {
		monday = this
	}
	p := &adviserWeekPage{page: adviserPage(c, "week"), First: monday, Last: monday.AddDate(0, 0, 6), This: monday.Equal(this)}
	_, p.Number = monday.ISOWeek()
	p.Previous, p.Next = linkTo(monday.AddDate(0, 0, -7)), linkTo(monday.AddDate(0, 0, 7))
	err := s.DB.Read(ctx, func(tx *store.Tx) error { return p.read(ctx, tx, s.meetingsOf(c), now) })
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "adviser_week", p)
}

func (p *adviserWeekPage) read(ctx context.Context, tx *store.Tx, m *meetings, now time.Time) error {
	end := p.First.AddDate(0, 0, 7)
	agenda, err := m.me.Agenda(ctx, tx, p.First, end)
	if err != nil {
		return err
	}
	exceptions, err := advisory.Exceptions(ctx, tx, m.me.ID, p.First.Format(time.DateOnly))
	if err != nil {
		return err
	}
	views, err := m.views(ctx, tx, agenda.Bookings)
	if err != nil {
		return err
	}
	axis := newAxis(p.First)
	for n := range 7 {
		d := p.newDay(p.First.AddDate(0, 0, n), m, exceptions, now)
		d.fill(m.lang, m.me, agenda, views, now)
		p.Days = append(p.Days, d)
	}
	p.place(axis, agenda.Open)
	return nil
}

func (p *adviserWeekPage) newDay(day time.Time, m *meetings, exceptions []advisory.Exception, now time.Time) weekDay {
	d := weekDay{Day: day, Tab: tabOf(m, day), Today: startOfDay(now).Equal(day)}
	if hours := int(day.AddDate(0, 0, 1).Sub(day) / time.Hour); hours != 24 {
		d.Hours = hours
	}
	if m.me.HolidaysOff {
		d.Holiday = holiday.Name(m.me.Country, day, string(m.lang))
	}
	for _, e := range exceptions {
		if e.Date == day.Format(time.DateOnly) {
			d.Notes = append(d.Notes, e)
		}
	}
	return d
}

// fill puts into the day what there is of it, in order.
func (d *weekDay) fill(lang locale.Language, me advisory.Adviser, g advisory.Agenda, views []meetingView, now time.Time) {
	add := func(kind string, s spans.Span) *weekItem {
		from, to := d.cut(s.From, s.To)
		if !from.Before(to) {
			return nil
		}
		d.Items = append(d.Items, weekItem{Kind: kind, Start: from, End: to, Clocks: locale.ClockRange(lang, from, to), Short: to.Sub(from) < shortItem})
		return &d.Items[len(d.Items)-1]
	}
	for _, v := range views {
		for _, way := range travelOf(me, v.Booking) {
			add("travel", way)
		}
		if it := add("meeting", spans.Span{From: v.StartsAt, To: v.EndsAt}); it != nil {
			it.Meeting = v
			it.Over = slices.ContainsFunc(g.Busy, func(b spans.Span) bool { return b.Overlaps(spans.Span{From: v.StartsAt, To: v.EndsAt}) })
			d.Meetings++
			d.Clash = d.Clash || v.Clash
		}
	}
	for _, o := range g.Proposed {
		if it := add("proposed", spans.Span{From: o.StartsAt, To: o.EndsAt}); it != nil {
			it.Booking = o.BookingID
		}
	}
	for _, b := range g.Busy {
		add("busy", b)
	}
	for _, f := range g.Free {
		if f.From.Before(now) {
			f.From = now.Truncate(5 * time.Minute)
		}
		if f.To.Sub(f.From) >= leastFree {
			add("free", f)
		}
	}
	if d.Today {
		add("now", spans.Span{From: now, To: now.Add(time.Minute)})
	}
	slices.SortStableFunc(d.Items, func(a, b weekItem) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
}

// cut is the part of a time that lies in the day, on its clock.
func (d *weekDay) cut(from, to time.Time) (time.Time, time.Time) {
	from, to = from.In(d.Day.Location()), to.In(d.Day.Location())
	end := d.Day.AddDate(0, 0, 1)
	if from.Before(d.Day) {
		from = d.Day
	}
	if to.After(end) {
		to = end
	}
	return from, to
}

// travelOf is the way to a meeting and back, without the buffers.
func travelOf(me advisory.Adviser, b advisory.Booking) []spans.Span {
	there := b.StartsAt.Sub(b.BlockedFrom) - time.Duration(me.BufferBeforeMinutes)*time.Minute
	back := b.BlockedTo.Sub(b.EndsAt) - time.Duration(me.BufferAfterMinutes)*time.Minute
	if b.Meeting != advisory.OnSite || me.Office != "" || there <= 0 || back <= 0 {
		return nil
	}
	return []spans.Span{{From: b.StartsAt.Add(-there), To: b.StartsAt}, {From: b.EndsAt, To: b.EndsAt.Add(back)}}
}

// tabOf is a short name of a weekday.
func tabOf(m *meetings, day time.Time) string {
	return string([]rune(locale.Weekday(m.lang, day))[:3])
}

// newAxis is the hours of the week's days: the twenty-four, and one more in the week
// in which the clock is set back.
func newAxis(monday time.Time) []axisHour {
	twice := -1
	for n := range 7 {
		day := monday.AddDate(0, 0, n)
		for at, end := day, day.AddDate(0, 0, 1); at.Before(end); at = at.Add(time.Hour) {
			if isSecond(at) {
				twice = at.Hour()
			}
		}
	}
	var axis []axisHour
	for h := range 24 {
		axis = append(axis, axisHour{Clock: h})
		if h == twice {
			axis = append(axis, axisHour{Clock: h, Second: true})
		}
	}
	for n := range axis {
		axis[n].Start = time.Date(2000, 1, 1, axis[n].Clock, 0, 0, 0, time.UTC) // for its clock alone
	}
	return axis
}

// isSecond reports whether the clock has shown this hour of this day before.
func isSecond(at time.Time) bool {
	before := at.Add(-time.Hour)
	return before.Hour() == at.Hour() && before.Day() == at.Day()
}

// row is where a moment of the day lies on the axis: its hour, and five minutes.
func row(axis []axisHour, day, at time.Time) (hour, part int) {
	if !at.Before(day.AddDate(0, 0, 1)) {
		return len(axis), 0
	}
	second := isSecond(at)
	for n, h := range axis {
		if h.Clock == at.Hour() && h.Second == second {
			return n, at.Minute() / 5
		}
	}
	return 0, 0
}

// place decides which hours are shown and where everything lies in them.
func (p *adviserWeekPage) place(axis []axisHour, open []spans.Span) {
	lo, hi := slices.IndexFunc(axis, func(h axisHour) bool { return h.Clock == firstHour }), slices.IndexFunc(axis, func(h axisHour) bool { return h.Clock == lastHour })
	stretch := func(from, to int, part int) {
		if part > 0 {
			to++
		}
		lo, hi = min(lo, from), max(hi, to)
	}
	for n := range p.Days {
		d := &p.Days[n]
		for i := range d.Items {
			it := &d.Items[i]
			it.Hour, it.Part = row(axis, d.Day, it.Start)
			it.EndHour, it.EndPart = row(axis, d.Day, it.End)
			if it.Kind == "now" {
				it.EndHour, it.EndPart = it.Hour, it.Part
			} else if it.Kind != "busy" || it.End.Sub(it.Start) < wholeDay {
				stretch(it.Hour, it.EndHour, it.EndPart)
			}
		}
		for _, o := range open {
			if from, to := d.cut(o.From, o.To); from.Before(to) {
				h, _ := row(axis, d.Day, from)
				e, part := row(axis, d.Day, to)
				stretch(h, e, part)
			}
		}
	}
	p.Hours = axis[lo:hi]
	for n := range p.Days {
		p.Days[n].into(axis, lo, hi)
	}
}

// into counts the rows of a day from the first hour shown, and marks the hour that
// the day does not have.
func (d *weekDay) into(axis []axisHour, lo, hi int) {
	has := map[int]bool{}
	for at, end := d.Day, d.Day.AddDate(0, 0, 1); at.Before(end); at = at.Add(time.Hour) {
		h, _ := row(axis, d.Day, at)
		has[h] = true
	}
	for i := range d.Items {
		it := &d.Items[i]
		it.Outside = it.Hour >= hi || it.EndHour < lo
		if it.Hour < lo {
			it.Hour, it.Part = lo, 0
		}
		if it.EndHour >= hi {
			it.EndHour, it.EndPart = hi, 0
		}
		it.Hour, it.EndHour = it.Hour-lo, max(it.EndHour-lo, 0)
	}
	for h := lo; h < hi; h++ {
		if !has[h] {
			d.Items = append(d.Items, weekItem{Kind: "none", Hour: h - lo, EndHour: h + 1 - lo})
		}
	}
}
