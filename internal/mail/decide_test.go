package mail

import (
	"context"
	"strings"
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/store"
)

func TestTheLetterAboutTooFewCountsThoseOfWhomItSpeaks(t *testing.T) {
	w := newWorld(t, func(c *event.Content) { c.MinParticipants = new(2) })
	w.signUp("Anna")
	gone := w.signUp("Bo")
	w.signUp("Cia") // waits, and is offered the place
	w.withdraw(gone)
	w.deliver()
	w.clock.Set(w.event.DecisionTime())
	w.write(func(ctx context.Context, tx *store.Tx) error { // the offer is not answered yet
		_, err := store.Exec(ctx, tx, `UPDATE registration SET hold_until = ? WHERE status = 'offered'`, store.At(w.event.StartsAt))
		return err
	})
	w.write(func(ctx context.Context, tx *store.Tx) error { return registration.AskDecisions(ctx, tx) })
	w.deliver()
	if text := w.last().Text; !strings.Contains(text, "Just nu har en person en plats") || !strings.Contains(text, "minst 2") {
		t.Errorf("the letter says\n%s", text)
	}
}
