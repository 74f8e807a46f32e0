package attendance

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"stafett/internal/locale"
)

var (
	// A date of three numbers and a time, with whatever a language puts between.
	dateForm = regexp.MustCompile(`^(\d{1,4})([-/.])(\d{1,2})[-/.] ?(\d{1,4}),?\.? ?(?:kl\.?|klo|um|at)? ?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?(Z)?(?: .{0,12})?$`)
	isoForm  = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})T`)
	// Half a day in the languages that write it.
	halfDay = regexp.MustCompile(`(?i)(\b[ap]\.?m\.?|\b[fe]\.?m\.?)$`)
	after   = regexp.MustCompile(`(?i)(\bp\.?m\.?|\be\.?m\.?)$`)

	lengthPart = regexp.MustCompile(`^(\d{1,5}) ?([\pL]+)\.? ?`)
	clockForm  = regexp.MustCompile(`^(\d{1,3}):(\d{2}):(\d{2})$`)
	number     = regexp.MustCompile(`^\d{1,5}$`)
)

func isTime(s string) bool {
	_, ok := readTime(s, false)
	if !ok {
		_, ok = readTime(s, true)
	}
	return ok
}

// readTime reads a date and a time. The zone is not told in most reports and
// never needed: only the time between two of them counts.
func readTime(s string, monthFirst bool) (time.Time, bool) {
	s = isoForm.ReplaceAllString(s, "$1 ")
	m := dateForm.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	day, month, year := two(m[1]), two(m[3]), two(m[4])
	switch {
	case len(m[1]) == 4:
		year, day = day, year
	case m[2] == "/" && monthFirst:
		day, month = month, day
	}
	if year < 100 {
		year += 2000
	}
	hour, minute, second := two(m[5]), two(m[6]), two(m[7])
	if halfDay.MatchString(s) {
		if hour < 1 || hour > 12 {
			return time.Time{}, false
		}
		hour %= 12
		if after.MatchString(s) {
			hour += 12
		}
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	if t.Day() != day || t.Month() != time.Month(month) || t.Hour() != hour || t.Minute() != minute || t.Second() != second {
		return time.Time{}, false
	}
	return t, true
}

// two is the value of digits that a pattern has found.
func two(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// readLength reads a length as Teams writes it in the organiser's language,
// "1h 30m 51s" or "1 tim 30 min 51 s", as 1:30:51, or as a plain number where
// the unit is known.
func readLength(s string, unit time.Duration) (time.Duration, bool) {
	if m := clockForm.FindStringSubmatch(s); m != nil {
		return time.Duration(two(m[1]))*time.Hour + time.Duration(two(m[2]))*time.Minute + time.Duration(two(m[3]))*time.Second, true
	}
	if number.MatchString(s) {
		return time.Duration(two(s)) * unit, unit > 0
	}
	var sum time.Duration
	last := 48 * time.Hour
	for rest := s; rest != ""; {
		m := lengthPart.FindStringSubmatch(rest)
		if m == nil {
			return 0, false
		}
		u := unitOf(locale.Fold(m[2]))
		if u == 0 || u >= last {
			return 0, false
		}
		sum, last, rest = sum+time.Duration(two(m[1]))*u, u, rest[len(m[0]):]
	}
	return sum, s != ""
}

// unitOf is what a unit's word means; 0 for words that are none. Hours have
// many names, minutes and seconds begin alike everywhere.
func unitOf(word string) time.Duration {
	switch {
	case strings.HasPrefix(word, "d"): // d, dag, dagar, dager, day
		return 24 * time.Hour
	case word == "h" || word == "t" || word == "u" || word == "st" || word == "std" || strings.HasPrefix(word, "hr") || strings.HasPrefix(word, "hour") ||
		strings.HasPrefix(word, "tim") || strings.HasPrefix(word, "godz") || strings.HasPrefix(word, "stund") || strings.HasPrefix(word, "heure"):
		return time.Hour
	case word == "m" || strings.HasPrefix(word, "min"):
		return time.Minute
	case word == "s" || strings.HasPrefix(word, "sek") || strings.HasPrefix(word, "sec"):
		return time.Second
	}
	return 0
}
