package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestTheStepAndTheAnswerDecide(t *testing.T) {
	reply := func(code int, text string) error {
		return fmt.Errorf("SMTP AUTH failed: %w", &textproto.Error{Code: code, Msg: text})
	}
	for _, tt := range []struct {
		at     step
		err    error
		want   Outcome
		broken bool
	}{
		{connecting, reply(421, "4.3.2 busy"), Again, true},
		{connecting, reply(454, "4.7.0 try again"), Again, true},
		{connecting, reply(534, "5.7.9 too weak"), Misconfigured, true},
		{connecting, reply(535, "5.7.8 bad"), Misconfigured, true},
		{connecting, reply(538, "5.7.11 encrypt"), Misconfigured, true},
		{connecting, reply(554, "5.7.1 blocked"), Misconfigured, true},
		{naming, reply(451, "4.7.1 greylisted"), Again, false},
		{naming, reply(530, "5.7.0 STARTTLS first"), Misconfigured, false},
		{naming, reply(553, "5.1.7 bad sender"), Refused, false},
		{addressing, reply(450, "4.1.1 later"), Again, false},
		{addressing, reply(421, "4.7.0 too fast"), Again, true},
		{addressing, reply(550, "5.1.1 unknown"), NoSuchAddress, false},
		{addressing, reply(550, "#5.1.0 rejected"), NoSuchAddress, false},
		{addressing, reply(556, "5.1.10 null MX"), NoSuchAddress, false},
		{addressing, reply(550, "5.1.7 sender"), Refused, false},
		{addressing, reply(550, "5.1.8 sender"), Refused, false},
		{addressing, reply(550, "4.1.1 contradiction"), Refused, false},
		{addressing, reply(550, "5.10.1 other"), Refused, false},
		{addressing, reply(550, "see 5.1.1 of our rules"), Refused, false},
		{addressing, reply(550, "5.7.515 sender fails DMARC"), Refused, false},
		{addressing, reply(354, "what"), Again, true},
		{opening, reply(554, "5.5.1 no valid recipients"), Refused, false},
		{opening, reply(550, "5.1.1 unknown"), Refused, false},
		{answering, reply(451, "4.3.0 later"), Again, false},
		{answering, reply(550, "5.1.1 unknown"), Refused, false},
		{answering, reply(552, "5.3.4 too big"), Refused, false},
		{answering, reply(251, "2.1.5 will forward"), Sent, false},
		{answering, reply(334, "what"), Uncertain, true},

		{connecting, &net.DNSError{Err: "no such host", IsNotFound: true}, Misconfigured, true},
		{connecting, &net.DNSError{Err: "server misbehaving", IsTemporary: true}, Again, true},
		{connecting, &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, Again, true},
		{connecting, &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH)}, Again, true},
		{connecting, os.ErrDeadlineExceeded, Again, true},
		{connecting, context.DeadlineExceeded, Again, true},
		{connecting, context.Canceled, Again, true},
		{connecting, io.EOF, Again, true},
		{connecting, &tls.CertificateVerificationError{Err: x509.HostnameError{}}, Misconfigured, true},
		{connecting, tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, Misconfigured, true},
		{connecting, &net.OpError{Op: "remote error", Err: errors.New("tls: handshake failure")}, Misconfigured, true},
		{connecting, errors.New("server does not support SMTP AUTH"), Misconfigured, true},
		{connecting, textproto.ProtocolError("short response: hi"), Misconfigured, true},
		{naming, io.EOF, Again, true},
		{writing, io.ErrShortWrite, Again, true},
		{writing, os.ErrDeadlineExceeded, Again, true},
		{answering, io.EOF, Uncertain, true},
		{answering, os.ErrDeadlineExceeded, Uncertain, true},
		{answering, context.Canceled, Uncertain, true},
		{answering, textproto.ProtocolError("short response: hi"), Uncertain, true},
	} {
		got := failure{tt.at, tt.err}.result()
		if got.Outcome != tt.want || got.Broken != tt.broken {
			t.Errorf("step %d, %v: %v, broken %v; want %v, %v", tt.at, tt.err, got.Outcome, got.Broken, tt.want, tt.broken)
		}
		wantReason(t, got)
	}
}

func TestTheServersWordsAreKeptWithoutAddressesAndSecrets(t *testing.T) {
	for answer, want := range map[string]string{
		"5.1.1 <anna@kund.example>: unknown in table":    "5.1.1 <…>: unknown in table",
		"5.1.1 anna@kund.example, see\n5.1.1 the rules":  "5.1.1 …, see 5.1.1 the rules",
		"no user Anna here":                              "no user … here",
		"bad password p@ss word for STAFETT":             "bad password … for …",
		"a\x00b\x1b[31mc\u202e\tå\xff":                   "ab[31mc\u202e å",
		strings.Repeat("å", 300):                         strings.Repeat("å", 199) + "…",
		"5.7.515 Access denied, see https://a.example/x": "5.7.515 Access denied, see https://a.example/x",
	} {
		if got := masked(answer, "anna", "p@ss word", "stafett", "", "se"); got != want {
			t.Errorf("masked(%q) = %q, want %q", answer, got, want)
		}
	}
}

func TestEveryOutcomeHasAName(t *testing.T) {
	seen := map[string]bool{}
	for o := Sent; o <= Misconfigured; o++ {
		seen[o.String()] = true
	}
	if len(seen) != 6 || seen["unknown"] || Outcome(0).String() != "unknown" {
		t.Errorf("names %v, and %v for none", seen, Outcome(0))
	}
}
