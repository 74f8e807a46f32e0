package application

import (
	"context"
	"strings"

	"stafett/internal/store"
)

// Filter says which applications an organiser wants to see. Drafts are never among
// them: until it is sent, an application is its writer's alone.
type Filter struct {
	Programmes          []string // that the organiser organises; nil: all
	AdvisoryProgrammeID string   // empty: every
	Status              Status   // empty: every
	Undecided           bool     // those that wait for a decision
	Text                string   // in the number, the title or the body's name
	Offset, Limit       int      // no limit: all

	id string // of one alone
}

// Row is one application in a list.
type Row struct {
	Application
	Body         string // its name as it stands in our register
	Country      string
	OrgNumber    string
	SoleTrader   bool // the number stands for a person
	Applicant    string
	Email        string
	Currency     string
	PointsTenths *int64 // the assessors' mean, in tenths; nil: none has given any
	Confirmed    bool   // that the applicant acts for the body
	Paid         int64
	Returned     int64
}

func (f Filter) where() (string, []any) {
	where, args := `a.status <> 'draft'`, []any{}
	if f.Programmes != nil {
		where += ` AND p.programme_id IN (''`
		for _, id := range f.Programmes {
			where, args = where+`, ?`, append(args, id)
		}
		where += `)`
	}
	if f.id != "" {
		where, args = where+` AND a.id = ?`, append(args, f.id)
	}
	if f.AdvisoryProgrammeID != "" {
		where, args = where+` AND a.advisory_programme_id = ?`, append(args, f.AdvisoryProgrammeID)
	}
	if f.Status != "" {
		where, args = where+` AND a.status = ?`, append(args, f.Status)
	}
	if f.Undecided {
		where += ` AND a.status IN ('submitted', 'needs_info', 'assessed')`
	}
	if text := strings.TrimSpace(f.Text); text != "" {
		like := `%` + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + `%`
		where += ` AND (a.number LIKE ? ESCAPE '\' OR a.title LIKE ? ESCAPE '\' OR a.body_name LIKE ? ESCAPE '\')`
		args = append(args, like, like, like)
	}
	return where, args
}

const fromList = ` FROM application a JOIN advisory_programme p ON p.id = a.advisory_programme_id
	JOIN application_scheme s ON s.advisory_programme_id = a.advisory_programme_id
	JOIN person w ON w.id = a.person_id
	LEFT JOIN company c ON c.id = (SELECT COALESCE(merged_into, id) FROM company WHERE id = a.company_id) `

// Count is how many applications the filter finds.
func Count(ctx context.Context, tx *store.Tx, f Filter) (int, error) {
	where, args := f.where()
	return store.One(ctx, tx, store.Value[int], `SELECT count(*)`+fromList+`WHERE `+where, args...)
}

// Counts is how many there are in each state, whichever the filter asks for.
func Counts(ctx context.Context, tx *store.Tx, f Filter) (map[Status]int, error) {
	f.Status, f.Undecided = "", false
	where, args := f.where()
	type count struct {
		status Status
		n      int
	}
	all, err := store.All(ctx, tx, func(r store.Row) (c count, err error) { return c, r.Scan(&c.status, &c.n) }, `SELECT a.status, count(*)`+fromList+`WHERE `+where+` GROUP BY a.status`, args...)
	counts := map[Status]int{}
	for _, c := range all {
		counts[c.status] = c.n
	}
	return counts, err
}

// List is what the filter finds: those that wait for a decision first, the longest
// waiting at the top, then the others, the newest at the top.
func List(ctx context.Context, tx *store.Tx, f Filter) ([]Row, error) {
	where, args := f.where()
	query := `SELECT a.id, COALESCE(c.name, a.body_name), COALESCE(c.country, ''), COALESCE(c.org_number, ''), COALESCE(c.sole_trader, FALSE), w.first_name || ' ' || w.last_name, w.email, s.currency,
		(SELECT SUM(points) * 10 / COUNT(points) FROM application_note n WHERE n.application_id = a.id),
		EXISTS (SELECT 1 FROM contact t WHERE t.person_id = a.person_id AND t.company_id = c.id AND t.status = 'confirmed'),
		COALESCE((SELECT SUM(minor) FROM payout o WHERE o.application_id = a.id AND o.status = 'paid'), 0),
		COALESCE((SELECT SUM(minor) FROM pot_entry e WHERE e.application_id = a.id AND e.kind = 'return'), 0)` + fromList + `WHERE ` + where + `
		ORDER BY CASE WHEN a.status IN ('submitted', 'needs_info', 'assessed') THEN 0 ELSE 1 END,
			CASE WHEN a.status IN ('submitted', 'needs_info', 'assessed') THEN a.submitted_at END, a.submitted_at DESC, a.id`
	if f.Limit > 0 {
		query, args = query+` LIMIT ? OFFSET ?`, append(args, f.Limit, f.Offset)
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (x Row, err error) {
		err = r.Scan(&x.ID, &x.Body, &x.Country, &x.OrgNumber, &x.SoleTrader, &x.Applicant, &x.Email, &x.Currency, &x.PointsTenths, &x.Confirmed, &x.Paid, &x.Returned)
		x.Applicant = strings.TrimSpace(x.Applicant)
		return x, err
	}, query, args...)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if rows[i].Application, err = Find(ctx, tx, rows[i].ID); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// RowOf is one application as the list shows it, or problem.ErrMissing.
func RowOf(ctx context.Context, tx *store.Tx, id string) (Row, error) {
	a, err := Find(ctx, tx, id)
	if err != nil {
		return Row{}, err
	}
	rows, err := List(ctx, tx, Filter{AdvisoryProgrammeID: a.AdvisoryProgrammeID, id: id})
	if err != nil || len(rows) == 0 {
		return Row{Application: a}, missing(errOr(err))
	}
	return rows[0], nil
}

func errOr(err error) error {
	if err != nil {
		return err
	}
	return store.ErrNoRow
}
