package message

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// planOf is how the database goes about a question, one step a line.
func planOf(t testing.TB, db *store.DB, query string, args ...any) (plan string) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		steps, err := store.All(context.Background(), tx, func(r store.Row) (s string, err error) {
			var id, parent, unused int
			return s, r.Scan(&id, &parent, &unused, &s)
		}, `EXPLAIN QUERY PLAN `+query, args...)
		plan = strings.Join(steps, "\n")
		return err
	})
	return plan
}

// The page must be as quick with a hundred thousand letters as with ten: none of
// its questions reads the whole table, and no page sorts what it does not show.
func TestThePageOfLettersReadsByIndexes(t *testing.T) {
	db, clock := storetest.New(t)
	now := clock.Now()
	place := Place{At: now, ID: "id"}
	own := Reach{Programmes: []string{"p", "q"}}
	for name, f := range map[string]Filter{
		"an administrator": {Reach: Reach{Personal: true}}, "an organiser": {Reach: own}, "one kind": {Reach: own, Letter: EventMoved},
		"a part of an address": {Reach: own, Part: "anna"}, "some days": {Reach: own, From: now, Until: now},
	} {
		for _, ascending := range []bool{true, false} {
			for _, from := range []Place{{}, place} {
				query, args := f.pageQuery(Failed, from, ascending, 51)
				if got := planOf(t, db, query, args...); strings.Contains(got, "SCAN") || strings.Contains(got, "TEMP B-TREE") || !strings.Contains(got, "message_queue") {
					t.Errorf("%s from %v: %s", name, from, got)
				}
			}
		}
	}
	for name, f := range map[string]Filter{"one event": {Reach: own, EventID: "e"}, "one address": {Reach: own, Recipient: "anna@example.se"}} {
		query, args := f.pageQuery(Failed, place, false, 51)
		if got := planOf(t, db, query, args...); strings.Contains(got, "SCAN") {
			t.Errorf("%s: %s", name, got)
		}
	}
	where, args := Filter{Reach: own, Letter: EventMoved, From: now}.where()
	if got := planOf(t, db, `SELECT status, count(*) FROM message WHERE `+where+` GROUP BY status`, args...); !strings.Contains(got, "USING COVERING INDEX message_queue") || strings.Contains(got, "TEMP") {
		t.Errorf("the counts: %s", got)
	}
	query, args := burstsQuery(own, "", now)
	if got := planOf(t, db, query, args...); strings.Contains(got, "SCAN message") || strings.Contains(got, "SCAN m\n") || strings.Count(got, "USING COVERING INDEX message_queue") != 2 || !strings.Contains(got, "message_by_event") {
		t.Errorf("the bursts: %s", got)
	}
	query, args = mailingsQuery(own, "e", now)
	if got := planOf(t, db, query, args...); strings.Contains(got, "SCAN message") || !strings.Contains(got, "message_by_mailing") {
		t.Errorf("the mailings: %s", got)
	}
	if got := planOf(t, db, `SELECT `+counted+` FROM message WHERE `+ofMailing, append(countedArgs(now), "m")...); !strings.Contains(got, "message_by_mailing") {
		t.Errorf("the progress of a mailing: %s", got)
	}
}

// manyLetters fills the outbox: 100 events of one programme, each told of by a
// thousand letters in one go; the last ten events' letters still wait.
func manyLetters(b testing.TB, db *store.DB) {
	b.Helper()
	storetest.Write(b, db, func(tx *store.Tx) error {
		at := store.At(tx.Now)
		for _, id := range []string{"p", "q"} {
			if _, err := store.Exec(context.Background(), tx, `INSERT INTO programme (id, slug, name, country, language, time_zone, created_at) VALUES (?, ?, ?, 'SE', 'sv', 'Europe/Stockholm', ?)`, id, id, id, at); err != nil {
				return err
			}
		}
		for e := range 100 {
			id := fmt.Sprintf("00000000-0000-0000-0000-%012d", e)
			_, err := store.Exec(context.Background(), tx, `INSERT INTO event (id, programme_id, slug, kind, title, language, mode, starts_at, ends_at, time_zone, registration_closes_at, status, created_at, changed_at)
				VALUES (?, 'p', ?, 'seminar', 'Ett', 'sv', 'room', '2027-03-10T08:00:00Z', '2027-03-10T11:00:00Z', 'Europe/Stockholm', ?, 'held', ?, ?)`, id, id, at, at, at)
			if err != nil {
				return err
			}
			status, done := Sent, store.At(tx.Now.Add(time.Duration(e-100)*time.Hour))
			if e >= 90 {
				status, done = Waiting, nil
			}
			_, err = store.Exec(context.Background(), tx, `WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
				INSERT INTO message (id, unique_key, letter, recipient, language, programme_id, event_id, priority, status, reason, due_at, not_after, attempts, created_at, done_at)
				SELECT ? || i, ? || i, 'E15', 'deltagare.' || i || '@foretag' || (i % 50) || '.example.se', 'sv', CASE WHEN i % 100 = 0 THEN 'q' ELSE 'p' END, ?, 1,
					CASE WHEN ? = 'sent' AND i % 10 = 0 THEN 'failed' ELSE ? END, '', ?, ?, 1, ?, ? FROM n`,
				id+"-", id+"-", id, status, status, at, at, store.At(tx.Now.Add(time.Duration(e-101)*time.Hour)), done)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func BenchmarkThePageOfLetters(b *testing.B) {
	db, clock := storetest.New(b)
	manyLetters(b, db)
	ctx := context.Background()
	own := Reach{Programmes: []string{"p"}}
	small := Reach{Programmes: []string{"q"}}
	deep := Place{At: clock.Now().Add(-99 * time.Hour), ID: "0"}
	page := func(f Filter, from Place) func(*store.Tx) error {
		return func(tx *store.Tx) error { _, _, err := f.Page(ctx, tx, from, 50); return err }
	}
	tally := func(f Filter) func(*store.Tx) error {
		return func(tx *store.Tx) error { _, err := f.Tally(ctx, tx); return err }
	}
	for _, q := range []struct {
		name string
		fn   func(*store.Tx) error
	}{
		{"all", page(Filter{Reach: own}, Place{})},
		{"failed", page(Filter{Reach: own, Statuses: []Status{Failed}}, Place{})},
		{"failed, deep", page(Filter{Reach: own, Statuses: []Status{Failed}}, deep)},
		{"sent, deep", page(Filter{Reach: own, Statuses: []Status{Sent}}, deep)},
		{"waiting", page(Filter{Reach: own, Statuses: []Status{Waiting}}, Place{})},
		{"sent, of a small programme", page(Filter{Reach: small, Statuses: []Status{Sent}}, Place{})},
		{"sent, of one event", page(Filter{Reach: own, EventID: "00000000-0000-0000-0000-000000000042", Statuses: []Status{Sent}}, Place{})},
		{"a part of an address that nobody has", page(Filter{Reach: own, Part: "finns.inte"}, Place{})},
		{"counts", tally(Filter{Reach: own})},
		{"counts, by a part of an address", tally(Filter{Reach: own, Part: "deltagare.7"})},
		{"bursts, 10 000 wait", func(tx *store.Tx) error { _, err := Bursts(ctx, tx, own, ""); return err }},
		{"bursts of one event", func(tx *store.Tx) error {
			_, err := Bursts(ctx, tx, own, "00000000-0000-0000-0000-000000000095")
			return err
		}},
		{"runs", func(tx *store.Tx) error { _, err := Runs(ctx, tx); return err }},
	} {
		b.Run(q.name, func(b *testing.B) {
			for b.Loop() {
				if err := db.Read(ctx, q.fn); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
