package advisory

import (
	"context"
	"time"

	"stafett/internal/holiday"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/restored"
	"stafett/internal/store"
)

// Reminder is one reminder of a meeting, to whoever booked it.
type Reminder struct {
	Booking                      Booking
	DueAt                        time.Time
	ProgrammeID, Name, Recipient string
}

// remindClock is the hour of the working day before, on the meeting's own clock.
const remindClock = 9

// remindsAt is when people are reminded of the meeting: a working day before it, as
// its country counts them.
func (b Booking) remindsAt() time.Time {
	start := b.StartsAt.In(b.Location())
	day := holiday.PreviousWorkingDay(countryOf(b.TimeZone), start)
	return time.Date(day.Year(), day.Month(), day.Day(), remindClock, 0, 0, 0, b.Location())
}

func countryOf(zone string) string {
	if zone == "Europe/Oslo" {
		return "NO"
	}
	return "SE"
}

// toldLately is how long before a reminder nobody is reminded who has just been
// told of the meeting.
const toldLately = time.Hour

// longestBreak is more days than ever lie between two working days.
const longestBreak = 15 * 24 * time.Hour

// RemindersDue lists the reminders of meetings that go until a moment and have not
// been written, in the order in which they go. Who booked, or was told of a new
// time, within the hour before it or later needs none.
func RemindersDue(ctx context.Context, tx *store.Tx, until time.Time) ([]Reminder, error) {
	return remindersDue(ctx, tx, until, -1)
}

func remindersDue(ctx context.Context, tx *store.Tx, until time.Time, most int) (due []Reminder, err error) {
	found, err := store.All(ctx, tx, scanBooking, selectBooking+`
		WHERE status = 'confirmed' AND starts_at > ? AND starts_at < ? AND person_id IS NOT NULL
			AND NOT EXISTS (SELECT 1 FROM message m WHERE m.unique_key = ? || booking.id || ':' || booking.starts_at)
		ORDER BY starts_at, id`, store.At(tx.Now), store.At(laterOf(until, tx.Now).Add(longestBreak)), string(message.BookingReminder)+":")
	if err != nil {
		return nil, err
	}
	for _, b := range found {
		at := b.remindsAt()
		if at.After(until) || b.ChangedAt.After(at.Add(-toldLately)) {
			continue
		}
		who, err := person.Find(ctx, tx, b.PersonID)
		if err != nil {
			return nil, err
		}
		if who.Erased() {
			continue
		}
		p, err := ProgrammeByID(ctx, tx, b.AdvisoryProgrammeID)
		if err != nil {
			return nil, err
		}
		text, _ := p.Text(p.Language)
		due = append(due, Reminder{Booking: b, DueAt: at, ProgrammeID: p.ProgrammeID, Name: text.Name, Recipient: who.Email})
		if len(due) == most {
			break
		}
	}
	return due, nil
}

// remindedAtOnce is how many reminders one transaction writes.
const remindedAtOnce = 100

// Remind writes the reminders of meetings that are due, a part of them, and reports
// whether there are more. One that is found late goes still, by day, as long as the
// meeting is to come. Whether it still applies is decided again when it is sent.
func Remind(ctx context.Context, tx *store.Tx) (more bool, err error) {
	due, err := remindersDue(ctx, tx, tx.Now, remindedAtOnce)
	if err != nil {
		return false, err
	}
	lost, err := restored.Pending(ctx, tx)
	if err != nil {
		return false, err
	}
	for _, r := range due {
		b := r.Booking
		_, err := message.Enqueue(ctx, tx, message.Request{
			Key:    string(message.BookingReminder) + ":" + b.ID + ":" + timeText(b.StartsAt),
			Letter: message.BookingReminder, Recipient: r.Recipient, Language: b.Language, ProgrammeID: r.ProgrammeID, BookingID: b.ID,
			Details:   message.Details{ForStart: timeText(b.StartsAt)},
			NotBefore: message.AfterQuietHours(tx.Now, b.StartsAt, b.Location()), NotAfter: b.StartsAt, Old: lost.Covers(r.DueAt),
		})
		if err != nil {
			return false, err
		}
	}
	return len(due) == remindedAtOnce, nil
}
