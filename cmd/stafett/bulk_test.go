package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
)

// crowd gives n people a place at the event, each at one of fifty domains, and
// writes each the reminder of the day before, which is due now: by statements,
// since signing up so many is not what is tested.
func crowd(ctx context.Context, tx *store.Tx, ev event.Event, n int) error {
	now := store.At(tx.Now)
	for _, s := range []struct {
		sql  string
		args []any
	}{
		{`WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < ? - 1)
			INSERT INTO person (id, email, first_name, last_name, language, created_at)
			SELECT 'crowd-p' || n, 'person' || n || '@firma' || (n % 50) || '.example', 'Person', 'Nummer ' || n, 'sv', ? FROM number`, []any{n, now}},
		{`INSERT INTO registration (id, event_id, person_id, status, mode, email, first_name, last_name, language, organisation_kind, joined_at, confirmed_at, calendar_uid, created_at, changed_at)
			SELECT 'r-' || id, ?, id, 'confirmed', 'room', email, first_name, last_name, language, 'none', created_at, created_at, 'u-' || id, created_at, created_at
			FROM person WHERE id LIKE 'crowd-%'`, []any{ev.ID}},
		{`UPDATE event_capacity SET taken = ? WHERE event_id = ?`, []any{n, ev.ID}},
		{`INSERT INTO message (id, unique_key, letter, recipient, language, programme_id, event_id, registration_id, priority, status, due_at, not_after, created_at)
			SELECT 'm-' || id, 'k-' || id, 'E19', email, 'sv', ?, event_id, id, 3, 'waiting', created_at, ?, created_at
			FROM registration WHERE id LIKE 'r-crowd-%'`, []any{ev.ProgrammeID, store.At(ev.StartsAt)}},
	} {
		if _, err := store.Exec(ctx, tx, s.sql, s.args...); err != nil {
			return err
		}
	}
	return nil
}

// Ten thousand reminders reach ten thousand people, though the program is killed
// again and again. Nobody can know whether a letter has arrived whose answer was
// never heard: what was in hand when the program was killed may come twice, and
// is then the same letter to the byte.
func TestTenThousandRemindersArriveThoughTheProgramIsKilled(t *testing.T) {
	t.Parallel()
	const people, connections = 10_000, 4
	kills := []int{1000, 3000, 5000, 7000, 9000} // after so many letters
	file := newDatabase(t)
	seed(t, file, func(db *store.DB) {
		ev := registrationtest.Event(t, db, inDays(30, func(c *event.Content) { c.RoomPlaces = new(2 * people) }))
		err := db.Write(t.Context(), func(tx *store.Tx) error { return crowd(t.Context(), tx, ev, people) })
		if err != nil {
			t.Fatal(err)
		}
	})
	office := openPostOffice(t)
	args := append(serveArgs(file, office), "--mail-connections", fmt.Sprint(connections), "--mail-domain-connections", "0", "--mail-lease", "2s", "--mail-timeout", "1s")
	began := time.Now()
	for _, after := range kills {
		m := beginMortal(t, args...)
		await(t, fmt.Sprint(after, " letters"), func() bool { return office.count() >= after })
		m.kill()
	}
	m := beginMortal(t, args...)
	waiting := func() (n int) {
		seed(t, file, func(db *store.DB) {
			err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
				n, err = store.One(t.Context(), tx, store.Value[int], `SELECT count(*) FROM message WHERE status <> 'sent'`)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
		return n
	}
	await(t, "ten thousand letters", func() bool { return office.count() >= people && waiting() == 0 })
	t.Logf("%d letters, killed %d times, in %v", office.count(), len(kills), time.Since(began).Round(time.Millisecond))
	m.kill()

	got := map[string][]posted{}
	for _, l := range office.letters() {
		got[l.to] = append(got[l.to], l)
	}
	if len(got) != people {
		t.Errorf("%d of %d people got a letter", len(got), people)
	}
	doubles := 0
	for to, letters := range got {
		doubles += len(letters) - 1
		for _, l := range letters {
			if l.id == "" || l.id != letters[0].id || !bytes.Equal(l.data, letters[0].data) || !strings.Contains(string(l.data), to) {
				t.Errorf("to %s: the letters %s and %s differ", to, letters[0].id, l.id)
			}
		}
	}
	if most := len(kills) * connections; doubles > most {
		t.Errorf("%d letters came twice; %d may have been in hand", doubles, most)
	}
	t.Logf("%d letters came twice", doubles)
}
