package company

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"stafett/internal/locale"
	"stafett/internal/store"
)

// Within says what counts: what belongs to these programmes, their events and their
// advice; nil means every programme.
type Within []string

// where is a condition on a column that holds a programme, and its arguments.
func (w Within) where(column string) (string, []any) {
	if w == nil {
		return ``, nil
	}
	if len(w) == 0 {
		return ` AND FALSE`, nil
	}
	args := make([]any, len(w))
	for i, id := range w {
		args[i] = id
	}
	return ` AND ` + column + ` IN (` + marks(len(w)) + `)`, args
}

// claims is a condition on the contact k of the company c: that somebody says so for
// the advice of these programmes. Who did not say for whose, and has not signed up
// for anything, is shown where advice is open in the company's country.
func (w Within) claims() (string, []any) {
	said, args := w.where(`k.claimed_for`)
	open, more := w.where(`a.programme_id`)
	return ` AND (k.claimed_for IS NOT NULL` + said + `
		OR k.claimed_for IS NULL AND NOT EXISTS (SELECT 1 FROM registration WHERE person_id = k.person_id AND company_id = k.company_id)
			AND EXISTS (SELECT 1 FROM advisory_programme a JOIN programme p ON p.id = a.programme_id WHERE a.status = 'open' AND p.country = c.country` + open + `))`, append(args, more...)
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// Search lists the companies that have something in the programmes, registrations,
// hours or bookings of advice, or somebody who says that they belong to it for that
// advice, and whose name or number, also a former one, has what is looked for;
// sorted by name. A sole trader's number finds nothing: it stands for a person.
func Search(ctx context.Context, tx *store.Tx, within Within, wanted string, lang locale.Language) ([]Company, error) {
	events, args := within.where(`e.programme_id`)
	advice, more := within.where(`a.programme_id`)
	claims, last := within.claims()
	args = slices.Concat(args, more, more, last)
	all, err := store.All(ctx, tx, scanCompany, `
		SELECT `+companyColumns+` FROM company c WHERE c.merged_into IS NULL AND (
			EXISTS (SELECT 1 FROM registration r JOIN event e ON e.id = r.event_id WHERE r.company_id = c.id`+events+`)
			OR EXISTS (SELECT 1 FROM hours_account h JOIN advisory_programme a ON a.id = h.advisory_programme_id WHERE h.company_id = c.id`+advice+`)
			OR EXISTS (SELECT 1 FROM booking b JOIN advisory_programme a ON a.id = b.advisory_programme_id WHERE b.company_id = c.id`+advice+`)
			OR EXISTS (SELECT 1 FROM contact k WHERE k.company_id = c.id`+claims+`))`, args...)
	if err != nil {
		return nil, err
	}
	if wanted = strings.TrimSpace(wanted); wanted != "" {
		former, err := formerNumbers(ctx, tx)
		if err != nil {
			return nil, err
		}
		s := search{name: locale.Fold(wanted), number: searchedNumber(wanted), former: former}
		all = slices.DeleteFunc(all, func(c Company) bool { return !s.finds(c) })
	}
	compare := locale.Sorter(lang)
	slices.SortFunc(all, func(a, b Company) int {
		return cmp.Or(compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
	})
	return all, nil
}

// search is what is looked for: part of a name, or the beginning of a number.
type search struct {
	name, number string
	former       map[string][]string // by the company that goes on
}

func (s search) finds(c Company) bool {
	if strings.Contains(locale.Fold(c.Name), s.name) {
		return true
	}
	if s.number == "" {
		return false
	}
	if !c.SoleTrader && strings.HasPrefix(c.Number, s.number) {
		return true
	}
	return slices.ContainsFunc(s.former[c.ID], func(n string) bool { return strings.HasPrefix(n, s.number) })
}

// searchedNumber is the digits when somebody looks for a number and not for a
// name with a digit in it.
func searchedNumber(wanted string) string {
	digits := strings.Map(withoutSigns, wanted)
	if len(digits) < 3 || !areDigits(digits) {
		return ""
	}
	return digits
}

// formerNumbers are the numbers that were merged into others, without those of
// sole traders.
func formerNumbers(ctx context.Context, tx *store.Tx) (map[string][]string, error) {
	type former struct{ into, number string }
	rows, err := store.All(ctx, tx, func(r store.Row) (f former, err error) { return f, r.Scan(&f.into, &f.number) },
		`SELECT merged_into, org_number FROM company WHERE merged_into IS NOT NULL AND NOT sole_trader`)
	numbers := map[string][]string{}
	for _, f := range rows {
		numbers[f.into] = append(numbers[f.into], f.number)
	}
	return numbers, err
}

// Counts are what one company has in the programmes.
type Counts struct {
	People        int // whose data are not erased
	Registrations int // also those that are erased, as they were
	Attended      int // registrations of somebody who came
	Bookings      int // of advice, calls too
	Waiting       int // people who say that they belong to it, for advice, and wait for an answer
}

// CountsOf counts for each of some companies; one of which the programmes have
// nothing is left out.
func CountsOf(ctx context.Context, tx *store.Tx, within Within, ids []string) (map[string]Counts, error) {
	counts := map[string]Counts{}
	if len(ids) == 0 {
		return counts, nil
	}
	these := make([]any, len(ids))
	for i, id := range ids {
		these[i] = id
	}
	events, ofEvents := within.where(`e.programme_id`)
	advice, ofAdvice := within.where(`a.programme_id`)
	claims, ofClaims := within.claims()
	type row struct {
		id string
		Counts
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) {
		return x, r.Scan(&x.id, &x.People, &x.Registrations, &x.Attended, &x.Bookings, &x.Waiting)
	}, `SELECT company_id, count(DISTINCT person_id), sum(registrations), sum(attended), sum(bookings), sum(waiting) FROM (
		SELECT r.company_id, CASE WHEN r.status <> 'erased' THEN r.person_id END AS person_id,
			1 AS registrations, CASE WHEN 'attended' IN (r.status, r.erased_from) THEN 1 ELSE 0 END AS attended, 0 AS bookings, 0 AS waiting
		FROM registration r JOIN event e ON e.id = r.event_id WHERE r.company_id IN (`+marks(len(ids))+`)`+events+`
		UNION ALL SELECT b.company_id, b.person_id, 0, 0, 1, 0
		FROM booking b JOIN advisory_programme a ON a.id = b.advisory_programme_id WHERE b.company_id IN (`+marks(len(ids))+`)`+advice+`
		UNION ALL SELECT h.company_id, NULL, 0, 0, 0, 0
		FROM hours_account h JOIN advisory_programme a ON a.id = h.advisory_programme_id WHERE h.company_id IN (`+marks(len(ids))+`)`+advice+`
		UNION ALL SELECT k.company_id, k.person_id, 0, 0, 0, CASE WHEN k.status = 'claimed' THEN 1 ELSE 0 END
		FROM contact k JOIN company c ON c.id = k.company_id WHERE k.company_id IN (`+marks(len(ids))+`)`+claims+`
	) all_there_is GROUP BY company_id`, slices.Concat(these, ofEvents, these, ofAdvice, these, ofAdvice, these, ofClaims)...)
	for _, x := range rows {
		counts[x.id] = x.Counts
	}
	return counts, err
}

// Elsewhere reports whether the company has registrations or bookings in other
// programmes than these.
func Elsewhere(ctx context.Context, tx *store.Tx, within Within, id string) (bool, error) {
	if within == nil {
		return false, nil
	}
	everywhere, err := CountsOf(ctx, tx, nil, []string{id})
	if err != nil {
		return false, err
	}
	here, err := CountsOf(ctx, tx, within, []string{id})
	return everywhere[id].Registrations > here[id].Registrations || everywhere[id].Bookings > here[id].Bookings, err
}

// Contact is one person who has signed up for the company, has booked advice for it,
// or says that they belong to it.
type Contact struct {
	PersonID            string
	FirstName, LastName string
	Email               string
	Confirmed           bool // the link to the company; else it is what the person says
	Claimed             bool // says so and waits for an answer
	Registrations, Came int
	Bookings            int
}

// Name is first and last name.
func (c Contact) Name() string { return strings.TrimSpace(c.FirstName + " " + c.LastName) }

// Contacts lists the people of the company in the programmes, sorted by last and
// first name. Those whose data are all erased are left out.
func Contacts(ctx context.Context, tx *store.Tx, within Within, id string, lang locale.Language) ([]Contact, error) {
	events, ofEvents := within.where(`e.programme_id`)
	advice, ofAdvice := within.where(`a.programme_id`)
	claims, ofClaims := within.claims()
	one := []any{id}
	people, err := store.All(ctx, tx, func(r store.Row) (c Contact, err error) {
		err = r.Scan(&c.PersonID, &c.FirstName, &c.LastName, &c.Email, &c.Confirmed, &c.Claimed, &c.Registrations, &c.Came, &c.Bookings)
		return c, err
	}, `SELECT p.id, p.first_name, p.last_name, p.email,
			EXISTS (SELECT 1 FROM contact WHERE person_id = p.id AND company_id = ? AND status = 'confirmed'),
			EXISTS (SELECT 1 FROM contact WHERE person_id = p.id AND company_id = ? AND status = 'claimed'),
			sum(x.registrations), sum(x.came), sum(x.bookings)
		FROM (
			SELECT r.person_id, 1 AS registrations, CASE WHEN r.status = 'attended' THEN 1 ELSE 0 END AS came, 0 AS bookings
			FROM registration r JOIN event e ON e.id = r.event_id WHERE r.company_id = ? AND r.status <> 'erased'`+events+`
			UNION ALL SELECT b.person_id, 0, 0, 1
			FROM booking b JOIN advisory_programme a ON a.id = b.advisory_programme_id WHERE b.company_id = ? AND b.person_id IS NOT NULL`+advice+`
			UNION ALL SELECT k.person_id, 0, 0, 0
			FROM contact k JOIN company c ON c.id = k.company_id WHERE k.company_id = ?`+claims+`
		) x JOIN person p ON p.id = x.person_id
		GROUP BY p.id, p.first_name, p.last_name, p.email`, slices.Concat(one, one, one, ofEvents, one, ofAdvice, one, ofClaims)...)
	compare := locale.Sorter(lang)
	slices.SortFunc(people, func(a, b Contact) int {
		return cmp.Or(compare(a.LastName, b.LastName), compare(a.FirstName, b.FirstName), strings.Compare(a.PersonID, b.PersonID))
	})
	return people, err
}

// Waited lists the companies for which somebody waits for an answer, for the advice
// of the programmes, whoever has waited longest first.
func Waited(ctx context.Context, tx *store.Tx, within Within) ([]Company, error) {
	claims, args := within.claims()
	return store.All(ctx, tx, scanCompany, `
		SELECT c.id, c.country, c.org_number, c.name, c.sole_trader FROM contact k JOIN company c ON c.id = k.company_id
		WHERE k.status = 'claimed'`+claims+` GROUP BY c.id, c.country, c.org_number, c.name, c.sole_trader ORDER BY min(k.created_at), c.id`, args...)
}
