package main

import (
	"fmt"
	"os"

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
