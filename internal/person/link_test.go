package person_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func anna(t *testing.T, db *store.DB) person.Person {
	t.Helper()
	return ensure(t, db, person.Person{Email: "anna@example.se", FirstName: "Anna", LastName: "Berg", Language: "nn"})
}

func newLink(t *testing.T, db *store.DB, p person.Person) (token string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		token, err = person.NewLink(ctx, tx, p.ID, person.LinkLife)
		return err
	})
	return token
}

// use presses the button behind a link.
func use(db *store.DB, token string) (session string, err error) {
	err = db.Write(ctx, func(tx *store.Tx) error {
		_, session, err = person.UseLink(ctx, tx, token)
		return err
	})
	return session, err
}

func whose(t *testing.T, db *store.DB, session string) (p person.Person, err error) {
	t.Helper()
	err = db.Read(ctx, func(tx *store.Tx) (err error) {
		p, _, err = person.Session(ctx, tx, session)
		return err
	})
	return p, err
}

func TestALinkIsGoodOnceForAQuarterOfAnHour(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, db *store.DB, clock *storetest.Clock, token string)
		want error
	}{
		{"at once", func(*testing.T, *store.DB, *storetest.Clock, string) {}, nil},
		{"in the last second", func(_ *testing.T, _ *store.DB, c *storetest.Clock, _ string) { c.Advance(15*time.Minute - time.Second) }, nil},
		{"after a quarter of an hour", func(_ *testing.T, _ *store.DB, c *storetest.Clock, _ string) { c.Advance(15 * time.Minute) }, person.ErrLink},
		{"when a scanner has opened it", func(t *testing.T, db *store.DB, _ *storetest.Clock, token string) {
			for range 5 {
				storetest.Read(t, db, func(tx *store.Tx) error {
					_, err := person.LinkPerson(ctx, tx, token)
					return err
				})
			}
		}, nil},
		{"a second time", func(t *testing.T, db *store.DB, _ *storetest.Clock, token string) {
			if _, err := use(db, token); err != nil {
				t.Fatal(err)
			}
		}, person.ErrLink},
		{"when a newer one has been made", func(t *testing.T, db *store.DB, _ *storetest.Clock, _ string) { newLink(t, db, anna(t, db)) }, person.ErrLink},
		{"after everything was ended", func(t *testing.T, db *store.DB, _ *storetest.Clock, _ string) {
			p := anna(t, db)
			storetest.Write(t, db, func(tx *store.Tx) error { return person.EndSessions(ctx, tx, p.ID) })
		}, person.ErrLink},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			token := newLink(t, db, anna(t, db))
			tt.do(t, db, clock, token)
			if _, err := use(db, token); !errors.Is(err, tt.want) {
				t.Errorf("%v, want %v", err, tt.want)
			}
		})
	}
}

func TestOfManyWhoUseOneLinkOneWins(t *testing.T) {
	db, _ := storetest.New(t)
	token := newLink(t, db, anna(t, db))
	var won atomic.Int32
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			switch _, err := use(db, token); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, person.ErrLink):
				t.Error(err)
			}
		})
	}
	all.Wait()
	if won.Load() != 1 {
		t.Errorf("%d came in", won.Load())
	}
}

func TestASessionIsOnesOwnAndEnds(t *testing.T) {
	hours := func(n int) func(*testing.T, *store.DB, *storetest.Clock, person.Person, string) {
		return func(_ *testing.T, _ *store.DB, c *storetest.Clock, _ person.Person, _ string) {
			c.Advance(time.Duration(n) * time.Hour)
		}
	}
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, db *store.DB, clock *storetest.Clock, p person.Person, session string)
		want error
	}{
		{"after eleven idle hours", hours(11), nil},
		{"after twelve", hours(12), person.ErrNoSession},
		{"after a week of use", func(t *testing.T, db *store.DB, c *storetest.Clock, _ person.Person, session string) {
			for range 7 * 24 / 6 {
				c.Advance(6 * time.Hour)
				storetest.Write(t, db, func(tx *store.Tx) error { return person.Touch(ctx, tx, session) })
			}
		}, person.ErrNoSession},
		{"after signing out", func(t *testing.T, db *store.DB, _ *storetest.Clock, _ person.Person, session string) {
			storetest.Write(t, db, func(tx *store.Tx) error { return person.EndSession(ctx, tx, session) })
		}, person.ErrNoSession},
		{"after being erased", func(t *testing.T, db *store.DB, _ *storetest.Clock, p person.Person, _ string) {
			storetest.Write(t, db, func(tx *store.Tx) error { return person.Erase(ctx, tx, p.ID) })
		}, person.ErrNoSession},
		{"after a sweep while it is alive", func(t *testing.T, db *store.DB, _ *storetest.Clock, _ person.Person, _ string) {
			storetest.Write(t, db, func(tx *store.Tx) error { return person.Sweep(ctx, tx) })
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, clock := storetest.New(t)
			p := anna(t, db)
			session, err := use(db, newLink(t, db, p))
			if err != nil {
				t.Fatal(err)
			}
			tt.do(t, db, clock, p, session)
			got, err := whose(t, db, session)
			if !errors.Is(err, tt.want) || err == nil && got.ID != p.ID {
				t.Errorf("%v of %q, want %v", err, got.ID, tt.want)
			}
		})
	}
}

func TestWhatHasEndedIsSweptAwayAndDoesNotComeBack(t *testing.T) {
	db, clock := storetest.New(t)
	p := anna(t, db)
	session, err := use(db, newLink(t, db, p))
	if err != nil {
		t.Fatal(err)
	}
	link := newLink(t, db, p)
	clock.Advance(13 * time.Hour)
	storetest.Write(t, db, func(tx *store.Tx) error { return person.Sweep(ctx, tx) })
	clock.Advance(-13 * time.Hour)
	if _, err := whose(t, db, session); !errors.Is(err, person.ErrNoSession) {
		t.Errorf("the session: %v", err)
	}
	if _, err := use(db, link); !errors.Is(err, person.ErrLink) {
		t.Errorf("the link: %v", err)
	}
}

func TestAskingForALinkWritesToKnownAddressesOnlyAndNotTooOften(t *testing.T) {
	db, clock := storetest.New(t)
	p := anna(t, db)
	ask := func(typed string) {
		storetest.Write(t, db, func(tx *store.Tx) error { return person.AskLink(ctx, tx, person.Asking{Email: typed}) })
	}
	count := func() (n int) {
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			n, err = message.CountTo(ctx, tx, p.Email, message.SignIn, time.Unix(0, 0))
			return err
		})
		return n
	}
	ask("nobody@example.se")
	ask("no address")
	ask(" Anna@Example.SE ")
	if got := count(); got != 1 {
		t.Fatalf("%d letters", got)
	}
	for range 4 {
		ask("anna@example.se")
	}
	if got := count(); got != 3 {
		t.Errorf("%d letters within a quarter of an hour", got)
	}
	clock.Advance(15 * time.Minute)
	ask("anna@example.se")
	if got := count(); got != 4 {
		t.Errorf("%d letters after it", got)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		all, err := message.To(ctx, tx, p.Email)
		if m := all[0]; m.Language != "nn" || !m.NotAfter.Equal(m.CreatedAt.Add(15*time.Minute)) || len(all) != 4 {
			t.Errorf("the letter is %+v", m)
		}
		return err
	})
}

func TestNobodyIsFoundByAnErasedAddress(t *testing.T) {
	db, _ := storetest.New(t)
	p := anna(t, db)
	storetest.Write(t, db, func(tx *store.Tx) error { return person.Erase(ctx, tx, p.ID) })
	storetest.Read(t, db, func(tx *store.Tx) error {
		if _, err := person.FindByEmail(ctx, tx, p.Email); !errors.Is(err, problem.ErrMissing) {
			t.Errorf("by the old address: %v", err)
		}
		got, err := person.Find(ctx, tx, p.ID)
		if !got.Erased() || got.Name() != "" {
			t.Errorf("what is left is %+v", got)
		}
		if _, fault := person.Address(got.Email); fault == nil {
			t.Errorf("%q is an address", got.Email)
		}
		return err
	})
	if again := anna(t, db); again.ID == p.ID {
		t.Error("who signs up anew is the person who was erased")
	}
}

func TestNobodyIsLockedOutByAnothersAsking(t *testing.T) {
	db, clock := storetest.New(t)
	p := anna(t, db)
	count := func(where string) (n int) {
		t.Helper()
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			n, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE `+where)
			return err
		})
		return n
	}
	for range 24 * 10 { // a day of one request each six minutes
		storetest.Write(t, db, func(tx *store.Tx) error { return person.AskLink(ctx, tx, person.Asking{Email: p.Email}) })
		clock.Advance(6 * time.Minute)
	}
	if n := count(`status = 'held'`); n != 0 {
		t.Errorf("%d links are held", n)
	}
	if n := count(`created_at > '` + store.At(clock.Now().Add(-person.LinkLife)).(string) + `'`); n == 0 {
		t.Error("there is no link of the last quarter of an hour")
	}
	storetest.Write(t, db, func(tx *store.Tx) error { // and what they themselves do is told
		_, err := message.Enqueue(ctx, tx, message.Request{Key: "k", Letter: message.AlreadyHere, Recipient: p.Email, Language: "sv", Outside: true})
		return err
	})
	if n := count(`unique_key = 'k' AND status = 'waiting'`); n != 1 {
		t.Error("a letter about a sign-up is held because of links")
	}
}

func TestLinksAreFewInAnHour(t *testing.T) {
	db, clock := storetest.New(t)
	p := anna(t, db)
	for range 60 {
		storetest.Write(t, db, func(tx *store.Tx) error { return person.AskLink(ctx, tx, person.Asking{Email: p.Email}) })
		clock.Advance(time.Minute - time.Second)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message`)
		if n != 10 || err != nil {
			t.Errorf("%d letters in an hour, %v", n, err)
		}
		return nil
	})
}
