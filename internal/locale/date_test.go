package locale_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/locale"
)

// said is what a function answers in each language. A "_" stands for a no-break
// space, which nobody can see.
type said map[locale.Language]string

func inAll(say func(locale.Language) string) said {
	got := said{}
	for _, lang := range locale.All() {
		got[lang] = strings.ReplaceAll(say(lang), "\u00a0", "_")
	}
	return got
}

// at answers a moment on the clock of Stockholm.
func at(t *testing.T, s string) time.Time {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	moment, err := time.ParseInLocation("2006-01-02 15:04", s, zone)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func TestRangeTellsDayAndClock(t *testing.T) {
	for _, tt := range []struct {
		name       string
		start, end string
		want       said
	}{
		{"within one day", "2022-11-28 12:00", "2022-11-28 13:00", said{
			"sv": "måndag 28_november 2022 kl._12.00–13.00",
			"nb": "mandag 28._november 2022 kl._12:00 - 13:00",
			"nn": "måndag 28._november 2022 kl._12:00 - 13:00",
			"en": "Monday 28_November 2022, 12:00–13:00",
		}},
		{"without an end", "2027-03-04 08:30", "2027-03-04 08:30", said{
			"sv": "torsdag 4_mars 2027 kl._08.30",
			"nb": "torsdag 4._mars 2027 kl._08:30",
			"nn": "torsdag 4._mars 2027 kl._08:30",
			"en": "Thursday 4_March 2027, 08:30",
		}},
		{"two days of one month", "2022-11-28 09:00", "2022-11-29 16:00", said{
			"sv": "28–29_november 2022, måndag kl._09.00 till tisdag kl._16.00",
			"nb": "28.–29._november 2022, mandag kl._09:00 til tirsdag kl._16:00",
			"nn": "28.–29._november 2022, måndag kl._09:00 til tysdag kl._16:00",
			"en": "28–29_November 2022, Monday 09:00 to Tuesday 16:00",
		}},
		{"from one month to the next", "2022-11-30 09:00", "2022-12-01 16:00", said{
			"sv": "30_november–1_december 2022, onsdag kl._09.00 till torsdag kl._16.00",
			"nb": "30._november–1._desember 2022, onsdag kl._09:00 til torsdag kl._16:00",
			"nn": "30._november–1._desember 2022, onsdag kl._09:00 til torsdag kl._16:00",
			"en": "30_November – 1_December 2022, Wednesday 09:00 to Thursday 16:00",
		}},
		{"over New Year", "2026-12-31 20:00", "2027-01-01 01:00", said{
			"sv": "31_december 2026–1_januari 2027, torsdag kl._20.00 till fredag kl._01.00",
			"nb": "31._desember 2026–1._januar 2027, torsdag kl._20:00 til fredag kl._01:00",
			"nn": "31._desember 2026–1._januar 2027, torsdag kl._20:00 til fredag kl._01:00",
			"en": "31_December 2026 – 1_January 2027, Thursday 20:00 to Friday 01:00",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := inAll(func(lang locale.Language) string {
				return locale.Range(lang, at(t, tt.start), at(t, tt.end))
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDeadlineShowsTheYearUnlessItIsNear(t *testing.T) {
	for _, tt := range []struct {
		name string
		now  string
		want said
	}{
		{"less than 60 days ahead", "2022-10-01 08:00", said{
			"sv": "senast måndag 28_november kl._23.59",
			"nb": "innen mandag 28._november kl._23:59",
			"nn": "innan måndag 28._november kl._23:59",
			"en": "by Monday 28_November, 23:59",
		}},
		{"one minute less than 60 days ahead, over the end of summer time", "2022-09-30 00:00", said{
			"sv": "senast måndag 28_november kl._23.59",
			"nb": "innen mandag 28._november kl._23:59",
			"nn": "innan måndag 28._november kl._23:59",
			"en": "by Monday 28_November, 23:59",
		}},
		{"just 60 days ahead", "2022-09-29 23:59", said{
			"sv": "senast måndag 28_november 2022 kl._23.59",
			"nb": "innen mandag 28._november 2022 kl._23:59",
			"nn": "innan måndag 28._november 2022 kl._23:59",
			"en": "by Monday 28_November 2022, 23:59",
		}},
		{"in the past", "2022-11-29 00:00", said{
			"sv": "senast måndag 28_november 2022 kl._23.59",
			"nb": "innen mandag 28._november 2022 kl._23:59",
			"nn": "innan måndag 28._november 2022 kl._23:59",
			"en": "by Monday 28_November 2022, 23:59",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := inAll(func(lang locale.Language) string {
				return locale.Deadline(lang, at(t, "2022-11-28 23:59"), at(t, tt.now).UTC())
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPartsOfADate(t *testing.T) {
	start, end := at(t, "2022-11-28 12:00"), at(t, "2022-11-28 13:00")
	for _, tt := range []struct {
		name string
		say  func(locale.Language) string
		want said
	}{
		{
			"a range at the start of a line has a capital letter",
			func(lang locale.Language) string { return locale.RangeTitle(lang, start, end) },
			said{
				"sv": "Måndag 28_november 2022 kl._12.00–13.00",
				"nb": "Mandag 28._november 2022 kl._12:00 - 13:00",
				"nn": "Måndag 28._november 2022 kl._12:00 - 13:00",
				"en": "Monday 28_November 2022, 12:00–13:00",
			},
		},
		{
			"date",
			func(lang locale.Language) string { return locale.Date(lang, start) },
			said{
				"sv": "måndag 28_november 2022", "nb": "mandag 28._november 2022",
				"nn": "måndag 28._november 2022", "en": "Monday 28_November 2022",
			},
		},
		{
			"days from a day to itself are that day",
			func(lang locale.Language) string { return locale.Days(lang, start, end) },
			said{
				"sv": "måndag 28_november 2022", "nb": "mandag 28._november 2022",
				"nn": "måndag 28._november 2022", "en": "Monday 28_November 2022",
			},
		},
		{
			"two days",
			func(lang locale.Language) string { return locale.Days(lang, start, end.AddDate(0, 0, 1)) },
			said{
				"sv": "28–29_november 2022", "nb": "28.–29._november 2022",
				"nn": "28.–29._november 2022", "en": "28–29_November 2022",
			},
		},
		{
			"day and month",
			func(lang locale.Language) string { return locale.DayMonth(lang, start) },
			said{"sv": "28_november", "nb": "28._november", "nn": "28._november", "en": "28_November"},
		},
		{
			"short date",
			func(lang locale.Language) string { return locale.ShortDate(lang, start) },
			said{"sv": "2022-11-28", "nb": "28.11.2022", "nn": "28.11.2022", "en": "28_Nov_2022"},
		},
		{
			"clock",
			func(lang locale.Language) string { return locale.Clock(lang, start) },
			said{"sv": "12.00", "nb": "12:00", "nn": "12:00", "en": "12:00"},
		},
		{
			"clock range",
			func(lang locale.Language) string { return locale.ClockRange(lang, start, end) },
			said{"sv": "12.00–13.00", "nb": "12:00 - 13:00", "nn": "12:00 - 13:00", "en": "12:00–13:00"},
		},
		{
			"clock in running text",
			func(lang locale.Language) string { return locale.At(lang, locale.Clock(lang, start)) },
			said{"sv": "kl._12.00", "nb": "kl._12:00", "nn": "kl._12:00", "en": "12:00"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, inAll(tt.say)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWeekdaysAndMonthsHaveTheirNames(t *testing.T) {
	want := map[locale.Language][2]string{
		"sv": {
			"måndag tisdag onsdag torsdag fredag lördag söndag",
			"januari februari mars april maj juni juli augusti september oktober november december",
		},
		"nb": {
			"mandag tirsdag onsdag torsdag fredag lørdag søndag",
			"januar februar mars april mai juni juli august september oktober november desember",
		},
		"nn": {
			"måndag tysdag onsdag torsdag fredag laurdag søndag",
			"januar februar mars april mai juni juli august september oktober november desember",
		},
		"en": {
			"Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
			"January February March April May June July August September October November December",
		},
	}
	monday := at(t, "2022-11-28 12:00")
	got := map[locale.Language][2]string{}
	for _, lang := range locale.All() {
		var days, months []string
		for i := range 7 {
			days = append(days, locale.Weekday(lang, monday.AddDate(0, 0, i)))
		}
		for month := time.January; month <= time.December; month++ {
			months = append(months, locale.Month(lang, time.Date(2027, month, 1, 0, 0, 0, 0, time.UTC)))
		}
		got[lang] = [2]string{strings.Join(days, " "), strings.Join(months, " ")}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnknownLanguageIsWrittenAsEnglish(t *testing.T) {
	if got := locale.Weekday("de", at(t, "2022-11-28 12:00")); got != "Monday" {
		t.Errorf("got %q, want Monday", got)
	}
}
