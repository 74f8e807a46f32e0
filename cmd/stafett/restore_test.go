package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/restored"
	"stafett/internal/store"
)

// twoStates gives a backup with one person registered, and the database of now
// with two.
func twoStates(t *testing.T) (file, backup string, ev event.Event) {
	t.Helper()
	file, ev = withSeminar(t)
	seed(t, file, func(db *store.DB) { registrationtest.Sign(t, db, ev.ID, 1) })
	backup = filepath.Join(t.TempDir(), "backup.db")
	done(t, "backup", backup, "--database", file)
	seed(t, file, func(db *store.DB) { registrationtest.Sign(t, db, ev.ID, 2) })
	return file, backup, ev
}

// pending is whether the database waits for an answer about what is old.
func pending(t *testing.T, file string) (lost restored.Lost) {
	t.Helper()
	seed(t, file, func(db *store.DB) {
		if err := db.Integrity(context.Background()); err != nil {
			t.Error(err)
		}
		err := db.Read(context.Background(), func(tx *store.Tx) (err error) {
			lost, err = restored.Pending(context.Background(), tx)
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	return lost
}

// beside lists what stands in the folder of the database, without the lock.
func beside(t *testing.T, file string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".lock") {
			names = append(names, regexp.MustCompile(`\d{8}T\d{6}Z`).ReplaceAllString(e.Name(), "TIME"))
		}
	}
	return names
}

func TestRestoreGoesBackAndKeepsTheDatabaseOfUntilThen(t *testing.T) {
	t.Parallel()
	file, backup, ev := twoStates(t)
	before, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	serving, err := store.AcquireLock(file) // a trial costs no standstill
	if err != nil {
		t.Fatal(err)
	}
	if _, err := command(t, "restore", backup, "--database", file); err == nil {
		t.Error("the database of a running server was replaced")
	}
	out := done(t, "restore", backup, "--database", file, "--dry-run")
	serving.Release()
	if got := beside(t, file); !slices.Equal(got, []string{"stafett.db"}) {
		t.Errorf("after a dry run stand beside the database %v", got)
	}
	for _, want := range []string{"checked   " + backup + ": whole, with schema ", "holds     programmes: 1, events: 1, registrations: 1; ", "nothing has been changed"} {
		if !strings.Contains(out, want) {
			t.Errorf("the dry run does not say %q: %s", want, out)
		}
	}
	if n := len(registered(t, file, ev.ID)); n != 2 || pending(t, file).Any() {
		t.Fatalf("a dry run leaves %d registrations", n)
	}
	out = done(t, "restore", backup, "--database", file)
	for _, want := range []string{"kept ", "restored  " + file, "held      1 letters that were due before ", "Next: start stafett serve.", "/admin/restored"} {
		if !strings.Contains(out, want) {
			t.Errorf("it does not say %q: %s", want, out)
		}
	}
	if n := len(registered(t, file, ev.ID)); n != 1 || !pending(t, file).Any() {
		t.Errorf("%d registrations after going back, pending: %t", n, pending(t, file).Any())
	}
	if got := beside(t, file); !slices.Equal(got, []string{"stafett.db", "stafett.db.before-restore-TIME"}) {
		t.Errorf("beside the database stand %v", got)
	}
	kept, err := filepath.Glob(file + ".before-restore-*")
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept are %v: %v", kept, err)
	}
	if n := len(registered(t, kept[0], ev.ID)); n != 2 {
		t.Errorf("the database that is kept has %d registrations", n)
	}
	if after, err := os.ReadFile(backup); err != nil || !bytes.Equal(before, after) || len(beside(t, backup)) != 1 {
		t.Errorf("the backup was changed: %v", err)
	}

	post := openPostOffice(t)
	s := beginServe(t, file, post) // what is new goes at once, the old letter does not
	s.signUp(t, 7)
	await(t, "the new letter", func() bool { return len(post.letters()) > 0 })
	if got := post.letters()[0].to; got != email(7) {
		t.Errorf("a letter went to %s", got)
	}
	if _, err := command(t, "restore", backup, "--database", file); err == nil || !strings.Contains(err.Error(), "in use by another stafett") {
		t.Errorf("while it is served: %v", err)
	}
}

// An operator copies the old file over the new one. The letters of before must
// not go a second time.
func TestAnOldFilePutInPlaceByHandIsNoticedAtTheStart(t *testing.T) {
	t.Parallel()
	file, ev := withSeminar(t)
	seed(t, file, func(db *store.DB) { registrationtest.Sign(t, db, ev.ID, 1) })
	backup := filepath.Join(t.TempDir(), "backup.db")
	office := openPostOffice(t)
	office.close() // so that the letter waits in the backup
	s := beginServe(t, file, office)
	done(t, "backup", backup, "--database", file)
	s.end(t)
	content, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	office.open(t)
	s = beginServe(t, file, office)
	s.signUp(t, 7)
	await(t, "the new letter", func() bool { return len(office.letters()) > 0 })
	s.end(t)
	if got := office.letters(); len(got) != 1 || got[0].to != email(7) {
		t.Errorf("letters went: %v", got)
	}
	if !pending(t, file).Any() {
		t.Error("nobody is asked")
	}
}

func TestRestoreTakesNoFileThatIsNotASoundDatabaseOfOurs(t *testing.T) {
	t.Parallel()
	file, backup, ev := twoStates(t)
	folder := t.TempDir()
	sound, err := os.ReadFile(backup)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, content []byte) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	newer := write("newer.db", sound)
	seed(t, newer, func(db *store.DB) {
		err := db.Write(context.Background(), func(tx *store.Tx) error {
			_, err := store.Exec(context.Background(), tx, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
	damaged := bytes.Clone(sound)
	for i := 3 * 4096; i < 20*4096; i++ {
		damaged[i] = 0x5a
	}
	for name, tt := range map[string]struct{ file, want string }{
		"none":      {filepath.Join(folder, "none.db"), "there is no backup at"},
		"empty":     {write("empty.db", nil), "not a Stafett database"},
		"foreign":   {write("foreign.db", bytes.Repeat([]byte("not a database, "), 20)), "not a Stafett database"},
		"cut short": {write("short.db", sound[:len(sound)/2]), "malformed"},
		"damaged":   {write("damaged.db", damaged), "damaged"},
		"newer":     {newer, "newer release"},
		"itself":    {file, "is the database itself"},
		"a folder":  {folder, "is not a file"},
		"no name":   {"", "name the backup to go back to"},
	} {
		args := []string{"restore", "--database", file}
		if tt.file != "" {
			args = append(args, tt.file)
		}
		if _, err := command(t, args...); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(registered(t, file, ev.ID)); n != 2 || len(beside(t, file)) != 1 {
		t.Errorf("%d registrations, beside the database %v", n, beside(t, file))
	}
}

func TestAnOlderBackupIsBroughtToTheSchema(t *testing.T) {
	t.Parallel()
	old := filepath.Join(t.TempDir(), "old.db")
	done(t, "migrate", "--database", old, "--to", "7")
	done(t, "programme", "list", "--database", newDatabase(t)) // a newer one is not needed for it
	file, ev := withSeminar(t)
	out := done(t, "restore", old, "--database", file)
	if !strings.Contains(out, "with schema 7, brought to ") {
		t.Errorf("it says %s", out)
	}
	if n := len(registered(t, file, ev.ID)); n != 0 {
		t.Errorf("%d registrations", n)
	}
	if got := beside(t, file); !slices.Equal(got, []string{"stafett.db", "stafett.db.before-restore-TIME"}) {
		t.Errorf("beside the database stand %v", got)
	}
}

// One goes back to a backup because of the present database, more often than not.
func TestRestoreReplacesADamagedDatabaseAndOneThatIsNotThere(t *testing.T) {
	t.Parallel()
	file, backup, ev := twoStates(t)
	damaged := bytes.Repeat([]byte("fallen disk, "), 1000)
	for name, content := range map[string][]byte{file: damaged, file + "-wal": []byte("its log")} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	done(t, "restore", backup, "--database", file)
	if got := beside(t, file); !slices.Equal(got, []string{"stafett.db", "stafett.db.before-restore-TIME", "stafett.db.before-restore-TIME-wal"}) {
		t.Errorf("beside the database stand %v", got)
	}
	kept, err := filepath.Glob(file + ".before-restore-*Z")
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept are %v: %v", kept, err)
	}
	if content, err := os.ReadFile(kept[0]); err != nil || !bytes.Equal(content, damaged) {
		t.Errorf("the damaged one is not kept as it was: %v", err)
	}
	if n := len(registered(t, file, ev.ID)); n != 1 {
		t.Errorf("%d registrations", n)
	}
	fresh := filepath.Join(t.TempDir(), "new.db")
	if out := done(t, "restore", backup, "--database", fresh); strings.Contains(out, "kept ") {
		t.Errorf("it says %s", out)
	}
	if n := len(registered(t, fresh, ev.ID)); n != 1 || len(beside(t, fresh)) != 1 {
		t.Errorf("%d registrations, %v", n, beside(t, fresh))
	}
}

func TestADatabasePutBackOtherwiseIsMarkedByCommand(t *testing.T) {
	t.Parallel()
	file, _, _ := twoStates(t)
	if out := done(t, "restore", "--put-back", "--dry-run", "--database", file); !strings.Contains(out, "2 letters would be held") || pending(t, file).Any() {
		t.Errorf("the dry run says %s", out)
	}
	if out := done(t, "restore", "--put-back", "--database", file); !strings.Contains(out, "held      2 letters") || !pending(t, file).Any() {
		t.Errorf("it says %s", out)
	}
	if got := beside(t, file); len(got) != 1 {
		t.Errorf("beside the database stand %v", got)
	}
}

// Whatever happens in the middle, the database of before stands there whole, or
// the one gone back to.
func TestAKillOrAFullDiskInTheMiddleLeavesOneOfTheTwo(t *testing.T) {
	t.Parallel()
	file, backup, ev := twoStates(t)
	built.once.Do(built.build)
	if built.err != nil {
		t.Fatal(built.err)
	}
	info, err := os.Stat(backup)
	if err != nil {
		t.Fatal(err)
	}
	whole := func(what string) (back bool) {
		t.Helper()
		n := len(registered(t, file, ev.ID))
		back = pending(t, file).Any()
		if back != (n == 1) || n < 1 || n > 2 {
			t.Fatalf("%s: %d registrations, gone back: %t", what, n, back)
		}
		if back { // once more from the database of before
			kept, err := filepath.Glob(file + ".before-restore-*")
			if err != nil || len(kept) == 0 {
				t.Fatalf("%s: nothing is kept: %v", what, err)
			}
			if err := os.Rename(kept[len(kept)-1], file); err != nil {
				t.Fatal(err)
			}
		}
		left, err := filepath.Glob(file + ".before-restore-*")
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range left {
			os.Remove(l)
		}
		return back
	}
	blocks := info.Size() / 512
	for _, limit := range []int64{0, blocks / 2, blocks - 8, blocks + 8, blocks + 64} {
		c := exec.Command("sh", "-c", fmt.Sprintf(`ulimit -f %d && exec "$0" restore "$1" --database "$2"`, limit), built.path, backup, file)
		out, err := c.CombinedOutput()
		if back := whole(fmt.Sprintf("room for %d of %d blocks", limit, blocks)); back != (err == nil) || limit < blocks && err == nil {
			t.Errorf("room for %d of %d blocks: %v, gone back: %t\n%s", limit, blocks, err, back, out)
		}
	}
	finished := 0
	for pause := time.Duration(0); finished < 2 && pause < 5*time.Second; pause += 15 * time.Millisecond {
		c := exec.Command(built.path, "restore", backup, "--database", file)
		c.Env = []string{}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Wait() }()
		select {
		case <-time.After(pause):
			c.Process.Kill()
			<-ended
		case err := <-ended:
			if err == nil {
				finished++
			}
		}
		whole(fmt.Sprintf("killed after %v", pause))
	}
	if finished == 0 {
		t.Error("it never ended by itself")
	}
}
