package mailing_test

import (
	"fmt"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// Its letters are written in parts, each at a moment of its own, and two of them
// go to the people of one event.
func TestALargeMailingHasOneCount(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = nil })
	other := registrationtest.Event(t, db, nil)
	many(t, db, ev, mailing.Batch+30)
	first, second := draft(t, db, ev, mailing.OfEvent(ev.ID)), draft(t, db, ev, mailing.OfEvent(ev.ID))
	for _, m := range []mailing.Mailing{first, second} {
		send(t, db, m)
		for range 2 {
			write(t, db, func(tx *store.Tx) error { _, err := mailing.Work(ctx, tx); return err })
			clock.Advance(time.Second)
		}
	}
	write(t, db, func(tx *store.Tx) error { // a test, and a letter that has gone
		if err := mailing.Try(ctx, tx, first, message.Test{EventID: ev.ID}, "sv", "karin@region.example"); err != nil {
			return err
		}
		_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', done_at = ? WHERE mailing_id = ? AND recipient = 'many-00001@example.se'`, store.At(tx.Now), second.ID)
		return err
	})
	see := func(eventID string, want ...string) {
		t.Helper()
		storetest.Read(t, db, func(tx *store.Tx) error {
			bursts, err := message.Bursts(ctx, tx, message.Reach{Programmes: []string{ev.ProgrammeID}}, eventID)
			var got []string
			for _, b := range bursts {
				got = append(got, fmt.Sprintf("%s %s %d/%d", b.Key(), b.Letter, b.Done(), b.Total))
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			one, err2 := message.ProgressOf(ctx, tx, second.ID)
			if one.Total != mailing.Batch+30 || one.Sent != 1 || err2 != nil {
				t.Errorf("by itself: %+v %v", one, err2)
			}
			return err
		})
	}
	one, two := fmt.Sprintf("%s E27 0/530", first.ID), fmt.Sprintf("%s E27 1/530", second.ID)
	see("", one, two)
	see(ev.ID, one, two)
	see(other.ID)
	delivered(t, db)
	work(t, db)
	clock.Advance(6 * time.Minute)
	storetest.Read(t, db, func(tx *store.Tx) error {
		bursts, err := message.Bursts(ctx, tx, message.Reach{Personal: true}, "")
		if len(bursts) != 0 {
			t.Errorf("told of for ever: %+v", bursts)
		}
		return err
	})
}
