package news

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// Consents that were taken back stand in a file beside the database too, one a
// line and only ever added, so that going back to a backup sends nobody news who
// had ended it since. There are ids in it and nothing that says who it is.

// Noted is a line of that file.
type Noted struct {
	ID      string    `json:"id"`
	EndedAt time.Time `json:"ended_at"`
	EndedBy End       `json:"by"`
}

// BesideFile is where the ends of news stand beside a database.
func BesideFile(database string) string { return database + ".news-ended" }

// NoteBeside adds to the file what it does not say yet. Running it often does no
// harm.
func NoteBeside(ctx context.Context, db *store.DB) error {
	list, err := ReadBeside(db.Path())
	if err != nil {
		return err
	}
	known := map[Noted]bool{}
	for _, n := range list {
		known[n] = true
	}
	var ended []Noted
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		ended, err = store.All(ctx, tx, func(r store.Row) (n Noted, err error) {
			return n, r.Scan(&n.ID, store.Time(&n.EndedAt), (*string)(&n.EndedBy))
		}, `SELECT id, ended_at, ended_by FROM subscription WHERE status = 'ended' ORDER BY ended_at, id`)
		return err
	})
	if err != nil {
		return err
	}
	var lines []byte
	for _, n := range ended {
		n.EndedAt = n.EndedAt.UTC()
		if known[n] {
			continue
		}
		line, err := json.Marshal(n)
		if err != nil {
			return fmt.Errorf("note that news ended: %w", err)
		}
		lines = append(append(lines, line...), '\n')
	}
	if len(lines) == 0 {
		return nil
	}
	return store.AppendFile(BesideFile(db.Path()), lines)
}

// ReadBeside reads what stands beside a database. A line that was not finished is
// left out.
func ReadBeside(database string) (all []Noted, err error) {
	content, err := os.ReadFile(BesideFile(database))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the ends of news beside the database: %w", err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		var n Noted
		if json.Unmarshal(lines.Bytes(), &n) == nil && n.ID != "" {
			n.EndedAt = n.EndedAt.UTC()
			all = append(all, n)
		}
	}
	return all, nil
}

// StopAgain ends what a database that went back to a backup has forgotten the end
// of. What was agreed to later than it ended stays.
func StopAgain(ctx context.Context, tx *store.Tx, ended []Noted) error {
	for _, n := range ended {
		s, err := Find(ctx, tx, n.ID)
		if errors.Is(err, problem.ErrMissing) {
			continue
		}
		if err != nil {
			return err
		}
		if s.ConfirmedAt.After(n.EndedAt) {
			continue
		}
		if err := Stop(ctx, tx, s, n.EndedBy); err != nil {
			return err
		}
	}
	return nil
}
