package registration_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// TestTheWholeStoryOfAnEventOverTheBeginningOfSummerTime lives through an event
// on the Tuesday after Easter 2027, from the day it is published until well
// after its end. Summer time begins on Easter Sunday, 28 March. The reminders
// are run every minute, each time twice, and what has been written in the end
// is everything that anybody gets.
func TestTheWholeStoryOfAnEventOverTheBeginningOfSummerTime(t *testing.T) {
	stockholm, err := time.LoadLocation("Europe/Stockholm")
	if err != nil {
		t.Fatal(err)
	}
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2027, month, day, hour, minute, 0, 0, stockholm)
	}
	db, clock := storetest.New(t)
	clock.Set(at(2, 1, 10, 0))
	ev := registrationtest.Event(t, db, func(c *content) {
		registrationtest.Hybrid(c)
		c.RoomPlaces, c.StartsAt, c.EndsAt = new(2), at(3, 30, 9, 0), at(3, 30, 12, 0)
	})
	if want := at(3, 23, 23, 59); !ev.ClosesAt.Equal(want) {
		t.Fatalf("registration closes %v, want %v", ev.ClosesAt.In(stockholm), want)
	}
	ids := map[int]string{}
	sign := func(n int, mode event.Mode) func() error {
		return func() error {
			q := registrationtest.Request(ev.ID, n)
			q.Mode = mode
			o, err := register(db, q)
			ids[n] = o.Registration.ID
			return err
		}
	}
	happenings := []struct {
		when time.Time
		what func() error
	}{
		{at(2, 1, 10, 5), sign(1, event.Room)},
		{at(2, 1, 10, 10), sign(2, event.Room)},
		{at(2, 1, 10, 15), sign(3, event.Room)}, // waits
		{at(2, 1, 10, 20), sign(4, event.Online)},
		{at(3, 22, 22, 30), func() error { _, err := withdraw(db, ids[2], person); return err }}, // at night the third is offered the place
		{at(3, 23, 7, 30), func() error { _, err := accept(db, ids[3]); return err }},            // in time: the offer went out at seven
		{at(3, 23, 20, 0), sign(5, event.Online)},
		{at(3, 23, 23, 55), sign(6, event.Room)},  // waits, in the last minutes
		{at(3, 24, 12, 0), sign(7, event.Online)}, // too late
		{at(3, 26, 14, 0), func() error { // Good Friday, after the day's reminder
			q := registrationtest.Request(ev.ID, 8)
			q.Mode = event.Room
			r, err := addByHand(db, q, true)
			ids[8] = r.ID
			return err
		}},
		{at(3, 27, 12, 0), func() error { // the evening before the clocks change: another room
			now := findEvent(t, db, ev.ID)
			c := now.Content
			c.VenueName = "Biblioteket"
			_, err := updateEvent(db, now, c)
			return err
		}},
		{at(3, 30, 8, 31), func() error { _, err := join(db, ids[4]); return err }},
		{at(3, 30, 9, 5), func() error { _, err := attend(db, ids[1], present); return err }},
		{at(3, 30, 9, 6), func() error { _, err := attend(db, ids[3], present); return err }},
		{at(3, 30, 9, 7), func() error { _, err := attend(db, ids[8], present); return err }},
		{at(3, 30, 9, 8), func() error { _, err := attend(db, ids[5], absent); return err }},
		{at(3, 30, 15, 0), func() error {
			return db.Write(ctx, func(tx *store.Tx) error { _, err := event.MarkHeld(ctx, tx, ev.ID, audit.System); return err })
		}},
	}
	refusals := map[int]error{8: registration.ErrClosed} // by the place in the list
	next := 0
	happen := func(now time.Time) {
		for ; next < len(happenings) && !happenings[next].when.After(now); next++ {
			clock.Set(happenings[next].when)
			switch err := happenings[next].what(); {
			case refusals[next] != nil:
				refused(t, happenings[next].when.String(), err, registration.ErrClosed)
			case err != nil:
				t.Fatalf("%v: %v", happenings[next].when, err)
			}
		}
		clock.Set(now)
	}
	// Minute by minute around the event, hour by hour before and after.
	step := func(now time.Time) time.Duration {
		if now.After(at(3, 22, 12, 0)) && now.Before(at(3, 31, 12, 0)) {
			return time.Minute
		}
		return time.Hour
	}
	for now := at(2, 1, 10, 0); now.Before(at(4, 30, 0, 0)); now = now.Add(step(now)) {
		happen(now)
		for range 2 {
			storetest.Write(t, db, func(tx *store.Tx) error { _, err := message.EnqueueDue(ctx, tx); return err })
		}
	}
	if next != len(happenings) {
		t.Fatalf("%d of %d things happened", next, len(happenings))
	}

	var got []string
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := message.List(ctx, tx, nil, []message.Status{message.Waiting, message.Held, message.Sent, message.Dropped, message.Failed, message.Uncertain}, 1000)
		slices.SortFunc(all, func(a, b message.Message) int {
			if c := a.DueAt.Compare(b.DueAt); c != 0 {
				return c
			}
			return strings.Compare(a.Recipient, b.Recipient)
		})
		for _, m := range all {
			who, _, _ := strings.Cut(m.Recipient, "@")
			sequence := ""
			if m.CalendarSequence != nil {
				sequence = fmt.Sprintf(" #%d", *m.CalendarSequence)
			}
			got = append(got, fmt.Sprintf("%s %s %s%s", m.DueAt.In(stockholm).Format("Mon 2 Jan 15:04 MST"), m.Letter, who, sequence))
		}
		return err
	})
	same(t, "all that anybody gets", got, []string{
		"Mon 1 Feb 10:05 CET E02 person001 #0",
		"Mon 1 Feb 10:10 CET E02 person002 #0",
		"Mon 1 Feb 10:15 CET E03 person003",
		"Mon 1 Feb 10:20 CET E02 person004 #0",
		"Mon 22 Mar 22:30 CET E10 person002 #1",
		"Tue 23 Mar 07:00 CET E07 person003", // nothing is offered at night
		"Tue 23 Mar 07:30 CET E02 person003 #0",
		"Tue 23 Mar 09:00 CET E18 person001", // seven days before, on the local clock
		"Tue 23 Mar 09:00 CET E18 person003",
		"Tue 23 Mar 20:00 CET E02 person005 #0",
		"Tue 23 Mar 23:55 CET E03 person006",
		"Thu 25 Mar 09:00 CET E19 person001", // the working day before: Easter lies between
		"Thu 25 Mar 09:00 CET E19 person003",
		"Thu 25 Mar 09:00 CET E19 person004",
		"Thu 25 Mar 09:00 CET E19 person005",
		"Fri 26 Mar 14:00 CET E02 person008 #0", // came after the reminder and has none
		"Sat 27 Mar 12:00 CET E15 person001 #1",
		"Sat 27 Mar 12:00 CET E15 person003 #1",
		"Sat 27 Mar 12:00 CET E15 person006",
		"Sat 27 Mar 12:00 CET E15 person008 #1",
		"Sun 28 Mar 09:00 CEST O3 ida.lind",   // two days before, to the organiser
		"Tue 30 Mar 08:00 CEST E20 person004", // an hour before, online alone
		"Tue 30 Mar 08:00 CEST E20 person005",
		"Wed 31 Mar 09:00 CEST E16 person001", // the day after, to those who were there
		"Wed 31 Mar 09:00 CEST E16 person003",
		"Wed 31 Mar 09:00 CEST E16 person004",
		"Wed 31 Mar 09:00 CEST E16 person008",
	})
	sound(t, db, ev.ID)
}
