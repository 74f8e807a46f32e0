package registration_test

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// Those who take part online and wait for the room meanwhile, as the property
// test sees them: it asks nothing of the code but the row.

// offeredRoom reports whether a place in the room is held beside one online.
func offeredRoom(r reg) bool {
	return r.Status == registration.Confirmed && !r.RoomSince.IsZero() && !r.HoldUntil.IsZero()
}

// waits reports whether somebody stands in a queue.
func waits(r reg) bool {
	return r.Status == registration.Waitlisted || r.Status == registration.Confirmed && !r.RoomSince.IsZero() && r.HoldUntil.IsZero()
}

// offeredAny reports whether somebody has an offer.
func offeredAny(r reg) bool { return r.Status == registration.Offered || offeredRoom(r) }

// since is when somebody came into the queue.
func since(r reg) time.Time {
	if !r.RoomSince.IsZero() {
		return r.RoomSince
	}
	return r.JoinedAt
}

// lineOf is the mode for which somebody waits, or in which they have a place.
func lineOf(r reg) event.Mode {
	if !r.RoomSince.IsZero() {
		return event.Room
	}
	return r.Mode
}

// holdsIn reports whether somebody holds a place in the mode.
func holdsIn(r reg, mode event.Mode) bool {
	return r.Status.HoldsPlace() && r.Mode == mode || offeredRoom(r) && mode == event.Room
}

// acts is all that the log says of a registration since the last look, in order.
func (m *machine) acts(now view, id string) []taken { return now.acts[id][len(m.before.acts[id]):] }

func (m *machine) did(now view, id, action string) bool {
	return slices.ContainsFunc(m.acts(now, id), func(s taken) bool { return s.to == action })
}

// roomActs are what the log says of the wait for the room of somebody online.
var roomActs = []string{"registration.wait_for_room", "registration.stop_waiting", "registration.offer_room", "registration.decline_room", "registration.miss_room", "registration.take_room_back"}

// followRoom reads from the log how somebody waited for the room: what comes
// after what, and that the row says the same.
func (m *machine) followRoom(rt *rapid.T, now view, was, is reg) {
	const not, waiting, offered = "does not wait", "waits", "has an offer"
	of := func(r reg) string {
		switch {
		case r.RoomSince.IsZero():
			return not
		case offeredRoom(r):
			return offered
		}
		return waiting
	}
	at, joined := of(was), was.RoomSince
	for n, s := range m.acts(now, is.ID) {
		from := at
		switch s.to {
		case "registration.wait_for_room":
			at, joined = waiting, now.now
			if from != not {
				at = ""
			}
		case "registration.stop_waiting", "registration.offer_room":
			at = map[string]string{"registration.stop_waiting": not, "registration.offer_room": offered}[s.to]
			if from != waiting {
				at = ""
			}
		case "registration.decline_room", "registration.miss_room", "registration.take_room_back":
			at = not
			if s.to == "registration.take_room_back" {
				at = waiting
			}
			if from != offered {
				at = ""
			}
		case "registration.change_mode":
			at = not
		case "registration.confirmed":
			if at = not; m.step == "mode" && s.from == string(registration.Waitlisted) && !m.before.together[is.GroupID] {
				at, joined = waiting, was.JoinedAt
			}
		case "registration.change_address", "registration.correct":
		default: // another state
			at = not
		}
		if at == "" {
			rt.Fatalf("after %s the log has %s of %s, who %s", m.said(), s.to, is.ID, from)
		}
		if at == not {
			joined = time.Time{}
		}
		if late := from == offered && offeredRoom(was) && n == 0 && !was.HoldUntil.After(now.now); late && (s.to == "registration.change_mode" || s.to == "registration.decline_room") {
			rt.Fatalf("after %s %s has answered, though the room was held only until %s", m.said(), is.ID, was.HoldUntil)
		}
	}
	if at != of(is) || !joined.Equal(is.RoomSince) {
		rt.Fatalf("after %s %s %s for the room since %s, and by the log %s since %s", m.said(), is.ID, of(is), is.RoomSince, at, joined)
	}
	if offeredRoom(is) && (m.scheduled && !is.HoldUntil.After(now.now) || is.HoldUntil.After(now.ev.StartsAt.Add(-time.Hour)) && m.step != "move" && m.did(now, is.ID, "registration.offer_room")) {
		rt.Fatalf("after %s %s has the offer of the room until %s", m.said(), is.ID, is.HoldUntil)
	}
	if !is.RoomSince.IsZero() && m.before.together[is.GroupID] {
		rt.Fatalf("after %s %s of a group that comes only together waits for the room", m.said(), is.ID)
	}
}

// wantRoom puts somebody online into the queue for the room, or takes them out of
// it.
func (m *machine) wantRoom(rt *rapid.T) {
	m.live(rt)
	if m.before.ev.Mode != event.Hybrid {
		rt.Skip("one mode")
	}
	leave := seldom(rt, 5)
	id := m.anyoneWho(rt, func(r reg) bool {
		return r.Status == registration.Confirmed && r.Mode == event.Online && r.RoomSince.IsZero() != leave
	})
	if leave {
		m.do(rt, "stop waiting", func(tx *store.Tx) error { _, err := registration.StopWaiting(ctx, tx, id, person); return err })
		return
	}
	m.do(rt, "want the room", func(tx *store.Tx) error { _, err := registration.WaitForRoom(ctx, tx, id, person); return err })
}
