package owndata

import (
	"context"
	"slices"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/application"
	"stafett/internal/event"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// Fate is what becomes of one registration, application or booking of advice when the
// person asks for erasure.
type Fate struct {
	Registration registration.Registration
	Event        event.Event
	Programme    programme.Programme
	Bound        registration.Bound // why it is kept until somebody decides; empty: it is erased
	Until        time.Time          // the end of that reason by itself; zero: there is none
	GivenUp      bool               // a place, or a place in the queue, that is given up first

	// Case is an application for support, when it is one and no registration. A
	// draft goes. What was sent is a record of the organiser's, which stays without
	// the person when erasing is granted.
	Case application.Application

	// Booking is a meeting with an adviser, when it is one.
	Booking advisory.Booking
}

// isCase reports whether it is an application.
func (f Fate) isCase() bool { return f.Case.ID != "" }

// caseFates tells what becomes of the person's applications.
func (s sources) caseFates(ctx context.Context, tx *store.Tx, personID string) (fates []Fate, err error) {
	own, err := application.By(ctx, tx, personID)
	if err != nil {
		return nil, err
	}
	for _, a := range own {
		id, err := store.One(ctx, tx, store.Value[string], `SELECT programme_id FROM advisory_programme WHERE id = ?`, a.AdvisoryProgrammeID)
		if err != nil {
			return nil, err
		}
		p, err := s.programme(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		f := Fate{Case: a, Programme: p, Registration: registration.Registration{PersonID: personID, CreatedAt: a.CreatedAt}, Bound: registration.PublicRecord}
		f.Event.ProgrammeID, f.Event.Title, f.Event.Language, f.Event.TimeZone = p.ID, a.Title, a.Language, p.TimeZone
		if a.Status == application.Draft {
			f.Bound = registration.Unbound
		}
		fates = append(fates, f)
	}
	return fates, nil
}

// Plan is what would become of everything that is stored about a person.
type Plan struct{ Going, Kept []Fate }

// PlanFor tells what asking for erasure would do now.
func PlanFor(ctx context.Context, tx *store.Tx, personID string) (p Plan, err error) {
	fates, err := fatesOf(ctx, tx, personID)
	for _, f := range fates {
		if f.Bound == registration.Unbound {
			p.Going = append(p.Going, f)
		} else {
			p.Kept = append(p.Kept, f)
		}
	}
	return p, err
}

// KeptFor lists what an open request is still about.
func KeptFor(ctx context.Context, tx *store.Tx, q Request) (kept []Fate, err error) {
	fates, err := fatesOf(ctx, tx, q.PersonID)
	for _, f := range fates {
		if q.covers(f) && f.Bound != registration.Unbound {
			kept = append(kept, f)
		}
	}
	return kept, err
}

// covers reports whether a request is about a registration: one of its
// programme, made before it.
func (q Request) covers(f Fate) bool {
	return f.Event.ProgrammeID == q.ProgrammeID && !f.Registration.CreatedAt.After(q.AskedAt)
}

func fatesOf(ctx context.Context, tx *store.Tx, personID string) ([]Fate, error) {
	return newSources().fatesOf(ctx, tx, personID)
}

// sources are the events and programmes that have been read, so that each is read
// once however many people of it there are.
type sources struct {
	events     map[string]event.Event
	programmes map[string]programme.Programme
}

func newSources() sources {
	return sources{map[string]event.Event{}, map[string]programme.Programme{}}
}

func (s sources) fatesOf(ctx context.Context, tx *store.Tx, personID string) (fates []Fate, err error) {
	own, err := registration.OfPerson(ctx, tx, personID)
	if err != nil {
		return nil, err
	}
	for _, r := range own {
		f := Fate{Registration: r}
		if f.Event, f.Programme, err = s.find(ctx, tx, r.EventID); err != nil {
			return nil, err
		}
		f.Bound, f.Until = registration.Binds(r, f.Event, f.Programme, tx.Now)
		f.GivenUp = registration.CanWithdraw(r, f.Event, tx.Now)
		fates = append(fates, f)
	}
	cases, err := s.caseFates(ctx, tx, personID)
	if err != nil {
		return nil, err
	}
	bookings, err := s.bookingFates(ctx, tx, personID)
	return slices.Concat(fates, cases, bookings), err
}

func (s sources) find(ctx context.Context, tx *store.Tx, eventID string) (ev event.Event, p programme.Programme, err error) {
	ev, known := s.events[eventID]
	if !known {
		if ev, err = event.Find(ctx, tx, eventID); err != nil {
			return ev, p, err
		}
		s.events[eventID] = ev
	}
	p, err = s.programme(ctx, tx, ev.ProgrammeID)
	return ev, p, err
}

func (s sources) programme(ctx context.Context, tx *store.Tx, id string) (p programme.Programme, err error) {
	p, known := s.programmes[id]
	if known {
		return p, nil
	}
	if p, err = programme.Find(ctx, tx, id); err == nil {
		s.programmes[id] = p
	}
	return p, err
}

// Pending tells what the person has asked for that has not come to an end: the
// open requests, and whether erasing goes on by itself.
func Pending(ctx context.Context, tx *store.Tx, personID string) (open []Request, erasing bool, err error) {
	all, err := requestsOf(ctx, tx, personID)
	if err != nil {
		return nil, false, err
	}
	fates, err := fatesOf(ctx, tx, personID)
	for _, q := range all {
		if q.Status == Open {
			open = append(open, q)
		}
	}
	return open, len(open) == 0 && pending(all, fates), err
}
