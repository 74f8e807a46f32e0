package news_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

const address = "asa@people.example"

// database is one with a clock that the test moves.
type database struct {
	*store.DB
	*storetest.Clock
}

// world is a programme, and a wish for its news from a sign-up form.
func world(t *testing.T) (database, news.Wish) {
	t.Helper()
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, func(*event.Content) {})
	return database{db, clock}, news.Wish{ProgrammeID: ev.ProgrammeID, Email: address, Language: "sv", Source: news.SignUp, Wording: "Ja, jag vill ha nyheter"}
}

func do(t *testing.T, db database, fn func(context.Context, *store.Tx) error) {
	t.Helper()
	storetest.Write(t, db.DB, func(tx *store.Tx) error { return fn(context.Background(), tx) })
}

func ask(t *testing.T, db database, w news.Wish) {
	t.Helper()
	do(t, db, func(ctx context.Context, tx *store.Tx) error { return news.Ask(ctx, tx, w) })
}

// state is what has become of the address's wishes, oldest first, and how many
// letters asked whether it is theirs.
func state(t *testing.T, db database) (list []string, letters int) {
	t.Helper()
	do(t, db, func(ctx context.Context, tx *store.Tx) error {
		all, err := news.All(ctx, tx, address)
		for _, s := range all {
			list = append(list, string(s.Status)+" "+string(s.EndedBy))
		}
		if err != nil {
			return err
		}
		letters, err = message.CountTo(ctx, tx, address, message.ConfirmNews, time.Unix(0, 0))
		return err
	})
	return list, letters
}

func want(t *testing.T, db database, letters int, list ...string) {
	t.Helper()
	got, n := state(t, db)
	if diff := cmp.Diff(list, got); diff != "" || n != letters {
		t.Fatalf("%d letters, want %d (-want +got):\n%s", n, letters, diff)
	}
}

// only is the one subscription of the address.
func only(t *testing.T, db database) (s news.Subscription) {
	t.Helper()
	do(t, db, func(ctx context.Context, tx *store.Tx) error {
		all, err := news.All(ctx, tx, address)
		if err == nil && len(all) != 1 {
			t.Fatalf("%d subscriptions", len(all))
		}
		s = all[0]
		return err
	})
	return s
}

func TestABoxInAFormAsksTheAddressFirst(t *testing.T) {
	db, w := world(t)
	ask(t, db, w)
	want(t, db, 1, "asked ")
	ask(t, db, w) // a second sign-up on the same day asks nothing more
	want(t, db, 1, "asked ")
	db.Advance(25 * time.Hour)
	ask(t, db, w)
	want(t, db, 2, "asked ")
	asked := only(t, db)
	do(t, db, func(ctx context.Context, tx *store.Tx) error { return news.Confirm(ctx, tx, asked) })
	want(t, db, 2, "on ")
	ask(t, db, w)
	want(t, db, 2, "on ")
}

func TestOnOnesOwnPageNobodyIsAsked(t *testing.T) {
	db, w := world(t)
	ask(t, db, w)
	w.Source = news.OwnPage
	ask(t, db, w)
	want(t, db, 1, "on ")
}

func TestNewsEndsAtOnceAndCanBeginAgain(t *testing.T) {
	db, w := world(t)
	w.Source = news.OwnPage
	ask(t, db, w)
	sub, token := only(t, db), ""
	do(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		token, err = news.NewLink(ctx, tx, sub.ID, news.ToEnd)
		return err
	})
	do(t, db, func(ctx context.Context, tx *store.Tx) error {
		if _, err := news.ByLink(ctx, tx, token, news.ToConfirm); !errors.Is(err, news.ErrLink) {
			t.Errorf("a link to end confirms: %v", err)
		}
		s, err := news.ByLink(ctx, tx, token, news.ToEnd)
		if err != nil {
			return err
		}
		return news.Stop(ctx, tx, s, news.ByOneClick)
	})
	want(t, db, 0, "ended one_click")
	do(t, db, func(ctx context.Context, tx *store.Tx) error {
		s, err := news.ByLink(ctx, tx, token, news.ToEnd)
		if err != nil {
			return err
		}
		return news.Confirm(ctx, tx, s)
	})
	want(t, db, 0, "on ")
	do(t, db, func(ctx context.Context, tx *store.Tx) error {
		if _, found, err := news.Reader(ctx, tx, w.ProgrammeID, address); !found || err != nil {
			t.Errorf("no reader again: %v", err)
		}
		return nil
	})
}

// Whoever asked anew and then uses an old letter's link has one subscription.
func TestAnOldLinkDoesNotMakeTwo(t *testing.T) {
	db, w := world(t)
	w.Source = news.OwnPage
	ask(t, db, w)
	old := only(t, db)
	do(t, db, func(ctx context.Context, tx *store.Tx) error { return news.Stop(ctx, tx, old, news.ByPage) })
	db.Advance(time.Hour)
	w.Source = news.SignUp
	ask(t, db, w)
	do(t, db, func(ctx context.Context, tx *store.Tx) error {
		s, err := news.Find(ctx, tx, old.ID)
		if err != nil {
			return err
		}
		return news.Confirm(ctx, tx, s)
	})
	want(t, db, 1, "ended page", "on ")
}

func TestWhatNobodyConfirmsLapsesAndProofIsKeptTwoYears(t *testing.T) {
	db, w := world(t)
	sweep := func() { do(t, db, news.Sweep) }
	ask(t, db, w)
	db.Advance(14*24*time.Hour - time.Second)
	sweep()
	want(t, db, 1, "asked ")
	db.Advance(time.Second)
	sweep()
	want(t, db, 1) // there was no consent, so there is nothing to prove
	w.Source = news.OwnPage
	ask(t, db, w)
	agreed := only(t, db)
	do(t, db, func(ctx context.Context, tx *store.Tx) error { return news.Stop(ctx, tx, agreed, news.ByPage) })
	db.Set(db.Clock.Now().AddDate(0, 24, -1))
	sweep()
	want(t, db, 1, "ended page")
	db.Advance(24 * time.Hour)
	sweep()
	want(t, db, 1)
}

func TestErasingLeavesNoAddress(t *testing.T) {
	db, w := world(t)
	ask(t, db, w)
	s := only(t, db)
	var token string
	do(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		if token, err = news.NewLink(ctx, tx, s.ID, news.ToConfirm); err != nil {
			return err
		}
		return news.Erase(ctx, tx, address)
	})
	want(t, db, 1)
	do(t, db, func(ctx context.Context, tx *store.Tx) error {
		if _, err := news.ByLink(ctx, tx, token, news.ToConfirm); !errors.Is(err, news.ErrLink) {
			t.Errorf("the link is still good: %v", err)
		}
		return nil
	})
}
