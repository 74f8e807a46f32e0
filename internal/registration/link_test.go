package registration_test

import (
	"testing"
	"time"

	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func newLink(t *testing.T, db *store.DB, r reg, purpose registration.Purpose) (token string) {
	t.Helper()
	ev := findEvent(t, db, r.EventID)
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		token, err = registration.NewLink(ctx, tx, r, ev, purpose)
		return err
	})
	return token
}

func follow(db *store.DB, token string, purpose registration.Purpose) (r reg, err error) {
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		r, err = registration.FindByLink(ctx, tx, token, purpose)
		return err
	})
	return r, err
}

func TestALinkIsGoodForItsPurposeAlone(t *testing.T) {
	db, _ := storetest.New(t)
	ev := registrationtest.Event(t, db, nil)
	first, second := registrationtest.Sign(t, db, ev.ID, 1), registrationtest.Sign(t, db, ev.ID, 2)
	manage, join := newLink(t, db, first, registration.Manage), newLink(t, db, second, registration.JoinMeeting)
	for _, tt := range []struct {
		name    string
		token   string
		purpose registration.Purpose
		want    string // the registration; "" when refused
	}{
		{"to a registration", manage, registration.Manage, first.ID},
		{"to a meeting", join, registration.JoinMeeting, second.ID},
		{"to a registration, used for the meeting", manage, registration.JoinMeeting, ""},
		{"to a meeting, used for the registration", join, registration.Manage, ""},
		{"of nobody", "token-unknown", registration.Manage, ""},
		{"of nothing", "", registration.Manage, ""},
		{"for nothing", manage, "", ""},
	} {
		r, err := follow(db, tt.token, tt.purpose)
		if r.ID != tt.want {
			t.Errorf("a link %s leads to %q, want %q", tt.name, r.ID, tt.want)
		}
		if tt.want == "" {
			refused(t, tt.name, err, problem.ErrMissing)
		}
	}
	again := newLink(t, db, first, registration.Manage)
	if r, err := follow(db, again, registration.Manage); r.ID != first.ID || again == manage {
		t.Errorf("a second link: %q, %v", r.ID, err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		kept, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM personal_link WHERE token_hash LIKE '%token%' OR length(token_hash) <> 64`)
		if kept != 0 {
			t.Errorf("%d tokens are kept as they are", kept)
		}
		return err
	})
}

func TestALinkLivesAsLongAsItIsOfUse(t *testing.T) {
	later := starts.AddDate(0, 2, 0)
	month, day := 30*24*time.Hour, 24*time.Hour
	for _, tt := range []struct {
		name    string
		purpose registration.Purpose
		moved   bool // by two months
		now     time.Time
		want    bool
	}{
		{"to a registration, 30 days after", registration.Manage, false, ends.Add(month - time.Second), true},
		{"to a registration, then no more", registration.Manage, false, ends.Add(month), false},
		{"to a meeting, a day more, to say that it is over", registration.JoinMeeting, false, ends.Add(day - time.Second), true},
		{"to a meeting, then no more", registration.JoinMeeting, false, ends.Add(day), false},
		{"to a meeting that has moved, a day more", registration.JoinMeeting, true, later.Add(3*time.Hour + day - time.Second), true},
		{"to a meeting that has moved, then no more", registration.JoinMeeting, true, later.Add(3*time.Hour + day), false},
		{"to a registration for what has moved, 30 days after", registration.Manage, true, later.Add(3*time.Hour + month - time.Second), true},
		{"to a registration for what has moved, then no more", registration.Manage, true, later.Add(3*time.Hour + month), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			ev := registrationtest.Event(t, db, nil)
			r := registrationtest.Sign(t, db, ev.ID, 1)
			token := newLink(t, db, r, tt.purpose)
			if tt.moved {
				if _, err := moveEvent(db, ev.ID, later); err != nil {
					t.Fatal(err)
				}
			}
			clock.Set(tt.now)
			got, err := follow(db, token, tt.purpose)
			if (got.ID == r.ID) != tt.want {
				t.Errorf("leads to %q, %v", got.ID, err)
			}
			if !tt.want {
				refused(t, "the link", err, problem.ErrMissing)
			}
		})
	}
}
