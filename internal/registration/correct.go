package registration

import (
	"context"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Correction is what people may change about their own registration.
type Correction struct {
	FirstName, LastName string
	Phone, Language     string
	Diet, AccessNeeds   string
	DietConsent         bool
	Answers             map[string][]string
}

// Correct changes a registration's own data while the event is still to come.
func Correct(ctx context.Context, tx *store.Tx, id string, c Correction, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return r, err
	}
	over := ev.Status != event.Postponed && !tx.Now.Before(ev.EndsAt)
	if !r.Status.Active() || over {
		return r, ErrNotNow
	}
	var f problem.Fields
	q := Request{
		FirstName: c.FirstName, LastName: c.LastName, Email: r.Email, Phone: c.Phone, Language: c.Language, Mode: r.Mode,
		Diet: c.Diet, AccessNeeds: c.AccessNeeds, DietConsent: c.DietConsent, Complete: true,
	}
	q.checkPerson(&f)
	q.checkNeeds(ev, &f)
	q.Answers = checkAnswers(ev.Questions, c.Answers, &f)
	if err := f.Err(); err != nil {
		return r, err
	}
	r.FirstName, r.LastName, r.Phone, r.Language = q.FirstName, q.LastName, q.Phone, q.Language
	r.Diet, r.AccessNeeds, r.ChangedAt = q.Diet, q.AccessNeeds, tx.Now
	if err := r.save(ctx, tx, false); err != nil {
		return r, err
	}
	if err := writeAnswers(ctx, tx, id, q.Answers); err != nil {
		return r, err
	}
	return r, r.audit(ctx, tx, ev, by, "registration.correct", string(r.Status), "")
}
