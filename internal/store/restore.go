package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// CopyIn copies a database file, with the write-ahead log that belongs to it if
// there is one, and leaves nothing behind when it fails. The copy is on the disk
// when it returns; the file itself is only read.
func CopyIn(from, to string) (err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, RemoveCopy(to))
		}
	}()
	if err := RemoveCopy(to); err != nil {
		return err
	}
	for _, part := range []string{"", "-wal"} {
		if err := copyFile(from+part, to+part); err != nil && !(part != "" && errors.Is(err, os.ErrNotExist)) {
			return fmt.Errorf("copy %s: %w", from+part, err)
		}
	}
	return nil
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	if info, err := source.Stat(); err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, fmt.Errorf("%s is not a file", from))
	}
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}

// RemoveCopy removes a database file and what SQLite keeps beside it.
func RemoveCopy(path string) error {
	for _, part := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(path + part); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove an unfinished copy: %w", err)
		}
	}
	return nil
}

// Replace puts the database file with, which nobody has open, in the place of the
// one at path, which is kept as kept. At every moment one of the two stands there
// whole: a program that is killed in between leaves the old one, or the new one.
// There need be none at path; then nothing is kept.
func Replace(ctx context.Context, path, with, kept string) error {
	if err := syncFile(with); err != nil {
		return fmt.Errorf("write %s to disk: %w", with, err)
	}
	info, err := os.Stat(path)
	switch {
	case err == nil:
		if err := keep(ctx, path, kept); err != nil {
			return err
		}
		if err := sameOwner(with, info); err != nil {
			return err
		}
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("look at %s: %w", path, err)
	}
	// A log left by another database would be read into the new one.
	for _, part := range []string{"-wal", "-shm", "-journal"} {
		if err := os.Remove(path + part); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the old log: %w", err)
		}
	}
	if err := os.Rename(with, path); err != nil {
		return fmt.Errorf("put the database in place: %w", err)
	}
	return syncFile(filepath.Dir(path))
}

// keep gives the database at path a second name. Its log is folded into it first,
// so that the file is all of it; a damaged one, where that cannot be done, keeps
// its log under the second name too.
func keep(ctx context.Context, path, kept string) error {
	parts := []string{""}
	if err := fold(ctx, path); IsBusy(err) || errors.Is(err, ErrOpenElsewhere) {
		return fmt.Errorf("another program has %s open: end it first: %w", path, err)
	} else if err != nil {
		parts = append(parts, "-wal", "-journal")
	}
	for _, part := range parts {
		err := os.Link(path+part, kept+part)
		if errors.Is(err, os.ErrExist) {
			return fmt.Errorf("%s is there already", kept+part)
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) { // a file system without second names
			err = copyFile(path+part, kept+part)
		}
		if err != nil && !(part != "" && errors.Is(err, os.ErrNotExist)) {
			return fmt.Errorf("keep the present database as %s: %w", kept+part, err)
		}
	}
	return syncFile(filepath.Dir(path))
}

// fold folds the log of a database into its file.
func fold(ctx context.Context, path string) error {
	db, err := Open(ctx, path, Options{})
	if err != nil {
		return err
	}
	var busy, pages, moved int
	err = db.write.QueryRowContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &pages, &moved)
	err = errors.Join(err, db.read.Close(), db.write.Close())
	if err == nil && busy != 0 {
		return ErrOpenElsewhere
	}
	return err
}

// ErrOpenElsewhere says that another program has the database open.
var ErrOpenElsewhere = errors.New("the database is in use")

// sameOwner gives a file the owner of the one that it replaces, where they differ
// since the command runs as somebody else than the server.
func sameOwner(path string, as os.FileInfo) error {
	owner, ok := as.Sys().(*syscall.Stat_t)
	if !ok || int(owner.Uid) == os.Getuid() {
		return nil
	}
	if err := os.Chown(path, int(owner.Uid), int(owner.Gid)); err != nil {
		return fmt.Errorf("give %s the owner of the database that it replaces: %w; run the command as that user", path, err)
	}
	return nil
}
