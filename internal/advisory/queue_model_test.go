package advisory_test

import (
	"cmp"
	"flag"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stafett/internal/advisory"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// queueModel knows what those who wait could have chosen and what came of what was
// proposed to them, and says from that who is offered what.
type queueModel struct {
	*world
	rt      *rapid.T
	waiting map[string]*waiter // by booking
	before  map[string]bool    // proposals there were before the step
	rounds  int                // in which an adviser proposed times
	offered int
}

type waiter struct {
	joined int // in which order
	tender string
	seen   map[time.Time]bool
	beyond time.Time // what comes into view after this is no news; zero: all is
}

// TestWhateverHappensTheQueueIsServedInOrder lets companies wait, book, cancel and
// answer, advisers propose and become free, and time pass, in any order. After each
// step nothing overlaps, nobody waits for what is free and new to them, and nobody
// has been passed.
func TestWhateverHappensTheQueueIsServedInOrder(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue {
		if err := checks.Value.Set("15"); err != nil {
			t.Fatal(err)
		}
	}
	offered := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, func(p *advisory.Programme) { p.CapMinutes = nil; p.LeadMinutes = 60; p.HorizonDays = 10 })
		defer w.db.Close()
		w.exec(`DELETE FROM availability`)
		w.exec(`INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES ('fri', ?, 5, '09:00', '12:00')`, w.adviser.ID)
		m := &queueModel{world: w, rt: rt, waiting: map[string]*waiter{}, before: map[string]bool{}}
		rt.Repeat(map[string]func(*rapid.T){
			"":     m.check,
			"book": m.bookOne, "book again": m.bookOne, "wait": m.waitForOne, "wait again": m.waitForOne, "cancel": m.cancel, "cancel again": m.cancel,
			"propose": m.proposeSome, "accept": m.acceptOne, "decline": m.declineAll, "decline again": m.declineAll, "withdraw": m.withdraw, "hours": m.hours, "hours again": m.hours, "more hours": m.hours, "a day": m.day, "time": m.pass, "more time": m.pass,
		})
		offered += m.offered
	})
	t.Logf("%d times offered", offered)
}

// try does something that may be refused, and then what runs by itself.
func (m *queueModel) try(fn func(tx *store.Tx) error) bool {
	err := m.db.Write(ctx(), fn)
	if _, refused := problem.As(err); err != nil && !refused {
		m.rt.Fatal(err)
	}
	m.minute()
	return err == nil
}

func (m *queueModel) now() time.Time { return m.clock.Now() }

// free lists what anyone could choose now.
func (m *queueModel) free(tender string) []advisory.Slot {
	return m.slots(advisory.SlotQuery{Minutes: 60, TenderDay: tender})
}

func (m *queueModel) someDay(rt *rapid.T, hours int) time.Time {
	day := m.now().In(m.adviser.Location()).AddDate(0, 0, rapid.IntRange(0, 9).Draw(rt, "day"))
	return time.Date(day.Year(), day.Month(), day.Day(), 9, 0, 0, 0, day.Location()).Add(time.Duration(rapid.IntRange(0, hours*2).Draw(rt, "half hour")) * 30 * time.Minute)
}

func (m *queueModel) bookOne(rt *rapid.T) {
	free := m.free("")
	if len(free) == 0 {
		return
	}
	start := free[rapid.IntRange(0, min(len(free)-1, 40)).Draw(rt, "which")].StartsAt
	m.try(func(tx *store.Tx) error { _, err := advisory.Book(ctx(), tx, m.request(start, 60), by); return err })
}

func (m *queueModel) waitForOne(rt *rapid.T) {
	r := m.request(time.Time{}, 60)
	if rapid.Bool().Draw(rt, "with a day") {
		r.TenderDay = m.someDay(rt, 0).Format(time.DateOnly)
	}
	w := &waiter{joined: len(m.waiting), tender: r.TenderDay, seen: map[time.Time]bool{}}
	w.chose(m.now(), m.advice.HorizonDays, m.free(r.TenderDay))
	var id string
	if m.try(func(tx *store.Tx) error { b, err := advisory.Book(ctx(), tx, r, by); id = b.ID; return err }) {
		m.waiting[id] = w
	}
	m.clock.Advance(time.Second) // so that it is clear who came first
	m.minute()
}

// chose notes what somebody could choose from and did not.
func (w *waiter) chose(now time.Time, horizon int, free []advisory.Slot) {
	for _, s := range free {
		w.seen[s.StartsAt] = true
	}
	if beyond := now.UTC().AddDate(0, 0, horizon+1).Truncate(24 * time.Hour); len(free) > 0 && (w.beyond.IsZero() || beyond.Before(w.beyond)) {
		w.beyond = beyond
	}
}

func (m *queueModel) one(rt *rapid.T, where string) (id string, found bool) {
	var ids []string
	m.do(func(tx *store.Tx) (err error) {
		ids, err = store.All(ctx(), tx, store.Value[string], `SELECT id FROM `+where+` ORDER BY created_at, id`)
		return err
	})
	if len(ids) == 0 {
		return "", false
	}
	return rapid.SampledFrom(ids).Draw(rt, "which"), true
}

func (m *queueModel) cancel(rt *rapid.T) {
	if id, ok := m.one(rt, `booking WHERE status IN ('waiting', 'requested', 'confirmed')`); ok {
		m.try(func(tx *store.Tx) error { _, err := advisory.Cancel(ctx(), tx, id, "", true, by); return err })
	}
}

func (m *queueModel) proposeSome(rt *rapid.T) {
	id, ok := m.one(rt, `booking WHERE status = 'waiting'`)
	if !ok {
		return
	}
	var starts []time.Time
	for range rapid.IntRange(1, 3).Draw(rt, "times") {
		starts = append(starts, m.someDay(rt, 10))
	}
	if m.try(func(tx *store.Tx) error {
		_, err := advisory.Propose(ctx(), tx, id, m.adviser.ID, starts, by)
		return err
	}) {
		m.rounds++
	}
}

func (m *queueModel) acceptOne(rt *rapid.T) {
	if id, ok := m.one(rt, `booking_proposal WHERE status = 'open'`); ok {
		m.try(func(tx *store.Tx) error { _, err := advisory.AcceptProposal(ctx(), tx, id, by); return err })
	}
}

func (m *queueModel) declineAll(rt *rapid.T) {
	id, ok := m.one(rt, `booking b WHERE status = 'waiting' AND EXISTS (SELECT 1 FROM booking_proposal p WHERE p.booking_id = b.id AND p.status = 'open')`)
	if !ok {
		return
	}
	m.try(func(tx *store.Tx) error {
		free, err := advisory.Slots(ctx(), tx, advisory.SlotQuery{
			AdvisoryProgrammeID: m.advice.ID, Minutes: 60, Meeting: advisory.Online, TenderDay: m.waiting[id].tender, ExceptBooking: id, // what the no lets go is there to choose from as well
		})
		if err != nil {
			return err
		}
		m.waiting[id].chose(m.now(), m.advice.HorizonDays, free)
		_, err = advisory.DeclineProposals(ctx(), tx, id, by)
		return err
	})
}

func (m *queueModel) withdraw(rt *rapid.T) {
	if id, ok := m.one(rt, `booking_proposal WHERE status = 'open'`); ok {
		m.try(func(tx *store.Tx) error { return advisory.WithdrawProposal(ctx(), tx, id, by) })
	}
}

// hours makes the adviser free on a morning more, or not free on one.
func (m *queueModel) hours(rt *rapid.T) {
	date := m.someDay(rt, 0).Format(time.DateOnly)
	free := rapid.IntRange(0, 3).Draw(rt, "free") > 0
	m.try(func(tx *store.Tx) error {
		if _, err := store.Exec(ctx(), tx, `DELETE FROM availability_exception WHERE date = ?`, date); err != nil {
			return err
		}
		var from, to any
		if free {
			from, to = "13:00", "15:30"
		}
		_, err := store.Exec(ctx(), tx, `INSERT INTO availability_exception (id, adviser_id, date, from_clock, to_clock, available) VALUES (?, ?, ?, ?, ?, ?)`, tx.NewID(), m.adviser.ID, date, from, to, free)
		return err
	})
}

func (m *queueModel) pass(rt *rapid.T) {
	m.clock.Advance(time.Duration(rapid.IntRange(1, 30).Draw(rt, "hours")) * time.Hour)
	m.minute()
}

func (m *queueModel) day(*rapid.T) {
	m.clock.Advance(24 * time.Hour)
	m.minute()
}

// stands is one who waits, as things are after a step.
type stands struct {
	id         string
	w          *waiter
	proposals  []advisory.Proposal
	unanswered int
	open       []advisory.Proposal
	offered    *advisory.Proposal // by the system, in this step
}

// news reports whether a time can be offered to one who waits.
func (m *queueModel) news(s stands, start time.Time) bool {
	_, _, inTime := registration.OfferTerms(start, m.adviser.Location(), "SE", m.now())
	old := slices.ContainsFunc(s.proposals, func(p advisory.Proposal) bool {
		return p.BySystem && p.StartsAt.Equal(start) && (s.offered == nil || p.ID != s.offered.ID)
	})
	late := s.w.tender != "" && start.In(m.adviser.Location()).Format(time.DateOnly) > s.w.tender
	return inTime && !old && !late && !s.w.seen[start] && (s.w.beyond.IsZero() || start.Before(s.w.beyond))
}

func (m *queueModel) check(rt *rapid.T) {
	var queue []stands
	var blocks []advisory.Proposal // whatever holds the adviser's time
	reserved, system := 0, 0
	var account advisory.Account
	m.do(func(tx *store.Tx) error {
		ids, err := store.All(ctx(), tx, store.Value[string], `SELECT id FROM booking`)
		if err != nil {
			return err
		}
		for _, id := range ids {
			b, err := advisory.BookingByID(ctx(), tx, id)
			if err != nil {
				return err
			}
			s := stands{id: id, w: m.waiting[id]}
			if s.proposals, err = advisory.ProposalsOf(ctx(), tx, id); err != nil {
				return err
			}
			if b.Status.HoldsHours() {
				reserved += b.Minutes
				blocks = append(blocks, advisory.Proposal{BookingID: id, BlockedFrom: b.BlockedFrom, BlockedTo: b.BlockedTo})
			}
			m.read(rt, b, &s, &system)
			blocks = append(blocks, s.open...)
			if b.Status == advisory.Waiting {
				queue = append(queue, s)
			}
		}
		account, err = advisory.AccountOf(ctx(), tx, m.advice, advisory.Holder{CompanyID: m.firm.ID}, 2027)
		if err != nil {
			return err
		}
		n, err := store.One(ctx(), tx, store.Value[int], `SELECT count(*) FROM message WHERE letter = 'B14'`)
		if n != system+m.rounds {
			rt.Fatalf("%d letters with times, of %d offers and %d rounds of proposals", n, system, m.rounds)
		}
		return err
	})
	if account.Reserved != reserved {
		rt.Fatalf("%d minutes are reserved, the meetings take %d", account.Reserved, reserved)
	}
	for i, a := range blocks {
		for _, b := range blocks[:i] {
			if a.BookingID != b.BookingID && a.BlockedFrom.Before(b.BlockedTo) && b.BlockedFrom.Before(a.BlockedTo) {
				rt.Fatalf("%v and %v overlap", a, b)
			}
		}
	}
	m.inOrder(rt, queue)
}

// read looks at what was proposed for one booking.
func (m *queueModel) read(rt *rapid.T, b advisory.Booking, s *stands, system *int) {
	accepted, answered := 0, time.Time{}
	for _, p := range s.proposals {
		if p.Status == advisory.ProposalDeclined && p.DoneAt.After(answered) {
			answered = p.DoneAt
		}
	}
	for _, p := range s.proposals {
		switch {
		case p.Status == advisory.ProposalAccepted:
			accepted++
		case p.Open(m.now()):
			s.open = append(s.open, p)
		case p.Status == advisory.ProposalOpen:
			rt.Fatalf("%+v is open after its time", p)
		case p.Status == advisory.ProposalExpired && p.BySystem && !p.CreatedAt.Before(answered):
			s.unanswered++
		}
		if p.BySystem {
			*system++
			if !m.before[p.ID] {
				s.offered = &p
				m.offered++
			}
		}
		m.before[p.ID] = true
	}
	waits := b.Status == advisory.Waiting
	if len(s.open) > 0 && !waits || accepted > 1 || accepted == 1 && waits || len(s.open) > advisory.MostProposals {
		rt.Fatalf("%s has %d open times and %d accepted", b.Status, len(s.open), accepted)
	}
	if waits && len(s.open) == 0 && (s.unanswered >= 2 || b.TenderDay != "" && b.TenderDay < m.now().In(m.adviser.Location()).Format(time.DateOnly)) {
		rt.Fatalf("waits still, %d unanswered, the last day is %s", s.unanswered, b.TenderDay)
	}
}

// inOrder holds that nobody waits for what is free and new to them, and that nobody
// has been passed.
func (m *queueModel) inOrder(rt *rapid.T, queue []stands) {
	slices.SortFunc(queue, func(a, b stands) int {
		return cmp.Or(cmp.Compare(a.unanswered, b.unanswered), -cmp.Compare(min(1, len(a.w.tender)), min(1, len(b.w.tender))),
			cmp.Compare(a.w.tender, b.w.tender), cmp.Compare(a.w.joined, b.w.joined))
	})
	for i, s := range queue {
		if len(s.open) == 0 {
			for _, f := range m.free(s.w.tender) {
				if m.news(s, f.StartsAt) {
					rt.Fatalf("%v is free and not offered to %+v", f.StartsAt, *s.w)
				}
			}
		}
		if s.offered == nil {
			continue
		}
		if !m.news(s, s.offered.StartsAt) {
			rt.Fatalf("%v was offered to %+v", s.offered.StartsAt, *s.w)
		}
		for _, before := range queue[:i] {
			had := slices.ContainsFunc(before.open, func(p advisory.Proposal) bool { return before.offered == nil || p.ID != before.offered.ID })
			if !had && m.news(before, s.offered.StartsAt) && (before.offered == nil || before.offered.StartsAt.After(s.offered.StartsAt)) {
				rt.Fatalf("%v was offered to %+v before %+v", s.offered.StartsAt, *s.w, *before.w)
			}
		}
	}
}
