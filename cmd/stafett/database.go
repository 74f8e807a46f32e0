package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"stafett/internal/mail/transport"
	"stafett/internal/store"
)

type migrateCommand struct {
	databaseSettings
	To     int64 `help:"Stop at this schema; 0: the newest."`
	Status bool  `help:"Only say which schema the database has."`
}

// Run migrates, unless a server has the database open.
func (m migrateCommand) Run(w world) error {
	if m.Status {
		if _, err := os.Stat(m.Database); err != nil {
			return fmt.Errorf("there is no database at %s", m.Database)
		}
	} else {
		lock, err := store.AcquireLock(m.Database)
		if err != nil {
			return err
		}
		defer lock.Release()
	}
	db, err := m.open(w.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if !m.Status {
		if err := db.Migrate(w.ctx, m.To); err != nil {
			return err
		}
	}
	have, want, err := db.Version(w.ctx)
	if err != nil {
		return err
	}
	w.say("schema %d of %d", have, want)
	return nil
}

type backupCommand struct {
	databaseSettings
	File string `arg:"" help:"The file to write; it must not exist yet."`
}

// Run writes the copy.
func (b backupCommand) Run(w world) error {
	db, err := b.openMigrated(w.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := db.Backup(w.ctx, b.File); err != nil {
		return err
	}
	w.say("wrote and checked %s", b.File)
	return nil
}

type checkCommand struct {
	databaseSettings
	webSettings
	mailSettings
	inboundSettings
}

// earliest is before any release of this program: a clock before it is wrong.
var earliest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Run tells of each thing whether it is right, and fails when one is not.
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
	_, err = c.sender()
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
