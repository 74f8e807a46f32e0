package user_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

func TestASessionEndsTwoHoursAfterItsLastUse(t *testing.T) {
	db, clock := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se", user.Grant{Role: user.Administrator})
	begun := clock.Now()
	token := newSession(t, db, anna.ID)

	clock.Advance(2*time.Hour - time.Second)
	storetest.Read(t, db, func(tx *store.Tx) error {
		u, info, err := user.Session(ctx, tx, token)
		if diff := cmp.Diff(anna, u); diff != "" {
			t.Errorf("signed in (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(user.SessionInfo{CreatedAt: begun, LastSeenAt: begun}, info); diff != "" {
			t.Errorf("session (-want +got):\n%s", diff)
		}
		return err
	})
	clock.Advance(time.Second)
	wantError(t, session(t, db, token), user.ErrNoSession)
}

func TestASessionInUseEndsAfterTwelveHours(t *testing.T) {
	db, clock := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	token := newSession(t, db, anna.ID)
	touch := func() { storetest.Write(t, db, func(tx *store.Tx) error { return user.Touch(ctx, tx, token) }) }

	for range 11 {
		clock.Advance(time.Hour)
		touch()
		if err := session(t, db, token); err != nil {
			t.Fatalf("at %v: %v", clock.Now(), err)
		}
	}
	clock.Advance(time.Hour)
	touch()
	wantError(t, session(t, db, token), user.ErrNoSession)
}

func TestAnEndedSessionIsNotTouchedAwake(t *testing.T) {
	db, clock := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	token := newSession(t, db, anna.ID)
	clock.Advance(2 * time.Hour)
	storetest.Write(t, db, func(tx *store.Tx) error { return user.Touch(ctx, tx, token) })
	wantError(t, session(t, db, token), user.ErrNoSession)
}

func TestUseIsNotedOnceAMinute(t *testing.T) {
	db, clock := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	token := newSession(t, db, anna.ID)
	begun := clock.Now()
	for _, tt := range []struct {
		after time.Duration
		stale bool
		seen  time.Duration // as noted when it is touched then
	}{
		{0, false, 0},
		{59 * time.Second, false, 0},
		{60 * time.Second, true, 60 * time.Second},
		{100 * time.Second, false, 60 * time.Second},
		{-time.Hour, false, 60 * time.Second}, // the clock was set back
		{10 * time.Minute, true, 10 * time.Minute},
	} {
		clock.Set(begun.Add(tt.after))
		storetest.Write(t, db, func(tx *store.Tx) error {
			_, before, err := user.Session(ctx, tx, token)
			if err != nil {
				return err
			}
			if before.Stale(tx.Now) != tt.stale {
				t.Errorf("after %v: stale is %t", tt.after, !tt.stale)
			}
			if err := user.Touch(ctx, tx, token); err != nil {
				return err
			}
			_, info, err := user.Session(ctx, tx, token)
			if seen := info.LastSeenAt.Sub(begun); seen != tt.seen {
				t.Errorf("after %v: last seen after %v, want %v", tt.after, seen, tt.seen)
			}
			return err
		})
	}
}

func TestSigningOutEndsOneSessionOrAll(t *testing.T) {
	db, _ := storetest.New(t)
	anna, bo := addUser(t, db, "anna@exempel.se"), addUser(t, db, "bo@exempel.se")
	first, second, third := newSession(t, db, anna.ID), newSession(t, db, anna.ID), newSession(t, db, anna.ID)
	others := newSession(t, db, bo.ID)

	storetest.Write(t, db, func(tx *store.Tx) error { return user.EndSession(ctx, tx, first) })
	wantError(t, session(t, db, first), user.ErrNoSession)
	if err := session(t, db, second); err != nil {
		t.Errorf("the other session: %v", err)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return user.EndSessions(ctx, tx, anna.ID) })
	wantError(t, session(t, db, second), user.ErrNoSession)
	wantError(t, session(t, db, third), user.ErrNoSession)
	if err := session(t, db, others); err != nil {
		t.Errorf("somebody else's session: %v", err)
	}
}

func TestASessionNobodyBeganIsNone(t *testing.T) {
	db, _ := storetest.New(t)
	newSession(t, db, addUser(t, db, "anna@exempel.se").ID)
	for _, token := range []string{"", "guess", "' OR 1=1 --"} {
		wantError(t, session(t, db, token), user.ErrNoSession)
	}
	p, _ := problem.As(user.ErrNoSession)
	if p.Kind != problem.Denied {
		t.Errorf("it is %s", p.Kind)
	}
}

func TestSecretsAreNotStored(t *testing.T) {
	db, _ := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	secrets := []string{newSession(t, db, anna.ID), newLink(t, db, anna.ID, user.SignInLink)}
	storetest.Write(t, db, func(tx *store.Tx) error {
		plain, _, err := user.NewToken(ctx, tx, user.Administrator, "", "Export", time.Hour)
		secrets = append(secrets, plain)
		return err
	})
	storetest.Read(t, db, func(tx *store.Tx) error {
		stored, err := store.All(ctx, tx, store.Value[string], `
			SELECT token_hash FROM session UNION ALL SELECT token_hash FROM sign_in_link UNION ALL SELECT token_hash FROM api_token`)
		if len(stored) != len(secrets) {
			t.Errorf("%d rows", len(stored))
		}
		for _, s := range stored {
			if len(s) != 64 || strings.Trim(s, "0123456789abcdef") != "" || secrets[0] == s {
				t.Errorf("%q is no SHA-256", s)
			}
		}
		return err
	})
}

func session(t *testing.T, db *store.DB, token string) error {
	t.Helper()
	return do(t, db, func(tx *store.Tx) error {
		_, _, err := user.Session(ctx, tx, token)
		return err
	})
}

func TestALinkIsGoodOnce(t *testing.T) {
	db, _ := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	link := newLink(t, db, anna.ID, user.SetPasswordLink)
	look := func(tx *store.Tx) (user.User, error) { return user.LinkUser(ctx, tx, link, user.SetPasswordLink) }
	use := func(tx *store.Tx) (user.User, error) { return user.UseLink(ctx, tx, link, user.SetPasswordLink) }

	for _, way := range []func(*store.Tx) (user.User, error){look, look, use} {
		storetest.Write(t, db, func(tx *store.Tx) error {
			u, err := way(tx)
			if diff := cmp.Diff(anna, u); diff != "" {
				t.Errorf("whose link (-want +got):\n%s", diff)
			}
			return err
		})
	}
	for _, way := range []func(*store.Tx) (user.User, error){look, use} {
		wantError(t, do(t, db, func(tx *store.Tx) error {
			_, err := way(tx)
			return err
		}), user.ErrLink)
	}
}

func TestALinkIsGoodAgainWhenNothingCameOfItsUse(t *testing.T) {
	db, _ := storetest.New(t)
	link := newLink(t, db, addUser(t, db, "anna@exempel.se").ID, user.SignInLink)
	fault := errors.New("the disk is full")
	err := db.Write(ctx, func(tx *store.Tx) error {
		if _, err := user.UseLink(ctx, tx, link, user.SignInLink); err != nil {
			return err
		}
		return fault
	})
	wantError(t, err, fault)
	if err := useLink(t, db, link, user.SignInLink); err != nil {
		t.Errorf("the second try: %v", err)
	}
}

func TestALinkIsGoodForOnePurposeAndTime(t *testing.T) {
	db, clock := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	password, signIn := newLink(t, db, anna.ID, user.SetPasswordLink), newLink(t, db, anna.ID, user.SignInLink)

	wantError(t, useLink(t, db, password, user.SignInLink), user.ErrLink)
	wantError(t, useLink(t, db, signIn, user.SetPasswordLink), user.ErrLink)
	wantError(t, useLink(t, db, "guess", user.SignInLink), user.ErrLink)
	clock.Advance(20*time.Minute - time.Second)
	if err := useLink(t, db, password, user.SetPasswordLink); err != nil {
		t.Errorf("in the last second: %v", err)
	}
	clock.Advance(time.Second)
	wantError(t, useLink(t, db, signIn, user.SignInLink), user.ErrLink)
}

func TestANewLinkEndsTheOlderOfItsPurpose(t *testing.T) {
	db, _ := storetest.New(t)
	anna, bo := addUser(t, db, "anna@exempel.se"), addUser(t, db, "bo@exempel.se")
	old, otherPurpose, others := newLink(t, db, anna.ID, user.SignInLink), newLink(t, db, anna.ID, user.SetPasswordLink), newLink(t, db, bo.ID, user.SignInLink)
	recent := newLink(t, db, anna.ID, user.SignInLink)

	wantError(t, useLink(t, db, old, user.SignInLink), user.ErrLink)
	for _, good := range []struct{ link, purpose string }{{recent, user.SignInLink}, {otherPurpose, user.SetPasswordLink}, {others, user.SignInLink}} {
		if err := useLink(t, db, good.link, good.purpose); err != nil {
			t.Errorf("%s: %v", good.purpose, err)
		}
	}
}

// All have seen that the link is good before the first uses it, so looking
// would let everybody in; using lets in one.
func TestOfManyWhoUseALinkAtOnceOneIsLetIn(t *testing.T) {
	db, _ := storetest.New(t)
	link := newLink(t, db, addUser(t, db, "anna@exempel.se").ID, user.SignInLink)
	const many = 8
	var looked, finished sync.WaitGroup
	looked.Add(many)
	results := make(chan error, many)
	for range many {
		finished.Go(func() {
			err := db.Read(ctx, func(tx *store.Tx) error {
				_, err := user.LinkUser(ctx, tx, link, user.SignInLink)
				return err
			})
			looked.Done()
			looked.Wait()
			if err != nil {
				results <- err
				return
			}
			results <- db.Write(ctx, func(tx *store.Tx) error {
				_, err := user.UseLink(ctx, tx, link, user.SignInLink)
				return err
			})
		})
	}
	finished.Wait()
	close(results)
	won := 0
	for err := range results {
		if err == nil {
			won++
			continue
		}
		wantError(t, err, user.ErrLink)
	}
	if won != 1 {
		t.Errorf("%d were let in", won)
	}
}

func useLink(t *testing.T, db *store.DB, token, purpose string) error {
	t.Helper()
	return do(t, db, func(tx *store.Tx) error {
		_, err := user.UseLink(ctx, tx, token, purpose)
		return err
	})
}

func TestASweepTakesOnlyWhatHasEnded(t *testing.T) {
	db, clock := storetest.New(t)
	anna, bo := addUser(t, db, "anna@exempel.se"), addUser(t, db, "bo@exempel.se")
	newSession(t, db, anna.ID)
	oldLink := newLink(t, db, anna.ID, user.SignInLink)
	oldToken, _ := newToken(t, db, time.Hour)
	for range 5 {
		storetest.Write(t, db, func(tx *store.Tx) error { return user.Failed(ctx, tx, anna.ID) })
	}
	clock.Advance(3 * time.Hour)
	session1, link := newSession(t, db, bo.ID), newLink(t, db, bo.ID, user.SignInLink)
	token, _ := newToken(t, db, time.Hour)
	for range 5 {
		storetest.Write(t, db, func(tx *store.Tx) error { return user.Failed(ctx, tx, bo.ID) })
	}
	storetest.Write(t, db, func(tx *store.Tx) error {
		if err := user.Sweep(ctx, tx); err != nil {
			return err
		}
		return user.Sweep(ctx, tx)
	})
	storetest.Read(t, db, func(tx *store.Tx) error {
		if _, _, err := user.Session(ctx, tx, session1); err != nil {
			t.Errorf("a living session: %v", err)
		}
		if _, err := user.LinkUser(ctx, tx, link, user.SignInLink); err != nil {
			t.Errorf("an open link: %v", err)
		}
		if _, err := user.Token(ctx, tx, token); err != nil {
			t.Errorf("a living token: %v", err)
		}
		_, err := user.SignInAttempt(ctx, tx, "bo@exempel.se")
		wantError(t, err, user.ErrTooManyFailures)
		rows, err := store.One(ctx, tx, store.Value[int], `
			SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM sign_in_link) + (SELECT count(*) FROM sign_in_failure)`)
		if rows != 1+1+5 {
			t.Errorf("%d rows are left", rows)
		}
		return err
	})

	clock.Advance(-3 * time.Hour) // nothing lives again
	storetest.Read(t, db, func(tx *store.Tx) error {
		_, err := user.LinkUser(ctx, tx, oldLink, user.SignInLink)
		wantError(t, err, user.ErrLink)
		_, err = user.Token(ctx, tx, oldToken)
		wantError(t, err, user.ErrToken)
		return nil
	})
}
