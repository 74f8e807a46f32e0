package store_test

import (
	"context"
	"errors"
	"testing"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestWhatGoesWrongWithOneIsUndoneAndTheOthersStay(t *testing.T) {
	db, _ := storetest.New(t)
	wrong := errors.New("wrong")
	err := db.Write(ctx, func(tx *store.Tx) error {
		return store.Each(ctx, tx, []string{"a", "b", "c"}, func(name string) error {
			if _, err := store.Exec(ctx, tx, `INSERT INTO person (id, email, first_name, last_name, language, created_at)
				VALUES (?, ?, '', '', 'sv', '2027-01-13T09:00:00Z')`, name, name); err != nil {
				return err
			}
			if name == "b" {
				return wrong
			}
			return nil
		})
	})
	if !errors.Is(err, wrong) || err.Error() != "b: wrong" {
		t.Errorf("what went wrong is %v", err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		kept, err := store.All(ctx, tx, store.Value[string], `SELECT id FROM person ORDER BY id`)
		if len(kept) != 2 || kept[0] != "a" || kept[1] != "c" {
			t.Errorf("kept are %v", kept)
		}
		return err
	})
}

func TestNothingIsKeptOfWorkThatWasGivenUp(t *testing.T) {
	db, _ := storetest.New(t)
	given, giveUp := context.WithCancel(ctx)
	err := db.Write(given, func(tx *store.Tx) error {
		return store.Each(given, tx, []string{"a", "b"}, func(string) error {
			giveUp()
			return given.Err()
		})
	})
	if partly := (store.Partly{}); !errors.Is(err, context.Canceled) || errors.As(err, &partly) {
		t.Errorf("the answer is %v", err)
	}
}
