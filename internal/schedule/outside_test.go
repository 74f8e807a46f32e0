package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// While another computer is waited for, everybody else can write; how it went is
// noted, but not when the program merely ends.
func TestAJobThatAsksOthersKeepsNobodyWaiting(t *testing.T) {
	const name = "calendars"
	for _, tt := range []struct {
		name, fault string
		noted       bool
		end         error
	}{
		{"all goes well", "", true, nil},
		{"it goes wrong", "fault", true, errors.New("wrong")},
		{"the program ends", "", false, fmt.Errorf("ask: %w", context.Canceled)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _ := storetest.New(t)
			s := &Schedule{db: db, log: slog.New(slog.DiscardHandler)}
			s.outside(t.Context(), Outside{Name: name, When: "* * * * *", Run: func(ctx context.Context, db *store.DB) error {
				return errors.Join(tt.end, db.Write(ctx, func(*store.Tx) error { return nil })) // which would wait for itself
			}})
			if code, ran := fault(t, db, name); code != tt.fault || ran != tt.noted {
				t.Errorf("noted %t, fault %q", ran, code)
			}
		})
	}
}

// A job that has used up its time goes on at its next turn: nothing is wrong.
func TestAJobThatAsksOthersMayTakeSeveralTurns(t *testing.T) {
	db, _ := storetest.New(t)
	s := &Schedule{db: db, log: slog.New(slog.DiscardHandler)}
	over, cancel := context.WithDeadline(t.Context(), db.Now())
	defer cancel()
	s.outside(over, Outside{Name: "calendars", Run: func(ctx context.Context, _ *store.DB) error { return ctx.Err() }})
	if code, ran := fault(t, db, "calendars"); code != "" || !ran {
		t.Errorf("noted %t, fault %q", ran, code)
	}
}
