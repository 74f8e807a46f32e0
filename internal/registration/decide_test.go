package registration_test

import (
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestTheOrganiserIsAskedAnewAboutAnEventThatIsMoved(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.MinParticipants, c.DecisionOn = new(5), "2027-03-01" })
	asked := func() (n int) {
		t.Helper()
		storetest.Write(t, db, func(tx *store.Tx) (err error) {
			if err = registration.AskDecisions(ctx, tx); err != nil {
				return err
			}
			n, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE letter = ?`, message.Decide)
			return err
		})
		return n
	}
	same(t, "before the day", asked(), 0)
	clock.Set(ev.DecisionTime())
	same(t, "on the day", asked(), 1)
	same(t, "an hour later", asked(), 1)
	moved, err := moveEvent(db, ev.ID, starts.AddDate(0, 2, 0))
	if err != nil {
		t.Fatal(err)
	}
	same(t, "moved two months on", asked(), 1)
	clock.Set(moved.DecisionTime().Add(-time.Second))
	same(t, "before the new day", asked(), 1)
	clock.Advance(time.Second)
	same(t, "on the new day", asked(), 2)
	if _, err := moveEvent(db, ev.ID, clock.Now().AddDate(0, 0, 3)); err != nil {
		t.Errorf("moved to an earlier day: %v", err)
	}
	same(t, "its day has passed", asked(), 2)
}
