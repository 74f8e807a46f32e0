package transport

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"
)

// mostStored is how many letters a Mailbox remembers.
const mostStored = 2000

// Mailbox catches letters in memory instead of sending them, so that the demo
// can show them. It stands in for SMTP, and may be used by many at once.
type Mailbox struct {
	now    func() time.Time
	mu     sync.Mutex
	lastID int
	stored []Stored // oldest first
}

// Stored is one letter that was caught. Data must not be changed.
type Stored struct {
	ID       int // counts from 1 and is never used twice
	At       time.Time
	From, To string
	Data     []byte
}

// NewMailbox makes an empty mailbox, with the clock that dates its letters.
func NewMailbox(now func() time.Time) *Mailbox {
	return &Mailbox{now: now}
}

// Send puts a letter into the mailbox. It refuses what SMTP would refuse by
// itself, so that the demo shows faults as they are. Beyond 2000 letters the
// oldest are forgotten.
func (m *Mailbox) Send(ctx context.Context, e Envelope) Result {
	switch {
	case ctx.Err() != nil:
		return failure{naming, context.Canceled}.result()
	case !e.addressesFit():
		return unfitAddress()
	case !e.dataFits():
		return unfitData()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lastID++
	m.stored = append(m.stored, Stored{m.lastID, m.now(), e.From, e.To, bytes.Clone(e.Data)})
	if excess := len(m.stored) - mostStored; excess > 0 {
		m.stored = slices.Delete(m.stored, 0, excess)
	}
	return Result{Outcome: Sent, Code: 250}
}

// List returns the letters, newest first.
func (m *Mailbox) List() []Stored {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := slices.Clone(m.stored)
	slices.Reverse(list)
	return list
}

// Find returns the letter with that id, if it is still there.
func (m *Mailbox) Find(id int) (Stored, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i, found := slices.BinarySearchFunc(m.stored, id, func(s Stored, id int) int { return s.ID - id })
	if !found {
		return Stored{}, false
	}
	return m.stored[i], true
}

// Clear empties the mailbox.
func (m *Mailbox) Clear() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stored = nil
}

// Check finds nothing wrong: a mailbox needs no server.
func (m *Mailbox) Check(context.Context) error { return nil }

// Close does nothing; the letters can still be read.
func (m *Mailbox) Close() error { return nil }
