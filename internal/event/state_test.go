package event_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
)

func TestTheStateThatAVisitorIsShown(t *testing.T) {
	start := utc("2027-03-10T08:00:00Z")
	opens, closes, end := start.AddDate(0, -1, 0), start.AddDate(0, 0, -7), start.Add(3*time.Hour)
	open := opens.Add(time.Hour)
	type e = event.Event
	room := func(places, taken, extra int) func(*e) {
		return func(ev *e) { ev.Room = event.Capacity{Places: new(places), Taken: taken, Extra: extra} }
	}
	with := func(s event.Status, more ...func(*e)) func(*e) {
		return func(ev *e) {
			ev.Status = s
			for _, change := range more {
				change(ev)
			}
		}
	}
	for _, tt := range []struct {
		name   string
		change func(*e)
		now    time.Time
		want   event.State
		takes  bool
	}{
		{"a draft, even after its end", with(event.Draft), end, event.StateDraft, false},
		{"cancelled, even after its end", with(event.Cancelled), end, event.StateCancelled, false},
		{"cancelled and full", with(event.Cancelled, room(1, 1, 0)), open, event.StateCancelled, false},
		{"postponed, even after the old end", with(event.Postponed), end.Add(time.Hour), event.StatePostponed, false},
		{"postponed before it opened", with(event.Postponed), opens.Add(-1), event.StatePostponed, false},
		{"held", with(event.Held), open, event.StatePast, false},
		{"archived", with(event.Archived), open, event.StatePast, false},
		{"at its end", func(*e) {}, end, event.StatePast, false},
		{"full at its end", room(1, 1, 0), end, event.StatePast, false},
		{"before registration opens", func(*e) {}, opens.Add(-1), event.StateNotOpen, false},
		{"full by hand before registration opens", room(1, 1, 0), opens.Add(-1), event.StateNotOpen, false},
		{"as registration opens", func(*e) {}, opens, event.StateOpen, true},
		{"open at once when no opening is named", func(ev *e) { ev.OpensAt = time.Time{} }, opens.AddDate(-1, 0, 0), event.StateOpen, true},
		{"full", room(30, 30, 0), open, event.StateFull, true},
		{"full without a waiting list", func(ev *e) { room(30, 30, 0)(ev); ev.WaitingList = false }, open, event.StateFull, false},
		{"full with more people than places", room(30, 30, 2), open, event.StateFull, true},
		{"full after registration closed", room(30, 30, 0), closes, event.StateClosed, false},
		{"just before registration closes", func(*e) {}, closes.Add(-1), event.StateOpen, true},
		{"as registration closes", func(*e) {}, closes, event.StateClosed, false},
		{"running", func(*e) {}, start, event.StateClosed, false},
		{"just before its end", func(*e) {}, end.Add(-1), event.StateClosed, false},
		{"seven left of thirty", room(30, 23, 0), open, event.StateOpen, true},
		{"six left of thirty, a fifth", room(30, 24, 0), open, event.StateFewLeft, true},
		{"four left of ten", room(10, 6, 0), open, event.StateOpen, true},
		{"three left of ten", room(10, 7, 0), open, event.StateFewLeft, true},
		{"one left", room(30, 29, 0), open, event.StateFewLeft, true},
		{"two places, both free", room(2, 0, 0), open, event.StateFewLeft, true},
		{"no limit", func(ev *e) { ev.Room = event.Capacity{Taken: 5000} }, open, event.StateOpen, true},
		{"hybrid, the room full", func(ev *e) {
			ev.Mode = event.Hybrid
			room(30, 30, 0)(ev)
			ev.Online = event.Capacity{Places: new(100)}
		}, open, event.StateOpen, true},
		{"hybrid, the room full and no limit online", func(ev *e) {
			ev.Mode = event.Hybrid
			room(30, 30, 0)(ev)
		}, open, event.StateOpen, true},
		{"hybrid, both full", func(ev *e) {
			ev.Mode = event.Hybrid
			room(30, 30, 0)(ev)
			ev.Online = event.Capacity{Places: new(100), Taken: 100}
		}, open, event.StateFull, true},
		{"hybrid, overbooking in the room takes nothing online", func(ev *e) {
			ev.Mode = event.Hybrid
			room(30, 30, 9)(ev)
			ev.Online = event.Capacity{Places: new(5)}
		}, open, event.StateFewLeft, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ev := e{Status: event.Published, Content: seminar(), Room: event.Capacity{Places: new(30)}}
			ev.StartsAt, ev.EndsAt, ev.OpensAt, ev.ClosesAt = start, end, opens, closes
			tt.change(&ev)
			if got := ev.State(tt.now); got != tt.want {
				t.Errorf("the state is %s, want %s", got, tt.want)
			}
			if got := ev.TakesRegistrations(tt.now); got != tt.takes {
				t.Errorf("takes registrations: %t", got)
			}
		})
	}
}

func TestAMoveIsShownForThirtyDays(t *testing.T) {
	moved := utc("2027-02-01T12:00:00Z")
	for _, tt := range []struct {
		name string
		at   time.Time
		now  time.Time
		want bool
	}{
		{"never moved", time.Time{}, moved, false},
		{"just moved", moved, moved, true},
		{"on the thirtieth day", moved, moved.Add(30*24*time.Hour - 1), true},
		{"after thirty days", moved, moved.Add(30 * 24 * time.Hour), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := (event.Event{MovedAt: tt.at}).WasMoved(tt.now); got != tt.want {
				t.Errorf("WasMoved = %t", got)
			}
		})
	}
}

func TestFreePlaces(t *testing.T) {
	for _, tt := range []struct {
		name      string
		c         event.Capacity
		want      int
		unlimited bool
	}{
		{"some", event.Capacity{Places: new(30), Taken: 10}, 20, false},
		{"none", event.Capacity{Places: new(30), Taken: 30}, 0, false},
		{"fewer than none", event.Capacity{Places: new(30), Taken: 30, Extra: 3}, 0, false},
		{"no limit", event.Capacity{Taken: 30}, 0, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got, unlimited := tt.c.Free(); got != tt.want || unlimited != tt.unlimited {
				t.Errorf("Free = %d, %t", got, unlimited)
			}
		})
	}
}

func TestGivingUpIsLateFromTheLastDayInARoomAndNeverOnline(t *testing.T) {
	ev := event.Event{Content: hybrid()}
	if got := ev.LateFrom(event.Room); got != ev.ClosesAt {
		t.Errorf("in the room late from %v", got)
	}
	if got := ev.LateFrom(event.Online); got != ev.StartsAt {
		t.Errorf("online late from %v", got)
	}
}

func TestOnlyTheRoomOfAHybridEventHasAQueue(t *testing.T) {
	for _, tt := range []struct {
		mode   event.Mode
		list   bool
		in     event.Mode
		want   bool
		reason string
	}{
		{event.Hybrid, true, event.Room, true, "the room has a queue"},
		{event.Hybrid, true, event.Online, false, "the meeting has none: the queue is for the room"},
		{event.Online, true, event.Online, true, "an online event has its queue"},
		{event.Room, true, event.Room, true, "so has one in a room"},
		{event.Room, false, event.Room, false, "unless the organiser wants none"},
		{event.Hybrid, false, event.Room, false, "in a hybrid event too"},
	} {
		ev := event.Event{Content: content{Mode: tt.mode, WaitingList: tt.list}}
		if got := ev.WaitsIn(tt.in); got != tt.want {
			t.Errorf("%s: %t", tt.reason, got)
		}
	}
}

func TestInWhichWaysOneCanTakePart(t *testing.T) {
	for mode, want := range map[event.Mode][]event.Mode{
		event.Room: {event.Room}, event.Online: {event.Online}, event.Hybrid: {event.Room, event.Online},
	} {
		ev := event.Event{Content: content{Mode: mode}}
		var got []event.Mode
		for _, m := range []event.Mode{event.Room, event.Online, event.Hybrid, "", "telepathy"} {
			if ev.HasMode(m) {
				got = append(got, m)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", mode, diff)
		}
	}
}
