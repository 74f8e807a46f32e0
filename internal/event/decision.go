package event

import (
	"context"
	"time"

	"stafett/internal/audit"
	"stafett/internal/holiday"
	"stafett/internal/store"
)

// decisionDays is how many working days before the start the organiser is asked
// whether too small an event takes place, unless another day is named.
const decisionDays = 3

// decisionHour is the hour of that day on the event's clock.
const decisionHour = 8

// DecisionTime is when the organiser must know whether the event takes place;
// zero when any number of participants is enough.
func (c Content) DecisionTime() time.Time {
	if c.MinParticipants == nil {
		return time.Time{}
	}
	loc := c.Location()
	day, err := time.ParseInLocation(time.DateOnly, c.DecisionOn, loc)
	if err != nil {
		day = holiday.WorkingDaysBefore(c.Country(), c.LocalStart(), decisionDays)
	}
	return time.Date(day.Year(), day.Month(), day.Day(), decisionHour, 0, 0, 0, loc)
}

// NoteDecisionAsked writes down that the organiser has been asked.
func NoteDecisionAsked(ctx context.Context, tx *store.Tx, id string) error {
	_, err := store.Exec(ctx, tx, `UPDATE event SET decision_asked_at = ? WHERE id = ?`, store.At(tx.Now), id)
	return err
}

// CloseAttendance writes down that everybody who was there has been marked. It
// changes nothing the second time.
func CloseAttendance(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Event, error) {
	e, err := lock(ctx, tx, id)
	if err != nil || !e.AttendanceClosedAt.IsZero() {
		return e, err
	}
	if _, err := store.Exec(ctx, tx, `UPDATE event SET attendance_closed_at = ? WHERE id = ?`, store.At(tx.Now), id); err != nil {
		return e, err
	}
	if err := e.audit(ctx, tx, by, "event.close_attendance", "", "", ""); err != nil {
		return e, err
	}
	return Find(ctx, tx, id)
}

// KeepWaitingList opens or closes the waiting list for newcomers; who is on it
// stays there.
func KeepWaitingList(ctx context.Context, tx *store.Tx, id string, open bool, by audit.Actor) (Event, error) {
	e, err := lock(ctx, tx, id)
	if err != nil || e.WaitingList == open {
		return e, err
	}
	if _, err := store.Exec(ctx, tx, `UPDATE event SET waiting_list = ?, revision = revision + 1, changed_at = ? WHERE id = ?`, open, store.At(tx.Now), id); err != nil {
		return e, err
	}
	word := map[bool]string{true: "open", false: "closed"}
	if err := e.audit(ctx, tx, by, "event.waiting_list", word[!open], word[open], ""); err != nil {
		return e, err
	}
	return Find(ctx, tx, id)
}
