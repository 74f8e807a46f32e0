package checkin

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// Outcome is what came of a mark.
type Outcome string

// The outcomes.
const (
	Present     Outcome = "present"      // marked present now
	Already     Outcome = "already"      // was present before
	UnknownCode Outcome = "unknown_code" // nobody has this ticket
	OtherEvent  Outcome = "other_event"  // a ticket, but for another event
	NoPlace     Outcome = "no_place"     // has no place in the room, or no longer
	TooEarly    Outcome = "too_early"    // the door opens an hour before the start
	Closed      Outcome = "closed"       // the organiser has closed the attendance
	Refused     Outcome = "refused"      // for another reason, which the organiser knows
	TakenBack   Outcome = "taken_back"   // not present any more, by a mark that takes one back
	Stays       Outcome = "stays"        // present still: taking it back was refused
)

// Outcomes are all of them.
var Outcomes = []Outcome{Present, Already, UnknownCode, OtherEvent, NoPlace, TooEarly, Closed, Refused, TakenBack, Stays}

// Opens is from when on people are let in.
func Opens(ev event.Event) time.Time { return registration.AttendanceOpens(ev) }

// ErrMark says that a mark is not one: no number of its own, or neither or both
// of code and registration.
var ErrMark = &problem.Problem{Kind: problem.Invalid, Code: "invalid"}

// Mark is one person let in at the door, as a phone sends it.
type Mark struct {
	ID             string // chosen by the phone, so that it may send twice
	Code           string // of a ticket; or
	RegistrationID string // chosen in the list
	MadeAt         time.Time

	// Undo makes the mark one that takes presence back: UndoAny, or the number of
	// the mark that it is about. Who was let in by another one stays.
	Undo string
}

// UndoAny takes presence back whoever marked it.
const UndoAny = "any"

// Answer is what came of a mark. Name and RegistrationID are empty unless the
// mark is about somebody at the link's own event.
type Answer struct {
	Outcome              Outcome
	RegistrationID, Name string
}

var markID = regexp.MustCompile(`^[A-Za-z0-9-]{8,64}$`)

func (m Mark) check() error {
	if !markID.MatchString(m.ID) || (m.Code == "") == (m.RegistrationID == "") {
		return ErrMark
	}
	if m.Undo != "" && (m.RegistrationID == "" || m.Undo != UndoAny && !markID.MatchString(m.Undo)) {
		return ErrMark
	}
	return nil
}

// Enter marks somebody present. A mark that was sent before changes nothing and
// gives the answer that it was given then, so a phone may send until it has an
// answer. Rules go by the time when the mark arrives; the phone's own time is
// noted, held to the life of the link because such clocks can be wrong.
//
// A code that nobody has is answered and not noted: whoever has the link could
// make such marks without end.
//
// A refusal undoes the transaction; Refuse then answers for the mark in another.
func Enter(ctx context.Context, tx *store.Tx, l Link, m Mark) (Answer, error) {
	if err := m.check(); err != nil {
		return Answer{}, err
	}
	known, err := store.One(ctx, tx, scanAnswer, selectAnswer, l.idOf(m))
	if !errors.Is(err, store.ErrNoRow) {
		return known, err
	}
	a, err := decide(ctx, tx, l, m)
	if err != nil || a.Outcome == UnknownCode {
		return a, err
	}
	return a, l.note(ctx, tx, m, a)
}

// Refuse answers for a mark that Enter has refused, and notes it, so that a
// phone is not held up by it and sends it no more.
func Refuse(ctx context.Context, tx *store.Tx, l Link, m Mark, why *problem.Problem) (Answer, error) {
	r, err := whom(ctx, tx, m)
	if err != nil {
		return Answer{}, err
	}
	a := Answer{RegistrationID: r.ID, Name: r.Name(), Outcome: Refused}
	if m.Undo != "" {
		a.Outcome = Stays
		return a, l.note(ctx, tx, m, a)
	}
	switch why.Code {
	case registration.ErrMarked.Code:
		a.Outcome = Closed
	case registration.ErrFull.Code, registration.ErrNotNow.Code, registration.ErrAlready.Code:
		a.Outcome = NoPlace
	}
	return a, l.note(ctx, tx, m, a)
}

// idOf is under what a mark is noted. The number is the phone's, so two events
// may have the same.
func (l Link) idOf(m Mark) string { return l.EventID + "/" + m.ID }

func (l Link) note(ctx context.Context, tx *store.Tx, m Mark, a Answer) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO checkin_mark (id, event_id, registration_id, outcome, made_at, received_at) VALUES (?, ?, ?, ?, ?, ?)`,
		l.idOf(m), l.EventID, store.Text(a.RegistrationID), a.Outcome, store.At(l.within(m.MadeAt, tx.Now)), store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("note mark: %w", err)
	}
	return nil
}

// within is the phone's time, or now when that cannot be.
func (l Link) within(made, now time.Time) time.Time {
	if made.Before(l.MadeAt) || made.After(now) {
		return now
	}
	return made
}

func decide(ctx context.Context, tx *store.Tx, l Link, m Mark) (Answer, error) {
	r, err := whom(ctx, tx, m)
	switch {
	case errors.Is(err, problem.ErrMissing):
		return Answer{Outcome: UnknownCode}, nil
	case err != nil:
		return Answer{}, err
	case r.EventID != l.EventID:
		return Answer{Outcome: OtherEvent}, nil
	}
	a := Answer{RegistrationID: r.ID, Name: r.Name()}
	if m.Undo != "" {
		return takeBack(ctx, tx, l, m, r, a)
	}
	if r.Status == registration.Attended {
		a.Outcome = Already
		return a, nil
	}
	if !admitted(r) {
		a.Outcome = NoPlace
		return a, nil
	}
	ev, err := event.Find(ctx, tx, l.EventID)
	if err != nil {
		return a, err
	}
	if ev.Status == event.Postponed || tx.Now.Before(Opens(ev)) {
		a.Outcome = TooEarly
		return a, nil
	}
	a.Outcome = Present
	_, err = registration.Attend(ctx, tx, r.ID, registration.Present, audit.Actor{Kind: "token", ID: l.ID})
	return a, err
}

// takeBack undoes a mark made at the wrong name. Who was let in by another mark
// meanwhile, at another door, is there.
func takeBack(ctx context.Context, tx *store.Tx, l Link, m Mark, r registration.Registration, a Answer) (Answer, error) {
	a.Outcome = TakenBack
	if r.Status != registration.Attended {
		return a, nil
	}
	if m.Undo != UndoAny {
		before, err := store.One(ctx, tx, scanAnswer, selectAnswer, l.idOf(Mark{ID: m.Undo}))
		if err != nil && !errors.Is(err, store.ErrNoRow) {
			return a, err
		}
		if before.Outcome != Present || before.RegistrationID != r.ID {
			a.Outcome = Already
			return a, nil
		}
	}
	_, err := registration.Attend(ctx, tx, r.ID, registration.Unmarked, audit.Actor{Kind: "token", ID: l.ID})
	return a, err
}

func whom(ctx context.Context, tx *store.Tx, m Mark) (registration.Registration, error) {
	if m.Code != "" {
		return registration.FindByLink(ctx, tx, m.Code, registration.Ticket)
	}
	return registration.Find(ctx, tx, m.RegistrationID)
}

// admitted reports whether somebody may be let in at the door without asking an
// organiser: who has a place in the room, and who gave it up late and came after
// all. Who waits is the organiser's to let in.
func admitted(r registration.Registration) bool {
	if r.Mode != event.Room {
		return false
	}
	switch r.Status {
	case registration.Confirmed, registration.NoShow, registration.LateCancelled, registration.Attended:
		return true
	}
	return false
}

// Guest is somebody who is expected at the door. It has what the door needs, and
// no address, no diet and no access needs.
type Guest struct {
	ID, FirstName, LastName, Organisation string
	Present                               bool
}

// Name is the whole name.
func (g Guest) Name() string {
	return registration.Registration{FirstName: g.FirstName, LastName: g.LastName}.Name()
}

// Guests lists who is expected in the room and who is there, in no order.
func Guests(ctx context.Context, tx *store.Tx, eventID string) ([]Guest, error) {
	return store.All(ctx, tx, func(r store.Row) (g Guest, err error) {
		err = r.Scan(&g.ID, &g.FirstName, &g.LastName, &g.Organisation, &g.Present)
		return g, err
	}, `
		SELECT id, first_name, last_name, organisation_name, status = 'attended' FROM registration
		WHERE event_id = ? AND mode = 'room' AND status IN ('confirmed', 'attended', 'no_show')`, eventID)
}

const selectAnswer = `
	SELECT m.outcome, coalesce(m.registration_id, ''), coalesce(r.first_name, ''), coalesce(r.last_name, '')
	FROM checkin_mark m LEFT JOIN registration r ON r.id = m.registration_id WHERE m.id = ?`

func scanAnswer(row store.Row) (a Answer, err error) {
	var r registration.Registration
	err = row.Scan(&a.Outcome, &a.RegistrationID, &r.FirstName, &r.LastName)
	if a.RegistrationID != "" {
		a.Name = r.Name()
	}
	return a, err
}
