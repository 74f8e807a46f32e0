package registration

import (
	"cmp"
	"context"
	"time"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/store"
)

// attendanceFrom is how long before the start people can be marked present, and
// joinFrom how long before it the way into a meeting opens.
const (
	attendanceFrom = time.Hour
	joinFrom       = 30 * time.Minute
)

// Mark is what is noted about somebody's attendance.
type Mark string

// The marks. Unmarked takes back a mark made at the wrong name.
const (
	Present  Mark = "present"
	Absent   Mark = "absent"
	Unmarked Mark = "unmarked"
)

// Attend marks somebody present or absent, from an hour before the start; before
// that it refuses with ErrTooEarly, which tells the moment. Marking twice changes
// nothing. Presence ties the person to the company.
func Attend(ctx context.Context, tx *store.Tx, id string, mark Mark, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if !ev.AttendanceClosedAt.IsZero() && r.afterMark(mark) != r.Status {
		return r, ErrMarked // from now on only with a reason
	}
	return attend(ctx, tx, r, ev, mark, by, "")
}

// attend marks somebody, with a reason when one must be given.
func attend(ctx context.Context, tx *store.Tx, r Registration, ev event.Event, mark Mark, by audit.Actor, reason string) (Registration, error) {
	if ev.Status != event.Published && ev.Status != event.Held || !ev.HasMode(r.Mode) || !r.Status.markable() {
		return r, ErrNotNow
	}
	if opens := AttendanceOpens(ev); tx.Now.Before(opens) {
		return r, ErrTooEarly.With("at", opens.In(ev.Location()))
	}
	if r.Status == Waitlisted && mark != Present {
		return r, ErrNotNow // who waits has no place to be absent from
	}
	from, to := r.Status, r.afterMark(mark)
	if to == from {
		return r, nil
	}
	if mark == Unmarked && from == NoShow { // by way of attended, the one step back there is
		if err := move(ctx, tx, ev, &r, change{to: Attended, by: by}); err != nil {
			return r, err
		}
	}
	if !r.Status.HoldsPlace() { // came after all, or from the queue: the place may be somebody else's by now
		there, again, err := activeOf(ctx, tx, ev.ID, r.Email)
		if err != nil {
			return r, err
		}
		if again && there.ID != r.ID {
			return r, ErrAlready
		}
		free, err := lockPlaces(ctx, tx, ev.ID, r.Mode)
		if err != nil {
			return r, err
		}
		r.Extra = free == 0
	}
	if err := move(ctx, tx, ev, &r, change{to: to, by: by, reason: reason}); err != nil {
		return r, err
	}
	return r, r.tieToCompany(ctx, tx)
}

// afterMark is the state to which a mark leads. One that is taken back leads to
// what was before it, or who only waited, had given up or never signed up would
// be left with a place, and be told of having missed it. They have none to be
// absent from either.
func (r Registration) afterMark(mark Mark) Status {
	switch before := cmp.Or(r.BeforeMark, Confirmed); {
	case mark == Present:
		return Attended
	case r.Status.marked() && (mark == Unmarked || before != Confirmed):
		return before
	case mark == Unmarked:
		return Confirmed
	}
	return NoShow
}

// marked reports whether the state is one that a mark gives.
func (s Status) marked() bool { return s == Attended || s == NoShow }

// tieToCompany confirms that the person belongs to the company as long as they
// were present for it somewhere.
func (r Registration) tieToCompany(ctx context.Context, tx *store.Tx) error {
	if r.CompanyID == "" {
		return nil
	}
	present, err := store.One(ctx, tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM registration WHERE person_id = ? AND company_id = ? AND status = 'attended')`, r.PersonID, r.CompanyID)
	if err != nil {
		return err
	}
	if !present {
		return company.Doubt(ctx, tx, r.PersonID, r.CompanyID)
	}
	return company.Claim(ctx, tx, r.PersonID, r.CompanyID, true)
}

// markable reports whether somebody in the state can be marked: who had a place,
// and who waits or gave up late and turns up.
func (s Status) markable() bool {
	return s == Confirmed || s == Attended || s == NoShow || s == LateCancelled || s == Waitlisted
}

// JoinState is whether the way into an online meeting is open.
type JoinState string

// The states of the way in.
const (
	JoinEarly  JoinState = "early"   // opens half an hour before
	JoinOpen   JoinState = "open"    // until the end
	JoinOver   JoinState = "over"    // the event has ended
	JoinNoLink JoinState = "no_link" // the organiser has not given it yet
	JoinNoSeat JoinState = "no_seat" // the person has no place
)

// AttendanceOpens is from when on people can be marked present.
func AttendanceOpens(ev event.Event) time.Time { return ev.StartsAt.Add(-attendanceFrom) }

// JoinOpens is when the way into the meeting opens.
func JoinOpens(ev event.Event) time.Time { return ev.StartsAt.Add(-joinFrom) }

// Joining tells whether somebody can go in now.
func Joining(r Registration, ev event.Event, now time.Time) JoinState {
	switch {
	case r.Status != Confirmed && r.Status != Attended || r.Mode != event.Online || ev.Status == event.Cancelled || ev.Status == event.Postponed:
		return JoinNoSeat
	case !now.Before(ev.EndsAt):
		return JoinOver
	case now.Before(JoinOpens(ev)):
		return JoinEarly
	case ev.JoinURL == "":
		return JoinNoLink
	}
	return JoinOpen
}

// Join marks the person present and returns the address of the meeting.
func Join(ctx context.Context, tx *store.Tx, id string) (string, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return "", err
	}
	if Joining(r, ev, tx.Now) != JoinOpen {
		return "", ErrNotNow
	}
	_, err = Attend(ctx, tx, id, Present, audit.Actor{Kind: "person", ID: r.PersonID})
	return ev.JoinURL, err
}
