package calendar

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// The checks name the field and not its value where that may be somebody's
// address or a secret link: errors end up in logs.

func checkUID(uid string) error {
	if id, domain, _ := strings.Cut(uid, "@"); id == "" || domain == "" || !visibleASCII(uid) {
		return errors.New("uid: not an id, @ and a domain in ASCII")
	}
	return nil
}

func checkSequence(n int) error {
	if n < 0 {
		return errors.New("sequence: below 0")
	}
	return nil
}

func checkMoment(field string, t time.Time) error {
	if t.IsZero() {
		return errors.New(field + ": missing")
	}
	return nil
}

// checkTimes also compares what the clocks show, because that is what the file
// says: on the night when an hour comes twice, a meeting can seem to end before
// it starts.
func checkTimes(start, end time.Time, loc *time.Location) error {
	if err := checkMoment("start", start); err != nil {
		return err
	}
	if !end.After(start) || localTime(end, loc) <= localTime(start, loc) {
		return errors.New("end: not after the start")
	}
	return nil
}

func checkLanguage(language string) error {
	switch language {
	case "sv", "nb", "nn", "en":
		return nil
	}
	return fmt.Errorf("language: %q is not sv, nb, nn or en", language)
}

func checkPresent(field, s string) error {
	if text(s) == "" {
		return errors.New(field + ": missing")
	}
	return nil
}

// checkWebAddress accepts no address at all, or one that can be written as it
// is: a URI has no escapes.
func checkWebAddress(field, s string) error {
	if s == "" {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || !visibleASCII(s) {
		return errors.New(field + ": not an http or https address in ASCII")
	}
	return nil
}

// checkEmail accepts an address without quotation marks or comments, in ASCII;
// a domain with other letters is written in punycode.
func checkEmail(field, s string) error {
	local, domain, _ := strings.Cut(s, "@")
	if local == "" || domain == "" || strings.Contains(domain, "@") {
		return errors.New(field + ": not an address with one @")
	}
	if !visibleASCII(s) || strings.ContainsAny(s, `"(),:;<>[\]`) {
		return errors.New(field + ": has a character that an address cannot have")
	}
	return nil
}

// visibleASCII says that nothing in s can end a line, be taken for a space, or
// need more than one octet.
func visibleASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
