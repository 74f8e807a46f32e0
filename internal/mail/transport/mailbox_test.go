package transport

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// carrier is what the outbox needs; both ways of sending have it.
type carrier interface {
	Send(context.Context, Envelope) Result
	Check(context.Context) error
	Close() error
}

var (
	_ carrier = (*SMTP)(nil)
	_ carrier = (*Mailbox)(nil)
)

// clock is a minute later each time it is asked.
func clock() func() time.Time {
	now := time.Date(2027, 3, 3, 8, 0, 0, 0, time.UTC)
	return func() time.Time {
		now = now.Add(time.Minute)
		return now
	}
}

func TestTheMailboxShowsTheNewestLetterFirst(t *testing.T) {
	m := NewMailbox(clock())
	for _, to := range []string{"a@kund.example", "b@kund.example"} {
		wantResult(t, accepted, m.Send(t.Context(), letterTo(to)))
	}
	data := letterTo("a@kund.example").Data
	want := []Stored{
		{2, time.Date(2027, 3, 3, 8, 2, 0, 0, time.UTC), "bounce+01JZ@lyftet.example", "b@kund.example", data},
		{1, time.Date(2027, 3, 3, 8, 1, 0, 0, time.UTC), "bounce+01JZ@lyftet.example", "a@kund.example", data},
	}
	if diff := cmp.Diff(want, m.List()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, found := m.Find(1); !found || got.To != "a@kund.example" {
		t.Errorf("Find(1) = %v, %v", got, found)
	}
	for _, id := range []int{0, 3, -1} {
		if got, found := m.Find(id); found {
			t.Errorf("Find(%d) = %v", id, got)
		}
	}
}

func TestTheMailboxKeepsItsOwnCopy(t *testing.T) {
	m := NewMailbox(clock())
	e := letterTo("a@kund.example")
	m.Send(t.Context(), e)
	e.Data[0] = 'X'
	if got, _ := m.Find(1); got.Data[0] != 'S' {
		t.Error("the stored letter changed")
	}
}

func TestAClearedMailboxNeverUsesAnIDAgain(t *testing.T) {
	m := NewMailbox(clock())
	m.Send(t.Context(), letterTo("a@kund.example"))
	m.Clear()
	if n := len(m.List()); n != 0 {
		t.Errorf("%d letters", n)
	}
	m.Send(t.Context(), letterTo("b@kund.example"))
	if _, found := m.Find(1); found {
		t.Error("letter 1 is back")
	}
	if got, found := m.Find(2); !found || got.To != "b@kund.example" {
		t.Errorf("Find(2) = %v, %v", got, found)
	}
}

func TestTheMailboxForgetsTheOldestLetters(t *testing.T) {
	m := NewMailbox(clock())
	for range mostStored + 5 {
		m.Send(t.Context(), letterTo("a@kund.example"))
	}
	list := m.List()
	if len(list) != mostStored || list[0].ID != mostStored+5 || list[len(list)-1].ID != 6 {
		t.Errorf("%d letters from %d to %d", len(list), list[0].ID, list[len(list)-1].ID)
	}
	if _, found := m.Find(5); found {
		t.Error("letter 5 is still there")
	}
}

func TestAStoppedProgramPutsNothingIntoTheMailbox(t *testing.T) {
	m := NewMailbox(clock())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	wantOutcome(t, Again, true, m.Send(ctx, letterTo("a@kund.example")))
	if n := len(m.List()); n != 0 {
		t.Errorf("%d letters", n)
	}
}

func TestManyMayUseTheMailboxAtOnce(t *testing.T) {
	m := NewMailbox(time.Now)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			for range 20 {
				m.Send(t.Context(), letterTo("a@kund.example"))
				if _, found := m.Find(m.List()[0].ID); !found {
					t.Error("a listed letter is not found")
				}
			}
		})
	}
	all.Wait()
	seen := map[int]bool{}
	for _, s := range m.List() {
		seen[s.ID] = true
	}
	if len(seen) != 400 {
		t.Errorf("%d different ids, want 400", len(seen))
	}
}
