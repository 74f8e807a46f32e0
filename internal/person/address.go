package person

import (
	"errors"
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Why an address cannot be used. Each has a text of its own on the form.
var (
	ErrAddressForm     = errors.New("address: not of the form name@domain")
	ErrAddressNotASCII = errors.New("address: the part before @ has letters beyond a to z")
	ErrAddressDomain   = errors.New("address: the part after @ is no domain with a dot")
	ErrAddressLong     = errors.New("address: longer than 254 characters")
)

const (
	longestAddress = 254 // RFC 5321 4.5.3.1.3, less the angle brackets
	longestLocal   = 64  // RFC 5321 4.5.3.1.1
)

var (
	// A dot-atom (RFC 5322 3.2.3): no quotes, no comments, no spaces.
	dotAtom = regexp.MustCompile("^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")
	digits  = regexp.MustCompile(`^[0-9]+$`)
)

// idn is how domains are looked up, with the length limits of the DNS.
// Registration's rules are stricter than some names that receive mail.
var idn = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true),
	idna.VerifyDNSLength(true))

// Address gives the form in which one e-mail address is stored and compared:
// trimmed, in lower case, the domain in punycode. Two addresses are the same
// person's if their stored forms are equal. It refuses whatever is more than one
// bare address, or could not be written to with plain SMTP.
func Address(s string) (string, error) {
	if !utf8.ValidString(s) {
		return "", ErrAddressForm
	}
	s = norm.NFC.String(strings.TrimSpace(s))
	if len(s) > 4*longestAddress {
		return "", ErrAddressLong
	}
	local, domain, found := cutLast(s, '@')
	if !found || local == "" || domain == "" || strings.ContainsFunc(s, notInAddress) {
		return "", ErrAddressForm
	}
	if strings.ContainsFunc(local, beyondASCII) {
		return "", ErrAddressNotASCII
	}
	local = strings.ToLower(local)
	if !dotAtom.MatchString(local) {
		return "", ErrAddressForm
	}
	domain, err := domainName(domain)
	if err != nil {
		return "", err
	}
	if len(local) > longestLocal || len(local)+1+len(domain) > longestAddress {
		return "", ErrAddressLong
	}
	return confirmed(local + "@" + domain)
}

// confirmed asks the standard library too, so that nothing is stored that the
// parser of another program would read differently.
func confirmed(address string) (string, error) {
	parsed, err := mail.ParseAddress(address)
	if err != nil || parsed.Name != "" || parsed.Address != address {
		return "", ErrAddressForm
	}
	return address, nil
}

func domainName(domain string) (string, error) {
	if strings.HasPrefix(domain, "[") || strings.HasSuffix(domain, ".") {
		return "", ErrAddressDomain
	}
	ascii, err := idn.ToASCII(domain)
	if err != nil || strings.ContainsFunc(ascii, beyondASCII) {
		return "", ErrAddressDomain
	}
	_, top, found := cutLast(ascii, '.')
	if !found || top == "" || digits.MatchString(top) { // 192.0.2.1 is no name
		return "", ErrAddressDomain
	}
	return ascii, nil
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// notInAddress tells what would make a second address, a display name or a
// comment of it, or break a line.
func notInAddress(r rune) bool {
	return unicode.IsControl(r) || unicode.IsSpace(r) || strings.ContainsRune(`<>()",;:\`, r)
}

func beyondASCII(r rune) bool { return r > unicode.MaxASCII }
