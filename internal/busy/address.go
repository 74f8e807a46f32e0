package busy

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"stafett/internal/problem"
)

// longestAddress is in characters, as for every address that is typed.
const longestAddress = 2000

// Address is what an adviser has pasted as it will be asked for: by https, at the
// usual port, at a host with a name. A webcal address is the same by https
// (it has no meaning of its own). Whether the name leads to a place that may be
// asked is found out when it is.
func Address(typed string) (string, error) {
	refuse := func(code string) (string, error) {
		return "", (problem.Fields{{Name: "url", Code: code}}).Err()
	}
	typed = strings.TrimSpace(typed)
	switch {
	case typed == "":
		return refuse("busy_address_missing")
	case utf8.RuneCountInString(typed) > longestAddress:
		return refuse("busy_address")
	}
	u, err := url.Parse(typed)
	if err != nil || u.Opaque != "" {
		return refuse("busy_address")
	}
	switch u.Scheme { // which Parse has in small letters
	case "https", "webcal", "webcals":
		u.Scheme = "https"
	default:
		return refuse("busy_address_https")
	}
	host, err := hostName(u.Hostname())
	if err != nil || u.User != nil || u.Port() != "" && u.Port() != "443" {
		return refuse("busy_address_host")
	}
	u.Host, u.Fragment, u.RawFragment = host, "", ""
	if u.Path == "" {
		u.Path = "/"
	}
	return u.String(), nil
}

// hostName is a name in public as the net knows it. A number is none, in whatever
// way it is written: the last part of a name never begins with a digit.
func hostName(typed string) (string, error) {
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(typed, "."))
	if err != nil {
		return "", err
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if !strings.Contains(host, ".") || last == "" || last[0] < 'a' || last[0] > 'z' {
		return "", errNoName
	}
	return host, nil
}

// masked is as much of an address as may be shown: the host, by which the adviser
// knows whose calendar it is, and the last four characters of its secret, by which
// one address is told from another. The secret is the last long part.
func masked(address string) (host, end string) {
	u, err := url.Parse(address)
	if err != nil {
		return "", ""
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if name := []rune(strings.TrimSuffix(part, ".ics")); len(name) >= 16 { // of a shorter one four would be much
			end = string(name[len(name)-4:])
		}
	}
	return u.Hostname(), end
}
