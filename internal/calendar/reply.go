package calendar

import (
	"bytes"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Reply is what somebody's calendar answers (RFC 5546 3.2.3), as far as it is
// of use here.
type Reply struct {
	Method    string // in capitals: REPLY, COUNTER … ; "" when it names none
	UID       string // of the invitation
	Sequence  int    // of the invitation that was answered; 0 when it names none
	Attendees []Attendee
}

// Attendee is one person and what their calendar says for them.
type Attendee struct {
	Email  string // as written, without mailto:
	Answer string // PARTSTAT in capitals: ACCEPTED, DECLINED, TENTATIVE …; "" when there is none
}

// ErrNoReply is returned for what is no calendar object with one event, or one
// larger than a calendar writes to answer an invitation.
var ErrNoReply = errors.New("calendar: not an answer to an invitation")

// How much of a reply is read.
const (
	longestReply  = 256 << 10
	mostLines     = 5000
	mostNested    = 8
	mostAttendees = 20
)

// ReadReply reads the answer of a calendar. It takes what real calendars write:
// names in any case, lines that end in LF, a byte order mark, parameters that no
// rule knows. Our library gives up a whole file for one bad parameter, or loses
// all parameters of the line, the answer among them; so the four properties that
// matter are read here. Of several events (there is one in an invitation of ours)
// the first counts.
func ReadReply(b []byte) (Reply, error) {
	var r Reply
	if len(b) > longestReply {
		return r, ErrNoReply
	}
	lines := unfolded(b)
	if len(lines) > mostLines {
		return r, ErrNoReply
	}
	var inside []string
	for _, l := range lines {
		p := splitLine(l)
		switch p.name {
		case "BEGIN":
			if len(inside) == mostNested {
				return r, ErrNoReply
			}
			inside = append(inside, strings.ToUpper(strings.TrimSpace(p.value)))
			continue
		case "END":
			if len(inside) == 2 && inside[1] == "VEVENT" && r.UID != "" {
				return r, nil
			}
			if len(inside) > 0 {
				inside = inside[:len(inside)-1]
			}
			continue
		}
		switch {
		case slices.Equal(inside, []string{"VCALENDAR"}):
			if p.name == "METHOD" {
				r.Method = strings.ToUpper(strings.TrimSpace(p.value))
			}
		case slices.Equal(inside, []string{"VCALENDAR", "VEVENT"}):
			if err := r.take(p); err != nil {
				return r, err
			}
		}
	}
	return r, ErrNoReply
}

// take keeps a property of the event.
func (r *Reply) take(p contentLine) error {
	switch p.name {
	case "UID":
		r.UID = strings.TrimSpace(p.value)
	case "SEQUENCE":
		n, err := strconv.Atoi(strings.TrimSpace(p.value))
		if err != nil || n < 0 {
			return ErrNoReply
		}
		r.Sequence = n
	case "ATTENDEE":
		if len(r.Attendees) == mostAttendees {
			return ErrNoReply
		}
		r.Attendees = append(r.Attendees, Attendee{Email: p.address(), Answer: strings.ToUpper(p.params["PARTSTAT"])})
	}
	return nil
}

// folds are the ends of lines that go on in the next (RFC 5545 3.1).
var folds = strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "")

// unfolded gives the lines of the file, joined where they were folded, and one
// more than are read where there are too many.
func unfolded(b []byte) (lines []string) {
	b = bytes.TrimPrefix(b, []byte("\uFEFF"))
	for l := range strings.Lines(folds.Replace(string(b))) {
		if l = strings.TrimRight(l, "\r\n"); l != "" {
			lines = append(lines, l)
		}
		if len(lines) > mostLines {
			break
		}
	}
	return lines
}

// contentLine is one property: its name and those of its parameters in capitals.
type contentLine struct {
	name, value string
	params      map[string]string // values without quotation marks; of several the first
}

// splitLine divides a line at the first colon and at the semicolons before it
// that stand outside of quotation marks.
func splitLine(l string) contentLine {
	p := contentLine{params: map[string]string{}}
	var parts []string
	quoted, from := false, 0
	for i := 0; i < len(l); i++ {
		switch c := l[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';':
			parts, from = append(parts, l[from:i]), i+1
		case c == ':':
			parts, p.value = append(parts, l[from:i]), l[i+1:]
			i = len(l)
		}
	}
	if len(parts) == 0 {
		return p
	}
	p.name = strings.ToUpper(strings.TrimSpace(parts[0]))
	for _, param := range parts[1:] {
		name, value, _ := strings.Cut(param, "=")
		name = strings.ToUpper(strings.TrimSpace(name))
		if _, there := p.params[name]; !there {
			p.params[name] = strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return p
}

// address is the person's address: the value, or the parameter EMAIL where the
// value is an address of another kind, as calendars of Apple write it.
func (p contentLine) address() string {
	value := strings.TrimSpace(p.value)
	const scheme = "mailto:"
	if len(value) > len(scheme) && strings.EqualFold(value[:len(scheme)], scheme) {
		value = value[len(scheme):]
	} else if email := p.params["EMAIL"]; email != "" {
		value = email
	}
	if plain, err := url.PathUnescape(value); err == nil {
		value = plain
	}
	return value
}
