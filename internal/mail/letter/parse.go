package letter

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/emersion/go-message"
)

// Parsed is a message as its reader sees it.
type Parsed struct {
	Headers        []Header // in the order of the message, encoded words decoded
	Subject        string
	Text           string
	HTML           string
	Calendar       []byte // of the alternative; nil if there is none
	CalendarMethod string // in capitals, of the calendar's content type
	Attachments    []Attachment
}

// Header is one field of the header.
type Header struct{ Name, Value string }

// Attachment is a part that is meant to be saved rather than read.
type Attachment struct {
	Name string
	Type string // media type without parameters
	Data []byte
}

// ErrUnreadable is returned for bytes that are no message, or a message so
// deeply nested that nobody wrote it for a person.
var ErrUnreadable = errors.New("letter: message cannot be read")

const (
	deepest   = 10
	mostParts = 100
)

// Parse reads a stored message. It is made for our own letters, and takes others
// as far as they can be read: unknown encodings and character sets are shown as
// they came. Errors wrap ErrUnreadable.
func Parse(data []byte) (Parsed, error) {
	e, err := message.Read(bytes.NewReader(data))
	if unreadable(err) {
		return Parsed{}, fmt.Errorf("%w: %v", ErrUnreadable, err)
	}
	p := Parsed{Headers: headers(e)}
	p.Subject = fieldText(e, "Subject")
	parts := 0
	if err := p.read(e, 0, &parts); err != nil {
		return Parsed{}, err
	}
	return p, nil
}

// Get returns the first field of that name, or "".
func (p Parsed) Get(name string) string {
	for _, h := range p.Headers {
		if strings.EqualFold(h.Name, name) {
			return h.Value
		}
	}
	return ""
}

func unreadable(err error) bool {
	return err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err)
}

func headers(e *message.Entity) []Header {
	var hs []Header
	for fields := e.Header.Fields(); fields.Next(); {
		name := fields.Key()
		if raw, err := fields.Raw(); err == nil { // Key is written as Go likes it: Mime-Version
			before, _, _ := bytes.Cut(raw, []byte(":"))
			name = strings.TrimSpace(string(before))
		}
		value, err := fields.Text()
		if err != nil {
			value = fields.Value()
		}
		hs = append(hs, Header{strings.ToValidUTF8(name, "?"), strings.ToValidUTF8(value, "?")})
	}
	return hs
}

func fieldText(e *message.Entity, name string) string {
	value, err := e.Header.Text(name)
	if err != nil {
		value = e.Header.Get(name)
	}
	return strings.ToValidUTF8(value, "?")
}

func (p *Parsed) read(e *message.Entity, depth int, parts *int) error {
	*parts++
	if depth > deepest || *parts > mostParts {
		return fmt.Errorf("%w: too many parts", ErrUnreadable)
	}
	mr := e.MultipartReader()
	if mr == nil {
		return p.readLeaf(e)
	}
	for {
		part, err := mr.NextPart()
		if err == io.EOF {
			return nil
		}
		if unreadable(err) {
			return fmt.Errorf("%w: %v", ErrUnreadable, err)
		}
		if err := p.read(part, depth+1, parts); err != nil {
			return err
		}
	}
}

func (p *Parsed) readLeaf(e *message.Entity) error {
	data, err := io.ReadAll(e.Body)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrUnreadable, err)
	}
	kind, params, err := e.Header.ContentType()
	if err != nil {
		kind = "application/octet-stream"
	}
	disposition, dispositionParams, _ := e.Header.ContentDisposition()
	switch attached := disposition == "attachment"; {
	case !attached && kind == "text/plain" && p.Text == "":
		p.Text = asText(data)
	case !attached && kind == "text/html" && p.HTML == "":
		p.HTML = asText(data)
	case !attached && kind == "text/calendar" && p.Calendar == nil:
		p.Calendar = data
		p.CalendarMethod = strings.ToUpper(params["method"])
	default:
		name := dispositionParams["filename"]
		if name == "" {
			name = params["name"]
		}
		p.Attachments = append(p.Attachments,
			Attachment{strings.ToValidUTF8(name, "?"), kind, data})
	}
	return nil
}

func asText(data []byte) string {
	return strings.ReplaceAll(strings.ToValidUTF8(string(data), "�"), "\r\n", "\n")
}
