package calendar

import (
	"errors"
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
	var inside []string
	read := 0
	for p := range Lines(b) {
		if read++; read > mostLines {
			return r, ErrNoReply
		}
		switch p.Name {
		case "BEGIN":
			if len(inside) == mostNested {
				return r, ErrNoReply
			}
			inside = append(inside, strings.ToUpper(strings.TrimSpace(p.Value)))
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
			if p.Name == "METHOD" {
				r.Method = strings.ToUpper(strings.TrimSpace(p.Value))
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
func (r *Reply) take(p Line) error {
	switch p.Name {
	case "UID":
		r.UID = strings.TrimSpace(p.Value)
	case "SEQUENCE":
		n, err := strconv.Atoi(strings.TrimSpace(p.Value))
		if err != nil || n < 0 {
			return ErrNoReply
		}
		r.Sequence = n
	case "ATTENDEE":
		if len(r.Attendees) == mostAttendees {
			return ErrNoReply
		}
		r.Attendees = append(r.Attendees, Attendee{Email: p.Address(), Answer: strings.ToUpper(p.Params["PARTSTAT"])})
	}
	return nil
}
