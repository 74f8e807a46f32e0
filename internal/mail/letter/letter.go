// Package letter makes the bytes of one message to one person: header fields,
// text and HTML, and the calendar object if there is one. The same letter
// always gives the same bytes, so that they can be stored, sent again after a
// fault, and compared with a golden file. It also reads such bytes back for the
// mailbox of the demo. What an e-mail address is, package person decides.
package letter

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"stafett/internal/person"
)

// What keeps a letter from being written. All are faults of the program or of
// its settings; nothing that a person types into a form leads here, except an
// address that was never put through person.Address.
var (
	ErrIdentity    = errors.New("letter: id or kind is not 1 to 57 letters, digits, hyphens and underscores")
	ErrIncomplete  = errors.New("letter: subject, text, HTML or date is missing")
	ErrLanguage    = errors.New("letter: language is not sv, nb, nn or en")
	ErrCalendar    = errors.New("letter: calendar and its method do not agree")
	ErrInReplyTo   = errors.New("letter: in-reply-to is no message id")
	ErrLogo        = errors.New("letter: logo is neither PNG nor JPEG, or empty")
	ErrUnsubscribe = errors.New("letter: unsubscribe address is not an https address")
)

// Letter is one message to one person, rendered and ready to be written down.
type Letter struct {
	ID   string // of the outbox row; at most 57 letters, digits, - and _
	Kind string // "invite", "E02" …; part of the Message-ID, in lower case

	FromName, FromEmail       string // the installation's one sender, also ORGANIZER
	ReplyToName, ReplyToEmail string // the address that people read; no Reply-To if empty
	ToName, ToEmail           string

	Subject  string
	Text     string
	HTML     string
	Language string // sv, nb, nn or en
	Date     time.Time

	InReplyTo string // message id of the invite, "" for none; also References

	CalendarMethod string // "", "REQUEST" or "CANCEL"
	Calendar       []byte

	TicketPDF []byte // attached as ticket.pdf; nil for none
	NoticePDF []byte // attached as notice.pdf; nil for none

	Logo *Image // which the HTML names by LogoURL; nil for none

	// UnsubscribeURL makes the letter news with one-click unsubscription (RFC
	// 8058). Letters about somebody's own place leave it empty.
	UnsubscribeURL   string
	UnsubscribeEmail string // goes with the URL; may be empty
}

// Image is a picture that goes along inside the letter, so that nothing is fetched
// when it is read.
type Image struct {
	Type string // image/png or image/jpeg
	Data []byte
}

// LogoURL is the address by which the HTML of a letter from this sender shows its
// logo (RFC 2392).
func LogoURL(fromEmail string) string { return "cid:" + logoID(fromEmail) }

func logoID(fromEmail string) string { return "logo@" + domainOf(fromEmail) }

// MessageID is the same for every attempt to send the letter, without angle
// brackets.
func (l Letter) MessageID() string {
	return l.ID + "." + strings.ToLower(l.Kind) + "@" + domainOf(l.FromEmail)
}

// EnvelopeFrom is the envelope sender of one message, so that a bounce names
// the message that it is about.
func EnvelopeFrom(id, fromEmail string) string {
	return "bounce+" + id + "@" + domainOf(fromEmail)
}

// domainOf is the domain as a stored address has it, so that the id of a letter
// is the same whether its sender has been normalised or not.
func domainOf(email string) string {
	if stored, err := person.Address(email); err == nil {
		email = stored
	}
	return email[strings.LastIndexByte(email, '@')+1:]
}

var (
	// An id of 57 fills the 64 octets of a local part after "bounce+".
	identity  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,57}$`)
	messageID = regexp.MustCompile(`^[A-Za-z0-9._+-]{1,200}@[A-Za-z0-9.-]{1,253}$`)
	languages = []string{"sv", "nb", "nn", "en"}
)

// cleaned returns the letter as it will be written: addresses in their stored
// form, header texts on one line, bodies without control characters.
func (l Letter) cleaned() (Letter, error) {
	var err error
	if l.FromEmail, err = person.Address(l.FromEmail); err != nil {
		return l, fmt.Errorf("sender: %w", err)
	}
	if l.ToEmail, err = person.Address(l.ToEmail); err != nil {
		return l, fmt.Errorf("recipient: %w", err)
	}
	if l.ReplyToEmail != "" {
		if l.ReplyToEmail, err = person.Address(l.ReplyToEmail); err != nil {
			return l, fmt.Errorf("reply address: %w", err)
		}
	}
	l.FromName = displayName(l.FromName)
	l.ReplyToName = displayName(l.ReplyToName)
	l.ToName = displayName(l.ToName)
	l.Subject = subject(l.Subject)
	l.Text = bodyText(l.Text)
	l.HTML = bodyText(l.HTML)
	l.InReplyTo = strings.TrimSuffix(strings.TrimPrefix(l.InReplyTo, "<"), ">")
	return l, l.check()
}

func (l Letter) check() error {
	switch {
	case !identity.MatchString(l.ID) || !identity.MatchString(l.Kind):
		return ErrIdentity
	case l.Subject == "" || l.Text == "" || l.HTML == "" || l.Date.IsZero():
		return ErrIncomplete
	case !slices.Contains(languages, l.Language):
		return ErrLanguage
	case l.InReplyTo != "" && !messageID.MatchString(l.InReplyTo):
		return ErrInReplyTo
	case !l.calendarAgrees():
		return ErrCalendar
	case l.Logo != nil && (logoName[l.Logo.Type] == "" || len(l.Logo.Data) == 0):
		return ErrLogo
	}
	return nil
}

// calendarAgrees holds that the method named outside the calendar object is the
// method inside it (RFC 6047 2.4): where they differ, Outlook and Gmail show no
// buttons.
func (l Letter) calendarAgrees() bool {
	switch l.CalendarMethod {
	case "":
		return len(l.Calendar) == 0
	case "REQUEST", "CANCEL":
		return bytes.Contains(l.Calendar, []byte("\r\nMETHOD:"+l.CalendarMethod+"\r\n"))
	default:
		return false
	}
}
