package registration_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// TestWhateverPeopleDoPlacesAndQueueAgree lets people and organisers do anything
// in any order, and after each step counts anew what must always hold.
func TestWhateverPeopleDoPlacesAndQueueAgree(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newMachine(t, rt)
		rt.Repeat(map[string]func(*rapid.T){
			"":            m.check,
			"register":    m.register,
			"register 2":  m.register, // the commonest thing
			"withdraw":    m.withdraw,
			"transfer":    m.transfer,
			"add":         m.add,
			"places":      m.places,
			"attend":      m.attend,
			"address":     m.address,
			"move":        m.move,
			"postpone":    m.postpone,
			"cancel":      m.cancel,
			"wait":        m.wait,
			"accept":      m.accept,
			"accept 2":    m.accept,
			"decline":     m.decline,
			"rejoin":      m.rejoin,
			"out of turn": m.outOfTurn,
			"mode":        m.mode,
			"together":    m.together,
			"approve":     m.approve,
			"prove":       m.prove,
		})
	})
}

// machine drives one event. It knows what it saw before the last step, and
// keeps its own list of the letters that must have been written.
type machine struct {
	db      *store.DB
	clock   *storetest.Clock
	eventID string

	before    view
	step      string            // what was done
	silent    string            // the address of somebody whose change tells nobody
	again     map[string]string // registrations that have a letter that changed nothing, and which
	letters   map[string][]string
	calls     map[string]bool // open calls, by registration and start
	scheduled bool            // the scheduler's minute has been run after the step
	steps     map[string]int  // how many changes of state each registration has had
}

// view is all there is to see of the event.
type view struct {
	ev    event.Event
	now   time.Time
	regs  map[string]reg
	queue map[event.Mode][]string // ids of those who wait, in order
	told  map[string]int          // the number that each of them is told

	letters map[string][]string // to each registration, oldest first
	entries map[string]int      // in the audit log, of each registration
	groups  map[string]bool     // those that come only together
	faults  []string            // where places and people do not agree
}

func newMachine(t *testing.T, rt *rapid.T) *machine {
	db, clock := storetest.New(t)
	hybrid, list := rapid.Bool().Draw(rt, "hybrid"), rapid.IntRange(0, 5).Draw(rt, "list") > 0
	share := rapid.IntRange(0, 2).Draw(rt, "places for one company")
	ev := registrationtest.Event(t, db, func(c *content) {
		if hybrid {
			registrationtest.Hybrid(c)
			c.OnlinePlaces = new(rapid.IntRange(1, 3).Draw(rt, "online places"))
		}
		c.RoomPlaces = new(rapid.IntRange(1, 4).Draw(rt, "room places"))
		c.WaitingList = list
		c.ConfirmEmail = rapid.IntRange(0, 3).Draw(rt, "confirm") == 0
		if rapid.IntRange(0, 3).Draw(rt, "ask") == 0 {
			c.AudienceMode = event.AudienceAsk
		}
		if share > 0 {
			c.CompanyLimit = new(share)
		}
	})
	m := &machine{db: db, clock: clock, eventID: ev.ID, again: map[string]string{}, letters: map[string][]string{}, steps: map[string]int{}, calls: map[string]bool{}}
	m.before = m.look(rt)
	return m
}

func (m *machine) look(rt *rapid.T) (v view) {
	v = view{now: m.clock.Now(), regs: map[string]reg{}, queue: map[event.Mode][]string{}, told: map[string]int{}, letters: map[string][]string{}, entries: map[string]int{}}
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
		if r.Status != registration.Waitlisted {
			continue
		}
		v.queue[r.Mode] = append(v.queue[r.Mode], r.ID)
		if v.told[r.ID], err = registration.Position(ctx, tx, r); err != nil {
			return err
		}
	}
	for _, q := range v.queue {
		slices.SortFunc(q, func(a, b string) int { return v.inQueue(v.regs[a], v.regs[b]) })
	}
	groups, err := store.All(ctx, tx, store.Value[string], `SELECT id FROM registration_group WHERE together`)
	if err != nil {
		return err
	}
	v.groups = map[string]bool{}
	for _, g := range groups {
		v.groups[g] = true
	}
	written, err := store.All(ctx, tx, func(r store.Row) (x [2]string, err error) { return x, r.Scan(&x[0], &x[1]) }, `
		SELECT registration_id, letter || ' ' || COALESCE(CAST(calendar_sequence AS TEXT), '-') FROM message WHERE registration_id IS NOT NULL ORDER BY created_at, id`)
	if err != nil {
		return err
	}
	for _, x := range written {
		v.letters[x[0]] = append(v.letters[x[0]], x[1])
	}
	logged, err := store.All(ctx, tx, store.Value[string], `SELECT object_id FROM audit_entry WHERE object_kind = 'registration'`)
	if err != nil {
		return err
	}
	for _, id := range logged {
		v.entries[id]++
	}
	v.faults, err = unsound(tx, eventID)
	return err
}

// inQueue is the order of the queue: companies without a place first, then who
// came first.
func (v view) inQueue(a, b reg) int {
	if x, y := v.class(a), v.class(b); x != y {
		return x - y
	}
	if c := a.JoinedAt.Compare(b.JoinedAt); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

// class is the part of the queue in which somebody stands.
func (v view) class(r reg) int {
	if r.CompanyID != "" && v.shareOf(r.CompanyID) > 0 {
		return 1
	}
	return 0
}

// need is how many places must be free for somebody who waits.
func (v view) need(r reg) (n int) {
	if !v.groups[r.GroupID] {
		return 1
	}
	for _, x := range v.regs {
		if x.GroupID == r.GroupID && x.Status == registration.Waitlisted {
			n++
		}
	}
	return n
}

// do runs one step a minute after the one before. A refusal is an answer like
// any other; a fault is not.
func (m *machine) do(rt *rapid.T, step string, fn func(tx *store.Tx) error) (refused bool) {
	m.clock.Advance(time.Minute)
	m.before = m.look(rt)
	m.step = step
	err := m.db.Write(ctx, fn)
	if err := m.db.Write(ctx, func(tx *store.Tx) error { return registration.LetGo(ctx, tx) }); err != nil { // the scheduler's minute
		rt.Fatal(err)
	}
	m.scheduled = true
	if err == nil {
		return false
	}
	if _, ok := problem.As(err); !ok {
		rt.Fatalf("%s: %v", step, err)
	}
	m.step = step + ", refused: " + err.Error()
	return true
}

func (m *machine) request(rt *rapid.T) request {
	q := registrationtest.Request(m.eventID, rapid.IntRange(0, 11).Draw(rt, "person"))
	q.Mode = rapid.SampledFrom(m.before.ev.Modes()).Draw(rt, "mode")
	q.Audience, q.Outside = rapid.SampledFrom([]string{"procurer", "politician"}).Draw(rt, "audience"), rapid.Bool().Draw(rt, "outside")
	q.Organisation = rapid.SampledFrom([]registration.Organisation{acme, acme, {Kind: registration.OfNone}, vik}).Draw(rt, "organisation")
	return q
}

func (m *machine) anyone(rt *rapid.T) string {
	ids := slices.Sorted(maps.Keys(m.look(rt).regs))
	if len(ids) == 0 {
		rt.Skip("nobody is there")
	}
	return rapid.SampledFrom(ids).Draw(rt, "who")
}

func (m *machine) register(rt *rapid.T) {
	q := m.request(rt)
	var o registration.Outcome
	refused := m.do(rt, "register", func(tx *store.Tx) (err error) {
		o, err = registration.Register(ctx, tx, q)
		return err
	})
	if refused {
		return
	}
	if o.Already {
		m.again[o.Registration.ID] = "E06 -"
	}
	if o.Already || o.Status != registration.Confirmed {
		return
	}
	for _, id := range m.before.queue[q.Mode] {
		if r := m.before.regs[id]; m.before.ev.StartsAt.Sub(m.before.now) >= 6*time.Hour && m.before.withinShare(r) && m.before.need(r) == 1 && m.before.class(r) == 0 {
			rt.Fatalf("a newcomer has a place while %s waits for one", id)
		}
	}
	if c := o.Registration.CompanyID; c != "" && m.before.ev.CompanyLimit != nil && m.before.shareOf(c) >= *m.before.ev.CompanyLimit {
		rt.Fatalf("a newcomer has a place of a company that has %d already", m.before.shareOf(c))
	}
}

func (m *machine) withdraw(rt *rapid.T) {
	id := m.anyone(rt)
	by := rapid.SampledFrom([]audit.Actor{person, organiser}).Draw(rt, "by")
	m.do(rt, "withdraw", func(tx *store.Tx) error {
		_, err := registration.Withdraw(ctx, tx, id, by, "")
		return err
	})
}

func (m *machine) transfer(rt *rapid.T) {
	id, q := m.anyone(rt), m.request(rt)
	q.By = person
	refused := m.do(rt, "transfer", func(tx *store.Tx) error {
		_, err := registration.Transfer(ctx, tx, id, q)
		return err
	})
	if !refused {
		m.silent = q.Email
	}
}

func (m *machine) add(rt *rapid.T) {
	q, over := m.request(rt), rapid.Bool().Draw(rt, "over")
	q.By = organiser
	m.do(rt, "add", func(tx *store.Tx) error {
		_, err := registration.AddByHand(ctx, tx, q, over)
		return err
	})
}

func (m *machine) places(rt *rapid.T) {
	c := m.before.ev.Content
	n := rapid.IntRange(0, 8).Draw(rt, "places")
	wanted := new(n)
	if n == 0 {
		wanted = nil
	}
	if c.Mode == event.Hybrid && rapid.Bool().Draw(rt, "online") {
		c.OnlinePlaces = wanted
	} else {
		c.RoomPlaces = wanted
	}
	m.do(rt, fmt.Sprintf("%d places", n), func(tx *store.Tx) error {
		now, err := event.Find(ctx, tx, m.eventID)
		if err != nil {
			return err
		}
		c.StartsAt, c.EndsAt, c.ClosesAt = now.StartsAt, now.EndsAt, now.ClosesAt
		_, err = registration.UpdateEvent(ctx, tx, m.eventID, now.Revision, c, "", organiser)
		return err
	})
}

func (m *machine) attend(rt *rapid.T) {
	id, mark := m.anyone(rt), rapid.SampledFrom([]registration.Mark{present, absent, unmarked}).Draw(rt, "mark")
	m.do(rt, "attend "+string(mark), func(tx *store.Tx) error {
		_, err := registration.Attend(ctx, tx, id, mark, organiser)
		return err
	})
}

// address corrects somebody's address to that of another.
func (m *machine) address(rt *rapid.T) {
	id, to := m.anyone(rt), registrationtest.Address(rapid.IntRange(0, 11).Draw(rt, "person"))
	refused := m.do(rt, "address", func(tx *store.Tx) error {
		_, err := registration.ChangeAddress(ctx, tx, id, to, organiser)
		return err
	})
	if refused {
		return
	}
	m.steps[id]++ // an entry that is no change of state
	switch m.before.regs[id].Status {
	case registration.Confirmed:
		m.again[id] = "E02 -"
	case registration.Waitlisted:
		m.again[id] = "E03 -"
	default:
		m.again[id] = "E06 -"
	}
}

func (m *machine) move(rt *rapid.T) {
	to := m.clock.Now().Add(time.Duration(rapid.IntRange(1, 60*24).Draw(rt, "hours")) * time.Hour)
	m.do(rt, "move", func(tx *store.Tx) error {
		_, err := registration.MoveEvent(ctx, tx, m.eventID, to, to.Add(3*time.Hour), "", organiser)
		return err
	})
}

func (m *machine) postpone(rt *rapid.T) {
	m.do(rt, "postpone", func(tx *store.Tx) error {
		_, err := registration.PostponeEvent(ctx, tx, m.eventID, "", organiser)
		return err
	})
}

func (m *machine) cancel(rt *rapid.T) {
	if rapid.IntRange(0, 9).Draw(rt, "really") > 0 {
		rt.Skip("seldom")
	}
	m.do(rt, "cancel", func(tx *store.Tx) error {
		_, err := registration.CancelEvent(ctx, tx, m.eventID, "därför", organiser)
		return err
	})
}

// wait lets time pass: hours, or until the event is near.
func (m *machine) wait(rt *rapid.T) {
	near := m.before.ev.StartsAt.Add(-time.Duration(rapid.IntRange(-2, 8).Draw(rt, "hours before")) * time.Hour)
	if rapid.Bool().Draw(rt, "until it is near") && near.After(m.clock.Now()) {
		m.clock.Set(near)
	} else {
		m.clock.Advance(time.Duration(rapid.IntRange(1, 60).Draw(rt, "hours")) * time.Hour)
	}
	m.do(rt, "wait", func(*store.Tx) error { return nil })
}

// shareOf is how many places a company has.
func (v view) shareOf(companyID string) (n int) {
	for _, r := range v.regs {
		if r.CompanyID == companyID && r.Status.HoldsPlace() {
			n++
		}
	}
	return n
}

// withinShare reports whether the person's company may have the places that the
// person needs.
func (v view) withinShare(r reg) bool {
	return r.CompanyID == "" || v.ev.CompanyLimit == nil || v.shareOf(r.CompanyID)+v.need(r) <= *v.ev.CompanyLimit
}

// check holds what is there against what was there before the step.
func (m *machine) check(rt *rapid.T) {
	now := m.look(rt)
	if len(now.faults) > 0 {
		rt.Fatalf("after %s: %s", m.step, strings.Join(now.faults, "; "))
	}
	m.compareQueues(rt, now)
	m.followLetters(rt, now)
	if strings.Contains(m.step, "refused") && len(m.changed(now)) == 0 {
		if diff := cmp.Diff(m.before.regs, now.regs); diff != "" {
			rt.Fatalf("%s, and yet:\n%s", m.step, diff)
		}
	}
	m.before, m.silent, m.again, m.step, m.scheduled = now, "", map[string]string{}, "nothing", false
}

func (m *machine) compareQueues(rt *rapid.T, now view) {
	for _, mode := range now.ev.Modes() {
		free, unlimited := now.ev.Capacity(mode).Free()
		for _, id := range now.queue[mode] {
			r := now.regs[id]
			if m.scheduled && registration.Offers(now.ev, now.now) && (free >= now.need(r) || unlimited) && now.withinShare(r) {
				rt.Fatalf("after %s %s waits while %d places (or all: %t) are free", m.step, id, free, unlimited)
			}
		}
		if mode == event.Online && now.ev.Mode == event.Hybrid && len(now.queue[mode]) > 0 {
			rt.Fatalf("after %s somebody waits online", m.step)
		}
		passed := "" // the first who still waits
		for _, id := range m.before.queue[mode] {
			switch r := now.regs[id]; r.Status {
			case registration.Waitlisted:
				if passed == "" && now.withinShare(r) && now.need(r) == 1 && now.class(r) == 0 {
					passed = id
				}
				if r.JoinedAt != m.before.regs[id].JoinedAt {
					rt.Fatalf("after %s the place of %s in the queue is another", m.step, id)
				}
			case registration.Offered:
				if passed != "" && !strings.HasPrefix(m.step, "out of turn") {
					rt.Fatalf("after %s %s has an offer, and %s, who came before, still waits", m.step, id, passed)
				}
			}
		}
		for i, id := range now.queue[mode] {
			if now.told[id] != i+1 {
				rt.Fatalf("after %s number %d is told that it is %d", m.step, i+1, now.told[id])
			}
		}
	}
}

// changed lists the registrations that are not as they were.
func (m *machine) changed(now view) (ids []string) {
	for id, r := range now.regs {
		if m.before.regs[id].Status != r.Status {
			ids = append(ids, id)
		}
	}
	return ids
}

// followLetters adds to the list what the step must have written, and compares
// it with the outbox and the audit log.
func (m *machine) followLetters(rt *rapid.T, now view) {
	for _, id := range slices.Sorted(maps.Keys(now.regs)) {
		was, is := m.before.regs[id], now.regs[id]
		sequence, existed := was.CalendarSequence, was.ID != ""
		if !existed {
			sequence = -1
		}
		if is.CalendarSequence < sequence {
			rt.Fatalf("after %s the SEQUENCE of %s fell from %d to %d", m.step, id, sequence, is.CalendarSequence)
		}
		if letter := m.again[id]; letter != "" {
			m.letters[id] = append(m.letters[id], letter)
		}
		called := m.called(now, is)
		for _, letter := range m.lettersFor(was, is) {
			toWaiting := is.Status.Waits() && (letter == message.EventMoved || letter == message.EventPostponed)
			if toWaiting && called { // the call says it
				continue
			}
			if letter == message.Cancelled && m.silent == is.Email && was.Status == registration.Waitlisted {
				continue
			}
			stands := "-"
			if letter.Method() == "REQUEST" && !toWaiting || letter.Method() == "CANCEL" && sequence >= 0 {
				stands = fmt.Sprint(sequence + 1)
			}
			m.letters[id] = append(m.letters[id], string(letter)+" "+stands)
		}
		if called {
			m.letters[id] = append(m.letters[id], "E07 -")
		}
		m.steps[id] += changes(was, is)
	}
	if diff := cmp.Diff(m.letters, now.letters); diff != "" {
		rt.Fatalf("after %s the letters (-want +got):\n%s", m.step, diff)
	}
	if diff := cmp.Diff(m.steps, now.entries); diff != "" {
		rt.Fatalf("after %s the entries in the audit log (-want +got):\n%s", m.step, diff)
	}
}

// lettersFor are the letters that a change of state sends, by the rules.
func (m *machine) lettersFor(was, is reg) []message.Letter {
	if back := was.Status == registration.Offered && is.Status == registration.Waitlisted; was.Status == is.Status && is.Status.Waits() || back {
		if letter, told := map[string]message.Letter{"move": message.EventMoved, "postpone": message.EventPostponed}[m.step]; told {
			return []message.Letter{letter}
		}
	}
	if was.Status == is.Status {
		switch {
		case is.Status == registration.Confirmed && m.step == "move":
			return []message.Letter{message.EventMoved}
		case is.Status == registration.Confirmed && m.step == "postpone":
			return []message.Letter{message.EventPostponed}
		case is.Status == registration.Confirmed && was.Mode != is.Mode:
			return []message.Letter{message.EventMoved}
		}
		return nil
	}
	if was.Status == registration.Attended || was.Status == registration.NoShow {
		return nil // a mark is nobody's letter
	}
	letter := map[registration.Status]message.Letter{
		registration.Confirmed: message.Confirmed, registration.Waitlisted: message.Waitlisted, registration.Cancelled: message.Cancelled,
		registration.LateCancelled: message.LateCancelled, registration.Transferred: message.Transferred, registration.EventCancelled: message.EventCancelled,
		registration.Offered: message.Offered, registration.Declined: message.Declined, registration.Expired: message.Expired,
		registration.Requested: message.Requested, registration.Rejected: message.Rejected, registration.PendingEmail: message.ConfirmAddress,
	}[is.Status]
	switch {
	case letter == "":
		return nil
	case throughQueue(was, is):
		return []message.Letter{message.Waitlisted, letter}
	}
	return []message.Letter{letter}
}

// throughQueue reports whether somebody came to the queue and was offered a place
// in the same minute.
func throughQueue(was, is reg) bool {
	return is.Status == registration.Offered && was.Status != registration.Waitlisted
}

// called reports whether the person is called, with all who wait, because a place
// is free in the last hours: once for each start.
func (m *machine) called(now view, r reg) bool {
	left := now.ev.StartsAt.Sub(now.now)
	free, unlimited := now.ev.Capacity(r.Mode).Free()
	key := r.ID + now.ev.StartsAt.String()
	if !m.scheduled || r.Status != registration.Waitlisted || now.ev.Status != event.Published || left >= 6*time.Hour || left <= time.Hour || free == 0 && !unlimited || m.calls[key] {
		return false
	}
	m.calls[key] = true
	return true
}

// changes is how many steps lead from one state to the other.
func changes(was, is reg) int {
	switch {
	case was.Status == is.Status && was.Mode != is.Mode:
		return 1
	case was.Status == is.Status:
		return 0
	case was.Status == registration.NoShow && is.Status == registration.Confirmed: // by way of attended
		return 2
	case throughQueue(was, is):
		return 2
	}
	return 1
}

func (m *machine) accept(rt *rapid.T) {
	id := m.anyone(rt)
	m.do(rt, "accept", func(tx *store.Tx) error { _, err := registration.Accept(ctx, tx, id, person); return err })
}

func (m *machine) decline(rt *rapid.T) {
	id := m.anyone(rt)
	m.do(rt, "decline", func(tx *store.Tx) error { _, err := registration.Decline(ctx, tx, id, person); return err })
}

func (m *machine) rejoin(rt *rapid.T) {
	id := m.anyone(rt)
	m.do(rt, "rejoin", func(tx *store.Tx) error { _, err := registration.Rejoin(ctx, tx, id, person); return err })
}

func (m *machine) outOfTurn(rt *rapid.T) {
	id, over := m.anyone(rt), rapid.Bool().Draw(rt, "over")
	m.do(rt, "out of turn", func(tx *store.Tx) error {
		_, err := registration.OfferTo(ctx, tx, id, "skäl", over, organiser)
		return err
	})
}

func (m *machine) mode(rt *rapid.T) {
	id, to := m.anyone(rt), rapid.SampledFrom(m.before.ev.Modes()).Draw(rt, "mode")
	m.do(rt, "mode", func(tx *store.Tx) error { _, err := registration.ChangeMode(ctx, tx, id, to, person); return err })
}

func (m *machine) together(rt *rapid.T) {
	a, b, together := m.request(rt), m.request(rt), rapid.Bool().Draw(rt, "together")
	b.Mode = a.Mode
	var o []registration.Outcome
	refused := m.do(rt, "together", func(tx *store.Tx) (err error) {
		o, err = registration.RegisterGroup(ctx, tx, []registration.Request{a, b}, together)
		return err
	})
	for _, x := range o {
		if !refused && x.Already {
			m.again[x.Registration.ID] = "E06 -"
		}
	}
}

func (m *machine) approve(rt *rapid.T) {
	id, yes := m.anyone(rt), rapid.Bool().Draw(rt, "yes")
	m.do(rt, "approve", func(tx *store.Tx) (err error) {
		if yes {
			_, err = registration.Approve(ctx, tx, id, organiser)
		} else {
			_, err = registration.Reject(ctx, tx, id, "skäl", organiser)
		}
		return err
	})
}

func (m *machine) prove(rt *rapid.T) {
	id, mine := m.anyone(rt), rapid.IntRange(0, 3).Draw(rt, "mine") > 0
	m.do(rt, "prove", func(tx *store.Tx) error {
		if !mine {
			return registration.Disown(ctx, tx, id)
		}
		_, err := registration.Prove(ctx, tx, id)
		return err
	})
}
