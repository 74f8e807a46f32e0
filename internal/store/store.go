// Package store opens the database and hands out transactions. One connection
// writes, a pool of others reads; a transaction carries its moment and the
// source of its ids, so that nothing below it asks a clock.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	sqlite "github.com/mattn/go-sqlite3" // the driver "sqlite3"
)

// Options are what the program injects: clock, ids, and secrets for links.
type Options struct {
	Now      func() time.Time
	NewID    func() string // random enough not to be guessed or counted
	NewToken func() string // at least 128 random bits, safe in an address
}

// DB is the database of one installation. It is safe for concurrent use.
type DB struct {
	read, write *sql.DB
	opt         Options
	path        string
}

// Tx is one transaction and one moment: every row written in it carries the
// same Now (UTC, whole seconds).
type Tx struct {
	*sql.Tx
	Now      time.Time
	newID    func() string
	newToken func() string
}

// NewID returns a fresh id.
func (tx *Tx) NewID() string { return tx.newID() }

// NewToken returns a fresh secret for a link; only its hash may be stored.
func (tx *Tx) NewToken() string { return tx.newToken() }

// ErrNoRow says that One found nothing.
var ErrNoRow = errors.New("no such row")

// Pragmas stand in the DSN so that every connection of a pool has them. FULL
// makes a commit reach the disk before it is answered: what was said yes to
// survives a power cut.
const (
	writePragmas = "_txlock=immediate&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=5000&_stmt_cache_size=100"
	readPragmas  = "mode=ro&_query_only=on&_synchronous=FULL&_foreign_keys=on&_busy_timeout=5000&_stmt_cache_size=100"
)

// Open opens the database file, which it creates when there is none, and does
// not migrate it. A file that is not a Stafett database is left untouched and
// refused.
func Open(ctx context.Context, path string, opt Options) (*DB, error) {
	if err := checkFile(path); err != nil {
		return nil, err
	}
	write, err := sql.Open("sqlite3", dsn(path, writePragmas))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	write.SetMaxOpenConns(1)
	if err := write.PingContext(ctx); err != nil {
		write.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	read, err := sql.Open("sqlite3", dsn(path, readPragmas))
	if err != nil {
		write.Close()
		return nil, fmt.Errorf("open %s for reading: %w", path, err)
	}
	read.SetMaxOpenConns(8)
	db := &DB{read: read, write: write, opt: opt, path: path}
	if err := os.Chmod(path, 0o600); err != nil {
		db.Close()
		return nil, fmt.Errorf("protect %s: %w", path, err)
	}
	return db, nil
}

func dsn(path, pragmas string) string {
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: pragmas}).String()
}

// Close ends all connections, after folding the write-ahead log into the file.
func (db *DB) Close() error {
	_, checkpoint := db.write.Exec("PRAGMA wal_checkpoint(TRUNCATE)")
	return errors.Join(checkpoint, db.read.Close(), db.write.Close())
}

// Path is the database file's path.
func (db *DB) Path() string { return db.path }

// Now is the injected clock, UTC.
func (db *DB) Now() time.Time { return db.opt.Now().UTC() }

// Write runs fn in one transaction: all of it happens, or none, unless fn says
// with Partly that only a part went wrong. So fn does nothing that a rollback
// cannot undo; a letter is a row, not a call.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	return db.run(ctx, db.write, fn)
}

// Read runs fn in one transaction that can only read, and sees one state of
// the database throughout.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	return db.run(ctx, db.read, fn)
}

func (db *DB) run(ctx context.Context, pool *sql.DB, fn func(*Tx) error) error {
	t, err := pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer t.Rollback() // does nothing after Commit
	now := db.opt.Now().UTC().Truncate(time.Second)
	err = fn(&Tx{t, now, db.opt.NewID, db.opt.NewToken})
	if partly := (Partly{}); err != nil && !errors.As(err, &partly) {
		return err
	}
	if failed := t.Commit(); failed != nil {
		return fmt.Errorf("commit: %w", failed)
	}
	return err
}

// Row is what a scan function reads from.
type Row interface{ Scan(dest ...any) error }

// All returns what the query finds, each row read by scan.
func All[T any](ctx context.Context, tx *Tx, scan func(Row) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	defer rows.Close()
	var found []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("scan: %w", err)
		}
		found = append(found, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	return found, nil
}

// One returns the first row that the query finds, or ErrNoRow.
func One[T any](ctx context.Context, tx *Tx, scan func(Row) (T, error), query string, args ...any) (T, error) {
	all, err := All(ctx, tx, scan, query, args...)
	var zero T
	if err != nil {
		return zero, err
	}
	if len(all) == 0 {
		return zero, ErrNoRow
	}
	return all[0], nil
}

// Value scans a row of one column.
func Value[T any](r Row) (T, error) {
	var v T
	err := r.Scan(&v)
	return v, err
}

// Exec runs a statement and returns how many rows it changed.
func Exec(ctx context.Context, tx *Tx, query string, args ...any) (int64, error) {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, fmt.Errorf("exec: %w", err)
	}
	return res.RowsAffected()
}

// IsBusy reports whether the error says that the database cannot be written
// just now (locked by another process, disk full, failing disk), so that
// trying later may help.
func IsBusy(err error) bool {
	var e sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case sqlite.ErrBusy, sqlite.ErrLocked, sqlite.ErrFull, sqlite.ErrIoErr:
		return true
	}
	return false
}

// IsConstraint reports whether the database itself refused a row.
func IsConstraint(err error) bool {
	var e sqlite.Error
	return errors.As(err, &e) && e.Code == sqlite.ErrConstraint
}

// Folder makes sure that the folder of a database file is there; it is never
// made, for a misspelt name would begin an empty database.
func Folder(path string) error {
	dir := filepath.Dir(path)
	info, err := os.Stat(dir)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("the folder %s does not exist: make it, or name another database with --database", dir)
	}
	if err != nil {
		return fmt.Errorf("look at the folder %s: %w", dir, err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder: name another database with --database", dir)
	}
	return nil
}
