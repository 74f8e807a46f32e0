// Package holiday knows which days are free in Sweden and Norway, what they are
// called, and how working days are counted. A day is the calendar day of the
// time given, in that time's own location; the clock is of no matter.
//
// A country is "SE" or "NO". Elsewhere only Saturdays and Sundays are free.
package holiday

import (
	"slices"
	"strings"
	"time"
)

// Name answers what the day is called in the language, as it is written within
// a sentence, for holidays and for eves that are treated as free. Two that fall
// on one day are both named, as 17 May 2027 is also Whit Monday. Other days,
// ordinary Sundays among them, have no name. An unknown language is English.
func Name(country string, day time.Time, lang string) string {
	var names []string
	for _, o := range on(country, day) {
		names = append(names, o.name.in(lang))
	}
	return strings.Join(names, and.in(lang))
}

// Public reports whether the day is a Sunday or a public holiday by law: lag
// (1989:253) om allmänna helgdagar in Sweden; in Norway the laws on holy days
// (1995) and on 1 and 17 May (1947).
func Public(country string, day time.Time) bool {
	return day.Weekday() == time.Sunday || slices.ContainsFunc(on(country, day), occasion.lawful)
}

// Free reports whether most people are off on the day: a weekend, a public
// holiday, or an eve that is treated as one.
func Free(country string, day time.Time) bool {
	return weekend(day) || len(on(country, day)) > 0
}

// Named reports whether the day has a name: a public holiday, or an eve that is
// treated as one, whatever day of the week it is. Ordinary Saturdays and Sundays
// are none.
func Named(country string, day time.Time) bool { return len(on(country, day)) > 0 }

// Squeeze reports whether the day is a working day between two free ones
// (klämdag, inneklemt dag), when few people come to anything.
func Squeeze(country string, day time.Time) bool {
	return !Free(country, day) && Free(country, day.AddDate(0, 0, -1)) && Free(country, day.AddDate(0, 0, 1))
}

// PreviousWorkingDay answers the last day before the given one on which people
// are at work, so that they will read a reminder. The clock stays the same.
func PreviousWorkingDay(country string, day time.Time) time.Time {
	for {
		day = day.AddDate(0, 0, -1)
		if !Free(country, day) {
			return day
		}
	}
}

// WorkingDaysAfter answers the day that is n working days after the given one,
// which is not counted itself, with the same clock. Saturdays, Sundays and
// public holidays are left out. Eves are counted: no law makes them free, and a
// deadline that falls too early does no harm. With n of nought or less the
// answer is the day itself.
func WorkingDaysAfter(country string, day time.Time, n int) time.Time {
	return count(country, day, n, 1)
}

// WorkingDaysBefore counts as WorkingDaysAfter does, backwards.
func WorkingDaysBefore(country string, day time.Time, n int) time.Time {
	return count(country, day, n, -1)
}

func count(country string, day time.Time, n, step int) time.Time {
	for n > 0 {
		day = day.AddDate(0, 0, step)
		if !weekend(day) && !Public(country, day) {
			n--
		}
	}
	return day
}

func weekend(day time.Time) bool {
	return day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
}
