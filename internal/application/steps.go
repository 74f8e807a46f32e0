package application

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/store"
)

// step is a change from one state to another.
type step struct{ from, to Status }

// side is who may take a step.
type side int

const (
	applicant side = 1 << iota
	organiser
)

// rule is who may take a step, and the letter that it sends; none for some.
type rule struct {
	by     side
	letter message.Letter
}

// steps is every change there is. What is not in it does not happen; a trigger of
// the database has the same list.
var steps = map[step]rule{
	{Draft, Submitted}:     {applicant, message.ApplicationReceived},
	{Submitted, NeedsInfo}: {organiser, message.ApplicationNeedsMore},
	{NeedsInfo, Submitted}: {applicant, message.ApplicationReceived}, // the answer
	{Submitted, Assessed}:  {organiser, ""},
	{NeedsInfo, Assessed}:  {organiser, ""}, // no answer came: it is assessed as it is
	{Assessed, NeedsInfo}:  {organiser, message.ApplicationNeedsMore},
	{Assessed, Granted}:    {organiser, message.ApplicationGranted},
	{Assessed, Rejected}:   {organiser, message.ApplicationRejected},
	{Submitted, Withdrawn}: {applicant, message.ApplicationEnded},
	{NeedsInfo, Withdrawn}: {applicant, message.ApplicationEnded},
	{Assessed, Withdrawn}:  {applicant, message.ApplicationEnded},
	{Granted, Running}:     {organiser, ""},
	{Running, FinalReport}: {applicant | organiser, message.ApplicationReceived}, // the report
	{Granted, Closed}:      {organiser, message.ApplicationEnded},                // never begun
	{Running, Closed}:      {organiser, message.ApplicationEnded},                // given up
	{FinalReport, Running}: {organiser, message.ApplicationNeedsMore},            // back, for more
	{FinalReport, Closed}:  {organiser, message.ApplicationEnded},
}

// sideOf is the side on which somebody acts.
func sideOf(by audit.Actor) side {
	if by.Kind == "person" {
		return applicant
	}
	return organiser
}

// may reports whether somebody may take the step now.
func (a Application) may(to Status, by audit.Actor) bool {
	return steps[step{a.Status, to}].by&sideOf(by) != 0
}

// Can reports whether the applicant, or the organiser, may take the application to
// a state from the one that it is in, for pages that offer it.
func (a Application) Can(to Status, asApplicant bool) bool {
	who := audit.Actor{Kind: "user"}
	if asApplicant {
		who.Kind = "person"
	}
	return a.may(to, who)
}

// move takes one step: the row, the audit entry and the letter, in the caller's
// transaction. It is ErrNotNow when there is no such step for whoever acts, or the
// case has moved on meanwhile.
func (a *Application) move(ctx context.Context, tx *store.Tx, to Status, by audit.Actor, reason string, d message.Details) error {
	if !a.may(to, by) {
		return ErrNotNow
	}
	letter, from := steps[step{a.Status, to}].letter, a.Status
	a.Status = to
	if err := a.update(ctx, tx, from); err != nil {
		return err
	}
	if err := a.audit(ctx, tx, by, "application."+string(to), string(from), string(to), reason); err != nil {
		return err
	}
	if letter == "" {
		return nil
	}
	d.FromState = string(from)
	return a.tell(ctx, tx, letter, d)
}

func (a Application) audit(ctx context.Context, tx *store.Tx, by audit.Actor, action, from, to, reason string) error {
	h, err := homeOf(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{
		Actor: by, ProgrammeID: h.ID, Action: action, ObjectKind: "application", ObjectID: a.ID, From: from, To: to, Reason: reason,
	})
}

// lifeOfLetters is how long a letter about a case makes sense: a decision is owed
// to the applicant, however long the mail server is away.
const lifeOfLetters = 30 * 24 * time.Hour

// reader is who gets the letters about the case: the applicant or, where only a
// number is left of them and the body has been granted something, who has been
// confirmed for the body the longest and so may open the case.
func (a Application) reader(ctx context.Context, tx *store.Tx) (p person.Person, found bool, err error) {
	if p, err = person.Find(ctx, tx, a.PersonID); err != nil || !p.Erased() {
		return p, err == nil, err
	}
	if a.GrantedMinor == nil {
		return p, false, nil
	}
	ids, err := store.All(ctx, tx, store.Value[string], `SELECT person_id FROM contact WHERE company_id = ? AND status = 'confirmed' AND person_id <> ? ORDER BY created_at, person_id`, a.CompanyID, a.PersonID)
	if err != nil {
		return p, false, err
	}
	for _, id := range ids {
		if p, err = person.Find(ctx, tx, id); err != nil || !p.Erased() {
			return p, err == nil, err
		}
	}
	return p, false, nil
}

// tell writes the letter about the case into the outbox, in the language in which the
// application is written.
func (a Application) tell(ctx context.Context, tx *store.Tx, letter message.Letter, d message.Details) error {
	p, found, err := a.reader(ctx, tx)
	if err != nil || !found {
		return err
	}
	h, err := homeOf(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	_, err = message.EnqueueApplication(ctx, tx, message.Request{
		Key:    fmt.Sprintf("%s:%s:%s:%d:%s:%s", letter, a.ID, a.Status, a.Revision, store.At(tx.Now), d.About),
		Letter: letter, Recipient: p.Email, Language: a.Language, ProgrammeID: h.ID, Details: d,
		NotAfter: tx.Now.Add(lifeOfLetters),
	}, a.ID)
	return err
}
