package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"stafett/internal/mail/dns"
	"stafett/internal/mail/transport"
)

type checkCommand struct {
	databaseSettings
	webSettings
	mailSettings
	inboundSettings
	DNSServer string `env:"STAFETT_DNS_SERVER" name:"dns-server" help:"The DNS server that is asked about the sender's domain, as 192.0.2.53:53. Default: the machine's own."`
}

// earliest is before any release of this program: a clock before it is wrong.
var earliest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Run tells of each thing whether it is right, and fails when one is not. What the
// sender's domain publishes is looked at last, and mostly warned of: much of it is
// not in the operator's hand.
func (c checkCommand) Run(w world) error {
	wrong := 0
	report := func(what string, err error) {
		if err != nil {
			wrong++
			w.say("wrong  %s: %v", what, err)
			return
		}
		w.say("right  %s", what)
	}
	_, err := c.address(nothing{})
	report("base address", err)
	from, err := c.sender()
	report("sender", err)
	_, err = c.companies(nil, nil)
	report("register of companies", err)
	if time.Now().Before(earliest) {
		err = fmt.Errorf("it says %s", time.Now().Format(time.DateOnly))
	} else {
		err = nil
	}
	report("clock", err)
	db, err := c.openMigrated(w.ctx)
	report("database and schema", err)
	if err == nil {
		report("integrity", db.Integrity(w.ctx))
		db.Close()
	}
	server, err := c.server()
	if err == nil {
		err = transport.New(server).Check(w.ctx)
	}
	report("mail server", err)
	if mailbox, err := c.mailbox(); err != nil || mailbox != nil {
		if err == nil {
			err = mailbox.Check(w.ctx)
		}
		report("mailbox", err)
	}
	wrong += c.domain(w, from, server.Host)
	if wrong > 0 {
		return errors.New("something is wrong: see the lines that begin with it")
	}
	return nil
}

// nothing is a listener's address where none is listened on.
type nothing struct{}

// Network implements net.Addr.
func (nothing) Network() string { return "tcp" }

// String implements net.Addr.
func (nothing) String() string { return "127.0.0.1:8080" }

// longestLook is how long the DNS is asked.
const longestLook = 10 * time.Second

// domain tells what the sender's domain publishes about its mail, and how many
// things of it are wrong.
func (c checkCommand) domain(w world, from, server string) (wrong int) {
	if from == "" {
		return 0
	}
	key, err := c.key(from)
	if err != nil {
		w.say("wrong  DKIM key: %v", err)
		return 1
	}
	ctx, cancel := context.WithTimeout(w.ctx, longestLook)
	defer cancel()
	for _, f := range dns.Look(ctx, c.resolver(), dns.Question{Domain: from[strings.LastIndexByte(from, '@')+1:], Key: key, Server: server}) {
		if f.State == dns.Wrong {
			wrong++
		}
		if f.Why == "" {
			w.say("right  %s", f.What)
			continue
		}
		w.say("%-5s  %s: %s", f.State, f.What, f.Why)
		if f.Publish != "" {
			w.say("       publish: %s", f.Publish)
		}
	}
	return wrong
}

func (c checkCommand) resolver() *net.Resolver {
	if c.DNSServer == "" {
		return net.DefaultResolver
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, c.DNSServer)
	}}
}
