package registration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Outcome is what came of signing up, as the one who did is told it.
type Outcome struct {
	Registration Registration
	Status       Status
	Position     int  // on the waiting list; 0 with a place
	Already      bool // the address was registered before; a stranger is not told
}

// openCall is how long before the start a free place goes to whoever comes
// first, queue or not: there is no time left to ask in turn.
const openCall = 6 * time.Hour

// Register gives the person a place, or a place in the queue: when none is
// free, when others were there first, or when the company has its share
// already. It refuses with a reason when the event takes no registrations.
//
// An address that is registered already gets a letter that says so, and nothing
// new; the outcome then is the one that a new registration would have had, so
// that a stranger cannot find out who takes part.
func Register(ctx context.Context, tx *store.Tx, q Request) (Outcome, error) {
	ev, err := findAsOfNow(ctx, tx, q.EventID)
	if err != nil {
		return Outcome{}, err
	}
	if err := Open(ev, tx.Now); err != nil {
		return Outcome{}, err
	}
	if err := q.check(ev); err != nil {
		return Outcome{}, err
	}
	return register(ctx, tx, ev, q, alone)
}

// others is what hangs on the people with whom somebody signs up.
type others struct {
	ghosts  int           // places that others of the group would have had, whose address is registered already
	groupID string        // of those who sign up in one go
	need    int           // how many places must be free for any of them to have one
	as      Status        // already decided, for the rest of a group that comes only together
	like    *Registration // whose organisation it is as well
	asker   string        // the name of the colleague who signs them up
	askerID string        // and who that is
	askerAt string        // and that colleague's registration; empty: there is none at this event
}

// alone is somebody who signs up without others.
var alone = others{need: 1}

// register gives a place or a place in the queue to somebody whose words have
// been checked.
func register(ctx context.Context, tx *store.Tx, ev event.Event, q Request, with others) (Outcome, error) {
	r, err := newRegistration(ctx, tx, q, with)
	if err != nil {
		return Outcome{}, err
	}
	if ev.AudienceMode == event.AudienceInvite && !q.Approved {
		i, err := invitedBy(ctx, tx, ev, q.Code, q.Email)
		if err != nil {
			return Outcome{}, err
		}
		r.InvitationID = i.ID
	}
	to, err := r.admit(ctx, tx, ev, q, with)
	if err != nil {
		return Outcome{}, err
	}
	old, registered, err := activeOf(ctx, tx, ev.ID, r.Email)
	if err != nil {
		return Outcome{}, err
	}
	if registered {
		return r.already(ctx, tx, ev, old, to, q.Outside)
	}
	by := q.By
	if by.Kind == "" { // the person, known only now
		by = audit.Actor{Kind: "person", ID: cmp.Or(with.askerID, r.PersonID)}
	}
	if err := move(ctx, tx, ev, &r, change{to: to, by: by, outside: q.Outside, details: message.Details{OtherName: with.asker, OtherID: cmp.Or(with.askerAt, with.askerID)}}); err != nil {
		return Outcome{}, err
	}
	if err := writeAnswers(ctx, tx, r.ID, q.Answers); err != nil {
		return Outcome{}, err
	}
	position, err := Position(ctx, tx, r)
	return Outcome{Registration: r, Status: r.Status, Position: position}, err
}

// admit decides what becomes of somebody new: a request to the organiser from
// those who have to ask first, else a place, held until the
// address is proved where that is asked, or the queue.
func (r *Registration) admit(ctx context.Context, tx *store.Tx, ev event.Event, q Request, with others) (Status, error) {
	if with.as == PendingEmail {
		r.HoldUntil = proofUntil(ev, tx.Now)
	}
	if with.as != New {
		return with.as, nil
	}
	if !q.Approved && ev.MustAsk(r.Audience, r.Municipality) {
		return Requested, nil
	}
	to, err := r.destination(ctx, tx, ev, with.need+with.ghosts)
	if err == nil && to == Confirmed && q.mustProve(ev, tx.Now) {
		r.HoldUntil = proofUntil(ev, tx.Now)
		return PendingEmail, nil
	}
	return to, err
}

// Open refuses with the reason why the event takes no registrations; a full
// event without a waiting list is full.
func Open(ev event.Event, now time.Time) error {
	loc := ev.Location()
	switch ev.State(now) {
	case event.StateDraft:
		return problem.ErrMissing
	case event.StateCancelled:
		return ErrCancelled
	case event.StatePostponed:
		return ErrPostponed
	case event.StatePast:
		return ErrPast
	case event.StateNotOpen:
		return ErrNotOpen.With("at", ev.OpensAt.In(loc))
	case event.StateClosed:
		return ErrClosed.With("at", ev.ClosesAt.In(loc))
	case event.StateFull:
		if !ev.WaitingList {
			return ErrFull
		}
	}
	return nil
}

// newRegistration finds or makes person and company and ties them.
func newRegistration(ctx context.Context, tx *store.Tx, q Request, with others) (Registration, error) {
	r := Registration{
		ID: tx.NewID(), EventID: q.EventID, Mode: q.Mode, Email: q.Email, FirstName: q.FirstName, LastName: q.LastName,
		Phone: q.Phone, Language: q.Language, Audience: q.Audience, OrganisationKind: q.Organisation.Kind,
		OrganisationName: q.Organisation.Name, Municipality: q.Municipality, Diet: q.Diet, AccessNeeds: q.AccessNeeds,
		JoinedAt: tx.Now, GroupID: with.groupID, CalendarSequence: -1, CreatedAt: tx.Now, ChangedAt: tx.Now,
	}
	r.CalendarUID = r.ID
	p, err := person.Ensure(ctx, tx, person.Person{Email: q.Email, FirstName: q.FirstName, LastName: q.LastName, Language: q.Language})
	if err != nil {
		return r, err
	}
	r.PersonID = p.ID
	if with.like != nil {
		r.OrganisationKind, r.OrganisationName, r.CompanyID = with.like.OrganisationKind, with.like.OrganisationName, with.like.CompanyID
		if r.CompanyID == "" {
			return r, nil
		}
		return r, company.Claim(ctx, tx, p.ID, r.CompanyID, false)
	}
	if q.Organisation.Kind != OfCompany {
		return r, nil
	}
	c, err := company.Ensure(ctx, tx, q.Organisation.Country, q.Organisation.Number, q.Organisation.Name)
	if err != nil {
		return r, err
	}
	r.CompanyID = c.ID
	return r, company.Claim(ctx, tx, p.ID, c.ID, false)
}

// destination decides between a place and the queue; need is how many places
// must be free.
func (r *Registration) destination(ctx context.Context, tx *store.Tx, ev event.Event, need int) (Status, error) {
	free, ahead, err := r.room(ctx, tx, ev)
	if err != nil {
		return "", err
	}
	share, err := placesLeft(ctx, tx, ev.ID, r.CompanyID)
	if err != nil {
		return "", err
	}
	if free >= need && share >= need && (!ahead || ev.StartsAt.Sub(tx.Now) < openCall) {
		return Confirmed, nil
	}
	if !ev.WaitsIn(r.Mode) {
		return "", ErrFull
	}
	return Waitlisted, nil
}

// room counts the free places in the registration's mode, and reports whether
// somebody in the queue comes before a newcomer and could have them.
func (r Registration) room(ctx context.Context, tx *store.Tx, ev event.Event) (free int, ahead bool, err error) {
	if free, err = lockPlaces(ctx, tx, ev.ID, r.Mode); err != nil || free == 0 {
		return free, false, err
	}
	class, err := r.class(ctx, tx)
	if err != nil {
		return free, false, err
	}
	table, args := queue(ev.ID, r.Mode)
	_, err = store.One(ctx, tx, store.Value[string], `
		SELECT q.id FROM `+table+` q WHERE q.class <= ? AND q.id <> ? AND q.need <= q.share AND q.need <= ? LIMIT 1`, append(args, class, r.ID, free)...)
	if errors.Is(err, store.ErrNoRow) {
		return free, false, nil
	}
	return free, err == nil, err
}

// wouldBe is the number that the registration would have in the queue.
func (r Registration) wouldBe(ctx context.Context, tx *store.Tx, ev event.Event) (int, error) {
	class, err := r.class(ctx, tx)
	if err != nil {
		return 0, err
	}
	table, args := queue(ev.ID, r.Mode)
	return store.One(ctx, tx, store.Value[int], `SELECT 1 + count(*) FROM `+table+` q WHERE q.class <= ?`, append(args, class)...)
}

// active lists the states that Status.Active names.
const active = `'pending_email', 'requested', 'confirmed', 'waitlisted', 'offered', 'attended', 'no_show'`

func activeOf(ctx context.Context, tx *store.Tx, eventID, email string) (Registration, bool, error) {
	r, err := store.One(ctx, tx, scanRegistration, selectRegistration+`
		WHERE event_id = ? AND email = ? AND status IN (`+active+`)`,
		eventID, email)
	if errors.Is(err, store.ErrNoRow) {
		return r, false, nil
	}
	return r, err == nil, err
}

// already answers somebody whose address is registered: a letter at most once a
// minute, and an outcome as if it were new. Whoever has yet to prove the address
// is asked again, for the first letter may be lost.
func (r Registration) already(ctx context.Context, tx *store.Tx, ev event.Event, old Registration, would Status, outside bool) (Outcome, error) {
	letter := message.AlreadyHere
	if old.Status == PendingEmail {
		letter = message.ConfirmAddress
	}
	_, err := message.Enqueue(ctx, tx, message.Request{
		Key:    fmt.Sprintf("%s:%s:%s", message.AlreadyHere, old.ID, tx.Now.Format("2006-01-02T15:04")),
		Letter: letter, Recipient: old.Email, Language: old.Language,
		ProgrammeID: ev.ProgrammeID, EventID: ev.ID, RegistrationID: old.ID, Outside: outside,
	})
	if err != nil {
		return Outcome{}, err
	}
	o := Outcome{Registration: old, Status: would, Already: true}
	if would == Waitlisted {
		if o.Position, err = r.wouldBe(ctx, tx, ev); err != nil {
			return o, err
		}
	}
	return o, nil
}

// AddByHand lets an organiser register somebody whatever the window says, and
// above the capacity when over is set; without it, a full event puts the person
// on the waiting list.
func AddByHand(ctx context.Context, tx *store.Tx, q Request, over bool) (Registration, error) {
	ev, err := findAsOfNow(ctx, tx, q.EventID)
	if err != nil {
		return Registration{}, err
	}
	if ev.Status != event.Published && ev.Status != event.Postponed {
		return Registration{}, ErrNotNow
	}
	if err := q.check(ev); err != nil {
		return Registration{}, err
	}
	_, registered, err := activeOf(ctx, tx, ev.ID, q.Email)
	if err != nil {
		return Registration{}, err
	}
	if registered {
		return Registration{}, ErrAlready
	}
	r, err := newRegistration(ctx, tx, q, alone)
	if err != nil {
		return r, err
	}
	n, err := lockPlaces(ctx, tx, ev.ID, r.Mode)
	if err != nil {
		return r, err
	}
	free := n > 0
	to := Confirmed
	switch {
	case ev.Status == event.Published && !tx.Now.Before(ev.EndsAt):
		to, r.Extra = Attended, !free // who is entered after the event was there
	case !free && over:
		r.Extra = true
	case !free && !ev.WaitsIn(r.Mode):
		return r, ErrFull
	case !free:
		to = Waitlisted
	}
	if err := move(ctx, tx, ev, &r, change{to: to, by: q.By, details: message.Details{ByHand: true}}); err != nil {
		return r, err
	}
	return r, writeAnswers(ctx, tx, r.ID, q.Answers)
}
