package message

import (
	"context"
	"fmt"

	"stafett/internal/store"
)

// test is how the storing of Details.Test begins, which no text of anybody's can
// imitate: in JSON its quotes would be escaped. It stays when a letter is erased.
const test = `"test":{`

// isTest is a condition of SQL on a message.
const isTest = `details LIKE '%` + test + `%'`

// ofMailing is a condition of SQL on a message: it is of a mailing, and not one
// that an organiser sent to try it.
const ofMailing = `mailing_id = ? AND NOT ` + isTest

// CountOfMailing counts the letters of one mailing, without those that an
// organiser sent to try it.
func CountOfMailing(ctx context.Context, tx *store.Tx, mailingID string) (Counts, error) {
	return count(ctx, tx, ofMailing, mailingID)
}

// MailingUnderWay is a condition of SQL on a row of the table mailing: some of
// its letters may still go.
const MailingUnderWay = `EXISTS (SELECT 1 FROM message w WHERE w.mailing_id = mailing.id AND w.status IN ('waiting', 'held') AND NOT w.` + isTest + `)`

// StopMailing drops the letters of a mailing that have not gone. One that is in
// hand, or perhaps arrived already, is left to whoever sends it.
func StopMailing(ctx context.Context, tx *store.Tx, mailingID string) error {
	_, err := store.Exec(ctx, tx, drop+`, mime = NULL
		WHERE mailing_id = ? AND status = 'waiting' AND unanswered = 0 AND (leased_until IS NULL OR leased_until <= ?)`,
		ReasonMailingStopped, store.At(tx.Now), mailingID, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("stop mailing: %w", err)
	}
	return nil
}
