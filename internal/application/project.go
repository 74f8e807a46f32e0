package application

import (
	"context"
	"fmt"
	"strings"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Phases lists the steps of the programme's projects, in order.
func Phases(ctx context.Context, tx *store.Tx, advisoryProgrammeID string) ([]string, error) {
	return store.All(ctx, tx, store.Value[string], `SELECT name FROM advisory_phase WHERE advisory_programme_id = ? ORDER BY position`, advisoryProgrammeID)
}

// Start begins a granted project, in the first phase.
func Start(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	first := 0
	a.Phase = &first
	return a.move(ctx, tx, Running, by, "", message.Details{})
}

// ToPhase takes a running project to another of the programme's phases, mostly the
// next; back as well, for a competition that has to be held anew.
func ToPhase(ctx context.Context, tx *store.Tx, id string, phase int, by audit.Actor) error {
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	phases, err := Phases(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	if a.Status != Running || a.Phase == nil {
		return ErrNotNow
	}
	if phase < 0 || phase >= len(phases) {
		return problem.Fields{{Name: "phase", Code: "choice"}}.Err()
	}
	if *a.Phase == phase {
		return nil
	}
	from := ""
	if *a.Phase < len(phases) {
		from = phases[*a.Phase]
	}
	a.Phase = &phase
	if err := a.update(ctx, tx, Running); err != nil {
		return err
	}
	return a.audit(ctx, tx, by, "application.phase", from, phases[phase], "")
}

// Report hands in the final report of a running project: words, a link to it, or
// both. An organiser may do it for a project that sent it otherwise.
func Report(ctx context.Context, tx *store.Tx, id, report, address string, by audit.Actor) error {
	if by.Kind == "person" {
		if _, err := Own(ctx, tx, by.ID, id); err != nil {
			return err
		}
	}
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if !a.may(FinalReport, by) {
		return ErrNotNow
	}
	var f problem.Fields
	address = strings.TrimSpace(address)
	if address != "" && !webAddress(address) {
		f.Add("report_url", "https")
	}
	if strings.TrimSpace(report) != "" || address == "" {
		report = text(&f, "report", report)
	}
	if err := f.Err(); err != nil {
		return err
	}
	a.FinalReport, a.FinalReportURL = report, address
	return a.move(ctx, tx, FinalReport, by, "", message.Details{})
}

// Close ends a project: the unused money goes back into the pot and no more hours
// can be booked. A project that ends without a final report needs a reason. It is
// refused while meetings lie ahead or wait for their time (ErrBookings), and while
// a payout waits for its answer (ErrPayouts).
func Close(ctx context.Context, tx *store.Tx, id, reason string, by audit.Actor) error {
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if _, err := lockScheme(ctx, tx, a.AdvisoryProgrammeID); err != nil {
		return err
	}
	if !a.may(Closed, by) {
		return ErrNotNow
	}
	var f problem.Fields
	if reason = words(&f, "reason", reason, a.Status != FinalReport); f.Err() != nil {
		return f.Err()
	}
	m, err := MoneyOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if m.AwaitedMinor > 0 {
		return ErrPayouts
	}
	if err := closeHours(ctx, tx, a); err != nil {
		return err
	}
	if err := addEntry(ctx, tx, a, Return, m.Left(), reason, by); err != nil {
		return err
	}
	a.EndReason = reason
	return a.move(ctx, tx, Closed, by, reason, message.Details{})
}

// openHours makes the project's account with the minutes that it is granted.
func openHours(ctx context.Context, tx *store.Tx, a Application, minutes int) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO hours_account (id, advisory_programme_id, application_id, year, cap_minutes, created_at) VALUES (?, ?, ?, 0, ?, ?)`,
		tx.NewID(), a.AdvisoryProgrammeID, a.ID, minutes, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("open a project's hours: %w", err)
	}
	return nil
}

// closeHours takes what is left of the hours, so that nothing more can be booked.
func closeHours(ctx context.Context, tx *store.Tx, a Application) error {
	ahead, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM booking b JOIN hours_account h ON h.id = b.account_id
		WHERE h.application_id = ? AND b.status IN ('requested', 'waiting', 'confirmed', 'held')`, a.ID)
	if err != nil {
		return err
	}
	if ahead > 0 {
		return ErrBookings.With("n", ahead)
	}
	h, found, err := HoursOf(ctx, tx, a.ID)
	if err != nil || !found {
		return err
	}
	_, err = store.Exec(ctx, tx, `UPDATE hours_account SET revision = revision + 1, cap_minutes = ? WHERE application_id = ?`, max(0, h.Used+h.Reserved), a.ID)
	if err != nil {
		return fmt.Errorf("close a project's hours: %w", err)
	}
	return nil
}

// Hours are a project's, in minutes.
type Hours struct{ Cap, Reserved, Used int }

// Left is what can still be booked.
func (h Hours) Left() int { return max(0, h.Cap-h.Reserved-h.Used) }

// HoursOf returns a project's hours; found is false when none have been opened.
func HoursOf(ctx context.Context, tx *store.Tx, id string) (h Hours, found bool, err error) {
	all, err := store.All(ctx, tx, func(r store.Row) (h Hours, err error) { return h, r.Scan(&h.Cap, &h.Reserved, &h.Used) }, `
		SELECT COALESCE(a.cap_minutes, 0),
			COALESCE((SELECT SUM(CASE kind WHEN 'reserve' THEN minutes ELSE -minutes END) FROM hours_entry WHERE account_id = a.id AND kind IN ('reserve', 'release')), 0),
			COALESCE((SELECT SUM(minutes) FROM hours_entry WHERE account_id = a.id AND kind IN ('settle', 'charge', 'adjust', 'merge')), 0)
		FROM hours_account a WHERE a.application_id = ?`, id)
	if err != nil || len(all) == 0 {
		return h, false, err
	}
	return all[0], true, nil
}
