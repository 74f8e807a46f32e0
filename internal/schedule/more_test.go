package schedule

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"stafett/internal/message"
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

// fault is what organisers see of a job; ran is false when nothing was noted.
func fault(t *testing.T, db *store.DB, name string) (code string, ran bool) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) error {
		runs, err := message.Runs(t.Context(), tx)
		for _, r := range runs {
			if r.Name == name {
				code, ran = r.Fault, true
			}
		}
		return err
	})
	return code, ran
}

func TestWhatIsWrongWithOneThingDoesNotEndTheRest(t *testing.T) {
	db, _ := storetest.New(t)
	n := 0
	s := &Schedule{db: db, log: slog.New(slog.DiscardHandler)}
	s.once(t.Context(), job{"parts", "* * * * *", whileThereIsMore(func(context.Context, *store.Tx) (bool, error) {
		n++
		return n < 3, store.Partly{Err: errors.New("one of them")}
	})})
	if code, _ := fault(t, db, "parts"); n != 3 || code != "fault" {
		t.Errorf("%d parts, noted %q", n, code)
	}
}

// The time of the job is over by then, and so is its context.
func TestAJobThatTakesTooLongIsNoted(t *testing.T) {
	db, _ := storetest.New(t)
	short, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	s := &Schedule{db: db, log: slog.New(slog.DiscardHandler)}
	s.once(short, job{"slow", "* * * * *", func(ctx context.Context, _ *store.Tx) error {
		<-ctx.Done()
		return ctx.Err()
	}})
	if code, ran := fault(t, db, "slow"); !ran || code != "fault" {
		t.Errorf("noted %q, %v", code, ran)
	}
}
