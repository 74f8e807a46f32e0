package message_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// The moments of the reminders of registrationtest's event.
var (
	starts  = registrationtest.Starts                     // Wednesday 10 March at nine
	ends    = starts.Add(3 * time.Hour)                   //
	weekDue = time.Date(2027, 3, 3, 8, 0, 0, 0, time.UTC) // Wednesday a week before at nine
	dayDue  = time.Date(2027, 3, 9, 8, 0, 0, 0, time.UTC) // Tuesday at nine
	hourDue = starts.Add(-time.Hour)
	thanks  = time.Date(2027, 3, 11, 8, 0, 0, 0, time.UTC) // Thursday at nine
)

// due sets the clock and lists which reminders are to go to those who take part,
// as "E18 person001".
func due(t testing.TB, db *store.DB, clock *storetest.Clock, now time.Time) []string {
	t.Helper()
	clock.Set(now)
	return listed(t, db, now)
}

func listed(t testing.TB, db *store.DB, until time.Time) (found []string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		reminders, err := message.Due(ctx, tx, until)
		for _, r := range reminders {
			if r.Audience == message.Organisers {
				continue
			}
			name, _, _ := strings.Cut(r.Address, "@")
			found = append(found, fmt.Sprintf("%s %s", r.Letter, name))
		}
		return err
	})
	return found
}

// run does what the scheduler does each minute and lists what was new.
func run(t testing.TB, db *store.DB, clock *storetest.Clock, now time.Time) (found []string) {
	t.Helper()
	clock.Set(now)
	before := len(messages(t, db, "rule_id IS NOT NULL"))
	var n int
	storetest.Write(t, db, func(tx *store.Tx) (err error) { n, err = message.EnqueueDue(ctx, tx); return err })
	all := messages(t, db, "rule_id IS NOT NULL")
	if len(all)-before != n {
		t.Errorf("EnqueueDue says %d, %d are new", n, len(all)-before)
	}
	for _, m := range all[before:] {
		if m.Letter == message.Roster {
			continue
		}
		name, _, _ := strings.Cut(m.Recipient, "@")
		found = append(found, fmt.Sprintf("%s %s", m.Letter, name))
	}
	return found
}

func same(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func withdraw(t testing.TB, db *store.DB, id string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.Withdraw(ctx, tx, id, audit.Actor{Kind: "person"}, "")
		return err
	})
}

func mark(t testing.TB, db *store.DB, id string, m registration.Mark) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, id, m, registrationtest.Organiser)
		return err
	})
}

func moveEvent(t testing.TB, db *store.DB, id string, to time.Time) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.MoveEvent(ctx, tx, id, to, to.Add(3*time.Hour), "Ny dag.", registrationtest.Organiser)
		return err
	})
}

func accept(t *testing.T, db *store.DB, id string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.Accept(ctx, tx, id, registrationtest.Organiser)
		return err
	})
}

func TestRemindersGoAtTheirMomentToWhoHadAPlaceBeforeIt(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	clock.Set(weekDue.Add(-time.Hour))
	registrationtest.Sign(t, db, ev.ID, 2)
	clock.Set(weekDue.Add(-time.Hour + time.Second)) // the confirmation says the same within the hour
	registrationtest.Sign(t, db, ev.ID, 4)
	same(t, "a second before the week before", due(t, db, clock, weekDue.Add(-time.Second)))
	clock.Set(weekDue)
	registrationtest.Sign(t, db, ev.ID, 3) // at the moment itself is after it
	same(t, "a week before", run(t, db, clock, weekDue), "E18 person001", "E18 person002")
	same(t, "a second before the day before", due(t, db, clock, dayDue.Add(-time.Second)))
	same(t, "the day before", run(t, db, clock, dayDue), "E19 person001", "E19 person002", "E19 person004", "E19 person003")
	same(t, "an hour before, in a room", due(t, db, clock, hourDue))
	same(t, "at the start", due(t, db, clock, starts))
	same(t, "the day after", run(t, db, clock, thanks), "E16 person001", "E16 person002", "E16 person004", "E16 person003")
}

func TestRemindersAreForThoseWithAPlace(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = new(3) })
	registrationtest.Sign(t, db, ev.ID, 1)
	gone := registrationtest.Sign(t, db, ev.ID, 2)
	late := registrationtest.Sign(t, db, ev.ID, 3)
	fourth := registrationtest.Sign(t, db, ev.ID, 4) // waits, and gets the place of the second
	fifth := registrationtest.Sign(t, db, ev.ID, 5)  // waits
	withdraw(t, db, gone.ID)
	accept(t, db, fourth.ID)
	same(t, "a week before", run(t, db, clock, weekDue), "E18 person001", "E18 person003", "E18 person004")
	clock.Set(weekDue.AddDate(0, 0, 1))
	withdraw(t, db, late.ID) // after the last day; the fifth has the place from now
	accept(t, db, fifth.ID)
	same(t, "after that", due(t, db, clock, weekDue.AddDate(0, 0, 1)))
	same(t, "the day before", run(t, db, clock, dayDue), "E19 person001", "E19 person004", "E19 person005")
}

func TestWhoGotAPlaceAfterAMomentGetsNoLetterOfIt(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(c *event.Content) { c.RoomPlaces = new(1) })
	first := registrationtest.Sign(t, db, ev.ID, 1)
	second := registrationtest.Sign(t, db, ev.ID, 2) // signed up in good time but waits
	clock.Set(weekDue.Add(time.Minute))
	withdraw(t, db, first.ID)
	accept(t, db, second.ID)
	same(t, "a week before, a little late", due(t, db, clock, weekDue.Add(2*time.Minute)))
	same(t, "the day before", due(t, db, clock, dayDue), "E19 person002")
}

func TestOnlyThoseOnlineAreRemindedAnHourBefore(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, registrationtest.Hybrid)
	for n, mode := range []event.Mode{event.Room, event.Online} {
		q := registrationtest.Request(ev.ID, n+1)
		q.Mode = mode
		registrationtest.SignUp(t, db, q)
	}
	same(t, "a week before", run(t, db, clock, weekDue), "E18 person001")
	same(t, "the day before", run(t, db, clock, dayDue), "E19 person001", "E19 person002")
	same(t, "an hour before", run(t, db, clock, hourDue), "E20 person002")
}

func TestAfterAStopOnlyTheLatestReminderGoes(t *testing.T) {
	for _, tt := range []struct {
		name string
		back time.Time // when the program runs again
		want []string
	}{
		{"on time for the first", weekDue, []string{"E18 person001"}},
		{"two days late for the first", weekDue.AddDate(0, 0, 2), []string{"E18 person001"}},
		{"late for the second, too late for the first", dayDue.Add(2 * time.Hour), []string{"E19 person001", "E19 person002"}},
		{"within the last hour: the last for who follows online", starts.Add(-10 * time.Minute), []string{"E19 person001", "E20 person002"}},
		{"at the start: nothing", starts, nil},
		{"during the event: nothing", starts.Add(time.Hour), nil},
		{"after the event: nothing before the thanks are due", thanks.Add(-time.Hour), nil},
		{"on the day after: thanks alone", thanks, []string{"E16 person001", "E16 person002"}},
		{"six days late with the thanks", thanks.AddDate(0, 0, 7).Add(-time.Second), []string{"E16 person001", "E16 person002"}},
		{"a week late with the thanks: nothing", thanks.AddDate(0, 0, 7), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, registrationtest.Hybrid)
			for n, mode := range []event.Mode{event.Room, event.Online} {
				q := registrationtest.Request(ev.ID, n+1)
				q.Mode = mode
				registrationtest.SignUp(t, db, q)
			}
			got := due(t, db, clock, tt.back)
			slices.Sort(got)
			same(t, "due", got, tt.want...)
			written := run(t, db, clock, tt.back)
			slices.Sort(written)
			same(t, "written", written, tt.want...)
			same(t, "a minute later", run(t, db, clock, tt.back.Add(time.Minute)))
		})
	}
}

func TestAWrittenReminderIsNotWrittenAgain(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	same(t, "a week before", run(t, db, clock, weekDue), "E18 person001")
	same(t, "the first run", run(t, db, clock, dayDue), "E19 person001")
	same(t, "the second at the same moment", run(t, db, clock, dayDue))
	same(t, "an hour later", run(t, db, clock, dayDue.Add(time.Hour)))
	same(t, "with the clock set back three hours", run(t, db, clock, dayDue.Add(-3*time.Hour)))
	m := messages(t, db, "letter = 'E19'")
	if len(m) != 1 {
		t.Fatalf("%d messages", len(m))
	}
	want := message.Message{
		ID: m[0].ID, UniqueKey: m[0].UniqueKey, Letter: message.DayBefore, Recipient: "person001@example.se", Language: "sv",
		ProgrammeID: ev.ProgrammeID, EventID: ev.ID, RegistrationID: r.ID, Status: message.Waiting, DueAt: dayDue, NotAfter: starts, CreatedAt: dayDue,
		Details: message.Details{RuleID: m[0].Details.RuleID, ForStart: "2027-03-10T08:00:00Z"},
	}
	if diff := cmp.Diff(want, m[0]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return message.Finish(ctx, tx, m[0].ID, message.Sent, "") })
	same(t, "once it was sent", run(t, db, clock, dayDue.Add(2*time.Hour)))
}

func TestWhatIsCaughtUpInTheNightWaitsForTheMorning(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	night := time.Date(2027, 3, 5, 2, 0, 0, 0, time.UTC) // three at night
	same(t, "at night", run(t, db, clock, night), "E18 person001")
	if got, want := messages(t, db, "letter = 'E18'")[0].DueAt, night.Add(4*time.Hour); got != want {
		t.Errorf("the reminder goes at %v, want seven in the morning, %v", got, want)
	}
}

func TestAReminderBeforeAnEarlyStartGoesTheEveningBefore(t *testing.T) {
	db, clock := storetest.New(t)
	early := time.Date(2027, 3, 10, 6, 0, 0, 0, time.UTC) // at seven
	ev := registrationtest.Event(t, db, func(c *event.Content) {
		registrationtest.Online(c)
		c.StartsAt, c.EndsAt = early, early.Add(time.Hour)
	})
	registrationtest.Sign(t, db, ev.ID, 1)
	evening := time.Date(2027, 3, 9, 19, 59, 0, 0, time.UTC) // a minute to nine
	clock.Set(evening)
	registrationtest.Sign(t, db, ev.ID, 2) // as late as that is after the moment
	run(t, db, clock, dayDue)
	same(t, "before that evening", due(t, db, clock, evening.Add(-time.Second)))
	same(t, "that evening", run(t, db, clock, evening), "E20 person001")
	same(t, "an hour before", due(t, db, clock, early.Add(-time.Hour)))
}

// Who signs up while ten thousand reminders are written waits for one part of them.
func TestRemindersAreWrittenInParts(t *testing.T) {
	db, clock := storetest.New(t)
	people(t, db, 2*message.PartOfDue+50)
	clock.Set(weekDue)
	var parts []int
	for more := true; more && len(parts) < 5; {
		before := len(messages(t, db, "letter = 'E18'"))
		storetest.Write(t, db, func(tx *store.Tx) (err error) { more, err = message.EnqueueSome(ctx, tx); return err })
		parts = append(parts, len(messages(t, db, "letter = 'E18'"))-before)
	}
	if want := []int{message.PartOfDue, message.PartOfDue, 50}; !slices.Equal(parts, want) {
		t.Errorf("the parts are %d, want %d", parts, want)
	}
}

func TestAMovedEventHasItsRemindersAnew(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	same(t, "a week before the old date", run(t, db, clock, weekDue), "E18 person001")
	clock.Set(weekDue.Add(time.Hour))
	later := time.Date(2027, 4, 7, 11, 0, 0, 0, time.UTC) // Wednesday at one, in summer time, after Easter
	moveEvent(t, db, ev.ID, later)
	same(t, "the day before the old date", run(t, db, clock, dayDue))
	same(t, "the day after the old date", run(t, db, clock, thanks))
	newWeek := time.Date(2027, 3, 31, 11, 0, 0, 0, time.UTC)
	same(t, "just before the new week", run(t, db, clock, newWeek.Add(-time.Second)))
	same(t, "a week before the new date", run(t, db, clock, newWeek), "E18 person001")
	same(t, "the day before the new date", run(t, db, clock, time.Date(2027, 4, 6, 7, 0, 0, 0, time.UTC)), "E19 person001")
	same(t, "the day after the new date", run(t, db, clock, time.Date(2027, 4, 8, 7, 0, 0, 0, time.UTC)), "E16 person001")
}

// Whoever is told of a new date needs no letter in the same minute that the
// event is a week away.
func TestAMoveAfterAMomentHasNoLetterOfIt(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	moved := time.Date(2027, 2, 1, 11, 0, 0, 0, time.UTC)
	clock.Set(moved)
	moveEvent(t, db, ev.ID, time.Date(2027, 2, 4, 8, 0, 0, 0, time.UTC)) // three days away
	same(t, "at once", run(t, db, clock, moved.Add(time.Minute)))
	same(t, "the day before", run(t, db, clock, time.Date(2027, 2, 3, 8, 0, 0, 0, time.UTC)), "E19 person001")
}

func TestAnEventThatDoesNotTakePlaceHasNoReminders(t *testing.T) {
	db, clock := storetest.New(t)
	postponed, cancelled := registrationtest.Event(t, db, nil), registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, postponed.ID, 1)
	registrationtest.Sign(t, db, cancelled.ID, 2)
	draft := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, draft.ID, 3)
	storetest.Write(t, db, func(tx *store.Tx) error {
		if _, err := registration.PostponeEvent(ctx, tx, postponed.ID, "Sjukdom", registrationtest.Organiser); err != nil {
			return err
		}
		if _, err := registration.CancelEvent(ctx, tx, cancelled.ID, "För få anmälda", registrationtest.Organiser); err != nil {
			return err
		}
		_, err := store.Exec(ctx, tx, `UPDATE event SET status = 'draft' WHERE id = ?`, draft.ID)
		return err
	})
	for _, now := range []time.Time{weekDue, dayDue, hourDue, thanks} {
		same(t, now.String(), due(t, db, clock, now))
	}
}

func TestThanksGoToThoseWhoWereThere(t *testing.T) {
	for _, tt := range []struct {
		name  string
		marks map[int]registration.Mark
		want  []string
	}{
		{"to all with a place where nobody took attendance", nil, []string{"E16 person001", "E16 person002", "E16 person003"}},
		{"to those marked present", map[int]registration.Mark{1: registration.Present, 3: registration.Absent}, []string{"E16 person001"}},
		{"to nobody marked absent", map[int]registration.Mark{3: registration.Absent}, []string{"E16 person001", "E16 person002"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			ids := map[int]string{}
			for n := range 4 {
				ids[n] = registrationtest.Sign(t, db, ev.ID, n).ID
			}
			withdraw(t, db, ids[0])
			clock.Set(starts)
			for n, m := range tt.marks {
				mark(t, db, ids[n], m)
			}
			clock.Set(ends)
			storetest.Write(t, db, func(tx *store.Tx) error {
				_, err := event.MarkHeld(ctx, tx, ev.ID, registrationtest.Organiser)
				return err
			})
			same(t, "too early", due(t, db, clock, thanks.Add(-time.Second)))
			same(t, "thanks", due(t, db, clock, thanks), tt.want...)
		})
	}
}

func TestWhatLiesAheadIsListedWholly(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	registrationtest.Sign(t, db, ev.ID, 1)
	clock.Set(weekDue.Add(-time.Hour))
	same(t, "up to the start", listed(t, db, starts), "E18 person001", "E19 person001")
	clock.Set(weekDue.Add(time.Hour))
	same(t, "up to the start, the first being late", listed(t, db, starts), "E18 person001", "E19 person001")
}

func TestWorkingDaysAreThoseOfWhereTheEventIs(t *testing.T) {
	db, clock := storetest.New(t)
	tuesday := time.Date(2027, 3, 30, 7, 0, 0, 0, time.UTC) // after Easter
	for n, place := range []municipality.Code{{Country: "SE", Number: "2080"}, {Country: "NO", Number: "1507"}} {
		ev := registrationtest.Event(t, db, func(c *event.Content) {
			c.StartsAt, c.EndsAt, c.Municipality = tuesday, tuesday.Add(time.Hour), place
			c.TimeZone = map[string]string{"SE": "Europe/Stockholm", "NO": "Europe/Oslo"}[place.Country]
		})
		registrationtest.Sign(t, db, ev.ID, n+1)
	}
	run(t, db, clock, time.Date(2027, 3, 23, 8, 0, 0, 0, time.UTC)) // the week before
	same(t, "Wednesday", run(t, db, clock, time.Date(2027, 3, 24, 8, 0, 0, 0, time.UTC)), "E19 person002")
	same(t, "Maundy Thursday", run(t, db, clock, time.Date(2027, 3, 25, 8, 0, 0, 0, time.UTC)), "E19 person001")
}
