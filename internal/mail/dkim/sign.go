package dkim

import (
	"bytes"
	"fmt"
	"net/textproto"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
)

// signed are the fields that a signature covers where the letter has them: those
// that people and programs act on (RFC 6376 5.4.1; RFC 8058 4 for the last two).
var signed = []string{
	"From", "To", "Subject", "Date", "Message-Id", "Reply-To", "Content-Type", "Mime-Version", "List-Unsubscribe", "List-Unsubscribe-Post",
}

// Sign gives the message with a signature before it. What it is given stays as it
// is. From is signed once more than it is there, so that nobody can add another
// (RFC 6376 8.15); body and fields are signed in the form that stands spaces and
// folding being changed on the way.
func (k *Key) Sign(message []byte) ([]byte, error) {
	fields := []string{"From"}
	for _, name := range names(message) {
		if slices.Contains(signed, name) {
			fields = append(fields, name)
		}
	}
	var out bytes.Buffer
	out.Grow(len(message) + 1024)
	err := dkim.Sign(&out, bytes.NewReader(message), &dkim.SignOptions{
		Domain: k.Domain, Selector: k.Selector, Signer: k.private, HeaderKeys: fields,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fmt.Errorf("sign letter: %w", err)
	}
	return out.Bytes(), nil
}

// names lists the header fields of a message, in order.
func names(message []byte) (names []string) {
	header, _, _ := bytes.Cut(message, []byte("\r\n\r\n"))
	for line := range strings.SplitSeq(string(header), "\r\n") {
		name, _, found := strings.Cut(line, ":")
		if found && name != "" && name[0] != ' ' && name[0] != '\t' {
			names = append(names, textproto.CanonicalMIMEHeaderKey(name))
		}
	}
	return names
}
