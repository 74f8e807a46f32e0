package message_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/message"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var ctx = context.Background()

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v.UTC()
}

func enqueue(t testing.TB, db *store.DB, r message.Request) (added bool) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		added, err = message.Enqueue(ctx, tx, r)
		return err
	})
	return added
}

// letter asks for one to nobody in particular.
func letter(key string, l message.Letter) message.Request {
	return message.Request{Key: key, Letter: l, Recipient: "anna@example.se", Language: "sv"}
}

func messages(t testing.TB, db *store.DB, where string, args ...any) (found []message.Message) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		ids, err := store.All(ctx, tx, store.Value[string], `SELECT id FROM message WHERE `+where+` ORDER BY id`, args...)
		for _, id := range ids {
			m, err := message.Find(ctx, tx, id)
			if err != nil {
				return err
			}
			found = append(found, m)
		}
		return err
	})
	return found
}

func TestHowEachLetterStandsToTheCalendarAndTheClock(t *testing.T) {
	type standing struct {
		Method   string
		Reminder bool
	}
	got := map[message.Letter]standing{}
	for _, l := range message.All() {
		got[l] = standing{l.Method(), l.IsReminder()}
	}
	want := map[message.Letter]standing{
		message.Confirmed: {"REQUEST", false}, message.EventMoved: {"REQUEST", false},
		message.Cancelled: {"CANCEL", false}, message.LateCancelled: {"CANCEL", false}, message.Transferred: {"CANCEL", false},
		message.EventCancelled: {"CANCEL", false}, message.EventPostponed: {"CANCEL", false},
		message.Waitlisted: {"", false}, message.WalkedIn: {"", false}, message.AlreadyHere: {"", false},
		message.ConfirmAddress: {"", false}, message.Requested: {"", false}, message.Rejected: {"", false}, message.Offered: {"", false},
		message.Declined: {"", false}, message.Expired: {"", false}, message.StayedAway: {"", false}, message.Decide: {"", false}, message.GroupSkipped: {"", false},
		message.SignIn: {"", false}, message.ConfirmNews: {"", false}, message.SaidNo: {"", false}, message.Materials: {"", false}, message.Mailing: {"", false}, message.News: {"", false}, message.Invitation: {"", false}, message.Erasure: {"", false},
		message.ThankYou: {"", true}, message.WeekBefore: {"", true}, message.DayBefore: {"", true}, message.HourBefore: {"", true},
		message.OwnWords: {"", true}, message.Roster: {"", true},
		message.BookingConfirmed: {"REQUEST", false}, message.BookingMoved: {"REQUEST", false}, message.AdviserBooked: {"REQUEST", false},
		message.BookingCancelled: {"CANCEL", false}, message.BookingLate: {"CANCEL", false}, message.AdviserFree: {"CANCEL", false},
		message.BookingRequested: {"", false}, message.BookingWaiting: {"", false}, message.BookingDeclined: {"", false}, message.BookingLapsed: {"", false},
		message.BookingMissed: {"", false}, message.BookingSettled: {"", false}, message.BookingCorrected: {"", false}, message.MayBook: {"", false},
		message.TimesProposed: {"", false}, message.AdviserChased: {"", false}, message.HoursAmiss: {"", false}, message.BookingReminder: {"", true},
		message.ApplicationReceived: {"", false}, message.ApplicationNeedsMore: {"", false}, message.ApplicationGranted: {"", false},
		message.ApplicationRejected: {"", false}, message.ApplicationReminder: {"", true}, message.ApplicationEnded: {"", false}, message.PayoutAnswered: {"", false},
		message.AskDeclaration: {"", false}, message.AidGranted: {"", false}, message.AidRefused: {"", false}, message.RegisterDeadline: {"", false},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheLastRunOfEachJobIsKnown(t *testing.T) {
	db, clock := storetest.New(t)
	note := func(name, fault string) time.Time {
		storetest.Write(t, db, func(tx *store.Tx) error { return message.NoteRun(ctx, tx, name, fault) })
		defer clock.Advance(time.Minute)
		return clock.Now()
	}
	note("reminders", "")
	mail := note("mail", "no such host")
	note("reminders", "broken")
	reminders := note("reminders", "")
	again := note("mail", "another") // of another kind now, but it has not gone right since
	storetest.Read(t, db, func(tx *store.Tx) error {
		got, err := message.Runs(ctx, tx)
		if diff := cmp.Diff([]message.Run{{Name: "mail", At: again, Fault: "another", Since: mail}, {Name: "reminders", At: reminders}}, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
}

func TestMessagesAreCountedByState(t *testing.T) {
	db, clock := storetest.New(t)
	all := []message.Status{message.Waiting, message.Sent, message.Failed, message.Dropped, message.Uncertain, message.Held}
	for i, s := range all {
		for n := range i + 1 {
			enqueue(t, db, letter(fmt.Sprintf("%s:%d", s, n), message.Confirmed))
		}
		clock.Advance(time.Minute)
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, err := store.Exec(ctx, tx, `UPDATE message SET status = ?, done_at = CASE WHEN ? IN ('waiting', 'held') THEN NULL ELSE created_at END WHERE unique_key LIKE ?`, s, s, string(s)+":%")
			return err
		})
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		got, err := message.Filter{Reach: message.Reach{Personal: true}}.Tally(ctx, tx)
		if diff := cmp.Diff(message.Counts{Waiting: 1, Sent: 2, Failed: 3, Dropped: 4, Uncertain: 5, Held: 6}, got); diff != "" || got.Stuck() != 14 {
			t.Errorf("%v, stuck %d: %s", err, got.Stuck(), diff)
		}
		stuck, err := message.List(ctx, tx, nil, []message.Status{message.Failed, message.Held}, 7)
		if len(stuck) != 7 || stuck[0].Status != message.Held || stuck[6].Status != message.Failed {
			t.Errorf("the newest that are stuck: %d, %v", len(stuck), err)
		}
		if stuck, err := message.List(ctx, tx, []string{}, []message.Status{message.Failed}, 7); len(stuck) != 0 || err != nil {
			t.Errorf("of no programme: %v, %v", stuck, err)
		}
		return err
	})
}
