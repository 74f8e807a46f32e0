package registration_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"stafett/internal/audit"
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
	done := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		m := newMachine(t, rt)
		defer m.db.Close() // not only when all runs are over
		m.done = done
		rt.Repeat(map[string]func(*rapid.T){
			"":            m.check,
			"register":    m.register,
			"register 2":  m.register, // the commonest thing
			"group":       m.group,
			"group 2":     m.group,
			"colleague":   m.colleague,
			"withdraw":    m.withdraw,
			"withdraw 2":  m.withdraw,
			"transfer":    m.transfer,
			"add":         m.add,
			"places":      m.places,
			"attend":      m.attend,
			"walk in":     m.walkIn,
			"reconsider":  m.reconsider,
			"address":     m.address,
			"move":        m.move,
			"postpone":    m.postpone,
			"cancel":      m.cancel,
			"close":       m.close,
			"wait":        m.wait,
			"late":        m.late,
			"wait 2":      m.wait,
			"accept":      m.accept,
			"accept 2":    m.accept,
			"decline":     m.decline,
			"decline 2":   m.decline,
			"rejoin":      m.rejoin,
			"out of turn": m.outOfTurn,
			"offer":       m.outOfTurn,
			"lift":        m.lift,
			"list":        m.list,
			"mode":        m.mode,
			"decide":      m.decide,
			"prove":       m.prove,
			"invite":      m.invite,
			"revoke":      m.revoke,
		})
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
	faults  []string            // where places and people do not agree
}

// taken is one step of a registration.
type taken struct{ by, from, to string }

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
		c.AudienceMode = rapid.SampledFrom([]event.AudienceMode{event.AudienceInfo, event.AudienceInfo, event.AudienceAsk, event.AudienceInvite}).Draw(rt, "audience mode")
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
	for range rapid.IntRange(2, 8).Draw(rt, "there at first") {
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
		invitations: map[string]registration.Invitation{}, letters: map[string][]string{}, paths: map[string][]taken{}, others: map[string][]string{},
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
	if c := a.JoinedAt.Compare(b.JoinedAt); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

// class is the part of the queue in which somebody stands.
func (v view) class(r reg) int {
	if r.CompanyID != "" && v.held(r.CompanyID) > 0 {
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
	return r.CompanyID == "" || v.held(r.CompanyID)+v.need(r) <= v.limit(r.CompanyID)
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

func (m *machine) number(rt *rapid.T) int { return rapid.IntRange(0, 15).Draw(rt, "person") }

func (m *machine) request(rt *rapid.T) request {
	q := registrationtest.Request(m.eventID, m.number(rt))
	q.Mode = rapid.SampledFrom(m.before.ev.Modes()).Draw(rt, "mode")
	q.Audience, q.Outside = rapid.SampledFrom([]string{"procurer", "politician"}).Draw(rt, "audience"), rapid.Bool().Draw(rt, "outside")
	q.Organisation = rapid.SampledFrom([]registration.Organisation{acme, acme, {Kind: registration.OfNone}, vik}).Draw(rt, "organisation")
	if ids := slices.Sorted(maps.Keys(m.before.invitations)); len(ids) > 0 {
		q.Code = m.before.invitations[rapid.SampledFrom(ids).Draw(rt, "invitation")].Code
	}
	return q
}

// anyone is somebody who is there, nearly always one in a state that the step is
// for. It comes before all else that a step draws: rapid ends a run in which much
// is drawn in vain.
func (m *machine) anyone(rt *rapid.T, likely ...registration.Status) string {
	var those []string
	ids := sorted(m.before.regs)
	for _, id := range ids {
		if len(likely) == 0 || slices.Contains(likely, m.before.regs[id].Status) {
			those = append(those, id)
		}
	}
	if len(those) == 0 {
		rt.Skip("nobody is there")
	}
	if rapid.IntRange(0, 9).Draw(rt, "likely") > 0 {
		ids = those
	}
	return rapid.SampledFrom(ids).Draw(rt, "who")
}

// came notes what signing up came to.
func (m *machine) came(refused bool, outcomes ...registration.Outcome) {
	for _, o := range outcomes {
		switch {
		case refused:
		case o.Already:
			m.again[o.Registration.ID] = "E06 -"
		default:
			m.newcomer = o.Registration.ID
		}
	}
}

func (m *machine) register(rt *rapid.T) {
	m.live(rt)
	q := m.request(rt)
	var o registration.Outcome
	refused := m.do(rt, "register", func(tx *store.Tx) (err error) { o, err = registration.Register(ctx, tx, q); return err })
	m.came(refused, o)
}

// group signs up two or three in one go.
func (m *machine) group(rt *rapid.T) {
	m.live(rt)
	people, together := []request{m.request(rt)}, rapid.IntRange(0, 3).Draw(rt, "together") > 0
	first := m.number(rt)
	for n := range rapid.IntRange(1, 2).Draw(rt, "others") {
		q := registrationtest.Request(m.eventID, (first+n)%16)
		q.Mode, q.Outside, q.Code = rapid.SampledFrom(m.before.ev.Modes()).Draw(rt, "mode"), people[0].Outside, people[0].Code
		people = append(people, q)
	}
	var o []registration.Outcome
	refused := m.do(rt, "group", func(tx *store.Tx) (err error) {
		o, err = registration.RegisterGroup(ctx, tx, people, together)
		return err
	})
	m.came(refused, o...)
}

func (m *machine) colleague(rt *rapid.T) {
	m.live(rt)
	id := m.anyone(rt, registration.Confirmed, registration.Waitlisted)
	q := m.request(rt)
	var o registration.Outcome
	refused := m.do(rt, "colleague", func(tx *store.Tx) (err error) {
		o, err = registration.AddColleague(ctx, tx, id, q)
		return err
	})
	m.came(refused, o)
	if !refused && !o.Already && o.Registration.CompanyID != m.before.regs[id].CompanyID {
		rt.Fatalf("the colleague of %s comes for another company", id)
	}
}

func (m *machine) withdraw(rt *rapid.T) {
	id := m.anyone(rt, registration.Confirmed)
	by := rapid.SampledFrom([]audit.Actor{person, organiser}).Draw(rt, "by")
	m.do(rt, "withdraw", func(tx *store.Tx) error { _, err := registration.Withdraw(ctx, tx, id, by, ""); return err })
}

func (m *machine) transfer(rt *rapid.T) {
	id, q := m.anyone(rt, registration.Confirmed), m.request(rt)
	q.By = person
	if !m.do(rt, "transfer", func(tx *store.Tx) error { _, err := registration.Transfer(ctx, tx, id, q); return err }) {
		m.silent = q.Email
	}
}

func (m *machine) add(rt *rapid.T) {
	if m.before.ev.Status != event.Published {
		rt.Skip("not now")
	}
	q, over := m.request(rt), rapid.Bool().Draw(rt, "over")
	q.By, m.over = organiser, over
	m.do(rt, "add", func(tx *store.Tx) error { _, err := registration.AddByHand(ctx, tx, q, over); return err })
}

// places changes how many there are, or how many of them one company may have.
func (m *machine) places(rt *rapid.T) {
	wanted := new(rapid.IntRange(1, 5).Draw(rt, "places"))
	if seldom(rt, 8) {
		wanted = nil
	}
	which := rapid.SampledFrom([]string{"room", "online", "share"}).Draw(rt, "which")
	m.do(rt, "places", func(tx *store.Tx) error {
		now, err := event.Find(ctx, tx, m.eventID)
		if err != nil {
			return err
		}
		c := now.Content
		switch {
		case which == "share":
			c.CompanyLimit = wanted
		case which == "online" && c.Mode == event.Hybrid:
			c.OnlinePlaces = wanted
		default:
			c.RoomPlaces = wanted
		}
		_, err = registration.UpdateEvent(ctx, tx, m.eventID, now.Revision, c, "", organiser)
		return err
	})
}

func (m *machine) attend(rt *rapid.T) {
	m.during(rt)
	id := m.anyone(rt, registration.Confirmed, registration.Attended, registration.NoShow, registration.Waitlisted, registration.LateCancelled)
	mark := rapid.SampledFrom([]registration.Mark{present, present, absent, unmarked}).Draw(rt, "mark")
	m.do(rt, "attend", func(tx *store.Tx) error { _, err := registration.Attend(ctx, tx, id, mark, organiser); return err })
}

func (m *machine) reconsider(rt *rapid.T) {
	m.during(rt)
	id, mark := m.anyone(rt, registration.NoShow), rapid.SampledFrom([]registration.Mark{present, absent}).Draw(rt, "mark")
	m.do(rt, "reconsider", func(tx *store.Tx) error {
		_, err := registration.Reconsider(ctx, tx, id, mark, "skäl", organiser)
		return err
	})
}

func (m *machine) walkIn(rt *rapid.T) {
	m.during(rt)
	q := m.request(rt)
	m.do(rt, "walk in", func(tx *store.Tx) error {
		_, err := registration.WalkIn(ctx, tx, m.eventID, registration.Arrival{Name: q.FirstName + " " + q.LastName, Email: q.Email, Organisation: q.Organisation.Name, Language: "sv", By: organiser})
		return err
	})
}

// during leaves out what is of use only from shortly before the start.
func (m *machine) during(rt *rapid.T) {
	if ev := m.before.ev; ev.Status == event.Cancelled || ev.Status == event.Postponed || m.clock.Now().Before(registration.AttendanceOpens(ev)) {
		rt.Skip("not now")
	}
}

// close ends the attendance, when somebody may have been marked before.
func (m *machine) close(rt *rapid.T) {
	m.during(rt)
	if m.before.ev.Status != event.Published && !m.before.ev.AttendanceClosedAt.IsZero() {
		rt.Skip("done")
	}
	m.do(rt, "close", func(tx *store.Tx) error { _, err := registration.CloseEvent(ctx, tx, m.eventID, organiser); return err })
}

// address corrects somebody's address to that of another.
func (m *machine) address(rt *rapid.T) {
	id := m.anyone(rt, registration.Confirmed, registration.Waitlisted, registration.Offered)
	to := registrationtest.Address(m.number(rt))
	var was registration.Status
	refused := m.do(rt, "address", func(tx *store.Tx) error {
		r, err := registration.ChangeAddress(ctx, tx, id, to, organiser)
		was = r.Status
		return err
	})
	if refused {
		return
	}
	m.corrected = id
	m.again[id] = map[registration.Status]string{registration.Confirmed: "E02 -", registration.Waitlisted: "E03 -"}[was]
	if m.again[id] == "" {
		m.again[id] = "E06 -"
	}
}

func (m *machine) move(rt *rapid.T) {
	m.live(rt)
	to := m.clock.Now().Add(time.Duration(rapid.IntRange(1, 60*24).Draw(rt, "hours")) * time.Hour)
	m.do(rt, "move", func(tx *store.Tx) error {
		_, err := registration.MoveEvent(ctx, tx, m.eventID, to, to.Add(3*time.Hour), "", organiser)
		return err
	})
}

func (m *machine) postpone(rt *rapid.T) {
	m.live(rt)
	if !seldom(rt, 4) {
		m.register(rt)
		return
	}
	m.do(rt, "postpone", func(tx *store.Tx) error {
		_, err := registration.PostponeEvent(ctx, tx, m.eventID, "", organiser)
		return err
	})
}

func (m *machine) cancel(rt *rapid.T) {
	m.live(rt)
	if !seldom(rt, 25) {
		m.group(rt)
		return
	}
	m.do(rt, "cancel", func(tx *store.Tx) error {
		_, err := registration.CancelEvent(ctx, tx, m.eventID, "därför", organiser)
		return err
	})
}

// live leaves out what is of no use once the event is over or cancelled.
func (m *machine) live(rt *rapid.T) {
	switch ev := m.before.ev; {
	case ev.Status == event.Cancelled, ev.Status == event.Held, ev.Status == event.Published && !m.clock.Now().Before(ev.EndsAt):
		rt.Skip("over")
	}
}

// seldom is one time in so many, for a step that ends much.
func seldom(rt *rapid.T, of int) bool { return rapid.IntRange(1, of).Draw(rt, "really") == 1 }

// wait lets time pass: hours, until the event is near, or until it is over.
func (m *machine) wait(rt *rapid.T) {
	m.pass(rt)
	m.do(rt, "wait", func(*store.Tx) error { return nil })
}

// late lets time pass without the scheduler: what comes next finds things held
// too long.
func (m *machine) late(rt *rapid.T) { m.pass(rt) }

func (m *machine) pass(rt *rapid.T) {
	until := m.clock.Now().Add(time.Duration(rapid.IntRange(1, 60).Draw(rt, "hours")) * time.Hour)
	switch rapid.SampledFrom([]string{"a few", "a few", "a few", "hours", "hours", "hours", "hours", "until it is near", "until it is near", "until it is over"}).Draw(rt, "how long") {
	case "a few":
		until = m.clock.Now().Add(time.Hour)
	case "until it is near":
		until = m.before.ev.StartsAt.Add(-time.Duration(rapid.IntRange(-2, 8).Draw(rt, "hours before")) * time.Hour)
	case "until it is over":
		until = m.before.ev.EndsAt.Add(time.Duration(rapid.IntRange(0, 15).Draw(rt, "days after")) * 24 * time.Hour)
	}
	if until.After(m.clock.Now()) {
		m.clock.Set(until)
	}
}

func (m *machine) accept(rt *rapid.T) {
	likely := []registration.Status{registration.Offered}
	if left := m.before.ev.StartsAt.Sub(m.clock.Now()); left < 6*time.Hour && left > 0 {
		likely = append(likely, registration.Waitlisted) // the open call
	}
	id := m.anyone(rt, likely...)
	m.do(rt, "accept", func(tx *store.Tx) error { _, err := registration.Accept(ctx, tx, id, person); return err })
}

func (m *machine) decline(rt *rapid.T) {
	id := m.anyone(rt, registration.Offered)
	m.do(rt, "decline", func(tx *store.Tx) error { _, err := registration.Decline(ctx, tx, id, person); return err })
}

func (m *machine) rejoin(rt *rapid.T) {
	m.live(rt)
	id := m.anyone(rt, registration.Declined, registration.Expired)
	m.do(rt, "rejoin", func(tx *store.Tx) error { _, err := registration.Rejoin(ctx, tx, id, person); return err })
}

func (m *machine) outOfTurn(rt *rapid.T) {
	m.live(rt)
	id, over := m.anyone(rt, registration.Waitlisted), rapid.Bool().Draw(rt, "over")
	m.over = over
	m.do(rt, "out of turn", func(tx *store.Tx) error {
		_, err := registration.OfferTo(ctx, tx, id, "skäl", over, organiser)
		return err
	})
}

// lift gives the company of somebody who is there a share of its own.
func (m *machine) lift(rt *rapid.T) {
	var companies []string
	for _, r := range m.before.regs {
		if r.CompanyID != "" && !slices.Contains(companies, r.CompanyID) {
			companies = append(companies, r.CompanyID)
		}
	}
	if len(companies) == 0 {
		rt.Skip("no company")
	}
	if !seldom(rt, 3) {
		m.group(rt)
		return
	}
	slices.Sort(companies)
	company := rapid.SampledFrom(companies).Draw(rt, "company")
	places := rapid.SampledFrom([]*int{nil, new(1), new(2), new(3)}).Draw(rt, "share")
	m.do(rt, "lift", func(tx *store.Tx) error {
		return registration.LiftShare(ctx, tx, m.eventID, company, places, "skäl", organiser)
	})
}

func (m *machine) list(rt *rapid.T) {
	open := !m.before.ev.WaitingList
	if !open && !seldom(rt, 4) {
		m.register(rt)
		return
	}
	m.do(rt, "list", func(tx *store.Tx) error {
		_, err := event.KeepWaitingList(ctx, tx, m.eventID, open, organiser)
		return err
	})
}

func (m *machine) mode(rt *rapid.T) {
	m.live(rt)
	if m.before.ev.Mode != event.Hybrid {
		rt.Skip("one mode")
	}
	id, to := m.anyone(rt, registration.Confirmed, registration.Waitlisted), rapid.SampledFrom(m.before.ev.Modes()).Draw(rt, "mode")
	m.do(rt, "mode", func(tx *store.Tx) error { _, err := registration.ChangeMode(ctx, tx, id, to, person); return err })
}

func (m *machine) decide(rt *rapid.T) {
	id, yes := m.anyone(rt, registration.Requested), rapid.Bool().Draw(rt, "yes")
	m.do(rt, "decide", func(tx *store.Tx) (err error) {
		if yes {
			_, err = registration.Approve(ctx, tx, id, organiser)
		} else {
			_, err = registration.Reject(ctx, tx, id, "skäl", organiser)
		}
		return err
	})
}

func (m *machine) prove(rt *rapid.T) {
	id, mine := m.anyone(rt, registration.PendingEmail), rapid.IntRange(0, 3).Draw(rt, "mine") > 0
	m.do(rt, "prove", func(tx *store.Tx) error {
		if !mine {
			return registration.Disown(ctx, tx, id)
		}
		_, err := registration.Prove(ctx, tx, id)
		return err
	})
}

func (m *machine) invite(rt *rapid.T) {
	if n := len(m.before.invitations); n == 0 || n > 5 { // nobody, or enough
		rt.Skip("not now")
	}
	address := rapid.SampledFrom([]string{"", registrationtest.Address(2), registrationtest.Address(3)}).Draw(rt, "address")
	n := rapid.IntRange(1, 2).Draw(rt, "places")
	m.do(rt, "invite", func(tx *store.Tx) error {
		_, err := registration.Invite(ctx, tx, m.eventID, "", address, &n, organiser)
		return err
	})
}

func (m *machine) revoke(rt *rapid.T) {
	ids := slices.Sorted(maps.Keys(m.before.invitations))
	if len(ids) == 0 {
		rt.Skip("nobody is invited")
	}
	id := rapid.SampledFrom(ids).Draw(rt, "invitation")
	m.do(rt, "revoke", func(tx *store.Tx) error { _, err := registration.Revoke(ctx, tx, id, organiser); return err })
}

// said is the last step for a message.
func (m *machine) said() string {
	if m.refused == "" {
		return m.step
	}
	return fmt.Sprintf("%s, refused (%s),", m.step, m.refused)
}
