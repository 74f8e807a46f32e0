package letter

import (
	"regexp"
	"strings"
)

var bounceAddress = regexp.MustCompile(`^bounce\+([A-Za-z0-9_-]{1,57})@([A-Za-z0-9.-]{1,253})$`)

// BouncedID is the id of the message that an envelope sender of ours names, as
// EnvelopeFrom writes it; "" for any other address.
func BouncedID(address, fromEmail string) string {
	m := bounceAddress.FindStringSubmatch(address)
	if m == nil || !strings.EqualFold(m[2], domainOf(fromEmail)) {
		return ""
	}
	return m[1]
}

// IsMessageID reports whether a message id, without angle brackets, has the form
// of ours.
func IsMessageID(id, fromEmail string) bool {
	local, domain, _ := strings.Cut(id, "@")
	number, kind, _ := strings.Cut(local, ".")
	return strings.EqualFold(domain, domainOf(fromEmail)) && identity.MatchString(number) && identity.MatchString(kind)
}
