package registration_test

import (
	"fmt"
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// queuePage writes a page of the queue as "number name", with how many come only
// together and whether the company has its share.
func queuePage(t testing.TB, db *store.DB, eventID string, after, most int) (found []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := registration.Queue(ctx, tx, eventID, event.Room, after, most)
		for _, w := range all {
			line := fmt.Sprintf("%d %s", w.Number, w.LastName)
			if w.Together > 0 {
				line += fmt.Sprintf(", %d together", w.Together)
			}
			if w.Full {
				line += ", share full"
			}
			found = append(found, line)
		}
		return err
	})
	return found
}

func TestTheQueueIsReadInPagesInItsOrder(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *content) { places(1)(c); c.CompanyLimit = new(1) })
	registrationtest.SignUp(t, db, from(acme, ev.ID, 1))
	registrationtest.SignUp(t, db, from(acme, ev.ID, 2))
	if _, err := signGroup(db, ev.ID, true, 3, 4); err != nil {
		t.Fatal(err)
	}
	clock.Advance(1e9)
	registrationtest.SignUp(t, db, from(vik, ev.ID, 5))
	same(t, "all", queuePage(t, db, ev.ID, 0, 100), []string{"1 Nummer 3, 2 together", "2 Nummer 4, 2 together", "3 Nummer 5", "4 Nummer 2, share full"})
	same(t, "the second page", queuePage(t, db, ev.ID, 2, 1), []string{"3 Nummer 5"})
	same(t, "the last page", queuePage(t, db, ev.ID, 3, 100), []string{"4 Nummer 2, share full"})
	same(t, "after the last", queuePage(t, db, ev.ID, 4, 100), nil)
}
