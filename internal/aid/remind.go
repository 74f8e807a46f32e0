package aid

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/message"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// remindAt is with how many working days left organisers are reminded of the
// register, the day itself counted.
var remindAt = [...]int{10, 5, 1}

// farthest is how many days ahead ten working days reach at most, with room to spare.
const farthest = 30

// Remind writes to the organisers of what has to be registered soon (letter O4):
// with 10, 5 and 1 working days left, once each. A day that was missed is made up by
// the next letter.
func Remind(ctx context.Context, tx *store.Tx) error {
	open, err := store.All(ctx, tx, func(r store.Row) (d dueCase, err error) {
		var due string
		err = r.Scan(&d.id, &d.caseID, &due)
		d.due = dayFrom(due)
		return d, err
	}, `SELECT g.id, a.case_id, g.due_on FROM aid_register g JOIN aid_award a ON a.id = g.award_id WHERE g.registered_on IS NULL AND g.due_on >= ? AND g.due_on <= ? ORDER BY g.due_on, g.id`,
		dayText(tx.Now.AddDate(0, 0, -1)), dayText(tx.Now.AddDate(0, 0, farthest)))
	if err != nil {
		return err
	}
	for _, d := range open {
		if err := d.remind(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

type dueCase struct {
	id, caseID string
	due        time.Time
}

func (d dueCase) remind(ctx context.Context, tx *store.Tx) error {
	c, err := Find(ctx, tx, d.caseID)
	if err != nil {
		return err
	}
	left := DaysLeft(c.Country(), c.today(tx), d.due)
	reached := 0
	for _, n := range remindAt {
		if left <= n && left > 0 {
			reached = n
		}
	}
	if reached == 0 {
		return nil
	}
	p, err := programme.Find(ctx, tx, c.ProgrammeID)
	if err != nil || p.ContactEmail == "" {
		return err
	}
	loc, end := c.Zone(), d.due
	morning := message.AfterNight(tx.Now.In(loc))
	_, err = message.Enqueue(ctx, tx, message.Request{
		Key: fmt.Sprintf("O4:%s:%d", d.id, reached), Letter: message.RegisterDeadline, Recipient: p.ContactEmail, Language: p.Language, ProgrammeID: p.ID, AidCaseID: c.ID,
		NotBefore: morning, NotAfter: time.Date(end.Year(), end.Month(), end.Day(), 23, 59, 0, 0, loc),
	})
	return err
}
