package advisory

import (
	"context"
	"strings"

	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// notOwnProcurement refuses advice to a supplier in a procurement of the organiser
// itself: its questions go to the buyer, who answers them to all bidders alike
// (equal treatment, LOU 4 kap. 1 §; anskaffelsesloven § 4). The buyer is known by the
// organiser's name or number in what was typed.
func (p Programme) notOwnProcurement(ctx context.Context, tx *store.Tx, side Side, authority string) error {
	if side != Supplier || strings.TrimSpace(authority) == "" {
		return nil
	}
	owner, err := programme.Find(ctx, tx, p.ProgrammeID)
	if err != nil {
		return err
	}
	name, number := procurementKey(owner.OrganiserName), digitsOf(owner.OrgNumber)
	if (name == "" || !strings.Contains(" "+procurementKey(authority)+" ", " "+name+" ")) && (number == "" || !strings.Contains(digitsOf(authority), number)) {
		return nil
	}
	var f problem.Fields
	f.Add("authority", "own_procurement")
	return f.Err()
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if '0' <= r && r <= '9' {
			return r
		}
		return -1
	}, s)
}
