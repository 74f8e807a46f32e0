package registration

import (
	"context"
	"errors"

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
