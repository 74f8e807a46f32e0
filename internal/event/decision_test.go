package event_test

import (
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// The seminar starts on Wednesday 10 March at nine in the morning, local time.
func TestTheDayToDecideFollowsTheStart(t *testing.T) {
	for _, tt := range []struct {
		name, starts, want string
	}{
		{"three weeks later", "2027-03-31T07:00:00Z", "2027-03-22"}, // over the change of the clocks
		{"two weeks earlier", "2027-02-24T08:00:00Z", "2027-02-15"},
		{"the same day, in the evening", "2027-03-10T18:00:00Z", "2027-03-01"},
		{"the next day, in the evening", "2027-03-11T20:00:00Z", "2027-03-02"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			db, _, p := newDB(t)
			c := hybrid()
			c.StartsAt, c.EndsAt, c.ClosesAt = utc("2027-03-10T08:00:00Z"), utc("2027-03-10T11:00:00Z"), time.Time{}
			c.MinParticipants, c.DecisionOn = new(5), "2027-03-01"
			ev, starts := create(t, db, p, c), utc(tt.starts)
			made, err := copyTo(db, ev.ID, event.Target{Date: starts.In(ev.Location()).Format(time.DateOnly), Clock: starts.In(ev.Location()).Format("15:04")})
			if err != nil {
				t.Fatal(err)
			}
			if made[0].DecisionOn != tt.want {
				t.Errorf("a copy is decided on %s, want %s", made[0].DecisionOn, tt.want)
			}
			storetest.Write(t, db, func(tx *store.Tx) error {
				if _, err := event.Publish(ctx, tx, ev.ID, audit.Command); err != nil {
					return err
				}
				_, after, err := event.Move(ctx, tx, ev.ID, starts, starts.Add(3*time.Hour), audit.Command)
				if after.DecisionOn != tt.want {
					t.Errorf("moved, it is decided on %s, want %s", after.DecisionOn, tt.want)
				}
				return err
			})
		})
	}
}
