package company

import "strings"

// PersonalNumber returns the ten digits of a Swedish personal or coordination
// number, from ten or twelve digits, and false for whatever is none. It is asked for
// nowhere but with state aid to a person's own firm.
func PersonalNumber(typed string) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		if r == '+' { // of whoever is a hundred
			return -1
		}
		return withoutSigns(r)
	}, typed)
	if !areDigits(digits) || !swedishPerson.MatchString(digits) && !swedishPersonLong.MatchString(digits) {
		return "", false
	}
	number := digits[len(digits)-10:]
	return number, luhn(number)
}
