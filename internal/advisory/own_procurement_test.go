package advisory_test

import (
	"testing"

	"stafett/internal/advisory"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// TestNoAdviceInTheOrganisersOwnProcurement finds the organiser behind several ways of
// writing it, and nobody else.
func TestNoAdviceInTheOrganisersOwnProcurement(t *testing.T) {
	w := newWorld(t, nil)
	w.do(func(tx *store.Tx) error {
		_, err := store.Exec(ctx(), tx, `UPDATE programme SET organiser_name = 'Länsstyrelsen Dalarna', org_number = '2021005448'`)
		return err
	})
	day := 18
	for _, tt := range []struct {
		authority string
		side      advisory.Side
		refused   bool
	}{
		{"Länsstyrelsen Dalarna", "", true},
		{"LÄNSSTYRELSEN  DALARNA, inköp", "", true},
		{"upphandlare 202100-5448", "", true},
		{"Länsstyrelsen Dalarnas vänner", "", false},
		{"Falu kommun", "", false},
		{"", "", false},
		{"Länsstyrelsen Dalarna", advisory.Buyer, false}, // the buyer itself asks
	} {
		r := w.request(at("2027-01-18", "09:00").AddDate(0, 0, day-18), 30)
		r.Authority, r.Side = tt.authority, tt.side
		day++
		if day == 23 {
			day = 25
		}
		_, err := w.book(r)
		refusal, _ := problem.As(err)
		if got := refusal != nil && len(refusal.Fields) == 1 && refusal.Fields[0].Name == "authority" && refusal.Fields[0].Code == "own_procurement"; got != tt.refused || err != nil && !got {
			t.Errorf("%q for the side %q: %v, want refused %v", tt.authority, tt.side, err, tt.refused)
		}
	}
}
