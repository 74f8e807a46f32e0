package advisory_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// together does all at the same moment and counts what came of it, by the code of
// the refusal; "" is a yes.
func (w *world) together(all ...func() error) map[string]int {
	w.t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	got, start := map[string]int{}, make(chan struct{})
	for _, one := range all {
		wg.Go(func() {
			<-start
			err := one()
			code := fmt.Sprint(err)
			if p, refused := problem.As(err); refused {
				code = p.Error()
			} else if err == nil {
				code = ""
			}
			mu.Lock()
			defer mu.Unlock()
			got[code]++
		})
	}
	close(start)
	wg.Wait()
	return got
}

func TestManyClicksOnTheTimesProposedGiveOneMeeting(t *testing.T) {
	w := newWorld(t, nil)
	b := w.waits("a", nil)
	made, err := w.propose(b.ID, at("2027-01-20", "10:00"), at("2027-01-21", "10:00"))
	if err != nil {
		t.Fatal(err)
	}
	var clicks []func() error
	for i := range 20 {
		clicks = append(clicks, func() error { _, err := w.accept(made[i%2].ID); return err })
	}
	clicks = append(clicks, func() error { return w.decline(b.ID) })
	got := w.together(clicks...)
	status := w.booking(b.ID)
	w.do(func(tx *store.Tx) error {
		a, err := advisory.AccountByID(ctx(), tx, status.AccountID)
		yes := got[""] == 10 && got["proposal_over"] == 11 && status.Status == advisory.Confirmed && a.Reserved == 60
		no := got[""] == 1 && got["proposal_over"] == 20 && status.Status == advisory.Waiting && a.Reserved == 0
		if !yes && !no {
			t.Errorf("outcomes %v, %s, %d minutes reserved", got, status.Status, a.Reserved)
		}
		return err
	})
}

func TestABookingAndAProposalForOneTimeLeaveOne(t *testing.T) {
	w := newWorld(t, func(p *advisory.Programme) { p.CapMinutes = nil })
	waits := []advisory.Booking{w.waits("a", nil), w.waits("b", nil)}
	var all []func() error
	for i := range 10 {
		all = append(all,
			func() error { _, err := w.book(w.request(at("2027-01-20", "10:00"), 60)); return err },
			func() error { _, err := w.propose(waits[i%2].ID, at("2027-01-20", "10:30")); return err })
	}
	got := w.together(all...)
	if got[""] != 1 || got["slot_taken"]+got["invalid time1:slot_taken"]+got["invalid time1:time_twice"] != 19 {
		t.Errorf("outcomes %v, want one yes", got)
	}
}

// Take the decision out of the code, and the database says no.
func TestTheDatabaseKeepsMeetingsAndProposalsApart(t *testing.T) {
	w := newWorld(t, nil)
	b, other := w.waits("a", nil), w.waits("b", nil)
	made, err := w.propose(b.ID, at("2027-01-20", "10:00"))
	if err != nil {
		t.Fatal(err)
	}
	meeting, err := w.book(w.request(at("2027-01-20", "14:00"), 60))
	if err != nil {
		t.Fatal(err)
	}
	insert := func(id string, bookingID string, from time.Time) error {
		return w.db.Write(ctx(), func(tx *store.Tx) error {
			_, err := store.Exec(ctx(), tx, `
				INSERT INTO booking_proposal (id, booking_id, adviser_id, status, starts_at, ends_at, blocked_from, blocked_to, expires_at, created_at)
				VALUES (?, ?, ?, 'open', ?, ?, ?, ?, ?, ?)`, id, bookingID, w.adviser.ID,
				store.At(from), store.At(from.Add(time.Hour)), store.At(from), store.At(from.Add(time.Hour)), store.At(tx.Now.Add(time.Hour)), store.At(tx.Now))
			return err
		})
	}
	moved := w.db.Write(ctx(), func(tx *store.Tx) error {
		_, err := store.Exec(ctx(), tx, `UPDATE booking SET starts_at = ?, ends_at = ?, blocked_from = ?, blocked_to = ? WHERE id = ?`,
			store.At(made[0].StartsAt), store.At(made[0].EndsAt), store.At(made[0].BlockedFrom), store.At(made[0].BlockedTo), meeting.ID)
		return err
	})
	var five error
	for i := range advisory.MostProposals {
		five = errors.Join(five, insert(fmt.Sprint("p", i), b.ID, at("2027-01-25", "08:00").Add(time.Duration(i)*time.Hour)))
	}
	for _, tt := range []struct {
		what string
		err  error
		want string
	}{
		{"a time proposed over a meeting", insert("x", other.ID, meeting.EndsAt), "the adviser is taken at the time proposed"},
		{"a time proposed twice", insert("y", other.ID, made[0].StartsAt), "the adviser is taken at the time proposed"},
		{"a meeting moved over a time proposed", moved, "the time is proposed to somebody else"},
		{"a sixth time proposed", five, "five times are proposed already"},
	} {
		if tt.err == nil || !strings.Contains(tt.err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.what, tt.err, tt.want)
		}
	}
}
