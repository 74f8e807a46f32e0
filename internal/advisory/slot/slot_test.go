package slot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/advisory/slot"
)

var weekdays = map[string]time.Weekday{
	"Mon": time.Monday, "Tue": time.Tuesday, "Wed": time.Wednesday, "Thu": time.Thursday, "Fri": time.Friday, "Sat": time.Saturday, "Sun": time.Sunday,
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func clock(t testing.TB, s string) slot.Clock {
	t.Helper()
	var h, m int
	if _, err := fmt.Sscanf(s, "%d:%d", &h, &m); err != nil {
		t.Fatal(err)
	}
	return slot.Clock(h*60 + m)
}

// hours reads 09:00–12:00.
func hours(t testing.TB, s string) (from, to slot.Clock) {
	t.Helper()
	begin, end, _ := strings.Cut(s, "–")
	return clock(t, begin), clock(t, end)
}

// local reads 2027-03-01 09:00 on the clock in Stockholm.
func local(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04", s, zone(t, "Europe/Stockholm"))
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// adviser is in Stockholm, keeps no buffers unless told to, and is free as the
// week says: "Mon 09:00–12:00".
func adviser(t testing.TB, week ...string) slot.Adviser {
	t.Helper()
	a := slot.Adviser{ID: "a", Zone: zone(t, "Europe/Stockholm"), Country: "SE", HolidaysOff: true}
	for _, w := range week {
		from, to := hours(t, w[4:])
		a.Week = append(a.Week, slot.Window{Weekday: weekdays[w[:3]], From: from, To: to})
	}
	return a
}

// exception reads "free 2027-03-01 09:00–12:00" and "away 2027-03-01".
func exception(t testing.TB, s string) slot.Exception {
	t.Helper()
	words := strings.Fields(s)
	e := slot.Exception{Date: words[1], To: slot.EndOfDay, Free: words[0] == "free"}
	if len(words) > 2 {
		e.From, e.To = hours(t, words[2])
	}
	return e
}

// taken is a meeting with what is kept free around it.
func taken(t testing.TB, booking, from, to string, around time.Duration) slot.Taken {
	t.Helper()
	begin, end := local(t, from), local(t, to)
	return slot.Taken{Booking: booking, Start: begin, Block: slot.Span{From: begin.Add(-around), To: end.Add(around)}}
}

// Monday 1 March 2027, 08:00, in winter time: an hour's meeting, offered each
// half hour.
func rules(t testing.TB) slot.Rules {
	t.Helper()
	return slot.Rules{Minutes: 60, Step: 30, Horizon: 60, Now: local(t, "2027-03-01 08:00"), To: local(t, "2027-03-02 12:00")}
}

// told writes starts as the clock in Stockholm shows them.
func told(t testing.TB, starts []time.Time) string {
	t.Helper()
	var list []string
	for _, at := range starts {
		if at.Location() != time.UTC {
			t.Errorf("%v is not in UTC", at)
		}
		list = append(list, at.In(zone(t, "Europe/Stockholm")).Format("02 15:04"))
	}
	return strings.Join(list, ", ")
}

func TestWhenAnAdviserIsFree(t *testing.T) {
	for _, tt := range []struct {
		name   string
		week   []string
		change func(a *slot.Adviser, r *slot.Rules)
		want   string
	}{
		{"times come at each step from the start of the window, as long as the meeting ends in it",
			[]string{"Mon 09:00–11:00"}, nil,
			"01 09:00, 01 09:30, 01 10:00"},
		{"the steps are counted from the window, not from the hour",
			[]string{"Mon 09:10–11:00"}, nil,
			"01 09:10, 01 09:40"},
		{"each window has steps of its own",
			[]string{"Mon 09:00–10:30", "Mon 13:15–14:30"}, nil,
			"01 09:00, 01 09:30, 01 13:15"},
		{"windows that overlap are one, and no time comes twice",
			[]string{"Mon 09:00–10:30", "Mon 10:00–11:30"}, nil,
			"01 09:00, 01 09:30, 01 10:00, 01 10:30"},
		{"a meeting may go on over midnight when the next day begins with a window",
			[]string{"Mon 22:00–24:00", "Tue 00:00–01:00"}, nil,
			"01 22:00, 01 22:30, 01 23:00, 01 23:30, 02 00:00"},
		{"and ends before midnight when it does not",
			[]string{"Mon 22:00–24:00"}, nil,
			"01 22:00, 01 22:30, 01 23:00"},
		{"a meeting as long as the window fits once",
			[]string{"Mon 09:00–11:00"}, func(_ *slot.Adviser, r *slot.Rules) { r.Minutes = 120 },
			"01 09:00"},
		{"a longer one does not",
			[]string{"Mon 09:00–11:00"}, func(_ *slot.Adviser, r *slot.Rules) { r.Minutes = 121 },
			""},

		{"what is kept free around a meeting may lie outside the window",
			[]string{"Mon 09:00–10:00"}, func(a *slot.Adviser, _ *slot.Rules) { a.Before, a.After, a.Travel = time.Hour, time.Hour, time.Hour },
			"01 09:00"},
		{"what is taken is not offered",
			[]string{"Mon 09:00–13:00"}, func(a *slot.Adviser, _ *slot.Rules) {
				a.Taken = []slot.Taken{taken(t, "b", "2027-03-01 10:00", "2027-03-01 11:00", 0)}
			},
			"01 09:00, 01 11:00, 01 11:30, 01 12:00"},
		{"between two meetings lie both what the one and what the other keeps free",
			[]string{"Mon 09:00–14:00"}, func(a *slot.Adviser, _ *slot.Rules) {
				a.Before, a.After = 15*time.Minute, 15*time.Minute
				a.Taken = []slot.Taken{taken(t, "b", "2027-03-01 10:30", "2027-03-01 11:00", 15*time.Minute)}
			},
			"01 09:00, 01 11:30, 01 12:00, 01 12:30, 01 13:00"},
		{"the way there and back lies between meetings as well",
			[]string{"Mon 09:00–15:00"}, func(a *slot.Adviser, _ *slot.Rules) {
				a.Travel = time.Hour
				a.Taken = []slot.Taken{taken(t, "b", "2027-03-01 11:00", "2027-03-01 11:30", 0)}
			},
			"01 09:00, 01 12:30, 01 13:00, 01 13:30, 01 14:00"},
		{"a busy time is kept clear of as a meeting is",
			[]string{"Mon 09:00–13:00"}, func(a *slot.Adviser, _ *slot.Rules) {
				a.After = 15 * time.Minute
				a.Busy = []slot.Span{{From: local(t, "2027-03-01 10:10"), To: local(t, "2027-03-01 11:00")}, {From: local(t, "2027-03-01 10:40"), To: local(t, "2027-03-01 10:50")}}
			},
			"01 11:00, 01 11:30, 01 12:00"},

		{"a day away has no times",
			[]string{"Mon 09:00–11:00"}, func(a *slot.Adviser, _ *slot.Rules) {
				a.Exceptions = []slot.Exception{exception(t, "away 2027-03-01")}
			},
			""},
		{"hours away are taken out of the window, whose steps stay",
			[]string{"Mon 09:00–12:00"}, func(a *slot.Adviser, _ *slot.Rules) {
				a.Exceptions = []slot.Exception{exception(t, "away 2027-03-01 09:20–09:40")}
			},
			"01 10:00, 01 10:30, 01 11:00"},
		{"free hours are added to the week, and join its window",
			[]string{"Mon 09:00–10:00"}, func(a *slot.Adviser, _ *slot.Rules) {
				a.Exceptions = []slot.Exception{exception(t, "free 2027-03-01 10:00–11:00")}
			},
			"01 09:00, 01 09:30, 01 10:00"},
		{"away all day but for some hours",
			[]string{"Mon 09:00–16:00"}, func(a *slot.Adviser, _ *slot.Rules) {
				a.Exceptions = []slot.Exception{exception(t, "free 2027-03-01 18:15–19:45"), exception(t, "away 2027-03-01")}
			},
			"01 18:15, 01 18:45"},
		{"free longer than usual but for some hours",
			nil, func(a *slot.Adviser, _ *slot.Rules) {
				a.Exceptions = []slot.Exception{exception(t, "away 2027-03-01 11:00–12:00"), exception(t, "free 2027-03-01 10:00–13:00")}
			},
			"01 10:00, 01 12:00"},

		{"so many meetings a day and no more, those of the next day apart",
			[]string{"Mon 09:00–14:00", "Tue 09:00–10:00"}, func(a *slot.Adviser, _ *slot.Rules) {
				a.MaxPerDay = 2
				a.Taken = []slot.Taken{taken(t, "b", "2027-03-01 09:00", "2027-03-01 10:00", 0), taken(t, "c", "2027-03-01 13:00", "2027-03-01 14:00", 0)}
			},
			"02 09:00"},
		{"several times proposed to one company are one meeting of the day",
			[]string{"Mon 09:00–12:00"}, func(a *slot.Adviser, _ *slot.Rules) {
				a.MaxPerDay = 2
				a.Taken = []slot.Taken{taken(t, "b", "2027-03-01 09:00", "2027-03-01 10:00", 0), taken(t, "b", "2027-03-01 11:00", "2027-03-01 12:00", 0)}
			},
			"01 10:00"},

		{"nothing nearer than the lead time",
			[]string{"Mon 09:00–12:00"}, func(_ *slot.Adviser, r *slot.Rules) { r.Lead = 2 * time.Hour },
			"01 10:00, 01 10:30, 01 11:00"},
		{"nothing after the last day, on which a meeting may still be",
			[]string{"Mon 23:00–24:00", "Tue 00:00–01:00"}, func(_ *slot.Adviser, r *slot.Rules) { r.LastDay = "2027-03-01" },
			"01 23:00, 01 23:30"},
		{"nothing beyond the horizon, counted in days from today",
			[]string{"Tue 09:00–10:00", "Wed 09:00–10:00", "Thu 09:00–10:00"}, func(_ *slot.Adviser, r *slot.Rules) { r.Horizon, r.To = 2, time.Time{} },
			"02 09:00, 03 09:00"},
		{"from the first moment asked for, and not at the last",
			[]string{"Mon 09:00–12:00"}, func(_ *slot.Adviser, r *slot.Rules) {
				r.From, r.To = local(t, "2027-03-01 09:30"), local(t, "2027-03-01 10:30")
			},
			"01 09:30, 01 10:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, r := adviser(t, tt.week...), rules(t)
			if tt.change != nil {
				tt.change(&a, &r)
			}
			if diff := cmp.Diff(tt.want, told(t, a.Starts(r))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// In the night of 28 March 2027 the clock goes from two to three, in that of 31
// October from three to two.
func TestTheNightsWhenTheClockChanges(t *testing.T) {
	for _, tt := range []struct {
		name, window, day string
		minutes           int
		change            func(a *slot.Adviser)
		want              []string // UTC
	}{
		{"times that the clock jumps over are not there", "Sun 01:30–04:00", "2027-03-28", 30, nil,
			[]string{"00:30", "01:00", "01:30"}}, // 01:30, 03:00, 03:30
		{"a window that lies in the lost hour is not there", "Sun 02:00–03:00", "2027-03-28", 30, nil, nil},
		{"one that begins in it keeps its steps", "Sun 02:15–04:00", "2027-03-28", 30, nil,
			[]string{"01:15"}}, // 03:15
		{"an hour is an hour over the lost one", "Sun 01:00–04:00", "2027-03-28", 60, nil,
			[]string{"00:00", "00:30", "01:00"}}, // 01:00, 01:30 to 03:30, 03:00
		{"a time that comes twice is offered the first time", "Sun 02:00–03:00", "2027-10-31", 30, nil,
			[]string{"00:00", "00:30"}}, // 02:00 and 02:30 in summer time
		{"the hour that comes twice is two hours long", "Sun 01:00–03:00", "2027-10-31", 120, nil,
			[]string{"23:00", "23:30", "00:00"}}, // 01:00, 01:30, 02:00
		{"half of it is free twice, not in between", "Sun 02:30–03:00", "2027-10-31", 60, nil, nil},
		{"away then is away both times", "Sun 01:00–04:00", "2027-10-31", 30,
			func(a *slot.Adviser) { a.Exceptions = []slot.Exception{exception(t, "away 2027-10-31 02:00–02:30")} },
			[]string{"23:00", "23:30", "00:30", "02:00", "02:30"}}, // 01:00, 01:30, 02:30 in summer time, 03:00, 03:30
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := adviser(t, tt.window)
			a.HolidaysOff = false // Easter Sunday, as it happens
			if tt.change != nil {
				tt.change(&a)
			}
			var got []string
			for _, at := range a.Starts(slot.Rules{Minutes: tt.minutes, Step: 30, Horizon: 1, Now: local(t, tt.day+" 00:00").Add(-4 * time.Hour)}) {
				got = append(got, at.Format("15:04"))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestHolidays(t *testing.T) {
	week := []string{"Mon 09:00–10:00", "Tue 09:00–10:00", "Wed 09:00–10:00", "Thu 09:00–10:00", "Fri 09:00–10:00", "Sat 09:00–10:00", "Sun 09:00–10:00"}
	for _, tt := range []struct {
		name, now string
		change    func(a *slot.Adviser)
		want      string
	}{
		{"are free, each in its country, and ordinary weekends are as the week says", "2027-03-23 12:00", nil,
			"24 09:00, 25 09:00, 27 09:00, 30 09:00"}, // Good Friday to Easter Monday
		{"in Norway Maundy Thursday is one", "2027-03-23 12:00", func(a *slot.Adviser) { a.Country = "NO" },
			"24 09:00, 27 09:00, 30 09:00"},
		{"an eve that all treat as one as well", "2026-06-17 12:00", nil,
			"18 09:00, 21 09:00, 22 09:00, 23 09:00, 24 09:00"}, // Midsummer's Eve is a Friday
		{"hours said to be free beat it", "2027-03-23 12:00",
			func(a *slot.Adviser) { a.Exceptions = []slot.Exception{exception(t, "free 2027-03-26 13:00–14:00")} },
			"24 09:00, 25 09:00, 26 13:00, 27 09:00, 30 09:00"},
		{"or none is kept", "2027-03-23 12:00", func(a *slot.Adviser) { a.HolidaysOff = false },
			"24 09:00, 25 09:00, 26 09:00, 27 09:00, 28 09:00, 29 09:00, 30 09:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := adviser(t, week...)
			if tt.change != nil {
				tt.change(&a)
			}
			if diff := cmp.Diff(tt.want, told(t, a.Starts(slot.Rules{Minutes: 60, Step: 60, Horizon: 7, Now: local(t, tt.now)}))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSeveralAdvisersNearestFirst(t *testing.T) {
	a, b := adviser(t, "Mon 09:00–11:00"), adviser(t, "Mon 10:00–11:30")
	b.ID = "b"
	var got []string
	for _, s := range slot.All([]slot.Adviser{b, a}, rules(t)) {
		got = append(got, told(t, []time.Time{s.Start})+" "+s.Adviser)
	}
	if diff := cmp.Diff([]string{"01 09:00 a", "01 09:30 a", "01 10:00 b", "01 10:00 a", "01 10:30 b"}, got); diff != "" {
		t.Error(diff)
	}
}

// What is offered may be booked, and nothing else.
func TestFreeIsWhatIsListed(t *testing.T) {
	a, r := adviser(t, "Mon 09:00–11:00"), rules(t)
	listed := a.Starts(r)
	for at := local(t, "2027-03-01 08:00"); at.Before(local(t, "2027-03-01 12:00")); at = at.Add(10 * time.Minute) {
		if offered := slices.ContainsFunc(listed, at.Equal); a.Free(r, at) != offered {
			t.Errorf("%v: offered %v, free %v", at, offered, !offered)
		}
	}
	r.To = local(t, "2027-03-01 10:00")
	if a.Free(r, local(t, "2027-03-01 10:00")) {
		t.Error("free at the end of what was asked for")
	}
}
