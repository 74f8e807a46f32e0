package message_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/message"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// fill writes n letters of one state, a minute apart, and lets moments follow.
func fill(t testing.TB, db *store.DB, clock *storetest.Clock, s message.Status, n int) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		for i := range n {
			r := letter(fmt.Sprintf("%s:%03d", s, i), message.Confirmed)
			r.Recipient = fmt.Sprintf("p%d@example.se", i)
			if _, err := message.Enqueue(ctx, tx, r); err != nil {
				return err
			}
			at := store.At(tx.Now.Add(time.Duration(i/2) * time.Minute)) // two share each moment
			_, err := store.Exec(ctx, tx, `UPDATE message SET status = ?, due_at = ?, done_at = CASE WHEN ? IN ('waiting', 'held') THEN NULL ELSE ? END WHERE unique_key = ?`,
				s, at, s, at, r.Key)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// walk turns the pages of a filter, forwards to the end and back to the
// beginning, and gives what each way showed.
func walk(t *testing.T, db *store.DB, f message.Filter, size int) (there, back []string) {
	t.Helper()
	f.Personal = true
	storetest.Read(t, db, func(tx *store.Tx) error {
		var from message.Place
		for {
			list, more, err := f.Page(ctx, tx, from, size)
			if err != nil {
				return err
			}
			for _, m := range list {
				there = append(there, m.ID)
			}
			if !more {
				break
			}
			last := list[len(list)-1]
			from = message.Place{At: last.Moment(), ID: last.ID}
		}
		from.Back = true
		for more := true; more; {
			list, m, err := f.Page(ctx, tx, from, size)
			if err != nil {
				return err
			}
			more = m
			for _, m := range slices.Backward(list) {
				back = append(back, m.ID)
			}
			if len(list) > 0 {
				from = message.Place{At: list[0].Moment(), ID: list[0].ID, Back: true}
			}
		}
		return nil
	})
	return there, back
}

func TestEveryLetterIsReachedByTurningPages(t *testing.T) {
	db, clock := storetest.New(t)
	fill(t, db, clock, message.Failed, 23)
	fill(t, db, clock, message.Sent, 11)
	fill(t, db, clock, message.Waiting, 9)
	for _, tt := range []struct {
		name     string
		statuses []message.Status
		want     int
	}{
		{"the failed ones", []message.Status{message.Failed}, 23},
		{"those that wait, in their order", []message.Status{message.Waiting}, 9},
		{"all states together", nil, 43},
	} {
		there, back := walk(t, db, message.Filter{Statuses: tt.statuses}, 5)
		once := slices.Compact(slices.Sorted(slices.Values(there)))
		if len(there) != tt.want || len(once) != tt.want {
			t.Errorf("%s: %d rows, %d letters, want %d", tt.name, len(there), len(once), tt.want)
		}
		// From the last place that led on, the way back shows all before it.
		slices.Reverse(back)
		if diff := cmp.Diff(there[:len(back)], back); diff != "" || len(back) < tt.want-6 {
			t.Errorf("%s, back (%d): %s", tt.name, len(back), diff)
		}
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		list, _, err := message.Filter{Reach: message.Reach{Personal: true}, Statuses: []message.Status{message.Waiting}}.Page(ctx, tx, message.Place{}, 2)
		if len(list) != 2 || list[0].DueAt.After(list[1].DueAt) || !list[0].DueAt.Equal(clock.Now()) {
			t.Errorf("what goes next is not first: %+v", list)
		}
		return err
	})
}

func TestFiltersOfLetters(t *testing.T) {
	db, clock := storetest.New(t)
	now := clock.Now()
	p, q := programmes(t, db)
	for _, r := range []message.Request{
		{Key: "a", Letter: message.Confirmed, Recipient: "anna@example.se", Language: "sv", ProgrammeID: p},
		{Key: "b", Letter: message.EventMoved, Recipient: "joanna_b@example.no", Language: "nb", ProgrammeID: p, NotBefore: now.Add(48 * time.Hour)},
		{Key: "c", Letter: message.Confirmed, Recipient: "anna@example.se", Language: "sv", ProgrammeID: q},
		{Key: "d", Letter: message.SignIn, Recipient: "anna@example.se", Language: "sv"},
	} {
		enqueue(t, db, r)
	}
	all, own := message.Reach{Personal: true}, message.Reach{Programmes: []string{p}}
	for _, tt := range []struct {
		name string
		f    message.Filter
		want string
	}{
		{"an administrator sees all", message.Filter{Reach: all}, "abcd"},
		{"an organiser of every programme sees no sign-in links", message.Filter{}, "abc"},
		{"an organiser sees those of the programme", message.Filter{Reach: own}, "ab"},
		{"an organiser of none sees none", message.Filter{Reach: message.Reach{Programmes: []string{}}}, ""},
		{"who organises one programme sees no sign-in links, whatever is asked", message.Filter{Reach: message.Reach{Programmes: []string{p}, Personal: true}}, "ab"},
		{"a whole address", message.Filter{Reach: all, Recipient: "anna@example.se"}, "acd"},
		{"a part of an address", message.Filter{Reach: all, Part: "anna"}, "abcd"},
		{"a part with a sign of LIKE in it", message.Filter{Reach: all, Part: "a_b@"}, "b"},
		{"one kind", message.Filter{Reach: all, Letter: message.Confirmed}, "ac"},
		{"those that go from tomorrow on", message.Filter{Reach: all, From: now.Add(24 * time.Hour)}, "b"},
		{"those that go until tomorrow", message.Filter{Reach: all, Until: now.Add(24 * time.Hour)}, "acd"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			storetest.Read(t, db, func(tx *store.Tx) error {
				list, _, err := tt.f.Page(ctx, tx, message.Place{}, 10)
				got := ""
				for _, m := range list {
					full, err := message.Find(ctx, tx, m.ID)
					if err != nil {
						return err
					}
					got += full.UniqueKey
				}
				if sorted := strings.Join(slices.Sorted(slices.Values(strings.Split(got, ""))), ""); sorted != tt.want {
					t.Errorf("%q, want %q", sorted, tt.want)
				}
				c, err2 := tt.f.Tally(ctx, tx)
				if c.Waiting != len(tt.want) {
					t.Errorf("counted %d, want %d", c.Waiting, len(tt.want))
				}
				if err == nil {
					err = err2
				}
				return err
			})
		})
	}
}

// programmes makes two.
func programmes(t testing.TB, db *store.DB) (string, string) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		for _, id := range []string{"p", "q"} {
			_, err := store.Exec(ctx, tx, `INSERT INTO programme (id, slug, name, country, language, time_zone, created_at) VALUES (?, ?, ?, 'SE', 'sv', 'Europe/Stockholm', ?)`, id, id, id, store.At(tx.Now))
			if err != nil {
				return err
			}
		}
		return nil
	})
	return "p", "q"
}

func TestWhatAnOrganiserDecidesAboutALetter(t *testing.T) {
	for _, tt := range []struct {
		deed message.Deed
		from message.Status
		want message.Status // the same: nothing happens
	}{
		{message.SendAgain, message.Failed, message.Waiting},
		{message.SendAgain, message.Uncertain, message.Waiting},
		{message.SendAgain, message.Held, message.Held},
		{message.SendAgain, message.Sent, message.Sent},
		{message.LetGo, message.Held, message.Waiting},
		{message.LetGo, message.Failed, message.Failed},
		{message.Discard, message.Held, message.Dropped},
		{message.Discard, message.Failed, message.Dropped},
		{message.Discard, message.Uncertain, message.Uncertain}, // a calendar may have it: it must not be forgotten
		{message.Discard, message.Waiting, message.Waiting},
		{message.TakeAsIn, message.Uncertain, message.Sent},
		{message.TakeAsIn, message.Failed, message.Failed},
	} {
		db, clock := storetest.New(t)
		fill(t, db, clock, tt.from, 1)
		before := messages(t, db, "TRUE")[0]
		clock.Advance(time.Hour)
		var done bool
		storetest.Write(t, db, func(tx *store.Tx) (err error) {
			done, err = tt.deed.Do(context.Background(), tx, before.ID)
			return err
		})
		after := messages(t, db, "TRUE")[0]
		if after.Status != tt.want || done != (tt.from != tt.want) || tt.deed.Can(before) != done {
			t.Errorf("%s of a %s letter: %s, done %v, can %v", tt.deed, tt.from, after.Status, done, tt.deed.Can(before))
		}
	}
}

func TestWhatHasAnEndOfItsOwnGetsNoLongerLife(t *testing.T) {
	db, clock := storetest.New(t)
	for _, l := range message.All() {
		q := letter(string(l), l)
		q.NotAfter = clock.Now().Add(time.Hour)
		enqueue(t, db, q)
	}
	old := clock.Now().Add(time.Hour)
	clock.Advance(24 * time.Hour)
	life := clock.Now().Add(48 * time.Hour)
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE message SET status = 'failed', done_at = created_at`)
		if err == nil {
			_, err = message.SendAgain.DoSome(ctx, tx, message.Filter{Reach: message.Reach{Personal: true}}, 100)
		}
		return err
	})
	var kept []string
	for _, m := range messages(t, db, "TRUE") {
		if m.NotAfter.Equal(old) {
			kept = append(kept, string(m.Letter))
		} else if m.NotAfter != life || m.Status != message.Waiting {
			t.Errorf("%s is %s until %v", m.Letter, m.Status, m.NotAfter)
		}
	}
	slices.Sort(kept)
	same(t, "letters that keep their end", kept, "B12", "B14", "E01", "E07", "E16", "E18", "E19", "E20", "E23", "E24", "E25", "E26", "O3", "P5")
}

// Of what is held because the database went back to a backup it is asked on a page
// of its own: there each letter is written anew, also one that had its bytes.
func TestWhatWaitsForTheAnswerAfterARestoreIsDecidedThereAlone(t *testing.T) {
	db, clock := storetest.New(t)
	enqueue(t, db, letter("k", message.StayedAway))
	c := claim(t, db)
	prepare(t, db, c, "", 0)
	storetest.Write(t, db, func(tx *store.Tx) error {
		if err := message.Again(ctx, tx, c.ID, tx.Now.Add(time.Minute), "451"); err != nil {
			return err
		}
		_, err := message.HoldOld(ctx, tx, clock.Now().Add(time.Hour))
		return err
	})
	all := message.Filter{Reach: message.Reach{Personal: true}}
	held := messages(t, db, "TRUE")[0]
	storetest.Write(t, db, func(tx *store.Tx) error {
		for _, d := range []message.Deed{message.LetGo, message.Discard} {
			one, err := d.Do(ctx, tx, c.ID)
			if err != nil {
				return err
			}
			many, err := d.DoSome(ctx, tx, all, 10)
			if err != nil {
				return err
			}
			if one || many > 0 || d.Can(held) {
				t.Errorf("%s: one %v, many %d, can %v", d, one, many, d.Can(held))
			}
		}
		old, err := message.OldOf(ctx, tx, nil)
		if err != nil {
			return err
		}
		n, err := message.SendOld(ctx, tx, old[0])
		if n != 1 {
			t.Errorf("%d sent", n)
		}
		return err
	})
	if m := messages(t, db, "TRUE")[0]; m.Status != message.Waiting || m.MIME != nil || !m.PreparedAt.IsZero() || m.DueAt != clock.Now() {
		t.Errorf("let go: %+v", m)
	}
}

func TestAllFailedOfAFilterGoAgainAtOnce(t *testing.T) {
	db, clock := storetest.New(t)
	fill(t, db, clock, message.Failed, 8)
	fill(t, db, clock, message.Sent, 2)
	storetest.Write(t, db, func(tx *store.Tx) error {
		for key, reason := range map[string]string{"failed:000": "no_such_address 550 5.1.1", "failed:001": "bad_address", "failed:002": "refused 550 5.7.1"} {
			if _, err := store.Exec(ctx, tx, `UPDATE message SET reason = ? WHERE unique_key = ?`, reason, key); err != nil {
				return err
			}
		}
		f := message.Filter{Reach: message.Reach{Personal: true}, Until: tx.Now.Add(3 * time.Minute)} // the first six
		n, err := message.SendAgain.CountAll(ctx, tx, f)
		if err != nil {
			return err
		}
		did, err := message.SendAgain.DoSome(ctx, tx, f, 3)
		if err != nil {
			return err
		}
		more, err := message.SendAgain.DoSome(ctx, tx, f, 3)
		if n != 4 || did != 3 || more != 1 {
			t.Errorf("said %d, did %d and %d: want those of the filter whose address may exist", n, did, more)
		}
		return err
	})
	if n := len(messages(t, db, "status = 'waiting'")); n != 4 {
		t.Errorf("%d wait", n)
	}
	if n := len(messages(t, db, "status = 'failed'")); n != 4 {
		t.Errorf("%d are left", n)
	}
}

func TestAttemptsAreRememberedByTheirReason(t *testing.T) {
	db, clock := storetest.New(t)
	enqueue(t, db, letter("k", message.Confirmed))
	id, first := messages(t, db, "TRUE")[0].ID, clock.Now()
	for range 3 {
		storetest.Write(t, db, func(tx *store.Tx) error { return message.Again(ctx, tx, id, tx.Now, message.ReasonUnreachable) })
		clock.Advance(time.Minute)
	}
	storetest.Write(t, db, func(tx *store.Tx) error { return message.Finish(ctx, tx, id, message.Failed, "refused 550 5.7.1") })
	storetest.Read(t, db, func(tx *store.Tx) error {
		got, err := message.Attempts(ctx, tx, id)
		want := []message.Attempt{{message.ReasonUnreachable, first, first.Add(2 * time.Minute), 3}, {"refused 550 5.7.1", clock.Now(), clock.Now(), 1}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		return err
	})
}
