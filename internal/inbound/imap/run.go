package imap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"time"

	"github.com/emersion/go-imap/v2"

	"stafett/internal/message"
	"stafett/internal/store"
)

const (
	pause   = time.Minute     // between two polls
	longest = 4 * time.Minute // that one may take: less than until the desk turns red
)

// Run polls at once and then every minute, until ctx ends. How it went is written
// down for the organisers' desk.
func (p *Poller) Run(ctx context.Context) error {
	for {
		p.turn(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (p *Poller) turn(ctx context.Context) {
	polling, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	err := p.guarded(polling)
	if ctx.Err() != nil { // the program ends
		return
	}
	fault := reasonOf(err)
	if err != nil {
		p.log.Error("mailbox cannot be read", "mailbox", p.settings.String(), "error", err)
	}
	if err := p.db.Write(ctx, func(tx *store.Tx) error { return message.NoteRun(ctx, tx, message.InboundRun, fault) }); err != nil {
		p.log.Error("run not noted", "job", message.InboundRun, "error", err)
	}
}

// guarded turns a panic into an error: the next poll must come.
func (p *Poller) guarded(ctx context.Context) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
		}
	}()
	_, err = p.Poll(ctx)
	return err
}

// reasonOf is what is written down of an error; empty when there is none.
func reasonOf(err error) string {
	var refused *imap.Error
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var network net.Error
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refused):
		return message.ReasonMailbox
	case errors.As(err, &name) && name.IsNotFound:
		return message.ReasonServerNotFound
	case errors.As(err, &certificate):
		return message.ReasonCertificate
	case store.IsBusy(err):
		return message.ReasonFault
	case errors.As(err, &network):
		return message.ReasonUnreachable
	}
	return message.ReasonLineBroke
}
