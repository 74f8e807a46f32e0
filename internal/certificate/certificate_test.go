package certificate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/certificate"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var ends = registrationtest.Starts.Add(3 * time.Hour)

// mark notes the attendance of somebody while the event lasts.
func mark(t *testing.T, db *store.DB, id string, m registration.Mark) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := registration.Attend(context.Background(), tx, id, m, registrationtest.Organiser)
		return err
	})
}

func issue(db *store.DB, id string) (c certificate.Certificate, err error) {
	err = db.Write(context.Background(), func(tx *store.Tx) (err error) {
		c, err = certificate.Issue(context.Background(), tx, id, registrationtest.Organiser)
		return err
	})
	return c, err
}

func find(db *store.DB, code string) (c certificate.Certificate, err error) {
	err = db.Read(context.Background(), func(tx *store.Tx) (err error) {
		c, err = certificate.Find(context.Background(), tx, code)
		return err
	})
	return c, err
}

// there is one person who was at an event that has just ended.
func there(t *testing.T) (*store.DB, *storetest.Clock, registration.Registration) {
	t.Helper()
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	r := registrationtest.Sign(t, db, ev.ID, 1)
	clock.Set(registrationtest.Starts)
	mark(t, db, r.ID, registration.Present)
	clock.Set(ends)
	return db, clock, r
}

func TestOnlyWhoWasAtAnEventThatHasEndedMayHaveACertificate(t *testing.T) {
	for _, tt := range []struct {
		name string
		mark registration.Mark
		now  time.Time
		want error
	}{
		{"was there, the moment it ends", registration.Present, ends, nil},
		{"was there, a second before it ends", registration.Present, ends.Add(-time.Second), certificate.ErrNotEarned},
		{"was not there", registration.Absent, ends, certificate.ErrNotEarned},
		{"was not marked", registration.Unmarked, ends, certificate.ErrNotEarned},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			r := registrationtest.Sign(t, db, ev.ID, 1)
			clock.Set(registrationtest.Starts)
			mark(t, db, r.ID, tt.mark)
			clock.Set(tt.now)
			if _, err := issue(db, r.ID); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

func TestNothingIsIssuedForARegistrationThatIsNotThere(t *testing.T) {
	db, _ := storetest.New(t)
	if _, err := issue(db, "nothing"); !errors.Is(err, problem.ErrMissing) {
		t.Error(err)
	}
}

func TestNothingIsIssuedForAnEventThatWasCalledOff(t *testing.T) {
	r := registration.Registration{Status: registration.Attended}
	for _, s := range []event.Status{event.Draft, event.Postponed, event.Cancelled} {
		if certificate.Earned(r, event.Event{Status: s, Content: event.Content{EndsAt: ends}}, ends.Add(time.Hour)) {
			t.Errorf("%s: earned", s)
		}
	}
}

func TestACertificateIsIssuedOnce(t *testing.T) {
	db, clock, r := there(t)
	first, err := issue(db, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	clock.Advance(48 * time.Hour)
	second, err := issue(db, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
	if first.State != certificate.Valid || first.Name != "Person Nummer 1" || !first.IssuedAt.Equal(ends) || len(first.Code) != 16 {
		t.Errorf("%+v", first)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := audit.Of(context.Background(), tx, "registration", r.ID)
		n := 0
		for _, e := range all {
			if e.Action == "certificate.issue" && e.Actor == registrationtest.Organiser {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d entries in the audit log", n)
		}
		return err
	})
}

func TestACertificateIsFoundByItsCode(t *testing.T) {
	db, _, r := there(t)
	c, err := issue(db, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	got, err := find(db, c.Shown())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(c, got); diff != "" {
		t.Error(diff)
	}
	for _, unknown := range []string{"0000-0000-0000-0000", "nothing", ""} {
		if _, err := find(db, unknown); !errors.Is(err, problem.ErrMissing) {
			t.Errorf("%q: %v", unknown, err)
		}
	}
}

func TestACertificateIsVoidWhenTheMarkIsCorrectedAndSaysNoName(t *testing.T) {
	db, _, r := there(t)
	c, err := issue(db, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	mark(t, db, r.ID, registration.Absent)
	got, err := find(db, c.Code)
	if err != nil || got.State != certificate.Void || got.Name != "" {
		t.Errorf("%s %q, %v", got.State, got.Name, err)
	}
	mark(t, db, r.ID, registration.Present)
	if got, err = find(db, c.Code); err != nil || got.State != certificate.Valid {
		t.Errorf("marked present again: %s, %v", got.State, err)
	}
}

func TestAfterErasureOnlyTheEventIsKnown(t *testing.T) {
	db, _, r := there(t)
	c, err := issue(db, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { // the name is left, to see that it is not told
		_, err := store.Exec(context.Background(), tx, `UPDATE registration SET status = 'erased' WHERE id = ?`, r.ID)
		return err
	})
	got, err := find(db, c.Code)
	if err != nil || got.State != certificate.Erased || got.Name != "" || got.Event.Title != "Sociala krav som fungerar" {
		t.Errorf("%s %q %q, %v", got.State, got.Name, got.Event.Title, err)
	}
}

func TestAllWhoWereThereGetOneAtOnce(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	var people []registration.Registration
	for n := range 4 {
		people = append(people, registrationtest.Sign(t, db, ev.ID, n))
	}
	clock.Set(registrationtest.Starts)
	for _, r := range people[:3] {
		mark(t, db, r.ID, registration.Present)
	}
	clock.Set(ends)
	if _, err := issue(db, people[0].ID); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{2, 0} {
		storetest.Write(t, db, func(tx *store.Tx) error {
			n, err := certificate.IssueAll(context.Background(), tx, ev.ID, registrationtest.Organiser)
			if n != want {
				t.Errorf("%d issued, want %d", n, want)
			}
			return err
		})
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		codes, err := certificate.Codes(context.Background(), tx, ev.ID)
		if len(codes) != 3 || codes[people[3].ID] != "" {
			t.Errorf("codes %v", codes)
		}
		return err
	})
}

func TestTheLengthIsTheEventsOwn(t *testing.T) {
	at := func(day, hour, minute int) time.Time {
		return time.Date(2027, 3, day, hour-1, minute, 0, 0, time.UTC) // by the clock in Sweden in winter
	}
	for _, tt := range []struct {
		name          string
		start, end    time.Time
		minutes, days int
	}{
		{"a morning", at(10, 9, 0), at(10, 11, 30), 150, 1},
		{"a long day", at(10, 8, 0), at(10, 23, 0), 900, 1},
		{"until midnight", at(10, 18, 0), at(11, 0, 0), 360, 1},
		{"an evening past midnight", at(10, 21, 0), at(11, 1, 0), 240, 2},
		{"from lunch to lunch", at(10, 12, 0), at(11, 12, 0), 0, 2},
		{"three days", at(10, 9, 0), at(12, 16, 0), 0, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := certificate.Certificate{Event: event.Event{Content: event.Content{StartsAt: tt.start, EndsAt: tt.end, TimeZone: "Europe/Stockholm"}}}
			if c.Minutes() != tt.minutes || c.Days() != tt.days {
				t.Errorf("%d minutes, %d days", c.Minutes(), c.Days())
			}
		})
	}
}

func TestASeriesIsEarnedAtFourFifthsRoundedUp(t *testing.T) {
	for _, tt := range []struct{ occasions, least int }{{1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 4}, {6, 5}, {7, 6}, {10, 8}, {12, 10}} {
		if !certificate.SeriesEarned(tt.least, tt.occasions) || certificate.SeriesEarned(tt.least-1, tt.occasions) {
			t.Errorf("of %d occasions %d are not the least", tt.occasions, tt.least)
		}
	}
	if certificate.SeriesEarned(0, 0) {
		t.Error("a series without occasions is earned")
	}
}
