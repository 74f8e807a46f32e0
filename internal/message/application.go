package message

import (
	"context"
	"fmt"

	"stafett/internal/store"
)

// The letters about applications for support.
const (
	ApplicationReceived  Letter = "P1" // we have your application, your answer, your final report
	ApplicationNeedsMore Letter = "P2" // we need to know more, by when
	ApplicationGranted   Letter = "P3"
	ApplicationRejected  Letter = "P4"
	ApplicationReminder  Letter = "P5" // a last day is near: of an answer, a draft, a final report
	ApplicationEnded     Letter = "P6" // withdrawn, or closed
	PayoutAnswered       Letter = "P7" // paid, or refused
)

// AboutApplication reports whether the letter is about an application for support.
func (l Letter) AboutApplication() bool {
	switch l {
	case ApplicationReceived, ApplicationNeedsMore, ApplicationGranted, ApplicationRejected, ApplicationReminder, ApplicationEnded, PayoutAnswered:
		return true
	}
	return false
}

// EnqueueApplication writes a message about an application into the outbox, and
// reports whether it is new.
func EnqueueApplication(ctx context.Context, tx *store.Tx, r Request, applicationID string) (added bool, err error) {
	r.Details.ApplicationID = applicationID
	added, err = Enqueue(ctx, tx, r)
	if err != nil || !added {
		return added, err
	}
	if _, err := store.Exec(ctx, tx, `UPDATE message SET application_id = ? WHERE unique_key = ?`, applicationID, r.Key); err != nil {
		return false, fmt.Errorf("say what a message is about: %w", err)
	}
	return true, nil
}

// OfApplication lists what was written about an application, oldest first.
func OfApplication(ctx context.Context, tx *store.Tx, applicationID string) ([]Message, error) {
	return store.All(ctx, tx, scanMessage, selectMessage+`WHERE application_id = ? ORDER BY created_at, id`, applicationID)
}

// LeaveApplication drops what has not been sent about a draft that is thrown away,
// and lets what was sent stand alone.
func LeaveApplication(ctx context.Context, tx *store.Tx, applicationID string) error {
	if _, err := store.Exec(ctx, tx, drop+`WHERE application_id = ? AND done_at IS NULL`, ReasonGone, store.At(tx.Now), applicationID); err != nil {
		return fmt.Errorf("drop messages about a draft: %w", err)
	}
	if _, err := store.Exec(ctx, tx, `UPDATE message SET application_id = NULL WHERE application_id = ?`, applicationID); err != nil {
		return fmt.Errorf("leave messages about a draft: %w", err)
	}
	return nil
}
