package message_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// To whom a letter went can be seen for twelve months after it is done with, and
// for as long as its event is ahead.
func TestLettersOfLongAgoLoseTheirPerson(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	later := registrationtest.Event(t, db, func(c *event.Content) { c.StartsAt, c.EndsAt = c.StartsAt.AddDate(1, 0, 0), c.EndsAt.AddDate(1, 0, 0) })
	people := map[string]string{"over": registrationtest.Sign(t, db, ev.ID, 1).ID, "ahead": registrationtest.Sign(t, db, later.ID, 2).ID}
	storetest.Write(t, db, func(tx *store.Tx) error {
		for _, id := range people {
			all, err := message.OfRegistration(context.Background(), tx, id)
			if err != nil {
				return err
			}
			if err := message.Again(context.Background(), tx, all[0].ID, tx.Now, "try_later 451 4.7.1"); err != nil {
				return err
			}
			if _, err := store.Exec(context.Background(), tx, `UPDATE message SET status = 'sent', done_at = ? WHERE registration_id = ?`, store.At(tx.Now), id); err != nil {
				return err
			}
		}
		return nil
	})
	swept := func(when time.Time) map[string]string {
		clock.Set(when)
		for more := true; more; {
			storetest.Write(t, db, func(tx *store.Tx) (err error) { more, err = message.Sweep(context.Background(), tx); return err })
		}
		got := map[string]string{}
		storetest.Read(t, db, func(tx *store.Tx) error {
			for name, id := range people {
				all, err := message.OfRegistration(context.Background(), tx, id)
				if err != nil {
					return err
				}
				attempts, err := message.Attempts(context.Background(), tx, all[0].ID)
				if err != nil {
					return err
				}
				got[name] = fmt.Sprintf("%s %s to %q, attempts %d", all[0].Letter, all[0].Status, all[0].Recipient, len(attempts))
			}
			return nil
		})
		return got
	}
	kept := func(n int) string { return fmt.Sprintf("E02 sent to %q, attempts 1", registrationtest.Address(n)) }
	const gone = `E02 sent to "", attempts 0`
	end := registrationtest.Starts.AddDate(0, 12, 1)
	for _, tt := range []struct {
		when time.Time
		want map[string]string
	}{
		{end.AddDate(0, 0, -4), map[string]string{"over": kept(1), "ahead": kept(2)}},
		{end, map[string]string{"over": gone, "ahead": kept(2)}},
		{end.AddDate(1, 0, 0), map[string]string{"over": gone, "ahead": gone}},
	} {
		if diff := cmp.Diff(tt.want, swept(tt.when)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.when, diff)
		}
	}
}
