package transport

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"stafett/internal/message"
)

func TestLettersGoOverTLSToAServerThatWeTrust(t *testing.T) {
	config, roots := certificate(t, nil, []net.IP{net.IPv4(127, 0, 0, 1)})
	for _, mode := range []string{STARTTLS, ImplicitTLS} {
		t.Run(mode, func(t *testing.T) {
			s := serve(t, encryption{config, mode == ImplicitTLS})
			s.settings.TLS, s.settings.Roots = mode, roots
			s.settings.Username, s.settings.Password = "stafett", testPassword
			c := sender(t, s.settings)
			wantResult(t, accepted, send(t, c))
			wantResult(t, accepted, send(t, c))
			if len(s.letters()) != 2 || !s.overTLS[len(s.overTLS)-1] {
				t.Errorf("%d letters, encrypted %v", len(s.letters()), s.overTLS)
			}
			if err := c.Check(t.Context()); err != nil {
				t.Errorf("Check: %v", err)
			}
		})
	}
}

func TestWithoutTheEncryptionWeDemandNothingIsSent(t *testing.T) {
	trusted, roots := certificate(t, nil, []net.IP{net.IPv4(127, 0, 0, 1)})
	foreign, _ := certificate(t, nil, []net.IP{net.IPv4(127, 0, 0, 1)})
	otherName, otherRoots := certificate(t, []string{"mail.example"}, nil)
	old, oldRoots := certificate(t, nil, []net.IP{net.IPv4(127, 0, 0, 1)})
	old.MaxVersion = tls.VersionTLS11
	const distrust, disagree = message.ReasonCertificate, message.ReasonNoEncryption
	for _, tt := range []struct {
		name   string
		server encryption
		mode   string
		change func(*Settings)
		reason string
	}{
		{"no STARTTLS offered", encryption{}, STARTTLS, func(s *Settings) {}, disagree},
		{"certificate of somebody unknown", encryption{foreign, false}, STARTTLS, func(s *Settings) { s.Roots = roots }, distrust},
		{"certificate of somebody unknown, implicit", encryption{foreign, true}, ImplicitTLS, func(s *Settings) { s.Roots = roots }, distrust},
		{"certificate for another name", encryption{otherName, false}, STARTTLS, func(s *Settings) { s.Roots = otherRoots }, distrust},
		{"TLS 1.1", encryption{old, false}, STARTTLS, func(s *Settings) { s.Roots = oldRoots }, disagree},
		{"TLS 1.1, implicit", encryption{old, true}, ImplicitTLS, func(s *Settings) { s.Roots = oldRoots }, disagree},
		{"TLS at once to a server that waits for STARTTLS", encryption{trusted, false}, ImplicitTLS, func(s *Settings) { s.Roots = roots }, disagree},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.server)
			s.settings.TLS = tt.mode
			s.settings.Username, s.settings.Password = "stafett", testPassword
			tt.change(&s.settings)
			c := sender(t, s.settings)
			wantResult(t, Result{Outcome: Misconfigured, Broken: true, Reason: tt.reason}, send(t, c))
			if err := c.Check(t.Context()); err == nil || !strings.Contains(err.Error(), strings.ReplaceAll(tt.reason, "_", " ")) {
				t.Errorf("Check: %v", err)
			}
			if n := len(s.letters()); n != 0 {
				t.Errorf("%d letters arrived", n)
			}
		})
	}
}

func TestASignInThatFailsIsAFaultOfTheSettings(t *testing.T) {
	config, roots := certificate(t, nil, []net.IP{net.IPv4(127, 0, 0, 1)})
	s := serve(t, encryption{config, false})
	s.settings.TLS, s.settings.Roots = STARTTLS, roots
	s.settings.Username, s.settings.Password = "stafett", "other-secret"
	c := sender(t, s.settings)
	wantResult(t, Result{Outcome: Misconfigured, Code: 535, Enhanced: "5.7.8", Broken: true,
		Reason: "sign_in_refused 535 5.7.8", Answer: "5.7.8 Authentication failed"}, send(t, c))
	err := c.Check(t.Context())
	if err == nil || !strings.Contains(err.Error(), "535") || strings.Contains(err.Error(), "other-secret") {
		t.Errorf("Check: %v", err)
	}

	s.mechanisms = []string{"XOAUTH2"}
	wantOutcome(t, Misconfigured, true, send(t, c))
	s.mechanisms = []string{"PLAIN"}
	c.settings.Password = testPassword
	wantResult(t, accepted, send(t, c))
}

func TestAPasswordNeverGoesInClearToAnotherMachine(t *testing.T) {
	heard := make(chan string, 10)
	s := serveRudely(t, func(c *talk) {
		c.say("220 hi")
		c.hear()
		c.say("250-hi")
		c.say("250 AUTH PLAIN LOGIN")
		for {
			heard <- c.hear()
			c.say("502 no")
		}
	})
	s.settings.Username, s.settings.Password = "stafett", testPassword
	s.settings.Host = "relay.example"
	c := sender(t, s.settings)
	c.dialer.Resolver = resolver(t, dnsmessage.RCodeSuccess) // to the server above
	wantResult(t, Result{Outcome: Misconfigured, Broken: true, Reason: message.ReasonNoEncryption}, send(t, c))
	if s.accepted.Load() != 1 {
		t.Errorf("%d connections", s.accepted.Load())
	}
	for len(heard) > 0 {
		if line := <-heard; strings.HasPrefix(line, "AUTH") {
			t.Errorf("server heard %q", line)
		}
	}
}
