package busy_test

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/busy"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

func ctx() context.Context { return context.Background() }

// world is an adviser in Norway whose other calendar is at a host of the test's.
type world struct {
	t       *testing.T
	db      *store.DB
	clock   *storetest.Clock
	prog    programme.Programme
	adviser advisory.Adviser
	fetcher *busy.Fetcher
	answer  func(http.ResponseWriter)
	asked   atomic.Int64
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t}
	w.db, w.clock = storetest.New(t)
	var address string
	w.fetcher, address = busy.Publish(t, func(rw http.ResponseWriter, _ *http.Request) {
		w.asked.Add(1)
		w.answer(rw)
	})
	w.do(func(tx *store.Tx) (err error) {
		w.prog, err = programme.Add(ctx(), tx, programme.Programme{Slug: "innlandet", Name: "Innlandet", Country: "NO", CountyCode: "34", Language: "nb", TimeZone: "Europe/Oslo", Authority: true}, audit.System)
		return err
	})
	w.adviser = w.add("kari@raadgiver.example")
	w.set(w.adviser.ID, address)
	w.says("DTSTART:20270114T090000", "DURATION:PT1H")
	return w
}

func (w *world) add(email string) (a advisory.Adviser) {
	w.t.Helper()
	w.do(func(tx *store.Tx) error {
		u, err := user.Add(ctx(), tx, email, "Kari Rådgiver", "nb", []user.Grant{{Role: user.Adviser, ProgrammeID: w.prog.ID}})
		if err != nil {
			return err
		}
		a, err = advisory.AddAdviser(ctx(), tx, advisory.Adviser{UserID: u.ID, Country: "NO", TimeZone: "Europe/Oslo"}, nil, audit.System)
		return err
	})
	return a
}

func (w *world) set(adviserID, address string) {
	w.t.Helper()
	w.do(func(tx *store.Tx) error {
		if err := busy.Set(ctx(), tx, adviserID, "https://calendar.example.com/private-0123456789abcdef/basic.ics", audit.System); err != nil {
			return err
		}
		_, err := store.Exec(ctx(), tx, busy.SetAddress, address, adviserID)
		return err
	})
}

func (w *world) do(fn func(*store.Tx) error) { w.t.Helper(); storetest.Write(w.t, w.db, fn) }

// says makes the calendar hold one event of these lines.
func (w *world) says(lines ...string) {
	text := "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	w.answer = func(rw http.ResponseWriter) { _, _ = rw.Write([]byte(text)) }
}

func (w *world) refresh() {
	w.t.Helper()
	if err := w.fetcher.Refresh(ctx(), w.db); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) state() (s busy.State) {
	w.t.Helper()
	storetest.Read(w.t, w.db, func(tx *store.Tx) (err error) {
		s, _, err = busy.StateOf(ctx(), tx, w.adviser.ID)
		return err
	})
	return s
}

// times are the adviser's busy times as they stand, in Norwegian time.
func (w *world) times() (all []string) {
	w.t.Helper()
	loc, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		w.t.Fatal(err)
	}
	storetest.Read(w.t, w.db, func(tx *store.Tx) error {
		found, err := busy.Times(ctx(), tx, w.adviser.ID, tx.Now.AddDate(-1, 0, 0), tx.Now.AddDate(10, 0, 0))
		for _, i := range found {
			all = append(all, i.StartsAt.In(loc).Format("01-02 15:04")+" / "+i.EndsAt.In(loc).Format("15:04"))
		}
		return err
	})
	return all
}

func (w *world) want(times ...string) {
	w.t.Helper()
	if diff := cmp.Diff(times, w.times()); diff != "" {
		w.t.Errorf("busy times (-want +got):\n%s", diff)
	}
}

func TestACalendarIsReadEveryHalfHour(t *testing.T) {
	w := newWorld(t)
	w.refresh()
	w.want("01-14 09:00 / 10:00")
	if s := w.state(); !s.FetchedAt.Equal(w.clock.Now()) || !s.TriedAt.Equal(w.clock.Now()) || s.Fault != busy.None || s.Ahead != 1 || s.Unread != 0 || s.Host != "example.com" {
		t.Errorf("%+v", s)
	}
	w.says("DTSTART:20270114T120000", "DURATION:PT1H")
	w.clock.Advance(29 * time.Minute)
	w.refresh()
	if n := w.asked.Load(); n != 1 {
		t.Errorf("asked %d times within half an hour", n)
	}
	w.clock.Advance(time.Minute)
	w.refresh()
	w.want("01-14 12:00 / 13:00")
}

func TestAFailureKeepsTheBusyTimesAndSaysSinceWhen(t *testing.T) {
	w := newWorld(t)
	w.refresh()
	read := w.clock.Now()
	w.answer = func(rw http.ResponseWriter) { rw.WriteHeader(http.StatusNotFound) }
	w.clock.Advance(time.Hour)
	since := w.clock.Now()
	w.refresh()
	w.answer = func(rw http.ResponseWriter) { _, _ = rw.Write([]byte("<!doctype html>")) }
	w.clock.Advance(time.Hour)
	w.refresh()
	w.want("01-14 09:00 / 10:00")
	if s := w.state(); s.Fault != busy.Unreadable || !s.FaultSince.Equal(since) || !s.FetchedAt.Equal(read) {
		t.Errorf("%+v, want since %s", s, since)
	}
	w.says("DTSTART:20270114T090000", "DURATION:PT1H", "EXRULE:FREQ=DAILY")
	w.clock.Advance(time.Hour)
	w.refresh()
	if s := w.state(); s.Fault != busy.None || !s.FaultSince.IsZero() || s.Unread != 1 {
		t.Errorf("%+v", s)
	}
}

func TestOneCalendarThatFailsDoesNotKeepOthersWaiting(t *testing.T) {
	w := newWorld(t)
	other := w.add("per@raadgiver.example")
	w.set(other.ID, "https://127.0.0.1:1/gone.ics") // nobody listens there
	disabled := w.add("gone@raadgiver.example")
	w.set(disabled.ID, "https://127.0.0.1:1/gone.ics")
	w.do(func(tx *store.Tx) error {
		_, err := store.Exec(ctx(), tx, `UPDATE user_account SET disabled_at = ? WHERE id = ?`, store.At(tx.Now), disabled.UserID)
		return err
	})
	w.refresh()
	w.want("01-14 09:00 / 10:00")
	storetest.Read(t, w.db, func(tx *store.Tx) error {
		s, found, err := busy.StateOf(ctx(), tx, other.ID)
		if !found || s.Fault != busy.Unreachable || !s.FetchedAt.IsZero() {
			t.Errorf("%+v", s)
		}
		if s, _, _ := busy.StateOf(ctx(), tx, disabled.ID); !s.TriedAt.IsZero() {
			t.Errorf("the calendar of somebody disabled was asked for: %+v", s)
		}
		return err
	})
}

func TestOurOwnBookingsDoNotBlockTwice(t *testing.T) {
	w := newWorld(t)
	w.do(func(tx *store.Tx) error {
		five := 300
		p, err := advisory.AddProgramme(ctx(), tx, advisory.Programme{
			ProgrammeID: w.prog.ID, Slug: "raad", Status: advisory.Open, Language: "nb", Prerequisite: advisory.NoPrerequisite, CapMinutes: &five, CapPer: advisory.PerCompany, CapPeriod: "programme",
			Currency: "NOK", VATPercent: 25, StepMinutes: 30, HorizonDays: 60, SettleStepMinutes: 5, AidRegime: "none", AidReason: "open to all on equal terms",
			Lengths: []int{60}, Meetings: advisory.Meetings(), Texts: map[string]advisory.Text{"nb": {Name: "Råd"}},
		}, audit.System)
		if err != nil {
			return err
		}
		for _, q := range []string{
			`INSERT INTO person (id, email, first_name, last_name, language, created_at) VALUES ('p1', 'anna@bedrift.example', 'Anna', 'Oppdiktet', 'nb', ?)`,
			`INSERT INTO hours_account (id, advisory_programme_id, person_id, created_at) VALUES ('a1', '` + p.ID + `', 'p1', ?)`,
			`INSERT INTO booking (id, advisory_programme_id, account_id, adviser_id, person_id, status, meeting, starts_at, ends_at, minutes, blocked_from, blocked_to, time_zone, language, calendar_uid, created_at, changed_at)
				SELECT 'b1', '` + p.ID + `', 'a1', '` + w.adviser.ID + `', 'p1', 'confirmed', 'online', '2027-01-14T08:00:00Z', '2027-01-14T09:00:00Z', 60, '2027-01-14T08:00:00Z', '2027-01-14T09:00:00Z', 'Europe/Oslo', 'nb', 'uid-of-b1', n, n FROM (SELECT ? AS n)`,
		} {
			if _, err := store.Exec(ctx(), tx, q, store.At(tx.Now)); err != nil {
				return err
			}
		}
		return nil
	})
	for _, tt := range []struct {
		uid  string
		ours bool
	}{
		{"uid-of-b1@stafett.example", true}, {advisory.Booking{CalendarUID: "uid-of-b1"}.AdviserUID(w.adviser.ID) + "@stafett.example", true}, {"own-b1@stafett.example", true}, {"advise-b1@stafett.example", true}, {"b1@another.example", true},
		{"uid-of-b12@stafett.example", false}, {"b1x@stafett.example", false}, {"", false}, {"xb1@stafett.example", false}, {strings.Repeat("-", 300) + "b1", false},
	} {
		w.says("UID:"+tt.uid, "DTSTART:20270114T090000", "DURATION:PT1H")
		w.clock.Advance(time.Hour)
		w.refresh()
		if got := len(w.times()) == 0; got != tt.ours {
			t.Errorf("%s: ours %t", tt.uid, got)
		}
	}
}

func TestAnotherAddressIsReadAnewAndARemovedOneForgotten(t *testing.T) {
	w := newWorld(t)
	w.refresh()
	w.do(func(tx *store.Tx) error {
		return busy.Set(ctx(), tx, w.adviser.ID, "webcal://moln.example.se/remote.php/dav/public-calendars/AbCdEfGhIjKlMnOp?export", audit.Actor{Kind: "user", ID: w.adviser.UserID})
	})
	if diff := cmp.Diff(busy.State{Host: "moln.example.se", End: "MnOp", Ahead: 1}, w.state()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	w.want("01-14 09:00 / 10:00") // until the new one is read
	for range 2 {
		w.do(func(tx *store.Tx) error {
			return busy.Remove(ctx(), tx, w.adviser.ID, audit.Actor{Kind: "user", ID: w.adviser.UserID})
		})
	}
	w.want()
	if diff := cmp.Diff(busy.State{}, w.state()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	storetest.Read(t, w.db, func(tx *store.Tx) error {
		var done []string
		entries, err := audit.Of(ctx(), tx, "adviser", w.adviser.ID)
		for _, e := range entries {
			if strings.HasPrefix(e.Action, "busy.") {
				done = append(done, e.Action)
			}
			if strings.Contains(e.From+e.To+e.Reason, "example") {
				t.Errorf("the address stands in the audit log: %+v", e)
			}
		}
		if diff := cmp.Diff([]string{"busy.set", "busy.set", "busy.remove"}, done); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		return err
	})
}

// What is read of an address that has been changed meanwhile is not kept.
func TestAnAnswerThatComesTooLateIsNotKept(t *testing.T) {
	for name, status := range map[string]int{"a calendar": http.StatusOK, "a fault": http.StatusNotFound} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			says := w.answer
			w.answer = func(rw http.ResponseWriter) {
				w.do(func(tx *store.Tx) error {
					return busy.Set(ctx(), tx, w.adviser.ID, "https://moln.example.se/x", audit.System)
				})
				rw.WriteHeader(status)
				says(rw)
			}
			if err := w.fetcher.RefreshOne(ctx(), w.db, w.adviser.ID); err != nil {
				t.Fatal(err)
			}
			w.want()
			if diff := cmp.Diff(busy.State{Host: "moln.example.se"}, w.state()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadingNowWaitsAMinute(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		if err := w.fetcher.RefreshOne(ctx(), w.db, w.adviser.ID); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.Advance(time.Minute)
	if err := w.fetcher.RefreshOne(ctx(), w.db, w.adviser.ID); err != nil {
		t.Fatal(err)
	}
	if n := w.asked.Load(); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

// When the program ends in the middle nothing is known of the calendar.
func TestAnEndInTheMiddleIsNoFault(t *testing.T) {
	w := newWorld(t)
	within, cancel := context.WithCancel(ctx())
	w.answer = func(http.ResponseWriter) { cancel() }
	if err := w.fetcher.Refresh(within, w.db); err == nil {
		t.Error("it went on")
	}
	if s := w.state(); s.Fault != busy.None || !s.FetchedAt.IsZero() {
		t.Errorf("%+v", s)
	}
}
