package recovery_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/recovery"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/restored"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var ctx = context.Background()

// letters lists what has become of the letters to somebody, as "E02 held".
func letters(t *testing.T, db *store.DB, id string) (all []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		written, err := message.OfRegistration(ctx, tx, id)
		for _, m := range written {
			all = append(all, fmt.Sprintf("%s %s", m.Letter, m.Status))
		}
		return err
	})
	return all
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// goBack marks the database as one that went back to a backup.
func goBack(t *testing.T, db *store.DB) (m recovery.Marked) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		m, err = recovery.Mark(ctx, tx, recovery.Beside{}, audit.Command)
		return err
	})
	return m
}

// minute does what runs by itself.
func minute(t *testing.T, db *store.DB) {
	t.Helper()
	for _, job := range []func(context.Context, *store.Tx) error{
		func(ctx context.Context, tx *store.Tx) error { _, err := message.EnqueueDue(ctx, tx); return err },
		registration.LetGo, registration.AskDecisions, registration.CloseOld,
	} {
		storetest.Write(t, db, func(tx *store.Tx) error { return job(ctx, tx) })
	}
}

// answer decides about every group and lets all go on.
func answer(t *testing.T, db *store.DB, send, anew bool) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		if old, err := message.OldOf(ctx, tx, nil); err != nil {
			return err
		} else if len(old) > 0 {
			if err := recovery.GoOn(ctx, tx, anew, registrationtest.Organiser); !errors.Is(err, recovery.ErrUndecided) {
				t.Errorf("goes on while letters wait: %v", err)
			}
			for _, o := range old {
				if _, err := recovery.Decide(ctx, tx, o, send, registrationtest.Organiser); err != nil {
					return err
				}
			}
		}
		return recovery.GoOn(ctx, tx, anew, registrationtest.Organiser)
	})
}

func TestNothingOldGoesUntilAnOrganiserHasAnsweredAndNewThingsGoAtOnce(t *testing.T) {
	for name, tt := range map[string]struct {
		send bool
		want []string
	}{
		"sent":        {true, []string{"E02 waiting", "E18 waiting"}},
		"thrown away": {false, []string{"E02 dropped", "E18 dropped"}},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			before := registrationtest.Sign(t, db, ev.ID, 1)
			from := clock.Now()
			clock.Set(registrationtest.Starts.AddDate(0, 0, -6)) // the week before came in what is lost
			m := goBack(t, db)
			same(t, "what is lost", m.Lost, restored.Lost{From: from, To: clock.Now()})
			same(t, "letters held", m.Held, 1)
			clock.Advance(time.Minute)
			minute(t, db)
			same(t, "from before", letters(t, db, before.ID), []string{"E02 held", "E18 held"})
			now := registrationtest.Event(t, db, func(c *event.Content) { c.StartsAt, c.EndsAt = c.StartsAt.AddDate(0, 2, 0), c.EndsAt.AddDate(0, 2, 0) })
			same(t, "of now", letters(t, db, registrationtest.Sign(t, db, now.ID, 2).ID), []string{"E02 waiting"})

			answer(t, db, tt.send, false)
			same(t, "from before, answered", letters(t, db, before.ID), tt.want)
			clock.Set(registrationtest.Starts.AddDate(0, 0, -1).Add(time.Hour)) // and the day before goes as ever
			minute(t, db)
			same(t, "reminders go on", letters(t, db, before.ID), []string{tt.want[0], "E18 dropped", "E19 waiting"}) // one not sent makes way
		})
	}
}

func TestTheAnswerWaitsForRemindersThatTheSchedulerHasNotComeTo(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	clock.Set(registrationtest.Starts.AddDate(0, 0, -6))
	goBack(t, db)
	err := db.Write(ctx, func(tx *store.Tx) error {
		old, err := message.OldOf(ctx, tx, nil)
		for _, o := range old {
			if _, err := recovery.Decide(ctx, tx, o, false, registrationtest.Organiser); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		return recovery.GoOn(ctx, tx, false, registrationtest.Organiser)
	})
	if !errors.Is(err, recovery.ErrUndecided) {
		t.Errorf("it goes on: %v", err)
	}
}

func TestOffersThatEndedInWhatIsLostWaitForTheAnswer(t *testing.T) {
	for name, tt := range map[string]struct {
		anew   bool
		first  registration.Status
		letter []string
		second registration.Status
	}{
		"end":     {false, registration.Expired, []string{"E03 dropped", "E07 dropped", "E09 waiting"}, registration.Offered},
		"go anew": {true, registration.Offered, []string{"E03 dropped", "E07 dropped", "E07 waiting"}, registration.Waitlisted},
	} {
		t.Run(name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = new(1) })
			has := registrationtest.Sign(t, db, ev.ID, 1)
			first, second := registrationtest.Sign(t, db, ev.ID, 2), registrationtest.Sign(t, db, ev.ID, 3)
			storetest.Write(t, db, func(tx *store.Tx) error {
				_, err := registration.Withdraw(ctx, tx, has.ID, registrationtest.Organiser, "")
				return err
			})
			clock.Advance(20 * 24 * time.Hour)
			goBack(t, db)
			clock.Advance(time.Hour)
			minute(t, db)
			storetest.Write(t, db, func(tx *store.Tx) error { // whatever people do at the event decides nothing old
				_, err := registration.Register(ctx, tx, registrationtest.Request(ev.ID, 4))
				return err
			})
			if got := registrationtest.Find(t, db, first.ID).Status; got != registration.Offered {
				t.Fatalf("the first is %s before anybody answered", got)
			}
			answer(t, db, false, tt.anew)
			minute(t, db)
			one := registrationtest.Find(t, db, first.ID)
			same(t, "the first", one.Status, tt.first)
			same(t, "letters to the first", letters(t, db, first.ID), tt.letter)
			same(t, "the second", registrationtest.Find(t, db, second.ID).Status, tt.second)
			if tt.anew && !one.HoldUntil.After(clock.Now()) {
				t.Errorf("the offer made anew ends %v", one.HoldUntil)
			}
		})
	}
}

// Free places with people waiting are of a moment that is lost: perhaps they have
// been given away since. Once something new happens there they are given on.
func TestFreePlacesOfBeforeAreGivenOnAfterTheAnswer(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = new(1) })
	registrationtest.Sign(t, db, ev.ID, 1)
	waits := registrationtest.Sign(t, db, ev.ID, 2)
	storetest.Write(t, db, func(tx *store.Tx) error { // the backup was made before the place was given on
		_, err := store.Exec(ctx, tx, `UPDATE event_capacity SET places = 2 WHERE event_id = ?`, ev.ID)
		return err
	})
	clock.Advance(24 * time.Hour)
	goBack(t, db)
	clock.Advance(time.Minute)
	minute(t, db)
	same(t, "before the answer", registrationtest.Find(t, db, waits.ID).Status, registration.Waitlisted)
	answer(t, db, false, false)
	minute(t, db)
	same(t, "after it", registrationtest.Find(t, db, waits.ID).Status, registration.Offered)
}

func TestEventsAreNeitherAskedAboutNorClosedTwice(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.MinParticipants = new(5) })
	was, away := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	asked := func() (found []string) {
		storetest.Read(t, db, func(tx *store.Tx) error {
			all, err := message.To(ctx, tx, "ida.lind@example.se")
			for _, m := range all {
				found = append(found, fmt.Sprintf("%s %s", m.Letter, m.Status))
			}
			return err
		})
		return found
	}
	clock.Set(registrationtest.Starts.AddDate(0, 0, -1))
	goBack(t, db)
	minute(t, db)
	same(t, "to the organiser", asked(), []string{"O3 held", "O1 held"})
	answer(t, db, false, false)

	clock.Set(registrationtest.Starts.Add(time.Hour))
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, was.ID, registration.Present, registrationtest.Organiser)
		return err
	})
	clock.Set(registrationtest.Starts.AddDate(0, 0, 20))
	goBack(t, db)
	minute(t, db)
	same(t, "before the answer", registrationtest.Find(t, db, away.ID).Status, registration.Confirmed)
	answer(t, db, false, false)
	same(t, "who stayed away", registrationtest.Find(t, db, away.ID).Status, registration.NoShow)
	minute(t, db)
	if slices.Contains(letters(t, db, away.ID), "E13 waiting") {
		t.Error("who stayed away is told, perhaps a second time")
	}
}

// What calendars have heard since the backup is not known; an update that counts
// from below it would change nothing there.
func TestInvitationsCountOnFromAboveWhatCalendarsMayHaveHeard(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	goBack(t, db)
	answer(t, db, false, false)
	clock.Advance(time.Hour)
	storetest.Read(t, db, func(tx *store.Tx) error {
		invited, err := message.Invited(ctx, tx, message.Thread{RegistrationID: r.ID})
		if invited != 0 {
			t.Errorf("the invitation that may have gone is %d", invited)
		}
		return err
	})
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.MoveEvent(ctx, tx, ev.ID, ev.StartsAt.AddDate(0, 0, 1), ev.EndsAt.AddDate(0, 0, 1), "", registrationtest.Organiser)
		return err
	})
	if got := registrationtest.Find(t, db, r.ID).CalendarSequence; got < 50 {
		t.Errorf("the update has the number %d", got)
	}
}

func TestADatabasePutBackByHandIsNoticed(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	notice := func() bool {
		t.Helper()
		_, found, err := recovery.Notice(ctx, db)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	beat := func() restored.Sign {
		t.Helper()
		if err := restored.Beat(ctx, db); err != nil {
			t.Fatal(err)
		}
		s, found, err := restored.ReadFile(db.Path())
		if err != nil || !found {
			t.Fatalf("no sign of life: %v", err)
		}
		return s
	}
	if notice() {
		t.Error("a new database is taken for one put back")
	}
	first := beat()
	clock.Advance(100 * time.Hour) // the server was down: that is another matter
	if notice() {
		t.Error("a database after a stop is taken for one put back")
	}
	second := beat()
	if second.ID != first.ID || second.Number <= first.Number {
		t.Fatalf("the sign went from %+v to %+v", first, second)
	}
	back := func() {
		storetest.Write(t, db, func(tx *store.Tx) error { // as it was at the first sign
			_, err := store.Exec(ctx, tx, `UPDATE installation SET number = ?`, first.Number)
			return err
		})
	}
	back()
	r := registrationtest.Sign(t, db, ev.ID, 1)
	if !notice() {
		t.Fatal("a database put back by hand is not noticed")
	}
	same(t, "letters", letters(t, db, r.ID), []string{"E02 held"})
	if notice() {
		t.Error("it is noticed a second time")
	}
	for what, content := range map[string]string{"nothing": "", "rubbish": "{", "another": `{"database":"another","number":99999,"at":"2027-01-01T00:00:00Z"}`} {
		if err := os.WriteFile(restored.File(db.Path()), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if notice() {
			t.Errorf("a file with %s makes it a database put back", what)
		}
	}
	os.Remove(restored.File(db.Path()))
	if notice() {
		t.Error("without the file it is taken for one put back")
	}
	clock.Advance(time.Minute)
	beat()
	storetest.Write(t, db, func(tx *store.Tx) error { // a backup of before there were signs, brought to the schema
		_, err := store.Exec(ctx, tx, `DELETE FROM installation`)
		return err
	})
	if !notice() {
		t.Error("a backup of before there were signs is not noticed")
	}
}
