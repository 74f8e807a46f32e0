package store

import (
	"bytes"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing/fstest"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrNewerSchema says that a newer release has migrated this database.
var ErrNewerSchema = errors.New("the database was made by a newer release of Stafett")

// Version tells the schema's number in the file and the number that this
// program knows.
func (db *DB) Version(ctx context.Context) (have, want int64, err error) {
	p, err := db.provider()
	if err != nil {
		return 0, 0, err
	}
	for _, s := range p.ListSources() {
		want = max(want, s.Version)
	}
	var tables int
	err = db.write.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version'`).Scan(&tables)
	if err != nil || tables == 0 {
		return 0, want, err
	}
	var n sql.NullInt64
	err = db.write.QueryRowContext(ctx, `SELECT max(version_id) FROM goose_db_version`).Scan(&n)
	return n.Int64, want, err
}

// Migrate brings the schema to the number to, or to the newest when to is 0.
// It refuses a newer schema, checks the file first, also when there is nothing
// to do, and leaves a copy beside it (FILE.before-N) when there is anything to
// lose. Each step is one transaction, so a start that is killed goes on at the
// next one.
func (db *DB) Migrate(ctx context.Context, to int64) error {
	have, want, err := db.Version(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if have > want {
		return fmt.Errorf("%w: its schema is %d, this program knows %d", ErrNewerSchema, have, want)
	}
	if to == 0 {
		to = want
	}
	if have > 0 {
		if err := db.quickCheck(ctx); err != nil {
			return err
		}
	}
	if have >= to {
		return nil
	}
	if have > 0 {
		if err := db.copyBefore(ctx, have); err != nil {
			return err
		}
	}
	if _, err := db.write.ExecContext(ctx, fmt.Sprintf("PRAGMA application_id = %d", applicationID)); err != nil {
		return fmt.Errorf("mark the database: %w", err)
	}
	p, err := db.provider()
	if err != nil {
		return err
	}
	if _, err := p.UpTo(ctx, to); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// checkedUpTo is the size of file, in bytes, up to which every start checks all
// of it; a larger one would keep people waiting.
const checkedUpTo = 1 << 30

func (db *DB) quickCheck(ctx context.Context) error {
	info, err := os.Stat(db.path)
	if err != nil {
		return fmt.Errorf("look at the database: %w", err)
	}
	if info.Size() > checkedUpTo {
		return nil
	}
	return db.check(ctx, "PRAGMA quick_check(1)")
}

func (db *DB) copyBefore(ctx context.Context, have int64) error {
	file := fmt.Sprintf("%s.before-%d", db.path, have)
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove an older copy: %w", err)
	}
	return db.Backup(ctx, file)
}

func (db *DB) provider() (*goose.Provider, error) {
	files, err := forSQLite(migrations)
	if err != nil {
		return nil, err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db.write, files)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return p, nil
}

// sqliteTypes turns PostgreSQL's type names, in which migrations are written,
// into those that a STRICT table of SQLite knows.
var sqliteTypes = strings.NewReplacer(
	"BIGINT", "INTEGER", "BOOLEAN", "INTEGER", "JSONB", "TEXT", "BYTEA", "BLOB", "\n);", "\n) STRICT;")

func forSQLite(source fs.FS) (fs.FS, error) {
	names, err := fs.Glob(source, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	files := fstest.MapFS{}
	for _, name := range names {
		text, err := fs.ReadFile(source, name)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		data := []byte(sqliteTypes.Replace(string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")))))
		files[strings.TrimPrefix(name, "migrations/")] = &fstest.MapFile{Data: data}
	}
	return files, nil
}
