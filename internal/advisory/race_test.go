package advisory_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// atOnce lets n ask at the same moment and counts what came of it, by the code of
// the refusal; "" is a yes.
func (w *world) atOnce(n int, ask func(i int) advisory.Request) map[string]int {
	w.t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	got := map[string]int{}
	start := make(chan struct{})
	for i := range n {
		r := ask(i)
		wg.Go(func() {
			<-start
			_, err := w.book(r)
			code := ""
			if p, refused := problem.As(err); refused {
				code = p.Code
			} else if err != nil {
				code = err.Error()
			}
			mu.Lock()
			defer mu.Unlock()
			got[code]++
		})
	}
	close(start)
	wg.Wait()
	return got
}

// companies makes n companies.
func (w *world) companies(n int) (ids []string) {
	w.t.Helper()
	w.do(func(tx *store.Tx) error {
		for number := 910000000; len(ids) < n; number++ {
			valid, err := company.ParseNumber("NO", fmt.Sprint(number), false)
			if err != nil {
				continue
			}
			c, err := company.Ensure(ctx(), tx, "NO", valid, fmt.Sprintf("Firma %d AS", len(ids)))
			if err != nil {
				return err
			}
			ids = append(ids, c.ID)
		}
		return nil
	})
	return ids
}

func (w *world) wantOnly(got map[string]int, yes int, code string, no int) {
	w.t.Helper()
	if got[""] != yes || got[code] != no || len(got) != 2 {
		w.t.Errorf("outcomes %v, want %d yes and %d %s", got, yes, no, code)
	}
}

func TestFiftyAtOnceForOneTimeGiveOneMeeting(t *testing.T) {
	w := newWorld(t, nil)
	ids := w.companies(50)
	w.wantOnly(w.atOnce(50, func(i int) advisory.Request {
		r := w.request(at("2027-01-18", "10:00"), 60)
		r.CompanyID = ids[i]
		return r
	}), 1, "slot_taken", 49)
}

func TestFiftyAtOnceForACompanysLastHalfHourGiveOneMeeting(t *testing.T) {
	w := newWorld(t, nil)
	for i, minutes := range []int{120, 120, 30} {
		if _, err := w.book(w.request(at("2027-01-18", "08:00").AddDate(0, 0, i), minutes)); err != nil {
			t.Fatal(err)
		}
	}
	w.wantOnly(w.atOnce(50, func(i int) advisory.Request { return w.request(w.apart(i), 30) }), 1, "cap_exceeded", 49)
}

func TestTwentyHoursAtOnceAgainstACapOfFiveGiveFive(t *testing.T) {
	w := newWorld(t, nil)
	w.wantOnly(w.atOnce(20, func(i int) advisory.Request { return w.request(w.apart(i), 60) }), 5, "cap_exceeded", 15)
}

func TestFiftyAtOnceForThePoolsLastHalfHourGiveOneMeeting(t *testing.T) {
	half := 30
	w := newWorld(t, func(p *advisory.Programme) { p.PoolMinutes = &half })
	ids := w.companies(50)
	w.wantOnly(w.atOnce(50, func(i int) advisory.Request {
		r := w.request(w.apart(i), 30)
		r.CompanyID = ids[i]
		return r
	}), 1, "pool_exhausted", 49)
}

func TestAnAdviserIsNotBookedTwiceAcrossProgrammes(t *testing.T) {
	w := newWorld(t, nil)
	var other advisory.Programme
	w.do(func(tx *store.Tx) (err error) {
		p := open(w)
		p.Slug = "kris"
		if other, err = advisory.AddProgramme(ctx(), tx, p, by); err != nil {
			return err
		}
		return advisory.JoinProgramme(ctx(), tx, w.adviser.ID, other.ID, by)
	})
	ids := w.companies(20)
	w.wantOnly(w.atOnce(20, func(i int) advisory.Request {
		r := w.request(at("2027-01-18", "10:00").Add(time.Duration(i%2)*30*time.Minute), 60)
		r.CompanyID = ids[i]
		if i%2 == 1 {
			r.AdvisoryProgrammeID = other.ID
		}
		return r
	}), 1, "slot_taken", 19)
}

// apart is the i-th of many times at which the adviser is free, none near another.
func (w *world) apart(i int) time.Time {
	return at("2027-01-25", "08:00").AddDate(0, 0, 7*(i/20)+i%5).Add(time.Duration(i%20/5) * 150 * time.Minute)
}

// The database is the last line: what the code would let through, it stops.
func TestTheDatabaseHoldsWhatTheCodeWouldNot(t *testing.T) {
	pool := 400
	w := newWorld(t, func(p *advisory.Programme) { p.PoolMinutes = &pool })
	b, err := w.book(w.request(at("2027-01-18", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	entry := func(kind string, minutes int, more ...string) string {
		reason, second := "", ""
		if len(more) == 2 {
			reason, second = more[0], more[1]
		}
		return fmt.Sprintf(`INSERT INTO hours_entry (id, account_id, advisory_programme_id, booking_id, kind, minutes, reason, actor_kind, actor_id, second_id, at, position)
			VALUES ('x', '%s', '%s', '%s', '%s', %d, '%s', 'user', 'u1', '%s', '2027-01-13T09:00:00Z', 99)`, b.AccountID, w.advice.ID, b.ID, kind, minutes, reason, second)
	}
	for what, statement := range map[string]string{
		"more than the cap":             entry("reserve", 241),
		"a charge above the cap":        entry("charge", 241),
		"more released than reserved":   entry("release", 61),
		"negative minutes":              entry("settle", -5),
		"an adjustment without reason":  entry("adjust", 10),
		"a large one by one user":       entry("adjust", -90, "fel i systemet", ""),
		"a large one by one user twice": entry("adjust", -90, "fel i systemet", "u1"),
		"a changed entry":               `UPDATE hours_entry SET minutes = 0`,
		"a deleted entry":               `DELETE FROM hours_entry`,
		"an adviser booked twice": fmt.Sprintf(`INSERT INTO booking (id, advisory_programme_id, account_id, adviser_id, company_id, person_id, status, meeting, starts_at, ends_at, minutes,
			blocked_from, blocked_to, time_zone, language, calendar_uid, created_at, changed_at) SELECT 'x', advisory_programme_id, account_id, adviser_id, company_id, person_id, 'confirmed', meeting,
			ends_at, '2027-01-18T11:00:00Z', 60, ends_at, '2027-01-18T11:00:00Z', time_zone, language, 'x', created_at, changed_at FROM booking WHERE id = '%s'`, b.ID),
	} {
		err := w.db.Write(ctx(), func(tx *store.Tx) error {
			_, err := store.Exec(ctx(), tx, statement)
			return err
		})
		if !store.IsConstraint(err) {
			t.Errorf("%s: %v, want the database to refuse", what, err)
		}
	}
	err = w.db.Write(ctx(), func(tx *store.Tx) error {
		if _, err := store.Exec(ctx(), tx, `UPDATE hours_account SET cap_minutes = NULL`); err != nil {
			return err
		}
		_, err := store.Exec(ctx(), tx, entry("reserve", 341))
		return err
	})
	if !store.IsConstraint(err) {
		t.Errorf("more than the pool: %v, want the database to refuse", err)
	}
}
