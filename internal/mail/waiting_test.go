package mail

import (
	"context"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// breakable is a text with ordinary spaces.
func breakable(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }

// queued is a world with one place, somebody who has it and somebody who waits;
// their letters have gone.
func queued(t *testing.T) (w *world, first, waiting registration.Registration) {
	w = newWorld(t, func(c *event.Content) { c.RoomPlaces = new(1) })
	first = w.signUp("Ada")
	w.advance(time.Minute)
	waiting = w.signUp("Bo")
	w.deliver()
	w.advance(time.Hour)
	return w, first, waiting
}

func TestAMoveWhileSomebodyWaitsHasNothingForTheirCalendar(t *testing.T) {
	w, _, _ := queued(t)
	w.moveEvent("2027-03-11 08:30", "2027-03-11 12:00")
	w.deliver()
	all := w.letters()
	for i, l := range all[2:] {
		to := w.postman.envelopes()[2+i].To
		toBo := strings.HasPrefix(to, "bo@")
		if got := len(l.Calendar) > 0; got == toBo {
			t.Errorf("to %s: a calendar part: %t", to, got)
		}
		if toBo && (!strings.Contains(breakable(l.Text), "Du står kvar på reservlistan, som nummer 1.") || !strings.Contains(breakable(l.Text), "/r/") || strings.Contains(breakable(l.Text), "behåller din plats")) {
			t.Errorf("the letter says:\n%s", l.Text)
		}
	}
	if len(all) != 4 {
		t.Errorf("%d letters instead of four", len(all))
	}
}

func TestTwoMovesInOneGoAreToldOnceToWhoWaits(t *testing.T) {
	w, _, _ := queued(t)
	w.moveEvent("2027-03-11 08:30", "2027-03-11 12:00")
	w.advance(time.Second)
	w.moveEvent("2027-03-12 08:30", "2027-03-12 12:00")
	w.advance(time.Second)
	w.deliver()
	if got := w.letters(); len(got) != 4 { // one more to each
		t.Fatalf("%d letters instead of four", len(got))
	}
	for _, l := range w.letters()[2:] {
		if !strings.Contains(breakable(l.Text), "12 mars 2027") || strings.Contains(breakable(l.Text), "Tid: torsdag 11 mars") {
			t.Errorf("it does not say the newest time:\n%s", l.Text)
		}
	}
	wantOutbox(t, w, "E02 sent", "E03 sent", "E15 sent", "E15 sent", "E15 dropped "+message.ReasonTold, "E15 dropped "+message.ReasonTold)
	w.advance(time.Minute)
	w.moveEvent("2027-03-15 08:30", "2027-03-15 12:00")
	w.deliver()
	if got := w.letters(); len(got) != 6 {
		t.Errorf("a third move: %d letters instead of six", len(got))
	}
}

func TestAMoveBeforeTheLetterFromTheListIsToldByThatLetter(t *testing.T) {
	w := newWorld(t, func(c *event.Content) { c.RoomPlaces = new(1) })
	w.signUp("Ada")
	w.signUp("Bo")
	w.advance(time.Second)
	w.moveEvent("2027-03-11 08:30", "2027-03-11 12:00")
	w.advance(time.Second)
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E03 sent", "E15 dropped "+message.ReasonTold, "E15 dropped "+message.ReasonTold)
	last := w.last()
	if !strings.Contains(breakable(last.Text), "Tidigare tid") || !strings.Contains(breakable(last.Text), "nummer 1 på reservlistan") {
		t.Errorf("the letter says:\n%s", last.Text)
	}
}

func TestWhoGetsAPlaceBeforeTheLetterGoesHearsOfTheMoveByTheConfirmation(t *testing.T) {
	w, first, waiting := queued(t)
	w.moveEvent("2027-03-11 08:30", "2027-03-11 12:00")
	w.withdraw(first)
	w.advance(time.Second)
	w.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.Accept(ctx, tx, waiting.ID, organiser)
		return err
	})
	w.deliver()
	wantOutbox(t, w, "E02 sent", "E03 sent", "E15 dropped "+message.ReasonGivenUp, "E15 dropped "+message.ReasonTold, "E10 sent", "E07 dropped "+message.ReasonNoLongerWaiting, "E02 sent")
}

func TestAnOfferAfterAMoveNamesTheDeadlineAsItIsNow(t *testing.T) {
	w, first, _ := queued(t)
	w.withdraw(first)
	w.deliver()
	w.advance(time.Minute)
	start := w.clock.Now().Add(5 * time.Hour).Truncate(time.Minute)
	local := start.In(w.event.Location())
	w.moveEvent(local.Format("2006-01-02 15:04"), local.Add(time.Hour).Format("2006-01-02 15:04"))
	w.deliver()
	l, envelopes := w.last(), w.postman.envelopes()
	to := envelopes[len(envelopes)-1].To
	if !strings.HasPrefix(to, "bo@") || !strings.Contains(breakable(l.Text), "/offer/") || !strings.Contains(breakable(l.Text), "kl. "+local.Add(-time.Hour).Format("15.04")+".") {
		t.Errorf("to %s, an hour before %s:\n%s", to, local, l.Text)
	}
}
