package feed_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/feed"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

var ctx = context.Background()

// owners are a person and a user who has the same address.
func owners(t *testing.T, db *store.DB) (p, u feed.Owner) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		who, err := person.Ensure(ctx, tx, person.Person{Email: "anna@people.example", FirstName: "Anna", LastName: "Prov", Language: "sv"})
		if err != nil {
			return err
		}
		account, err := user.Add(ctx, tx, "anna@people.example", "Anna Prov", "sv", []user.Grant{{Role: user.Administrator}})
		p, u = feed.Owner{PersonID: who.ID}, feed.Owner{UserID: account.ID}
		return err
	})
	return p, u
}

func TestEachOwnerHasOneAddressOfAKind(t *testing.T) {
	db, clock := storetest.New(t)
	p, u := owners(t, db)
	var old, token, other string
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		if old, err = feed.Make(ctx, tx, p, feed.Participant, "sv", audit.Command); err != nil {
			return err
		}
		if other, err = feed.Make(ctx, tx, u, feed.Organiser, "nn", audit.Command); err != nil {
			return err
		}
		token, err = feed.Make(ctx, tx, p, feed.Participant, "nb", audit.Command)
		return err
	})
	clock.Advance(time.Hour)
	storetest.Write(t, db, func(tx *store.Tx) error {
		if _, err := feed.Find(ctx, tx, old); !errors.Is(err, problem.ErrMissing) {
			t.Errorf("the old address: %v", err)
		}
		f, err := feed.Find(ctx, tx, token)
		if err != nil || f.Owner != p || f.Kind != feed.Participant || f.Language != "nb" || !f.FetchedAt.IsZero() || !f.Stale(tx.Now) {
			t.Errorf("the new one is %+v, %v", f, err)
		}
		if err := feed.Fetched(ctx, tx, f.ID); err != nil {
			return err
		}
		again, found, err := feed.Of(ctx, tx, p, feed.Participant)
		if !found || again.ID != f.ID || !again.FetchedAt.Equal(tx.Now) || again.Stale(tx.Now.Add(time.Minute)) {
			t.Errorf("once fetched it is %+v", again)
		}
		if err != nil {
			return err
		}
		if err := feed.End(ctx, tx, p); err != nil {
			return err
		}
		if f, err := feed.Find(ctx, tx, other); err != nil || f.Owner != u || f.Kind != feed.Organiser {
			t.Errorf("that of somebody else is %+v, %v", f, err)
		}
		return nil
	})
}

// The database itself keeps one address of a kind for each owner, and an owner
// for each.
func TestTheDatabaseRefusesASecondAddressAndTwoOwners(t *testing.T) {
	db, _ := storetest.New(t)
	p, u := owners(t, db)
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := feed.Make(ctx, tx, p, feed.Participant, "sv", audit.Command)
		return err
	})
	for name, owner := range map[string][3]any{
		"a second": {"participant", p.PersonID, nil}, "two owners": {"participant", p.PersonID, u.UserID}, "none": {"organiser", nil, nil},
		"a user as participant": {"participant", nil, u.UserID}, "a person as organiser": {"organiser", p.PersonID, nil},
	} {
		err := db.Write(ctx, func(tx *store.Tx) error {
			_, err := store.Exec(ctx, tx, `INSERT INTO feed (id, token_hash, kind, person_id, user_id, language, created_at) VALUES (?, ?, ?, ?, ?, 'sv', ?)`,
				tx.NewID(), tx.NewToken(), owner[0], owner[1], owner[2], store.At(tx.Now))
			return err
		})
		if !store.IsConstraint(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
