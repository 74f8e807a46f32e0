package user_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

func TestWhichPasswordsAreTaken(t *testing.T) {
	words := []string{"Åsa Öhman-Lind", "asa.ohman@kommunen.example", "stafett"}
	for _, tt := range []struct{ name, plain, want string }{
		{"a sentence", "tre renar simmar över älven", ""},
		{"twelve characters", "kv8!tobLq2ze", ""},
		{"two hundred characters", strings.Repeat("tre renar simmar över! ", 8) + "kv8!tobLq2ze kv8", ""},
		{"letters beyond ASCII count as one", "ÅÄÖæøéüßñçðþ", ""},
		{"a common word in a longer sentence", "sommar på tre våta renar", ""},
		{"the own name in a longer sentence", "Åsa simmar med tre renar", ""},
		{"digits at random", "739104582716", ""},
		{"eleven characters", "kv8!tobLq2z", "password_short"},
		{"eleven characters of two bytes", "ÅÄÖæøéüßñçð", "password_short"},
		{"eleven characters that are typed as twenty-two", strings.Repeat("a\u030a", 11), "password_short"},
		{"nothing", "", "password_short"},
		{"too much", strings.Repeat("kv8!tobLq2ze ", 16), "password_long"},
		{"a common one", "passwordpassword", "password_common"},
		{"a common one with digits", "password1234", "password_common"},
		{"with letters changed", "P@$$w0rd2027!", "password_common"},
		{"in Swedish", "Lösenord12345", "password_common"},
		{"in Norwegian", "Hemmelig2027!", "password_common"},
		{"a season and a year", "Sommar2027!!", "password_common"},
		{"two common words", "sommar-vinter", "password_common"},
		{"a famous passphrase", "correct horse battery staple", "password_common"},
		{"a season in both languages", "høsten 2027 hösten", "password_common"},
		{"a walk over the keyboard", "qwertyuiop123", "password_common"},
		{"a walk over its columns", "1qaz2wsx3edc", "password_common"},
		{"a walk to and fro", "1q2w3e4r5t6y", "password_common"},
		{"a walk with shift", "!@#$%^&*()_+", "password_common"},
		{"the digits in order", "123456789012", "password_common"},
		{"the alphabet backwards", "zyxwvutsrqpo", "password_common"},
		{"one letter", "aaaaaaaaaaaa", "password_common"},
		{"hardly any letters", "ababbaabcabd", "password_common"},
		{"something short again and again", "kv8!kv8!kv8!kv8!", "password_common"},
		{"something short twice", "kv8!tobLqkv8!tobLq", "password_common"},
		{"the own name", "AsaOhmanLind1", "password_common"},
		{"the own name as it is written", "Åsa Öhman-Lind", "password_common"},
		{"the own name from a keyboard that sends accents apart", "A\u030asa O\u0308hman 27", "password_common"},
		{"the own address", "asa.ohman@kommunen.example", "password_common"},
		{"the name of the program", "5t4f3tt-2027-2027", "password_common"},
		{"name, program and year", "Stafett_Åsa_2027", "password_common"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var codes []string
			err := user.CheckPassword(tt.plain, words...)
			if p, ok := problem.As(err); ok {
				for _, f := range p.Fields {
					codes = append(codes, f.Name+":"+f.Code)
				}
			}
			var want []string
			if tt.want != "" {
				want = []string{"password:" + tt.want}
			}
			if diff := cmp.Diff(want, codes); diff != "" || (err == nil) != (want == nil) {
				t.Errorf("%v (-want +got):\n%s", err, diff)
			}
			if err != nil && tt.plain != "" && strings.Contains(err.Error(), tt.plain) {
				t.Error("the error repeats the password")
			}
		})
	}
}

func TestGivenWordsAreNeededToKnowThem(t *testing.T) {
	if err := user.CheckPassword("Torbjörg-Ödegård"); err != nil {
		t.Errorf("without the name: %v", err)
	}
	if err := user.CheckPassword("Torbjörg-Ödegård", "Torbjörg Ödegård"); err == nil {
		t.Error("with the name it was taken")
	}
	if err := user.CheckPassword("tre renar simmar", "", " ", "a b c d e", "@", "."); err != nil {
		t.Errorf("words of no use: %v", err)
	}
}

func TestANewPasswordEndsWhatTheOldOneOpened(t *testing.T) {
	db, _ := storetest.New(t)
	anna, bo := addUser(t, db, "anna@exempel.se"), addUser(t, db, "bo@exempel.se")
	session, others := newSession(t, db, anna.ID), newSession(t, db, bo.ID)
	link := newLink(t, db, anna.ID, user.SetPasswordLink)
	for range 5 {
		storetest.Write(t, db, func(tx *store.Tx) error { return user.Failed(ctx, tx, anna.ID) })
	}
	hash := setPassword(t, db, anna.ID)
	storetest.Read(t, db, func(tx *store.Tx) error {
		_, _, err := user.Session(ctx, tx, session)
		wantError(t, err, user.ErrNoSession)
		_, err = user.LinkUser(ctx, tx, link, user.SetPasswordLink)
		wantError(t, err, user.ErrLink)
		if _, _, err := user.Session(ctx, tx, others); err != nil {
			t.Errorf("somebody else's session: %v", err)
		}
		attempt, err := user.SignInAttempt(ctx, tx, "anna@exempel.se")
		if diff := cmp.Diff(user.Attempt{UserID: anna.ID, Hash: hash}, attempt); err != nil || diff != "" {
			t.Errorf("the next attempt: %v (-want +got):\n%s", err, diff)
		}
		return nil
	})
}

func TestOnlyAHashIsStoredAsPassword(t *testing.T) {
	db, _ := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	err := db.Write(ctx, func(tx *store.Tx) error { return user.SetPassword(ctx, tx, anna.ID, "tre renar simmar") })
	if err == nil || strings.Contains(err.Error(), "renar") {
		t.Errorf("a password instead of its hash: %v", err)
	}
	wantError(t, do(t, db, func(tx *store.Tx) error { return user.SetPassword(ctx, tx, "nobody", someHash) }), problem.ErrMissing)
}

// someHash is of "tre renar simmar över älven", made once.
const someHash = "$argon2id$v=19$m=19456,t=2,p=1$Du8IBGywqdHnSBQxxsTxPA$KRhsxSx61rSHk+XQ2M1Jl+Mcc0586sC9Oj/UUY3lnqo"

func setPassword(t *testing.T, db *store.DB, userID string) (hash string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error { return user.SetPassword(ctx, tx, userID, someHash) })
	return someHash
}

func newSession(t *testing.T, db *store.DB, userID string) (token string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		token, err = user.NewSession(ctx, tx, userID)
		return err
	})
	return token
}

func newLink(t *testing.T, db *store.DB, userID, purpose string) (token string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		token, err = user.NewLink(ctx, tx, userID, purpose, 20*time.Minute)
		return err
	})
	return token
}

func TestFiveFailuresWaitAQuarterOfAnHour(t *testing.T) {
	db, clock := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	setPassword(t, db, anna.ID)
	attempt := func() error {
		return do(t, db, func(tx *store.Tx) error {
			_, err := user.SignInAttempt(ctx, tx, "Anna@exempel.se")
			return err
		})
	}
	fail := func() { storetest.Write(t, db, func(tx *store.Tx) error { return user.Failed(ctx, tx, anna.ID) }) }

	for range 4 {
		fail()
		clock.Advance(time.Minute)
	}
	if err := attempt(); err != nil {
		t.Fatalf("after four failures: %v", err)
	}
	fail()
	err := attempt()
	wantError(t, err, user.ErrTooManyFailures)
	if p, _ := problem.As(err); !slices.Equal(p.Args, []any{"n", 11}) {
		t.Errorf("the wait is told as %v, want 11 minutes", p.Args)
	}
	clock.Advance(11*time.Minute - time.Second)
	wantError(t, attempt(), user.ErrTooManyFailures)
	clock.Advance(time.Second)
	if err := attempt(); err != nil {
		t.Errorf("when the first failure is fifteen minutes old: %v", err)
	}
	fail()
	wantError(t, attempt(), user.ErrTooManyFailures)
	clock.Advance(15 * time.Minute)
	if err := attempt(); err != nil {
		t.Errorf("after fifteen quiet minutes: %v", err)
	}
}

func TestFailuresOfOneDoNotHinderAnother(t *testing.T) {
	db, _ := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	addUser(t, db, "bo@exempel.se")
	storetest.Write(t, db, func(tx *store.Tx) error {
		for range 5 {
			if err := user.Failed(ctx, tx, anna.ID); err != nil {
				return err
			}
		}
		_, err := user.SignInAttempt(ctx, tx, "bo@exempel.se")
		return err
	})
}

func TestSigningInForgetsFailures(t *testing.T) {
	db, _ := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	fail := func(times int) {
		storetest.Write(t, db, func(tx *store.Tx) error {
			for range times {
				if err := user.Failed(ctx, tx, anna.ID); err != nil {
					return err
				}
			}
			return nil
		})
	}
	fail(4)
	var token string
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		token, err = user.SignedIn(ctx, tx, anna.ID)
		return err
	})
	fail(4)
	storetest.Read(t, db, func(tx *store.Tx) error {
		u, _, err := user.Session(ctx, tx, token)
		if u.ID != anna.ID {
			t.Errorf("the session is of %q", u.ID)
		}
		if err != nil {
			return err
		}
		_, err = user.SignInAttempt(ctx, tx, "anna@exempel.se")
		return err
	})
}

// Attempts that began before the fifth failure must not each get a guess.
func TestTheRightPasswordTooLateIsRefused(t *testing.T) {
	db, _ := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	storetest.Read(t, db, func(tx *store.Tx) error {
		_, err := user.SignInAttempt(ctx, tx, "anna@exempel.se")
		return err
	})
	for range 5 {
		storetest.Write(t, db, func(tx *store.Tx) error { return user.Failed(ctx, tx, anna.ID) })
	}
	wantError(t, do(t, db, func(tx *store.Tx) error {
		_, err := user.SignedIn(ctx, tx, anna.ID)
		return err
	}), user.ErrTooManyFailures)
}

func TestAClockSetBackDoesNotLockAnAccount(t *testing.T) {
	db, clock := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	for range 5 {
		storetest.Write(t, db, func(tx *store.Tx) error { return user.Failed(ctx, tx, anna.ID) })
	}
	clock.Advance(-3 * time.Hour)
	storetest.Read(t, db, func(tx *store.Tx) error {
		_, err := user.SignInAttempt(ctx, tx, "anna@exempel.se")
		return err
	})
}

func TestAnAttemptDoesNotTellWhetherThereIsAnAccount(t *testing.T) {
	db, _ := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se") // has not chosen a password
	for _, tt := range []struct {
		name, email string
		want        user.Attempt
	}{
		{"unknown", "nobody@exempel.se", user.Attempt{}},
		{"no address", "' OR 1=1 --", user.Attempt{}},
		{"empty", "", user.Attempt{}},
		{"without a password", "anna@exempel.se", user.Attempt{UserID: anna.ID}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			storetest.Write(t, db, func(tx *store.Tx) error {
				got, err := user.SignInAttempt(ctx, tx, tt.email)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if err != nil {
					return err
				}
				return user.Failed(ctx, tx, got.UserID)
			})
		})
	}
}
