package aid

import (
	"context"
	"fmt"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/holiday"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// mustRegister notes that the register has to be told of a grant or a correction.
func (c Case) mustRegister(ctx context.Context, tx *store.Tx, awardID, correctionID string) error {
	due := dayText(Deadline(c.Country(), c.today(tx)))
	_, err := store.Exec(ctx, tx, `INSERT INTO aid_register (id, award_id, correction_id, due_on) VALUES (?, ?, ?, ?)`, tx.NewID(), awardID, store.Text(correctionID), due)
	if err != nil {
		return fmt.Errorf("note what is to be registered: %w", err)
	}
	record := awardID
	if correctionID != "" {
		record = correctionID
	}
	_, err = store.Exec(ctx, tx, `UPDATE aid_record SET register_due = ? WHERE id = ?`, due, record)
	return err
}

// Register notes that everything of the case that was to be registered has been, on
// a day, and under which reference. It refuses at the fields reference and on, and
// with ErrNotNow when nothing is to be.
func Register(ctx context.Context, tx *store.Tx, caseID, reference string, on time.Time, by audit.Actor) (Case, error) {
	c, err := Find(ctx, tx, caseID)
	if err != nil {
		return c, err
	}
	var f problem.Fields
	if reference = strings.TrimSpace(reference); reference == "" {
		f.Add("reference", "required")
	}
	line(&f, "reference", reference, 200)
	open, err := c.ToRegister(ctx, tx)
	if err != nil {
		return c, err
	}
	if len(open) == 0 {
		return c, ErrNotNow
	}
	switch {
	case on.IsZero():
		f.Add("on", "aid_day")
	case on.After(c.today(tx)):
		f.Add("on", "aid_day_ahead")
	case on.Before(open[0].Since):
		f.Add("on", "aid_before_grant")
	}
	if err := f.Err(); err != nil {
		return c, err
	}
	for _, o := range open {
		if _, err := store.Exec(ctx, tx, `UPDATE aid_register SET registered_on = ?, reference = ?, registered_by = ? WHERE id = ?`, dayText(on), reference, by.ID, o.ID); err != nil {
			return c, fmt.Errorf("register aid: %w", err)
		}
		if _, err := store.Exec(ctx, tx, `UPDATE aid_record SET registered_on = ?, register_ref = ? WHERE id = ?`, dayText(on), reference, o.record()); err != nil {
			return c, fmt.Errorf("keep that aid was registered: %w", err)
		}
	}
	if may(c.Status, Registered) {
		return c, c.move(ctx, tx, Registered, "", by)
	}
	return c, audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: c.ProgrammeID, Action: "aid.registered", ObjectKind: "aid_case", ObjectID: c.ID})
}

// Due is something that the register has to be told.
type Due struct {
	ID, AwardID, CorrectionID string
	Since                     time.Time // the day of the grant
	On                        time.Time // the last day
}

func (d Due) record() string {
	if d.CorrectionID != "" {
		return d.CorrectionID
	}
	return d.AwardID
}

// ToRegister lists what of the case is to be registered, the most urgent first.
func (c Case) ToRegister(ctx context.Context, tx *store.Tx) ([]Due, error) {
	return store.All(ctx, tx, func(r store.Row) (d Due, err error) {
		var since, on string
		err = r.Scan(&d.ID, &d.AwardID, store.String(&d.CorrectionID), &since, &on)
		d.Since, d.On = dayFrom(since), dayFrom(on)
		return d, err
	}, `SELECT g.id, g.award_id, g.correction_id, a.granted_on, g.due_on FROM aid_register g JOIN aid_award a ON a.id = g.award_id
		WHERE a.case_id = ? AND g.registered_on IS NULL ORDER BY g.due_on, g.id`, c.ID)
}

// DaysLeft is how many working days are left until the last day, itself counted:
// 0 when it is over. Today counts when it is a working day.
func DaysLeft(country string, today, due time.Time) int {
	n := 0
	for d := dayOf(today); !d.After(due); d = d.AddDate(0, 0, 1) {
		if holiday.WorkingDaysAfter(country, d.AddDate(0, 0, -1), 1).Equal(d) {
			n++
		}
	}
	return n
}
