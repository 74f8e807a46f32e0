package application

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Scheme is the pot of a programme of advice and its terms. Money is the smallest
// unit of the currency.
type Scheme struct {
	AdvisoryProgrammeID string
	PotMinor            int64
	MostMinor           int64 // a project
	Currency            string
	Minutes             int    // of support to a project, unless the decision says otherwise
	PartPercent         int    // of a grant, that may be paid before the final report
	OpensOn, ClosesOn   string // "2026-12-31", both within; empty: no such day
	Appeal              string // what decisions say of how to complain
}

// StandardScheme has the usual values of a new one.
func StandardScheme(advisoryProgrammeID, currency string) Scheme {
	return Scheme{AdvisoryProgrammeID: advisoryProgrammeID, Currency: currency, Minutes: 2400, PartPercent: 75}
}

// maxMinor keeps sums of money far from the end of the numbers.
const maxMinor = 10_000_000_000_00

// Check reports what must be corrected.
func (s Scheme) Check() error {
	var f problem.Fields
	if s.PotMinor <= 0 || s.PotMinor > maxMinor {
		f.Add("pot", "application_amount")
	}
	if s.MostMinor <= 0 || s.MostMinor > maxMinor {
		f.Add("most", "application_amount")
	} else if s.MostMinor > s.PotMinor && !f.Has("pot") {
		f.Add("most", "application_most_above_pot")
	}
	if s.Minutes < 0 || s.Minutes > 60*10_000 {
		f.Add("hours", "application_between", "least", 0, "most", 10_000)
	}
	if s.PartPercent < 0 || s.PartPercent > 100 {
		f.Add("part", "application_between", "least", 0, "most", 100)
	}
	for _, day := range []struct{ field, value string }{{"opens_on", s.OpensOn}, {"closes_on", s.ClosesOn}} {
		if _, err := time.Parse(time.DateOnly, day.value); day.value != "" && err != nil {
			f.Add(day.field, "application_day")
		}
	}
	if s.OpensOn != "" && s.ClosesOn != "" && s.ClosesOn < s.OpensOn && !f.Has("opens_on") && !f.Has("closes_on") {
		f.Add("closes_on", "application_closes_before")
	}
	if long(s.Appeal, longText) {
		f.Add("appeal", "too_long", "most", longText)
	} else if locale.Deceptive(s.Appeal, true) {
		f.Add("appeal", "characters")
	}
	return f.Err()
}

// Open reports whether applications may be sent on a day ("2026-12-31").
func (s Scheme) Open(day string) bool {
	return (s.OpensOn == "" || s.OpensOn <= day) && (s.ClosesOn == "" || day <= s.ClosesOn)
}

// PartMinor is how much of a grant may be paid before the final report.
func (s Scheme) PartMinor(granted int64) int64 { return granted * int64(s.PartPercent) / 100 }

const selectScheme = `SELECT advisory_programme_id, pot_minor, most_minor, currency, minutes, part_percent, opens_on, closes_on, appeal FROM application_scheme `

func scanScheme(r store.Row) (s Scheme, err error) {
	return s, r.Scan(&s.AdvisoryProgrammeID, &s.PotMinor, &s.MostMinor, &s.Currency, &s.Minutes, &s.PartPercent, store.String(&s.OpensOn), store.String(&s.ClosesOn), &s.Appeal)
}

// SchemeOf returns the scheme of a programme of advice, or problem.ErrMissing when
// it has none.
func SchemeOf(ctx context.Context, tx *store.Tx, advisoryProgrammeID string) (Scheme, error) {
	s, err := store.One(ctx, tx, scanScheme, selectScheme+`WHERE advisory_programme_id = ?`, advisoryProgrammeID)
	return s, missing(err)
}

// SetScheme stores the terms, new or changed. A pot below what is granted is
// refused at the field "pot", and the currency stays once money is granted.
func SetScheme(ctx context.Context, tx *store.Tx, s Scheme, by audit.Actor) error {
	if err := s.Check(); err != nil {
		return err
	}
	h, err := homeOf(ctx, tx, s.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	before, err := lockScheme(ctx, tx, s.AdvisoryProgrammeID)
	if err != nil && !errors.Is(err, problem.ErrMissing) {
		return err
	}
	b, err := BalanceOf(ctx, tx, s.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	if s.PotMinor < b.GrantedMinor {
		return problem.Fields{{Name: "pot", Code: "application_pot_below"}}.Err()
	}
	if before.AdvisoryProgrammeID != "" && before.Currency != s.Currency && b.GrantedMinor > 0 {
		return problem.Fields{{Name: "currency", Code: "choice"}}.Err()
	}
	_, err = store.Exec(ctx, tx, `
		INSERT INTO application_scheme (advisory_programme_id, pot_minor, most_minor, currency, minutes, part_percent, opens_on, closes_on, appeal, created_at, changed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (advisory_programme_id) DO UPDATE SET pot_minor = excluded.pot_minor, most_minor = excluded.most_minor, currency = excluded.currency,
			minutes = excluded.minutes, part_percent = excluded.part_percent, opens_on = excluded.opens_on, closes_on = excluded.closes_on, appeal = excluded.appeal,
			changed_at = excluded.changed_at, revision = application_scheme.revision + 1`,
		s.AdvisoryProgrammeID, s.PotMinor, s.MostMinor, s.Currency, s.Minutes, s.PartPercent, store.Text(s.OpensOn), store.Text(s.ClosesOn), s.Appeal, store.At(tx.Now), store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("write scheme: %w", err)
	}
	return audit.Add(ctx, tx, audit.Entry{
		Actor: by, ProgrammeID: h.ID, Action: "application.scheme", ObjectKind: "advisory_programme", ObjectID: s.AdvisoryProgrammeID,
		From: fmt.Sprint(before.PotMinor), To: fmt.Sprint(s.PotMinor),
	})
}

// home is the programme that a programme of advice belongs to, and its clock.
type home struct {
	ID, Status string
	Country    string
	Now        time.Time // on the programme's clock
}

// Day is the day that it is there: "2026-12-31".
func (h home) Day() string { return h.Now.Format(time.DateOnly) }

func homeOf(ctx context.Context, tx *store.Tx, advisoryProgrammeID string) (h home, err error) {
	zone := ""
	h, err = store.One(ctx, tx, func(r store.Row) (h home, err error) { return h, r.Scan(&h.ID, &h.Status, &h.Country, &zone) }, `
		SELECT p.id, a.status, p.country, p.time_zone FROM advisory_programme a JOIN programme p ON p.id = a.programme_id WHERE a.id = ? AND a.prerequisite = 'application'`, advisoryProgrammeID)
	if err != nil {
		return h, missing(err)
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return h, fmt.Errorf("clock of a programme: %w", err)
	}
	h.Now = tx.Now.In(loc)
	return h, nil
}

// lockScheme reads the scheme and keeps everybody else who wants of its pot waiting
// until the transaction ends.
func lockScheme(ctx context.Context, tx *store.Tx, advisoryProgrammeID string) (Scheme, error) {
	if _, err := store.Exec(ctx, tx, `UPDATE application_scheme SET revision = revision + 1 WHERE advisory_programme_id = ?`, advisoryProgrammeID); err != nil {
		return Scheme{}, fmt.Errorf("lock the pot: %w", err)
	}
	return SchemeOf(ctx, tx, advisoryProgrammeID)
}
