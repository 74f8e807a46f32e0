package locale

import (
	"strconv"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/en_GB"
	"github.com/go-playground/locales/nb"
	"github.com/go-playground/locales/nn"
	"github.com/go-playground/locales/sv"
)

// nbsp keeps the parts of a number, "kl. 12" and "28 november" on one line.
const nbsp = "\u00a0"

// convention is how a language writes dates, clocks and numbers. The names of
// months and weekdays and the signs in numbers are CLDR's. The rest follows the
// public sector: a point in Swedish clocks and a dash without spaces, and in
// Norwegian the obligatory point after the day and a colon in clocks.
type convention struct {
	names locales.Translator

	afterDay  string // after the number of a day
	dash      string // between two dates of different months
	comma     string // between a date and a clock
	at        string // before a clock in running text
	clock     string // layout of a clock
	between   string // between two clocks
	until     string // between two clocks on different days
	by        string // before the last moment for something
	shortDate string // layout of a date in figures

	hour, hours, minute, minutes string
	million                      string // after a number of millions; none: never used
	decimal, minus               string
}

var conventions = map[Language]convention{
	SV: {
		names: sv.New(), dash: "–", comma: " ", at: "kl." + nbsp, clock: "15.04",
		between: "–", until: "till", by: "senast", shortDate: "2006-01-02",
		hour: "timme", hours: "timmar", minute: "minut", minutes: "minuter",
		decimal: ",", minus: "−",
	},
	NB: {
		names: nb.New(), afterDay: ".", dash: "–", comma: " ", at: "kl." + nbsp, clock: "15:04",
		between: " - ", until: "til", by: "innen", shortDate: "02.01.2006",
		hour: "time", hours: "timer", minute: "minutt", minutes: "minutter", million: "mill.",
		decimal: ",", minus: "−",
	},
	NN: {
		names: nn.New(), afterDay: ".", dash: "–", comma: " ", at: "kl." + nbsp, clock: "15:04",
		between: " - ", until: "til", by: "innan", shortDate: "02.01.2006",
		hour: "time", hours: "timar", minute: "minutt", minutes: "minutt", million: "mill.",
		decimal: ",", minus: "−",
	},
	EN: {
		names: en_GB.New(), dash: " – ", comma: ", ", clock: "15:04",
		between: "–", until: "to", by: "by", shortDate: "2" + nbsp + "Jan" + nbsp + "2006",
		hour: "hour", hours: "hours", minute: "minute", minutes: "minutes",
		decimal: ".", minus: "-",
	},
}

// of answers the convention of the language, and the English one for a language
// that the program does not speak.
func of(lang Language) convention {
	if c, ok := conventions[lang]; ok {
		return c
	}
	return conventions[EN]
}

// All functions here show the clock of the time's own location: the caller moves
// an instant to the zone of the event first.

// Range answers from when to when something lasts: "måndag 28 november 2022
// kl. 12.00–13.00", or over several days "28–29 november 2022, måndag kl. 09.00
// till tisdag kl. 16.00". Only the start is shown when the end is not later.
func Range(lang Language, start, end time.Time) string {
	c := of(lang)
	if !end.After(start) {
		return Date(lang, start) + c.comma + At(lang, Clock(lang, start))
	}
	if sameDay(start, end) {
		return Date(lang, start) + c.comma + At(lang, ClockRange(lang, start, end))
	}
	return Days(lang, start, end) + ", " +
		Weekday(lang, start) + " " + At(lang, Clock(lang, start)) + " " + c.until + " " +
		Weekday(lang, end) + " " + At(lang, Clock(lang, end))
}

// RangeTitle is Range with a capital letter, for the start of a line.
func RangeTitle(lang Language, start, end time.Time) string {
	return capital(Range(lang, start, end))
}

// Days answers the days from start to end without clocks: "måndag 28 november
// 2022", "28–29 november 2022", "30 november–1 december 2022".
func Days(lang Language, start, end time.Time) string {
	c := of(lang)
	year := " " + strconv.Itoa(end.Year())
	switch {
	case sameDay(start, end):
		return Date(lang, start)
	case start.Year() != end.Year():
		return DayMonth(lang, start) + " " + strconv.Itoa(start.Year()) + c.dash + DayMonth(lang, end) + year
	case start.Month() != end.Month():
		return DayMonth(lang, start) + c.dash + DayMonth(lang, end) + year
	}
	return strconv.Itoa(start.Day()) + c.afterDay + "–" + DayMonth(lang, end) + year
}

// Date answers a day with its weekday and year: "måndag 28 november 2022".
func Date(lang Language, t time.Time) string {
	return weekdayAndDay(lang, t) + " " + strconv.Itoa(t.Year())
}

// DayMonth answers a day without its year: "28 november", "28. november".
func DayMonth(lang Language, t time.Time) string {
	return strconv.Itoa(t.Day()) + of(lang).afterDay + nbsp + Month(lang, t)
}

// ShortDate answers a day for tables: "2022-11-28", "28.11.2022", "28 Nov 2022".
func ShortDate(lang Language, t time.Time) string {
	return t.Format(of(lang).shortDate)
}

// Clock answers a time of day alone: "12.00", "12:00".
func Clock(lang Language, t time.Time) string {
	return t.Format(of(lang).clock)
}

// ClockRange answers two times of day alone, as in an agenda: "12.00–13.00",
// "12:00 - 13:00".
func ClockRange(lang Language, start, end time.Time) string {
	return Clock(lang, start) + of(lang).between + Clock(lang, end)
}

// At puts what the language has before a time of day in running text, "kl." or
// nothing, before an answer of Clock or ClockRange.
func At(lang Language, clock string) string {
	return of(lang).at + clock
}

// Deadline answers the last moment for something: "senast måndag 28 november
// kl. 23.59". The year is left out only while the deadline is ahead of now by
// less than 60 days.
func Deadline(lang Language, t, now time.Time) string {
	c := of(lang)
	day := Date(lang, t)
	if !t.Before(now) && t.Before(now.In(t.Location()).AddDate(0, 0, 60)) {
		day = weekdayAndDay(lang, t)
	}
	return c.by + " " + day + c.comma + At(lang, Clock(lang, t))
}

// Month answers the name of the month, as it is written within a sentence.
func Month(lang Language, t time.Time) string {
	return of(lang).names.MonthWide(t.Month())
}

// Weekday answers the name of the weekday, as it is written within a sentence.
func Weekday(lang Language, t time.Time) string {
	return of(lang).names.WeekdayWide(t.Weekday())
}

func weekdayAndDay(lang Language, t time.Time) string {
	return Weekday(lang, t) + " " + DayMonth(lang, t)
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.YearDay() == b.YearDay()
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
