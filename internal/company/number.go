package company

import (
	"regexp"
	"strings"
	"unicode"

	"stafett/internal/problem"
)

var (
	// ErrNumber says that what was typed is not an organisation number of the
	// country.
	ErrNumber = &problem.Problem{Kind: problem.Invalid, Code: "org_number"}
	// ErrPersonalNumber says that what was typed looks like a personal number.
	// Nobody needs one here, so whoever answers must not show it again.
	ErrPersonalNumber = &problem.Problem{Kind: problem.Invalid, Code: "personal_number"}
)

// ParseNumber returns the digits of an organisation number as they are stored:
// ten for Sweden ("SE"), nine for Norway ("NO"), from any of the forms in which
// people write them. With allowTest it also takes the numbers that no company
// can have: the Swedish group 4, which is not in use, and Norwegian ones that
// begin with 2 or 3, which are kept for synthetic companies.
//
// The error is ErrNumber or ErrPersonalNumber and never holds what was typed.
func ParseNumber(country, typed string, allowTest bool) (string, error) {
	// Asked of the bare digits and before all else, so that a personal number
	// is known for one whichever country was chosen and whatever stands around
	// it. A VAT number with a birthday in it is taken for one too: state bodies,
	// whose numbers begin 2021, have 00 where the month would be.
	if looksPersonal(strings.Map(onlyDigits, typed)) {
		return "", ErrPersonalNumber
	}
	plain := strings.ToUpper(strings.Map(withoutSigns, typed))
	switch country {
	case "SE":
		return parseSwedish(plain, allowTest)
	case "NO":
		return parseNorwegian(plain, allowTest)
	}
	return "", ErrNumber
}

// Format writes stored digits as people read them: 556677-8899, 123 456 785.
// What is not of the country's length is returned as it is.
func Format(country, number string) string {
	switch {
	case country == "SE" && len(number) == 10:
		return number[:6] + "-" + number[6:]
	case country == "NO" && len(number) == 9:
		return number[:3] + " " + number[3:6] + " " + number[6:]
	}
	return number
}

// Display is the number as lists, rosters and pages show it: as Format writes it,
// but masked for a sole trader, whose number stands for a person and is to be
// exposed as little as possible. Nothing is shown of a company without one.
func Display(c Company) string {
	if c.SoleTrader && c.Number != "" {
		return strings.Map(masked, Format(c.Country, c.Number))
	}
	return Format(c.Country, c.Number)
}

func masked(r rune) rune {
	if r >= '0' && r <= '9' {
		return '•'
	}
	return r
}

func parseSwedish(plain string, allowTest bool) (string, error) {
	number, vat := strings.CutPrefix(plain, "SE")
	if !areDigits(number) {
		return "", ErrNumber
	}
	if len(number) == 12 {
		number = tenOfTwelve(number, vat)
	}
	if looksPersonal(number) {
		return "", ErrPersonalNumber
	}
	if len(number) != 10 || !luhn(number) || !swedishGroup(number[0], allowTest) || number[2] < '2' {
		return "", ErrNumber
	}
	return number, nil
}

// tenOfTwelve takes the number out of a VAT number, which is SE, the number and
// 01, or out of the form in registers, which has a century of 16 for whatever
// is not a person. Any other twelve digits stay as they are.
func tenOfTwelve(digits string, vat bool) string {
	switch {
	case !vat && strings.HasPrefix(digits, "16"):
		return digits[2:]
	case strings.HasSuffix(digits, "01"):
		return digits[:10]
	}
	return digits
}

// swedishGroup reports whether organisations have numbers that begin so: the
// first digit tells their form, and no form has 0 or 4.
func swedishGroup(first byte, allowTest bool) bool {
	return first != '0' && (first != '4' || allowTest)
}

func parseNorwegian(plain string, allowTest bool) (string, error) {
	number := strings.TrimSuffix(strings.TrimPrefix(plain, "NO"), "MVA")
	if !areDigits(number) || len(number) != 9 || !mod11(number) || !norwegianStart(number[0], allowTest) {
		return "", ErrNumber
	}
	return number, nil
}

func norwegianStart(first byte, allowTest bool) bool {
	switch first {
	case '8', '9':
		return true
	case '2', '3':
		return allowTest
	}
	return false
}

// luhn reports whether the last digit is right by the rule of Swedish numbers:
// every second digit, from the first, counts twice, and the sum of all digits
// is a multiple of ten.
func luhn(number string) bool {
	sum := 0
	for i := range len(number) {
		n := int(number[i] - '0')
		if i%2 == 0 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return sum%10 == 0
}

// mod11 reports whether the ninth digit is right by the rule of the Norwegian
// register. No number has a remainder of one: its check digit would be ten.
func mod11(number string) bool {
	sum := 0
	for i, weight := range []int{3, 2, 7, 6, 5, 4, 3, 2} {
		sum += weight * int(number[i]-'0')
	}
	check := (11 - sum%11) % 11
	return check == int(number[8]-'0')
}

var (
	// A personal or coordination number, whose day is 60 higher, without and
	// with its century. Organisations have no month there: the third of their
	// ten digits is at least 2.
	swedishPerson     = regexp.MustCompile(`^\d\d` + month + swedishDay + `\d{4}$`)
	swedishPersonLong = regexp.MustCompile(`^(18|19|20)\d\d` + month + swedishDay + `\d{4}$`)
	// A fødselsnummer, a D-nummer, whose day is 40 higher, or a H-nummer of the
	// hospitals, whose month is.
	norwegianPerson = regexp.MustCompile(`^(0[1-9]|[12]\d|3[01]|4[1-9]|[56]\d|7[01])(0[1-9]|1[0-2]|4[1-9]|5[0-2])\d{7}$`)
)

const (
	month      = `(0[1-9]|1[0-2])`
	swedishDay = `(0[1-9]|[12]\d|3[01]|6[1-9]|[78]\d|9[01])`
)

// looksPersonal looks at the date alone: a personal number with a slip in its
// last digits is as personal as one without.
func looksPersonal(digits string) bool {
	return swedishPerson.MatchString(digits) || swedishPersonLong.MatchString(digits) || norwegianPerson.MatchString(digits)
}

func onlyDigits(r rune) rune {
	if r < '0' || r > '9' {
		return -1
	}
	return r
}

// LooksPersonal reports whether something like a personal number stands in a text,
// as in a name that somebody typed: nobody needs one there, so it is not kept.
func LooksPersonal(text string) bool {
	isDigit := func(r rune) bool { return onlyDigits(r) >= 0 }
	// Groups of digits with nothing but signs between them may be one number.
	for _, near := range strings.FieldsFunc(text, func(r rune) bool { return !isDigit(r) && r != '+' && withoutSigns(r) >= 0 }) {
		groups := strings.FieldsFunc(near, func(r rune) bool { return !isDigit(r) })
		for i := range groups {
			for j := i + 1; j <= len(groups); j++ {
				if looksPersonal(strings.Join(groups[i:j], "")) {
					return true
				}
			}
		}
	}
	return false
}

// withoutSigns drops what people and word processors put between the groups of
// a number: spaces, dots, and every sign that is used as a hyphen.
func withoutSigns(r rune) rune {
	if unicode.IsSpace(r) || unicode.In(r, unicode.Pd, unicode.Cf) || strings.ContainsRune(".·•⁃−˗", r) {
		return -1
	}
	return r
}

func areDigits(s string) bool {
	return s != "" && strings.Map(onlyDigits, s) == s
}
