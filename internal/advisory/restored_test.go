package advisory_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/recovery"
	"stafett/internal/restored"
	"stafett/internal/store"
)

// Whoever was proposed times may have answered in the time that is lost: nothing is
// decided by the clock until an organiser has said so, and nobody is offered
// anything.
func TestAfterGoingBackToABackupProposedTimesWaitForAnOrganiser(t *testing.T) {
	for _, tt := range []struct {
		name  string
		anew  bool
		heard string
		other string
		b14   int
	}{
		{"and are proposed anew", true, "27 10:00 withdrawn, 27 10:00 open", "", 2},
		{"or end, and go to the next", false, "27 10:00 expired", "27 10:00 open", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.busyAll()
			first := w.waits("a", nil)
			w.frees(at("2027-01-27", "09:45"), at("2027-01-27", "11:15"))
			w.clock.Advance(time.Second)
			other := w.waits("b", nil)
			var lost restored.Lost
			w.clock.Set(at("2027-01-20", "10:00"))
			w.do(func(tx *store.Tx) error {
				if err := letNothingWait(tx); err != nil {
					return err
				}
				m, err := recovery.Mark(ctx(), tx, recovery.Beside{}, audit.Command)
				lost = m.Lost
				return err
			})
			w.minute()
			if diff := cmp.Diff("27 10:00 open/", w.heard(first.ID)+"/"+w.heard(other.ID)); diff != "" {
				t.Fatal(diff)
			}
			w.do(func(tx *store.Tx) error {
				n, err := advisory.OverdueIn(ctx(), tx, lost)
				if n != 1 {
					t.Errorf("%d wait for an answer, want 1", n)
				}
				return err
			})
			w.do(func(tx *store.Tx) error { return recovery.GoOn(ctx(), tx, tt.anew, by) })
			w.minute()
			if diff := cmp.Diff(tt.heard+"/"+tt.other, w.heard(first.ID)+"/"+w.heard(other.ID)); diff != "" {
				t.Error(diff)
			}
			n := 0
			for _, l := range w.letters(first.ID) {
				if l == "B14" {
					n++
				}
			}
			if n != tt.b14 {
				t.Errorf("%d letters with times, want %d", n, tt.b14)
			}
		})
	}
}

// letNothingWait says that all letters so far have gone.
func letNothingWait(tx *store.Tx) error {
	_, err := store.Exec(ctx(), tx, `UPDATE message SET status = 'sent', done_at = created_at`)
	return err
}

func TestAfterGoingBackToABackupInvitationsCountOn(t *testing.T) {
	w := newWorld(t, nil)
	b, err := w.book(w.request(at("2027-01-20", "10:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	w.do(func(tx *store.Tx) error { return advisory.RaiseSequences(ctx(), tx) })
	if got := w.booking(b.ID).CalendarSequence; got != b.CalendarSequence+100 {
		t.Errorf("the sequence is %d, was %d", got, b.CalendarSequence)
	}
}
