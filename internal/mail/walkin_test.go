package mail

import (
	"context"
	"strings"
	"testing"
	"time"

	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
)

func (w *world) walkIn(name string) (r registration.Registration) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		r, err = registration.WalkIn(ctx, tx, w.event.ID, registration.Arrival{Name: name, Email: "door@firma.example", Language: "sv", By: organiser})
		return err
	})
	return r
}

func TestWhoWalkedInHearsOfItOnceAfterTheEvent(t *testing.T) {
	w := newWorld(t)
	w.clock.Set(w.event.StartsAt)
	w.walkIn("Dan Ek")
	w.walkIn("Dan Ek") // the same person at the other door
	w.deliver()
	wantOutbox(t, w, "E02b waiting")
	w.clock.Set(w.event.EndsAt.Add(-time.Second))
	w.deliver()
	wantOutbox(t, w, "E02b waiting")
	w.clock.Set(w.event.EndsAt)
	w.deliver()
	w.advance(time.Hour)
	w.deliver()
	wantOutbox(t, w, "E02b sent")
	l := w.last()
	if !strings.Contains(l.Text, "/r/") || !strings.Contains(l.Text, "intyg") || len(l.Calendar) > 0 || len(l.Attachments) > 0 {
		t.Errorf("the letter says:\n%s", l.Text)
	}
}

func TestWhoWasMarkedByMistakeDoesNotHearOfIt(t *testing.T) {
	w := newWorld(t)
	w.clock.Set(w.event.StartsAt)
	r := w.walkIn("Dan Ek")
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, r.ID, registration.Absent, organiser)
		return err
	})
	w.clock.Set(w.event.EndsAt)
	w.deliver()
	wantOutbox(t, w, "E02b dropped "+message.ReasonGivenUp)
}

func TestWhoIsEnteredInTheEveningHearsOfItInTheMorning(t *testing.T) {
	w := newWorld(t)
	w.clock.Set(at(t, "2027-03-04 22:30"))
	w.walkIn("Dan Ek")
	w.deliver()
	wantOutbox(t, w, "E02b waiting")
	w.clock.Set(at(t, "2027-03-05 07:00"))
	w.deliver()
	wantOutbox(t, w, "E02b sent")
}
