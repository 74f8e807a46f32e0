package message

import (
	"context"
	"fmt"
	"strings"

	"stafett/internal/store"
)

// NoSuchAddress tells the codes of RFC 3463 that say "there is no such address".
// 5.1.7 and 5.1.8 are about the sender's address (3.2); some servers give them
// all the same, and the recipient must not be marked for it.
func NoSuchAddress(enhanced string) bool {
	return strings.HasPrefix(enhanced, "5.1.") && enhanced != "5.1.7" && enhanced != "5.1.8"
}

// InHand reports whether the message is being handed over at this moment: what
// becomes of it is not known yet.
func (m Message) InHand(tx *store.Tx) bool {
	return m.Status == Waiting && m.LeasedUntil.After(tx.Now)
}

// HasLeft reports whether the message was sent, or may have been.
func (m Message) HasLeft() bool {
	return m.Status == Sent || m.Status == Uncertain || m.Status == Waiting && m.MayHaveLeft()
}

// CameBack reports whether the message was sent and came back.
func (m Message) CameBack() bool {
	return m.Status == Failed && strings.HasPrefix(m.Reason, ReasonCameBack)
}

// Bounced ends a message that was sent and came back: failed at this moment, with the numbers
// of the server that refused it, such as "550 5.1.1" or "5.1.1". It reports
// whether that is news; a message that will be tried again stays as it is. Among
// the attempts it is kept when the message had been taken in, and when it came back.
func Bounced(ctx context.Context, tx *store.Tx, id string, noSuchAddress bool, numbers string) (bool, error) {
	reason := ReasonCameBack
	if noSuchAddress {
		reason = ReasonCameBackNoAddress
	}
	if !serverAnswer.MatchString(numbers) {
		return false, fmt.Errorf("message came back: %q is no answer of a mail server", numbers)
	}
	reason += " " + numbers
	_, err := store.Exec(ctx, tx, `
		INSERT INTO message_attempt (message_id, reason, first_at, last_at) SELECT id, ?, done_at, done_at FROM message WHERE id = ? AND status = 'sent' AND done_at IS NOT NULL
		ON CONFLICT (message_id, reason) DO UPDATE SET times = message_attempt.times + 1, last_at = excluded.last_at`, TakenIn, id)
	if err != nil {
		return false, fmt.Errorf("keep when a message was taken in: %w", err)
	}
	n, err := store.Exec(ctx, tx, `UPDATE message SET status = 'failed', reason = ?, done_at = ? WHERE id = ? AND status IN ('sent', 'uncertain')`, reason, store.At(tx.Now), id)
	if err == nil && n == 1 {
		err = noteAttempt(ctx, tx, id, reason)
	}
	if err != nil {
		return false, fmt.Errorf("note that a message came back: %w", err)
	}
	return n == 1, nil
}
