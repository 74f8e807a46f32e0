package registration_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
)

// check holds what is there against what was there before the step.
func (m *machine) check(rt *rapid.T) {
	now := m.look(rt)
	if len(now.faults) > 0 {
		rt.Fatalf("after %s: %s", m.said(), strings.Join(now.faults, "; "))
	}
	m.followPaths(rt, now)
	m.followLetters(rt, now)
	m.followCalls(rt, now)
	m.holdPlaces(rt, now)
	m.holdOrder(rt, now)
	m.holdGroups(rt, now)
	m.holdInvitations(rt, now)
	m.holdAttendance(rt, now)
	m.before, m.silent, m.newcomer, m.corrected, m.again, m.step, m.refused, m.over, m.scheduled = now, "", "", "", map[string]string{}, "nothing", "", false, false
}

// path is the steps of a registration since the last look.
func (m *machine) path(now view, id string) []taken { return now.paths[id][len(m.before.paths[id]):] }

// took reports whether a registration has gone one way since the last look; an
// empty state stands for any.
func (m *machine) took(now view, id string, from, to registration.Status) bool {
	return slices.ContainsFunc(m.path(now, id), func(s taken) bool {
		return (from == "" || s.from == string(from)) && (to == "" || s.to == string(to))
	})
}

// waitsOn reports whether somebody has been waiting all the time.
func (m *machine) waitsOn(now view, id string) bool {
	return waits(m.before.regs[id]) && waits(now.regs[id]) && len(m.acts(now, id)) == 0
}

// followPaths reads the audit log: each registration came from where it was to
// where it is, by steps that there are, and nothing else happened to it.
func (m *machine) followPaths(rt *rapid.T, now view) {
	for _, id := range sorted(now.regs) {
		was, is := m.before.regs[id], now.regs[id]
		at := string(was.Status)
		for _, s := range m.path(now, id) {
			if _, ok := allowed[s.from+" "+s.to]; !ok || s.from != at {
				rt.Fatalf("after %s the log lets %s go from %q to %q, and it was %q", m.said(), id, s.from, s.to, at)
			}
			at = s.to
		}
		if at != string(is.Status) {
			rt.Fatalf("after %s %s is %q, and the log says %q", m.said(), id, is.Status, at)
		}
		var want []string
		if m.corrected == id {
			want = append(want, "registration.change_address")
		}
		if m.changedMode(was, is) {
			want = append(want, "registration.change_mode")
		}
		if diff := cmp.Diff(want, slices.Clone(now.others[id][len(m.before.others[id]):])); diff != "" && len(want)+len(now.others[id])-len(m.before.others[id]) > 0 {
			rt.Fatalf("after %s the log of %s (-want +got):\n%s", m.said(), id, diff)
		}
		m.keepTime(rt, now, was, is)
		m.followRoom(rt, now, was, is)
		held := was.HoldUntil
		if m.step == "move" && m.refused == "" || len(m.acts(now, id)) > 0 { // the answer's time follows the event; a corrected address has its full time
			held = is.HoldUntil
		}
		if was.ID != "" && len(m.path(now, id)) == 0 && (was.JoinedAt != is.JoinedAt || held != is.HoldUntil || was.EndedAt != is.EndedAt) {
			rt.Fatalf("after %s %s has another place in the queue, or another deadline, without a step", m.said(), id)
		}
	}
}

// keepTime checks that whoever comes into the queue stands at its end, or where
// they stood before an offer or a mark that was taken back, that nobody's place in
// it changes, and that nothing is held, or answered, longer than was promised.
func (m *machine) keepTime(rt *rapid.T, now view, was, is reg) {
	held := func(s registration.Status) bool { return s == registration.Offered || s == registration.PendingEmail }
	joined := was.JoinedAt
	for n, s := range m.path(now, is.ID) {
		from, to := registration.Status(s.from), registration.Status(s.to)
		if to == registration.Waitlisted && from != registration.Offered && from != registration.Attended || from == registration.New {
			joined = now.now
		}
		if n == 0 && held(from) && !was.HoldUntil.After(now.now) && to != registration.Expired && to != registration.Lapsed {
			rt.Fatalf("after %s %s is %s, though it was held only until %s", m.said(), is.ID, to, was.HoldUntil)
		}
	}
	if is.JoinedAt != joined && is.Status != registration.Confirmed && is.Status != registration.Attended { // who is approved may have a place at once
		rt.Fatalf("after %s %s stands in the queue since %s, want %s", m.said(), is.ID, is.JoinedAt, joined)
	}
	if held(is.Status) && (m.scheduled && !is.HoldUntil.After(now.now) || is.HoldUntil.After(now.ev.StartsAt.Add(-time.Hour)) && m.step != "move" && len(m.path(now, is.ID)) > 0) {
		rt.Fatalf("after %s %s holds a place until %s", m.said(), is.ID, is.HoldUntil)
	}
}

func (m *machine) changedMode(was, is reg) bool {
	return (m.step == "mode" || m.step == "accept") && was.ID != "" && was.Mode != is.Mode && was.Status == registration.Confirmed
}

// followLetters works out the letters that the steps since the last look must
// have sent, with their SEQUENCE, and compares them with the outbox.
func (m *machine) followLetters(rt *rapid.T, now view) {
	for _, id := range sorted(now.regs) {
		was, is := m.before.regs[id], now.regs[id]
		sequence := was.CalendarSequence
		if was.ID == "" {
			sequence = -1
		}
		var want []string
		send := func(letter message.Letter) {
			stands := "-"
			if letter.Method() == "REQUEST" || letter.Method() == "CANCEL" && sequence >= 0 {
				sequence++
				stands = fmt.Sprint(sequence)
			}
			want = append(want, string(letter)+" "+stands)
		}
		if was.Status == registration.Confirmed && m.refused == "" {
			switch {
			case m.step == "move", m.changedMode(was, is):
				send(message.EventMoved)
			case m.step == "postpone":
				send(message.EventPostponed)
			}
		}
		for _, s := range m.acts(now, id) {
			letter := map[string]message.Letter{"registration.wait_for_room": message.Waitlisted, "registration.offer_room": message.Offered, "registration.decline_room": message.Declined, "registration.miss_room": message.Expired}[s.to]
			if letter != none {
				send(letter)
			}
		}
		for _, s := range m.path(now, id) {
			silent := s.from == string(registration.Waitlisted) && s.to == string(registration.Cancelled) && m.silent == is.Email
			if letter := allowed[s.from+" "+s.to]; letter != none && !silent {
				send(letter)
			}
		}
		if letter, told := map[string]message.Letter{"move": message.EventMoved, "postpone": message.EventPostponed}[m.step]; told && m.waitedThrough(now, id) {
			want = append(want, string(letter)+" -")
		}
		if m.before.ev.AttendanceClosedAt.IsZero() && !now.ev.AttendanceClosedAt.IsZero() && is.Status == registration.NoShow && !m.missed[id] {
			send(message.StayedAway)
			m.missed[id] = true
		}
		if m.again[id] != "" {
			want = append(want, m.again[id])
		}
		got := slices.DeleteFunc(slices.Clone(now.letters[id][len(m.before.letters[id]):]), func(s string) bool { return s == "call" })
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(want, got) {
			rt.Fatalf("after %s %s has the letters %q, want %q", m.said(), id, got, want)
		}
		if is.CalendarSequence != sequence {
			rt.Fatalf("after %s the SEQUENCE of %s is %d, want %d", m.said(), id, is.CalendarSequence, sequence)
		}
	}
}

// waitedThrough reports whether somebody waited before the step and after it, and
// was told nothing else on the way, neither of an offer nor of an open call.
func (m *machine) waitedThrough(now view, id string) bool {
	if m.refused != "" || !m.before.regs[id].Status.Waits() || slices.Contains(now.letters[id][len(m.before.letters[id]):], "call") {
		return false
	}
	for _, s := range m.path(now, id) {
		if to := registration.Status(s.to); to == registration.Offered || !to.Waits() {
			return false
		}
	}
	return true
}

// followCalls checks the open call: in the last hours everybody who waits is
// called for whom the free places are enough, once for each start until all places
// have been taken, and nobody otherwise.
func (m *machine) followCalls(rt *rapid.T, now view) {
	left := now.ev.StartsAt.Sub(now.now)
	inCall := now.ev.Status == event.Published && left < 6*time.Hour && left > time.Hour
	for _, id := range sorted(now.regs) {
		r, key := now.regs[id], id+now.ev.StartsAt.String()
		mode := lineOf(r)
		if was := m.before.regs[id]; waits(was) {
			mode = lineOf(was)
		}
		for _, letter := range now.letters[id][len(m.before.letters[id]):] {
			if letter != "call" {
				continue
			}
			waited := waits(m.before.regs[id]) || waits(r)
			filled := m.free(m.before, mode) == 0 || m.somebodyGot(now, mode)                 // and one became free anew
			fits := now.withinShare(r) || m.before.withinShare(r) || m.somebodyGot(now, mode) // perhaps the person, or a colleague
			if m.calls[key] && !filled || !inCall || !waited || !fits || m.free(now, mode) == 0 && !filled {
				rt.Fatalf("after %s %s is called (a second time: %t)", m.said(), id, m.calls[key])
			}
			m.calls[key] = true
		}
		if m.scheduled && inCall && waits(r) && m.free(now, mode) >= now.need(r) && now.withinShare(r) && !m.calls[key] {
			rt.Fatalf("after %s %s waits while a place is free, and is not called", m.said(), id)
		}
		if m.free(now, mode) == 0 {
			delete(m.calls, key)
		}
	}
}

func (m *machine) somebodyGot(now view, mode event.Mode) bool {
	for id, r := range now.regs {
		if holdsIn(r, mode) && !holdsIn(m.before.regs[id], mode) {
			return true
		}
	}
	return false
}

func (m *machine) free(v view, mode event.Mode) int {
	n, unlimited := v.ev.Capacity(mode).Free()
	if unlimited {
		return 1000
	}
	return n
}

// byHand reports whether a registration took its place by what an organiser may
// do beyond the rules, at the door, or from somebody who had it.
func (m *machine) byHand(now view, id string) bool {
	offered := slices.ContainsFunc(m.acts(now, id), func(s taken) bool { return s.to == "registration.offer_room" && s.by == organiser.Kind })
	return offered || slices.ContainsFunc(m.path(now, id), func(s taken) bool {
		switch registration.Status(s.to) {
		case registration.Attended:
			return true
		case registration.Offered:
			return s.by == organiser.Kind
		case registration.Confirmed:
			return m.step == "add" || m.step == "transfer"
		}
		return false
	})
}

// gained reports whether a registration holds a place that it did not hold.
func (m *machine) gained(now view, id string) bool {
	return now.regs[id].Status.HoldsPlace() && !m.before.regs[id].Status.HoldsPlace()
}

// holdPlaces checks that the system gives no place above the capacity, and none
// above a company's share; places held against those counted are in unsound.
func (m *machine) holdPlaces(rt *rapid.T, now view) {
	for _, mode := range now.ev.Modes() {
		allowed := m.over || m.step == "places" // fewer than are taken
		for id, r := range now.regs {
			allowed = allowed || r.Mode == mode && m.took(now, id, "", registration.Attended)
		}
		if was, is := m.before.ev.Capacity(mode).Extra, now.ev.Capacity(mode).Extra; is > was && !allowed {
			rt.Fatalf("after %s %d have a place above the capacity, and %d had", m.said(), is, was)
		}
	}
	for _, id := range sorted(now.regs) {
		c := now.regs[id].CompanyID
		beyond := slices.ContainsFunc(sorted(now.regs), func(other string) bool { // a colleague, by the organiser, in the same step
			return now.regs[other].CompanyID == c && m.gained(now, other) && m.byHand(now, other)
		})
		if c != "" && m.gained(now, id) && !m.byHand(now, id) && !beyond && now.held(c) > now.limit(c) {
			rt.Fatalf("after %s %s has a place, one of %d of a company that may have %d", m.said(), id, now.held(c), now.limit(c))
		}
	}
}

// holdOrder checks the queue: nobody waits for whom there is room, nobody is
// passed by, and everybody is told the number that they have.
func (m *machine) holdOrder(rt *rapid.T, now view) {
	for _, mode := range now.ev.Modes() {
		free := m.free(now, mode)
		// A group keeps a place from sight for whoever was there already, and what has
		// waited for the scheduler before the step may go on waiting, as those behind it.
		late := m.step == "group" && len(m.again) > 0 || slices.ContainsFunc(m.before.queue[mode], func(id string) bool { return m.idle(m.before, m.before.regs[id]) })
		for i, id := range now.queue[mode] {
			r := now.regs[id]
			if m.idle(now, r) && (m.scheduled || m.refused == "" && !late && m.step != "nothing" && m.step != "wait") {
				rt.Fatalf("after %s %s waits while %d places are free", m.said(), id, free)
			}
			if now.told[id] != i+1 {
				rt.Fatalf("after %s number %d is told that it is %d", m.said(), i+1, now.told[id])
			}
			m.isNotPassed(rt, now, r)
		}
		if mode == event.Online && now.ev.Mode == event.Hybrid && len(now.queue[mode]) > 0 {
			rt.Fatalf("after %s somebody waits online", m.said())
		}
	}
}

// idle reports whether somebody waits though there is a place that could be
// offered now.
func (m *machine) idle(v view, r reg) bool {
	return waits(r) && registration.Offers(v.ev, m.clock.Now()) && m.free(v, lineOf(r)) >= v.need(r) && v.withinShare(r)
}

// isNotPassed checks that nobody who came later has a place, or the offer of one,
// that somebody who waits alone could have had.
func (m *machine) isNotPassed(rt *rapid.T, now view, r reg) {
	if !m.waitsOn(now, r.ID) || now.need(r) > 1 || !now.withinShare(r) || !m.before.withinShare(r) {
		return
	}
	for _, id := range sorted(now.regs) {
		other := now.regs[id]
		if lineOf(other) != lineOf(r) || m.byHand(now, id) {
			continue
		}
		was := m.before.regs[id]
		came := !waits(was) || since(was).After(since(r)) || since(was).Equal(since(r)) && id > r.ID
		first, behind := now.class(r) == 0 && m.before.class(r) == 0, m.staysBehind(now, other)
		passed := came && (first || behind) || first && behind
		offered := m.took(now, id, registration.Waitlisted, registration.Offered) || m.did(now, id, "registration.offer_room")
		if offered && passed {
			rt.Fatalf("after %s %s has an offer, and %s, who came before, still waits\n%s", m.said(), id, r.ID, m.tale(now))
		}
		newcomer := m.took(now, id, registration.New, "") && m.path(now, id)[0].from == "" && other.Status.HoldsPlace() || m.took(now, id, registration.Requested, registration.Confirmed)
		if newcomer && passed && now.ev.StartsAt.Sub(now.now) >= 6*time.Hour {
			rt.Fatalf("after %s the newcomer %s has a place, and %s still waits\n%s", m.said(), id, r.ID, m.tale(now))
		}
	}
}

// staysBehind reports whether somebody's company has had a place all the time, so
// that all others come before.
func (m *machine) staysBehind(now view, r reg) bool {
	if r.CompanyID == "" {
		return false
	}
	has := false
	for id, x := range m.before.regs {
		if x.CompanyID != r.CompanyID || !x.Status.HoldsPlace() || id == r.ID && !x.RoomSince.IsZero() {
			continue
		}
		if !now.regs[id].Status.HoldsPlace() || len(m.path(now, id)) > 0 {
			return false // some of it changed: it may have been without for a moment
		}
		has = true
	}
	return has
}

// holdGroups checks that who comes only together is asked, offered, and has a
// place, together.
func (m *machine) holdGroups(rt *rapid.T, now view) {
	for g := range now.together {
		states := map[registration.Status]int{}
		answered, decided, met := false, false, map[string]bool{}
		for id, r := range now.regs {
			if r.GroupID != g {
				continue
			}
			states[r.Status]++
			answered = answered || m.step == "accept" && m.took(now, id, "", registration.Confirmed)
			decided = decided || m.step == "decide" && m.took(now, id, registration.Requested, "")
			if p := m.path(now, id); len(p) > 0 && p[0].from == "" && m.step == "group" {
				met[p[0].to] = true
			}
		}
		switch {
		case len(met) > 1:
			rt.Fatalf("after %s some of the group %s have a place and others wait", m.said(), g)
		case states[registration.Offered] > 0 && states[registration.Waitlisted] > 0:
			rt.Fatalf("after %s some of the group %s have an offer and others wait", m.said(), g)
		case answered && states[registration.Offered]+states[registration.Waitlisted] > 0:
			rt.Fatalf("after %s some of the group %s have a place and others do not", m.said(), g)
		case decided && states[registration.Requested] > 0:
			rt.Fatalf("after %s some of the group %s are let in and others not", m.said(), g)
		}
	}
}

// holdInvitations checks that nobody signs up at an event by invitation without
// one that holds. How often each was used is counted in unsound.
func (m *machine) holdInvitations(rt *rapid.T, now view) {
	for id, i := range now.invitations {
		if i.Places != nil && i.Used > *i.Places {
			rt.Fatalf("after %s the invitation %s of %d places is used %d times", m.said(), id, *i.Places, i.Used)
		}
	}
	if m.newcomer == "" || now.ev.AudienceMode != event.AudienceInvite {
		return
	}
	r := now.regs[m.newcomer]
	i, ok := m.before.invitations[r.InvitationID]
	if !ok || !i.RevokedAt.IsZero() || i.Email != "" && i.Email != r.Email {
		rt.Fatalf("after %s %s came by an invitation that does not hold: %+v", m.said(), r.ID, i)
	}
}

// tale tells what became of everybody in the last step, for a message.
func (m *machine) tale(now view) string {
	var b strings.Builder
	for _, id := range sorted(now.regs) {
		r := now.regs[id]
		fmt.Fprintf(&b, "%s %s %s joined %s group %q: %s %v\n", id, r.Mode, r.OrganisationName, r.JoinedAt.Format(time.TimeOnly), r.GroupID, m.before.regs[id].Status, m.path(now, id))
	}
	return b.String()
}

// holdAttendance checks that when attendance closes everybody is marked, and that
// nobody is said to have stayed away when nobody was marked.
func (m *machine) holdAttendance(rt *rapid.T, now view) {
	if m.before.ev.Status == event.Held || now.ev.Status != event.Held {
		return
	}
	there := 0
	for _, r := range now.regs {
		if r.Status == registration.Attended {
			there++
		}
	}
	if closed := !now.ev.AttendanceClosedAt.IsZero(); closed != (there > 0) {
		rt.Fatalf("after %s attendance is closed: %t, with %d marked", m.said(), closed, there)
	}
	for _, id := range sorted(now.regs) {
		away := m.took(now, id, registration.Confirmed, registration.NoShow) && m.step != "attend" && m.step != "reconsider"
		if away && there == 0 || there > 0 && now.regs[id].Status == registration.Confirmed {
			rt.Fatalf("after %s %s is %s, with %d marked", m.said(), id, now.regs[id].Status, there)
		}
	}
}

func sorted(regs map[string]reg) []string { return slices.Sorted(maps.Keys(regs)) }
