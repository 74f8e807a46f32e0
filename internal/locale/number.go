package locale

import "fmt"

// Number answers a whole number with its digits in groups: "1 250", "1,250".
// The spaces do not break. It is exact up to 2⁵³.
func Number(lang Language, n int64) string {
	return of(lang).names.FmtNumber(float64(n), 0)
}

// Money answers an amount given in the smallest unit of its currency, by the
// currency's ISO 4217 code: "1 250,50 kr", "450 000 kroner", "SEK 1,250".
// Decimals are left out when they are nought. In Norwegian whole tenths of a
// million are written "1,8 mill. kroner". A Swedish reader knows the Swedish
// krona as kr and a Norwegian the Norwegian one as kroner; the neighbour's
// currency keeps its code, or the two could not be told apart.
func Money(lang Language, minor int64, currency string) string {
	sign, size := "", minor
	if minor < 0 {
		sign, size = of(lang).minus, -minor
	}
	number := sign + amount(lang, size)
	if lang == SV || lang == NB || lang == NN {
		return number + nbsp + unit(lang, minor, currency)
	}
	return currency + nbsp + number
}

// amount writes a sum of hundredths that is not negative.
func amount(lang Language, minor int64) string {
	c := of(lang)
	const million, tenth = 1_000_000_00, 100_000_00
	if c.million != "" && minor >= million && minor%tenth == 0 {
		return decimal(lang, minor/million, minor%million/tenth, 1) + nbsp + c.million
	}
	return decimal(lang, minor/100, minor%100, 2)
}

func unit(lang Language, minor int64, currency string) string {
	switch {
	case currency == "EUR":
		return "euro"
	case lang == SV && currency == "SEK":
		return "kr"
	case lang != SV && currency == "NOK" && minor == 100:
		return "krone"
	case lang != SV && currency == "NOK":
		return "kroner"
	}
	return currency
}

// Duration answers a length of time in minutes: under an hour in minutes, in
// half hours where it is a whole number of them ("2,5 timmar"), else in both
// ("2 timmar 20 minuter"). One is singular only for exactly 1.
func Duration(lang Language, minutes int) string {
	sign := ""
	if minutes < 0 {
		sign, minutes = of(lang).minus, -minutes
	}
	hours, rest := int64(minutes/60), int64(minutes%60)
	switch {
	case rest == 0:
		return sign + hourWords(lang, hours)
	case hours == 0:
		return sign + minuteWords(lang, rest)
	case rest == 30:
		return sign + decimal(lang, hours, 5, 1) + " " + of(lang).hours
	}
	return sign + hourWords(lang, hours) + " " + minuteWords(lang, rest)
}

func hourWords(lang Language, hours int64) string {
	if hours == 1 {
		return "1 " + of(lang).hour
	}
	return Number(lang, hours) + " " + of(lang).hours
}

func minuteWords(lang Language, minutes int64) string {
	if minutes == 1 {
		return "1 " + of(lang).minute
	}
	return Number(lang, minutes) + " " + of(lang).minutes
}

// Tenths answers a number that is given in tenths: "7,5", "7".
func Tenths(lang Language, n int64) string {
	return decimal(lang, n/10, n%10, 1)
}

// decimal writes a number with a fraction of so many digits, and without the
// fraction when it is nought.
func decimal(lang Language, whole, fraction int64, digits int) string {
	if fraction == 0 {
		return Number(lang, whole)
	}
	return Number(lang, whole) + of(lang).decimal + fmt.Sprintf("%0*d", digits, fraction)
}
