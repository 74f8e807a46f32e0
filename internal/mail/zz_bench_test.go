package mail

import (
	"context"
	"fmt"
	"testing"
	"time"

	"stafett/internal/store"
)

func TestZZBench(t *testing.T) {
	w := newWorld(t)
	r := w.signUp("Anna")
	w.deliver()
	w.write(func(ctx context.Context, tx *store.Tx) error {
		for i := range 50000 {
			_, err := store.Exec(ctx, tx, `INSERT INTO message (id, unique_key, letter, recipient, language, programme_id, event_id, registration_id, details, priority, outside, status, due_at, not_after, created_at)
			VALUES (?, ?, 'E19', ?, 'sv', ?, ?, NULL, '{}', 3, FALSE, 'waiting', ?, ?, ?)`, fmt.Sprintf("x%d", i), fmt.Sprintf("k%d", i), fmt.Sprintf("p%d@firma.example", i), w.event.ProgrammeID, w.event.ID, store.At(tx.Now), store.At(w.event.StartsAt), store.At(tx.Now))
			if err != nil {
				return err
			}
		}
		return nil
	})
	_ = r
	b := time.Now()
	for range 50 {
		w.step()
	}
	fmt.Println("per step", time.Since(b)/50)
	s := settings()
	s.DomainRate = 1
	w.mailer = w.newMailer(w.postman, s)
	w.mailer.pace.note("firma.example", w.db.Now())
	b = time.Now()
	fmt.Println(w.step(), time.Since(b))
}
