package store_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// What was there before rules could be edited keeps its id, by which is known what
// has been sent; programmes begin with what every event began with.
func TestReminderRulesOfAnOlderReleaseAreKept(t *testing.T) {
	db, err := store.Open(ctx, filepath.Join(t.TempDir(), "old.db"), store.Options{Now: time.Now, NewID: func() string { return "id" }, NewToken: func() string { return "token" }})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(ctx, 7); err != nil {
		t.Fatal(err)
	}
	const now = "'2027-01-13T09:00:00Z'"
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		for _, row := range []string{
			`INSERT INTO programme (id, slug, name, country, language, time_zone, created_at) VALUES ('p', 'p', 'P', 'SE', 'sv', 'Europe/Stockholm', ` + now + `)`,
			`INSERT INTO event (id, programme_id, slug, kind, status, language, title, mode, starts_at, ends_at, time_zone, registration_closes_at, created_at, changed_at)
				VALUES ('e', 'p', 'e', 'webinar', 'published', 'sv', 'E', 'online', '2027-03-10T08:00:00Z', '2027-03-10T09:00:00Z', 'Europe/Stockholm', '2027-03-10T08:00:00Z', ` + now + `, ` + now + `)`,
			`INSERT INTO reminder_rule (id, event_id, letter, anchor, unit, amount, at_clock, mode) VALUES ('r19', 'e', 'E19', 'start', 'working_days', 1, '09:00', NULL), ('r16', 'e', 'E16', 'end', 'days', 1, '09:00', NULL)`,
			`INSERT INTO message (id, unique_key, letter, recipient, language, event_id, priority, status, due_at, not_after, created_at)
				VALUES ('m', 'reminder:reg:r19:2027-03-10T08:00:00Z', 'E19', 'a@example.se', 'sv', 'e', 3, 'waiting', ` + now + `, ` + now + `, ` + now + `)`,
		} {
			_, failed := store.Exec(ctx, tx, row)
			err = errors.Join(err, failed)
		}
		return err
	})
	if err := db.Migrate(ctx, 0); err != nil {
		t.Fatal(err)
	}
	storetest.Read(t, db, func(tx *store.Tx) error {
		got, err := store.All(ctx, tx, store.Value[string], `
			SELECT id || ' ' || COALESCE(event_id, programme_id) || ' ' || COALESCE(from_id, '-') || ' ' || letter || ' ' || audience || ' ' || anchor || CASE WHEN afterwards THEN ' after' ELSE '' END
			FROM reminder_rule ORDER BY 1`)
		want := []string{
			"e-O3 e p-O3 O3 organiser start", "p-E16 p - E16 attended end after", "p-E18 p - E18 place start", "p-E19 p - E19 place start", "p-E20 p - E20 place start", "p-O3 p - O3 organiser start",
			"r16 e p-E16 E16 attended end after", "r19 e p-E19 E19 place start",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if err != nil {
			return err
		}
		rule, err := store.One(ctx, tx, store.Value[string], `SELECT rule_id FROM message`)
		if rule != "r19" {
			t.Errorf("the reminder is the rule's %q", rule)
		}
		return err
	})
}
