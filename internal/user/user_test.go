package user_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

var ctx = context.Background()

// do runs fn in a transaction and returns its refusal.
func do(t *testing.T, db *store.DB, fn func(*store.Tx) error) error {
	t.Helper()
	err := db.Write(ctx, fn)
	if _, refused := problem.As(err); err != nil && !refused {
		t.Fatal(err)
	}
	return err
}

func addUser(t *testing.T, db *store.DB, email string, grants ...user.Grant) (u user.User) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		u, err = user.Add(ctx, tx, email, "Anna Exempel", "sv", grants)
		return err
	})
	return u
}

func addProgramme(t *testing.T, db *store.DB, slug string) string {
	t.Helper()
	var p programme.Programme
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		p, err = programme.Add(ctx, tx, programme.Programme{Slug: slug, Name: slug, Country: "SE", Language: "sv", TimeZone: "Europe/Stockholm"}, audit.Command)
		return err
	})
	return p.ID
}

func wantError(t *testing.T, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got the error %v, want %v", got, want)
	}
}

func TestWhatEachRoleMayDoWhere(t *testing.T) {
	administrator := []user.Grant{{Role: user.Administrator}}
	organiserOfOne := []user.Grant{{Role: user.Organiser, ProgrammeID: "one"}}
	organiserOfAll := []user.Grant{{Role: user.Organiser}}
	both := []user.Grant{{Role: user.Organiser, ProgrammeID: "one"}, {Role: user.Adviser, ProgrammeID: "two"}}
	for _, tt := range []struct {
		name      string
		grants    []user.Grant
		role      user.Role
		programme string
		want      bool
	}{
		{"an administrator administers", administrator, user.Administrator, "", true},
		{"an administrator organises in any programme", administrator, user.Organiser, "one", true},
		{"an administrator organises in all of them", administrator, user.Organiser, "", true},
		{"an administrator is no adviser", administrator, user.Adviser, "one", false},
		{"an organiser organises in the own programme", organiserOfOne, user.Organiser, "one", true},
		{"an organiser does not in another", organiserOfOne, user.Organiser, "two", false},
		{"an organiser of one programme does not in all", organiserOfOne, user.Organiser, "", false},
		{"an organiser does not administer the own programme", organiserOfOne, user.Administrator, "one", false},
		{"an organiser of all organises in any", organiserOfAll, user.Organiser, "two", true},
		{"an organiser of all does so in all", organiserOfAll, user.Organiser, "", true},
		{"an organiser of all does not administer", organiserOfAll, user.Administrator, "", false},
		{"a role counts only where it was given", both, user.Adviser, "one", false},
		{"the other role counts there", both, user.Adviser, "two", true},
		{"without a role nothing is allowed", nil, user.Organiser, "one", false},
		{"a role that does not exist is nobody's", administrator, "owner", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			u := user.User{Roles: tt.grants}
			if got := u.May(tt.role, tt.programme); got != tt.want {
				t.Errorf("May(%s, %q) = %t", tt.role, tt.programme, got)
			}
			u.Disabled = true
			if u.May(tt.role, tt.programme) {
				t.Error("somebody disabled may")
			}
			if len(tt.grants) == 1 {
				token := user.APIToken{Role: tt.grants[0].Role, ProgrammeID: tt.grants[0].ProgrammeID}
				if got := token.May(tt.role, tt.programme); got != tt.want {
					t.Errorf("a token with the same role: %t", got)
				}
			}
		})
	}
}

func TestProgrammesOfARole(t *testing.T) {
	for _, tt := range []struct {
		name   string
		user   user.User
		role   user.Role
		want   []string
		wholly bool
	}{
		{"an administrator organises in all", user.User{Roles: []user.Grant{{Role: user.Administrator}}}, user.Organiser, nil, true},
		{"an organiser of two", user.User{Roles: []user.Grant{{user.Organiser, "two"}, {user.Organiser, "one"}, {user.Adviser, "three"}}}, user.Organiser, []string{"one", "two"}, false},
		{"of one and of all", user.User{Roles: []user.Grant{{user.Organiser, "one"}, {user.Organiser, ""}}}, user.Organiser, nil, true},
		{"of none", user.User{Roles: []user.Grant{{user.Adviser, "one"}}}, user.Organiser, nil, false},
		{"disabled", user.User{Disabled: true, Roles: []user.Grant{{user.Organiser, "one"}}}, user.Organiser, nil, false},
		{"a disabled administrator", user.User{Disabled: true, Roles: []user.Grant{{user.Administrator, ""}}}, user.Organiser, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ids, all := tt.user.Programmes(tt.role)
			if diff := cmp.Diff(tt.want, ids); diff != "" || all != tt.wholly {
				t.Errorf("all: %t (-want +got):\n%s", all, diff)
			}
		})
	}
}

func TestAUserIsFoundAsAdded(t *testing.T) {
	db, _ := storetest.New(t)
	one := addProgramme(t, db, "one")
	added := addUser(t, db, " Anna@Exempel.SE ", user.Grant{Role: user.Organiser, ProgrammeID: one}, user.Grant{Role: user.Administrator}, user.Grant{Role: user.Administrator})
	bo := addUser(t, db, "bo@exempel.se")

	want := user.User{
		ID: added.ID, Email: "anna@exempel.se", Name: "Anna Exempel", Language: "sv",
		Roles: []user.Grant{{Role: user.Administrator}, {Role: user.Organiser, ProgrammeID: one}},
	}
	if diff := cmp.Diff(want, added); diff != "" {
		t.Errorf("as returned (-want +got):\n%s", diff)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		byID, err := user.Find(ctx, tx, added.ID)
		if diff := cmp.Diff(want, byID); err != nil || diff != "" {
			t.Errorf("by id: %v (-want +got):\n%s", err, diff)
		}
		byEmail, err := user.FindByEmail(ctx, tx, "ANNA@exempel.se")
		if diff := cmp.Diff(want, byEmail); err != nil || diff != "" {
			t.Errorf("by address: %v (-want +got):\n%s", err, diff)
		}
		all, err := user.List(ctx, tx)
		if diff := cmp.Diff([]user.User{want, bo}, all); err != nil || diff != "" {
			t.Errorf("in the list: %v (-want +got):\n%s", err, diff)
		}
		_, err = user.Find(ctx, tx, "nobody")
		wantError(t, err, problem.ErrMissing)
		for _, email := range []string{"nobody@exempel.se", "no address", ""} {
			_, err = user.FindByEmail(ctx, tx, email)
			wantError(t, err, problem.ErrMissing)
		}
		return nil
	})
}

func TestAnAddressBelongsToOneUser(t *testing.T) {
	db, _ := storetest.New(t)
	addUser(t, db, "anna@exempel.se")
	err := do(t, db, func(tx *store.Tx) error {
		_, err := user.Add(ctx, tx, "Anna@exempel.se", "Another Anna", "nn", nil)
		return err
	})
	wantError(t, err, user.ErrEmailTaken)
}

func TestWhatIsWrongWithANewUserIsToldAtTheField(t *testing.T) {
	long := fmt.Sprintf("%0121d", 0)
	for _, tt := range []struct {
		name, email, called, language string
		grants                        []user.Grant
		want                          problem.Fields
	}{
		{"no address", "", "Anna", "sv", nil, problem.Fields{{Name: "email", Code: "email"}}},
		{"an address with a name", "Anna <anna@exempel.se>", "Anna", "sv", nil, problem.Fields{{Name: "email", Code: "email"}}},
		{"two addresses", "anna@exempel.se,bo@exempel.se", "Anna", "sv", nil, problem.Fields{{Name: "email", Code: "email"}}},
		{"a name of spaces", "anna@exempel.se", "  ", "sv", nil, problem.Fields{{Name: "name", Code: "required"}}},
		{"a name that is too long", "anna@exempel.se", long, "sv", nil, problem.Fields{{Name: "name", Code: "too_long", Args: []any{"most", 120}}}},
		{"another language", "anna@exempel.se", "Anna", "da", nil, problem.Fields{{Name: "language", Code: "choice"}}},
		{"another role", "anna@exempel.se", "Anna", "sv", []user.Grant{{Role: "owner"}}, problem.Fields{{Name: "roles", Code: "choice"}}},
		{"an administrator of one programme", "anna@exempel.se", "Anna", "sv", []user.Grant{{Role: user.Administrator, ProgrammeID: "one"}}, problem.Fields{{Name: "roles", Code: "choice"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := storetest.New(t)
			err := do(t, db, func(tx *store.Tx) error {
				_, err := user.Add(ctx, tx, tt.email, tt.called, tt.language, tt.grants)
				return err
			})
			p, ok := problem.As(err)
			if !ok {
				t.Fatalf("it was added: %v", err)
			}
			if diff := cmp.Diff(tt.want, problem.Fields(p.Fields)); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSomebodyDisabledIsOutUntilEnabled(t *testing.T) {
	db, clock := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se", user.Grant{Role: user.Administrator})
	setPassword(t, db, anna.ID)
	session, link := newSession(t, db, anna.ID), newLink(t, db, anna.ID, user.SignInLink)
	disable := func(tx *store.Tx) error { return user.Disable(ctx, tx, anna.ID) }

	storetest.Write(t, db, disable)
	clock.Advance(time.Minute)
	storetest.Write(t, db, disable) // twice is as once

	storetest.Read(t, db, func(tx *store.Tx) error {
		u, err := user.Find(ctx, tx, anna.ID)
		if err != nil || !u.Disabled || u.May(user.Organiser, "one") {
			t.Errorf("the user is %+v, %v", u, err)
		}
		_, _, err = user.Session(ctx, tx, session)
		wantError(t, err, user.ErrNoSession)
		_, err = user.LinkUser(ctx, tx, link, user.SignInLink)
		wantError(t, err, user.ErrLink)
		attempt, err := user.SignInAttempt(ctx, tx, "anna@exempel.se")
		if diff := cmp.Diff(user.Attempt{}, attempt); err != nil || diff != "" {
			t.Errorf("an attempt to sign in: %v (-want +got):\n%s", err, diff)
		}
		return nil
	})
	wantError(t, do(t, db, func(tx *store.Tx) error {
		_, err := user.SignedIn(ctx, tx, anna.ID)
		return err
	}), problem.ErrDenied)
	wantError(t, do(t, db, func(tx *store.Tx) error {
		_, err := user.NewLink(ctx, tx, anna.ID, user.SetPasswordLink, time.Hour)
		return err
	}), problem.ErrMissing)

	storetest.Write(t, db, func(tx *store.Tx) error { return user.Enable(ctx, tx, anna.ID) })
	storetest.Read(t, db, func(tx *store.Tx) error {
		u, err := user.Find(ctx, tx, anna.ID)
		if err != nil || u.Disabled {
			t.Errorf("enabled again: %+v, %v", u, err)
		}
		_, _, err = user.Session(ctx, tx, session)
		wantError(t, err, user.ErrNoSession) // what has ended does not come back
		_, err = user.LinkUser(ctx, tx, link, user.SignInLink)
		wantError(t, err, user.ErrLink)
		attempt, err := user.SignInAttempt(ctx, tx, "anna@exempel.se")
		if err != nil || attempt.UserID != anna.ID || attempt.Hash == "" {
			t.Errorf("an attempt to sign in: %+v, %v", attempt, err)
		}
		return nil
	})
}

// A row of a session or link may be left from before, as in a restored backup.
func TestSomebodyDisabledIsOutEvenWithALivingSessionOrLink(t *testing.T) {
	db, _ := storetest.New(t)
	anna := addUser(t, db, "anna@exempel.se")
	session, link := newSession(t, db, anna.ID), newLink(t, db, anna.ID, user.SignInLink)
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE user_account SET disabled_at = ?`, store.At(tx.Now))
		return err
	})
	err := do(t, db, func(tx *store.Tx) error {
		_, _, err := user.Session(ctx, tx, session)
		return err
	})
	wantError(t, err, user.ErrNoSession)
	err = do(t, db, func(tx *store.Tx) error {
		_, err := user.UseLink(ctx, tx, link, user.SignInLink)
		return err
	})
	wantError(t, err, user.ErrLink)
}

func TestNobodyUnknownIsDisabledOrEnabled(t *testing.T) {
	db, _ := storetest.New(t)
	wantError(t, do(t, db, func(tx *store.Tx) error { return user.Disable(ctx, tx, "nobody") }), problem.ErrMissing)
	wantError(t, do(t, db, func(tx *store.Tx) error { return user.Enable(ctx, tx, "nobody") }), problem.ErrMissing)
}
