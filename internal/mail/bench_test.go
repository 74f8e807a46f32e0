package mail

import (
	"context"
	"testing"

	"stafett/internal/store"
)

// crowd gives n people, at so many domains, a place at the event, and lets each be
// reminded now: by statements, since signing up ten thousand people is not what is
// tested.
func (w *world) crowd(n, domains int) {
	w.t.Helper()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		const numbers = `WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?) `
		now := store.At(tx.Now)
		if _, err := store.Exec(ctx, tx, numbers+`
			INSERT INTO person (id, email, first_name, last_name, language, created_at)
			SELECT 'p' || n, 'person' || n || '@firma' || (n % ?) || '.example', 'Person', 'Nummer ' || n, 'sv', ? FROM number`, n, domains, now); err != nil {
			return err
		}
		if _, err := store.Exec(ctx, tx, `
			INSERT INTO registration (id, event_id, person_id, status, mode, email, first_name, last_name, language, organisation_kind, joined_at, confirmed_at, calendar_uid, created_at, changed_at)
			SELECT 'r' || id, ?, id, 'confirmed', 'room', email, first_name, last_name, language, 'none', created_at, created_at, 'u' || id, created_at, created_at FROM person WHERE id LIKE 'p%'`, w.event.ID); err != nil {
			return err
		}
		_, err := store.Exec(ctx, tx, `
			INSERT INTO message (id, unique_key, letter, recipient, language, programme_id, event_id, registration_id, priority, status, due_at, not_after, created_at)
			SELECT 'm' || id, 'k' || id, 'E19', email, 'sv', ?, event_id, id, 3, 'waiting', created_at, ?, created_at FROM registration WHERE id LIKE 'rp%'`,
			w.event.ProgrammeID, store.At(w.event.StartsAt))
		return err
	})
}

// One letter at a time: two transactions that reach the disk.
func BenchmarkStepAmongTenThousand(b *testing.B) {
	w := newWorld(b, roomy)
	w.crowd(10_000, 50)
	for b.Loop() {
		if !w.step() {
			b.Fatal("nothing left")
		}
	}
}

// Four at a time, which come back together: one transaction for the four.
func BenchmarkTurnOfFourAmongTenThousand(b *testing.B) {
	w := newWorld(b, roomy)
	w.crowd(10_000, 50)
	var back []returned
	letters := 0
	for b.Loop() {
		taken, _, err := w.mailer.turn(b.Context(), back, 4)
		if err != nil || len(taken) != 4 {
			b.Fatal(len(taken), err)
		}
		back = back[:0]
		for _, c := range taken {
			back = append(back, returned{Message: c, Result: sent})
		}
		letters += len(taken)
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(letters), "µs/letter")
}

// The look for a letter to another domain while ten thousand to one domain wait
// for its next minute.
func BenchmarkLookWhileADomainIsFull(b *testing.B) {
	w := newWorld(b, roomy)
	w.crowd(10_000, 1)
	w.mailer.pace.mostAtOnce = 1
	w.mailer.pace.begin("firma0.example", w.db.Now())
	for b.Loop() {
		if taken, _, err := w.mailer.turn(b.Context(), nil, 4); err != nil || len(taken) > 0 {
			b.Fatal(len(taken), err)
		}
	}
}
