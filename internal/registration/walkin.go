package registration

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Arrival is what is asked of somebody who turns up without a place. There is a
// queue at the door, so it is as little as a registration can do with.
type Arrival struct {
	Name         string // first and last, in one
	Email        string
	Organisation string // its name; empty for none
	Language     string // of the letters that come later
	Reason       string // needed once the event's attendance is closed
	By           audit.Actor
}

// WalkIn notes somebody who turned up as present, from an hour before the start
// until thirty days after the event, with a reason once attendance is closed, and
// above the capacity when no place is free. The person is there already, so the
// letter about it goes when the event is over. Whoever has a registration after all is marked present on
// that one. The event's questions are not asked.
//
// The name of a company that others at the event come for ties the person to
// that company. Any other name is kept as it was said; without a number it makes
// no company.
//
// It refuses with ErrNotNow, with ErrAlready for somebody whose registration
// waits for an answer, and with what must be corrected, by the names "name",
// "email", "company_name" and "reason".
func WalkIn(ctx context.Context, tx *store.Tx, eventID string, a Arrival) (Registration, error) {
	ev, err := findAsOfNow(ctx, tx, eventID)
	if err != nil {
		return Registration{}, err
	}
	if ev.Status != event.Published && ev.Status != event.Held || tx.Now.Before(AttendanceOpens(ev)) || !tx.Now.Before(ev.EndsAt.Add(reconsiderFor)) {
		return Registration{}, ErrNotNow
	}
	q, err := a.request(ctx, tx, ev)
	if err != nil {
		return Registration{}, err
	}
	there, registered, err := expected(ctx, tx, ev.ID, q.Email)
	if err != nil {
		return there, err
	}
	if registered {
		if !there.Status.markable() {
			return there, ErrAlready
		}
		if !ev.AttendanceClosedAt.IsZero() {
			return Reconsider(ctx, tx, there.ID, Present, a.Reason, a.By)
		}
		return Attend(ctx, tx, there.ID, Present, a.By)
	}
	r, err := newRegistration(ctx, tx, q, alone)
	if err != nil {
		return r, err
	}
	free, err := lockPlaces(ctx, tx, ev.ID, r.Mode)
	if err != nil {
		return r, err
	}
	r.Extra = free == 0
	if err := move(ctx, tx, ev, &r, change{to: Attended, by: a.By, reason: a.Reason}); err != nil {
		return r, err
	}
	return r, r.tieToCompany(ctx, tx)
}

// afterTheEnd is the first moment by day at which the event is over.
func afterTheEnd(ev event.Event, now time.Time) time.Time {
	if now.Before(ev.EndsAt) {
		now = ev.EndsAt
	}
	return message.AfterNight(now.In(ev.Location())).UTC()
}

// expected finds the registration of somebody who turned up: an active one, or
// the one given up late.
func expected(ctx context.Context, tx *store.Tx, eventID, email string) (Registration, bool, error) {
	r, active, err := activeOf(ctx, tx, eventID, email)
	if err != nil || active {
		return r, active, err
	}
	late, err := store.All(ctx, tx, scanRegistration, selectRegistration+`
		WHERE event_id = ? AND email = ? AND status = 'late_cancelled' ORDER BY ended_at DESC, id LIMIT 1`, eventID, email)
	if err != nil || len(late) == 0 {
		return r, false, err
	}
	return late[0], true, nil
}

// request makes of an arrival what a registration asks for.
func (a Arrival) request(ctx context.Context, tx *store.Tx, ev event.Event) (Request, error) {
	q := Request{EventID: ev.ID, Email: a.Email, Language: a.Language, Mode: ev.Modes()[0], By: a.By, TestNumbers: true} // a number comes from a company that is there
	if ev.HasMode(event.Room) {
		q.Mode = event.Room
	}
	q.FirstName, q.LastName = partName(a.Name)
	var err error
	if q.Organisation, err = a.organisation(ctx, tx, ev); err != nil {
		return q, err
	}
	ev.Questions = nil
	refusal := &problem.Problem{Kind: problem.Invalid, Code: "invalid"}
	if err := q.check(ev); err != nil && !errors.As(err, &refusal) {
		return q, err
	}
	var f problem.Fields
	for _, x := range refusal.Fields {
		if x.Name == "first_name" || x.Name == "last_name" {
			x.Name = "name"
		}
		f.Add(x.Name, x.Code, x.Args...)
	}
	if !ev.AttendanceClosedAt.IsZero() && strings.TrimSpace(a.Reason) == "" {
		f.Add("reason", "required")
	}
	return q, f.Err()
}

// organisation finds a company of the name among those that people at the event
// come for.
func (a Arrival) organisation(ctx context.Context, tx *store.Tx, ev event.Event) (Organisation, error) {
	none := Organisation{Kind: OfNone, Name: a.Organisation}
	wanted := locale.Fold(a.Organisation)
	if wanted == "" {
		return none, nil
	}
	all, err := Roster(ctx, tx, ev.ID, RosterFilter{})
	if err != nil {
		return none, err
	}
	for _, r := range all {
		if r.CompanyID == "" || locale.Fold(r.OrganisationName) != wanted {
			continue
		}
		c, err := company.Find(ctx, tx, r.CompanyID)
		return Organisation{Kind: OfCompany, Country: c.Country, Number: c.Number, Name: r.OrganisationName}, err
	}
	return none, nil
}

// partName parts a name before the last word, or before the small words that a
// last name may begin with: Maria | von Essen.
func partName(s string) (first, last string) {
	words := strings.Fields(s)
	if len(words) < 2 {
		return strings.Join(words, " "), ""
	}
	i := len(words) - 1
	for i > 1 && unicode.IsLower([]rune(words[i-1])[0]) {
		i--
	}
	return strings.Join(words[:i], " "), strings.Join(words[i:], " ")
}
