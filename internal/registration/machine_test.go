package registration_test

import (
	"errors"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// TestWhateverPeopleDoPlacesAndQueueAgree lets people and organisers do anything
// in any order, and after each step counts anew what must always hold.
func TestWhateverPeopleDoPlacesAndQueueAgree(t *testing.T) {
	if checks := flag.Lookup("rapid.checks"); raced && checks.Value.String() == checks.DefValue {
		if err := checks.Value.Set("30"); err != nil { // one goroutine: there is nothing to race
			t.Fatal(err)
		}
	}
	done := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		m := newMachine(t, rt)
		defer m.db.Close() // not only when all runs are over
		m.done = done
		steps := map[string]func(*rapid.T){"": m.check}
		for i, step := range []func(*rapid.T){ // the first are drawn oftenest
			m.register, m.withdraw, m.group, m.accept, m.rejoin, m.outOfTurn, m.decline, m.places, m.lift, m.wait, m.colleague, m.register,
			m.withdraw, m.late, m.transfer, m.add, m.group, m.mode, m.decide, m.accept, m.decline, m.prove, m.attend, m.move, m.close, m.postpone,
			m.wantRoom, m.walkIn, m.reconsider, m.invite, m.list, m.address, m.revoke, m.cancel,
			m.wait, m.wait, m.wait, m.wait, // when all is over there is nothing else to do
		} {
			steps[fmt.Sprintf("%02d", i)] = step
		}
		rt.Repeat(steps)
	})
	t.Logf("steps that were not refused: %v", done)
}

// machine drives one event. It knows what it saw before the last step.
type machine struct {
	db      *store.DB
	clock   *storetest.Clock
	eventID string
	done    map[string]int // how often each step was not refused

	before    view
	step      string            // what was done
	refused   string            // the code of the refusal
	silent    string            // the address of somebody whose change tells nobody
	newcomer  string            // the registration that a code opened the event to
	again     map[string]string // registrations that have a letter that changed nothing, and which
	corrected string            // the registration whose address was corrected
	missed    map[string]bool   // who was told that they stayed away
	calls     map[string]bool   // open calls, by registration and start
	over      bool              // the organiser has allowed a place above the capacity
	scheduled bool              // the scheduler's minute has been run after the step
}

// view is all there is to see of the event.
type view struct {
	ev          event.Event
	now         time.Time
	regs        map[string]reg
	queue       map[event.Mode][]string // ids of those who wait, in order
	told        map[string]int          // the number that each of them is told
	shares      map[string]*int         // the companies' own
	together    map[string]bool         // the groups that come only so
	invitations map[string]registration.Invitation

	letters map[string][]string // to each registration, oldest first
	paths   map[string][]taken  // the steps of each registration, as the audit log has them
	others  map[string][]string // what else the log says of it
	acts    map[string][]taken  // all of it in order, with the action as to
	faults  []string            // where places and people do not agree
}

// taken is one step of a registration.
type taken struct{ by, from, to string }

func newMachine(t *testing.T, rt *rapid.T) *machine {
	db, clock := storetest.New(t)
	hybrid, list := rapid.Bool().Draw(rt, "hybrid"), rapid.IntRange(0, 5).Draw(rt, "list") > 0
	share := rapid.SampledFrom([]int{1, 2, 0}).Draw(rt, "places for one company")
	ev := registrationtest.Event(t, db, func(c *content) {
		if hybrid {
			registrationtest.Hybrid(c)
			c.OnlinePlaces = new(rapid.IntRange(1, 3).Draw(rt, "online places"))
		}
		c.RoomPlaces = new(rapid.SampledFrom([]int{2, 3, 1, 4}).Draw(rt, "room places"))
		c.WaitingList = list
		c.ConfirmEmail = rapid.IntRange(0, 3).Draw(rt, "confirm") == 0
		c.AudienceMode = rapid.SampledFrom([]event.AudienceMode{event.AudienceInfo, event.AudienceAsk, event.AudienceInvite}).Draw(rt, "audience mode")
		if share > 0 {
			c.CompanyLimit = new(share)
		}
		if rapid.Bool().Draw(rt, "open to the start") {
			c.ClosesAt = c.StartsAt
		}
	})
	m := &machine{db: db, clock: clock, eventID: ev.ID, again: map[string]string{}, missed: map[string]bool{}, calls: map[string]bool{}}
	if ev.AudienceMode == event.AudienceInvite {
		invite(t, db, ev.ID, "", nil)
		invite(t, db, ev.ID, "", new(2))
		invite(t, db, ev.ID, registrationtest.Address(1), new(1))
	}
	m.before = m.look(rt)
	for range rapid.SampledFrom([]int{4, 6, 2, 0, 8}).Draw(rt, "there at first") {
		q := m.request(rt)
		clock.Advance(time.Second)
		if _, err := register(db, q); err != nil && !refusal(err) {
			rt.Fatal(err)
		}
	}
	m.before = m.look(rt)
	return m
}

func refusal(err error) bool { _, ok := problem.As(err); return ok }

func (m *machine) look(rt *rapid.T) (v view) {
	v = view{
		now: m.clock.Now(), regs: map[string]reg{}, queue: map[event.Mode][]string{}, told: map[string]int{}, shares: map[string]*int{}, together: map[string]bool{},
		invitations: map[string]registration.Invitation{}, letters: map[string][]string{}, paths: map[string][]taken{}, others: map[string][]string{}, acts: map[string][]taken{},
	}
	if err := m.db.Read(ctx, func(tx *store.Tx) error { return v.read(tx, m.eventID) }); err != nil {
		rt.Fatal(err)
	}
	return v
}

func (v *view) read(tx *store.Tx, eventID string) (err error) {
	if v.ev, err = event.Find(ctx, tx, eventID); err != nil {
		return err
	}
	all, err := registration.Roster(ctx, tx, eventID, registration.RosterFilter{})
	if err != nil {
		return err
	}
	for _, r := range all {
		v.regs[r.ID] = r
		if !waits(r) {
			continue
		}
		v.queue[lineOf(r)] = append(v.queue[lineOf(r)], r.ID)
		if v.told[r.ID], err = registration.Position(ctx, tx, r); err != nil {
			return err
		}
	}
	for _, q := range v.queue {
		slices.SortFunc(q, func(a, b string) int { return v.inQueue(v.regs[a], v.regs[b]) })
	}
	invitations, err := registration.Invitations(ctx, tx, eventID)
	if err != nil {
		return err
	}
	for _, i := range invitations {
		v.invitations[i.ID] = i
	}
	if err := v.readRows(tx); err != nil {
		return err
	}
	v.faults, err = unsound(tx, eventID)
	return err
}

func (v *view) readRows(tx *store.Tx) error {
	each := func(query string, fn func(r store.Row) error) error {
		_, err := store.All(ctx, tx, func(r store.Row) (x struct{}, err error) { return x, fn(r) }, query)
		return err
	}
	err := each(`SELECT company_id, places FROM company_share`, func(r store.Row) error {
		var id string
		var places *int
		err := r.Scan(&id, store.Int(&places))
		v.shares[id] = places
		return err
	})
	if err != nil {
		return err
	}
	err = each(`SELECT id FROM registration_group WHERE together`, func(r store.Row) error {
		var id string
		err := r.Scan(&id)
		v.together[id] = true
		return err
	})
	if err != nil {
		return err
	}
	err = each(`SELECT registration_id, letter || ' ' || COALESCE(CAST(calendar_sequence AS TEXT), '-'), details LIKE '%"open_call":true%'
		FROM message WHERE registration_id IS NOT NULL ORDER BY created_at, id`, func(r store.Row) error {
		var id, letter string
		var call bool
		err := r.Scan(&id, &letter, &call)
		if call {
			letter = "call"
		}
		v.letters[id] = append(v.letters[id], letter)
		return err
	})
	if err != nil {
		return err
	}
	return each(`SELECT object_id, actor_kind, action, from_value, to_value FROM audit_entry WHERE object_kind = 'registration' ORDER BY at, id`, func(r store.Row) error {
		var id, action string
		var s taken
		err := r.Scan(&id, &s.by, &action, &s.from, &s.to)
		v.acts[id] = append(v.acts[id], taken{s.by, s.from, action})
		if slices.Contains(roomActs, action) {
			return err
		}
		if action == "registration."+s.to {
			v.paths[id] = append(v.paths[id], s)
		} else {
			v.others[id] = append(v.others[id], action)
		}
		return err
	})
}

// inQueue is the order of the queue: companies without a place first, then who
// came first.
func (v view) inQueue(a, b reg) int {
	if x, y := v.class(a), v.class(b); x != y {
		return x - y
	}
	if c := since(a).Compare(since(b)); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

// class is the part of the queue in which somebody stands.
func (v view) class(r reg) int {
	own := 0 // the place online, which is given back for the one in the room
	if !r.RoomSince.IsZero() {
		own = 1
	}
	if r.CompanyID != "" && v.held(r.CompanyID) > own {
		return 1
	}
	return 0
}

// need is how many places must be free for somebody who waits.
func (v view) need(r reg) (n int) {
	if !v.together[r.GroupID] {
		return 1
	}
	for _, x := range v.regs {
		if x.GroupID == r.GroupID && x.Status == registration.Waitlisted {
			n++
		}
	}
	return n
}

// held is how many places a company has.
func (v view) held(companyID string) (n int) {
	for _, r := range v.regs {
		if r.CompanyID == companyID && r.Status.HoldsPlace() {
			n++
		}
	}
	return n
}

// limit is how many places a company may have.
func (v view) limit(companyID string) int {
	share, lifted := v.shares[companyID]
	switch {
	case companyID == "", lifted && share == nil, !lifted && v.ev.CompanyLimit == nil:
		return 1000
	case lifted:
		return *share
	}
	return *v.ev.CompanyLimit
}

// withinShare reports whether the person's company may have the places that the
// person needs.
func (v view) withinShare(r reg) bool {
	return r.CompanyID == "" || !r.RoomSince.IsZero() || v.held(r.CompanyID)+v.need(r) <= v.limit(r.CompanyID)
}

// do runs one step a minute after the one before. A refusal is an answer like
// any other; a fault is not.
func (m *machine) do(rt *rapid.T, step string, fn func(tx *store.Tx) error) (refused bool) {
	m.clock.Advance(time.Minute)
	m.before.now = m.clock.Now() // nothing has happened since it was seen
	m.step = step
	err := m.db.Write(ctx, fn)
	if m.scheduled = rapid.IntRange(0, 3).Draw(rt, "the scheduler comes") > 0; !m.scheduled {
		return m.answered(rt, err)
	}
	scheduler := m.db.Write(ctx, func(tx *store.Tx) error {
		return errors.Join(registration.LetGo(ctx, tx), registration.CloseOld(ctx, tx))
	})
	if scheduler != nil {
		rt.Fatal(scheduler)
	}
	return m.answered(rt, err)
}

// answered reports whether the step was refused.
func (m *machine) answered(rt *rapid.T, err error) bool {
	if err == nil {
		m.done[m.step]++
		return false
	}
	p, ok := problem.As(err)
	if !ok {
		rt.Fatalf("%s: %v", m.step, err)
	}
	m.refused = p.Code
	m.done[m.step+" "+p.Code]++
	return true
}

// said is the last step for a message.
func (m *machine) said() string {
	if m.refused == "" {
		return m.step
	}
	return fmt.Sprintf("%s, refused (%s),", m.step, m.refused)
}
