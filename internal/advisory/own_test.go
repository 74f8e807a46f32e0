package advisory_test

import (
	"errors"
	"testing"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/problem"
	"stafett/internal/store"
)

func TestAColleagueKnowsOfTheBookingButNotOfTheNeed(t *testing.T) {
	w := newWorld(t, nil)
	r := w.request(at("2027-01-18", "10:00"), 60)
	r.Procurement, r.TenderDay = "Skolfönster 2027", "2027-02-01"
	b, err := w.book(r)
	if err != nil {
		t.Fatal(err)
	}
	bo := w.person("bo@snickarna.example")
	for _, tt := range []struct {
		name, tie string
		want      error
	}{{"a stranger", "", problem.ErrMissing}, {"one who waits for confirmation", "claimed", problem.ErrMissing}, {"a colleague", "confirmed", nil}} {
		w.do(func(tx *store.Tx) error {
			if tt.tie != "" {
				if err := company.Claim(ctx(), tx, bo.ID, w.firm.ID, tt.tie == "confirmed"); err != nil {
					return err
				}
			}
			seen, err := advisory.OwnBooking(ctx(), tx, bo.ID, b.ID)
			if !errors.Is(err, tt.want) || seen.Need+seen.Procurement+seen.TenderDay != "" {
				t.Errorf("%s reads %q, %v", tt.name, seen.Need+seen.Procurement+seen.TenderDay, err)
			}
			all, err := advisory.OwnBookings(ctx(), tx, bo.ID)
			if (len(all) == 1) != (tt.want == nil) {
				t.Errorf("%s has %d bookings in the list", tt.name, len(all))
			}
			return err
		})
	}
	w.do(func(tx *store.Tx) error {
		own, err := advisory.OwnBooking(ctx(), tx, w.who.ID, b.ID)
		if own.Need != r.Need {
			t.Errorf("who wrote it reads %q", own.Need)
		}
		return err
	})
}
