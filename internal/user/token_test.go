package user_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

func newToken(t *testing.T, db *store.DB, life time.Duration) (plain string, token user.APIToken) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		plain, token, err = user.NewToken(ctx, tx, user.Organiser, "", " Export ", life)
		return err
	})
	return plain, token
}

func TestAnAPITokenLivesUntilItsEnd(t *testing.T) {
	db, clock := storetest.New(t)
	plain, made := newToken(t, db, 30*24*time.Hour)
	if !strings.HasPrefix(plain, "stf_") || len(plain) < 40 {
		t.Errorf("the token is %q", plain)
	}
	want := user.APIToken{
		ID: made.ID, Name: "Export", Role: user.Organiser,
		CreatedAt: clock.Now(), ExpiresAt: clock.Now().Add(30 * 24 * time.Hour),
	}
	if diff := cmp.Diff(want, made); diff != "" {
		t.Errorf("as returned (-want +got):\n%s", diff)
	}
	clock.Advance(30*24*time.Hour - time.Second)
	storetest.Read(t, db, func(tx *store.Tx) error {
		got, err := user.Token(ctx, tx, plain)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("in its last second (-want +got):\n%s", diff)
		}
		return err
	})
	clock.Advance(time.Second)
	wantError(t, token(t, db, plain), user.ErrToken)
}

func TestAnAPITokenEndsWhenItIsRevoked(t *testing.T) {
	db, clock := storetest.New(t)
	plain, made := newToken(t, db, time.Hour)
	kept, other := newToken(t, db, time.Hour)
	revokedAt := clock.Now()
	revoke := func(tx *store.Tx) error { return user.RevokeToken(ctx, tx, made.ID) }
	storetest.Write(t, db, revoke)
	clock.Advance(time.Minute)
	storetest.Write(t, db, revoke) // twice is as once

	wantError(t, token(t, db, plain), user.ErrToken)
	if err := token(t, db, kept); err != nil {
		t.Errorf("the other token: %v", err)
	}
	wantError(t, do(t, db, func(tx *store.Tx) error { return user.RevokeToken(ctx, tx, "none") }), problem.ErrMissing)
	storetest.Read(t, db, func(tx *store.Tx) error {
		made.RevokedAt = revokedAt
		all, err := user.Tokens(ctx, tx)
		if diff := cmp.Diff([]user.APIToken{other, made}, all); diff != "" {
			t.Errorf("the list (-want +got):\n%s", diff)
		}
		return err
	})
}

func TestAnUnknownAPITokenIsRefused(t *testing.T) {
	db, _ := storetest.New(t)
	plain, made := newToken(t, db, time.Hour)
	for _, guess := range []string{"", "stf_", strings.TrimPrefix(plain, "stf_"), plain + "0", strings.ToUpper(plain), made.ID} {
		wantError(t, token(t, db, guess), user.ErrToken)
	}
}

func TestTheUseOfAnAPITokenIsNotedOnceAMinute(t *testing.T) {
	db, clock := storetest.New(t)
	plain, made := newToken(t, db, time.Hour)
	begun := clock.Now()
	if !made.Stale(begun) {
		t.Error("a token that was never used is not stale")
	}
	for _, tt := range []struct{ after, want time.Duration }{{0, 0}, {59 * time.Second, 0}, {time.Minute, time.Minute}} {
		clock.Set(begun.Add(tt.after))
		storetest.Write(t, db, func(tx *store.Tx) error {
			if err := user.TouchToken(ctx, tx, made.ID); err != nil {
				return err
			}
			got, err := user.Token(ctx, tx, plain)
			if got.LastUsedAt != begun.Add(tt.want) || got.Stale(tx.Now) {
				t.Errorf("after %v it was last used at %v", tt.after, got.LastUsedAt)
			}
			return err
		})
	}
}

func TestWhatIsWrongWithANewAPITokenIsToldAtTheField(t *testing.T) {
	day := 24 * time.Hour
	life := problem.Fields{{Name: "expires_at", Code: "token_life", Args: []any{"most", 365}}}
	for _, tt := range []struct {
		name      string
		role      user.Role
		programme string
		called    string
		life      time.Duration
		want      problem.Fields
	}{
		{"an organiser of one programme, for a year", user.Organiser, "one", "Export", 365 * day, nil},
		{"an administrator", user.Administrator, "", "Export", day, nil},
		{"longer than a year", user.Organiser, "one", "Export", 365*day + time.Second, life},
		{"no life", user.Organiser, "one", "Export", 0, life},
		{"less than a second", user.Organiser, "one", "Export", time.Millisecond, life},
		{"an end in the past", user.Organiser, "one", "Export", -day, life},
		{"an adviser", user.Adviser, "one", "Export", day, problem.Fields{{Name: "role", Code: "choice"}}},
		{"an administrator of one programme", user.Administrator, "one", "Export", day, problem.Fields{{Name: "programme_id", Code: "choice"}}},
		{"no name", user.Organiser, "one", " ", day, problem.Fields{{Name: "name", Code: "required"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := storetest.New(t)
			if tt.programme != "" {
				tt.programme = addProgramme(t, db, tt.programme)
			}
			err := do(t, db, func(tx *store.Tx) error {
				_, _, err := user.NewToken(ctx, tx, tt.role, tt.programme, tt.called, tt.life)
				return err
			})
			var got problem.Fields
			if p, ok := problem.As(err); ok {
				got = p.Fields
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func token(t *testing.T, db *store.DB, plain string) error {
	t.Helper()
	return do(t, db, func(tx *store.Tx) error {
		_, err := user.Token(ctx, tx, plain)
		return err
	})
}
