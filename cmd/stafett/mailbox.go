package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"

	"stafett/internal/inbound/imap"
	"stafett/internal/message"
	"stafett/internal/store"
)

// inboundSettings say where mail that comes back is fetched. Most installations
// have it handed in by their mail system instead.
type inboundSettings struct {
	IMAP     string `name:"imap" env:"STAFETT_IMAP" help:"The mailbox to which answers and undeliverable letters come, read every minute: imaps://user:password@host:993/INBOX, with ?move=Folder to move what has been dealt with. Empty: none is read."`
	IMAPFile string `name:"imap-file" env:"STAFETT_IMAP_FILE" type:"path" help:"A file that holds the mailbox's address, so that the password stands in no environment."`
}

// mailbox reads the mailbox's address; nil when there is none.
func (s inboundSettings) mailbox() (*imap.Settings, error) {
	address := s.IMAP
	if s.IMAPFile != "" {
		b, err := os.ReadFile(s.IMAPFile)
		if err != nil {
			return nil, fmt.Errorf("--imap-file (STAFETT_IMAP_FILE): %w", err)
		}
		if address = strings.TrimSpace(string(b)); address == "" {
			return nil, errors.New("--imap-file (STAFETT_IMAP_FILE): the file is empty")
		}
	}
	if address == "" {
		return nil, nil
	}
	mailbox, err := imap.ParseURL(address)
	if err != nil {
		return nil, fmt.Errorf("--imap (STAFETT_IMAP): %w", err)
	}
	return &mailbox, nil
}

// poller reads the mailbox; nil when there is none, and then the desk no longer
// waits for one that was read before.
func (s inboundSettings) poller(ctx context.Context, db *store.DB, log *slog.Logger, mailbox *imap.Settings, from string) (*imap.Poller, error) {
	if mailbox == nil {
		return nil, db.Write(ctx, func(tx *store.Tx) error { return message.ForgetRun(ctx, tx, message.InboundRun) })
	}
	return imap.New(db, log, *mailbox, from), nil
}
