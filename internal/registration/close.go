package registration

import (
	"context"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/store"
)

// heldAfter is when an event that nobody closed closes itself.
const heldAfter = 14 * 24 * time.Hour

// CloseOld marks events as held two weeks after their end.
func CloseOld(ctx context.Context, tx *store.Tx) error {
	old, err := event.List(ctx, tx, event.Filter{Statuses: []event.Status{event.Published}, To: tx.Now.Add(-heldAfter)})
	if err != nil {
		return err
	}
	for _, ev := range old {
		if ev.EndsAt.After(tx.Now.Add(-heldAfter)) {
			continue
		}
		if _, err := event.MarkHeld(ctx, tx, ev.ID, audit.System); err != nil {
			return err
		}
	}
	return nil
}
