package message_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"stafett/internal/message"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// burst writes n letters in one go.
func burst(t *testing.T, db *store.DB, event string, l message.Letter, n int) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		for i := range n {
			r := letter(fmt.Sprintf("%s:%s:%s:%d", event, l, tx.Now, i), l)
			r.ProgrammeID, r.EventID = "p", event
			if _, err := message.Enqueue(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
}

// deliver ends the next n letters of an event, each so long after the one before.
func deliver(t *testing.T, db *store.DB, clock *storetest.Clock, event string, n int, each time.Duration) {
	t.Helper()
	for range n {
		clock.Advance(each)
		storetest.Write(t, db, func(tx *store.Tx) error {
			id, err := store.One(ctx, tx, store.Value[string], `SELECT id FROM message WHERE event_id = ? AND status = 'waiting' ORDER BY due_at, created_at, id LIMIT 1`, event)
			if err != nil {
				return err
			}
			return message.Finish(ctx, tx, id, message.Sent, "")
		})
	}
}

func TestSeveralMailingsAtOnceAreCountedEachByItself(t *testing.T) {
	db, clock := storetest.New(t)
	programmes(t, db)
	for _, id := range []string{"e", "f"} {
		storetest.Write(t, db, func(tx *store.Tx) error {
			at := store.At(tx.Now)
			_, err := store.Exec(ctx, tx, `INSERT INTO event (id, programme_id, slug, kind, title, language, mode, starts_at, ends_at, time_zone, registration_closes_at, status, created_at, changed_at)
				VALUES (?, 'p', ?, 'seminar', 'Ett', 'sv', 'room', '2027-03-10T08:00:00Z', '2027-03-10T11:00:00Z', 'Europe/Stockholm', ?, 'published', ?, ?)`, id, id, at, at, at)
			return err
		})
	}
	see := func(event string, want ...string) []message.Progress {
		t.Helper()
		var got []message.Progress
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			got, err = message.Bursts(ctx, tx, message.Reach{Programmes: []string{"p"}}, event)
			return err
		})
		var lines []string
		for _, p := range got {
			lines = append(lines, fmt.Sprintf("%s %s %d/%d due %d, %d a minute, %s left", p.EventID, p.Letter, p.Done(), p.Total, p.Due, p.PerMinute(), p.Left()))
		}
		if fmt.Sprint(lines) != fmt.Sprint(want) {
			t.Errorf("got  %q\nwant %q", lines, want)
		}
		return got
	}
	burst(t, db, "e", message.EventMoved, 100)
	clock.Advance(time.Second)
	burst(t, db, "f", message.DayBefore, 30)
	// What single people cause meanwhile belongs to no mailing.
	for range 25 {
		clock.Advance(time.Second)
		burst(t, db, "e", message.Confirmed, 1)
	}
	see("", "e E15 0/100 due 100, 0 a minute, 0s left", "f E19 0/30 due 30, 0 a minute, 0s left")
	deliver(t, db, clock, "e", 31, time.Second)
	see("", "e E15 31/100 due 69, 60 a minute, 1m9s left", "f E19 0/30 due 30, 0 a minute, 0s left")
	see("f", "f E19 0/30 due 30, 0 a minute, 0s left")
	// It slows down: the pace is that of the last two minutes, not of all.
	deliver(t, db, clock, "e", 12, 20*time.Second)
	see("e", "e E15 43/100 due 57, 3 a minute, 19m0s left")
	// Nothing has gone for long: how long it takes cannot be told.
	clock.Advance(time.Hour)
	see("e", "e E15 43/100 due 57, 0 a minute, 0s left")
	// One is tried again later: nothing is on its way, and the rest is done.
	deliver(t, db, clock, "e", 56, time.Second)
	storetest.Write(t, db, func(tx *store.Tx) error {
		id, err := store.One(ctx, tx, store.Value[string], `SELECT id FROM message WHERE event_id = 'e' AND letter = 'E15' AND status = 'waiting'`)
		if err != nil {
			return err
		}
		return message.Again(ctx, tx, id, tx.Now.Add(time.Hour), "try_later 451 4.7.1")
	})
	got := see("e", "e E15 99/100 due 0, 60 a minute, 0s left")
	if len(got) != 1 || got[0].Running() || got[0].Again != 1 || !got[0].NextAt.Equal(clock.Now().Add(time.Hour)) {
		t.Errorf("%+v", got)
	}
	clock.Advance(6 * time.Minute)
	see("e")
	clock.Advance(time.Hour) // its time has come
	see("e", "e E15 99/100 due 1, 0 a minute, 0s left")
	storetest.Read(t, db, func(tx *store.Tx) error {
		due, err := message.DueNow(ctx, tx, message.Reach{Programmes: []string{"p"}})
		if due != 1+25+30 {
			t.Errorf("%d may go now", due)
		}
		return err
	})
}

func TestConfirmationsThatAreOutAreNoMailing(t *testing.T) {
	db, clock := storetest.New(t)
	programmes(t, db)
	storetest.Write(t, db, func(tx *store.Tx) error {
		at := store.At(tx.Now)
		_, err := store.Exec(ctx, tx, `INSERT INTO event (id, programme_id, slug, kind, title, language, mode, starts_at, ends_at, time_zone, registration_closes_at, status, created_at, changed_at)
			VALUES ('e', 'p', 'e', 'seminar', 'Ett', 'sv', 'room', '2027-03-10T08:00:00Z', '2027-03-10T11:00:00Z', 'Europe/Stockholm', ?, 'published', ?, ?)`, at, at, at)
		return err
	})
	count := func() (n int) {
		storetest.Read(t, db, func(tx *store.Tx) error {
			got, err := message.Bursts(ctx, tx, message.Reach{Programmes: []string{"p"}}, "e")
			n = len(slices.DeleteFunc(got, message.Progress.Forgotten))
			return err
		})
		return n
	}
	burst(t, db, "e", message.Confirmed, 39)
	if n := count(); n != 1 {
		t.Errorf("while they wait: %d bars", n)
	}
	deliver(t, db, clock, "e", 39, time.Second)
	if n := count(); n != 0 {
		t.Errorf("when all are out: %d bars", n)
	}
	burst(t, db, "e", message.EventMoved, 39)
	deliver(t, db, clock, "e", 39, time.Second)
	if n := count(); n != 1 {
		t.Errorf("of a move, when all are out: %d bars", n)
	}
}
