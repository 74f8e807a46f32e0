package message_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/message"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestARequestBecomesOneMessage(t *testing.T) {
	db, clock := storetest.New(t)
	now := clock.Now()
	r := message.Request{
		Key: "k", Letter: message.EventMoved, Recipient: "anna@example.se", Language: "nn", Sequence: new(3),
		Details:   message.Details{Reason: "Salen <är> full", OldStart: "2027-03-10T08:00:00Z", FromList: true},
		NotBefore: now.Add(time.Hour), NotAfter: now.Add(24 * time.Hour),
	}
	if !enqueue(t, db, r) {
		t.Error("the first request is not new")
	}
	want := messages(t, db, "TRUE")
	if len(want) != 1 {
		t.Fatalf("%d messages", len(want))
	}
	if diff := cmp.Diff(message.Message{
		ID: want[0].ID, UniqueKey: "k", Letter: message.EventMoved, Recipient: "anna@example.se", Language: "nn", CalendarSequence: new(3), Details: r.Details,
		Status: message.Waiting, DueAt: r.NotBefore, NotAfter: r.NotAfter, CreatedAt: now,
	}, want[0]); diff != "" {
		t.Errorf("as stored (-want +got):\n%s", diff)
	}
	again := r
	again.Recipient, again.Letter, again.Details = "bo@example.se", message.Cancelled, message.Details{}
	clock.Advance(time.Hour)
	if enqueue(t, db, again) {
		t.Error("a second request with the same key is new")
	}
	if diff := cmp.Diff(want, messages(t, db, "TRUE")); diff != "" {
		t.Errorf("the second request changed the message:\n%s", diff)
	}
	if !enqueue(t, db, letter("another", message.Confirmed)) {
		t.Error("another key is not new")
	}
}

func TestWhenAMessageMayGo(t *testing.T) {
	db, clock := storetest.New(t)
	now := clock.Now()
	for i, tt := range []struct {
		name                string
		notBefore, notAfter time.Time
		due, end            time.Time
	}{
		{"at once, for 48 hours", time.Time{}, time.Time{}, now, now.Add(48 * time.Hour)},
		{"later, for 48 hours from then", now.Add(time.Hour), time.Time{}, now.Add(time.Hour), now.Add(49 * time.Hour)},
		{"never in the past", now.Add(-time.Hour), time.Time{}, now, now.Add(48 * time.Hour)},
		{"until its own end", time.Time{}, now.Add(time.Minute), now, now.Add(time.Minute)},
	} {
		r := letter(fmt.Sprint(i), message.Confirmed)
		r.NotBefore, r.NotAfter = tt.notBefore, tt.notAfter
		enqueue(t, db, r)
		m := messages(t, db, "unique_key = ?", r.Key)[0]
		if m.DueAt != tt.due || m.NotAfter != tt.end {
			t.Errorf("%s: due %v until %v", tt.name, m.DueAt, m.NotAfter)
		}
	}
}

func TestAMessageGoesWithTheChangeItTellsOf(t *testing.T) {
	db, _ := storetest.New(t)
	broken := errors.New("broken")
	err := db.Write(ctx, func(tx *store.Tx) error {
		if _, err := message.Enqueue(ctx, tx, letter("k", message.Confirmed)); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) || len(messages(t, db, "TRUE")) != 0 {
		t.Errorf("%v; %d messages are left", err, len(messages(t, db, "TRUE")))
	}
}

func TestStrangersCannotFillAMailbox(t *testing.T) {
	db, clock := storetest.New(t)
	n := 0
	stranger := func(recipient string) message.Status {
		n++
		r := message.Request{Key: fmt.Sprint(n), Letter: message.Waitlisted, Recipient: recipient, Language: "sv", Outside: true}
		if !enqueue(t, db, r) {
			return "" // nothing is written
		}
		return messages(t, db, "unique_key = ?", r.Key)[0].Status
	}
	// send tries once a minute and tells how many went.
	send := func(times int) (went int) {
		for range times {
			if stranger("anna@example.se") == message.Waiting {
				went++
			}
			clock.Advance(time.Minute)
		}
		return went
	}
	if got := send(15); got != 10 {
		t.Errorf("%d of 15 in a quarter of an hour went, want 10", got)
	}
	if got := stranger("bo@example.se"); got != message.Waiting {
		t.Errorf("to another address: %s", got)
	}
	if !enqueue(t, db, letter("own", message.Cancelled)) || messages(t, db, "unique_key = 'own'")[0].Status != message.Waiting {
		t.Error("what the owner of the address does is held too")
	}
	// Held ones do not count: two of the ten are more than an hour old, and make
	// room for two, however many were held meanwhile.
	clock.Advance(46 * time.Minute)
	if got := send(1); got != 1 {
		t.Error("what was held shuts the owner of the address out")
	}
	clock.Advance(2 * time.Hour)
	if got := send(12); got != 10 {
		t.Errorf("hours later %d of 12 went", got)
	}
	clock.Advance(2 * time.Hour)
	if got := send(12); got != 9 { // the 31st of the day is held
		t.Errorf("at the end of the day's thirty %d of 12 went, want 9", got)
	}
	// A hundred more leave no row: the one that is held says all they could say.
	send(100)
	held := messages(t, db, "status = 'held'")
	if len(held) != 1 || held[0].Reason != message.ReasonTooMany {
		t.Fatalf("%d held: %+v", len(held), held)
	}
	// One about something else is held beside it, and what an organiser throws
	// away does not count either.
	r := letter("other", message.AlreadyHere)
	r.Outside = true
	enqueue(t, db, r)
	if n := len(messages(t, db, "status = 'held'")); n != 2 {
		t.Errorf("%d held", n)
	}
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := message.Discard.Do(ctx, tx, held[0].ID)
		return err
	})
	clock.Advance(24*time.Hour - 2*time.Hour - 15*time.Minute)
	if got := send(12); got != 10 {
		t.Errorf("the day after %d of 12 went", got)
	}
}

func TestQuietHoursOfTheLocalClock(t *testing.T) {
	for _, tt := range []struct {
		name, at, latest, want string
	}{
		{"in the day nothing changes", "2027-03-03T12:00:00+01:00", "2027-03-10T09:00:00+01:00", "2027-03-03T12:00:00+01:00"},
		{"the first moment of the day", "2027-03-03T07:00:00+01:00", "2027-03-10T09:00:00+01:00", "2027-03-03T07:00:00+01:00"},
		{"the last moment of the day", "2027-03-03T20:59:59+01:00", "2027-03-10T09:00:00+01:00", "2027-03-03T20:59:59+01:00"},
		{"nine in the evening waits", "2027-03-03T21:00:00+01:00", "2027-03-10T09:00:00+01:00", "2027-03-04T07:00:00+01:00"},
		{"midnight waits", "2027-03-04T00:00:00+01:00", "2027-03-10T09:00:00+01:00", "2027-03-04T07:00:00+01:00"},
		{"just before seven waits", "2027-03-04T06:59:59+01:00", "2027-03-10T09:00:00+01:00", "2027-03-04T07:00:00+01:00"},
		{"seven would be too late for what begins at seven", "2027-03-04T06:00:00+01:00", "2027-03-04T07:00:00+01:00", "2027-03-03T20:59:00+01:00"},
		{"and is not for what begins a second after", "2027-03-04T06:00:00+01:00", "2027-03-04T07:00:01+01:00", "2027-03-04T07:00:00+01:00"},
		{"too late, asked before midnight", "2027-03-03T23:00:00+01:00", "2027-03-04T06:30:00+01:00", "2027-03-03T20:59:00+01:00"},
		{"over the night that summer time begins", "2027-03-27T22:00:00+01:00", "2027-04-10T09:00:00+02:00", "2027-03-28T07:00:00+02:00"},
		{"within that night", "2027-03-28T03:30:00+02:00", "2027-04-10T09:00:00+02:00", "2027-03-28T07:00:00+02:00"},
		{"too late after that night", "2027-03-28T05:30:00+02:00", "2027-03-28T06:30:00+02:00", "2027-03-27T20:59:00+01:00"},
		{"over the night that summer time ends", "2027-10-30T22:00:00+02:00", "2027-11-10T09:00:00+01:00", "2027-10-31T07:00:00+01:00"},
		{"too late after that night", "2027-10-31T05:30:00+01:00", "2027-10-31T06:30:00+01:00", "2027-10-30T20:59:00+02:00"},
		{"over the end of a month", "2027-02-28T23:00:00+01:00", "2027-03-10T09:00:00+01:00", "2027-03-01T07:00:00+01:00"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range []string{"Europe/Stockholm", "Europe/Oslo"} {
				loc := zone(t, name)
				got := message.AfterQuietHours(at(t, tt.at), at(t, tt.latest), loc)
				if want := at(t, tt.want); !got.Equal(want) {
					t.Errorf("%s: %v, want %v", name, got.In(loc), want.In(loc))
				}
			}
		})
	}
}
