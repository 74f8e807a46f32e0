package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	sqlite "github.com/mattn/go-sqlite3"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var ctx = context.Background()

// addPerson writes one row, for tests that need something written.
func addPerson(tx *store.Tx, email string) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO person (id, email, first_name, last_name, language, created_at) VALUES (?, ?, 'Anna', 'Berg', 'sv', ?)`,
		tx.NewID(), email, store.At(tx.Now))
	return err
}

func countPeople(t testing.TB, db *store.DB) (n int) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		n, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM person`)
		return err
	})
	return n
}

func TestEveryConnectionHasItsPragmas(t *testing.T) {
	db, _ := storetest.New(t)
	asked := []string{"journal_mode", "synchronous", "foreign_keys", "query_only", "busy_timeout"}
	answers := func(tx *store.Tx) (map[string]string, error) {
		got := map[string]string{}
		for _, pragma := range asked {
			v, err := store.One(ctx, tx, store.Value[string], "PRAGMA "+pragma)
			if err != nil {
				return nil, err
			}
			got[pragma] = v
		}
		return got, nil
	}
	for _, tt := range []struct {
		name string
		run  func(context.Context, func(*store.Tx) error) error
		want map[string]string
	}{
		{"the writing connection", db.Write, map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "query_only": "0", "busy_timeout": "5000"}},
		{"a reading connection", db.Read, map[string]string{
			"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "query_only": "1", "busy_timeout": "5000"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got map[string]string
			if err := tt.run(ctx, func(tx *store.Tx) (err error) { got, err = answers(tx); return err }); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("pragmas (-want +got):\n%s", diff)
			}
		})
	}
}

// The pool opens new connections when several readers are at work; each must
// be as the first one was.
func TestAllReadersOfThePoolHaveTheirPragmas(t *testing.T) {
	db, _ := storetest.New(t)
	const readers = 8
	inside, leave := make(chan string, readers), make(chan struct{})
	done := make(chan error, readers)
	for range readers {
		go func() {
			done <- db.Read(ctx, func(tx *store.Tx) error {
				var synchronous, queryOnly string
				err := errors.Join(tx.QueryRow("PRAGMA synchronous").Scan(&synchronous), tx.QueryRow("PRAGMA query_only").Scan(&queryOnly))
				inside <- synchronous + " " + queryOnly
				<-leave
				return err
			})
		}()
	}
	for range readers {
		if got := <-inside; got != "2 1" {
			t.Errorf("synchronous and query_only are %q, want \"2 1\"", got)
		}
	}
	close(leave)
	for range readers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestSQLiteHasTheRepairedWriteAheadLog(t *testing.T) {
	db, _ := storetest.New(t)
	var version string
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		version, err = store.One(ctx, tx, store.Value[string], `SELECT sqlite_version()`)
		return err
	})
	var number int
	for part := range strings.SplitSeq(version, ".") {
		n, err := strconv.Atoi(part)
		if err != nil {
			t.Fatalf("version %q: %v", version, err)
		}
		number = number*1000 + n
	}
	if number < 3_051_003 {
		t.Errorf("SQLite is %s: before 3.51.3 resetting the write-ahead log could damage the file", version)
	}
}

func TestReadingTransactionsCannotWrite(t *testing.T) {
	db, _ := storetest.New(t)
	err := db.Read(ctx, func(tx *store.Tx) error { return addPerson(tx, "anna@example.se") })
	if err == nil {
		t.Error("a reading transaction wrote")
	}
	if n := countPeople(t, db); n != 0 {
		t.Errorf("%d people are stored", n)
	}
}

func TestReadersSeeOneStateThroughout(t *testing.T) {
	db, _ := storetest.New(t)
	storetest.Read(t, db, func(tx *store.Tx) error {
		before, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM person`)
		if err != nil {
			return err
		}
		storetest.Write(t, db, func(w *store.Tx) error { return addPerson(w, "anna@example.se") })
		after, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM person`)
		if before != 0 || after != 0 {
			t.Errorf("counted %d, then %d, while another wrote", before, after)
		}
		return err
	})
	if n := countPeople(t, db); n != 1 {
		t.Errorf("afterwards %d people are seen", n)
	}
}

func TestAFailedTransactionLeavesNothing(t *testing.T) {
	db, _ := storetest.New(t)
	broken := errors.New("broken")
	err := db.Write(ctx, func(tx *store.Tx) error {
		if err := addPerson(tx, "anna@example.se"); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Errorf("Write answers %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic did not reach the caller")
			}
		}()
		_ = db.Write(ctx, func(tx *store.Tx) error {
			if err := addPerson(tx, "anna@example.se"); err != nil {
				return err
			}
			panic("broken")
		})
	}()
	cancelled, cancel := context.WithCancel(ctx)
	if err := db.Write(cancelled, func(tx *store.Tx) error {
		defer cancel()
		return addPerson(tx, "anna@example.se")
	}); err == nil {
		t.Error("a request that was given up was committed")
	}
	if n := countPeople(t, db); n != 0 {
		t.Errorf("%d people are stored", n)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return addPerson(tx, "anna@example.se") })
	if n := countPeople(t, db); n != 1 {
		t.Errorf("after the failures %d people could be stored", n)
	}
}

func TestATransactionIsOneMoment(t *testing.T) {
	db, clock := storetest.New(t)
	oslo := time.FixedZone("", 3600)
	clock.Set(time.Date(2027, 3, 3, 9, 0, 0, 999_999_999, oslo))
	want := time.Date(2027, 3, 3, 8, 0, 0, 0, time.UTC)
	storetest.Write(t, db, func(tx *store.Tx) error {
		clock.Advance(time.Hour)
		if tx.Now != want {
			t.Errorf("Now is %v, want %v in UTC and whole seconds", tx.Now, want)
		}
		first, second := tx.NewID(), tx.NewID()
		if first == second || first == "" {
			t.Errorf("ids %q and %q", first, second)
		}
		if a, b := tx.NewToken(), tx.NewToken(); a == b || a == "" {
			t.Errorf("tokens %q and %q", a, b)
		}
		return nil
	})
	storetest.Read(t, db, func(tx *store.Tx) error {
		if tx.Now != want.Add(time.Hour) {
			t.Errorf("the next transaction's Now is %v", tx.Now)
		}
		return nil
	})
	if db.Now() != clock.Now().UTC() {
		t.Errorf("db.Now is %v", db.Now())
	}
}

func TestWritersComeOneAfterTheOther(t *testing.T) {
	db, _ := storetest.New(t)
	other, err := store.Open(ctx, db.Path(), store.Options{Now: time.Now, NewID: func() string { return "other" }})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `INSERT INTO job_run (name, last_run_at, fault) VALUES ('n', ?, '0')`, store.At(tx.Now))
		return err
	})
	const writers = 40
	done := make(chan error, writers)
	for i := range writers {
		d := db
		if i%2 == 1 { // as another process would
			d = other
		}
		go func() {
			done <- d.Write(ctx, func(tx *store.Tx) error { // reads, then writes what it read
				n, err := store.One(ctx, tx, store.Value[int], `SELECT CAST(fault AS INTEGER) FROM job_run`)
				if err != nil {
					return err
				}
				_, err = store.Exec(ctx, tx, `UPDATE job_run SET fault = ?`, strconv.Itoa(n+1))
				return err
			})
		}()
	}
	for range writers {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		n, err := store.One(ctx, tx, store.Value[string], `SELECT fault FROM job_run`)
		if n != strconv.Itoa(writers) {
			t.Errorf("%s of %d additions are left", n, writers)
		}
		return err
	})
}

func TestALockedDatabaseIsBusyAndTakesWritesAfterwards(t *testing.T) {
	t.Parallel() // waits for the time-out of five seconds
	db, _ := storetest.New(t)
	other, err := sql.Open("sqlite3", "file:"+db.Path()+"?_txlock=immediate")
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	lock, err := other.Begin()
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(ctx, func(tx *store.Tx) error { return addPerson(tx, "anna@example.se") })
	if !store.IsBusy(err) {
		t.Errorf("while another program holds the lock Write answers %v, which is not called busy", err)
	}
	if n := countPeople(t, db); n != 0 {
		t.Errorf("the refused write left %d rows", n)
	}
	if err := lock.Rollback(); err != nil {
		t.Fatal(err)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return addPerson(tx, "anna@example.se") })
}

func TestAFullDiskIsBusyAndTakesWritesAfterwards(t *testing.T) {
	db, _ := storetest.New(t)
	limit := func(pages int) {
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, err := store.Exec(ctx, tx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
			return err
		})
	}
	fill := func(tx *store.Tx) error { return addPerson(tx, strings.Repeat("a", 1<<20)+"@example.se") }
	limit(1) // SQLite takes the present size for the least
	if err := db.Write(ctx, fill); !store.IsBusy(err) {
		t.Errorf("with no room left Write answers %v, which is not called busy", err)
	}
	if n := countPeople(t, db); n != 0 {
		t.Errorf("the refused write left %d rows", n)
	}
	limit(1 << 30)
	storetest.Write(t, db, fill)
}

func TestOnlyTheDatabasesRefusalIsAConstraint(t *testing.T) {
	db, _ := storetest.New(t)
	err := db.Write(ctx, func(tx *store.Tx) error {
		return errors.Join(addPerson(tx, "anna@example.se"), addPerson(tx, "anna@example.se"))
	})
	if !store.IsConstraint(err) || store.IsBusy(err) {
		t.Errorf("a second row with one address: %v; constraint %t, busy %t", err, store.IsConstraint(err), store.IsBusy(err))
	}
	for _, err := range []error{nil, errors.New("UNIQUE constraint failed"), sql.ErrNoRows, sqlite.Error{Code: sqlite.ErrCorrupt}} {
		if store.IsConstraint(err) || store.IsBusy(err) {
			t.Errorf("%v: constraint %t, busy %t", err, store.IsConstraint(err), store.IsBusy(err))
		}
	}
	if wrapped := fmt.Errorf("begin: %w", sqlite.Error{Code: sqlite.ErrIoErr}); !store.IsBusy(wrapped) {
		t.Errorf("%v is not called busy", wrapped)
	}
}

func TestForeignKeysHold(t *testing.T) {
	db, _ := storetest.New(t)
	err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `INSERT INTO contact (person_id, company_id, status, created_at) VALUES ('nobody', 'nothing', 'claimed', ?)`, store.At(tx.Now))
		return err
	})
	if !store.IsConstraint(err) {
		t.Errorf("a contact between nobody and nothing: %v", err)
	}
}

// STRICT tables refuse what PostgreSQL would refuse.
func TestNumbersAreNumbers(t *testing.T) {
	db, _ := storetest.New(t)
	err := db.Write(ctx, func(tx *store.Tx) error {
		if err := addPerson(tx, "anna@example.se"); err != nil {
			return err
		}
		_, err := store.Exec(ctx, tx, `INSERT INTO idempotency (caller, key, request, status, answer, created_at) VALUES ('c', 'k', 'r', 'abc', '', ?)`, store.At(tx.Now))
		return err
	})
	if !store.IsConstraint(err) {
		t.Errorf("a word in a column of numbers: %v", err)
	}
}

func TestOneAndAll(t *testing.T) {
	db, _ := storetest.New(t)
	storetest.Read(t, db, func(tx *store.Tx) error {
		if _, err := store.One(ctx, tx, store.Value[string], `SELECT id FROM person`); !errors.Is(err, store.ErrNoRow) {
			t.Errorf("One of nothing answers %v", err)
		}
		none, err := store.All(ctx, tx, store.Value[string], `SELECT id FROM person`)
		if len(none) != 0 || err != nil {
			t.Errorf("All of nothing answers %v, %v", none, err)
		}
		all, err := store.All(ctx, tx, store.Value[int], `SELECT 1 UNION SELECT 2 ORDER BY 1`)
		if diff := cmp.Diff([]int{1, 2}, all); diff != "" || err != nil {
			t.Errorf("All: %v\n%s", err, diff)
		}
		if _, err := store.All(ctx, tx, store.Value[int], `SELECT 'word'`); err == nil {
			t.Error("a word was read as a number")
		}
		if _, err := store.All(ctx, tx, store.Value[int], `SELECT 1 FROM nowhere`); err == nil {
			t.Error("a table that is not there was read")
		}
		return nil
	})
}

func TestExecTellsHowManyRowsChanged(t *testing.T) {
	db, _ := storetest.New(t)
	storetest.Write(t, db, func(tx *store.Tx) error {
		if err := errors.Join(addPerson(tx, "a@example.se"), addPerson(tx, "b@example.se")); err != nil {
			return err
		}
		n, err := store.Exec(ctx, tx, `UPDATE person SET language = 'nn'`)
		if n != 2 {
			t.Errorf("%d rows changed", n)
		}
		return err
	})
}

func TestTheFilesAreTheOwnersAlone(t *testing.T) {
	db, _ := storetest.New(t)
	storetest.Write(t, db, func(tx *store.Tx) error { return addPerson(tx, "anna@example.se") })
	files, err := filepath.Glob(db.Path() + "*")
	if err != nil || len(files) < 2 {
		t.Fatalf("files %v, %v", files, err)
	}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v", filepath.Base(f), info.Mode())
		}
	}
}

func TestAPathMayHoldAnySign(t *testing.T) {
	for _, name := range []string{"a?b=c.db", "50%.db", "å ö#1.db", "file:x.db"} {
		path := filepath.Join(t.TempDir(), name)
		db, err := store.Open(ctx, path, store.Options{Now: time.Now, NewID: func() string { return "1" }})
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if err := errors.Join(db.Migrate(ctx, 0), db.Close()); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		entries, err := os.ReadDir(filepath.Dir(path))
		if err != nil || len(entries) != 1 || entries[0].Name() != name {
			t.Errorf("%q: the folder holds %v, %v", name, entries, err)
		}
	}
}

func TestAuditEntriesAreOnlyEverAdded(t *testing.T) {
	db, clock := storetest.New(t)
	add := func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `
			INSERT INTO audit_entry (id, at, actor_kind, action, object_kind, object_id) VALUES (?, ?, 'system', 'event.create', 'event', '1')`,
			tx.NewID(), store.At(tx.Now))
		return err
	}
	clock.Set(time.Now())
	storetest.Write(t, db, add)
	for _, statement := range []string{
		`UPDATE audit_entry SET reason = 'another'`, `UPDATE audit_entry SET id = id`, `DELETE FROM audit_entry`,
		`INSERT INTO audit_entry SELECT * FROM audit_entry WHERE TRUE ON CONFLICT (id) DO UPDATE SET reason = 'another'`,
	} {
		if err := db.Write(ctx, func(tx *store.Tx) error { _, err := store.Exec(ctx, tx, statement); return err }); err == nil {
			t.Errorf("%s was carried out", statement)
		}
	}
	clock.Set(time.Now().AddDate(-3, 0, 0))
	storetest.Write(t, db, add)
	storetest.Write(t, db, func(tx *store.Tx) error { // what retention does after 24 months
		n, err := store.Exec(ctx, tx, `DELETE FROM audit_entry WHERE at < ?`, store.At(time.Now().AddDate(0, -24, -2)))
		if n != 1 {
			t.Errorf("%d entries older than 24 months were deleted", n)
		}
		return err
	})
}
