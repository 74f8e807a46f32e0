package registration

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/store"
)

// Reach is how many people a change of an event would be told to, by language.
type Reach struct {
	WithPlace, Waiting int
	Offered, Asked     int            // with an open offer; with a request or an address to prove
	Languages          map[string]int // of those with a place

	Untouched, UntouchedWaiting int // with a place, and without: the change is nothing to them
}

// Any reports whether there is anybody to tell.
func (r Reach) Any() bool { return r.WithPlace+r.Waiting+r.Offered+r.Asked > 0 }

// ReachOf counts whom a change of the event reaches: those in every mode that it
// touches.
func ReachOf(ctx context.Context, tx *store.Tx, eventID string, touches func(event.Mode) bool) (Reach, error) {
	type row struct {
		status   Status
		mode     event.Mode
		language string
		n        int
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) {
		return x, r.Scan(&x.status, &x.mode, &x.language, &x.n)
	}, `SELECT status, mode, language, count(*) FROM registration WHERE event_id = ? GROUP BY status, mode, language`, eventID)
	reach := Reach{Languages: map[string]int{}}
	for _, x := range rows {
		if !touches(x.mode) {
			if x.status == Confirmed {
				reach.Untouched += x.n
			} else if x.status.Waits() {
				reach.UntouchedWaiting += x.n
			}
			continue
		}
		switch x.status {
		case Confirmed:
			reach.WithPlace += x.n
			reach.Languages[x.language] += x.n
		case Waitlisted:
			reach.Waiting += x.n
		case Offered:
			reach.Offered += x.n
		case Requested, PendingEmail:
			reach.Asked += x.n
		}
	}
	return reach, err
}

// MoveEvent gives the event a new time. Everybody keeps their place and is told
// in their language, with an update for their calendar; those who wait stay in
// their place in the queue and are told too.
func MoveEvent(ctx context.Context, tx *store.Tx, id string, starts, ends time.Time, words string, by audit.Actor) (event.Event, error) {
	before, after, err := event.Move(ctx, tx, id, starts, ends, by)
	if err != nil {
		return before, err
	}
	details := message.Details{Reason: words, OldStart: before.StartsAt.Format(time.RFC3339), OldEnd: before.EndsAt.Format(time.RFC3339)}
	n := news{letter: message.EventMoved, details: details, notBefore: afterNight(after, tx.Now, before.StartsAt, after.StartsAt)}
	if before.Status == event.Postponed {
		n.notBefore = afterNight(after, tx.Now, after.StartsAt)
	}
	if err := tellAll(ctx, tx, after, n, by); err != nil {
		return after, err
	}
	if err := tellInvited(ctx, tx, after); err != nil { // who was invited while there was no date
		return after, err
	}
	return promoteAndTell(ctx, tx, after, n) // places given up while there was no date
}

// PostponeEvent takes the date away. Places are kept; calendars lose the entry
// until there is a new date.
func PostponeEvent(ctx context.Context, tx *store.Tx, id, words string, by audit.Actor) (event.Event, error) {
	ev, err := event.Postpone(ctx, tx, id, words, by)
	if err != nil {
		return ev, err
	}
	if _, err := endOverdue(ctx, tx, ev); err != nil {
		return ev, err
	}
	if err := takeOffersBack(ctx, tx, ev, by); err != nil {
		return ev, err
	}
	n := news{letter: message.EventPostponed, details: message.Details{Reason: words}, notBefore: afterNight(ev, tx.Now, ev.StartsAt)}
	if err := tellAll(ctx, tx, ev, n, by); err != nil {
		return ev, err
	}
	return promoteAndTell(ctx, tx, ev, n)
}

// takeOffersBack puts those who have an offer back where they stood in the queue.
func takeOffersBack(ctx context.Context, tx *store.Tx, ev event.Event, by audit.Actor) error {
	offered, err := store.All(ctx, tx, store.Value[string], `
		SELECT id FROM registration WHERE event_id = ? AND (status = 'offered' OR room_since IS NOT NULL AND hold_until IS NOT NULL) ORDER BY id`, ev.ID)
	if err != nil {
		return err
	}
	return oneByOne(ctx, tx, offered, func(r *Registration) error {
		if r.RoomOffered() {
			return r.takeRoomBack(ctx, tx, ev, by)
		}
		return move(ctx, tx, ev, r, change{to: Waitlisted, by: by, reason: "postponed"})
	})
}

// CancelEvent ends the event and every registration for it, and tells all of
// them why.
func CancelEvent(ctx context.Context, tx *store.Tx, id, words string, by audit.Actor) (event.Event, error) {
	before, err := event.Find(ctx, tx, id)
	if err != nil {
		return before, err
	}
	ev, err := event.Cancel(ctx, tx, id, words, by)
	if err != nil {
		return ev, err
	}
	notBefore := afterNight(ev, tx.Now, ev.StartsAt)
	if before.Status == event.Postponed {
		notBefore = afterNight(ev, tx.Now)
	}
	if _, err := endOverdue(ctx, tx, ev); err != nil {
		return ev, err
	}
	people, err := store.All(ctx, tx, store.Value[string], `
		SELECT id FROM registration
		WHERE event_id = ? AND status IN ('confirmed', 'waitlisted', 'offered', 'requested', 'pending_email')
		ORDER BY extra DESC, id`, id) // those above the places first: they need no ordinary ones on the way
	if err != nil {
		return ev, err
	}
	err = oneByOne(ctx, tx, people, func(r *Registration) error {
		return move(ctx, tx, ev, r, change{to: EventCancelled, by: by, reason: words, details: message.Details{Reason: words}, notBefore: notBefore})
	})
	if err != nil {
		return ev, err
	}
	return event.Find(ctx, tx, id)
}

// UpdateEvent replaces an event's content. A change of time, place or way in is
// told to everybody with a place whom it touches, as Matters and Touches say, and
// to those who wait, as MattersToWaiting says; more places go to the queue at once.
func UpdateEvent(ctx context.Context, tx *store.Tx, id string, revision int, c event.Content, words string, by audit.Actor) (event.Event, error) {
	before, after, err := event.Update(ctx, tx, id, revision, c, by)
	if err != nil {
		return before, err
	}
	m := Matters(before.Content, after.Content)
	if after.Status != event.Published || !m.Any() || !tx.Now.Before(after.EndsAt) {
		return promoteAll(ctx, tx, after)
	}
	details := message.Details{Reason: words, NewJoinURL: m.WayIn && !m.Time}
	if m.Time {
		details.OldStart, details.OldEnd = before.StartsAt.Format(time.RFC3339), before.EndsAt.Format(time.RFC3339)
	}
	if m.Place {
		details.OldPlace = before.VenueName
	}
	if m.Time || m.Place {
		if err := event.MarkMoved(ctx, tx, before); err != nil {
			return after, err
		}
	}
	// Before the places are given on, so that whoever gets one now is not told of a
	// change as well.
	n := news{
		letter: message.EventMoved, details: details, notBefore: afterNight(after, tx.Now, before.StartsAt, after.StartsAt),
		touches: Touches(before.Content, after.Content),
	}
	if err := tellAll(ctx, tx, after, n, by); err != nil {
		return after, err
	}
	if !MattersToWaiting(before.Content, after.Content) {
		return promoteAll(ctx, tx, after)
	}
	return promoteAndTell(ctx, tx, after, n)
}

// promoteAll gives the free places of every mode to those who wait, and reads
// the event anew.
func promoteAll(ctx context.Context, tx *store.Tx, ev event.Event) (event.Event, error) {
	for _, mode := range ev.Modes() {
		if err := promote(ctx, tx, ev, mode); err != nil {
			return ev, err
		}
	}
	return event.Find(ctx, tx, ev.ID)
}

// Change says which of the things that stand in people's calendars change.
type Change struct{ Time, Place, WayIn, Title bool }

// Any reports whether people must be told.
func (c Change) Any() bool { return c.Time || c.Place || c.WayIn || c.Title }

// Matters compares two versions of an event as those who take part see it.
func Matters(before, after event.Content) Change {
	return Change{
		Time:  !before.StartsAt.Equal(after.StartsAt) || !before.EndsAt.Equal(after.EndsAt),
		Place: before.VenueName != after.VenueName || before.VenueAddress != after.VenueAddress || before.Municipality != after.Municipality,
		WayIn: before.JoinURL != after.JoinURL && before.JoinURL != "" || before.Mode != after.Mode,
		Title: before.Title != after.Title,
	}
}

// Touches answers whom a change of an event touches, by how they take part: the
// room is nothing to those online, and the way into the meeting nothing to those
// in the room.
func Touches(before, after event.Content) func(event.Mode) bool {
	m := Matters(before, after)
	return func(mode event.Mode) bool {
		switch {
		case m.Time || m.Title || before.Mode != after.Mode:
			return true
		case mode == event.Room:
			return m.Place
		}
		return m.WayIn
	}
}

// Everybody is touched by what is about the event itself.
func Everybody(event.Mode) bool { return true }

// MattersToWaiting reports whether those who have no place are told too. The way
// into the meeting is nothing to them before they have one.
func MattersToWaiting(before, after event.Content) bool {
	m := Matters(before, after)
	return m.Time || m.Place || m.Title || before.Mode != after.Mode
}

// news is what is told of an event to those who take part or wait.
type news struct {
	letter    message.Letter
	details   message.Details
	notBefore time.Time
	touches   func(event.Mode) bool // nil: everybody
}

// about is the news as it is told to those who take part in a mode.
func (n news) about(mode event.Mode) message.Details {
	if mode == event.Room {
		n.details.NewJoinURL = false
	} else {
		n.details.OldPlace = ""
	}
	return n.details
}

func (n news) reaches(mode event.Mode) bool { return n.touches == nil || n.touches(mode) }

// lateNews is how near a start is for which people are told of a change at once,
// also at night.
const lateNews = 24 * time.Hour

// afterNight is when people are told of a change: now, or in the morning when it
// is night on the event's clock and none of the starts that it is about is near.
func afterNight(ev event.Event, now time.Time, starts ...time.Time) time.Time {
	for _, start := range starts {
		if start.Sub(now) < lateNews {
			return now
		}
	}
	return message.AfterNight(now.In(ev.Location())).UTC()
}

// tellAll raises the SEQUENCE of everybody who has a place and whom the news
// reaches, and writes the letter to each.
func tellAll(ctx context.Context, tx *store.Tx, ev event.Event, n news, by audit.Actor) error {
	people, err := store.All(ctx, tx, scanRegistration, selectRegistration+`WHERE event_id = ? AND status = 'confirmed' ORDER BY id`, ev.ID)
	if err != nil {
		return err
	}
	for _, r := range people {
		if !n.reaches(r.Mode) {
			continue
		}
		r.CalendarSequence++
		r.ChangedAt = tx.Now
		if err := r.save(ctx, tx, false); err != nil {
			return fmt.Errorf("raise sequence: %w", err)
		}
		if err := r.tell(ctx, tx, ev, n.letter, change{by: by, details: n.about(r.Mode), notBefore: n.notBefore}); err != nil {
			return err
		}
	}
	return nil
}
