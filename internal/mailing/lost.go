package mailing

import (
	"context"
	"time"

	"stafett/internal/audit"
	"stafett/internal/store"
)

// Lost is for a database that went back to a backup: what was to begin by then,
// or was being written, may have gone in the time that it knows nothing of. Each
// becomes a draft that an organiser must look at; sent again, it reaches only
// those who have no letter in the outbox.
func Lost(ctx context.Context, tx *store.Tx, until time.Time) error {
	ids, err := store.All(ctx, tx, store.Value[string], `
		SELECT id FROM mailing WHERE status = 'scheduled' AND send_at <= ? OR status = 'sending' AND written_at IS NULL ORDER BY id`, store.At(until))
	if err != nil {
		return err
	}
	for _, id := range ids {
		m, err := Find(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := m.miss(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// Missed lists the drafts of some programmes, nil for every one, that were to begin
// by a moment and did not, those that were due first first.
func Missed(ctx context.Context, tx *store.Tx, programmeIDs []string, until time.Time) ([]Mailing, error) {
	where, args := Filter{ProgrammeIDs: programmeIDs, Status: Draft}.where()
	return store.All(ctx, tx, scanMailing, selectMailing+where+` AND missed_at <= ? ORDER BY missed_at, id`, append(args, store.At(until))...)
}

// miss makes a draft of a mailing that did not go when it should have.
func (m Mailing) miss(ctx context.Context, tx *store.Tx) error {
	from := m.Status
	m.MissedAt = m.SendAt
	if m.MissedAt.IsZero() {
		m.MissedAt = m.StartedAt
	}
	m.Status, m.SendAt, m.StartedAt, m.Revision, m.ChangedAt = Draft, time.Time{}, time.Time{}, m.Revision+1, tx.Now
	if err := m.save(ctx, tx, false); err != nil {
		return err
	}
	return m.audit(ctx, tx, audit.System, "mailing.miss", string(from), string(Draft))
}
