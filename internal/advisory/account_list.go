package advisory

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"stafett/internal/locale"
	"stafett/internal/store"
)

// Holding is an account with whose it is, for lists.
type Holding struct {
	Account
	Country, Number string // of a company
	SoleTrader      bool   // whose number is a person's
	Name            string // of the company, person or project; empty: calls of callers who are not known
	Last            time.Time
}

// HoldingFilter narrows a list of accounts.
type HoldingFilter struct {
	Within              Within
	AdvisoryProgrammeID string // empty: all within
	Text                string // part of a name, or the beginning of a number
	Above               bool   // only those above their cap
	ID                  string // one account
}

// Holdings lists the accounts of the filter with their balances, by name; those that
// nobody has used are left out.
func Holdings(ctx context.Context, tx *store.Tx, f HoldingFilter, lang locale.Language) ([]Holding, error) {
	in, args := f.Within.where("p.programme_id")
	where := in
	if f.AdvisoryProgrammeID != "" {
		where, args = where+` AND a.advisory_programme_id = ?`, append(args, f.AdvisoryProgrammeID)
	}
	if f.ID != "" {
		where, args = where+` AND a.id = ?`, append(args, f.ID)
	}
	all, err := store.All(ctx, tx, func(r store.Row) (h Holding, err error) {
		var first, last string
		var sole *bool
		err = r.Scan(&h.ID, &h.AdvisoryProgrammeID, store.String(&h.CompanyID), store.String(&h.PersonID), store.String(&h.ApplicationID), &h.Year, store.Int(&h.CapMinutes), &h.Linked,
			&h.Reserved, &h.Used, store.Time(&h.Last), store.String(&h.Country), store.String(&h.Number), &sole, store.String(&h.Name), store.String(&first), store.String(&last))
		if h.Name == "" {
			h.Name = strings.TrimSpace(first + " " + last)
		}
		h.SoleTrader = sole != nil && *sole
		return h, err
	}, `SELECT a.id, a.advisory_programme_id, a.company_id, a.person_id, a.application_id, a.year, a.cap_minutes, `+linkedMinutes+`,
			SUM(CASE e.kind WHEN 'reserve' THEN e.minutes WHEN 'release' THEN -e.minutes ELSE 0 END),
			SUM(CASE WHEN e.kind IN ('settle', 'charge', 'adjust', 'merge') THEN e.minutes ELSE 0 END), MAX(e.at),
			c.country, c.org_number, c.sole_trader, COALESCE(c.name, NULLIF(x.title, ''), x.number), n.first_name, n.last_name
		FROM hours_account a JOIN advisory_programme p ON p.id = a.advisory_programme_id JOIN hours_entry e ON e.account_id = a.id
			LEFT JOIN company c ON c.id = a.company_id LEFT JOIN person n ON n.id = a.person_id LEFT JOIN application x ON x.id = a.application_id
		WHERE `+where+`
		GROUP BY a.id, a.advisory_programme_id, a.company_id, a.person_id, a.application_id, a.year, a.cap_minutes, c.country, c.org_number, c.sole_trader, c.name, x.title, x.number, n.first_name, n.last_name`, args...)
	if err != nil {
		return nil, err
	}
	name, number := locale.Fold(strings.TrimSpace(f.Text)), digits(f.Text)
	all = slices.DeleteFunc(all, func(h Holding) bool {
		found := strings.Contains(locale.Fold(h.Name), name) || len(number) >= 3 && !h.SoleTrader && strings.HasPrefix(h.Number, number)
		merged := h.Used == 0 && h.Reserved == 0 && f.ID == "" // all of it went to another company
		return f.Above && !h.Exceeded() || !found || merged && h.CompanyID != ""
	})
	compare := locale.Sorter(lang)
	slices.SortFunc(all, func(a, b Holding) int {
		return cmp.Or(compare(a.Name, b.Name), -cmp.Compare(a.Year, b.Year), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// digits is what somebody typed of a number; empty when it is something else.
func digits(typed string) string {
	s := strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(typed)
	if strings.Trim(s, "0123456789") != "" {
		return ""
	}
	return s
}
