package idempotency_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/idempotency"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var (
	ctx    = context.Background()
	given  = idempotency.Answer{Status: 201, Body: `{"id":"abc"}`}
	signUp = idempotency.Hash("POST", "/events/1/registrations", []byte(`{"name":"Anna Berg"}`))
)

func keep(t *testing.T, db *store.DB, caller, key, request string, a idempotency.Answer) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		return idempotency.Keep(ctx, tx, caller, key, request, a)
	})
}

func look(t *testing.T, db *store.DB, caller, key, request string) (a idempotency.Answer, found bool, err error) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		a, found, err = idempotency.Look(ctx, tx, caller, key, request)
		return nil
	})
	return a, found, err
}

func TestTheSameRequestFindsTheAnswerGiven(t *testing.T) {
	db, _ := storetest.New(t)
	keep(t, db, "anna", "k1", signUp, given)
	for range 10 {
		got, found, err := look(t, db, "anna", "k1", signUp)
		if err != nil || !found {
			t.Fatalf("found %t, %v", found, err)
		}
		if diff := cmp.Diff(given, got); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestAnotherKeyOrCallerFindsNothing(t *testing.T) {
	db, _ := storetest.New(t)
	keep(t, db, "anna", "k1", signUp, given)
	for _, tt := range []struct{ name, caller, key string }{
		{"another key", "anna", "k2"},
		{"a key that differs in case", "anna", "K1"},
		{"another caller", "kari", "k1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, found, err := look(t, db, tt.caller, tt.key, signUp)
			if found || err != nil || got != (idempotency.Answer{}) {
				t.Errorf("got %v, %t, %v", got, found, err)
			}
		})
	}
}

func TestAnotherRequestUnderTheKeyIsRefused(t *testing.T) {
	db, _ := storetest.New(t)
	keep(t, db, "anna", "k1", signUp, given)
	_, found, err := look(t, db, "anna", "k1", idempotency.Hash("POST", "/events/1/registrations", []byte(`{"name":"Kari Dahl"}`)))
	if p, ok := problem.As(err); found || !ok || p.Kind != problem.Invalid || p.Code != "idempotency_key_reused" {
		t.Errorf("found %t, %v", found, err)
	}
}

func TestAnAnswerIsForgottenAfterTwoDays(t *testing.T) {
	db, clock := storetest.New(t)
	keep(t, db, "anna", "k1", signUp, given)
	clock.Advance(48*time.Hour - time.Second)
	if _, found, _ := look(t, db, "anna", "k1", signUp); !found {
		t.Error("it is gone too early")
	}
	clock.Advance(time.Second)
	if _, found, _ := look(t, db, "anna", "k1", signUp); found {
		t.Error("it is there after 48 hours")
	}
	again := idempotency.Answer{Status: 201, Body: "another"}
	keep(t, db, "anna", "k1", signUp, again) // though nothing was swept
	if got, found, _ := look(t, db, "anna", "k1", signUp); !found || got != again {
		t.Errorf("the key cannot be used anew: %v, %t", got, found)
	}
}

func TestSweepDeletesOnlyWhatIsOld(t *testing.T) {
	db, clock := storetest.New(t)
	keep(t, db, "anna", "old", signUp, given)
	clock.Advance(47 * time.Hour)
	keep(t, db, "anna", "young", signUp, given)
	clock.Advance(time.Hour)
	var left []string
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		if err := idempotency.Sweep(ctx, tx); err != nil {
			return err
		}
		left, err = store.All(ctx, tx, store.Value[string], `SELECT key FROM idempotency`)
		return err
	})
	if diff := cmp.Diff([]string{"young"}, left); diff != "" {
		t.Error(diff)
	}
}

func TestAnAnswerIsNotKeptTwice(t *testing.T) {
	db, _ := storetest.New(t)
	keep(t, db, "anna", "k1", signUp, given)
	err := db.Write(ctx, func(tx *store.Tx) error {
		return idempotency.Keep(ctx, tx, "anna", "k1", signUp, given)
	})
	if !store.IsConstraint(err) {
		t.Errorf("got %v, want the refusal of the table", err)
	}
}

func TestWithoutTheEffectThereIsNoAnswer(t *testing.T) {
	db, _ := storetest.New(t)
	fault := errors.New("the effect went wrong")
	err := db.Write(ctx, func(tx *store.Tx) error {
		if err := idempotency.Keep(ctx, tx, "anna", "k1", signUp, given); err != nil {
			return err
		}
		return fault
	})
	if !errors.Is(err, fault) {
		t.Fatal(err)
	}
	if _, found, _ := look(t, db, "anna", "k1", signUp); found {
		t.Error("an answer was kept whose effect was undone")
	}
}

func TestOfTwentyAtOnceOneActs(t *testing.T) {
	db, _ := storetest.New(t)
	var wg sync.WaitGroup
	acted := make(chan int, 20)
	for n := range 20 {
		wg.Go(func() {
			err := db.Write(ctx, func(tx *store.Tx) error {
				_, found, err := idempotency.Look(ctx, tx, "anna", "k1", signUp)
				if err != nil || found {
					return err
				}
				acted <- n
				return idempotency.Keep(ctx, tx, "anna", "k1", signUp, given)
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(acted) != 1 {
		t.Errorf("%d acted", len(acted))
	}
}

func TestRequestsThatDifferHaveDifferentHashes(t *testing.T) {
	seen := map[string]string{}
	for _, r := range [][3]string{
		{"POST", "/a", "b"}, {"PATCH", "/a", "b"}, {"POST", "/a b", ""}, {"POST", "/", "ab"}, {"POST", "/ab", ""}, {"POST a", "", "b"}, {"", "", ""},
	} {
		h := idempotency.Hash(r[0], r[1], []byte(r[2]))
		if other, twice := seen[h]; twice || len(h) != 64 {
			t.Errorf("%q and %s both give %s", r, other, h)
		}
		seen[h] = fmt.Sprint(r)
		if h != idempotency.Hash(r[0], r[1], []byte(r[2])) {
			t.Errorf("%q gives another hash the second time", r)
		}
	}
}
