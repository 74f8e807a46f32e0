package aid

import (
	"context"
	"strings"
	"time"

	"stafett/internal/company"
	"stafett/internal/store"
)

// Line is a case in a list.
type Line struct {
	Case
	Name, Number string // of the recipient; the number masked where it stands for a person
	Programme    string
	Minutes      int       // granted and in force, else as planned
	Cents        int64     // granted
	Due          time.Time // the next last day for the register; zero: nothing is to be registered
}

// Which says which cases a list is about.
type Which string

// The lists.
const (
	All        Which = ""
	ToDecide   Which = "decide"   // declared or checked
	Waiting    Which = "waiting"  // the company has yet to declare
	Unreported Which = "register" // something is to be registered
)

var conditions = map[Which]string{
	ToDecide:   ` AND k.status IN ('declared', 'checked')`,
	Waiting:    ` AND k.status = 'declaration_asked'`,
	Unreported: ` AND g.due IS NOT NULL`,
}

const fromCases = `
	FROM aid_case k JOIN aid_recipient r ON r.id = k.recipient_id JOIN programme p ON p.id = k.programme_id LEFT JOIN company o ON o.id = r.company_id LEFT JOIN person m ON m.id = r.person_id
	LEFT JOIN (SELECT a.case_id, MIN(t.due_on) AS due FROM aid_register t JOIN aid_award a ON a.id = t.award_id WHERE t.registered_on IS NULL GROUP BY a.case_id) g ON g.case_id = k.id
	WHERE TRUE`

// List lists cases of these programmes, nil meaning all: first what has a last day,
// the nearest first, then what waits for a decision, then the newest.
func List(ctx context.Context, tx *store.Tx, within []string, which Which, offset, limit int) ([]Line, error) {
	in, args := inside(within)
	return store.All(ctx, tx, func(row store.Row) (l Line, err error) {
		var number, country, due string
		var sole bool
		var granted *int
		err = row.Scan(&l.ID, &l.AdvisoryProgrammeID, &l.ProgrammeID, &l.RecipientID, &l.PersonID, &l.State, &l.Status, &l.Round, &l.Case.Minutes, &l.MarketMinor, &l.PriceMinor, &l.Currency,
			store.Time(&l.AskedAt), store.Time(&l.ChangedAt), &l.Name, &number, &country, &sole, &l.Programme, &granted, &l.Cents, &due)
		l.Number = company.Display(company.Company{Country: country, Number: number, SoleTrader: sole})
		l.Due, l.Minutes = dayFrom(due), l.Case.Minutes
		if granted != nil {
			l.Minutes = *granted
		}
		return l, err
	}, `SELECT k.id, k.advisory_programme_id, k.programme_id, k.recipient_id, k.person_id, k.state, k.status, k.round, k.minutes, k.market_minor, k.price_minor, k.currency, k.asked_at, k.changed_at,
			COALESCE(o.name, NULLIF(r.name, ''), m.first_name || ' ' || m.last_name), COALESCE(o.org_number, ''), COALESCE(o.country, ''), COALESCE(o.sole_trader, FALSE), p.name,
			(SELECT SUM(COALESCE((SELECT MIN(x.minutes) FROM aid_correction x WHERE x.award_id = a.id), a.minutes)) FROM aid_award a WHERE a.case_id = k.id),
			COALESCE((SELECT SUM(COALESCE((SELECT MIN(x.eur_cents) FROM aid_correction x WHERE x.award_id = a.id), a.eur_cents)) FROM aid_award a WHERE a.case_id = k.id), 0),
			COALESCE(g.due, '')`+fromCases+in+conditions[which]+`
		ORDER BY CASE WHEN g.due IS NULL THEN 1 ELSE 0 END, g.due, CASE k.status WHEN 'declared' THEN 0 WHEN 'checked' THEN 0 WHEN 'declaration_asked' THEN 1 ELSE 2 END, k.changed_at DESC, k.id LIMIT ? OFFSET ?`,
		append(args, limit, offset)...)
}

// Count counts the same.
func Count(ctx context.Context, tx *store.Tx, within []string, which Which) (int, error) {
	in, args := inside(within)
	return store.One(ctx, tx, store.Value[int], `SELECT count(*)`+fromCases+in+conditions[which], args...)
}

// inside is a condition on the programme of the case k.
func inside(within []string) (string, []any) {
	if within == nil {
		return ``, nil
	}
	if len(within) == 0 {
		return ` AND FALSE`, nil
	}
	args := make([]any, len(within))
	for i, id := range within {
		args[i] = id
	}
	return ` AND k.programme_id IN (` + strings.TrimSuffix(strings.Repeat("?, ", len(within)), ", ") + `)`, args
}

// OfPersonNow lists the cases that a person may see: of companies to which the
// person is known to belong, and of the own firm. The newest come first.
func OfPersonNow(ctx context.Context, tx *store.Tx, personID string) ([]Case, error) {
	return store.All(ctx, tx, scanCase, selectCase+`
		JOIN aid_recipient r ON r.id = k.recipient_id LEFT JOIN company o ON o.id = r.company_id
		WHERE r.person_id = ? OR COALESCE(o.merged_into, o.id) IN (SELECT company_id FROM contact WHERE person_id = ? AND status = 'confirmed')
		ORDER BY k.changed_at DESC, k.id`, personID, personID)
}

// MayAct reports whether the person may see and declare: see OfPersonNow.
func (c Case) MayAct(ctx context.Context, tx *store.Tx, personID string) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM aid_recipient r LEFT JOIN company o ON o.id = r.company_id
		WHERE r.id = ? AND (r.person_id = ? OR COALESCE(o.merged_into, o.id) IN (SELECT company_id FROM contact WHERE person_id = ? AND status = 'confirmed'))`,
		c.RecipientID, personID, personID)
	return n > 0, err
}

// Step is something that was done with a case.
type Step struct {
	From, To Status
	Reason   string
	ByKind   string
	ByID     string
	By       string // the user's name, when a user did it
	At       time.Time
}

// Steps lists what was done with the case, oldest first.
func (c Case) Steps(ctx context.Context, tx *store.Tx) ([]Step, error) {
	return store.All(ctx, tx, func(r store.Row) (s Step, err error) {
		return s, r.Scan(&s.From, &s.To, &s.Reason, &s.ByKind, &s.ByID, &s.By, store.Time(&s.At))
	}, `SELECT s.from_status, s.to_status, s.reason, s.actor_kind, s.actor_id, COALESCE(u.name, ''), s.at
		FROM aid_step s LEFT JOIN user_account u ON s.actor_kind = 'user' AND u.id = s.actor_id WHERE s.case_id = ? ORDER BY s.position`, c.ID)
}

// Name is what the advisory programme is called, in the language or another.
func (c Case) Name(ctx context.Context, tx *store.Tx, language string) (string, error) {
	all, err := store.All(ctx, tx, store.Value[string], `
		SELECT t.name FROM advisory_text t JOIN advisory_programme p ON p.id = t.advisory_programme_id WHERE p.id = ?
		ORDER BY CASE WHEN t.language = ? THEN 0 WHEN t.language = p.language THEN 1 ELSE 2 END, t.language LIMIT 1`, c.AdvisoryProgrammeID, language)
	if err != nil || len(all) == 0 {
		return "", err
	}
	return all[0], nil
}
