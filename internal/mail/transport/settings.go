package transport

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// How the connection to the server is encrypted.
const (
	STARTTLS    = "starttls" // begins in clear and must change to TLS before anything else
	ImplicitTLS = "implicit" // TLS from the first byte
	NoTLS       = "none"     // in clear; for a server on this machine, or where told so
)

// DefaultTimeout is how long we wait for each answer of the server.
const DefaultTimeout = 2 * time.Minute

// Settings name the mail server and how to sign in to it.
type Settings struct {
	Host               string
	Port               int
	Username, Password string         // both empty: no sign-in
	TLS                string         // STARTTLS if empty
	HELO               string         // our name; the machine's host name if empty
	Timeout            time.Duration  // for each answer; DefaultTimeout if zero
	Roots              *x509.CertPool // who may vouch for the server; the system's list if nil
}

// String leaves the password out, so that settings can be logged.
func (s Settings) String() string {
	scheme, user := "smtp", ""
	if s.TLS == ImplicitTLS {
		scheme = "smtps"
	}
	if s.Username != "" {
		user = "…@"
	}
	return fmt.Sprintf("%s://%s%s", scheme, user, s.address())
}

// GoString is String: %#v shows no password either.
func (s Settings) GoString() string { return s.String() }

func (s Settings) address() string {
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
}

func (s Settings) withDefaults() Settings {
	if s.TLS == "" {
		s.TLS = STARTTLS
	}
	if s.Timeout <= 0 {
		s.Timeout = DefaultTimeout
	}
	return s
}

const example = "write for instance smtp://user:password@mail.example.se:587, " +
	"smtps://user:password@mail.example.se:465 or smtp://127.0.0.1:1025?tls=none"

// settingsError says what is wrong with a server's address and how to write one.
// It never repeats the address, which may hold a password.
func settingsError(what string) error {
	return errors.New("mail server address: " + what + "; " + example)
}

// ParseURL reads settings from an address such as smtp://user:pass@host:587
// (TLS by STARTTLS, required), smtps://host:465 (TLS from the first byte) or
// smtp://127.0.0.1:1025 (this machine: in clear). The query may name tls
// (starttls, implicit or none), helo and timeout (as 90s or 5m). Errors say
// what to write instead and never show the password.
func ParseURL(s string) (Settings, error) {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil {
		return Settings{}, settingsError("cannot be read (in a password write % @ : / ? # as %25 %40 %3A %2F %3F %23)")
	}
	settings := Settings{Host: u.Hostname()}
	if err := settings.readQuery(u); err != nil {
		return Settings{}, err
	}
	if err := settings.readAddress(u); err != nil {
		return Settings{}, err
	}
	if err := settings.readUser(u); err != nil {
		return Settings{}, err
	}
	return settings.withDefaults(), nil
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$`)

func (s *Settings) readAddress(u *url.URL) error {
	switch {
	case u.Scheme != "smtp" && u.Scheme != "smtps":
		return settingsError("begins neither with smtp:// nor with smtps://")
	case s.Host == "":
		return settingsError("has no host name")
	case !hostName.MatchString(s.Host) && net.ParseIP(s.Host) == nil:
		return settingsError("has a host name with other signs than letters, digits, dots and hyphens")
	case u.Path != "" && u.Path != "/":
		return settingsError("has a path after the host name")
	case u.Fragment != "":
		return settingsError("has a # (in a password write it as %23)")
	}
	if u.Port() == "" {
		s.Port = s.defaultPort()
		return nil
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil || port < 1 || port > 65535 {
		return settingsError("has a port that is not between 1 and 65535")
	}
	s.Port = port
	return nil
}

func (s *Settings) defaultPort() int {
	switch s.TLS {
	case ImplicitTLS:
		return 465
	case NoTLS:
		return 25
	}
	return 587
}

func (s *Settings) readQuery(u *url.URL) error {
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return settingsError("has a query that cannot be read")
	}
	for name := range query {
		if !slices.Contains([]string{"tls", "helo", "timeout"}, name) {
			return settingsError("has a query with something else than tls, helo and timeout")
		}
	}
	if err := s.chooseTLS(u.Scheme, query.Get("tls")); err != nil {
		return err
	}
	if s.HELO = query.Get("helo"); s.HELO != "" && !hostName.MatchString(s.HELO) {
		return settingsError("has a helo that is no host name")
	}
	if t := query.Get("timeout"); t != "" {
		if s.Timeout, err = time.ParseDuration(t); err != nil || s.Timeout < time.Second {
			return settingsError("has a timeout that is not a time of at least one second, such as 90s or 5m")
		}
	}
	return nil
}

// chooseTLS demands encryption unless the server is on this machine, where
// nobody listens, or the settings say otherwise.
func (s *Settings) chooseTLS(scheme, told string) error {
	switch {
	case scheme == "smtps" && (told == "" || told == ImplicitTLS):
		s.TLS = ImplicitTLS
	case scheme == "smtps":
		return settingsError("asks for smtps and for another tls at once")
	case told == "" && s.onThisMachine():
		s.TLS = NoTLS
	case told == "":
		s.TLS = STARTTLS
	case told == STARTTLS || told == ImplicitTLS || told == NoTLS:
		s.TLS = told
	default:
		return settingsError("has a tls that is neither starttls, implicit nor none")
	}
	return nil
}

func (s *Settings) onThisMachine() bool {
	ip := net.ParseIP(s.Host)
	return s.Host == "localhost" || ip != nil && ip.IsLoopback()
}

func (s *Settings) readUser(u *url.URL) error {
	if u.User == nil {
		return nil
	}
	s.Username = u.User.Username()
	s.Password, _ = u.User.Password()
	if s.Username == "" || s.Password == "" {
		return settingsError("has a user without password, or a password without user")
	}
	if s.TLS == NoTLS && !s.onThisMachine() {
		return settingsError("would send the password in clear; leave tls=none out")
	}
	return nil
}
