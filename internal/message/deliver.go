package message

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"stafett/internal/store"
)

const selectMessage = `SELECT id, unique_key, letter, recipient, language, programme_id, event_id, registration_id, calendar_method,
	calendar_sequence, details, status, reason, due_at, not_after, attempts, prepared_at, sender, mime, created_at, done_at FROM message m `

func scanMessage(r store.Row) (m Message, err error) {
	var details string
	err = r.Scan(&m.ID, &m.UniqueKey, &m.Letter, &m.Recipient, &m.Language, store.String(&m.ProgrammeID), store.String(&m.EventID),
		store.String(&m.RegistrationID), store.String(&m.CalendarMethod), store.Int(&m.CalendarSequence), &details, &m.Status, &m.Reason,
		store.Time(&m.DueAt), store.Time(&m.NotAfter), &m.Attempts, store.Time(&m.PreparedAt), &m.Sender, &m.MIME,
		store.Time(&m.CreatedAt), store.Time(&m.DoneAt))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal([]byte(details), &m.Details)
}

// Claim takes the most urgent message that is due, for the length of the lease;
// found is false when none is. A message that is tried again holds back later
// ones about the same registration, so that calendars hear things in order.
// After a crash the lease runs out and the same bytes go again.
func Claim(ctx context.Context, tx *store.Tx, lease time.Duration) (m Message, found bool, err error) {
	now := store.At(tx.Now)
	m, err = store.One(ctx, tx, scanMessage, selectMessage+`
		WHERE status = 'waiting' AND due_at <= ? AND (leased_until IS NULL OR leased_until <= ?)
		AND NOT EXISTS (SELECT 1 FROM message o WHERE o.registration_id = m.registration_id
			AND o.status = 'waiting' AND o.prepared_at IS NOT NULL AND o.created_at < m.created_at)
		ORDER BY priority, due_at, id LIMIT 1`, now, now)
	if errors.Is(err, store.ErrNoRow) {
		return m, false, nil
	}
	if err != nil {
		return m, false, fmt.Errorf("claim message: %w", err)
	}
	_, err = store.Exec(ctx, tx, `UPDATE message SET leased_until = ? WHERE id = ?`, store.At(tx.Now.Add(lease)), m.ID)
	return m, err == nil, err
}

// Prepare keeps the bytes that every attempt will send, with the calendar
// method and SEQUENCE that they carry.
func Prepare(ctx context.Context, tx *store.Tx, m Message) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE message SET mime = ?, sender = ?, calendar_method = ?, calendar_sequence = ?, prepared_at = ? WHERE id = ?`,
		m.MIME, m.Sender, store.Text(m.CalendarMethod), m.CalendarSequence, store.At(tx.Now), m.ID)
	return err
}

// Finish ends a message: sent, failed, dropped or uncertain, with the reason
// where it was not sent. The bytes are given up, for they hold links.
func Finish(ctx context.Context, tx *store.Tx, id string, status Status, reason string) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE message SET status = ?, reason = ?, done_at = ?, leased_until = NULL, mime = NULL,
			attempts = attempts + CASE WHEN ? = 'dropped' THEN 0 ELSE 1 END
		WHERE id = ? AND status = 'waiting'`, status, reason, store.At(tx.Now), status, id)
	return err
}

// Again puts the message off until at, after an attempt that did not succeed.
func Again(ctx context.Context, tx *store.Tx, id string, at time.Time, reason string, counted bool) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE message SET due_at = ?, reason = ?, leased_until = NULL, attempts = attempts + CASE WHEN ? THEN 1 ELSE 0 END
		WHERE id = ? AND status = 'waiting'`, store.At(at), reason, counted, id)
	return err
}

// Release gives back what was claimed and not tried.
func Release(ctx context.Context, tx *store.Tx, id string) error {
	_, err := store.Exec(ctx, tx, `UPDATE message SET leased_until = NULL WHERE id = ?`, id)
	return err
}

// Retry lets a failed, uncertain or held message go again, as an organiser
// asks, made anew from what is true now.
func Retry(ctx context.Context, tx *store.Tx, id string) (bool, error) {
	n, err := store.Exec(ctx, tx, `
		UPDATE message SET status = 'waiting', reason = '', due_at = ?, done_at = NULL, attempts = 0, prepared_at = NULL, mime = NULL, leased_until = NULL,
			not_after = CASE WHEN not_after > ? THEN not_after ELSE ? END
		WHERE id = ? AND status IN ('failed', 'uncertain', 'held')`,
		store.At(tx.Now), store.At(tx.Now), store.At(tx.Now.Add(lifeOfNews)), id)
	return n == 1, err
}

// Invited tells the highest SEQUENCE of an invitation that has left, or may
// have left, for the registration; -1 when none has.
func Invited(ctx context.Context, tx *store.Tx, registrationID string) (int, error) {
	return store.One(ctx, tx, store.Value[int], `
		SELECT COALESCE(max(calendar_sequence), -1) FROM message
		WHERE registration_id = ? AND calendar_method = 'REQUEST' AND (status IN ('sent', 'uncertain') OR status = 'waiting' AND attempts > 0)`,
		registrationID)
}

// FirstInvite finds the id and letter of the first invitation that left for the
// registration, for replies to hang on in a mail program; empty when none has.
func FirstInvite(ctx context.Context, tx *store.Tx, registrationID string) (Message, bool, error) {
	m, err := store.One(ctx, tx, scanMessage, selectMessage+`
		WHERE registration_id = ? AND calendar_method = 'REQUEST' AND status IN ('sent', 'uncertain') ORDER BY created_at, id LIMIT 1`, registrationID)
	if errors.Is(err, store.ErrNoRow) {
		return m, false, nil
	}
	return m, err == nil, err
}

// NextDue is when the next message will be due, leases apart; the zero time
// when nothing waits.
func NextDue(ctx context.Context, tx *store.Tx) (time.Time, error) {
	return store.One(ctx, tx, func(r store.Row) (t time.Time, err error) {
		return t, r.Scan(store.Time(&t))
	}, `SELECT min(due_at) FROM message WHERE status = 'waiting'`)
}
