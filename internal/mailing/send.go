package mailing

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
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
// it goes on after a stop where it was. A mailing with which something is wrong
// does not keep the others waiting: see store.Partly.
func Work(ctx context.Context, tx *store.Tx) (more bool, err error) {
	wrong := store.Partly{}
	for _, s := range []struct {
		of   string // a condition on the row of the mailing
		args []any
		do   func(Mailing, context.Context, *store.Tx) error
	}{
		{`status = 'scheduled' AND send_at <= ?`, []any{store.At(tx.Now)}, Mailing.begin},
		{`status = 'sending' AND written_at IS NULL`, nil, Mailing.writeBatch},
		{`status = 'sending' AND written_at IS NOT NULL AND NOT ` + message.MailingUnderWay, nil, Mailing.end},
	} {
		ids, err := store.All(ctx, tx, store.Value[string], `SELECT id FROM mailing WHERE `+s.of+` ORDER BY started_at, send_at, id`, s.args...)
		if err != nil {
			return false, err
		}
		more, err = first(ctx, tx, ids, s.do)
		if partly := (store.Partly{}); errors.As(err, &partly) {
			wrong.Err = errors.Join(wrong.Err, partly.Err)
		} else if err != nil {
			return false, err
		}
		if more {
			break
		}
	}
	if wrong.Err != nil {
		return more, wrong
	}
	return more, nil
}

// first does a step with the first of some mailings with which it can be done.
func first(ctx context.Context, tx *store.Tx, ids []string, do func(Mailing, context.Context, *store.Tx) error) (done bool, err error) {
	err = store.Each(ctx, tx, ids, func(id string) error {
		if done {
			return nil
		}
		m, err := Find(ctx, tx, id)
		if err == nil {
			err = do(m, ctx, tx)
		}
		done = err == nil
		return err
	})
	return done, err
}

// begin lets a mailing go whose time has come, unless it comes too late to go by
// itself.
func (m Mailing) begin(ctx context.Context, tx *store.Tx) error {
	late, err := m.late(ctx, tx)
	if err != nil {
		return err
	}
	if late {
		return m.miss(ctx, tx)
	}
	return m.start(ctx, tx)
}

// late reports whether a scheduled mailing can no longer go by itself: it was to
// go long ago, or since then one of its events has begun or ended, which what it
// says may not reckon with.
func (m Mailing) late(ctx context.Context, tx *store.Tx) (bool, error) {
	if tx.Now.Sub(m.SendAt) > longestWait {
		return true, nil
	}
	events, err := m.Selection.Events(ctx, tx, m.ProgrammeID)
	for _, ev := range events {
		for _, turn := range []time.Time{ev.StartsAt, ev.EndsAt} {
			if turn.After(m.SendAt) && !turn.After(tx.Now) {
				return true, err
			}
		}
	}
	return false, err
}

func (m Mailing) writeBatch(ctx context.Context, tx *store.Tx) error { return m.write(ctx, tx, Batch) }

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
	if err := m.enqueue(ctx, tx, people); err != nil {
		return err
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

// enqueue writes the letters to some people.
func (m Mailing) enqueue(ctx context.Context, tx *store.Tx, people []Recipient) error {
	zones := map[string]*time.Location{} // finding one takes as long as writing a letter
	for _, r := range people {
		if zones[r.zone] == nil {
			loc, err := time.LoadLocation(r.zone)
			if err != nil {
				return fmt.Errorf("zone of an event: %w", err)
			}
			zones[r.zone] = loc
		}
		q := message.Request{
			Key: keyOf(m.ID, r.Email), Letter: m.Letter(), Recipient: r.Email, Language: r.Language,
			ProgrammeID: m.ProgrammeID, EventID: r.EventID, RegistrationID: r.RegistrationID, MailingID: m.ID,
			NotBefore: m.goesAt(tx.Now, r.starts, zones[r.zone]), Details: message.Details{SubscriptionID: r.SubscriptionID},
		}
		q.NotAfter = q.NotBefore.Add(life)
		if r.starts.After(tx.Now) && r.ends.Before(q.NotAfter) { // it speaks of what lies ahead
			q.NotAfter = r.ends
		}
		if _, err := message.Enqueue(ctx, tx, q); err != nil {
			return err
		}
	}
	return nil
}

// GoesAt is when letters go that are written at a moment: then, or once the night
// is over where the events are; the last of them, when the events differ. News
// are about no event: their night is that of a zone.
func (m Mailing) GoesAt(at time.Time, events []event.Event, zone *time.Location) time.Time {
	if len(events) == 0 {
		return m.goesAt(at, time.Time{}, zone)
	}
	goes := at
	for _, ev := range events {
		if t := m.goesAt(at, ev.StartsAt, ev.Location()); t.After(goes) {
			goes = t
		}
	}
	return goes
}

// goesAt says so of a letter about an event, or about none. One that would come
// when the event has begun does not wait.
func (m Mailing) goesAt(at, starts time.Time, loc *time.Location) time.Time {
	if !m.MayWait() {
		return at
	}
	latest := at.Add(life)
	if starts.After(at) {
		latest = starts
	}
	if morning := message.AfterQuietHours(at, latest, loc); morning.After(at) {
		return morning
	}
	return at
}

// end notes that nothing waits any more. Before it does, those get their letter
// whose address was corrected while it waited: the old one was dropped.
func (m Mailing) end(ctx context.Context, tx *store.Tx) error {
	corrected, err := m.waiting(ctx, tx, Batch, ` AND EXISTS (SELECT 1 FROM message d
		WHERE d.mailing_id = ? AND d.registration_id = chosen.id AND d.status = 'dropped' AND d.reason = ?)`, m.ID, message.ReasonTold)
	if err != nil {
		return err
	}
	if len(corrected) > 0 {
		return m.enqueue(ctx, tx, corrected)
	}
	counts, err := message.CountOfMailing(ctx, tx, m.ID)
	if err != nil {
		return err
	}
	m.Status, m.EndedAt, m.ChangedAt = Sent, tx.Now, tx.Now
	if err := m.save(ctx, tx, false); err != nil {
		return err
	}
	return m.audit(ctx, tx, audit.System, "mailing.end", string(Sending), strconv.Itoa(counts.Sent))
}

// Try writes a letter to the organiser who tries the mailing out, as it goes in the
// language to the one whom the test names. News are about no event.
func Try(ctx context.Context, tx *store.Tx, m Mailing, as message.Test, language, address string) error {
	if err := message.MayTest(ctx, tx, address); err != nil {
		return err
	}
	_, err := message.Enqueue(ctx, tx, message.Request{
		Key: "mailing-test:" + m.ID + ":" + tx.NewID(), Letter: m.Letter(), Recipient: address, Language: language,
		ProgrammeID: m.ProgrammeID, EventID: as.EventID, MailingID: m.ID, Details: message.Details{Test: &as},
	})
	return err
}
