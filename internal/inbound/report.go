package inbound

import (
	"bufio"
	"bytes"
	"regexp"
	"strings"

	"github.com/emersion/go-message/textproto"

	"stafett/internal/person"
)

// report is what a mail system tells of one recipient (RFC 3464 2.3).
type report struct {
	addresses []string // final and original recipient, in this order and their stored form
	action    string   // failed, delayed, delivered, relayed, expanded
	status    string   // 5.1.1; "" when it has no such form
	code      string   // the three digits of the server that refused; or ""
}

// numbers is the answer as message.SplitReason takes it.
func (r report) numbers() string { return strings.TrimSpace(r.code + " " + r.status) }

// mostReports is how many recipients of one report are read; ours go to one.
const mostReports = 20

// readStatus reads the groups of fields of a message/delivery-status. What cannot
// be read ends it.
func readStatus(b []byte) (all []report) {
	r := bufio.NewReader(bytes.NewReader(bytes.TrimLeft(b, "\r\n")))
	for range mostReports + 1 { // the first group is about the whole message
		h, err := textproto.ReadHeader(r)
		if h.Has("Final-Recipient") || h.Has("Original-Recipient") {
			all = append(all, reportOf(h))
		}
		if err != nil {
			break
		}
		for { // more than one empty line between groups
			c, err := r.Peek(1)
			if err != nil || c[0] != '\r' && c[0] != '\n' {
				break
			}
			r.Discard(1)
		}
	}
	return all
}

func reportOf(h textproto.Header) (r report) {
	for _, name := range []string{"Final-Recipient", "Original-Recipient"} {
		_, value, _ := strings.Cut(h.Get(name), ";")
		if stored, err := person.Address(strings.Trim(strings.TrimSpace(value), "<>")); err == nil {
			r.addresses = append(r.addresses, stored)
		}
	}
	r.action = strings.ToLower(strings.TrimSpace(h.Get("Action")))
	r.status = enhanced.FindString(h.Get("Status"))
	kind, words, found := strings.Cut(h.Get("Diagnostic-Code"), ";")
	if !found {
		words = kind
	}
	r.code, r.status = sharpen(words, r.status)
	return r
}

var (
	enhanced    = regexp.MustCompile(`\b[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)
	beginsCode  = regexp.MustCompile(`^\s*([45][0-9]{2})\b`)
	afterCode   = regexp.MustCompile(`^\s*[45][0-9]{2}[ -]#?([45]\.[0-9]{1,3}\.[0-9]{1,3})\b`)
	vagueStatus = regexp.MustCompile(`^[245]\.0\.0$`)
)

// sharpen reads the numbers of the server that refused out of its own words,
// where the report itself is vague.
func sharpen(words, status string) (code, better string) {
	if m := beginsCode.FindStringSubmatch(words); m != nil {
		code = m[1]
	}
	if status == "" || vagueStatus.MatchString(status) {
		if m := afterCode.FindStringSubmatch(words); m != nil {
			status = m[1]
		}
	}
	if code != "" && status != "" && code[0] != status[0] { // they are of different servers
		code = ""
	}
	return code, status
}

// Qmail writes its reports in a form of its own, older than RFC 3464.
const (
	qmailBegins = "Hi. This is the"
	qmailCopy   = "--- Below this line is a copy of the message."
)

func isQmail(text []byte) bool {
	return bytes.HasPrefix(bytes.TrimSpace(text), []byte(qmailBegins)) && bytes.Contains(text, []byte(qmailCopy))
}

var (
	qmailRecipient = regexp.MustCompile(`(?m)^<([^<>\s]{3,254})>:\r?$`)
	qmailStatus    = regexp.MustCompile(`#([245]\.[0-9]{1,3}\.[0-9]{1,3})`)
	qmailSaid      = regexp.MustCompile(`([45][0-9]{2}[ -]#?[245]\.[0-9]{1,3}\.[0-9]{1,3})`)
)

// readQmail reads such a report, and the id of the message that came back.
func readQmail(text []byte) (all []report, returned string) {
	told, back, _ := bytes.Cut(text, []byte(qmailCopy))
	for paragraph := range strings.SplitSeq(strings.ReplaceAll(string(told), "\r\n", "\n"), "\n\n") {
		m := qmailRecipient.FindStringSubmatch(paragraph)
		if m == nil || len(all) == mostReports {
			continue
		}
		r := report{action: "failed"}
		if stored, err := person.Address(m[1]); err == nil {
			r.addresses = []string{stored}
		}
		if s := qmailStatus.FindStringSubmatch(paragraph); s != nil {
			r.status = s[1]
		}
		r.code, r.status = sharpen(qmailSaid.FindString(paragraph), r.status)
		all = append(all, r)
	}
	return all, returnedID(bytes.NewReader(bytes.TrimLeft(back, "\r\n")))
}
