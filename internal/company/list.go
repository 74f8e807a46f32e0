package company

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"stafett/internal/locale"
	"stafett/internal/store"
)

// Within says which registrations count: those at events of these programmes;
// nil means every programme.
type Within []string

// where is a condition on the event e, and its arguments.
func (w Within) where() (string, []any) {
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
	return ` AND e.programme_id IN (` + marks(len(w)) + `)`, args
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

// Search lists the companies that have registrations in the programmes and
// whose name or number, also a former one, has what is looked for; sorted by
// name. A sole trader's number finds nothing: it stands for a person.
func Search(ctx context.Context, tx *store.Tx, within Within, wanted string, lang locale.Language) ([]Company, error) {
	in, args := within.where()
	all, err := store.All(ctx, tx, scanCompany, `
		SELECT `+companyColumns+` FROM company c WHERE EXISTS (
			SELECT 1 FROM registration r JOIN event e ON e.id = r.event_id WHERE r.company_id = c.id`+in+`)`, args...)
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
}

// CountsOf counts for each of some companies; one without any is left out.
func CountsOf(ctx context.Context, tx *store.Tx, within Within, ids []string) (map[string]Counts, error) {
	counts := map[string]Counts{}
	if len(ids) == 0 {
		return counts, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	in, more := within.where()
	type row struct {
		id string
		Counts
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) {
		return x, r.Scan(&x.id, &x.People, &x.Registrations, &x.Attended)
	}, `SELECT r.company_id, count(DISTINCT r.person_id) FILTER (WHERE r.status <> 'erased'), count(*), count(*) FILTER (WHERE 'attended' IN (r.status, r.erased_from))
		FROM registration r JOIN event e ON e.id = r.event_id
		WHERE r.company_id IN (`+marks(len(ids))+`)`+in+` GROUP BY r.company_id`, append(args, more...)...)
	for _, x := range rows {
		counts[x.id] = x.Counts
	}
	return counts, err
}

// Elsewhere reports whether the company has registrations at events of other
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
	return everywhere[id].Registrations > here[id].Registrations, err
}

// Contact is one person who has signed up for the company.
type Contact struct {
	PersonID            string
	FirstName, LastName string
	Email               string
	Confirmed           bool // the link to the company; else it is what the person says
	Registrations, Came int
}

// Name is first and last name.
func (c Contact) Name() string { return strings.TrimSpace(c.FirstName + " " + c.LastName) }

// Contacts lists who has signed up for the company in the programmes, sorted by
// last and first name. Those whose registrations are all erased are left out.
func Contacts(ctx context.Context, tx *store.Tx, within Within, id string, lang locale.Language) ([]Contact, error) {
	in, args := within.where()
	people, err := store.All(ctx, tx, func(r store.Row) (c Contact, err error) {
		err = r.Scan(&c.PersonID, &c.FirstName, &c.LastName, &c.Email, &c.Confirmed, &c.Registrations, &c.Came)
		return c, err
	}, `SELECT p.id, p.first_name, p.last_name, p.email,
			EXISTS (SELECT 1 FROM contact k WHERE k.person_id = p.id AND k.company_id = ? AND k.status = 'confirmed'),
			count(*), count(*) FILTER (WHERE r.status = 'attended')
		FROM registration r JOIN event e ON e.id = r.event_id JOIN person p ON p.id = r.person_id
		WHERE r.company_id = ? AND r.status <> 'erased'`+in+`
		GROUP BY p.id, p.first_name, p.last_name, p.email`, append([]any{id, id}, args...)...)
	compare := locale.Sorter(lang)
	slices.SortFunc(people, func(a, b Contact) int {
		return cmp.Or(compare(a.LastName, b.LastName), compare(a.FirstName, b.FirstName), strings.Compare(a.PersonID, b.PersonID))
	})
	return people, err
}
