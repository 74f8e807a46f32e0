package advisory

import (
	"context"
	"fmt"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// MergeCompanies merges two companies as registration.MergeCompanies does, with the
// same refusals, and takes hours, bookings and state aid along. Packages that keep more by
// company pass followers of their own.
func MergeCompanies(ctx context.Context, tx *store.Tx, from, into, reason string, by audit.Actor, follow ...company.Follower) error {
	return registration.MergeCompanies(ctx, tx, from, into, reason, by, append([]company.Follower{MergeHours(by), aid.Follow}, follow...)...)
}

// MergeHours lets the company that goes on have what the other has used and booked
// in every programme of advice. In each the entries of the merge add up to nought.
// Together they may have more than one company may, which nobody loses: then
// nothing more can be booked, and the organisers are told.
func MergeHours(by audit.Actor) company.Follower {
	return func(ctx context.Context, tx *store.Tx, from, into string) error {
		accounts, err := AccountsOfCompany(ctx, tx, from)
		if err != nil {
			return err
		}
		for _, old := range accounts {
			if err := old.moveTo(ctx, tx, Holder{CompanyID: into}, by); err != nil {
				return fmt.Errorf("merge hours: %w", err)
			}
		}
		for _, table := range []string{"booking", "application"} {
			if _, err := store.Exec(ctx, tx, `UPDATE `+table+` SET company_id = ? WHERE company_id = ?`, into, from); err != nil {
				return fmt.Errorf("merge %ss: %w", table, err)
			}
		}
		return keepTold(ctx, tx, from, into)
	}
}

// keepTold lets the company that goes on have the other's invoice address if it has
// none, and what its people were told they are not told again.
func keepTold(ctx context.Context, tx *store.Tx, from, into string) error {
	for _, statement := range []string{
		`INSERT INTO company_invoice (company_id, address, reference, endpoint) SELECT ?, address, reference, endpoint FROM company_invoice WHERE company_id = ? ON CONFLICT DO NOTHING`,
		`INSERT INTO advice_told (advisory_programme_id, company_id, told_at) SELECT advisory_programme_id, ?, told_at FROM advice_told WHERE company_id = ? ON CONFLICT DO NOTHING`,
	} {
		if _, err := store.Exec(ctx, tx, statement, into, from); err != nil {
			return fmt.Errorf("merge what is kept of companies: %w", err)
		}
	}
	return nil
}

// moveTo gives all of an account to another holder in the same programme and year:
// what is used by entries of the merge, what is reserved with its bookings.
func (a Account) moveTo(ctx context.Context, tx *store.Tx, to Holder, by audit.Actor) error {
	p, err := ProgrammeByID(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	into, err := OpenAccount(ctx, tx, p, to, a.Year)
	if err != nil {
		return err
	}
	if err := a.lock(ctx, tx); err != nil {
		return err
	}
	if a.ID == into.ID {
		return nil
	}
	held, err := store.All(ctx, tx, func(r store.Row) (e Entry, err error) { return e, r.Scan(&e.BookingID, &e.Minutes) }, `
		SELECT booking_id, SUM(CASE kind WHEN 'reserve' THEN minutes ELSE -minutes END) FROM hours_entry
		WHERE account_id = ? AND kind IN ('reserve', 'release') GROUP BY booking_id HAVING SUM(CASE kind WHEN 'reserve' THEN minutes ELSE -minutes END) > 0
		ORDER BY booking_id`, a.ID)
	if err != nil {
		return err
	}
	for _, h := range held {
		if err := a.write(ctx, tx, Entry{BookingID: h.BookingID, Kind: Release, Minutes: h.Minutes, Actor: by}); err != nil {
			return err
		}
	}
	// What was reserved stays so though it may pass the cap, which only a merge may:
	// room for it is made first and taken back after.
	if into, err = AccountByID(ctx, tx, into.ID); err != nil {
		return err
	}
	room := 0
	if into.CapMinutes != nil {
		room = max(0, a.Reserved+into.Reserved+into.Used+into.Linked-*into.CapMinutes)
	}
	entries := []Entry{{Kind: Merge, Minutes: -room}}
	for _, h := range held {
		entries = append(entries, Entry{BookingID: h.BookingID, Kind: Reserve, Minutes: h.Minutes})
	}
	entries = append(entries, Entry{Kind: Merge, Minutes: room + a.Used})
	for _, e := range entries {
		if e.Actor = by; e.Minutes == 0 {
			continue
		}
		if err := into.write(ctx, tx, e); err != nil {
			return err
		}
	}
	if a.Used != 0 {
		if err := a.write(ctx, tx, Entry{Kind: Merge, Minutes: -a.Used, Actor: by}); err != nil {
			return err
		}
	}
	for _, table := range []string{"booking", "hours_adjustment"} {
		if _, err := store.Exec(ctx, tx, `UPDATE `+table+` SET account_id = ? WHERE account_id = ?`, into.ID, a.ID); err != nil {
			return err
		}
	}
	if into, err = AccountByID(ctx, tx, into.ID); err != nil || !into.Exceeded() {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: p.ProgrammeID, Action: "hours.exceeded", ObjectKind: "hours_account", ObjectID: into.ID})
}

// CompanyElsewhere reports whether a company has hours or bookings in programmes of
// advice other than these.
func CompanyElsewhere(ctx context.Context, tx *store.Tx, within Within, companyID string) (bool, error) {
	in, args := within.where("p.programme_id")
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM hours_account a JOIN advisory_programme p ON p.id = a.advisory_programme_id
		WHERE a.company_id = ? AND NOT (`+in+`)`, append([]any{companyID}, args...)...)
	return n > 0, err
}
