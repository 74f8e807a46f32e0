package mail

import (
	"context"
	"strings"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// meanwhileOnline is a hybrid event whose one place in the room Ada has; Bo takes
// part online and waits for it.
func meanwhileOnline(t *testing.T) (w *world, ada, bo registration.Registration) {
	t.Helper()
	w = newWorld(t, func(c *event.Content) {
		c.Mode, c.RoomPlaces, c.OnlinePlaces, c.JoinURL = event.Hybrid, new(1), new(5), "https://meet.example.se/abc"
	})
	in := func(name string) (r registration.Registration) {
		w.advance(time.Minute)
		w.write(func(ctx context.Context, tx *store.Tx) error {
			o, err := registration.Register(ctx, tx, registration.Request{
				EventID: w.event.ID, FirstName: name, LastName: "Prov", Email: strings.ToLower(name) + "@firma.example", Language: "sv",
				Organisation: registration.Organisation{Kind: registration.OfNone}, Mode: event.Room,
			})
			r = o.Registration
			return err
		})
		return r
	}
	ada, bo = in("Ada"), in("Bo")
	w.deliver()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.ChangeMode(ctx, tx, bo.ID, event.Online, audit.Actor{Kind: "person", ID: bo.PersonID})
		return err
	})
	w.deliver()
	if text := breakable(w.last().Text); !strings.Contains(text, "Du har nu en plats digitalt.") || !strings.Contains(text, "Du står också i kö till lokalen, som nummer 1.") {
		t.Errorf("the letter about the place online says\n%s", text)
	}
	w.withdraw(ada)
	return w, ada, bo
}

func (w *world) answers(r registration.Registration, fn func(context.Context, *store.Tx, string, audit.Actor) (registration.Registration, error)) {
	w.t.Helper()
	w.advance(time.Minute)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := fn(ctx, tx, r.ID, audit.Actor{Kind: "person", ID: r.PersonID})
		return err
	})
}

func TestTheLettersAboutTheRoomToSomebodyOnline(t *testing.T) {
	for name, tt := range map[string]struct {
		answer   func(context.Context, *store.Tx, string, audit.Actor) (registration.Registration, error)
		calendar bool
		says     []string
	}{
		"yes": {registration.Accept, true, []string{"Du har nu en plats i lokalen", "Plats: Folkets hus"}},
		"no":  {registration.Decline, false, []string{"Du har tackat nej till platsen", "Du har kvar din plats digitalt.", "Plats: Digitalt", "/offer/"}},
	} {
		t.Run(name, func(t *testing.T) {
			w, _, bo := meanwhileOnline(t)
			w.deliver()
			two := w.letters()[3:] // to Ada, who has gone, and to Bo
			if text := breakable(two[0].Text + two[1].Text); !strings.Contains(text, "Platsen är i lokalen.") || !strings.Contains(text, "Plats: Folkets hus") {
				t.Errorf("the offer says\n%s", text)
			}
			w.answers(bo, tt.answer)
			w.deliver()
			l := w.last()
			for _, words := range tt.says {
				if !strings.Contains(breakable(l.Text), words) {
					t.Errorf("no %q in\n%s", words, l.Text)
				}
			}
			if told := len(l.Calendar) > 0; told != tt.calendar {
				t.Errorf("the calendar is told: %t", told)
			}
		})
	}
}

func TestANoToTheRoomThatWasTakenBackBeforeItLeftIsNotTold(t *testing.T) {
	w, _, bo := meanwhileOnline(t)
	w.answers(bo, registration.Decline)
	w.answers(bo, registration.WaitForRoom) // again in the queue, and offered it: the no is not worth telling
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E03 sent", "E02 sent", "E10 sent", "E07 sent", "E08 dropped "+message.ReasonHereAgain, "E07 sent")
}
