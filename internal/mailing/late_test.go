package mailing_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func schedule(t testing.TB, db *store.DB, m mailing.Mailing, at time.Time) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error { return mailing.Schedule(ctx, tx, m.ID, m.Revision, at, by) })
}

// The server stood still meanwhile: "see you in half an hour" is not sent in the
// evening, nor during the event.
func TestWhatIsLateDoesNotGoByItselfOnceItsEventHasBegun(t *testing.T) {
	for name, tt := range map[string]struct {
		at, back time.Duration // after the start
		want     mailing.Status
	}{
		"back before the start":                  {-30 * time.Minute, -time.Minute, mailing.Sending},
		"back after it":                          {-30 * time.Minute, 0, mailing.Draft},
		"during the event, back while it is on":  {time.Hour, 2 * time.Hour, mailing.Sending},
		"during the event, back when it is over": {time.Hour, 4 * time.Hour, mailing.Draft},
		"when it was over in any case":           {3 * time.Hour, 20 * time.Hour, mailing.Sending},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *event.Content) { c.EndsAt = c.StartsAt.Add(3 * time.Hour) })
			registrationtest.Sign(t, db, ev.ID, 1)
			m := draft(t, db, ev, mailing.OfEvent(ev.ID))
			schedule(t, db, m, ev.StartsAt.Add(tt.at))
			clock.Set(ev.StartsAt.Add(tt.back))
			work(t, db)
			if m = find(t, db, m.ID); m.Status != tt.want {
				t.Errorf("%s, want %s", m.Status, tt.want)
			}
		})
	}
}

func TestALetterOfBeforeTheEventDoesNotLeaveAfterIt(t *testing.T) {
	for name, tt := range map[string]struct{ at, want time.Duration }{ // after the start
		"two days before":   {-50 * time.Hour, -2 * time.Hour}, // within 48 hours as any other
		"an hour before":    {-time.Hour, 3 * time.Hour},
		"while it is on":    {2 * time.Hour, 50 * time.Hour},
		"when it has ended": {4 * time.Hour, 52 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *event.Content) { c.EndsAt = c.StartsAt.Add(3 * time.Hour) })
			r := registrationtest.Sign(t, db, ev.ID, 1)
			m := draft(t, db, ev, mailing.OfEvent(ev.ID))
			clock.Set(ev.StartsAt.Add(tt.at))
			send(t, db, m)
			work(t, db)
			if got := written(t, db, "not_after = ?", store.At(ev.StartsAt.Add(tt.want))); !slices.Equal(got, []string{r.Email}) {
				t.Errorf("the end is not %v after the start", tt.want)
			}
		})
	}
}

// What the page promises and what is done is one rule.
func TestTheMomentThatIsPromisedIsTheOneAtWhichLettersGo(t *testing.T) {
	for name, tt := range map[string]struct{ starts, at, want string }{
		"in the day":                    {"2027-03-10T08:00:00Z", "2027-03-09T12:00:00Z", "2027-03-09T12:00:00Z"},
		"in the night":                  {"2027-03-10T08:00:00Z", "2027-03-09T21:00:00Z", "2027-03-10T06:00:00Z"},
		"the event begins before seven": {"2027-03-10T05:30:00Z", "2027-03-09T21:00:00Z", "2027-03-09T21:00:00Z"},
		"the event is over":             {"2027-03-08T08:00:00Z", "2027-03-09T21:00:00Z", "2027-03-10T06:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			starts, _ := time.Parse(time.RFC3339, tt.starts)
			at, _ := time.Parse(time.RFC3339, tt.at)
			ev := registrationtest.Event(t, db, func(c *event.Content) { c.StartsAt, c.EndsAt = starts, starts.Add(time.Hour) })
			r := registrationtest.Sign(t, db, ev.ID, 1)
			m := draft(t, db, ev, mailing.OfEvent(ev.ID))
			schedule(t, db, m, at)
			m = find(t, db, m.ID)
			if got := m.GoesAt(at, []event.Event{ev}, time.UTC).Format(time.RFC3339); got != tt.want {
				t.Errorf("the page says %s", got)
			}
			clock.Set(at)
			work(t, db)
			if got := written(t, db, "due_at = ?", tt.want); !slices.Equal(got, []string{r.Email}) {
				t.Error("the letter goes at another time")
			}
		})
	}
}

// A mailing that cannot be read, or whose letters cannot be written, is a fault of
// its own.
func TestOneBrokenMailingDoesNotStopOthers(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	delivered(t, db)
	broken, whole := draft(t, db, ev, mailing.OfEvent(ev.ID)), draft(t, db, ev, mailing.OfEvent(ev.ID))
	send(t, db, broken)
	clock.Advance(time.Second)
	schedule(t, db, whole, clock.Now().Add(time.Minute))
	clock.Advance(time.Hour)
	write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE mailing SET selection = '{' WHERE id = ?`, broken.ID)
		return err
	})
	var fault error
	for more, n := true, 0; more && n < 5; n++ {
		fault = db.Write(ctx, func(tx *store.Tx) (err error) {
			more, err = mailing.Work(ctx, tx)
			return err
		})
	}
	if fault == nil || !strings.Contains(fault.Error(), broken.ID) || strings.Contains(fault.Error(), whole.ID) {
		t.Errorf("fault: %v", fault)
	}
	if got := written(t, db, "mailing_id = ?", whole.ID); !slices.Equal(got, []string{r.Email}) {
		t.Errorf("letters of the other: %q", got)
	}
	delivered(t, db)
	_ = db.Write(ctx, func(tx *store.Tx) error { _, err := mailing.Work(ctx, tx); return err }) // the same fault
	if got := find(t, db, whole.ID).Status; got != mailing.Sent {
		t.Errorf("the other is %s", got)
	}
}

// They count together with those of any other letter.
func TestAMailingIsTriedSoOftenAnHour(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	m := draft(t, db, ev, mailing.OfEvent(ev.ID))
	try := func() error {
		return db.Write(ctx, func(tx *store.Tx) error {
			return mailing.Try(ctx, tx, m, message.Test{EventID: ev.ID}, "sv", "karin@region.example")
		})
	}
	for range message.TestsAnHour - 1 {
		if err := try(); err != nil {
			t.Fatal(err)
		}
	}
	other := func(tx *store.Tx) error {
		return message.EnqueueTest(ctx, tx, message.Confirmed, "karin@region.example", "sv", ev.ProgrammeID, message.Test{})
	}
	write(t, db, other)
	if err := try(); !errors.Is(err, message.ErrTooManyTests) {
		t.Errorf("one more test of the mailing: %v", err)
	}
	if err := db.Write(ctx, other); !errors.Is(err, message.ErrTooManyTests) {
		t.Errorf("one more of another letter: %v", err)
	}
	clock.Advance(time.Hour + time.Second)
	if err := try(); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}
