package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"regexp"
	"strings"

	"github.com/wneessen/go-mail/smtp"

	"stafett/internal/message"
)

// step is how far a message had come when something went wrong.
type step int

const (
	connecting step = iota // up to and including TLS and sign-in
	naming                 // MAIL
	addressing             // RCPT
	opening                // DATA
	writing                // the message, before the final dot was out
	answering              // after the final dot
)

// failure is an error and the step at which it came. The step decides what the
// error means: a line that breaks before the final dot has sent nothing, one
// that breaks after it may have.
type failure struct {
	at  step
	err error
}

// stopped names the cause instead of the closed connection that followed from it.
func (f failure) stopped(cause error) failure {
	if reply := (*textproto.Error)(nil); errors.As(f.err, &reply) {
		return f
	}
	return failure{f.at, cause}
}

// result turns a failure into what the outbox does next.
func (f failure) result() Result {
	var reply *textproto.Error
	switch {
	case errors.As(f.err, &reply):
		return f.replied(reply)
	case f.at == answering:
		return Result{Outcome: Uncertain, Broken: true,
			Reason: message.ReasonMayHaveArrived}
	case errors.Is(f.err, context.Canceled):
		return Result{Outcome: Again, Broken: true, Reason: message.ReasonStopped}
	case f.at > connecting:
		return Result{Outcome: Again, Broken: true, Reason: message.ReasonLineBroke}
	}
	return unconnected(f.err)
}

// replied judges an answer of the server that was not the one hoped for.
func (f failure) replied(reply *textproto.Error) Result {
	r := Result{Code: reply.Code, Enhanced: enhancedCode(reply), Answer: reply.Msg,
		Broken: f.at == connecting || reply.Code == 421}
	switch {
	case f.at == answering && reply.Code/100 == 2:
		return Result{Outcome: Sent, Code: reply.Code, Enhanced: r.Enhanced}
	case reply.Code/100 == 4:
		r.Outcome, r.Reason = Again, message.ReasonTryLater
	case wantsSignIn(reply.Code):
		r.Outcome, r.Reason = Misconfigured, message.ReasonSignIn
	case reply.Code/100 == 5 && f.at == connecting:
		r.Outcome, r.Reason = Misconfigured, message.ReasonServerRefuses
	case reply.Code/100 == 5 && f.at == addressing && aboutRecipient(r.Enhanced):
		r.Outcome, r.Reason = NoSuchAddress, message.ReasonNoSuchAddress
	case reply.Code/100 == 5:
		r.Outcome, r.Reason = Refused, message.ReasonRefused
	case f.at == answering: // not an answer to a message at all
		r.Outcome, r.Broken, r.Reason = Uncertain, true, message.ReasonOddAnswer
	default:
		r.Outcome, r.Broken, r.Reason = Again, true, message.ReasonOddAnswer
	}
	r.Reason = strings.TrimSpace(fmt.Sprintf("%s %d %s", r.Reason, r.Code, r.Enhanced))
	return r
}

// wantsSignIn tells the codes of RFC 4954 6 that no other message would escape.
func wantsSignIn(code int) bool {
	return code == 530 || code == 534 || code == 535 || code == 538
}

// aboutRecipient tells the codes that say "no such address".
func aboutRecipient(enhanced string) bool {
	return message.NoSuchAddress(enhanced)
}

// Some servers write a # before the code.
var leadingCode = regexp.MustCompile(`^#?([245]\.[0-9]{1,3}\.[0-9]{1,3})\b`)

func enhancedCode(reply *textproto.Error) string {
	m := leadingCode.FindStringSubmatch(reply.Msg)
	if m == nil || int(m[1][0]-'0') != reply.Code/100 {
		return ""
	}
	return m[1]
}

// unconnected judges why there is no connection that letters could go over. What
// time or the network may mend is tried again; all else is for the operator.
func unconnected(err error) Result {
	misconfigured := func(reason string) Result {
		return Result{Outcome: Misconfigured, Broken: true, Reason: reason}
	}
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &name) && name.IsNotFound:
		return misconfigured(message.ReasonServerNotFound)
	case errors.As(err, &certificate):
		return misconfigured(message.ReasonCertificate)
	case aboutTLS(err):
		return misconfigured(message.ReasonNoEncryption)
	case passing(err):
		return Result{Outcome: Again, Broken: true, Reason: message.ReasonUnreachable}
	}
	return misconfigured(message.ReasonSettings)
}

func aboutTLS(err error) bool {
	var record tls.RecordHeaderError
	var op *net.OpError
	return errors.As(err, &record) || errors.Is(err, smtp.ErrUnencrypted) ||
		// crypto/tls wraps the alerts of both sides as if they came from the network.
		errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") ||
		strings.Contains(err.Error(), "STARTTLS") || strings.HasPrefix(err.Error(), "tls: ")
}

func passing(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
