package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var options = store.Options{Now: time.Now, NewID: func() string { return fmt.Sprint(time.Now().UnixNano()) }}

// openAndMigrate is what a start does.
func openAndMigrate(path string) error {
	db, err := store.Open(ctx, path, options)
	if err != nil {
		return err
	}
	return errors.Join(db.Migrate(ctx, 0), db.Close())
}

// filled gives a migrated database with a few rows, closed, as bytes.
func filled(t *testing.T) []byte {
	t.Helper()
	db, _ := storetest.New(t)
	for i := range 50 {
		storetest.Write(t, db, func(tx *store.Tx) error { return addPerson(tx, fmt.Sprintf("p%d@example.se", i)) })
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return read(t, db.Path())
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// foreign gives the bytes of a database that another program made.
func foreign(t *testing.T, statements string) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "foreign.db")
	db, err := sql.Open("sqlite3", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(statements); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return read(t, path)
}

func overwrite(b []byte, from, to int) []byte {
	b = bytes.Clone(b)
	copy(b[from:to], bytes.Repeat([]byte{0x5a}, to-from))
	return b
}

func TestAFileThatIsNoSoundDatabaseOfOursIsRefusedAndLeftAsItIs(t *testing.T) {
	ours := filled(t)
	notOurs := store.ErrNotOurs
	for _, tt := range []struct {
		name    string
		content []byte
		want    error // nil: any
	}{
		{"a text", []byte("Kära läsare"), notOurs},
		{"a long text", bytes.Repeat([]byte("Kära läsare\n"), 10_000), notOurs},
		{"noughts", make([]byte, 8192), notOurs},
		{"another program's database, marked as its own", foreign(t, `PRAGMA application_id = 7; CREATE TABLE bookmark (url TEXT)`), notOurs},
		{"another program's database without a mark", foreign(t, `CREATE TABLE bookmark (url TEXT); INSERT INTO bookmark VALUES ('x')`), notOurs},
		{"another program's with many tables", foreign(t, manyTables()), notOurs},
		{"ours, cut within the header", ours[:60], notOurs},
		{"ours, cut after the header", ours[:100], nil},
		{"ours, cut after the first page", ours[:4096], nil},
		{"ours, cut in half", ours[:len(ours)/2/4096*4096], nil},
		{"ours, its last page gone", ours[:len(ours)-4096], nil},
		{"ours, its schema overwritten", overwrite(ours, 110, 4096), nil},
		{"ours, some pages overwritten", overwrite(ours, 3*4096, 9*4096), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "stafett.db")
			if err := os.WriteFile(path, tt.content, 0o600); err != nil {
				t.Fatal(err)
			}
			err := openAndMigrate(path)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("the start answers %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %v", err)
			}
			if !bytes.Equal(read(t, path), tt.content) {
				t.Error("the file was changed")
			}
			if diff := cmp.Diff([]string{"stafett.db"}, folder(t, filepath.Dir(path))); diff != "" {
				t.Errorf("files beside it (-want +got):\n%s", diff)
			}
		})
	}
}

func manyTables() string {
	var b strings.Builder
	for i := range 200 {
		fmt.Fprintf(&b, "CREATE TABLE a_table_with_a_long_name_%d (a TEXT, b TEXT, c TEXT);", i)
	}
	return b.String()
}

// folder lists the files, without what SQLite keeps beside an open database.
func folder(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "-wal") && !strings.HasSuffix(e.Name(), "-shm") {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestWhatAFirstStartLeavesWhenItIsKilledIsTakenForNew(t *testing.T) {
	for name, content := range map[string][]byte{
		"an empty file":                     {},
		"a header without tables":           foreign(t, `PRAGMA journal_mode = WAL`),
		"a header with our mark, no tables": foreign(t, `PRAGMA journal_mode = WAL; PRAGMA application_id = 0x53746166`),
		"our mark and goose's table, no more": foreign(t, `
			PRAGMA application_id = 0x53746166;
			CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL, tstamp TIMESTAMP DEFAULT (datetime('now')));
			INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)`),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "stafett.db")
			if err := os.WriteFile(path, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := openAndMigrate(path); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAFolderThatIsNotThereIsNotMade(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{filepath.Join(dir, "missing", "stafett.db"), filepath.Join(dir, "file", "stafett.db")} {
		if _, err := store.Open(ctx, path, options); err == nil || !strings.Contains(err.Error(), "--database") {
			t.Errorf("Open(%s) answers %v, which does not say what to do", path, err)
		}
		if _, err := store.AcquireLock(path); err == nil {
			t.Errorf("AcquireLock(%s) succeeded", path)
		}
	}
	if diff := cmp.Diff([]string{"file"}, folder(t, dir)); diff != "" {
		t.Errorf("the folder (-want +got):\n%s", diff)
	}
}

func TestOnlyOneServesADatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stafett.db")
	first, err := store.AcquireLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := store.AcquireLock(path); err == nil || !strings.Contains(err.Error(), path+".lock") {
		t.Errorf("the second is answered %v, which does not name the lock", err)
	}
	if err := first.Release(); err != nil {
		t.Fatal(err)
	}
	second, err := store.AcquireLock(path)
	if err != nil {
		t.Fatalf("after the first let go: %v", err)
	}
	defer second.Release()
}

func TestABackupIsWholeWhileOthersWrite(t *testing.T) {
	db, _ := storetest.New(t)
	stop, stopped := make(chan struct{}), make(chan error, 1)
	started := make(chan struct{})
	go func() {
		for i := 0; ; i++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			err := db.Write(ctx, func(tx *store.Tx) error { // always two people in one transaction
				return errors.Join(addPerson(tx, fmt.Sprintf("a%d@example.se", i)), addPerson(tx, fmt.Sprintf("b%d@example.se", i)))
			})
			if err != nil {
				stopped <- err
				return
			}
			if i == 20 {
				close(started)
			}
		}
	}()
	<-started
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := db.Backup(ctx, copied); err != nil {
		t.Error(err)
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"copy.db"}, folder(t, filepath.Dir(copied))); diff != "" {
		t.Errorf("the folder of the copy (-want +got):\n%s", diff)
	}
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is %v, %v", info.Mode(), err)
	}
	other, err := store.Open(ctx, copied, options)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := errors.Join(other.Integrity(ctx), other.Migrate(ctx, 0)); err != nil {
		t.Error(err)
	}
	n := countPeople(t, other)
	if n < 2 || n%2 != 0 || n > countPeople(t, db) {
		t.Errorf("the copy holds %d of %d people, who came in pairs", n, countPeople(t, db))
	}
}

func TestABackupNeverTakesThePlaceOfAFile(t *testing.T) {
	db, _ := storetest.New(t)
	file := filepath.Join(t.TempDir(), "copy.db")
	if err := os.WriteFile(file, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(ctx, file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("Backup answers %v", err)
	}
	if got := read(t, file); string(got) != "precious" {
		t.Errorf("the file holds %q", got)
	}
}

func TestABackupThatFailsLeavesNoFile(t *testing.T) {
	db, _ := storetest.New(t)
	dir := t.TempDir()
	given, up := context.WithCancel(ctx)
	up()
	for name, backup := range map[string]error{
		"given up":                    db.Backup(given, filepath.Join(dir, "copy.db")),
		"into a folder that is not":   db.Backup(ctx, filepath.Join(dir, "missing", "copy.db")),
		"over a folder of this name ": db.Backup(ctx, dir),
	} {
		if backup == nil {
			t.Errorf("%s: Backup answers yes", name)
		}
	}
	if files := folder(t, dir); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
	if err := db.Backup(ctx, filepath.Join(dir, "copy.db")); err != nil {
		t.Errorf("and then: %v", err)
	}
}

func TestABackupOfADamagedDatabaseIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stafett.db")
	if err := os.WriteFile(path, overwrite(filled(t), 3*4096, 9*4096), 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := store.Open(ctx, path, options)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	dir := t.TempDir()
	if err := db.Backup(ctx, filepath.Join(dir, "copy.db")); err == nil {
		t.Error("a damaged database was copied as if it were sound")
	}
	if files := folder(t, dir); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
	if err := db.Integrity(ctx); err == nil {
		t.Error("Integrity says that it is sound")
	}
}

// A row that breaks a rule of its table is copied without a word; only the check
// of the copy sees it.
func TestABackupThatIsInDoubtIsNotKept(t *testing.T) {
	db, _ := storetest.New(t)
	raw, err := sql.Open("sqlite3", db.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	raw.SetMaxOpenConns(1)
	if _, err := raw.Exec(`PRAGMA ignore_check_constraints = ON; INSERT INTO person VALUES ('1', 'a@example.se', 'A', 'B', 'xx', NULL, 'long ago')`); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := db.Backup(ctx, filepath.Join(dir, "copy.db")); err == nil || !strings.Contains(err.Error(), "check the copy") {
		t.Errorf("Backup answers %v", err)
	}
	if files := folder(t, dir); len(files) != 0 {
		t.Errorf("left behind: %v", files)
	}
}

func TestCloseFoldsTheLogIntoTheFile(t *testing.T) {
	db, _ := storetest.New(t)
	storetest.Write(t, db, func(tx *store.Tx) error { return addPerson(tx, "anna@example.se") })
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Dir(db.Path()))
	if err != nil || len(entries) != 1 {
		t.Fatalf("after Close the folder holds %v, %v", entries, err)
	}
	again, err := store.Open(ctx, db.Path(), options)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := countPeople(t, again); n != 1 {
		t.Errorf("%d people are left", n)
	}
}
