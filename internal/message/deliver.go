package message

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"stafett/internal/store"
)

const selectMessage = `SELECT id, unique_key, letter, recipient, language, programme_id, event_id, registration_id, calendar_method,
	calendar_sequence, details, status, reason, due_at, not_after, attempts, prepared_at, sender, mime, created_at, done_at, leased_until, unanswered, mailing_id, booking_id, adviser_id, aid_case_id FROM message m `

// stillWaits is status = 'waiting' in words that fit no index, so that messages
// of one registration are found by the registration.
const stillWaits = ` done_at IS NULL AND status <> 'held' `

func scanMessage(r store.Row) (m Message, err error) {
	var details string
	err = r.Scan(&m.ID, &m.UniqueKey, &m.Letter, &m.Recipient, &m.Language, store.String(&m.ProgrammeID), store.String(&m.EventID),
		store.String(&m.RegistrationID), store.String(&m.CalendarMethod), store.Int(&m.CalendarSequence), &details, &m.Status, &m.Reason,
		store.Time(&m.DueAt), store.Time(&m.NotAfter), &m.Attempts, store.Time(&m.PreparedAt), &m.Sender, &m.MIME,
		store.Time(&m.CreatedAt), store.Time(&m.DoneAt), store.Time(&m.LeasedUntil), &m.Unanswered, store.String(&m.MailingID), store.String(&m.BookingID), store.String(&m.AdviserID), store.String(&m.AidCaseID))
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal([]byte(details), &m.Details)
}

// takesBack lists the letters that make older ones about the same registration,
// or booking, pointless.
var takesBack = []Letter{Cancelled, LateCancelled, Transferred, EventCancelled, EventPostponed, BookingCancelled, BookingLate, AdviserFree}

// TakesBack reports whether the letter makes older ones about the same
// registration pointless.
func (l Letter) TakesBack() bool { return slices.Contains(takesBack, l) }

// inOrder lists the letters that go to a calendar and wait for what goes there
// before them.
func inOrder() []Letter {
	return slices.DeleteFunc(All(), func(l Letter) bool { return l.Method() == "" || l.TakesBack() })
}

// Room says what may be taken now: nothing to the full domains, and of what an
// organiser writes to many nothing to those whose last share of the minute is
// kept for letters that somebody waits for, or nothing at all.
type Room struct {
	Full, Kept []string // domains
	AllKept    bool
}

// Claim takes the most urgent message that is due, for the length of the lease;
// found is false when none is. Only what there is room for is taken.
//
// Of one registration only one message is on its way at a time: one that somebody
// has in hand holds back all others. One that is tried again and has something for
// a calendar holds back the next such one, unless that makes it pointless, so that
// calendars hear things in order; nothing else waits for it. After a crash the
// lease runs out and the same bytes go again.
func Claim(ctx context.Context, tx *store.Tx, lease time.Duration, room Room) (c Message, found bool, err error) {
	for _, priority := range priorities {
		full := room.Full
		if priority == many {
			if full = append(slices.Clone(full), room.Kept...); room.AllKept {
				continue
			}
		}
		if c, found, err = claimOf(ctx, tx, priority, full); err != nil || found {
			break
		}
	}
	if err != nil {
		return c, false, fmt.Errorf("claim message: %w", err)
	}
	if !found {
		return c, false, nil
	}
	if !c.LeasedUntil.IsZero() && !c.PreparedAt.IsZero() {
		c.Unanswered++
	}
	_, err = store.Exec(ctx, tx, `UPDATE message SET leased_until = ?, unanswered = ? WHERE id = ?`,
		store.At(tx.Now.Add(lease)), c.Unanswered, c.ID)
	return c, err == nil, err
}

// claimOf looks among what is so urgent, the oldest first. Every urgency is asked
// by itself, so that the index leads to the one message and a long queue is not
// read to its end.
func claimOf(ctx context.Context, tx *store.Tx, priority int, full []string) (Message, bool, error) {
	now := store.At(tx.Now)
	marks, inOrder := inLetters(inOrder())
	query, args := selectMessage+`
		WHERE status = 'waiting' AND priority = ? AND due_at <= ? AND (leased_until IS NULL OR leased_until <= ?)
		AND NOT EXISTS (SELECT 1 FROM message o
			WHERE o.registration_id = m.registration_id AND o.id <> m.id AND o.done_at IS NULL AND o.status <> 'held' AND o.prepared_at IS NOT NULL
			AND (o.leased_until > ? OR o.calendar_method IS NOT NULL AND m.prepared_at IS NULL AND m.letter IN `+marks+`))
		AND NOT EXISTS (SELECT 1 FROM message o
			WHERE o.booking_id = m.booking_id AND COALESCE(o.adviser_id, '') = COALESCE(m.adviser_id, '')
			AND o.id <> m.id AND o.done_at IS NULL AND o.status <> 'held' AND o.prepared_at IS NOT NULL
			AND (o.leased_until > ? OR o.calendar_method IS NOT NULL AND m.prepared_at IS NULL AND m.letter IN `+marks+`))`,
		slices.Concat([]any{priority, now, now, now}, inOrder, []any{now}, inOrder)
	for _, domain := range full {
		query, args = query+` AND recipient NOT LIKE ?`, append(args, "%@"+domain)
	}
	c, err := store.One(ctx, tx, scanMessage, query+` ORDER BY due_at, id LIMIT 1`, args...)
	if errors.Is(err, store.ErrNoRow) {
		return c, false, nil
	}
	return c, err == nil, err
}

// Thread is what the letters to one person about one place, or one meeting, have
// in common: one entry of one calendar, which hears of them in order.
type Thread struct{ RegistrationID, BookingID, AdviserID string }

// Thread is that of the message.
func (m Message) Thread() Thread { return Thread{m.RegistrationID, m.BookingID, m.AdviserID} }

// where chooses the thread's messages. Both parts have an index.
func (t Thread) where() (string, []any) {
	if t.BookingID != "" {
		return `booking_id = ? AND COALESCE(adviser_id, '') = ?`, []any{t.BookingID, t.AdviserID}
	}
	return `registration_id = ?`, []any{t.RegistrationID}
}

// Begun lists the other messages of a thread that wait and have been
// tried, or perhaps sent, and that nobody has in hand.
func Begun(ctx context.Context, tx *store.Tx, t Thread, exceptID string) ([]Message, error) {
	where, args := t.where()
	all, err := store.All(ctx, tx, scanMessage, selectMessage+`
		WHERE `+where+` AND id <> ? AND`+stillWaits+`AND (leased_until IS NULL OR leased_until <= ?) ORDER BY created_at, id`,
		append(args, exceptID, store.At(tx.Now))...)
	return slices.DeleteFunc(all, func(c Message) bool { return c.PreparedAt.IsZero() && !c.MayHaveLeft() }), err
}

// Prepare keeps the bytes that every attempt will send, with the calendar
// method and SEQUENCE that they carry.
func Prepare(ctx context.Context, tx *store.Tx, m Message) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE message SET mime = ?, sender = ?, calendar_method = ?, calendar_sequence = ?, prepared_at = ? WHERE id = ?`,
		m.MIME, m.Sender, store.Text(m.CalendarMethod), m.CalendarSequence, store.At(tx.Now), m.ID)
	return err
}

// Unwrite gives up the bytes of a message that has surely not left, so that it is
// written anew from what is true then.
func Unwrite(ctx context.Context, tx *store.Tx, id string) error {
	_, err := store.Exec(ctx, tx, `UPDATE message SET mime = NULL, prepared_at = NULL, calendar_method = NULL WHERE id = ? AND unanswered = 0`, id)
	return err
}

// Finish ends a message: sent, failed, dropped or uncertain, with the reason
// where it was not sent. The bytes are given up, for they hold links.
func Finish(ctx context.Context, tx *store.Tx, id string, status Status, reason string) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE message SET status = ?, reason = ?, done_at = ?, leased_until = NULL, mime = NULL,
			attempts = attempts + CASE WHEN ? = 'dropped' THEN 0 ELSE 1 END
		WHERE id = ? AND status = 'waiting'`, status, reason, store.At(tx.Now), status, id)
	if err != nil || status != Failed && status != Uncertain {
		return err
	}
	return noteAttempt(ctx, tx, id, reason)
}

// Again puts the message off until at, after an attempt that did not succeed.
func Again(ctx context.Context, tx *store.Tx, id string, at time.Time, reason string) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE message SET due_at = ?, reason = ?, leased_until = NULL, attempts = attempts + 1
		WHERE id = ? AND status = 'waiting'`, store.At(at), reason, id)
	if err != nil {
		return err
	}
	return noteAttempt(ctx, tx, id, reason)
}

// Unanswered puts the message off until at, after it was handed over and no
// answer came.
func Unanswered(ctx context.Context, tx *store.Tx, c Message, at time.Time, reason string) error {
	if _, err := store.Exec(ctx, tx, `UPDATE message SET unanswered = ? WHERE id = ?`, c.Unanswered+1, c.ID); err != nil {
		return err
	}
	return Again(ctx, tx, c.ID, at, reason)
}

// Forget drops what waits or is held about a registration and nobody has in
// hand, because another letter will say all of it to another address.
func Forget(ctx context.Context, tx *store.Tx, registrationID string) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE message SET status = 'dropped', reason = ?, done_at = ?, leased_until = NULL, mime = NULL
		WHERE registration_id = ? AND done_at IS NULL AND (leased_until IS NULL OR leased_until <= ?)`,
		ReasonTold, store.At(tx.Now), registrationID, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("forget messages: %w", err)
	}
	return nil
}

// MakeWay drops the older reminders of a registration that wait, are in nobody's
// hand and have surely not left: of several that a stop kept back only the last
// goes.
func (m Message) MakeWay(ctx context.Context, tx *store.Tx) error {
	if !m.Letter.IsReminder() || m.RegistrationID == "" {
		return nil
	}
	marks, args := inLetters(reminders())
	_, err := store.Exec(ctx, tx, drop+`, mime = NULL
		WHERE registration_id = ? AND created_at < ? AND`+stillWaits+`AND unanswered = 0 AND (leased_until IS NULL OR leased_until <= ?) AND letter IN `+marks,
		append([]any{ReasonWillTell, store.At(tx.Now), m.RegistrationID, store.At(m.CreatedAt), store.At(tx.Now)}, args...)...)
	if err != nil {
		return fmt.Errorf("drop older reminders: %w", err)
	}
	return nil
}

// Release gives back what was claimed and not tried.
func Release(ctx context.Context, tx *store.Tx, id string) error {
	_, err := store.Exec(ctx, tx, `UPDATE message SET leased_until = NULL WHERE id = ?`, id)
	return err
}

// Invited tells the highest SEQUENCE of an invitation that has left, or may
// have left, in the thread; -1 when none has. One that was held because the
// database went back to a backup may have left before.
func Invited(ctx context.Context, tx *store.Tx, t Thread) (int, error) {
	where, args := t.where()
	return store.One(ctx, tx, store.Value[int], `
		SELECT COALESCE(max(calendar_sequence), -1) FROM message
		WHERE `+where+` AND (calendar_method = 'REQUEST' AND status IN ('sent', 'uncertain')
			OR letter IN (?, ?, ?, ?, ?) AND reason IN (?, ?))`,
		append(args, Confirmed, EventMoved, BookingConfirmed, BookingMoved, AdviserBooked, ReasonRestored, ReasonThrown)...)
}

// FirstInvite finds the first invitation that left in the thread, for later
// letters to hang on in a mail program; found is false when none has.
func FirstInvite(ctx context.Context, tx *store.Tx, t Thread) (m Message, found bool, err error) {
	where, args := t.where()
	m, err = store.One(ctx, tx, scanMessage, selectMessage+`
		WHERE `+where+` AND calendar_method = 'REQUEST' AND status IN ('sent', 'uncertain') ORDER BY created_at, id LIMIT 1`, args...)
	if errors.Is(err, store.ErrNoRow) {
		return m, false, nil
	}
	return m, err == nil, err
}

// LetterWaits reports whether one of these letters of the thread has yet to be
// written; it will say what is true then.
func LetterWaits(ctx context.Context, tx *store.Tx, t Thread, letters ...Letter) (bool, error) {
	marks, args := inLetters(letters)
	where, of := t.where()
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM message WHERE `+where+` AND letter IN `+marks+` AND`+stillWaits+`AND prepared_at IS NULL`,
		append(of, args...)...)
	return n > 0, err
}

// WrittenSince reports whether one of these letters, other than the message, about
// the same registration was written after the message was asked for, and has left
// or may have: it said all that the message could say.
func WrittenSince(ctx context.Context, tx *store.Tx, m Message, letters ...Letter) (bool, error) {
	marks, args := inLetters(letters)
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM message WHERE registration_id = ? AND id <> ? AND prepared_at > ? AND status IN ('waiting', 'sent', 'uncertain') AND letter IN `+marks,
		append([]any{m.RegistrationID, m.ID, store.At(m.CreatedAt)}, args...)...)
	return n > 0, err
}

// inLetters is a list of SQL and what stands in it.
func inLetters(letters []Letter) (marks string, args []any) {
	marks = "(''"
	for _, l := range letters {
		marks, args = marks+", ?", append(args, l)
	}
	return marks + ")", args
}

// WrittenAbout counts the messages of an event by the registration that they are
// about.
func WrittenAbout(ctx context.Context, tx *store.Tx, eventID string) (map[string]int, error) {
	type row struct {
		id string
		n  int
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) { return x, r.Scan(&x.id, &x.n) }, `
		SELECT registration_id, count(*) FROM message WHERE event_id = ? AND registration_id IS NOT NULL GROUP BY registration_id`, eventID)
	counts := make(map[string]int, len(rows))
	for _, x := range rows {
		counts[x.id] = x.n
	}
	return counts, err
}

// NextDue is when the next message will be due, leases apart; the zero time
// when nothing waits.
func NextDue(ctx context.Context, tx *store.Tx) (next time.Time, err error) {
	for _, priority := range priorities {
		due, err := store.One(ctx, tx, func(r store.Row) (t time.Time, err error) {
			return t, r.Scan(store.Time(&t))
		}, `SELECT min(due_at) FROM message WHERE status = 'waiting' AND priority = ?`, priority)
		if err != nil {
			return next, err
		}
		if next.IsZero() || !due.IsZero() && due.Before(next) {
			next = due
		}
	}
	return next, nil
}
