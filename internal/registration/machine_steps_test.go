package registration_test

import (
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
)

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
	return m.anyoneWho(rt, func(r reg) bool { return len(likely) == 0 || slices.Contains(likely, r.Status) })
}

func (m *machine) anyoneWho(rt *rapid.T, likely func(reg) bool) string {
	var those []string
	ids := sorted(m.before.regs)
	for _, id := range ids {
		if likely(m.before.regs[id]) {
			those = append(those, id)
		}
	}
	if len(those) == 0 {
		rt.Skip("nobody is there")
	}
	if rapid.IntRange(0, 9).Draw(rt, "likely") < 9 {
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
			if o.Registration.Status == registration.PendingEmail {
				m.again[o.Registration.ID] = "E01 -"
			}
		default:
			m.newcomer = o.Registration.ID
		}
	}
}

func (m *machine) register(rt *rapid.T) {
	m.live(rt)
	if m.before.ev.Status == event.Postponed { // it takes nobody until it has a date again
		m.move(rt)
		return
	}
	m.signUp(rt, m.request(rt))
}

func (m *machine) signUp(rt *rapid.T, q request) {
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
	wanted := new(rapid.IntRange(1, 4).Draw(rt, "places"))
	if seldom(rt, 15) {
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
	m.live(rt)
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
	m.again[id] = map[registration.Status]string{registration.Confirmed: "E02 -", registration.Waitlisted: "E03 -", registration.PendingEmail: "E01 -"}[was]
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
	offered := slices.ContainsFunc(sorted(m.before.regs), func(id string) bool {
		return m.before.regs[id].Status == registration.Offered || offeredRoom(m.before.regs[id])
	})
	if !offered && !seldom(rt, 4) {
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
	if !seldom(rt, 10) {
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

// seldom is one time in so many or less, for a step that ends much.
func seldom(rt *rapid.T, of int) bool { return rapid.IntRange(1, of).Draw(rt, "really") == of }

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
	switch rapid.SampledFrom([]string{"a few", "until it is near", "hours", "hours", "a few", "hours", "until it is near", "until it is over"}).Draw(rt, "how long") {
	case "a few":
		until = m.clock.Now().Add(time.Hour)
	case "until it is near":
		until = m.before.ev.StartsAt.Add(-time.Duration(rapid.SampledFrom([]int{5, 10, 3, 0, 8, 2, -1, 11}).Draw(rt, "hours before")) * time.Hour)
	case "until it is over":
		until = m.before.ev.EndsAt.Add(time.Duration(rapid.IntRange(0, 15).Draw(rt, "days after")) * 24 * time.Hour)
	}
	if until.After(m.clock.Now()) {
		m.clock.Set(until)
	}
}

func (m *machine) accept(rt *rapid.T) {
	likely := offeredAny
	if left := m.before.ev.StartsAt.Sub(m.clock.Now()); left < 6*time.Hour && left > 0 {
		likely = waits // the open call
	}
	id := m.anyoneWho(rt, likely)
	m.do(rt, "accept", func(tx *store.Tx) error { _, err := registration.Accept(ctx, tx, id, person); return err })
}

func (m *machine) decline(rt *rapid.T) {
	id := m.anyoneWho(rt, offeredAny)
	m.do(rt, "decline", func(tx *store.Tx) error { _, err := registration.Decline(ctx, tx, id, person); return err })
}

func (m *machine) rejoin(rt *rapid.T) {
	m.live(rt)
	id := m.anyone(rt, registration.Declined, registration.Expired)
	m.do(rt, "rejoin", func(tx *store.Tx) error { _, err := registration.Rejoin(ctx, tx, id, person); return err })
}

func (m *machine) outOfTurn(rt *rapid.T) {
	m.live(rt)
	id, over := m.anyoneWho(rt, waits), rapid.Bool().Draw(rt, "over")
	m.over = over
	m.do(rt, "out of turn", func(tx *store.Tx) error {
		_, err := registration.OfferTo(ctx, tx, id, "skäl", over, organiser)
		return err
	})
}

// lift gives the company of somebody who waits a share of its own; a company for
// which there would be a place before others. When none waits, one more signs up.
func (m *machine) lift(rt *rapid.T) {
	var companies, kept []string
	for _, id := range sorted(m.before.regs) {
		r := m.before.regs[id]
		if r.Status != registration.Waitlisted || r.CompanyID == "" {
			continue
		}
		companies = append(companies, r.CompanyID)
		if !m.before.withinShare(r) && m.free(m.before, r.Mode) > 0 {
			kept = append(kept, r.CompanyID)
		}
	}
	if len(kept) > 0 {
		companies = kept
	}
	if len(companies) == 0 {
		m.live(rt)
		q := m.request(rt)
		q.Organisation = acme
		m.signUp(rt, q)
		return
	}
	company := rapid.SampledFrom(companies).Draw(rt, "company")
	places := rapid.SampledFrom([]*int{nil, new(3), new(2), new(1), new(4)}).Draw(rt, "share")
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
