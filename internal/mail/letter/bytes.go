package letter

import (
	"bytes"
	"fmt"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strings"

	"github.com/wneessen/go-mail"

	"stafett/internal/person"
)

// Bytes writes the whole message: header fields, then text and HTML as
// alternatives, with CRLF at the end of every line and nothing but ASCII. With a
// calendar object the alternatives get it as their last, and a copy is attached
// for programs that look at attachments only. A ticket is attached last. A logo
// stands beside the alternatives, in a part of its own.
//
// The error is one of this package's or, for an address, one of package person's,
// either perhaps wrapped; or it tells that the message could not be put together.
func (l Letter) Bytes() ([]byte, error) {
	l, err := l.cleaned()
	if err != nil {
		return nil, err
	}
	m := mail.NewMsg(mail.WithNoDefaultUserAgent())
	l.writeHeader(m)
	if err := l.writeUnsubscribe(m); err != nil {
		return nil, err
	}
	l.writeParts(m)

	var out bytes.Buffer
	if _, err := m.WriteTo(&out); err != nil {
		return nil, fmt.Errorf("write letter: %w", err)
	}
	return fixBoundaries(unfoldFirstLines(out.Bytes()), l.MessageID(), l.levels())
}

func (l Letter) writeHeader(m *mail.Msg) {
	m.FromMailAddress(&netmail.Address{Name: l.FromName, Address: l.FromEmail})
	m.AddToMailAddress(&netmail.Address{Name: l.ToName, Address: l.ToEmail})
	if l.ReplyToEmail != "" {
		m.ReplyToMailAddress(&netmail.Address{Name: l.ReplyToName, Address: l.ReplyToEmail})
	}
	m.Subject(encodedWords(l.Subject))
	m.SetDateWithValue(l.Date)
	m.SetMessageIDWithValue(l.MessageID())
	if l.InReplyTo != "" {
		m.SetGenHeader(mail.HeaderInReplyTo, "<"+l.InReplyTo+">")
		m.SetGenHeader(mail.HeaderReferences, "<"+l.InReplyTo+">")
	}
	m.SetGenHeader(mail.HeaderContentLang, l.Language)
	// Out-of-office notes to a machine help nobody (RFC 3834 5); Exchange asks
	// for a field of its own.
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader(mail.HeaderXAutoResponseSuppress, "OOF, AutoReply")
}

// writeUnsubscribe does without go-mail's own method, which writes the two
// fields in an order that changes from one run to the next.
func (l Letter) writeUnsubscribe(m *mail.Msg) error {
	if l.UnsubscribeURL == "" {
		return nil
	}
	u, err := url.Parse(l.UnsubscribeURL)
	if err != nil || u.Scheme != "https" || u.Host == "" || !plainURL.MatchString(l.UnsubscribeURL) {
		return ErrUnsubscribe
	}
	ways := []string{"<" + l.UnsubscribeURL + ">"}
	if l.UnsubscribeEmail != "" {
		email, err := person.Address(l.UnsubscribeEmail)
		if err != nil {
			return fmt.Errorf("unsubscribe address: %w", err)
		}
		ways = append(ways, "<mailto:"+url.PathEscape(email)+">")
	}
	m.SetGenHeader(mail.HeaderListUnsubscribe, ways...)
	m.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	return nil
}

// plainURL is what may stand between angle brackets in a header field.
var plainURL = regexp.MustCompile(`^[!-;=?-~]{1,900}$`)

func (l Letter) writeParts(m *mail.Msg) {
	m.SetBodyString(mail.TypeTextPlain, l.Text)
	m.AddAlternativeString(mail.TypeTextHTML, l.HTML)
	if l.CalendarMethod != "" {
		// Base64, because some gateways mend the line ends of quoted-printable. The
		// attachment has another type, so that no program handles it a second time.
		m.AddAlternativeString(calendarType[l.CalendarMethod], string(l.Calendar),
			mail.WithPartEncoding(mail.EncodingB64))
		m.AttachReadSeeker("invite.ics", bytes.NewReader(l.Calendar),
			mail.WithFileContentType("application/ics"), mail.WithFileEncoding(mail.EncodingB64))
	}
	for _, pdf := range []struct {
		name string
		data []byte
	}{{"ticket.pdf", l.TicketPDF}, {"notice.pdf", l.NoticePDF}} {
		if pdf.data != nil {
			m.AttachReadSeeker(pdf.name, bytes.NewReader(pdf.data),
				mail.WithFileContentType("application/pdf"), mail.WithFileEncoding(mail.EncodingB64))
		}
	}
	if l.Logo != nil {
		m.EmbedReadSeeker(logoName[l.Logo.Type], bytes.NewReader(l.Logo.Data), mail.WithFileContentType(mail.ContentType(l.Logo.Type)),
			mail.WithFileEncoding(mail.EncodingB64), mail.WithFileContentID("<"+logoID(l.FromEmail)+">"))
	}
}

// levels are the multiparts of the message, each inside the one before. Only a
// letter with a logo has the middle one, between the attachments and the
// alternatives, as in the invitations that Exchange writes.
func (l Letter) levels() []string {
	var levels []string
	if l.CalendarMethod != "" || l.TicketPDF != nil || l.NoticePDF != nil {
		levels = append(levels, "mixed")
	}
	if l.Logo != nil {
		levels = append(levels, "related")
	}
	return append(levels, "alternative")
}

// logoName lists the pictures that can be a logo. Names are constants, as content
// types are.
var logoName = map[string]string{"image/png": "logo.png", "image/jpeg": "logo.jpg"}

// calendarType lists constants, since go-mail writes a content type as it is.
var calendarType = map[string]mail.ContentType{
	"REQUEST": "text/calendar; method=REQUEST",
	"CANCEL":  "text/calendar; method=CANCEL",
}

var emptyFirstLine = regexp.MustCompile(`(?m)^([A-Za-z-]+):\r\n +([^= ])`)

// unfoldFirstLines puts a long first word of a field beside the field's name.
// go-mail begins a new line before it, and some programs take the field, a
// Message-ID for instance, to be empty. A line with an encoded word stays as it
// is, since it must not pass 76 characters (RFC 2047 2).
func unfoldFirstLines(message []byte) []byte {
	end := bytes.Index(message, []byte("\r\n\r\n"))
	if end < 0 {
		return message
	}
	header := emptyFirstLine.ReplaceAll(message[:end], []byte("$1: $2"))
	return append(header, message[end:]...)
}

// bodyText makes line ends one kind and drops control characters, which have no
// meaning in a text and break some readers.
func bodyText(s string) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || !isControl(r) {
			return r
		}
		return -1
	}, s)
	s = strings.TrimRight(s, " \t\n")
	if s == "" {
		return ""
	}
	return s + "\n"
}
