package message

import (
	"context"
	"encoding/json"
	"fmt"

	"stafett/internal/store"
)

// Waits reports whether anything is still to be sent about a registration, or
// held for an organiser to decide on.
func Waits(ctx context.Context, tx *store.Tx, registrationID string) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE registration_id = ? AND done_at IS NULL`, registrationID)
	return n > 0, err
}

// WaitsFor reports whether anything is still to be sent to an address. Left out
// are a link that was asked for, which ends with what it opens, news, which
// nobody is owed who wants to be forgotten, and what is held, for that is a
// stranger's doing.
func WaitsFor(ctx context.Context, tx *store.Tx, recipient string) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE recipient = ? AND letter NOT IN (?, ?) AND status <> 'held' AND done_at IS NULL`, recipient, SignIn, News)
	return n > 0, err
}

// erased takes out of a message to whom it went and what it said. That it was
// sent, when, and of which kind stays.
const erased = `UPDATE message SET recipient = '', details = CASE WHEN ` + isTest + ` THEN '{` + test + `}}' ELSE '{}' END, sender = '', mime = NULL, unique_key = 'erased:' || id `

// Erase takes the person out of the messages about a registration.
func Erase(ctx context.Context, tx *store.Tx, registrationID string) error {
	if _, err := store.Exec(ctx, tx, erased+`WHERE registration_id = ? AND done_at IS NOT NULL`, registrationID); err != nil {
		return fmt.Errorf("erase messages: %w", err)
	}
	return nil
}

// drop ends messages of what is to be erased that have not been sent.
const drop = `UPDATE message SET status = 'dropped', reason = ?, done_at = ?, leased_until = NULL `

// DropHeld drops what is held about a registration that is to be erased: too many
// letters that strangers caused, which no organiser need decide on any more.
func DropHeld(ctx context.Context, tx *store.Tx, registrationID string) error {
	if _, err := store.Exec(ctx, tx, drop+`WHERE registration_id = ? AND status = 'held'`, ReasonGone, store.At(tx.Now), registrationID); err != nil {
		return fmt.Errorf("drop held messages: %w", err)
	}
	return nil
}

// EraseTo takes the person out of everything that was sent to an address, and
// drops what is held, and a link that was asked for or news that were not sent.
func EraseTo(ctx context.Context, tx *store.Tx, recipient string) error {
	_, err := store.Exec(ctx, tx, drop+`WHERE recipient = ? AND (letter IN (?, ?) AND done_at IS NULL OR status = 'held')`,
		ReasonGone, store.At(tx.Now), recipient, SignIn, News)
	if err != nil {
		return fmt.Errorf("drop links, news and held messages: %w", err)
	}
	if _, err := store.Exec(ctx, tx, erased+`WHERE recipient = ? AND done_at IS NOT NULL`, recipient); err != nil {
		return fmt.Errorf("erase messages to an address: %w", err)
	}
	return nil
}

// To lists what was written to an address, oldest first.
func To(ctx context.Context, tx *store.Tx, recipient string) ([]Message, error) {
	return store.All(ctx, tx, scanMessage, selectMessage+`WHERE recipient = ? ORDER BY created_at, id`, recipient)
}

// ForgetName takes out of what colleagues were told at an event, or are still to
// be told, the name of somebody who took over their place or signed them up, and
// has this registration there. Letters of before ids were noted are found by the
// name.
func ForgetName(ctx context.Context, tx *store.Tx, eventID, registrationID, name string) error {
	told, err := store.All(ctx, tx, scanMessage, selectMessage+`WHERE event_id = ? AND details LIKE '%"other_name":%'`, eventID)
	if err != nil {
		return err
	}
	for _, m := range told {
		if d := m.Details; d.OtherID == registrationID || d.OtherID == "" && d.OtherName == name {
			if err := m.forgetName(ctx, tx); err != nil {
				return err
			}
		}
	}
	return nil
}

// ForgetNameOf does so with a person who signed colleagues up and has no
// registration where they have one.
func ForgetNameOf(ctx context.Context, tx *store.Tx, personID string) error {
	told, err := store.All(ctx, tx, scanMessage, selectMessage+`WHERE details LIKE '%"other_id":"' || ? || '"%'`, personID)
	if err != nil {
		return err
	}
	for _, m := range told {
		if err := m.forgetName(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

func (m Message) forgetName(ctx context.Context, tx *store.Tx) error {
	m.Details.OtherName = ""
	details, err := json.Marshal(m.Details)
	if err != nil {
		return fmt.Errorf("write details of %s: %w", m.Letter, err)
	}
	if _, err := store.Exec(ctx, tx, `UPDATE message SET details = ? WHERE id = ?`, string(details), m.ID); err != nil {
		return fmt.Errorf("forget a name: %w", err)
	}
	return nil
}
