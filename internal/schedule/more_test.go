package schedule

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// A job in parts goes on until nothing is left, and keeps what its parts have done
// when one of them goes wrong.
func TestAJobInPartsHasATransactionForEach(t *testing.T) {
	for name, tt := range map[string]struct{ fails, want int }{"all go well": {0, 3}, "the third goes wrong": {3, 2}} {
		t.Run(name, func(t *testing.T) {
			db, _ := storetest.New(t)
			n := 0
			j := job{"parts", "* * * * *", whileThereIsMore(func(ctx context.Context, tx *store.Tx) (bool, error) {
				n++
				_, err := store.Exec(ctx, tx, `INSERT INTO job_run (name, last_run_at) VALUES (?, ?)`, string(rune('a'+n)), store.At(tx.Now))
				if n == tt.fails {
					err = errors.New("wrong")
				}
				return n < 3, err
			})}
			s := &Schedule{db: db, log: slog.New(slog.DiscardHandler)}
			s.once(t.Context(), j)
			var done int
			storetest.Read(t, db, func(tx *store.Tx) (err error) {
				done, err = store.One(t.Context(), tx, store.Value[int], `SELECT count(*) FROM job_run WHERE name <> 'parts'`)
				return err
			})
			if done != tt.want {
				t.Errorf("%d parts are kept, want %d", done, tt.want)
			}
		})
	}
}
