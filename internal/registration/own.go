package registration

import (
	"context"
	"errors"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// OfPerson lists a person's own registrations, the newest first. Those that are
// erased are left out.
func OfPerson(ctx context.Context, tx *store.Tx, personID string) ([]Registration, error) {
	return store.All(ctx, tx, scanRegistration, selectRegistration+`
		WHERE person_id = ? AND status <> 'erased' ORDER BY created_at DESC, id DESC`, personID)
}

// FindOwn returns a registration of the person, or problem.ErrMissing: also when
// it is somebody else's, or erased.
func FindOwn(ctx context.Context, tx *store.Tx, id, personID string) (Registration, error) {
	r, err := store.One(ctx, tx, scanRegistration, selectRegistration+`WHERE id = ? AND person_id = ? AND status <> 'erased'`, id, personID)
	if errors.Is(err, store.ErrNoRow) {
		return r, problem.ErrMissing
	}
	return r, err
}

// CorrectName corrects the name and the language of letters on everything of a
// person's that can still be corrected. What is over keeps the name that it had,
// as a certificate does.
func CorrectName(ctx context.Context, tx *store.Tx, p person.Person, firstName, lastName, language string, by audit.Actor) error {
	var f problem.Fields
	q := Request{FirstName: firstName, LastName: lastName, Email: p.Email, Language: language, Complete: true}
	q.checkPerson(&f)
	if err := f.Err(); err != nil {
		return err
	}
	if err := person.Rename(ctx, tx, p.ID, q.FirstName, q.LastName, q.Language); err != nil {
		return err
	}
	if err := audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "person.correct", ObjectKind: "person", ObjectID: p.ID}); err != nil {
		return err
	}
	own, err := OfPerson(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	for _, r := range own {
		ev, err := event.Find(ctx, tx, r.EventID)
		if err != nil {
			return err
		}
		if !CanCorrect(r, ev, tx.Now) || r.FirstName == q.FirstName && r.LastName == q.LastName && r.Language == q.Language {
			continue
		}
		r.FirstName, r.LastName, r.Language, r.ChangedAt = q.FirstName, q.LastName, q.Language, tx.Now
		if err := r.save(ctx, tx, false); err != nil {
			return err
		}
		if err := r.audit(ctx, tx, ev, by, "registration.correct", string(r.Status), ""); err != nil {
			return err
		}
	}
	return nil
}

// ProgrammesOf lists the programmes in which the person has signed up, newest
// first.
func ProgrammesOf(ctx context.Context, tx *store.Tx, personID string) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `
		SELECT e.programme_id FROM registration r JOIN event e ON e.id = r.event_id
		WHERE r.person_id = ? GROUP BY e.programme_id ORDER BY max(r.created_at) DESC, e.programme_id`, personID)
}
