package advisory_test

import (
	"flag"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// TestWhateverHappensTheLedgerAgrees lets companies, advisers and organisers do
// anything in any order with few hours and a small pool, and after each step adds up
// anew what must always hold.
func TestWhateverHappensTheLedgerAgrees(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		if err := checks.Value.Set("25"); err != nil {
			t.Fatal(err)
		}
	}
	done := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		pool := 540
		w := newWorld(t, func(p *advisory.Programme) { p.PoolMinutes = &pool })
		defer w.db.Close()
		m := &machine{world: w, rt: rt, done: done, firms: append(w.companies(3), w.firm.ID), above: map[string]int{}}
		w.newAdviser("olle@radgivare.example")
		rt.Repeat(map[string]func(*rapid.T){
			"":         m.check,
			"book":     m.book,
			"book2":    m.book,
			"book3":    m.book,
			"cancel":   m.cancel,
			"give up":  m.giveUp,
			"move":     m.reschedule,
			"miss":     m.miss,
			"settle":   m.settle,
			"settle2":  m.settle,
			"decline":  m.decline,
			"time":     m.wait,
			"later":    m.wait,
			"the pool": m.pool,
			"merge":    m.merge,
		})
	})
	for _, step := range []string{"book", "cancel", "late", "move", "miss", "settle", "merge"} {
		if done[step] == 0 {
			t.Errorf("no run ever managed to %s: %v", step, done)
		}
	}
	t.Logf("steps that were not refused: %v", done)
}

type machine struct {
	*world
	rt    *rapid.T
	firms []string
	above map[string]int // what a merge has taken above the cap: it only ever falls
	done  map[string]int
}

// try takes a step in a transaction; a refusal is an answer like any other, a fault
// is not.
func (m *machine) try(step string, fn func(tx *store.Tx) error) {
	err := m.db.Write(ctx(), fn)
	if _, refused := problem.As(err); refused {
		return
	}
	if err != nil {
		m.rt.Fatalf("%s: %v", step, err)
	}
	m.done[step]++
}

func (m *machine) book(rt *rapid.T) {
	minutes := rapid.SampledFrom([]int{30, 60, 120, 15, 45}).Draw(rt, "minutes")
	start := m.clock.Now().Truncate(24 * time.Hour).Add(time.Duration(rapid.IntRange(3*24*2, 10*24*2).Draw(rt, "half hours ahead")) * 30 * time.Minute)
	if free := m.free(minutes); len(free) > 0 && rapid.IntRange(0, 4).Draw(rt, "a free one") > 0 {
		start = free[rapid.IntRange(0, min(30, len(free)-1)).Draw(rt, "which")].StartsAt
	}
	r := m.request(start, minutes)
	r.CompanyID = rapid.SampledFrom(m.firms).Draw(rt, "company")
	m.try("book", func(tx *store.Tx) error {
		_, err := advisory.Book(ctx(), tx, r, audit.System)
		return err
	})
}

// free lists what can be booked.
func (m *machine) free(minutes int) (all []advisory.Slot) {
	m.do(func(tx *store.Tx) (err error) {
		all, err = advisory.Slots(ctx(), tx, advisory.SlotQuery{AdvisoryProgrammeID: m.advice.ID, Minutes: minutes, Meeting: advisory.Online})
		return err
	})
	return all
}

// any draws one of the bookings.
func (m *machine) any(rt *rapid.T) (b advisory.Booking, ok bool) {
	all := m.bookings()
	all = slices.DeleteFunc(all, func(b advisory.Booking) bool {
		return !b.Status.Active() && rapid.IntRange(0, 4).Draw(rt, "also an ended one") > 0
	})
	if len(all) == 0 {
		return b, false
	}
	return rapid.SampledFrom(all).Draw(rt, "booking"), true
}

func (m *machine) bookings() (all []advisory.Booking) {
	m.do(func(tx *store.Tx) error {
		ids, err := store.All(ctx(), tx, store.Value[string], `SELECT id FROM booking ORDER BY id`)
		for _, id := range ids {
			b, err := advisory.BookingByID(ctx(), tx, id)
			if err != nil {
				return err
			}
			all = append(all, b)
		}
		return err
	})
	return all
}

func (m *machine) step(rt *rapid.T, name string, fn func(tx *store.Tx, b advisory.Booking) (advisory.Booking, error)) {
	b, ok := m.any(rt)
	if !ok {
		return
	}
	m.try(name, func(tx *store.Tx) error {
		after, err := fn(tx, b)
		if err == nil && after.Status == advisory.LateCancelled {
			m.done["late"]++
		}
		return err
	})
}

func (m *machine) cancel(rt *rapid.T) {
	byCompany := rapid.Bool().Draw(rt, "by the company")
	m.step(rt, "cancel", func(tx *store.Tx, b advisory.Booking) (advisory.Booking, error) {
		return advisory.Cancel(ctx(), tx, b.ID, "förhinder", byCompany, audit.System)
	})
}

// giveUp is a company's cancellation an hour before the meeting.
func (m *machine) giveUp(rt *rapid.T) {
	b, ok := m.any(rt)
	if !ok || b.Status != advisory.Confirmed || !b.StartsAt.Add(-time.Hour).After(m.clock.Now()) {
		return
	}
	m.clock.Set(b.StartsAt.Add(-time.Hour))
	m.try("cancel", func(tx *store.Tx) error {
		after, err := advisory.Cancel(ctx(), tx, b.ID, "sjuk", true, audit.System)
		if err == nil && after.Status == advisory.LateCancelled {
			m.done["late"]++
		}
		return err
	})
}

func (m *machine) reschedule(rt *rapid.T) {
	hours, minutes, agreed := rapid.SampledFrom([]int{-24, -2, 2, 4, 24, 48, 72}).Draw(rt, "hours later"), rapid.SampledFrom([]int{0, 30, 60, 120}).Draw(rt, "minutes"), rapid.Bool().Draw(rt, "agreed")
	m.step(rt, "move", func(tx *store.Tx, b advisory.Booking) (advisory.Booking, error) {
		after, err := advisory.Reschedule(ctx(), tx, b.ID, b.StartsAt.Add(time.Duration(hours)*time.Hour), minutes, "", agreed, audit.System)
		if refusal, ok := problem.As(err); ok && minutes <= b.Minutes && (refusal.Is(advisory.ErrCapExceeded) || refusal.Is(advisory.ErrPoolExhausted)) {
			m.rt.Errorf("moving %d minutes to as many or fewer (%d) is refused: %s", b.Minutes, minutes, refusal.Code)
		}
		return after, err
	})
}

// merge lets one company go on as another, at times with more than one may have.
func (m *machine) merge(rt *rapid.T) {
	if len(m.firms) < 2 {
		return
	}
	i := rapid.IntRange(0, len(m.firms)-2).Draw(rt, "which ends")
	from, into := m.firms[i], m.firms[len(m.firms)-1]
	before := m.taken(from) + m.taken(into)
	if before <= 300 && rapid.IntRange(0, 7).Draw(rt, "not yet") > 0 {
		return
	}
	m.try("merge", func(tx *store.Tx) error {
		return advisory.MergeCompanies(ctx(), tx, from, into, "samma företag", audit.System)
	})
	if after := m.taken(into); after != before {
		rt.Errorf("%d minutes before the merge are %d after it", before, after)
	}
	m.firms = slices.Delete(m.firms, i, i+1)
	if before > 300 {
		m.above[into] = before
		m.done["above"]++
	}
}

// taken is what is reserved and used for a company.
func (m *machine) taken(firm string) (minutes int) {
	m.do(func(tx *store.Tx) error {
		a, err := advisory.AccountOf(ctx(), tx, m.advice, advisory.Holder{CompanyID: firm}, 2027)
		minutes = a.Reserved + a.Used
		return err
	})
	return minutes
}

// after lets the clock pass a booking's end now and then, so that something can be
// told about it.
func (m *machine) after(rt *rapid.T, b advisory.Booking) {
	if b.EndsAt.After(m.clock.Now()) && rapid.Bool().Draw(rt, "let it pass") {
		m.clock.Set(b.EndsAt.Add(time.Minute))
	}
}

func (m *machine) miss(rt *rapid.T) {
	b, ok := m.any(rt)
	if !ok {
		return
	}
	m.after(rt, b)
	m.try("miss", func(tx *store.Tx) error {
		_, err := advisory.Miss(ctx(), tx, b.ID, audit.System)
		return err
	})
}

func (m *machine) settle(rt *rapid.T) {
	minutes := rapid.IntRange(0, 200).Draw(rt, "minutes")
	b, ok := m.any(rt)
	if !ok {
		return
	}
	m.after(rt, b)
	m.try("settle", func(tx *store.Tx) error {
		after, err := advisory.EnterTime(ctx(), tx, b.ID, advisory.Time{Minutes: minutes}, audit.System)
		if err == nil && *after.ActualMinutes != *after.ChargedMinutes+*after.OverMinutes {
			m.rt.Errorf("%d minutes are %d charged and %d over", *after.ActualMinutes, *after.ChargedMinutes, *after.OverMinutes)
		}
		return err
	})
}

func (m *machine) decline(rt *rapid.T) {
	m.step(rt, "decline", func(tx *store.Tx, b advisory.Booking) (advisory.Booking, error) {
		return advisory.Decline(ctx(), tx, b.ID, "ingen rådgivare kan det", audit.System)
	})
}

func (m *machine) wait(rt *rapid.T) {
	m.clock.Advance(time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour)
}

// pool makes the pool larger, so that runs do not end with an empty one.
func (m *machine) pool(*rapid.T) {
	m.do(func(tx *store.Tx) error {
		_, err := store.Exec(ctx(), tx, `UPDATE advisory_programme SET pool_minutes = pool_minutes + 30`)
		return err
	})
}

// check adds up every account and the pool from the entries and the bookings.
func (m *machine) check(rt *rapid.T) {
	bookings := m.bookings()
	m.do(func(tx *store.Tx) error {
		p, err := advisory.ProgrammeByID(ctx(), tx, m.advice.ID)
		if err != nil {
			return err
		}
		var pool advisory.Balance
		for _, firm := range m.firms {
			a, err := advisory.AccountOf(ctx(), tx, p, advisory.Holder{CompanyID: firm}, 2027)
			if err != nil {
				return err
			}
			if a.ID == "" {
				continue
			}
			entries, err := advisory.Entries(ctx(), tx, a.ID)
			if err != nil {
				return err
			}
			if got := sum(entries); got != a.Balance {
				rt.Errorf("the balance is %+v, the entries add up to %+v", a.Balance, got)
			}
			reserved, used := 0, 0
			for _, b := range bookings {
				if b.AccountID != a.ID {
					continue
				}
				if b.Status.HoldsHours() {
					reserved += b.Minutes
				}
				if b.ChargedMinutes != nil {
					used += *b.ChargedMinutes
				}
			}
			if a.Reserved != reserved || a.Used != used {
				rt.Errorf("the ledger has %d reserved and %d used, the bookings %d and %d", a.Reserved, a.Used, reserved, used)
			}
			most := max(*a.CapMinutes, m.above[firm])
			if a.Reserved < 0 || a.Used+a.Reserved > most {
				rt.Errorf("%d reserved and %d used of %d", a.Reserved, a.Used, most)
			}
			m.above[firm] = a.Used + a.Reserved
			pool.Reserved, pool.Used = pool.Reserved+a.Reserved, pool.Used+a.Used
		}
		got, err := advisory.PoolBalance(ctx(), tx, p.ID)
		if got != pool || got.Reserved+got.Used > *p.PoolMinutes {
			rt.Errorf("the pool says %+v of %d, the accounts %+v", got, *p.PoolMinutes, pool)
		}
		return err
	})
	for i, a := range bookings {
		for _, b := range bookings[:i] {
			if a.AdviserID == b.AdviserID && a.Status.HoldsHours() && b.Status.HoldsHours() && a.BlockedFrom.Before(b.BlockedTo) && b.BlockedFrom.Before(a.BlockedTo) {
				rt.Errorf("the adviser is booked twice: %s–%s and %s–%s", a.BlockedFrom, a.BlockedTo, b.BlockedFrom, b.BlockedTo)
			}
		}
	}
}

// sum adds up entries as the rule says.
func sum(entries []advisory.Entry) (b advisory.Balance) {
	for _, e := range entries {
		switch e.Kind {
		case advisory.Reserve:
			b.Reserved += e.Minutes
		case advisory.Release:
			b.Reserved -= e.Minutes
		default:
			b.Used += e.Minutes
		}
	}
	return b
}
