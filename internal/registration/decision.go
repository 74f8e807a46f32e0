package registration

import (
	"context"

	"stafett/internal/audit"
	"stafett/internal/store"
)

// Decision is what an organiser has decided about one person, and why.
type Decision struct {
	audit.Entry
	Name string // of the person
}

// Decisions lists what organisers have decided about those who signed up for the
// event, oldest first: places offered out of turn, requests refused, marks
// changed after the attendance was closed. Each has a reason.
func Decisions(ctx context.Context, tx *store.Tx, eventID string) ([]Decision, error) {
	scan := func(r store.Row) (d Decision, err error) {
		var first, last string
		err = r.Scan(store.Time(&d.At), &d.Actor.Kind, &d.Actor.ID, &d.Action, &d.From, &d.To, &d.Reason, &d.ObjectID, &first, &last)
		d.ObjectKind, d.Name = "registration", Registration{FirstName: first, LastName: last}.Name()
		return d, err
	}
	return store.All(ctx, tx, scan, `
		SELECT a.at, a.actor_kind, a.actor_id, a.action, a.from_value, a.to_value, a.reason, a.object_id, r.first_name, r.last_name
		FROM registration r JOIN audit_entry a ON a.object_kind = 'registration' AND a.object_id = r.id
		WHERE r.event_id = ? AND a.actor_kind = 'user' AND a.reason <> ''
			AND a.action IN ('registration.offered', 'registration.rejected', 'registration.attended', 'registration.no_show')
		ORDER BY a.at, a.id`, eventID)
}
