package application

import (
	"context"
	"strings"
	"time"

	"stafett/internal/advisory"
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
	if a.Status != Granted {
		return ErrNotNow
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
	if err := a.endQuestion(ctx, tx); err != nil {
		return err
	}
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
	if err := a.endQuestion(ctx, tx); err != nil {
		return err
	}
	a.EndReason = reason
	return a.move(ctx, tx, Closed, by, reason, message.Details{})
}

// enoughHours refuses to promise hours that the pool has not left: what other
// projects were granted and have not booked yet is theirs.
func enoughHours(ctx context.Context, tx *store.Tx, a Application, minutes int) error {
	p, err := advisory.ProgrammeByID(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	left, limited, err := advisory.Unpromised(ctx, tx, p)
	if err != nil || !limited || minutes <= left {
		return err
	}
	return problem.Fields{{Name: "hours", Code: "application_pool", Args: []any{"left", time.Duration(left) * time.Minute}}}.Err()
}

// openHours makes the project's account with the minutes that it is granted.
func openHours(ctx context.Context, tx *store.Tx, a Application, minutes int) error {
	p, err := advisory.ProgrammeByID(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	_, err = advisory.OpenProject(ctx, tx, p, a.ID, minutes)
	return err
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
		return ErrBookings
	}
	h, found, err := HoursOf(ctx, tx, a)
	if err != nil || !found {
		return err
	}
	return openHours(ctx, tx, a, max(0, h.Used+h.Reserved))
}

// HoursOf is the project's account of hours; found is false when none has been
// opened.
func HoursOf(ctx context.Context, tx *store.Tx, a Application) (h advisory.Account, found bool, err error) {
	p, err := advisory.ProgrammeByID(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return h, false, err
	}
	h, err = advisory.AccountOf(ctx, tx, p, advisory.Holder{ApplicationID: a.ID}, tx.Now.Year())
	return h, h.ID != "", err
}
