// Package imap fetches what came back from a mailbox, where mail cannot be handed
// in by the mail system. It only reads, marks and moves; what a message comes to,
// package inbound decides. A message is marked when what it came to is stored, so
// that none is lost when the line or the program breaks: it is read once more,
// and does nothing the second time.
package imap

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// How the connection is encrypted.
const (
	ImplicitTLS = "implicit" // TLS from the first byte
	STARTTLS    = "starttls" // begins in clear and must change to TLS before anything else
	NoTLS       = "none"     // in clear; on this machine only
)

// Settings name a mailbox and how to sign in to it.
type Settings struct {
	Host               string
	Port               int
	Username, Password string
	TLS                string
	Mailbox            string         // INBOX if empty
	Move               string         // where to what has been dealt with is moved; empty: it stays
	Roots              *x509.CertPool // who may vouch for the server; the system's list if nil
}

// String leaves user and password out, so that settings can be logged.
func (s Settings) String() string {
	scheme := "imap"
	if s.TLS == ImplicitTLS {
		scheme = "imaps"
	}
	return fmt.Sprintf("%s://…@%s/%s", scheme, s.address(), s.Mailbox)
}

// GoString is String: %#v shows no password either.
func (s Settings) GoString() string { return s.String() }

func (s Settings) address() string { return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) }

func (s Settings) onThisMachine() bool {
	ip := net.ParseIP(s.Host)
	return s.Host == "localhost" || ip != nil && ip.IsLoopback()
}

const example = "write for instance imaps://user:password@mail.example.se:993/INBOX?move=Read"

// settingsError says what is wrong with a mailbox's address and how to write one.
// It never repeats the address, which holds a password.
func settingsError(what string) error { return errors.New("mailbox address: " + what + "; " + example) }

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

// ParseURL reads settings from an address such as imaps://user:password@host/INBOX
// (TLS from the first byte) or imap://… (TLS by STARTTLS, required; in clear on
// this machine). The query may name a mailbox to move to.
func ParseURL(address string) (Settings, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return Settings{}, settingsError("cannot be read (in a password write % @ : / ? # as %25 %40 %3A %2F %3F %23)")
	}
	s := Settings{Host: u.Hostname(), Mailbox: strings.Trim(u.Path, "/"), TLS: ImplicitTLS, Port: 993}
	if u.Scheme == "imap" {
		s.TLS, s.Port = STARTTLS, 143
		if s.onThisMachine() {
			s.TLS = NoTLS
		}
	}
	if s.Mailbox == "" {
		s.Mailbox = "INBOX"
	}
	if u.Port() != "" {
		if s.Port, err = strconv.Atoi(u.Port()); err != nil || s.Port < 1 || s.Port > 65535 {
			return Settings{}, settingsError("has a port that is not between 1 and 65535")
		}
	}
	if u.User != nil {
		s.Username = u.User.Username()
		s.Password, _ = u.User.Password()
	}
	query, err := url.ParseQuery(u.RawQuery)
	s.Move = query.Get("move")
	query.Del("move")
	switch {
	case u.Scheme != "imap" && u.Scheme != "imaps":
		return Settings{}, settingsError("begins neither with imaps:// nor with imap://")
	case s.Host == "" || !hostName.MatchString(s.Host) && net.ParseIP(s.Host) == nil:
		return Settings{}, settingsError("has no host name")
	case s.Username == "" || s.Password == "":
		return Settings{}, settingsError("has no user or no password")
	case err != nil || len(query) > 0:
		return Settings{}, settingsError("has a query with something else than move")
	case u.Fragment != "":
		return Settings{}, settingsError("has a # (in a password write it as %23)")
	case strings.EqualFold(s.Move, s.Mailbox):
		return Settings{}, settingsError("moves to the mailbox that is read")
	}
	return s, nil
}
