package mail

import (
	"context"
	"testing"

	"stafett/internal/message"
	"stafett/internal/store"
)

// Every reminder asks for its rule when it is written, for an organiser may send
// again what failed long before, and a program that was killed may have had it in
// hand when the rule was removed.
func TestNoReminderGoesWhoseRuleIsGone(t *testing.T) {
	remove := func(ctx context.Context, tx *store.Tx, id string) error {
		return message.RemoveRule(ctx, tx, id, organiser)
	}
	off := func(ctx context.Context, tx *store.Tx, id string) error {
		return message.SwitchRule(ctx, tx, id, false, organiser)
	}
	own := message.Rule{Audience: message.WithPlace, Anchor: "start", Unit: "days", Amount: 2, AtClock: "10:00"}
	day := own
	day.Letter = message.DayBefore
	list := message.Rule{Letter: message.Roster, Audience: message.Organisers, Anchor: "start", Unit: "days", Amount: 2, AtClock: "10:00"}
	failed := func(w *world, id string) {
		w.write(func(ctx context.Context, tx *store.Tx) error { return message.Finish(ctx, tx, id, message.Failed, "") })
	}
	again := func(w *world, id string) {
		w.write(func(ctx context.Context, tx *store.Tx) error { _, err := message.SendAgain.Do(ctx, tx, id); return err })
	}
	killed := func(prepared bool) func(*world, string) {
		return func(w *world, id string) {
			w.write(func(ctx context.Context, tx *store.Tx) error {
				var at, bytes any
				if prepared {
					at, bytes = store.At(tx.Now), []byte("x")
				}
				_, err := store.Exec(ctx, tx, `UPDATE message SET leased_until = ?, prepared_at = ?, mime = ? WHERE id = ?`, store.At(tx.Now), at, bytes, id)
				return err
			})
		}
	}
	nothing := func(*world, string) {}
	for name, tt := range map[string]struct {
		rule   message.Rule
		before func(*world, string)
		change func(context.Context, *store.Tx, string) error
		after  func(*world, string)
		want   message.Status
	}{
		"failed, switched off, sent again":         {day, failed, off, again, message.Dropped},
		"failed, removed, sent again":              {day, failed, remove, again, message.Dropped},
		"own words, removed, sent again":           {own, failed, remove, again, message.Dropped},
		"the organisers' list":                     {list, failed, off, again, message.Dropped},
		"killed before it was written, removed":    {day, killed(false), remove, nothing, message.Dropped},
		"killed when it may have left, removed":    {day, killed(true), remove, nothing, message.Uncertain},
		"own words that may have left, removed":    {own, killed(true), remove, nothing, message.Uncertain},
		"own words that may have left, turned off": {own, killed(true), off, nothing, message.Uncertain},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.signUp("Anna")
			w.deliver()
			r := w.rule(tt.rule)
			w.clock.Set(at(t, "2027-03-02 10:00"))
			w.write(func(ctx context.Context, tx *store.Tx) error { _, err := message.EnqueueDue(ctx, tx); return err })
			find := func() (m message.Message) {
				for _, x := range w.list() {
					if x.Letter == r.Letter {
						m = x
					}
				}
				return m
			}
			tt.before(w, find().ID)
			w.write(func(ctx context.Context, tx *store.Tx) error { return tt.change(ctx, tx, r.ID) })
			tt.after(w, find().ID)
			w.deliver()
			if m := find(); m.Status != tt.want || m.Reason != message.ReasonRuleGone {
				t.Errorf("it is %s for %q, want %s", m.Status, m.Reason, tt.want)
			}
		})
	}
}
