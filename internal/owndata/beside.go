package owndata

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/store"
)

// Requests for erasure stand in a file beside the database too, one a line and
// only ever added, so that going back to a backup erases again who was erased
// since. There are ids in it and nothing that says who it is.

// noted is a line of that file.
type noted struct {
	ID           string    `json:"id"`
	PersonID     string    `json:"person"`
	ProgrammeID  string    `json:"programme,omitempty"`
	AskedAt      time.Time `json:"asked_at"`
	Erased       int       `json:"erased,omitempty"`
	Kept         int       `json:"kept,omitempty"`
	Status       Status    `json:"status"`
	DecidedAt    time.Time `json:"decided_at,omitzero"`
	PublicRecord bool      `json:"public_record,omitempty"`
}

func (q Request) noted() noted {
	return noted{q.ID, q.PersonID, q.ProgrammeID, q.AskedAt, q.Erased, q.Kept, q.Status, q.DecidedAt, q.PublicRecord}
}

func (n noted) request() Request {
	return Request{
		ID: n.ID, PersonID: n.PersonID, ProgrammeID: n.ProgrammeID, AskedAt: n.AskedAt, Erased: n.Erased, Kept: n.Kept,
		Status: n.Status, DecidedAt: n.DecidedAt, PublicRecord: n.PublicRecord,
	}
}

// BesideFile is where the requests for erasure stand beside a database.
func BesideFile(database string) string { return database + ".erased" }

// NoteBeside adds to the file what it does not say yet. Running it often does no
// harm.
func NoteBeside(ctx context.Context, db *store.DB) error {
	known, err := ReadBeside(db.Path())
	if err != nil {
		return err
	}
	var all []Request
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = store.All(ctx, tx, scanRequest, selectRequest+`ORDER BY asked_at, id`)
		return err
	})
	if err != nil {
		return err
	}
	var lines []byte
	for _, q := range all {
		i := slices.IndexFunc(known, func(k Request) bool { return k.ID == q.ID })
		if i >= 0 && known[i].Status == q.Status {
			continue
		}
		line, err := json.Marshal(q.noted())
		if err != nil {
			return fmt.Errorf("note a request for erasure: %w", err)
		}
		lines = append(append(lines, line...), '\n')
	}
	if len(lines) == 0 {
		return nil
	}
	return store.AppendFile(BesideFile(db.Path()), lines)
}

// ReadBeside reads the requests that stand beside a database, each as it was last,
// in the order in which they were made. A line that was not finished is left out.
func ReadBeside(database string) (all []Request, err error) {
	content, err := os.ReadFile(BesideFile(database))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the requests for erasure beside the database: %w", err)
	}
	at := map[string]int{}
	for lines := bufio.NewScanner(bytes.NewReader(content)); lines.Scan(); {
		var n noted
		if json.Unmarshal(lines.Bytes(), &n) != nil || n.ID == "" || n.PersonID == "" {
			continue
		}
		if i, known := at[n.ID]; known {
			all[i] = n.request()
			continue
		}
		at[n.ID] = len(all)
		all = append(all, n.request())
	}
	return all, nil
}

// AskAgain puts back requests that a database which went back to a backup has
// forgotten, and tells how many people that brings back to be erased. Places ahead
// are given up as they were then, without a letter: they had it. Erase does the
// rest.
func AskAgain(ctx context.Context, tx *store.Tx, requests []Request) (people int, err error) {
	again := map[string]bool{}
	for _, q := range requests {
		put, err := q.putBack(ctx, tx)
		if err != nil {
			return 0, err
		}
		if !put || q.Status != Granted {
			continue
		}
		again[q.PersonID] = true
		fates, err := fatesOf(ctx, tx, q.PersonID)
		if err != nil {
			return 0, err
		}
		for _, f := range fates {
			if !q.covers(f) || !f.GivenUp {
				continue
			}
			if err := giveUp(ctx, tx, f, true); err != nil {
				return 0, err
			}
			if err := message.Forget(ctx, tx, f.Registration.ID); err != nil {
				return 0, err
			}
		}
	}
	return len(again), nil
}

// putBack writes a request as it was last, where the person is known; false when
// the database has it so, or knows nobody to whom it belongs.
func (q Request) putBack(ctx context.Context, tx *store.Tx) (bool, error) {
	n, err := store.Exec(ctx, tx, `
		INSERT INTO erasure_request (id, person_id, programme_id, asked_at, erased, kept, status, decision, decided_at, public_record)
		SELECT ?, p.id, ?, ?, ?, ?, ?, '', ?, ? FROM person p
		WHERE p.id = ? AND p.email NOT LIKE 'erased:%' AND (? = '' OR EXISTS (SELECT 1 FROM programme g WHERE g.id = ?))
		ON CONFLICT (id) DO UPDATE SET status = excluded.status, decided_at = excluded.decided_at, public_record = excluded.public_record
		WHERE erasure_request.status <> excluded.status`,
		q.ID, store.Text(q.ProgrammeID), store.At(q.AskedAt), q.Erased, q.Kept, q.Status, store.At(q.DecidedAt), q.PublicRecord,
		q.PersonID, q.ProgrammeID, q.ProgrammeID)
	if err != nil || n == 0 {
		return false, err
	}
	return true, audit.Add(ctx, tx, audit.Entry{
		Actor: audit.System, ProgrammeID: q.ProgrammeID, Action: "erasure.again", ObjectKind: "person", ObjectID: q.PersonID, To: string(q.Status),
	})
}
