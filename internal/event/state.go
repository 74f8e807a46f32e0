package event

import "time"

// State is what an event is to a visitor. It is computed, never stored.
type State string

// The states, in the order in which they win over each other.
const (
	StateDraft     State = "draft"
	StateCancelled State = "cancelled"
	StatePostponed State = "postponed"
	StatePast      State = "past"
	StateNotOpen   State = "not_open"
	StateFull      State = "full"
	StateClosed    State = "closed"
	StateOpen      State = "open"
	StateFewLeft   State = "few_left"
)

// fewPlaces and fewShare say when places are few: three or fewer, or at most a
// fifth of them.
const (
	fewPlaces = 3
	fewShare  = 5
)

// movedFor is how long the old time of a moved event is shown struck through.
const movedFor = 30 * 24 * time.Hour

// State computes what the event is at a moment.
func (e Event) State(now time.Time) State {
	switch {
	case e.Status == Draft:
		return StateDraft
	case e.Status == Cancelled:
		return StateCancelled
	case e.Status == Postponed:
		return StatePostponed
	case e.Status == Held || e.Status == Archived || !now.Before(e.EndsAt):
		return StatePast
	case now.Before(e.OpensAt):
		return StateNotOpen
	}
	open := now.Before(e.ClosesAt)
	free, unlimited := e.Free()
	switch {
	case open && free == 0 && !unlimited:
		return StateFull
	case !open:
		return StateClosed
	case !unlimited && (free <= fewPlaces || free*fewShare <= e.Places()):
		return StateFewLeft
	}
	return StateOpen
}

// TakesRegistrations reports whether somebody can sign up: for a place, or for
// the waiting list when it is full.
func (e Event) TakesRegistrations(now time.Time) bool {
	switch e.State(now) {
	case StateOpen, StateFewLeft:
		return true
	case StateFull:
		return e.WaitingList
	}
	return false
}

// WasMoved reports whether the old time or place is still to be shown.
func (e Event) WasMoved(now time.Time) bool {
	return !e.MovedAt.IsZero() && now.Before(e.MovedAt.Add(movedFor))
}
