package message

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"stafett/internal/store"
)

// Request asks for one message to one person.
type Request struct {
	Key            string // two requests with one key are one message
	Letter         Letter
	Recipient      string // normalised address
	Language       string
	ProgrammeID    string
	EventID        string
	RegistrationID string
	MailingID      string
	BookingID      string
	AdviserID      string // of a letter about a booking to an adviser
	AidCaseID      string
	Sequence       *int // of the invitation it carries or takes back
	Details        Details
	NotBefore      time.Time // zero: at once
	NotAfter       time.Time // zero: 48 hours after it was due
	Outside        bool      // a stranger caused it, who may not own the address
	Old            bool      // it may have gone already before the database went back to a backup: an organiser is asked first
}

// How many messages strangers may cause to one address, so that a sign-up form
// cannot be used to fill somebody's mailbox. Signing up for a series writes a
// letter for each of its occasions: they count as one.
const (
	outsideHour = 10
	outsideDay  = 30
)

// lifeOfNews is how long a message without an end of its own makes sense.
const lifeOfNews = 48 * time.Hour

// Enqueue writes the message into the outbox and reports whether it is new: a
// second request with the same key changes nothing.
func Enqueue(ctx context.Context, tx *store.Tx, r Request) (added bool, err error) {
	due := r.NotBefore
	if due.Before(tx.Now) {
		due = tx.Now
	}
	if r.NotAfter.IsZero() {
		r.NotAfter = due.Add(lifeOfNews)
	}
	status, reason := Waiting, ""
	if r.Old {
		status, reason = Held, ReasonRestored
	} else if r.Outside {
		if status, err = outsideStatus(ctx, tx, r); err != nil {
			return false, err
		}
	}
	if status == Held && !r.Old {
		reason = ReasonTooMany
		if same, err := heldAlready(ctx, tx, r); same || err != nil {
			return false, err
		}
	}
	details, err := json.Marshal(r.Details)
	if err != nil {
		return false, fmt.Errorf("write details of %s: %w", r.Letter, err)
	}
	n, err := store.Exec(ctx, tx, `
		INSERT INTO message (id, unique_key, letter, recipient, language, programme_id, event_id, registration_id, mailing_id,
			booking_id, adviser_id, aid_case_id,
			calendar_sequence, details, priority, outside, status, reason, due_at, not_after, created_at, rule_id)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (unique_key) DO NOTHING`,
		tx.NewID(), r.Key, r.Letter, r.Recipient, r.Language, store.Text(r.ProgrammeID), store.Text(r.EventID), store.Text(r.RegistrationID), store.Text(r.MailingID),
		store.Text(r.BookingID), store.Text(r.AdviserID), store.Text(r.AidCaseID),
		r.Sequence, string(details), r.Letter.urgency(due, r.NotAfter), r.Outside, status, reason, store.At(due), store.At(r.NotAfter), store.At(tx.Now), store.Text(r.Details.RuleID))
	if err != nil {
		return false, fmt.Errorf("enqueue %s: %w", r.Letter, err)
	}
	if n == 1 && status == Waiting {
		err = Message{Letter: r.Letter, RegistrationID: r.RegistrationID, CreatedAt: tx.Now}.MakeWay(ctx, tx)
	}
	return n == 1, err
}

// outsideStatus counts what went, or will go, to the address because of
// strangers. What is held never went and does not count, nor what an organiser
// threw away of it: else whoever goes on trying would shut the owner of the
// address out for good.
func outsideStatus(ctx context.Context, tx *store.Tx, r Request) (Status, error) {
	count := func(since time.Duration) (int, error) {
		return store.One(ctx, tx, store.Value[int], `
			SELECT count(DISTINCT COALESCE(e.series_id || m.created_at, m.id)) FROM message m LEFT JOIN event e ON e.id = m.event_id
			WHERE m.recipient = ? AND m.outside AND m.created_at > ? AND m.status <> 'held'
				AND NOT (m.status = 'dropped' AND m.attempts = 0 AND m.reason = '`+ReasonByHand+`')
				AND (m.created_at <> ? OR COALESCE(e.series_id, '') <> COALESCE((SELECT series_id FROM event WHERE id = ?), '-'))`,
			r.Recipient, store.At(tx.Now.Add(-since)), store.At(tx.Now), r.EventID)
	}
	hour, err := count(time.Hour)
	if err != nil {
		return "", err
	}
	day, err := count(24 * time.Hour)
	if err != nil {
		return "", err
	}
	if hour >= outsideHour || day >= outsideDay {
		return Held, nil
	}
	return Waiting, nil
}

// heldAlready reports whether a letter of this kind about the same thing is held
// for the address. It is written from what is true when it is released, so a
// second one would say nothing more; and a stranger can pile up no more rows than
// there are things to write about.
func heldAlready(ctx context.Context, tx *store.Tx, r Request) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM message WHERE recipient = ? AND status = 'held' AND letter = ?
			AND COALESCE(registration_id, '') = ? AND COALESCE(event_id, '') = ? AND COALESCE(programme_id, '') = ?`,
		r.Recipient, r.Letter, r.RegistrationID, r.EventID, r.ProgrammeID)
	if err != nil {
		return false, fmt.Errorf("look for what is held: %w", err)
	}
	return n > 0, nil
}

// Quiet hours: nothing that can wait is sent between these hours of the local
// clock, and no time to answer runs in them.
const (
	QuietFrom  = 21
	QuietUntil = 7
)

// AfterNight is the moment itself by day, and the morning after a night, on its
// own clock, whatever it is about.
func AfterNight(t time.Time) time.Time {
	return AfterQuietHours(t, t.AddDate(0, 0, 2), t.Location()).In(t.Location())
}

// AfterQuietHours is the moment itself, or the end of the quiet hours that it
// falls in; when that would be latest or later, it is the evening before they
// began.
func AfterQuietHours(at, latest time.Time, loc *time.Location) time.Time {
	local := at.In(loc)
	evening := time.Date(local.Year(), local.Month(), local.Day(), QuietFrom, 0, 0, 0, loc)
	morning := time.Date(local.Year(), local.Month(), local.Day(), QuietUntil, 0, 0, 0, loc)
	switch {
	case local.Before(morning):
		evening = evening.AddDate(0, 0, -1)
	case !local.Before(evening):
		morning = morning.AddDate(0, 0, 1)
	default:
		return at
	}
	if morning.Before(latest) {
		return morning.UTC()
	}
	return evening.Add(-time.Minute).UTC()
}
