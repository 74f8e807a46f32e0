package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"stafett/internal/audit"
	"stafett/internal/recovery"
	"stafett/internal/restored"
	"stafett/internal/store"
)

type restoreCommand struct {
	databaseSettings
	File    string `arg:"" optional:"" type:"path" help:"The backup to go back to, as stafett backup wrote it; it is only read."`
	DryRun  bool   `help:"Check the backup and say what would be done; change nothing. The server may run meanwhile, except with --put-back."`
	PutBack bool   `help:"The database has been put back already, by Litestream or a snapshot: only hold what is old, so that it is asked about. Without FILE."`
}

// Run goes back to a backup: the present database is kept beside it, and what was
// due before is held until an organiser has answered.
func (r restoreCommand) Run(w world) error {
	if r.PutBack == (r.File != "") {
		return errors.New("name the backup to go back to, or say --put-back when the database has been put back already")
	}
	work := filepath.Join(filepath.Dir(r.Database), "."+filepath.Base(r.Database)+".restoring")
	if r.DryRun && !r.PutBack { // works on a copy of its own, so the server may run
		work += fmt.Sprintf("-trial-%d", os.Getpid())
	} else {
		lock, err := store.AcquireLock(r.Database)
		if err != nil {
			return err
		}
		defer lock.Release()
	}
	if r.PutBack {
		return r.markOnly(w)
	}
	if a, err := os.Stat(r.File); err != nil {
		return fmt.Errorf("there is no backup at %s", r.File)
	} else if b, err := os.Stat(r.Database); err == nil && os.SameFile(a, b) {
		return fmt.Errorf("%s is the database itself: name a backup", r.File)
	}
	defer removeWork(work)
	if err := store.CopyIn(r.File, work); err != nil {
		return fmt.Errorf("%w; the database is as it was", err)
	}
	m, err := r.prepare(w, work)
	if err != nil {
		return fmt.Errorf("%s: %w; the database is as it was", r.File, err)
	}
	if r.DryRun {
		w.say("nothing has been changed. Without --dry-run %s would be replaced, and kept beside it", r.Database)
		return nil
	}
	kept := r.Database + ".before-restore-" + m.To.Format("20060102T150405Z")
	_, statErr := os.Stat(r.Database)
	if err := store.Replace(w.ctx, r.Database, work, kept); err != nil {
		return err
	}
	if statErr == nil {
		w.say("kept      the database of until now as %s", kept)
	}
	w.say("restored  %s", r.Database)
	r.sayNext(w, m)
	return nil
}

// prepare checks the copy of a backup, brings it to this program's schema, and
// holds what is old in it.
func (r restoreCommand) prepare(w world, work string) (m recovery.Marked, err error) {
	if info, err := os.Stat(work); err != nil || info.Size() == 0 {
		return m, errors.Join(err, store.ErrNotOurs)
	}
	db, err := store.Open(w.ctx, work, realOptions(time.Now))
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.Integrity(w.ctx); err != nil {
		return m, err
	}
	have, want, err := db.Version(w.ctx)
	if err != nil {
		return m, err
	}
	if have == 0 {
		return m, fmt.Errorf("%w: it is empty", store.ErrNotOurs)
	}
	if err := db.Migrate(w.ctx, 0); err != nil {
		return m, err
	}
	brought := ""
	if have < want {
		brought = fmt.Sprintf(", brought to %d", want)
	}
	w.say("checked   %s: whole, with schema %d%s", r.File, have, brought)
	if err := sayContent(w, db); err != nil {
		return m, err
	}
	beside, err := recovery.ReadBeside(r.Database)
	if err != nil {
		return m, err
	}
	err = db.Write(w.ctx, func(tx *store.Tx) error {
		m, err = recovery.Mark(w.ctx, tx, beside, audit.Command)
		return err
	})
	return m, err
}

// sayContent says what a database holds, so that a wrong file is noticed.
func sayContent(w world, db *store.DB) error {
	return db.Read(w.ctx, func(tx *store.Tx) error {
		last, err := restored.LastKnown(w.ctx, tx)
		if err != nil {
			return err
		}
		var n [3]int
		for i, table := range []string{"programme", "event", "registration"} {
			if n[i], err = store.One(w.ctx, tx, store.Value[int], `SELECT count(*) FROM `+table); err != nil {
				return err
			}
		}
		w.say("holds     programmes: %d, events: %d, registrations: %d; the last it knows is of %s", n[0], n[1], n[2], last.Format(time.RFC3339))
		return nil
	})
}

func (r restoreCommand) markOnly(w world) error {
	db, err := r.openMigrated(w.ctx)
	if err != nil {
		return err
	}
	defer db.Close()
	beside, err := recovery.ReadBeside(r.Database)
	if err != nil {
		return err
	}
	var m recovery.Marked
	err = db.Write(w.ctx, func(tx *store.Tx) error {
		if m, err = recovery.Mark(w.ctx, tx, beside, audit.Command); err == nil && r.DryRun {
			return errDry
		}
		return err
	})
	if errors.Is(err, errDry) {
		w.say("nothing has been changed. Without --dry-run %d letters would be held", m.Held)
		return nil
	}
	if err != nil {
		return err
	}
	r.sayNext(w, m)
	return nil
}

// errDry undoes what was only tried.
var errDry = errors.New("dry run")

func (r restoreCommand) sayNext(w world, m recovery.Marked) {
	w.say("held      %d letters that were due before %s: they may have gone before", m.Held, m.To.Format(time.RFC3339))
	if m.Erased > 0 {
		w.say("erased    %d people who were erased since are erased again within a minute of the start", m.Erased)
	}
	w.say("missing   what people did after %s", m.From.Format(time.RFC3339))
	w.say("")
	w.say("Next: start stafett serve. Everybody has been signed out. An organiser signs in and")
	w.say("answers on the page /admin/restored which of the old letters are to go; until then")
	w.say("nothing is decided by itself on what was true before. New sign-ups and their letters")
	w.say("work as always.")
}

// removeWork removes what an attempt leaves; nothing is left when it succeeded.
func removeWork(work string) {
	_ = store.RemoveCopy(work) // the next attempt removes it otherwise
	copies, _ := filepath.Glob(work + ".before-*")
	for _, c := range copies {
		_ = os.Remove(c)
	}
}

// noticeRestored looks at a start whether an older database was put back by hand,
// and leaves a sign of life.
func noticeRestored(ctx context.Context, w world, db *store.DB) error {
	m, found, err := recovery.Notice(ctx, db)
	if err != nil {
		return err
	}
	if found {
		w.log().Warn("the database is older than the file beside it says: it was put back. What is old waits for an answer on /admin/restored",
			"last_known", m.From, "held", m.Held, "erased_again", m.Erased)
	}
	return recovery.Alive(ctx, db)
}
