package registration

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/message"
	consent "stafett/internal/news"
	"stafett/internal/person"
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

// CanCorrect reports whether the data of the registration can still be changed:
// until the event is over, and as long as a postponed one has no new date.
func CanCorrect(r Registration, ev event.Event, now time.Time) bool {
	return r.Status.Active() && (ev.Status == event.Postponed || now.Before(ev.EndsAt))
}

// Correct changes a registration's own data while the event is still to come.
func Correct(ctx context.Context, tx *store.Tx, id string, c Correction, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if !CanCorrect(r, ev, tx.Now) {
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

// ChangeAddress gives the registration another e-mail address, as when the old
// one turned out not to exist or to be somebody else's, and sends there what the
// person should know now. The old person keeps nothing of it: links that were
// sent are good for nothing, and what was yet to be sent is not. An address that
// must be proved is asked about, and holds the place as long as a new one does.
func ChangeAddress(ctx context.Context, tx *store.Tx, id, typed string, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if !CanCorrect(r, ev, tx.Now) {
		return r, ErrNotNow
	}
	address, err := person.Address(typed)
	if err != nil {
		return r, problem.Fields{{Name: "email", Code: "email"}}.Err()
	}
	there, registered, err := activeOf(ctx, tx, ev.ID, address)
	if err != nil {
		return r, err
	}
	if registered && there.ID != r.ID {
		return r, ErrAlready
	}
	p, err := person.Ensure(ctx, tx, person.Person{Email: address, FirstName: r.FirstName, LastName: r.LastName, Language: r.Language})
	if err != nil {
		return r, err
	}
	if err := person.EmailWorks(ctx, tx, address); err != nil {
		return r, err
	}
	if err := message.Forget(ctx, tx, r.ID); err != nil {
		return r, err
	}
	if err := dropLinks(ctx, tx, r.ID); err != nil {
		return r, err
	}
	if err := consent.Correct(ctx, tx, ev.ProgrammeID, r.Email, address, r.CreatedAt); err != nil {
		return r, err
	}
	r.Email, r.PersonID, r.ChangedAt = address, p.ID, tx.Now
	if r.Status == PendingEmail {
		r.HoldUntil = proofUntil(ev, tx.Now)
	}
	if err := r.save(ctx, tx, false); err != nil {
		return r, err
	}
	if r.CompanyID != "" {
		if err := company.Claim(ctx, tx, p.ID, r.CompanyID, false); err != nil {
			return r, err
		}
	}
	if err := r.audit(ctx, tx, ev, by, "registration.change_address", string(r.Status), ""); err != nil {
		return r, err
	}
	letter := map[Status]message.Letter{Confirmed: message.Confirmed, Waitlisted: message.Waitlisted, PendingEmail: message.ConfirmAddress}[r.Status]
	_, err = message.Enqueue(ctx, tx, message.Request{
		Key:    fmt.Sprintf("address:%s:%s:%s", r.ID, r.Email, store.At(tx.Now)), // one for each correction
		Letter: cmp.Or(letter, message.AlreadyHere), Recipient: r.Email, Language: r.Language,
		ProgrammeID: ev.ProgrammeID, EventID: ev.ID, RegistrationID: r.ID, Details: message.Details{ByHand: true},
	})
	return r, err
}
