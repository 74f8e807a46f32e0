package message_test

import (
	"testing"
	"time"

	"stafett/internal/message"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// What an organiser writes to ten thousand lets everybody else's letter pass, even
// a reminder that is due later.
func TestNobodysLetterWaitsForAMailing(t *testing.T) {
	db, clock := storetest.New(t)
	enqueue(t, db, letter("mailing", message.Mailing))
	clock.Advance(time.Minute)
	enqueue(t, db, letter("reminder", message.HourBefore))
	clock.Advance(time.Minute)
	enqueue(t, db, letter("confirmation", message.Confirmed))
	var order []message.Letter
	for range 3 {
		storetest.Write(t, db, func(tx *store.Tx) error {
			c, _, err := message.Claim(ctx, tx, time.Minute, message.Room{})
			order = append(order, c.Letter)
			return err
		})
	}
	if order[0] != message.Confirmed || order[1] != message.HourBefore || order[2] != message.Mailing {
		t.Errorf("they go in the order %q", order)
	}
}
