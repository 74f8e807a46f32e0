package advisory

import (
	"context"
	"fmt"

	"stafett/internal/store"
)

// Holder is whose hours they are: exactly one of the three.
type Holder struct {
	CompanyID     string
	PersonID      string // somebody without a company yet
	ApplicationID string // a project
}

// Account is one holder's hours in a programme of advice, of a year where the cap
// is a year's.
type Account struct {
	ID, AdvisoryProgrammeID string
	Holder
	Year       int  // 0: the whole programme
	CapMinutes *int // nil: no limit
	Balance
	// Linked is what those have used and booked who count as one with the holder,
	// where the cap is an undertaking's; else nought.
	Linked int
}

// Balance is the sum of an account's entries, in minutes.
type Balance struct {
	Reserved int // Σ reserve − Σ release
	Used     int // Σ settle + charge + adjust + merge
}

// Available is how many minutes can still be booked: cap − used − reserved, of all
// who count as one, never below nought. Limited is false where there is no cap.
func (a Account) Available() (minutes int, limited bool) {
	if a.CapMinutes == nil {
		return 0, false
	}
	return max(0, *a.CapMinutes-a.Used-a.Reserved-a.Linked), true
}

// Exceeded reports whether a merge of two companies has taken the account above its
// cap.
func (a Account) Exceeded() bool { return a.CapMinutes != nil && a.Used+a.Reserved > *a.CapMinutes }

// linkedMinutes is Account.Linked of the account a. Who is one undertaking is known
// from the declarations of state aid that an organiser has checked.
const linkedMinutes = `CASE WHEN (SELECT cap_per FROM advisory_programme WHERE id = a.advisory_programme_id) <> 'undertaking' THEN 0 ELSE COALESCE((
	SELECT SUM(CASE e.kind WHEN 'release' THEN -e.minutes ELSE e.minutes END)
	FROM aid_recipient own JOIN aid_recipient other ON other.undertaking_id = own.undertaking_id AND other.id <> own.id
		JOIN hours_account o ON o.advisory_programme_id = a.advisory_programme_id AND o.year = a.year AND COALESCE(o.company_id, '') = COALESCE(other.company_id, '')
			AND COALESCE(o.person_id, '') = COALESCE(other.person_id, '') AND COALESCE(o.application_id, '') = ''
		JOIN hours_entry e ON e.account_id = o.id
	WHERE own.company_id = a.company_id OR own.person_id = a.person_id), 0) END`

const selectAccount = `SELECT a.id, a.advisory_programme_id, a.company_id, a.person_id, a.application_id, a.year, a.cap_minutes, ` + linkedMinutes + `,
	COALESCE((SELECT SUM(CASE kind WHEN 'reserve' THEN minutes WHEN 'release' THEN -minutes END) FROM hours_entry WHERE account_id = a.id AND kind IN ('reserve', 'release')), 0),
	COALESCE((SELECT SUM(minutes) FROM hours_entry WHERE account_id = a.id AND kind IN ('settle', 'charge', 'adjust', 'merge')), 0)
	FROM hours_account a `

func scanAccount(row store.Row) (a Account, err error) {
	err = row.Scan(&a.ID, &a.AdvisoryProgrammeID, store.String(&a.CompanyID), store.String(&a.PersonID), store.String(&a.ApplicationID), &a.Year, store.Int(&a.CapMinutes), &a.Linked,
		&a.Reserved, &a.Used)
	return a, err
}

// AccountByID finds an account with its balance.
func AccountByID(ctx context.Context, tx *store.Tx, id string) (Account, error) {
	a, err := store.One(ctx, tx, scanAccount, selectAccount+`WHERE a.id = ?`, id)
	return a, errNoSuch(err)
}

// AccountOf is the holder's account in the programme at a day's year. One that
// nobody has used yet has no id and the programme's cap.
func AccountOf(ctx context.Context, tx *store.Tx, p Programme, h Holder, year int) (Account, error) {
	empty := Account{AdvisoryProgrammeID: p.ID, Holder: h, Year: p.yearOf(year), CapMinutes: p.CapMinutes}
	found, err := store.All(ctx, tx, scanAccount, selectAccount+`
		WHERE a.advisory_programme_id = ? AND a.year = ? AND COALESCE(a.company_id, '') = ? AND COALESCE(a.person_id, '') = ? AND COALESCE(a.application_id, '') = ? AND a.forgotten_at IS NULL`,
		p.ID, empty.Year, h.CompanyID, h.PersonID, h.ApplicationID)
	switch {
	case err != nil:
		return empty, err
	case len(found) > 0:
		return found[0], nil
	case p.CapPer == PerUndertaking:
		empty.Linked, err = store.One(ctx, tx, store.Value[int], `SELECT `+linkedMinutes+` FROM (SELECT ? AS advisory_programme_id, ? AS year, ? AS company_id, ? AS person_id) AS a`,
			p.ID, empty.Year, store.Text(h.CompanyID), store.Text(h.PersonID))
	}
	return empty, err
}

// AccountsOfCompany lists a company's accounts in every programme of advice.
func AccountsOfCompany(ctx context.Context, tx *store.Tx, companyID string) ([]Account, error) {
	return store.All(ctx, tx, scanAccount, selectAccount+`WHERE a.company_id = ? ORDER BY a.advisory_programme_id, a.year`, companyID)
}

// yearOf is the year of an account for a meeting in that year.
func (p Programme) yearOf(year int) int {
	if p.CapPeriod == "year" {
		return year
	}
	return 0
}

// OpenAccount makes the holder's account if there is none and locks it: everybody
// else who wants of its hours, or of the programme's pool, waits until the
// transaction ends. A project's cap is what it was granted, which OpenProject sets.
func OpenAccount(ctx context.Context, tx *store.Tx, p Programme, h Holder, year int) (Account, error) {
	limit := p.CapMinutes
	if _, err := store.Exec(ctx, tx, `
		INSERT INTO hours_account (id, advisory_programme_id, company_id, person_id, application_id, year, cap_minutes, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		tx.NewID(), p.ID, store.Text(h.CompanyID), store.Text(h.PersonID), store.Text(h.ApplicationID), p.yearOf(year), limit, store.At(tx.Now)); err != nil {
		return Account{}, fmt.Errorf("open account: %w", err)
	}
	a, err := AccountOf(ctx, tx, p, h, year)
	if err != nil {
		return a, err
	}
	return a, a.lock(ctx, tx)
}

// OpenProject makes a project's account with the minutes that it was granted, or
// changes them; never below what is used or reserved, which the refusal
// ErrCapExceeded says.
func OpenProject(ctx context.Context, tx *store.Tx, p Programme, applicationID string, minutes int) (Account, error) {
	a, err := OpenAccount(ctx, tx, p, Holder{ApplicationID: applicationID}, tx.Now.Year())
	if err != nil {
		return a, err
	}
	if a.Used+a.Reserved > minutes {
		return a, ErrCapExceeded
	}
	_, err = store.Exec(ctx, tx, `UPDATE hours_account SET cap_minutes = ? WHERE id = ?`, minutes, a.ID)
	a.CapMinutes = &minutes
	return a, err
}

// lock keeps others waiting for the account and for the pool, and reads the
// balance anew.
func (a *Account) lock(ctx context.Context, tx *store.Tx) error {
	if err := lockPool(ctx, tx, a.AdvisoryProgrammeID); err != nil {
		return err
	}
	if _, err := store.Exec(ctx, tx, `UPDATE hours_account SET revision = revision + 1 WHERE id = ?`, a.ID); err != nil {
		return fmt.Errorf("lock account: %w", err)
	}
	fresh, err := AccountByID(ctx, tx, a.ID)
	*a = fresh
	return err
}

// PoolBalance is the sum of all entries of a programme of advice.
func PoolBalance(ctx context.Context, tx *store.Tx, advisoryProgrammeID string) (b Balance, err error) {
	return store.One(ctx, tx, func(row store.Row) (b Balance, err error) { return b, row.Scan(&b.Reserved, &b.Used) }, `
		SELECT COALESCE(SUM(CASE kind WHEN 'reserve' THEN minutes WHEN 'release' THEN -minutes END), 0),
			COALESCE(SUM(CASE WHEN kind IN ('settle', 'charge', 'adjust', 'merge') THEN minutes END), 0)
		FROM hours_entry WHERE advisory_programme_id = ?`, advisoryProgrammeID)
}

// poolLeft is how many minutes of the pool are left; limited is false where there
// is no pool.
func poolLeft(ctx context.Context, tx *store.Tx, p Programme) (minutes int, limited bool, err error) {
	if p.PoolMinutes == nil {
		return 0, false, nil
	}
	b, err := PoolBalance(ctx, tx, p.ID)
	return max(0, *p.PoolMinutes-b.Used-b.Reserved), true, err
}

// Unpromised is how many minutes of the pool are neither used nor reserved nor
// promised: what a project was granted is promised to it until it is booked or the
// project ends. Limited is false where there is no pool.
func Unpromised(ctx context.Context, tx *store.Tx, p Programme) (minutes int, limited bool, err error) {
	left, limited, err := poolLeft(ctx, tx, p)
	if err != nil || !limited {
		return 0, limited, err
	}
	projects, err := store.All(ctx, tx, scanAccount, selectAccount+`WHERE a.advisory_programme_id = ? AND a.application_id IS NOT NULL`, p.ID)
	for _, a := range projects {
		promised, _ := a.Available()
		left -= promised
	}
	return max(0, left), true, err
}
