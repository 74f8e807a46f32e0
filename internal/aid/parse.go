package aid

import (
	"errors"
	"strings"
	"unicode"
)

// errForm says that what was typed is not what it should be.
var errForm = errors.New("not in a form that can be read")

// most is the largest amount that is taken, in the smallest unit: more than any aid.
const most = 1_000_000_000_00

// ParseMoney reads an amount as people write it, "12 500", "12 500,50" or "12500.5",
// into the smallest unit.
func ParseMoney(s string) (minor int64, err error) { return decimal(s, 2, most) }

// ParseRate reads a rate, "11,2000", into national units for a euro times 100 000.
func ParseRate(s string) (int64, error) {
	rate, err := decimal(s, 5, 1000*rateUnit)
	if err == nil && rate == 0 {
		err = errForm
	}
	return rate, err
}

// decimal reads a number without a sign, with at most so many decimals, into units
// of the last of them.
func decimal(s string, decimals int, most int64) (n int64, err error) {
	whole, fraction, found := strings.Cut(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r == ',':
			return '.'
		}
		return r
	}, s), ".")
	if whole == "" || len(fraction) > decimals || found && fraction == "" {
		return 0, errForm
	}
	for _, r := range whole + fraction + strings.Repeat("0", decimals-len(fraction)) {
		if r < '0' || r > '9' {
			return 0, errForm
		}
		if n = n*10 + int64(r-'0'); n > most {
			return 0, errForm
		}
	}
	return n, nil
}

// ParseNACE reads a code of the classification of industries, with or without its
// letter, dots and the digits that a country adds (SNI, SN), into the digits that
// all of Europe has: "62.010" and "J62.01" are "62.01".
func ParseNACE(s string) (string, error) {
	plain := strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '.' {
			return -1
		}
		return r
	}, s))
	if plain != "" && plain[0] >= 'A' && plain[0] <= 'U' {
		plain = plain[1:]
	}
	if len(plain) < 2 || len(plain) > 5 || strings.Trim(plain, "0123456789") != "" || plain < "01" {
		return "", errForm
	}
	if len(plain) == 2 {
		return plain, nil
	}
	return plain[:2] + "." + plain[2:min(4, len(plain))], nil
}

// primary reports whether an industry is agriculture (01) or fishery and aquaculture
// (03): their primary production is outside of the regulation.
func primary(nace string) bool { return strings.HasPrefix(nace, "01") || strings.HasPrefix(nace, "03") }
