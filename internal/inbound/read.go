package inbound

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/mail"
	"regexp"
	"strings"

	"github.com/emersion/go-message"

	"stafett/internal/calendar"
	"stafett/internal/mail/letter"
	"stafett/internal/person"
)

// How much of a message is read, besides MaxSize.
const (
	mostHeaderBytes = 64 << 10
	mostFields      = 500
	deepest         = 8
	mostParts       = 50
)

var errUnreadable = errors.New("inbound: not a message that can be read")

// Read reads a message. Recipient is the address that the mail system delivered
// it to, where it tells; fromEmail is the one address that our letters come from.
// What cannot be read is Unreadable, never an error: the next one must have its
// turn.
func Read(raw []byte, recipient, fromEmail string) (m Mail) {
	raw = withoutEnvelopeLine(raw)
	m.key = keyOf(raw, message.Header{})
	if len(raw) > MaxSize {
		m.Kind = TooLarge
		return m
	}
	m.Kind = Unreadable
	defer func() { // a fault in reading one message must not stop the others
		if recover() != nil {
			m.Kind = Unreadable
		}
	}()
	e, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: mostHeaderBytes})
	if unreadable(err) || e.Header.Len() == 0 || e.Header.Len() > mostFields {
		return m
	}
	m.key = keyOf(raw, e.Header)
	m.recipients = recipientsOf(e, recipient)
	p := parts{}
	if err := p.read(e, 0); err != nil {
		return m
	}
	m.judge(e, p, fromEmail)
	return m
}

// judge decides what the message is. Reports and answers of calendars come
// before automatic letters, for both are written by machines.
func (m *Mail) judge(e *message.Entity, p parts, fromEmail string) {
	reportType := strings.ToLower(p.reportType)
	switch {
	case looped(e, fromEmail):
		m.Kind = Loop
	case p.status != nil && (reportType == "delivery-status" || reportType == ""):
		m.Kind, m.reports, m.returned = Bounce, readStatus(p.status), p.returned
	case reportType != "": // receipts, complaints
		m.Kind = Automatic
	case isQmail(p.text):
		m.Kind = Bounce
		m.reports, m.returned = readQmail(p.text)
	case p.calendar != nil && m.isReply(p):
	case automatic(e):
		m.Kind = Automatic
	default:
		m.Kind = Letter
	}
}

// isReply reads the calendar object. One that cannot be read is Unreadable; one
// that answers nothing, such as an invitation of somebody else, is no reply.
func (m *Mail) isReply(p parts) (answers bool) {
	var err error
	if m.reply, err = calendar.ReadReply(p.calendar); err != nil {
		return true // m is Unreadable until it is found to be something
	}
	if m.reply.Method = cmp.Or(m.reply.Method, p.method); m.reply.Method != "REPLY" && m.reply.Method != "COUNTER" {
		return false
	}
	m.Kind = Reply
	return true
}

func unreadable(err error) bool {
	return err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err)
}

// withoutEnvelopeLine takes away the line "From sender date" that some mail
// systems put before a message that they hand to a program.
func withoutEnvelopeLine(raw []byte) []byte {
	if bytes.HasPrefix(raw, []byte("From ")) {
		if _, rest, found := bytes.Cut(raw, []byte("\n")); found {
			return rest
		}
	}
	return raw
}

// keyOf is the same for the same message, also when it was carried by another
// way: neither the line ends nor what mail systems write before it count. The
// header is empty where it cannot be read.
func keyOf(raw []byte, h message.Header) string {
	body := bytes.ReplaceAll(raw, []byte("\r\n"), []byte("\n"))
	sum := sha256.New()
	if h.Len() > 0 {
		_, body, _ = bytes.Cut(body, []byte("\n\n"))
		for _, name := range []string{"Message-Id", "Date", "From", "Subject"} {
			io.WriteString(sum, h.Get(name)+"\n") // a hash takes everything
		}
	}
	sum.Write(bytes.TrimSpace(body))
	return hex.EncodeToString(sum.Sum(nil))
}

// messageIDOf is the message's id without angle brackets; "" when it has none.
func messageIDOf(e *message.Entity) string {
	return strings.Trim(strings.TrimSpace(e.Header.Get("Message-Id")), "<>")
}

// deliveredTo are the fields in which mail systems note to whom they delivered,
// the surest first.
var deliveredTo = []string{"Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Rcpt-To", "To"}

// mostRecipients is how many addresses of one message are looked at.
const mostRecipients = 20

// recipientsOf lists to whom the message was delivered, in the stored form of
// addresses.
func recipientsOf(e *message.Entity, given string) (all []string) {
	add := func(s string) {
		if stored, err := person.Address(s); err == nil && len(all) < mostRecipients {
			all = append(all, stored)
		}
	}
	add(given)
	for _, name := range deliveredTo {
		for fields := e.Header.FieldsByKey(name); fields.Next() && len(all) < mostRecipients; {
			for _, s := range addresses(fields.Value()) {
				add(s)
			}
		}
	}
	return all
}

var bare = regexp.MustCompile("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")

// addresses finds the addresses in a header field, which need not be well formed.
func addresses(s string) (all []string) {
	if len(s) > 4096 {
		return nil
	}
	if list, err := mail.ParseAddressList(s); err == nil {
		for _, a := range list {
			all = append(all, a.Address)
		}
		return all
	}
	return bare.FindAllString(s, mostRecipients)
}

// parts are what a message is made of, as far as it matters.
type parts struct {
	reportType string // of a multipart/report
	status     []byte // message/delivery-status
	returned   string // message id of the letter that came back
	calendar   []byte
	method     string // of the calendar object, as its part names it; in capitals
	text       []byte // of a message that is nothing but text

	n int
}

func (p *parts) read(e *message.Entity, depth int) error {
	if p.n++; depth > deepest || p.n > mostParts {
		return errUnreadable
	}
	kind, params, err := e.Header.ContentType()
	if err != nil && kind == "" {
		kind = "text/plain"
	}
	if depth == 0 && kind == "multipart/report" {
		p.reportType = params["report-type"]
	}
	mr := e.MultipartReader()
	if mr == nil {
		return p.readLeaf(e, kind, params["method"], depth)
	}
	for {
		part, err := mr.NextPart()
		if err == io.EOF {
			return nil
		}
		if unreadable(err) {
			if p.status != nil || p.calendar != nil { // cut short after what matters
				return nil
			}
			return errUnreadable
		}
		if err := p.read(part, depth+1); err != nil {
			return err
		}
	}
}

func (p *parts) readLeaf(e *message.Entity, kind, method string, depth int) error {
	switch {
	case isCalendar(e, kind) && p.calendar == nil:
		p.method = strings.ToUpper(method)
		return readInto(&p.calendar, e.Body)
	case (kind == "message/delivery-status" || kind == "message/global-delivery-status") && p.status == nil:
		return readInto(&p.status, e.Body)
	case kind == "message/rfc822", kind == "text/rfc822-headers", kind == "message/global", kind == "message/global-headers":
		if p.returned == "" {
			p.returned = returnedID(e.Body)
		}
	case depth == 0 && strings.HasPrefix(kind, "text/plain"):
		return readInto(&p.text, e.Body)
	}
	return nil
}

// isCalendar also takes the file that some programs only attach.
func isCalendar(e *message.Entity, kind string) bool {
	if kind == "text/calendar" || kind == "application/ics" {
		return true
	}
	_, params, _ := e.Header.ContentDisposition()
	return kind == "application/octet-stream" && strings.HasSuffix(strings.ToLower(params["filename"]), ".ics")
}

func readInto(to *[]byte, r io.Reader) (err error) {
	if *to, err = io.ReadAll(io.LimitReader(r, MaxSize)); err != nil {
		return errUnreadable
	}
	return nil
}

// returnedID is the id of a message that came back, whole or only its header.
func returnedID(r io.Reader) string {
	e, err := message.ReadWithOptions(r, &message.ReadOptions{MaxHeaderBytes: mostHeaderBytes})
	if e == nil || unreadable(err) {
		return ""
	}
	return messageIDOf(e)
}

// looped reports whether the message is a letter of ours that came back as it
// was, or one that has gone round.
func looped(e *message.Entity, fromEmail string) bool {
	received := 0
	for fields := e.Header.FieldsByKey("Received"); fields.Next(); {
		received++
	}
	if received > mostReceived || letter.IsMessageID(messageIDOf(e), fromEmail) {
		return true
	}
	for _, s := range addresses(e.Header.Get("From")) {
		if stored, err := person.Address(s); err == nil && stored == fromEmail {
			return true
		}
	}
	return false
}

// mostReceived is how many mail systems a message passes at most (RFC 5321 6.3).
const mostReceived = 50

// automatic reports whether a machine wrote the message (RFC 3834, and the fields
// that are older).
func automatic(e *message.Entity) bool {
	field := func(name string) string { return strings.ToLower(strings.TrimSpace(e.Header.Get(name))) }
	submitted, _, _ := strings.Cut(field("Auto-Submitted"), ";")
	if submitted = strings.TrimSpace(submitted); submitted != "" && submitted != "no" {
		return true
	}
	switch field("Precedence") {
	case "bulk", "list", "junk", "auto_reply", "auto-reply":
		return true
	}
	for _, name := range []string{"X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "List-Id", "List-Unsubscribe", "X-Mailer-Daemon-Error"} {
		if e.Header.Has(name) {
			return true
		}
	}
	path, there := field("Return-Path"), e.Header.Has("Return-Path")
	return there && (path == "<>" || path == "")
}
