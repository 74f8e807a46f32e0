package holiday_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/holiday"
)

func date(t *testing.T, s string) time.Time {
	t.Helper()
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		t.Fatal(err)
	}
	return day
}

// daysOf lists the days of a year that a rule picks.
func daysOf(year int, picked func(time.Time) bool) []string {
	var days []string
	for day := time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC); day.Year() == year; day = day.AddDate(0, 0, 1) {
		if picked(day) {
			days = append(days, day.Format(time.DateOnly))
		}
	}
	return days
}

// named lists the days of a year that have a name, with it.
func named(country string, year int, lang string) []string {
	var list []string
	for _, day := range daysOf(year, func(day time.Time) bool { return holiday.Name(country, day, lang) != "" }) {
		parsed, err := time.Parse(time.DateOnly, day)
		if err != nil {
			panic(err) // daysOf has just written it
		}
		list = append(list, day[5:]+" "+holiday.Name(country, parsed, lang))
	}
	return list
}

func TestDaysOfAYearHaveTheirNames(t *testing.T) {
	for _, tt := range []struct {
		country string
		year    int
		lang    string
		want    []string
	}{
		{"SE", 2026, "sv", []string{
			"01-01 nyårsdagen", "01-06 trettondedag jul", "04-03 långfredagen", "04-05 påskdagen", "04-06 annandag påsk",
			"05-01 första maj", "05-14 Kristi himmelsfärdsdag", "05-24 pingstdagen", "06-06 Sveriges nationaldag",
			"06-19 midsommarafton", "06-20 midsommardagen", "10-31 alla helgons dag",
			"12-24 julafton", "12-25 juldagen", "12-26 annandag jul", "12-31 nyårsafton",
		}},
		{"SE", 2026, "nb", []string{
			"01-01 første nyttårsdag", "01-06 trettendedag jul", "04-03 langfredag", "04-05 første påskedag", "04-06 andre påskedag",
			"05-01 første mai", "05-14 Kristi himmelfartsdag", "05-24 første pinsedag", "06-06 Sveriges nasjonaldag",
			"06-19 midtsommeraften", "06-20 midtsommerdagen", "10-31 allehelgensdag",
			"12-24 julaften", "12-25 første juledag", "12-26 andre juledag", "12-31 nyttårsaften",
		}},
		{"NO", 2027, "nn", []string{
			"01-01 første nyttårsdag", "03-25 skjærtorsdag", "03-26 langfredag", "03-28 første påskedag", "03-29 andre påskedag",
			"05-01 første mai", "05-06 Kristi himmelfartsdag", "05-16 første pinsedag", "05-17 grunnlovsdagen og andre pinsedag",
			"12-24 julaftan", "12-25 første juledag", "12-26 andre juledag", "12-31 nyttårsaftan",
		}},
		{"NO", 2027, "en", []string{
			"01-01 New Year's Day", "03-25 Maundy Thursday", "03-26 Good Friday", "03-28 Easter Sunday", "03-29 Easter Monday",
			"05-01 May Day", "05-06 Ascension Day", "05-16 Whit Sunday", "05-17 Constitution Day and Whit Monday",
			"12-24 Christmas Eve", "12-25 Christmas Day", "12-26 Boxing Day", "12-31 New Year's Eve",
		}},
		{"DK", 2027, "en", nil},
	} {
		t.Run(tt.country+" in "+tt.lang, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, named(tt.country, tt.year, tt.lang)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEveryNameExistsInAllLanguages(t *testing.T) {
	for _, country := range []string{"SE", "NO"} {
		for year := 2026; year <= 2040; year++ {
			swedish := len(named(country, year, "sv"))
			for _, lang := range []string{"nb", "nn", "en"} {
				if got := len(named(country, year, lang)); got != swedish {
					t.Errorf("%s %d: %d days have a name in %s, %d in sv", country, year, got, lang, swedish)
				}
			}
		}
	}
	seventeenth := date(t, "2027-05-17")
	if got := holiday.Name("NO", seventeenth, "sv"); got != "Norges nationaldag och annandag pingst" {
		t.Errorf("17 May 2027 is %q in Swedish", got)
	}
	if got := holiday.Name("NO", seventeenth, "de"); got != "Constitution Day and Whit Monday" {
		t.Errorf("17 May 2027 is %q in a language that we do not speak", got)
	}
}

func TestMovableDaysFallWhereTheAlmanacHasThem(t *testing.T) {
	for _, tt := range []struct{ country, day, want string }{
		{"SE", "2026-04-05", "påskdagen"},
		{"SE", "2027-03-28", "påskdagen"},
		{"SE", "2028-04-16", "påskdagen"},
		{"SE", "2029-04-01", "påskdagen"},
		{"SE", "2030-04-21", "påskdagen"},
		{"NO", "2026-04-05", "påskdagen"},
		{"SE", "2026-06-19", "midsommarafton"},
		{"SE", "2027-06-25", "midsommarafton"},
		{"SE", "2027-06-26", "midsommardagen"},
		{"SE", "2026-10-31", "alla helgons dag"},
		{"SE", "2027-11-06", "alla helgons dag"},
		{"SE", "2026-05-25", ""}, // Whit Monday is an ordinary day in Sweden since 2005
		{"NO", "2026-05-25", "annandag pingst"},
		{"SE", "2027-05-17", ""},
		{"NO", "2027-01-06", ""},
		{"NO", "2026-06-19", ""},
		{"SE", "2026-04-02", ""},
		{"NO", "2026-04-02", "skärtorsdagen"},
	} {
		if got := holiday.Name(tt.country, date(t, tt.day), "sv"); got != tt.want {
			t.Errorf("%s in %s is %q, want %q", tt.day, tt.country, got, tt.want)
		}
	}
}

func TestFreeAndPublicDays(t *testing.T) {
	for _, tt := range []struct {
		name         string
		country, day string
		free, public bool
	}{
		{"an ordinary Monday", "SE", "2026-11-23", false, false},
		{"a Saturday is free but no holiday", "SE", "2026-11-21", true, false},
		{"a Sunday is a holiday by law", "SE", "2026-11-22", true, true},
		{"a Sunday in Norway too", "NO", "2026-11-22", true, true},
		{"Midsummer's Eve is treated as free", "SE", "2026-06-19", true, false},
		{"Christmas Eve is treated as free", "SE", "2026-12-24", true, false},
		{"Christmas Eve in Norway", "NO", "2026-12-24", true, false},
		{"New Year's Eve in Norway", "NO", "2026-12-31", true, false},
		{"Christmas Eve on a Sunday is a holiday as a Sunday", "SE", "2028-12-24", true, true},
		{"All Saints on its Saturday", "SE", "2026-10-31", true, true},
		{"that Saturday in Norway is only a Saturday", "NO", "2026-10-31", true, false},
		{"Maundy Thursday in Norway", "NO", "2026-04-02", true, true},
		{"Maundy Thursday in Sweden", "SE", "2026-04-02", false, false},
		{"6 June in Sweden", "SE", "2028-06-06", true, true},
		{"6 June in Norway", "NO", "2028-06-06", false, false},
		{"another country has weekends only", "DK", "2026-12-25", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			day := date(t, tt.day)
			if free, public := holiday.Free(tt.country, day), holiday.Public(tt.country, day); free != tt.free || public != tt.public {
				t.Errorf("free %v, public %v; want %v, %v", free, public, tt.free, tt.public)
			}
		})
	}
}

func TestSqueezeDaysOfAYear(t *testing.T) {
	for _, tt := range []struct {
		country string
		year    int
		want    []string
	}{
		{"SE", 2026, []string{"2026-01-02", "2026-01-05", "2026-05-15"}},
		{"SE", 2027, []string{"2027-05-07"}},
		{"SE", 2028, []string{"2028-01-07", "2028-05-26", "2028-06-05"}},
		{"NO", 2026, []string{"2026-01-02", "2026-05-15"}},
		{"NO", 2027, []string{"2027-05-07"}},
		{"NO", 2028, []string{"2028-05-26"}},
	} {
		got := daysOf(tt.year, func(day time.Time) bool { return holiday.Squeeze(tt.country, day) })
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s %d: %s", tt.country, tt.year, diff)
		}
	}
}

func TestWorkingDaysLeaveOutHolidaysButCountEves(t *testing.T) {
	for _, tt := range []struct {
		country, day string
		n            int
		want         string
	}{
		{"SE", "2026-12-18", 20, "2027-01-20"},
		{"NO", "2026-12-18", 20, "2027-01-19"},
		{"SE", "2027-03-22", 20, "2027-04-21"},
		{"NO", "2027-03-22", 20, "2027-04-22"},
		{"SE", "2026-06-01", 20, "2026-06-29"},
		{"NO", "2026-06-01", 20, "2026-06-29"},
		{"SE", "2026-12-23", 1, "2026-12-24"},
		{"SE", "2026-12-24", 1, "2026-12-28"},
		{"SE", "2026-11-21", 1, "2026-11-23"},
		{"SE", "2026-11-21", 0, "2026-11-21"},
		{"SE", "2026-11-21", -3, "2026-11-21"},
	} {
		if got := holiday.WorkingDaysAfter(tt.country, date(t, tt.day), tt.n); got != date(t, tt.want) {
			t.Errorf("%d working days after %s in %s is %s, want %s", tt.n, tt.day, tt.country, got.Format(time.DateOnly), tt.want)
		}
	}
}

func TestWorkingDaysAreCountedBackwardsToo(t *testing.T) {
	for _, tt := range []struct {
		country, day string
		n            int
		want         string
	}{
		{"SE", "2027-01-20", 20, "2026-12-18"}, // back where 20 days forwards began
		{"SE", "2026-11-26", 3, "2026-11-23"},
		{"SE", "2026-11-24", 3, "2026-11-19"},
		{"SE", "2026-05-18", 1, "2026-05-15"},
		{"NO", "2027-05-18", 1, "2027-05-14"},
		{"SE", "2026-12-28", 2, "2026-12-23"},
		{"SE", "2026-12-28", 0, "2026-12-28"},
	} {
		if got := holiday.WorkingDaysBefore(tt.country, date(t, tt.day), tt.n); got != date(t, tt.want) {
			t.Errorf("%d working days before %s in %s is %s, want %s", tt.n, tt.day, tt.country, got.Format(time.DateOnly), tt.want)
		}
	}
}

func TestPreviousWorkingDayIsNeverFree(t *testing.T) {
	for _, tt := range []struct{ name, country, day, want string }{
		{"the day before", "SE", "2026-11-26", "2026-11-25"},
		{"Friday before a Monday", "SE", "2026-11-23", "2026-11-20"},
		{"an eve is passed over", "SE", "2026-12-28", "2026-12-23"},
		{"Easter in Norway begins on Thursday", "NO", "2026-04-07", "2026-04-01"},
		{"Easter in Sweden begins on Friday", "SE", "2026-04-07", "2026-04-02"},
		{"two holidays in a row with a weekend", "NO", "2027-05-18", "2027-05-14"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := holiday.PreviousWorkingDay(tt.country, date(t, tt.day)); got != date(t, tt.want) {
				t.Errorf("got %s, want %s", got.Format(time.DateOnly), tt.want)
			}
		})
	}
}

func TestDayAndClockAreThoseOfTheZone(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	// Half past midnight on Christmas Day in Stockholm is still Christmas Eve in UTC.
	early := time.Date(2026, 12, 25, 0, 30, 0, 0, zone)
	if !holiday.Public("SE", early) || holiday.Public("SE", early.UTC()) {
		t.Error("the day was not read in the location of the time")
	}
	// The clocks go forward on Sunday 28 March 2027.
	got := holiday.PreviousWorkingDay("SE", time.Date(2027, 3, 30, 9, 0, 0, 0, zone))
	if want := time.Date(2027, 3, 25, 9, 0, 0, 0, zone); !got.Equal(want) {
		t.Errorf("got %s, want %s", got, want)
	}
}

func BenchmarkSqueeze(b *testing.B) {
	day := time.Date(2026, 5, 15, 0, 0, 0, 0, time.UTC)
	for b.Loop() {
		if !holiday.Squeeze("SE", day) {
			b.Fatal("15 May 2026 is a squeeze day")
		}
	}
}

func TestNamedDaysAreHolidaysAndEvesAndNoOrdinaryWeekend(t *testing.T) {
	for day, want := range map[string]bool{
		"2026-06-19": true,  // Midsummer's Eve, a Friday
		"2026-06-20": true,  // Midsummer's Day, a Saturday
		"2026-04-05": true,  // Easter Sunday
		"2026-06-21": false, // a Sunday
		"2026-06-13": false, // a Saturday
		"2026-06-22": false,
	} {
		if got := holiday.Named("SE", date(t, day)); got != want {
			t.Errorf("%s: %v", day, got)
		}
	}
}
