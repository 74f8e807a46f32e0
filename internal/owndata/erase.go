package owndata

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/application"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/idempotency"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/register"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// Refusals.
var (
	ErrAsked   = &problem.Problem{Kind: problem.Conflict, Code: "erasure_asked"}   // an answer is being waited for
	ErrDecided = &problem.Problem{Kind: problem.Conflict, Code: "erasure_decided"} // somebody has decided already
)

// Ask asks every organiser who has something about the person to erase it. What
// nothing binds goes by itself: places that lie ahead are given up in the usual
// way, so that the next in the queue has them and the person's calendar is told,
// and Erase does the rest once those letters have left. About the rest the
// organiser has to decide. The person gets a letter that says which it is.
func Ask(ctx context.Context, tx *store.Tx, personID string) error {
	p, err := person.Find(ctx, tx, personID)
	if err != nil {
		return err
	}
	fates, err := fatesOf(ctx, tx, personID)
	if err != nil {
		return err
	}
	before, err := requestsOf(ctx, tx, personID)
	if err != nil {
		return err
	}
	if pending(before, fates) {
		return ErrAsked
	}
	requests, kept := requestsFor(tx, personID, fates)
	self := audit.Actor{Kind: "person", ID: personID}
	for _, q := range requests {
		if err := q.insert(ctx, tx); err != nil {
			return fmt.Errorf("ask for erasure: %w", err)
		}
		if err := q.audit(ctx, tx, self, "erasure.ask", ""); err != nil {
			return err
		}
	}
	for _, f := range fates {
		if err := giveUp(ctx, tx, f, f.Bound == registration.Unbound); err != nil {
			return err
		}
		if f.isCase() && f.Bound == registration.Unbound {
			if err := application.Discard(ctx, tx, personID, f.Case.ID); err != nil {
				return err
			}
		}
	}
	wanted, err := news.Of(ctx, tx, p.Email)
	if err != nil {
		return err
	}
	for _, s := range wanted { // who wants to be forgotten wants no news, whatever is decided
		if err := news.Stop(ctx, tx, s, news.ByOwnPage); err != nil {
			return err
		}
	}
	details := message.Details{Outcome: "all"}
	if kept > 0 {
		details = message.Details{Outcome: "part", AnswerBy: requests[0].AnswerBy().UTC().Format(time.RFC3339)}
	}
	newest := ""
	if len(fates) > 0 {
		newest = fates[0].Event.ProgrammeID
	}
	return tell(ctx, tx, p, newest, details)
}

// pending reports whether what would be asked for has been: a request is open, or
// everything there is will be erased by one that was granted.
func pending(before []Request, fates []Fate) bool {
	granted := 0
	for _, q := range before {
		if q.Status == Open {
			return true
		}
		if q.Status == Granted {
			granted++
		}
	}
	return granted > 0 && !slices.ContainsFunc(fates, func(f Fate) bool {
		return !slices.ContainsFunc(before, func(q Request) bool { return q.Status == Granted && q.covers(f) })
	})
}

// requestsFor makes one request for each programme that has something about the
// person; of somebody who never signed up there is only the person.
func requestsFor(tx *store.Tx, personID string, fates []Fate) (requests []Request, kept int) {
	at := map[string]int{}
	for _, f := range fates {
		i, known := at[f.Event.ProgrammeID]
		if !known {
			i = len(requests)
			at[f.Event.ProgrammeID] = i
			requests = append(requests, Request{ID: tx.NewID(), PersonID: personID, ProgrammeID: f.Event.ProgrammeID, AskedAt: tx.Now, Status: Granted, DecidedAt: tx.Now})
		}
		if f.Bound == registration.Unbound {
			requests[i].Erased++
			continue
		}
		requests[i].Kept++
		requests[i].Status, requests[i].DecidedAt = Open, time.Time{}
		kept++
	}
	if len(requests) == 0 {
		requests = []Request{{ID: tx.NewID(), PersonID: personID, AskedAt: tx.Now, Status: Granted, DecidedAt: tx.Now}}
	}
	return requests, kept
}

// giveUp gives up a place or a place in the queue, as the person could.
func giveUp(ctx context.Context, tx *store.Tx, f Fate, goes bool) error {
	if !goes || !f.GivenUp {
		return nil
	}
	if f.isBooking() {
		return advisory.CallOff(ctx, tx, f.Booking.ID, audit.Actor{Kind: "person", ID: f.Registration.PersonID})
	}
	_, err := registration.Withdraw(ctx, tx, f.Registration.ID, audit.Actor{Kind: "person", ID: f.Registration.PersonID}, "")
	return err
}

func (q Request) audit(ctx context.Context, tx *store.Tx, by audit.Actor, action, reason string) error {
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: q.ProgrammeID, Action: action, ObjectKind: "person", ObjectID: q.PersonID, To: string(q.Status), Reason: reason})
}

// tell writes what became of the request while the address is known.
func tell(ctx context.Context, tx *store.Tx, p person.Person, programmeID string, d message.Details) error {
	_, err := message.Enqueue(ctx, tx, message.Request{
		Key: fmt.Sprintf("%s:%s:%s:%s:%s", message.Erasure, p.ID, programmeID, d.Outcome, store.At(tx.Now)), Letter: message.Erasure,
		Recipient: p.Email, Language: p.Language, ProgrammeID: programmeID, Details: d,
	})
	return err
}

// maxReason is the longest reason of a decision, in characters, as of others that
// organisers write.
const maxReason = 4000

// Decide grants or refuses what an open request is still about. A refusal has a
// reason, which the person gets to read. Somebody who has decided before makes
// it ErrDecided.
func Decide(ctx context.Context, tx *store.Tx, q Request, to Status, reason string, by audit.Actor) error {
	var f problem.Fields
	reason = strings.TrimSpace(reason)
	switch {
	case to != Granted && to != Refused:
		f.Add("decision", "choose")
	case to == Refused && reason == "":
		f.Add("reason", "required")
	}
	if utf8.RuneCountInString(reason) > maxReason {
		f.Add("reason", "too_long", "most", maxReason)
	}
	if err := f.Err(); err != nil {
		return err
	}
	fates, err := fatesOf(ctx, tx, q.PersonID)
	if err != nil {
		return err
	}
	q.PublicRecord = to == Refused && slices.ContainsFunc(fates, func(f Fate) bool { return q.covers(f) && f.Bound == registration.PublicRecord })
	decided, err := q.decide(ctx, tx, to, reason)
	if err != nil {
		return err
	}
	if !decided {
		return ErrDecided
	}
	p, err := person.Find(ctx, tx, q.PersonID)
	if err != nil {
		return err
	}
	if to == Granted {
		for _, f := range fates {
			if err := giveUp(ctx, tx, f, q.covers(f)); err != nil {
				return err
			}
		}
	}
	if err := q.audit(ctx, tx, by, "erasure.decide", reason); err != nil {
		return err
	}
	return tell(ctx, tx, p, q.ProgrammeID, message.Details{Outcome: string(to), Reason: reason})
}

// Erase carries out what was asked for: it erases registrations that nothing
// binds, or whose erasing was granted, as soon as every letter about them has
// left, and the person once nothing of theirs is left. The scheduler runs it each
// minute; what it finds done it leaves alone.
//
// Each person is a part by itself: one of whom something is wrong stops nobody.
func Erase(ctx context.Context, tx *store.Tx) error {
	people, err := toLookAt(ctx, tx)
	if err != nil {
		return err
	}
	known := newSources()
	return store.Each(ctx, tx, people, func(id string) error { return eraseWhatMay(ctx, tx, known, id) })
}

// toLookAt lists the people of whom something may have to be erased: an open
// request waits, a granted one is about a registration that is still there or has
// left nobody but the person, or what was refused has had its time. The last is
// asked coarsely; asksFor knows the day.
func toLookAt(ctx context.Context, tx *store.Tx) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		SELECT DISTINCT q.person_id FROM erasure_request q JOIN person p ON p.id = q.person_id
		WHERE p.email NOT LIKE 'erased:%' AND (q.status = 'open'
			OR q.status = 'granted' AND (
				NOT EXISTS (SELECT 1 FROM registration r WHERE r.person_id = q.person_id AND r.status <> 'erased')
				OR EXISTS (SELECT 1 FROM registration r JOIN event e ON e.id = r.event_id
					WHERE r.person_id = q.person_id AND r.status <> 'erased' AND r.created_at <= q.asked_at AND e.programme_id = q.programme_id)
				OR EXISTS (SELECT 1 FROM booking b JOIN advisory_programme a ON a.id = b.advisory_programme_id
					WHERE b.person_id = q.person_id AND b.created_at <= q.asked_at AND a.programme_id = q.programme_id))
			OR q.status = 'refused' AND NOT q.public_record AND EXISTS (SELECT 1 FROM registration r JOIN event e ON e.id = r.event_id
				WHERE r.person_id = q.person_id AND r.status IN ('attended', 'no_show') AND r.created_at <= q.asked_at AND e.programme_id = q.programme_id AND e.ends_at <= ?))
		ORDER BY q.person_id`, store.At(tx.Now.AddDate(0, -registration.EligibilityMonths, 7)))
}

func eraseWhatMay(ctx context.Context, tx *store.Tx, known sources, personID string) error {
	requests, err := requestsOf(ctx, tx, personID)
	if err != nil {
		return err
	}
	fates, err := known.fatesOf(ctx, tx, personID)
	if err != nil {
		return err
	}
	var left []Fate
	for _, f := range fates {
		gone, err := eraseOne(ctx, tx, f, requests)
		if err != nil {
			return err
		}
		if !gone {
			left = append(left, f)
		}
	}
	for _, q := range requests {
		if q.Status == Open && !slices.ContainsFunc(left, q.covers) { // what bound it has ended meanwhile
			if err := Decide(ctx, tx, q, Granted, "", audit.System); err != nil {
				return err
			}
		}
	}
	if len(left) > 0 {
		return nil
	}
	return erasePerson(ctx, tx, personID)
}

// eraseOne erases a registration that one of the requests is about, if nothing
// stands in the way now.
func eraseOne(ctx context.Context, tx *store.Tx, f Fate, requests []Request) (gone bool, err error) {
	asked := false
	for _, q := range requests {
		asked = asked || q.covers(f) && q.asksFor(f)
	}
	if f.isCase() {
		return asked, f.eraseCase(ctx, tx, asked)
	}
	if f.isBooking() {
		return f.eraseBooking(ctx, tx, asked)
	}
	if !asked || !registration.Forgettable(f.Registration, f.Event, tx.Now) {
		return false, nil
	}
	if err := message.DropHeld(ctx, tx, f.Registration.ID); err != nil {
		return false, err
	}
	if waits, err := message.Waits(ctx, tx, f.Registration.ID); err != nil || waits {
		return false, err
	}
	return true, registration.Forget(ctx, tx, f.Registration.ID, audit.System)
}

// eraseCase throws away a draft. Of what was sent nothing is left to erase but the
// person, whom erasePerson takes out.
func (f Fate) eraseCase(ctx context.Context, tx *store.Tx, asked bool) error {
	if !asked || f.Case.Status != application.Draft {
		return nil
	}
	return application.Discard(ctx, tx, f.Case.PersonID, f.Case.ID)
}

// asksFor reports whether a request that is about the registration has it erased
// now: it was granted, or nothing binds what it waits for. A refusal holds, except
// that attendance goes when the company's right ends for which it was kept, as the
// person was told.
func (q Request) asksFor(f Fate) bool {
	switch q.Status {
	case Granted:
		return true
	case Open:
		return f.Bound == registration.Unbound
	}
	attendance := f.Registration.Status == registration.Attended || f.Registration.Status == registration.NoShow
	return attendance && f.Bound == registration.Unbound && !q.PublicRecord
}

// erasePerson erases the person when nothing is to be sent to them any more. What
// they organise under the same address is another matter.
func erasePerson(ctx context.Context, tx *store.Tx, personID string) error {
	p, err := person.Find(ctx, tx, personID)
	if err != nil {
		return err
	}
	waits, err := message.WaitsFor(ctx, tx, p.Email)
	if err != nil || waits {
		return err
	}
	if err := message.EraseTo(ctx, tx, p.Email); err != nil {
		return err
	}
	if err := message.ForgetNameOf(ctx, tx, personID); err != nil {
		return err
	}
	if err := news.Erase(ctx, tx, p.Email); err != nil {
		return err
	}
	if err := idempotency.Forget(ctx, tx, p.Email); err != nil {
		return err
	}
	if err := registration.ForgetInvitations(ctx, tx, p.Email); err != nil {
		return err
	}
	if err := advisory.DropLinksOf(ctx, tx, personID); err != nil {
		return err
	}
	if err := aid.Erase(ctx, tx, personID); err != nil {
		return err
	}
	if err := untie(ctx, tx, personID); err != nil {
		return err
	}
	if err := person.Erase(ctx, tx, personID); err != nil {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: audit.System, Action: "person.erased", ObjectKind: "person", ObjectID: personID})
}

// untie forgets for whom the person comes, and what is the person's own business
// altogether.
func untie(ctx context.Context, tx *store.Tx, personID string) error {
	ties, err := company.Ties(ctx, tx, personID)
	if err != nil {
		return err
	}
	if err := company.Untie(ctx, tx, personID); err != nil {
		return err
	}
	for _, t := range ties {
		if !t.SoleTrader {
			continue
		}
		if err := registration.ForgetCompany(ctx, tx, t.ID); err != nil {
			return err
		}
		if err := register.Forget(ctx, tx, t.Country, t.Number); err != nil {
			return err
		}
	}
	return nil
}
