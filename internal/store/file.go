package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// applicationID marks the file as Stafett's ("Staf"), so that no other
// program's database is ever migrated by mistake.
const applicationID = 0x53746166

// ErrNotOurs says that the file is something else than a Stafett database.
var ErrNotOurs = errors.New("not a Stafett database")

// checkFile looks at the header without opening the database, so that a
// foreign or broken file stays byte for byte as it was.
func checkFile(path string) error {
	if err := Folder(path); err != nil {
		return err
	}
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer f.Close()
	header := make([]byte, headerSize)
	n, err := io.ReadFull(f, header)
	if n == 0 {
		return nil // an empty file is a new database
	}
	if err != nil || !bytes.HasPrefix(header, []byte("SQLite format 3\x00")) {
		return fmt.Errorf("%s: %w: the file is not SQLite, or is cut short", path, ErrNotOurs)
	}
	id, tables := binary.BigEndian.Uint32(header[68:72]), hasTables(header)
	// No mark and no table is what a first start leaves when it is killed before
	// its first commit. Most other programs do not mark their databases either.
	if id != applicationID && (id != 0 || tables) {
		return fmt.Errorf("%s: %w: it belongs to another program", path, ErrNotOurs)
	}
	return nil
}

// headerSize is SQLite's header and the first bytes of the table of tables,
// which follows it on the first page (sqlite.org/fileformat.html 1.3 and 1.6).
const headerSize = 105

// hasTables reports whether the table of tables has any row. It is a leaf, and
// has no cells, only while it is empty.
func hasTables(header []byte) bool {
	const leaf = 0x0d
	return header[100] != leaf || binary.BigEndian.Uint16(header[103:105]) != 0
}

// Lock holds the right to serve a database.
type Lock struct{ f *os.File }

// AcquireLock takes the lock beside the database, so that two servers never
// share one file. It does not wait.
func AcquireLock(path string) (*Lock, error) {
	if err := Folder(path); err != nil {
		return nil, err
	}
	name := path + ".lock"
	f, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock %s: %w", name, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("the database is in use by another stafett (lock %s): stop it first, or name another database with --database", name)
	}
	return &Lock{f}, nil
}

// Release gives the lock back.
func (l *Lock) Release() error { return l.f.Close() }

// Backup writes a checked copy of the database to file, also while it is
// served. It leaves no file behind when anything is in doubt.
func (db *DB) Backup(ctx context.Context, file string) (err error) {
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s exists already: name a new file", file)
	}
	temporary := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".part")
	defer os.Remove(temporary)
	if err := os.Remove(temporary); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove an older attempt: %w", err)
	}
	if _, err := db.write.ExecContext(ctx, "VACUUM INTO ?", temporary); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	if err := os.Chmod(temporary, 0o600); err != nil {
		return fmt.Errorf("protect the copy: %w", err)
	}
	if err := verify(ctx, temporary); err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	if err := syncFile(temporary); err != nil {
		return fmt.Errorf("write the copy to disk: %w", err)
	}
	return os.Rename(temporary, file)
}

func verify(ctx context.Context, path string) error {
	copied, err := Open(ctx, path, Options{})
	if err != nil {
		return err
	}
	defer copied.read.Close()
	defer copied.write.Close()
	return copied.Integrity(ctx)
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// Integrity runs SQLite's own complete check.
func (db *DB) Integrity(ctx context.Context) error { return db.check(ctx, "PRAGMA integrity_check(1)") }

func (db *DB) check(ctx context.Context, pragma string) error {
	var answer string
	if err := db.write.QueryRowContext(ctx, pragma).Scan(&answer); err != nil {
		return fmt.Errorf("the database is damaged: %w", err)
	}
	if answer != "ok" {
		return fmt.Errorf("the database is damaged: %s", strings.Join(strings.Fields(answer), " "))
	}
	return nil
}

// WriteFile writes a small file so that it is there whole, on the disk, or as it
// was before.
func WriteFile(path string, content []byte) error {
	temporary := path + ".part"
	f, err := os.OpenFile(temporary, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		os.Remove(temporary)
		return fmt.Errorf("write %s: %w", path, err)
	}
	return syncFile(filepath.Dir(path))
}

// AppendFile adds to the end of a file, which is made when there is none. It is on
// the disk when it returns; a line that an earlier attempt left unfinished is
// ended first.
func AppendFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("add to %s: %w", path, err)
	}
	info, err := f.Stat()
	if last := make([]byte, 1); err == nil && info.Size() > 0 {
		if _, err = f.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
			content = append([]byte{'\n'}, content...)
		}
	}
	if err == nil {
		_, err = f.Write(content)
	}
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("add to %s: %w", path, err)
	}
	return syncFile(filepath.Dir(path))
}
