// Package certificate holds the certificates of attendance. Whoever was at an
// event that has ended can have one; anybody who holds its code can ask whether
// it is real. A certificate keeps no words of its own: what it says is read from
// the registration and the event, so that a mark corrected later, or a person
// erased, is seen by whoever asks.
package certificate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// State is what a certificate is good for now.
type State string

// The states.
const (
	Valid  State = "valid"
	Void   State = "void"   // the person was marked present by mistake
	Erased State = "erased" // the person's data are erased: only that there was one is known
)

// Certificate is one that was issued, with what it says now.
type Certificate struct {
	Code           string // sixteen characters, without hyphens
	RegistrationID string
	IssuedAt       time.Time // UTC
	State          State
	Name           string          // empty unless the state is Valid
	Language       locale.Language // the person's
	Mode           event.Mode      // how the person took part: room or online
	Event          event.Event
	Programme      programme.Programme
}

// ErrNotEarned says that the person was not there, or that the event has not
// ended.
var ErrNotEarned = &problem.Problem{Kind: problem.Conflict, Code: "certificate_not_earned"}

// Earned reports whether a registration may have a certificate: only of somebody
// who was there, when the event has ended and was not called off.
func Earned(r registration.Registration, ev event.Event, now time.Time) bool {
	return r.Status == registration.Attended && !now.Before(ev.EndsAt) &&
		(ev.Status == event.Published || ev.Status == event.Held || ev.Status == event.Archived)
}

// Issue gives the registration's certificate, which it makes the first time. It
// refuses with ErrNotEarned, and with problem.ErrMissing when there is no such
// registration.
func Issue(ctx context.Context, tx *store.Tx, registrationID string, by audit.Actor) (Certificate, error) {
	r, ev, err := find(ctx, tx, registrationID)
	if err != nil {
		return Certificate{}, err
	}
	if !Earned(r, ev, tx.Now) {
		return Certificate{}, ErrNotEarned
	}
	made, err := insert(ctx, tx, codeOf(tx.NewToken()), r.ID)
	if err != nil {
		return Certificate{}, fmt.Errorf("issue certificate: %w", err)
	}
	if made {
		err := audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: ev.ProgrammeID, Action: "certificate.issue", ObjectKind: "registration", ObjectID: r.ID})
		if err != nil {
			return Certificate{}, err
		}
	}
	c, _, err := Of(ctx, tx, r.ID)
	return c, err
}

// IssueAll issues one to everybody who was at the event and has none yet, and
// returns how many those were.
func IssueAll(ctx context.Context, tx *store.Tx, eventID string, by audit.Actor) (int, error) {
	without, err := withoutOne(ctx, tx, eventID)
	if err != nil {
		return 0, err
	}
	for _, id := range without {
		if _, err := Issue(ctx, tx, id, by); err != nil {
			return 0, err
		}
	}
	return len(without), nil
}

// Find gives the certificate with a code, in whatever way it is typed, or
// problem.ErrMissing.
func Find(ctx context.Context, tx *store.Tx, typed string) (Certificate, error) {
	code, ok := ParseCode(typed)
	if !ok {
		return Certificate{}, problem.ErrMissing
	}
	c, err := selectOne(ctx, tx, `code = ?`, code)
	if errors.Is(err, store.ErrNoRow) {
		return Certificate{}, problem.ErrMissing
	}
	if err != nil {
		return Certificate{}, err
	}
	return c.complete(ctx, tx)
}

// Of gives the certificate of a registration, and false when none was issued.
func Of(ctx context.Context, tx *store.Tx, registrationID string) (Certificate, bool, error) {
	c, err := selectOne(ctx, tx, `registration_id = ?`, registrationID)
	if errors.Is(err, store.ErrNoRow) {
		return Certificate{}, false, nil
	}
	if err != nil {
		return Certificate{}, false, err
	}
	c, err = c.complete(ctx, tx)
	return c, true, err
}

// complete adds what the certificate says. Of a person whose data are erased,
// or who was not there after all, it says no name.
func (c Certificate) complete(ctx context.Context, tx *store.Tx) (Certificate, error) {
	r, ev, err := find(ctx, tx, c.RegistrationID)
	if err != nil {
		return Certificate{}, err
	}
	c.Event, c.Mode, c.Language, c.State = ev, r.Mode, locale.Language(r.Language), Void
	switch {
	case r.Status == registration.Erased:
		c.State = Erased
	case Earned(r, ev, tx.Now):
		c.State, c.Name = Valid, r.Name()
	}
	c.Programme, err = programme.Find(ctx, tx, ev.ProgrammeID)
	return c, err
}

func find(ctx context.Context, tx *store.Tx, registrationID string) (r registration.Registration, ev event.Event, err error) {
	if r, err = registration.Find(ctx, tx, registrationID); err != nil {
		return r, ev, err
	}
	ev, err = event.Find(ctx, tx, r.EventID)
	return r, ev, err
}

// Shown is the code in groups.
func (c Certificate) Shown() string { return Show(c.Code) }

// issuedOn is when it was issued, on the event's own clock.
func (c Certificate) issuedOn() time.Time { return c.IssuedAt.In(c.Event.Location()) }

// Organiser is who answers for the certificate.
func (c Certificate) Organiser() string {
	if c.Programme.OrganiserName != "" {
		return c.Programme.OrganiserName
	}
	return c.Programme.Name
}
