// Package transport hands stored letters over: to a mail server by SMTP, or to a
// mailbox in memory for the demo. It decides nothing about when a letter goes or
// goes again; it says, in one of six words, what became of it.
package transport

import (
	"bytes"
	"regexp"

	"stafett/internal/message"
)

// Envelope is one stored message and the two addresses that the mail server is
// told. Data is sent as it is, and holds the whole message with CRLF line ends.
type Envelope struct {
	From, To string
	Data     []byte
}

// Outcome is what became of one message.
type Outcome int

const (
	// Sent: the server accepted it, whatever happened to the connection later.
	Sent Outcome = iota + 1
	// Again: not sent, for a reason that passes.
	Again
	// Uncertain: the message was handed over whole, but no answer came.
	Uncertain
	// NoSuchAddress: the recipient does not exist.
	NoSuchAddress
	// Refused: the server will not take this message, now or later.
	Refused
	// Misconfigured: our settings are wrong, so no message can go.
	Misconfigured
)

// String is the outcome as it stands in logs.
func (o Outcome) String() string {
	switch o {
	case Sent:
		return "sent"
	case Again:
		return "again"
	case Uncertain:
		return "uncertain"
	case NoSuchAddress:
		return "no such address"
	case Refused:
		return "refused"
	case Misconfigured:
		return "misconfigured"
	}
	return "unknown"
}

// Result tells the outcome and why.
type Result struct {
	Outcome  Outcome
	Code     int    // the server's three digits; 0 if it gave no answer
	Enhanced string // "5.1.1", or ""
	Reason   string // a code of package message, with the server's numbers; "" when sent
	Answer   string // the server's own words, addresses and secrets masked, for the operator; or ""
	Broken   bool   // the connection is gone; the next message dials anew
}

// bareAddress keeps anything out of MAIL and RCPT that would end the address
// or add a parameter to the command. Letters beyond ASCII would need SMTPUTF8.
var bareAddress = regexp.MustCompile("^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}$")

func (e Envelope) addressesFit() bool {
	return bareAddress.MatchString(e.From) && bareAddress.MatchString(e.To)
}

// dataFits holds that CR and LF come only together. A lone one is read as a line
// end by some servers and not by others, and what follows could then pass for
// another message. Nor would the bytes arrive as they are stored.
func (e Envelope) dataFits() bool {
	pairs := bytes.Count(e.Data, []byte("\r\n"))
	return bytes.HasSuffix(e.Data, []byte("\r\n")) &&
		bytes.Count(e.Data, []byte("\r")) == pairs &&
		bytes.Count(e.Data, []byte("\n")) == pairs
}

func unfitAddress() Result {
	return Result{Outcome: Refused, Reason: message.ReasonUnfitAddress}
}

func unfitData() Result {
	return Result{Outcome: Refused, Reason: message.ReasonUnfitLetter}
}
