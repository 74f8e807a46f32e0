package slot_test

import (
	"flag"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"stafett/internal/advisory/slot"
	"stafett/internal/holiday"
)

// reference answers the same as Starts by looking at each minute: slowly, and so
// plainly that it can be read.
type reference struct {
	slot.Adviser
	slot.Rules
}

// windows are the hours of a date that the week or an exception opens.
func (f reference) windows(local time.Time) (open [][2]slot.Clock) {
	date, off := local.Format(time.DateOnly), f.HolidaysOff && holiday.Named(f.Country, local)
	for _, e := range f.Exceptions {
		if e.Date == date && e.Free {
			open = append(open, [2]slot.Clock{e.From, e.To})
		}
		if e.Date == date && !e.Free && e.From == 0 && e.To == slot.EndOfDay {
			off = true
		}
	}
	for _, w := range f.Week {
		if w.Weekday == local.Weekday() && !off {
			open = append(open, [2]slot.Clock{w.From, w.To})
		}
	}
	return open
}

// free is whether the adviser is free in the minute that begins then.
func (f reference) free(at time.Time) bool {
	local := at.In(f.Zone)
	shows := slot.Clock(local.Hour()*60 + local.Minute())
	for _, e := range f.Exceptions {
		if e.Date == local.Format(time.DateOnly) && !e.Free && (e.From != 0 || e.To != slot.EndOfDay) && e.From <= shows && shows < e.To {
			return false
		}
	}
	for _, w := range f.windows(local) {
		if w[0] <= shows && shows < w[1] {
			return true
		}
	}
	return false
}

// taken is whether something of the adviser's lies in the minute.
func (f reference) taken(at time.Time) bool {
	for _, b := range f.Taken {
		if !at.Before(b.Block.From) && at.Before(b.Block.To) {
			return true
		}
	}
	for _, b := range f.Busy {
		if !at.Before(b.From) && at.Before(b.To) {
			return true
		}
	}
	return false
}

func (f reference) offered(at time.Time) bool {
	local := at.In(f.Zone)
	date, minutes := local.Format(time.DateOnly), time.Duration(f.Minutes)
	if at.Before(f.Now.Add(f.Lead)) || at.Before(f.From) || !at.Before(f.To) || f.LastDay != "" && date > f.LastDay ||
		date > f.Now.In(f.Zone).AddDate(0, 0, f.Horizon).Format(time.DateOnly) {
		return false
	}
	step := false
	for _, w := range f.windows(local) {
		shows := slot.Clock(local.Hour()*60 + local.Minute())
		step = step || w[0] <= shows && shows < w[1] && int(shows-w[0])%f.Step == 0
	}
	if before := at.Add(-time.Hour).In(f.Zone); before.Format("2006-01-02 15:04") == local.Format("2006-01-02 15:04") || !step {
		return false // the second time that the clock shows this
	}
	meetings := map[string]bool{}
	for _, b := range f.Taken {
		if b.Start.In(f.Zone).Format(time.DateOnly) == date {
			meetings[b.Booking] = true
		}
	}
	if f.MaxPerDay > 0 && len(meetings) >= f.MaxPerDay {
		return false
	}
	for m := at; m.Before(at.Add(minutes * time.Minute)); m = m.Add(time.Minute) {
		if !f.free(m) {
			return false
		}
	}
	for m := at.Add(-f.Before - f.Travel); m.Before(at.Add(minutes*time.Minute + f.After + f.Travel)); m = m.Add(time.Minute) {
		if f.taken(m) {
			return false
		}
	}
	return true
}

func (f reference) starts() (starts []time.Time) {
	for at := f.From.UTC(); at.Before(f.To); at = at.Add(time.Minute) {
		if f.offered(at) {
			starts = append(starts, at)
		}
	}
	return starts
}

// Whatever the week, the exceptions and the calendar of an adviser are, on
// whatever days, the times are those of somebody who looks at each minute.
func TestTimesAreThoseOfEachMinuteLookedAt(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		if err := checks.Value.Set("60"); err != nil {
			t.Fatal(err)
		}
	}
	found, none := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		a, r := drawAdviser(t, rt)
		got, want := a.Starts(r), reference{a, r}.starts()
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatal(diff)
		}
		found += len(got)
		if len(got) == 0 {
			none++
		}
	})
	t.Logf("%d times, none in %d calendars", found, none)
}

func drawAdviser(t *testing.T, rt *rapid.T) (slot.Adviser, slot.Rules) {
	day := local(t, rapid.SampledFrom([]string{
		"2027-03-28 00:00", "2027-10-31 00:00", // the clock changes
		"2027-03-26 00:00", "2027-05-17 00:00", "2026-06-19 00:00", "2026-12-31 00:00", // holidays, the turn of the year
		"2027-03-02 00:00", "2028-02-29 00:00",
	}).Draw(rt, "day"))
	minutes := func(from, to, step int, name string) time.Duration {
		return time.Duration(rapid.IntRange(from/step, to/step).Draw(rt, name)*step) * time.Minute
	}
	between := func(name string) (from, to slot.Clock) {
		from = slot.Clock(rapid.IntRange(0, 95).Draw(rt, name+" from") * 15)
		return from, min(from+slot.Clock(rapid.SampledFrom([]int{15, 60, 90, 180, 300, 600, 600, 1440}).Draw(rt, name+" long")), slot.EndOfDay)
	}
	a := slot.Adviser{
		ID: "a", Zone: zone(t, rapid.SampledFrom([]string{"Europe/Stockholm", "Europe/Oslo"}).Draw(rt, "zone")),
		Country: rapid.SampledFrom([]string{"SE", "NO"}).Draw(rt, "country"), HolidaysOff: rapid.Bool().Draw(rt, "holidays off"),
		Before: minutes(0, 30, 5, "before"), After: minutes(0, 30, 5, "after"), Travel: minutes(0, 30, 15, "travel"), MaxPerDay: rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(rt, "a day"),
	}
	for range rapid.IntRange(1, 8).Draw(rt, "windows") {
		w := slot.Window{Weekday: time.Weekday(int(day.Weekday()+time.Weekday(rapid.IntRange(-1, 1).Draw(rt, "weekday"))+7) % 7)}
		w.From, w.To = between("window")
		if rapid.IntRange(0, 3).Draw(rt, "at midnight") == 0 { // joins with the day before or after
			w.From, w.To = slot.Clock(rapid.SampledFrom([]int{0, 1320}).Draw(rt, "side")), slot.EndOfDay
		}
		a.Week = append(a.Week, w)
	}
	for range rapid.IntRange(0, 3).Draw(rt, "exceptions") {
		e := slot.Exception{Date: day.AddDate(0, 0, rapid.IntRange(-1, 1).Draw(rt, "date")).Format(time.DateOnly), To: slot.EndOfDay, Free: rapid.Bool().Draw(rt, "free")}
		if e.Free || rapid.Bool().Draw(rt, "hours") {
			e.From, e.To = between("exception")
		}
		a.Exceptions = append(a.Exceptions, e)
	}
	for range rapid.IntRange(0, 3).Draw(rt, "meetings") {
		start := day.Add(minutes(-24*60, 47*60, 15, "meeting")).UTC()
		a.Taken = append(a.Taken, slot.Taken{Booking: rapid.SampledFrom([]string{"b", "c"}).Draw(rt, "booking"), Start: start,
			Block: slot.Span{From: start.Add(-minutes(0, 60, 15, "kept before")), To: start.Add(minutes(30, 120, 15, "kept after"))}})
	}
	for range rapid.IntRange(0, 3).Draw(rt, "busy") {
		from := day.Add(minutes(-24*60, 47*60, 5, "busy from")).UTC()
		a.Busy = append(a.Busy, slot.Span{From: from, To: from.Add(minutes(5, 180, 5, "busy for"))})
	}
	r := slot.Rules{
		Minutes: rapid.SampledFrom([]int{15, 20, 30, 30, 60, 60, 120, 480}).Draw(rt, "minutes"), Step: rapid.SampledFrom([]int{15, 20, 30, 45, 60}).Draw(rt, "step"),
		Lead: minutes(0, 720, 60, "lead"), Horizon: rapid.SampledFrom([]int{60, 60, 1, 2}).Draw(rt, "horizon"),
		Now: day.Add(-minutes(-600, 2*24*60, 20, "now")).UTC(),
	}
	r.From = day.Add(minutes(-24*60, 0, 15, "asked from")).UTC()
	r.To = day.Add(minutes(24*60, 48*60, 15, "asked to")).UTC()
	if rapid.IntRange(0, 3).Draw(rt, "last day set") == 0 {
		r.LastDay = day.AddDate(0, 0, rapid.IntRange(-1, 1).Draw(rt, "last day")).Format(time.DateOnly)
	}
	return a, r
}
