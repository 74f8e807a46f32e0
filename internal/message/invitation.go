package message

import (
	"context"
	"encoding/json"

	"stafett/internal/store"
)

// NewestInvitations finds the newest letter with each invitation to an event, by
// the invitation; without its bytes.
func NewestInvitations(ctx context.Context, tx *store.Tx, eventID string) (map[string]Message, error) {
	all, err := store.All(ctx, tx, func(r store.Row) (m Message, err error) {
		var details string
		if err := r.Scan(&m.ID, &m.Status, &m.Reason, &details, store.Time(&m.CreatedAt), store.Time(&m.DoneAt)); err != nil {
			return m, err
		}
		return m, json.Unmarshal([]byte(details), &m.Details)
	}, `SELECT id, status, reason, details, created_at, done_at FROM message WHERE event_id = ? AND letter = ? ORDER BY created_at, id`, eventID, Invitation)
	newest := map[string]Message{}
	for _, m := range all {
		newest[m.Details.InvitationID] = m
	}
	return newest, err
}
