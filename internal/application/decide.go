package application

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Decision is what was decided. It stays as it was made.
type Decision struct {
	ApplicationID string
	Outcome       Status // granted, rejected
	Minor         int64
	Minutes       int
	Currency      string
	Reason        string
	Appeal        string // as the scheme said that day
	ByUser        string
	ByName        string
	At            time.Time
}

// DecisionOf returns the decision on an application, or problem.ErrMissing.
func DecisionOf(ctx context.Context, tx *store.Tx, id string) (Decision, error) {
	d, err := store.One(ctx, tx, func(r store.Row) (d Decision, err error) {
		return d, r.Scan(&d.ApplicationID, &d.Outcome, &d.Minor, &d.Minutes, &d.Currency, &d.Reason, &d.Appeal, &d.ByUser, &d.ByName, store.Time(&d.At))
	}, `SELECT application_id, outcome, minor, minutes, currency, reason, appeal, decided_by, decided_name, decided_at FROM application_decision WHERE application_id = ?`, id)
	return d, missing(err)
}

func (d Decision) insert(ctx context.Context, tx *store.Tx) error {
	name, err := store.One(ctx, tx, store.Value[string], `SELECT COALESCE((SELECT name FROM user_account WHERE id = ?), '')`, d.ByUser)
	if err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `
		INSERT INTO application_decision (application_id, outcome, minor, minutes, currency, reason, appeal, decided_by, decided_name, decided_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		d.ApplicationID, d.Outcome, d.Minor, d.Minutes, d.Currency, d.Reason, d.Appeal, d.ByUser, name, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("write a decision: %w", err)
	}
	return nil
}

// Assess notes that the case has been read and is ready to be decided. A question
// that nobody has answered ends.
func Assess(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := a.move(ctx, tx, Assessed, by, "", message.Details{}); err != nil {
		return err
	}
	return a.endQuestion(ctx, tx)
}

// Award is what a project is granted.
type Award struct {
	Minor    int64
	Minutes  int    // hours of support, in minutes
	Reason   string // words to the applicant; may be empty
	ReportBy string // "2027-12-31": the last day for the final report; may be empty
}

// GrantTo grants an assessed application its money and hours, and opens the hours
// in the same transaction, so that the project may book. The pot is locked first:
// of many at once, those get the money whom the pot has enough for, the others are
// ErrPot. Hours that the pool has not, with what other projects were promised, and money above the scheme's most for a project is refused at its field, and
// a body for which nobody has confirmed the applicant with ErrUnconfirmed.
func GrantTo(ctx context.Context, tx *store.Tx, id string, w Award, by audit.Actor) error {
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	s, err := lockScheme(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	h, err := homeOf(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	if !a.may(Granted, by) {
		return ErrNotNow
	}
	if err := w.check(s, h); err != nil {
		return err
	}
	confirmed, err := a.Confirmed(ctx, tx)
	if err != nil {
		return err
	}
	if !confirmed {
		return ErrUnconfirmed
	}
	b, err := BalanceOf(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	if w.Minor > b.Left() {
		return ErrPot.With("left", problem.Money{Minor: b.Left(), Currency: s.Currency})
	}
	if err := enoughHours(ctx, tx, a, w.Minutes); err != nil {
		return err
	}
	if err := addEntry(ctx, tx, a, Grant, w.Minor, "", by); err != nil {
		return err
	}
	if err := openHours(ctx, tx, a, w.Minutes); err != nil {
		return err
	}
	if err := (Decision{ApplicationID: id, Outcome: Granted, Minor: w.Minor, Minutes: w.Minutes, Currency: s.Currency, Reason: w.Reason, Appeal: s.Appeal, ByUser: by.ID}).insert(ctx, tx); err != nil {
		return err
	}
	a.GrantedMinor, a.GrantedMinutes, a.ReportBy, a.DecidedAt = &w.Minor, &w.Minutes, w.ReportBy, tx.Now
	return a.move(ctx, tx, Granted, by, w.Reason, message.Details{})
}

func (w *Award) check(s Scheme, h home) error {
	var f problem.Fields
	if w.Minor < 0 {
		f.Add("minor", "application_amount")
	} else if w.Minor > s.MostMinor {
		f.Add("minor", "application_most", "most", problem.Money{Minor: s.MostMinor, Currency: s.Currency})
	}
	if w.Minutes < 0 || w.Minutes > 60*10_000 {
		f.Add("hours", "application_between", "least", 0, "most", 10_000)
	} else if w.Minor == 0 && w.Minutes == 0 {
		f.Add("minor", "application_nothing")
	}
	if w.ReportBy != "" {
		dayAhead(&f, "report_by", w.ReportBy, h)
	}
	w.Reason = words(&f, "reason", w.Reason, false)
	return f.Err()
}

// Reject says no, with the reason that the applicant reads.
func Reject(ctx context.Context, tx *store.Tx, id, reason string, by audit.Actor) error {
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	s, err := SchemeOf(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	if !a.may(Rejected, by) {
		return ErrNotNow
	}
	var f problem.Fields
	if reason = words(&f, "reason", reason, true); f.Err() != nil {
		return f.Err()
	}
	if err := (Decision{ApplicationID: id, Outcome: Rejected, Currency: s.Currency, Reason: reason, Appeal: s.Appeal, ByUser: by.ID}).insert(ctx, tx); err != nil {
		return err
	}
	a.DecidedAt = tx.Now
	return a.move(ctx, tx, Rejected, by, reason, message.Details{})
}

// Withdraw takes a case back before it is decided.
func Withdraw(ctx context.Context, tx *store.Tx, personID, id string) error {
	if _, err := Own(ctx, tx, personID, id); err != nil {
		return err
	}
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := a.move(ctx, tx, Withdrawn, audit.Actor{Kind: "person", ID: personID}, "", message.Details{}); err != nil {
		return err
	}
	return a.endQuestion(ctx, tx)
}
