// Package mail delivers what the outbox holds: it writes each message as a
// letter in the recipient's language, from what is true at that moment, hands it
// to a mail server, and notes what became of it.
package mail

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"

	"stafett/internal/locale"
	"stafett/internal/mail/transport"
	"stafett/internal/municipality"
	"stafett/internal/person"
	"stafett/internal/store"
)

// Settings say who writes and how patiently it is tried. Every pause may be left
// out.
type Settings struct {
	BaseURL   string // of the site: every address in a letter begins with it
	FromEmail string // the one sender of the whole installation, and organizer of its meetings
	ReplyTo   string // empty: the event's contact, else the programme's

	// Sign puts a signature before a letter; nil: the mail server signs. It is asked
	// once, when the letter is written, so that every attempt sends the same bytes.
	Sign func([]byte) ([]byte, error)

	Lease   time.Duration   // how long a message belongs to whoever sends it; 10 minutes
	Timeout time.Duration   // for handing one message over; 5 minutes, and always less than Lease
	Retry   []time.Duration // pauses between attempts, of every kind; the last one is repeated

	Connections       int // messages that are handed over at the same time; 1 at least
	Rate              int // messages a minute; 0: no limit
	DomainRate        int // messages a minute to one domain; 0: no limit
	DomainConnections int // messages at the same time to one domain; 0: no limit

	Jitter func() float64 // at least 0, below 1; chance when nil
}

const (
	defaultLease   = 10 * time.Minute
	defaultTimeout = 5 * time.Minute
)

// defaultRetry follows the advice of RFC 5321 4.5.4.1: soon at first, then every
// few hours.
var defaultRetry = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 4 * time.Hour,
}

// defaultUnanswered are the pauses after a message was handed over without an
// answer; then it is left to an organiser.
var defaultUnanswered = []time.Duration{15 * time.Minute, time.Hour}

// Sender hands one letter over. It is used by as many goroutines at a time as the
// settings have Connections.
type Sender interface {
	Send(context.Context, transport.Envelope) transport.Result
	Close() error
}

// Mailer delivers messages, several at a time. Several Mailers may work on one
// database, each driven by one goroutine that calls Run or Step; Preview may be
// called by any.
type Mailer struct {
	db        *store.DB
	texts     *locale.Catalogue
	places    *municipality.Register
	sender    Sender
	log       *slog.Logger
	settings  Settings
	templates map[locale.Language]templates
	pace      *pace
	idle      time.Duration // until we look again when nothing is due
	grace     time.Duration // for the messages in hand once the program is to end
	turned    func()        // told of each turn of Run; nil: nobody is

	fault    string    // why nothing can be sent; empty: as far as we know, it can
	haltedAt time.Time // when our own settings were last found to be wrong
	noted    string    // the fault as it was last written down
	notedAt  time.Time // when a run was last written down
}

// New makes a Mailer. It parses the templates once for each language, and
// reports settings with which no letter could be written.
func New(db *store.DB, texts *locale.Catalogue, places *municipality.Register, sender Sender, log *slog.Logger, s Settings) (*Mailer, error) {
	s, err := s.complete()
	if err != nil {
		return nil, err
	}
	parsed, err := parse(texts)
	if err != nil {
		return nil, err
	}
	return &Mailer{
		db: db, texts: texts, places: places, sender: sender, log: log, settings: s, templates: parsed,
		pace: &pace{most: s.Rate, mostDomain: s.DomainRate, mostAtOnce: s.DomainConnections}, idle: idlePause, grace: grace,
	}, nil
}

// complete checks the settings and fills in what was left out.
func (s Settings) complete() (Settings, error) {
	u, err := url.Parse(s.BaseURL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return s, errors.New("address of the site: write for instance https://stafett.example.se")
	}
	s.BaseURL = strings.TrimRight(s.BaseURL, "/")
	if s.FromEmail, err = person.Address(s.FromEmail); err != nil {
		return s, fmt.Errorf("sender of letters: %w", err)
	}
	if s.ReplyTo != "" {
		if s.ReplyTo, err = person.Address(s.ReplyTo); err != nil {
			return s, fmt.Errorf("reply address of letters: %w", err)
		}
	}
	if s.Lease <= 0 {
		s.Lease = defaultLease
	}
	if s.Timeout <= 0 {
		s.Timeout = defaultTimeout
	}
	// Whoever takes over when a lease has run out must not meet the first one
	// still at it.
	s.Timeout = min(s.Timeout, s.Lease*9/10)
	s.Connections = max(1, s.Connections)
	if s.Jitter == nil {
		s.Jitter = rand.Float64
	}
	return s, nil
}

// domain is that of the sender: ids of messages and meetings end in it.
func (s Settings) domain() string { return domainOf(s.FromEmail) }

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// retry is the pause after the nth attempt that failed, 0 the first.
func (s Settings) retry(n int) time.Duration {
	pauses := s.Retry
	if len(pauses) == 0 {
		pauses = defaultRetry
	}
	return s.jittered(pauses[min(n, len(pauses)-1)])
}

// unanswered is the pause after the nth time that no answer came, 0 the first;
// ok is false when it is not worth trying again.
func (s Settings) unanswered(n int) (pause time.Duration, ok bool) {
	pauses := s.Retry
	if len(pauses) == 0 {
		pauses = defaultUnanswered
	}
	if n >= len(defaultUnanswered) {
		return 0, false
	}
	return s.jittered(pauses[min(n, len(pauses)-1)]), true
}

// halt is how long the queue waits when our own settings are wrong.
func (s Settings) halt() time.Duration {
	if len(s.Retry) > 0 {
		return s.Retry[0]
	}
	return defaultRetry[0]
}

// jittered moves a pause by up to a fifth, so that what failed together does not
// come back together.
func (s Settings) jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*s.Jitter()))
}
