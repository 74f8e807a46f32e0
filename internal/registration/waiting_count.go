package registration

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/store"
)

// Interest is how many wait for an event, and when anything about its
// registrations last changed.
type Interest struct {
	EventID   string
	Waiting   int
	ChangedAt time.Time
}

// InterestSince gives the interest in each event that ends after the moment, by
// the event's id. Events for which nobody has signed up are not there.
func InterestSince(ctx context.Context, tx *store.Tx, from time.Time) (map[string]Interest, error) {
	all, err := store.All(ctx, tx, func(r store.Row) (i Interest, err error) {
		return i, r.Scan(&i.EventID, &i.Waiting, store.Time(&i.ChangedAt))
	}, `SELECT r.event_id, count(*) FILTER (WHERE r.status = 'waitlisted' OR r.status = 'confirmed' AND r.room_since IS NOT NULL), max(r.changed_at)
		FROM registration r JOIN event e ON e.id = r.event_id
		WHERE e.ends_at > ? GROUP BY r.event_id`, store.At(from))
	if err != nil {
		return nil, fmt.Errorf("count who waits: %w", err)
	}
	byID := map[string]Interest{}
	for _, i := range all {
		byID[i.EventID] = i
	}
	return byID, nil
}
