// Package material holds what organisers hand out after an event: links to slides,
// papers and recordings, and the letter that brings them to those who were there.
// A recording is not handed out before it has captions.
package material

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Material is one thing that is handed out, under an address of somebody's.
type Material struct {
	ID, EventID string
	Title, URL  string
	Recording   bool
	Captions    bool // of a recording
	CreatedAt   time.Time
}

// Host is where the address leads, as people know it.
func (m Material) Host() string {
	u, err := url.Parse(m.URL)
	if err != nil { // it was checked when it was stored
		return ""
	}
	return strings.TrimPrefix(u.Hostname(), "www.")
}

// Limits of what is handed out at one event.
const (
	maxTitle = 120
	maxURL   = 500
	most     = 20
)

// ErrTooMany says that an event has as many materials as it can have.
var ErrTooMany = &problem.Problem{Kind: problem.Conflict, Code: "too_many_materials", Args: []any{"most", most}}

func (m Material) check() error {
	var f problem.Fields
	switch n := utf8.RuneCountInString(m.Title); {
	case n == 0:
		f.Add("title", "required")
	case n > maxTitle:
		f.Add("title", "too_long", "most", maxTitle)
	case locale.Deceptive(m.Title, false):
		f.Add("title", "characters")
	case strings.Contains(m.Title, "://"):
		f.Add("title", "title_address")
	}
	u, err := url.Parse(m.URL)
	switch {
	case m.URL == "":
		f.Add("url", "required")
	case len(m.URL) > maxURL:
		f.Add("url", "too_long", "most", maxURL)
	case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsFunc(m.URL, func(r rune) bool { return r <= ' ' || r > '~' || r == '"' || r == '<' || r == '>' }):
		f.Add("url", "https")
	}
	if m.Recording && !m.Captions {
		f.Add("captions", "captions")
	}
	return f.Err()
}

// Add hands out one more thing at an event. Whoever has a place sees it on the page
// of their registration at once; a letter goes only when it is sent.
func Add(ctx context.Context, tx *store.Tx, m Material, by audit.Actor) (Material, error) {
	m.Title, m.URL = strings.TrimSpace(m.Title), strings.TrimSpace(m.URL)
	m.Captions = m.Captions && m.Recording
	ev, err := event.Find(ctx, tx, m.EventID)
	if err != nil {
		return m, err
	}
	if ev.Status == event.Draft || ev.Status == event.Cancelled {
		return m, event.ErrNotNow
	}
	if err := m.check(); err != nil {
		return m, err
	}
	all, err := Of(ctx, tx, m.EventID)
	if err != nil {
		return m, err
	}
	if len(all) >= most {
		return m, ErrTooMany
	}
	m.ID, m.CreatedAt = tx.NewID(), tx.Now
	_, err = store.Exec(ctx, tx, `INSERT INTO material (id, event_id, title, url, recording, captions, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		m.ID, m.EventID, m.Title, m.URL, m.Recording, m.Captions, store.At(m.CreatedAt))
	if err != nil {
		return m, fmt.Errorf("add material: %w", err)
	}
	return m, note(ctx, tx, ev, "material.add", m.Title, by)
}

// Remove takes one thing back. Letters that have left name it still.
func Remove(ctx context.Context, tx *store.Tx, eventID, id string, by audit.Actor) error {
	ev, err := event.Find(ctx, tx, eventID)
	if err != nil {
		return err
	}
	n, err := store.Exec(ctx, tx, `DELETE FROM material WHERE id = ? AND event_id = ?`, id, eventID)
	if err != nil {
		return fmt.Errorf("remove material: %w", err)
	}
	if n == 0 {
		return nil // the button pressed twice
	}
	return note(ctx, tx, ev, "material.remove", id, by)
}

func note(ctx context.Context, tx *store.Tx, ev event.Event, action, to string, by audit.Actor) error {
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: ev.ProgrammeID, Action: action, ObjectKind: "event", ObjectID: ev.ID, To: to})
}

// Of lists what is handed out at an event, the oldest first.
func Of(ctx context.Context, tx *store.Tx, eventID string) ([]Material, error) {
	return store.All(ctx, tx, func(r store.Row) (m Material, err error) {
		return m, r.Scan(&m.ID, &m.EventID, &m.Title, &m.URL, &m.Recording, &m.Captions, store.Time(&m.CreatedAt))
	}, `SELECT id, event_id, title, url, recording, captions, created_at FROM material WHERE event_id = ? ORDER BY created_at, id`, eventID)
}
