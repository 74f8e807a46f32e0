package mailing

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

const (
	// Batch is how many letters one transaction writes, so that those who sign up
	// do not wait for it.
	Batch = 500
	// longestWait is how late a scheduled mailing may still go by itself. After a
	// longer stop an organiser must look at it once more.
	longestWait = 24 * time.Hour
	// furthest is how far ahead a mailing can be scheduled.
	furthest = 366 * 24 * time.Hour
	// life is how long a letter makes sense when its event does not say.
	life = 48 * time.Hour
)

// Send lets a draft go now. Its letters are written by Write, in batches.
func Send(ctx context.Context, tx *store.Tx, id string, revision int, by audit.Actor) error {
	m, reach, err := ready(ctx, tx, id, revision)
	if err != nil {
		return err
	}
	if reach.People == 0 && m.Selection.News {
		return ErrNoReaders
	}
	if reach.People == 0 {
		return ErrNobody
	}
	m.SendAt, m.MissedAt = time.Time{}, time.Time{}
	if err := m.start(ctx, tx); err != nil {
		return err
	}
	return m.audit(ctx, tx, by, "mailing.send", string(Draft), strconv.Itoa(reach.People))
}

// Schedule lets a draft go at a time. Whom it reaches is looked up then.
func Schedule(ctx context.Context, tx *store.Tx, id string, revision int, at time.Time, by audit.Actor) error {
	m, _, err := ready(ctx, tx, id, revision)
	if err != nil {
		return err
	}
	if !at.After(tx.Now) {
		return problem.Fields{{Name: "send_at", Code: "in_future"}}.Err()
	}
	if at.After(tx.Now.Add(furthest)) {
		return problem.Fields{{Name: "send_at", Code: "mailing_far"}}.Err()
	}
	m.Status, m.SendAt, m.MissedAt, m.ChangedAt = Scheduled, at, time.Time{}, tx.Now
	if err := m.save(ctx, tx, false); err != nil {
		return err
	}
	return m.audit(ctx, tx, by, "mailing.schedule", string(Draft), at.UTC().Format(time.RFC3339))
}

// ready finds a draft that can go, as the organiser has seen it.
func ready(ctx context.Context, tx *store.Tx, id string, revision int) (Mailing, Reach, error) {
	m, err := Find(ctx, tx, id)
	if err != nil {
		return m, Reach{}, err
	}
	if m.Status != Draft {
		return m, Reach{}, ErrNotNow
	}
	if m.Revision != revision {
		return m, Reach{}, ErrEdited
	}
	p, err := programme.Find(ctx, tx, m.ProgrammeID)
	if err != nil {
		return m, Reach{}, err
	}
	if err := m.Whole(p); err != nil {
		return m, Reach{}, err
	}
	reach, err := ReachOf(ctx, tx, m.ProgrammeID, m.Selection)
	return m, reach, err
}

// Unschedule makes a draft again of a mailing that has not begun to go.
func Unschedule(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	m, err := Find(ctx, tx, id)
	if err != nil {
		return err
	}
	if m.Status != Scheduled {
		return ErrNotNow
	}
	m.Status, m.SendAt, m.Revision, m.ChangedAt = Draft, time.Time{}, m.Revision+1, tx.Now
	if err := m.save(ctx, tx, false); err != nil {
		return err
	}
	return m.audit(ctx, tx, by, "mailing.unschedule", string(Scheduled), string(Draft))
}

// Stop ends a mailing that goes out: what has not left is dropped.
func Stop(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	m, err := Find(ctx, tx, id)
	if err != nil {
		return err
	}
	if m.Status != Sending {
		return ErrNotNow
	}
	if err := message.StopMailing(ctx, tx, id); err != nil {
		return err
	}
	counts, err := message.CountOfMailing(ctx, tx, id)
	if err != nil {
		return err
	}
	m.Status, m.EndedAt, m.ChangedAt = Stopped, tx.Now, tx.Now
	if err := m.save(ctx, tx, false); err != nil {
		return err
	}
	return m.audit(ctx, tx, by, "mailing.stop", string(Sending), strconv.Itoa(counts.Sent))
}

func (m Mailing) start(ctx context.Context, tx *store.Tx) error {
	m.Status, m.StartedAt, m.ChangedAt = Sending, tx.Now, tx.Now
	return m.save(ctx, tx, false)
}

// Work does what is due with all mailings, one step at a time: it begins one
// whose time has come, writes a batch of letters, or notes that one has ended. It
// reports whether there is more to do. What is done stands in the rows, so that
// it goes on after a stop where it was.
func Work(ctx context.Context, tx *store.Tx) (more bool, err error) {
	for _, step := range []func(context.Context, *store.Tx) (bool, error){begin, writeNext, end} {
		if done, err := step(ctx, tx); err != nil || done {
			return done, err
		}
	}
	return false, nil
}

// next finds the first mailing that a condition on its row chooses.
func next(ctx context.Context, tx *store.Tx, where string, args ...any) (m Mailing, found bool, err error) {
	ids, err := store.All(ctx, tx, store.Value[string], `SELECT id FROM mailing WHERE `+where+` ORDER BY started_at, send_at, id LIMIT 1`, args...)
	if err != nil || len(ids) == 0 {
		return m, false, err
	}
	m, err = Find(ctx, tx, ids[0])
	return m, err == nil, err
}

func begin(ctx context.Context, tx *store.Tx) (bool, error) {
	m, found, err := next(ctx, tx, `status = 'scheduled' AND send_at <= ?`, store.At(tx.Now))
	if err != nil || !found {
		return false, err
	}
	if tx.Now.Sub(m.SendAt) <= longestWait {
		return true, m.start(ctx, tx)
	}
	return true, m.miss(ctx, tx)
}

func writeNext(ctx context.Context, tx *store.Tx) (bool, error) {
	m, found, err := next(ctx, tx, `status = 'sending' AND written_at IS NULL`)
	if err != nil || !found {
		return false, err
	}
	return true, m.write(ctx, tx, Batch)
}

// Write writes the first batch of a mailing that has just been sent, so that a
// short one goes at once. Work does the rest.
func Write(ctx context.Context, tx *store.Tx, id string) error {
	m, err := Find(ctx, tx, id)
	if err != nil || m.Status != Sending || !m.WrittenAt.IsZero() {
		return err
	}
	return m.write(ctx, tx, Batch)
}

// write puts letters to the next recipients into the outbox. Who has one is told
// by its key.
func (m Mailing) write(ctx context.Context, tx *store.Tx, most int) error {
	people, err := m.waiting(ctx, tx, most, "")
	if err != nil {
		return err
	}
	for _, r := range people {
		if err := m.enqueue(ctx, tx, r); err != nil {
			return err
		}
	}
	if len(people) == most {
		return nil
	}
	reach, err := ReachOf(ctx, tx, m.ProgrammeID, m.Selection)
	if err != nil {
		return err
	}
	m.WrittenAt, m.NotWorking, m.Erased = tx.Now, reach.NotWorking, reach.Erased
	return m.save(ctx, tx, false)
}

// waiting finds those of the selection who have no letter yet. A further
// condition is on chosen.
func (m Mailing) waiting(ctx context.Context, tx *store.Tx, most int, further string, args ...any) ([]Recipient, error) {
	query, values := m.Selection.with(tx, m.ProgrammeID)
	values = append(append(values, keyOf(m.ID, "")), args...)
	return m.Selection.recipients(ctx, tx, query, ` AND NOT EXISTS (SELECT 1 FROM message x WHERE x.unique_key = ? || chosen.email)`+further+`
		ORDER BY id LIMIT ?`, append(values, most)...)
}

// keyOf makes a letter the only one of its mailing to an address.
func keyOf(id, email string) string { return "mailing:" + id + ":" + email }

func (m Mailing) enqueue(ctx context.Context, tx *store.Tx, r Recipient) error {
	q := message.Request{
		Key: keyOf(m.ID, r.Email), Letter: m.Letter(), Recipient: r.Email, Language: r.Language,
		ProgrammeID: m.ProgrammeID, EventID: r.EventID, RegistrationID: r.RegistrationID, MailingID: m.ID,
		Details: message.Details{SubscriptionID: r.SubscriptionID},
	}
	if m.MayWait() {
		var err error
		if q.NotBefore, err = afterQuietHours(tx.Now, r.starts, r.zone); err != nil {
			return err
		}
	}
	_, err := message.Enqueue(ctx, tx, q)
	return err
}

func afterQuietHours(now, starts time.Time, zone string) (time.Time, error) {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return now, fmt.Errorf("zone of an event: %w", err)
	}
	latest := now.Add(life)
	if starts.After(now) {
		latest = starts
	}
	return message.AfterQuietHours(now, latest, loc), nil
}

// end notes that nothing waits any more. Before it does, those get their letter
// whose address was corrected while it waited: the old one was dropped.
func end(ctx context.Context, tx *store.Tx) (bool, error) {
	m, found, err := next(ctx, tx, `status = 'sending' AND written_at IS NOT NULL AND NOT `+message.MailingUnderWay)
	if err != nil || !found {
		return false, err
	}
	corrected, err := m.waiting(ctx, tx, Batch, ` AND EXISTS (SELECT 1 FROM message d
		WHERE d.mailing_id = ? AND d.registration_id = chosen.id AND d.status = 'dropped' AND d.reason = ?)`, m.ID, message.ReasonTold)
	if err != nil {
		return false, err
	}
	for _, r := range corrected {
		if err := m.enqueue(ctx, tx, r); err != nil {
			return false, err
		}
	}
	if len(corrected) > 0 {
		return true, nil
	}
	counts, err := message.CountOfMailing(ctx, tx, m.ID)
	if err != nil {
		return false, err
	}
	m.Status, m.EndedAt, m.ChangedAt = Sent, tx.Now, tx.Now
	if err := m.save(ctx, tx, false); err != nil {
		return false, err
	}
	return true, m.audit(ctx, tx, audit.System, "mailing.end", string(Sending), strconv.Itoa(counts.Sent))
}

// Try writes a letter to the organiser who tries the mailing out, as it goes to
// readers of the language. News are about no event.
func Try(ctx context.Context, tx *store.Tx, m Mailing, eventID, language, address string) error {
	_, err := message.Enqueue(ctx, tx, message.Request{
		Key: "mailing-test:" + m.ID + ":" + tx.NewID(), Letter: m.Letter(), Recipient: address, Language: language,
		ProgrammeID: m.ProgrammeID, EventID: eventID, MailingID: m.ID, Details: message.Details{Test: &message.Test{EventID: eventID}},
	})
	return err
}
