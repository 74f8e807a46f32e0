package owndata

import (
	"context"
	"time"

	"stafett/internal/event"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// Fate is what becomes of one registration when the person asks for erasure.
type Fate struct {
	Registration registration.Registration
	Event        event.Event
	Programme    programme.Programme
	Bound        registration.Bound // why it is kept until somebody decides; empty: it is erased
	Until        time.Time          // the end of that reason by itself; zero: there is none
	GivenUp      bool               // a place, or a place in the queue, that is given up first
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
	return fates, nil
}

func (s sources) find(ctx context.Context, tx *store.Tx, eventID string) (ev event.Event, p programme.Programme, err error) {
	ev, known := s.events[eventID]
	if !known {
		if ev, err = event.Find(ctx, tx, eventID); err != nil {
			return ev, p, err
		}
		s.events[eventID] = ev
	}
	p, known = s.programmes[ev.ProgrammeID]
	if !known {
		if p, err = programme.Find(ctx, tx, ev.ProgrammeID); err != nil {
			return ev, p, err
		}
		s.programmes[ev.ProgrammeID] = p
	}
	return ev, p, nil
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
