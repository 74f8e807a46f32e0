package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"

	"stafett/internal/aid"
	"stafett/internal/busy"
	"stafett/internal/mail"
	"stafett/internal/mail/dkim"
	"stafett/internal/mail/transport"
	"stafett/internal/person"
	"stafett/internal/register"
	"stafett/internal/register/enhetsregisteret"
	"stafett/internal/store"
)

// databaseSettings say where the database is.
type databaseSettings struct {
	Database string `default:"stafett.db" env:"STAFETT_DATABASE" help:"The database file."`
}

// open opens the database with the real clock and real secrets.
func (d databaseSettings) open(ctx context.Context) (*store.DB, error) {
	return store.Open(ctx, d.Database, realOptions(time.Now))
}

// openMigrated opens a database that has this program's schema already.
func (d databaseSettings) openMigrated(ctx context.Context) (*store.DB, error) {
	if _, err := os.Stat(d.Database); err != nil {
		return nil, fmt.Errorf("there is no database at %s: run stafett migrate --database %s first", d.Database, d.Database)
	}
	db, err := d.open(ctx)
	if err != nil {
		return nil, err
	}
	have, want, err := db.Version(ctx)
	if err == nil && have > want {
		err = fmt.Errorf("%w: its schema is %d, this program knows %d; use the newer program", store.ErrNewerSchema, have, want)
	}
	if err == nil && have < want {
		err = fmt.Errorf("the database has schema %d and needs %d: run stafett migrate first", have, want)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

func realOptions(now func() time.Time) store.Options {
	return store.Options{Now: now, NewID: newID, NewToken: rand.Text}
}

// newID makes an id that sorts by time and cannot be guessed (RFC 9562,
// version 7).
func newID() string { return uuid.Must(uuid.NewV7()).String() }

// webSettings say where people find us.
type webSettings struct {
	Listen         string   `default:"127.0.0.1:8080" env:"STAFETT_LISTEN" help:"Address and port to listen on."`
	BaseURL        string   `env:"STAFETT_BASE_URL" help:"The address that people use, such as https://program.example. Links in mail are made of it alone. Default: http:// and the address listened on."`
	TrustedProxies []string `env:"STAFETT_TRUSTED_PROXIES" help:"Addresses of reverse proxies whose X-Forwarded-For counts."`
	TestNumbers    bool     `env:"STAFETT_TEST_NUMBERS" help:"Accept invented organisation numbers (for trying things out)."`
	AidKeyFile     string   `env:"STAFETT_AID_KEY_FILE" name:"aid-key-file" type:"path" help:"A file with a secret of 32 bytes or more, with which the personal numbers of sole traders who get state aid are sealed (openssl rand -base64 32). Empty: none are asked for, and the export has pseudonyms."`
	// CompanyRegister is off by default: nothing leaves the machine unasked.
	CompanyRegister string `env:"STAFETT_COMPANY_REGISTER" help:"Fetch the names of Norwegian companies from the open register at this address: https://data.brreg.no/enhetsregisteret/api. Empty: nobody is asked."`
	// BusyCalendars asks only hosts in public, of which advisers name one each.
	BusyCalendars string `default:"on" enum:"on,off" env:"STAFETT_BUSY_CALENDARS" help:"Read the other calendars that advisers name, by https, to know when they are busy: on or off."`
}

// calendars makes what reads advisers' other calendars; nil when it is off.
func (s webSettings) calendars() *busy.Fetcher {
	if s.BusyCalendars == "off" {
		return nil
	}
	return busy.NewFetcher()
}

// aidKeys reads the keys that seal personal numbers; nil when there are none.
func (s webSettings) aidKeys() (*aid.Keys, error) {
	if s.AidKeyFile == "" {
		return nil, nil
	}
	info, err := os.Stat(s.AidKeyFile)
	if err != nil {
		return nil, fmt.Errorf("--aid-key-file (STAFETT_AID_KEY_FILE): %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("--aid-key-file (STAFETT_AID_KEY_FILE): others can read %s: chmod 600 %s", s.AidKeyFile, s.AidKeyFile)
	}
	secret, err := os.ReadFile(s.AidKeyFile)
	if err != nil {
		return nil, fmt.Errorf("--aid-key-file (STAFETT_AID_KEY_FILE): %w", err)
	}
	keys, err := aid.NewKeys(secret)
	if err != nil {
		return nil, fmt.Errorf("--aid-key-file (STAFETT_AID_KEY_FILE): %w", err)
	}
	return keys, nil
}

// companies makes the desk that asks the register; nil when it is off.
func (s webSettings) companies(db *store.DB, log *slog.Logger) (*register.Desk, error) {
	if s.CompanyRegister == "" {
		return nil, nil
	}
	client, err := enhetsregisteret.New(s.CompanyRegister)
	if err != nil {
		return nil, fmt.Errorf("--company-register (STAFETT_COMPANY_REGISTER): %w", err)
	}
	return register.NewDesk(db, client, log), nil
}

// address is BaseURL checked, or made of the listener's own address.
func (s webSettings) address(l net.Addr) (string, error) {
	if s.BaseURL == "" {
		if host, _, err := net.SplitHostPort(l.String()); err != nil || net.ParseIP(host).IsUnspecified() {
			return "", errors.New("set --base-url (STAFETT_BASE_URL) to the address that people use, such as https://program.example: this one listens on every address of the machine")
		}
		return "http://" + l.String(), nil
	}
	u, err := url.Parse(s.BaseURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" {
		return "", fmt.Errorf("--base-url (STAFETT_BASE_URL) is not an address: write it as https://program.example")
	}
	return u.Scheme + "://" + u.Host, nil
}

// mailSettings say how mail leaves. Those that shorten pauses exist for tests
// and change no rule.
type mailSettings struct {
	SMTP           string          `env:"STAFETT_SMTP" help:"The mail server: smtp://user:password@host:587, smtps://host:465, or smtp://127.0.0.1:25?tls=none."`
	SMTPFile       string          `env:"STAFETT_SMTP_FILE" type:"path" help:"A file that holds the mail server's address, so that the password stands in no environment."`
	MailFrom       string          `env:"STAFETT_MAIL_FROM" help:"The one address that all mail comes from, such as program@region.example."`
	MailRetry      []time.Duration `env:"STAFETT_MAIL_RETRY" help:"Pauses between attempts, instead of 1m,5m,15m,30m,1h,2h,4h …"`
	MailLease      time.Duration   `env:"STAFETT_MAIL_LEASE" help:"How long a message is kept for one attempt, instead of 10m; after a crash it goes again then."`
	MailTimeout    time.Duration   `env:"STAFETT_MAIL_TIMEOUT" help:"How long each answer of the mail server may take, instead of 2m."`
	MailRate       int             `default:"60" env:"STAFETT_MAIL_RATE" help:"Messages a minute; 0: no limit."`
	MailDomainRate int             `default:"20" env:"STAFETT_MAIL_DOMAIN_RATE" help:"Messages a minute to one domain; 0: no limit."`

	MailConnections       int `default:"4" env:"STAFETT_MAIL_CONNECTIONS" help:"Connections to the mail server at the same time, 1 to 100."`
	MailDomainConnections int `default:"2" env:"STAFETT_MAIL_DOMAIN_CONNECTIONS" help:"Messages on their way to one domain at the same time; 0: no limit."`

	DKIMKeyFile  string `env:"STAFETT_DKIM_KEY_FILE" name:"dkim-key-file" type:"path" help:"A private key in PEM, RSA of 2048 bits or Ed25519, with which letters are signed. Empty: the mail server signs."`
	DKIMSelector string `default:"stafett" env:"STAFETT_DKIM_SELECTOR" name:"dkim-selector" help:"The name under which the domain publishes that key: SELECTOR._domainkey.DOMAIN."`
	DKIMDomain   string `env:"STAFETT_DKIM_DOMAIN" name:"dkim-domain" help:"The domain that signs. Default: that of the sender."`
}

// key reads the key that signs; nil when there is none.
func (m mailSettings) key(from string) (*dkim.Key, error) {
	sender := from[strings.LastIndexByte(from, '@')+1:]
	switch {
	case m.DKIMKeyFile == "" && m.DKIMDomain != "":
		return nil, errors.New("--dkim-domain (STAFETT_DKIM_DOMAIN) is set, and --dkim-key-file (STAFETT_DKIM_KEY_FILE) is not: nothing would sign")
	case m.DKIMKeyFile == "":
		return nil, nil
	}
	k, err := dkim.Load(m.DKIMKeyFile, cmp.Or(m.DKIMDomain, sender), m.DKIMSelector)
	if err != nil {
		return nil, fmt.Errorf("--dkim-key-file (STAFETT_DKIM_KEY_FILE): %w", err)
	}
	if !k.Aligned(sender) {
		return nil, fmt.Errorf("--dkim-domain (STAFETT_DKIM_DOMAIN): the sender %s is not of %s, so receivers would not count the signature", from, k.Domain)
	}
	return k, nil
}

// server reads the mail server's address.
func (m mailSettings) server() (transport.Settings, error) {
	address := m.SMTP
	if m.SMTPFile != "" {
		b, err := os.ReadFile(m.SMTPFile)
		if err != nil {
			return transport.Settings{}, fmt.Errorf("--smtp-file (STAFETT_SMTP_FILE): %w", err)
		}
		address = strings.TrimSpace(string(b))
	}
	if address == "" {
		return transport.Settings{}, errors.New("no mail server: set --smtp (STAFETT_SMTP), for example smtp://user:password@mail.example:587")
	}
	s, err := transport.ParseURL(address)
	if err != nil {
		return s, fmt.Errorf("--smtp (STAFETT_SMTP): %w", err)
	}
	if m.MailTimeout > 0 {
		s.Timeout = m.MailTimeout
	}
	return s, nil
}

// sender is the address that all mail comes from.
func (m mailSettings) sender() (string, error) {
	from, err := person.Address(m.MailFrom)
	if err != nil {
		return "", errors.New("no sender: set --mail-from (STAFETT_MAIL_FROM) to an address such as program@region.example")
	}
	return from, nil
}

// settings are those of the mailer; the sender has been checked.
func (m mailSettings) settings(baseURL, from string) (mail.Settings, error) {
	s := mail.Settings{
		BaseURL: baseURL, FromEmail: from, Lease: m.MailLease, Timeout: m.MailTimeout, Retry: m.MailRetry,
		Connections: m.MailConnections, Rate: m.MailRate, DomainRate: m.MailDomainRate, DomainConnections: m.MailDomainConnections,
	}
	if m.MailConnections < 1 || m.MailConnections > 100 {
		return s, errors.New("--mail-connections (STAFETT_MAIL_CONNECTIONS): write a number from 1 to 100")
	}
	k, err := m.key(from)
	if k != nil {
		s.Sign = k.Sign
	}
	return s, err
}
