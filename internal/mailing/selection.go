package mailing

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"stafett/internal/event"
	"stafett/internal/news"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// Selection is whom a mailing is for: of the people of its events, those to whom
// all of it applies. A list that is empty asks nothing. What people have written
// about food and access cannot be chosen by: the law forbids choosing people by
// what may be health data (GDPR 9).
//
// Or it is for the readers of the programme's news, all of them: then nothing
// else of it is set.
type Selection struct {
	News           bool                  `json:"news,omitempty"`
	EventIDs       []string              `json:"-"`
	SeriesID       string                `json:"series,omitempty"` // with whichever occasions it has when the mailing goes
	Statuses       []registration.Status `json:"statuses"`
	Modes          []event.Mode          `json:"modes,omitempty"`
	CompanyIDs     []string              `json:"companies,omitempty"`
	Municipalities []string              `json:"municipalities,omitempty"` // as municipality.Code writes them
	Audiences      []string              `json:"audiences,omitempty"`
	Answers        map[string][]string   `json:"answers,omitempty"` // by question, of one event only: any of these
}

// States lists the states by which people can be chosen. Whoever has not proved
// the address is not there: a stranger may have typed it. Who handed on the place
// has a colleague who comes instead.
func States() []registration.Status {
	return []registration.Status{registration.Confirmed, registration.Offered, registration.Waitlisted, registration.Requested,
		registration.Attended, registration.NoShow, registration.Cancelled, registration.LateCancelled, registration.EventCancelled,
		registration.Declined, registration.Expired, registration.Rejected}
}

// OfEvent chooses those who have a place at an event, or had one and came.
func OfEvent(id string) Selection {
	return Selection{EventIDs: []string{id}, Statuses: []registration.Status{registration.Confirmed, registration.Attended}}
}

// active are the states in which somebody takes part, waits or is asked about.
const active = `('pending_email', 'requested', 'confirmed', 'waitlisted', 'offered', 'attended', 'no_show')`

// where puts the conditions together from fixed fragments, on registration r and
// its event e. Somebody who gave up and is there again counts as being there.
func (s Selection) where(programmeID string) (string, []any) {
	list, args := []string{"e.programme_id = ?", "e.status <> 'draft'"}, []any{programmeID}
	add := func(fragment string, values ...any) { list, args = append(list, fragment), append(args, values...) }
	s.events(add)
	add("r.status IN ("+marks(len(s.Statuses))+")", anyOf(s.Statuses)...)
	add(`(r.status IN ` + active + ` OR NOT EXISTS (SELECT 1 FROM registration n
		WHERE n.event_id = r.event_id AND n.email = r.email AND n.id <> r.id AND n.status IN ` + active + `))`)
	if len(s.Modes) > 0 {
		add("r.mode IN ("+marks(len(s.Modes))+")", anyOf(s.Modes)...)
	}
	if len(s.Audiences) > 0 {
		add("r.audience IN ("+marks(len(s.Audiences))+")", anyOf(s.Audiences)...)
	}
	if len(s.CompanyIDs) > 0 { // one that was merged has become another
		add("r.company_id IN (SELECT COALESCE(c.merged_into, c.id) FROM company c WHERE c.id IN ("+marks(len(s.CompanyIDs))+"))", anyOf(s.CompanyIDs)...)
	}
	if len(s.Municipalities) > 0 {
		add("r.municipality_country || '-' || r.municipality_code IN ("+marks(len(s.Municipalities))+")", anyOf(s.Municipalities)...)
	}
	for _, question := range slices.Sorted(maps.Keys(s.Answers)) {
		s.answered(add, question)
	}
	return strings.Join(list, " AND "), args
}

func (s Selection) events(add func(string, ...any)) {
	add("(r.event_id IN ("+marks(len(s.EventIDs))+") OR e.series_id = ?)", append(anyOf(s.EventIDs), store.Text(s.SeriesID))...)
}

// answered asks for one of some answers. An answer is stored as a list of texts
// in JSON, in which each text stands between quotes of its own: it is there when
// taking it out changes the list.
func (s Selection) answered(add func(string, ...any), question string) {
	var texts []string
	args := []any{question}
	for _, v := range s.Answers[question] {
		quoted, err := json.Marshal(v)
		if err != nil { // a text always has a form in JSON
			continue
		}
		texts, args = append(texts, "replace(a.value, ?, '') <> a.value"), append(args, string(quoted))
	}
	if len(texts) == 0 {
		return
	}
	add(`EXISTS (SELECT 1 FROM answer a WHERE a.registration_id = r.id AND a.question_id = ? AND (`+strings.Join(texts, " OR ")+`))`, args...)
}

// chosen numbers the registrations of each address: its first is the one that
// the letter is about. One in which somebody takes part goes before one that has
// ended, and what lies ahead before what is over.
const chosen = `WITH chosen AS (SELECT r.id, r.email, r.event_id, r.language, r.first_name, r.last_name, e.time_zone, e.starts_at, e.ends_at,
		EXISTS (SELECT 1 FROM person p WHERE p.email = r.email AND p.email_failed_at IS NOT NULL) AS not_working,
		row_number() OVER (PARTITION BY r.email ORDER BY CASE WHEN r.status IN ` + active + ` THEN 0 ELSE 1 END,
			CASE WHEN e.ends_at > ? THEN 0 ELSE 1 END, e.starts_at, r.id) AS turn
	FROM registration r JOIN event e ON e.id = r.event_id WHERE `

// with begins a query over those whom the selection finds now.
func (s Selection) with(tx *store.Tx, programmeID string) (string, []any) {
	if s.News {
		return readers, []any{programmeID}
	}
	where, args := s.where(programmeID)
	return chosen + where + ") ", append([]any{store.At(tx.Now)}, args...)
}

// Reach is how many a selection finds.
type Reach struct {
	People     int // each address once
	NotWorking int // addresses left out that are known not to work
	Erased     int // registrations left out whose data are erased
	Languages  map[string]int
}

// ReachOf counts whom a selection finds now.
func ReachOf(ctx context.Context, tx *store.Tx, programmeID string, s Selection) (Reach, error) {
	reach := Reach{Languages: map[string]int{}}
	type row struct {
		language   string
		notWorking bool
		n          int
	}
	query, args := s.with(tx, programmeID)
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) { return x, r.Scan(&x.language, &x.notWorking, &x.n) },
		query+`SELECT language, not_working, count(*) FROM chosen WHERE turn = 1 GROUP BY language, not_working`, args...)
	if err != nil {
		return reach, fmt.Errorf("count a selection: %w", err)
	}
	for _, x := range rows {
		if x.notWorking {
			reach.NotWorking += x.n
			continue
		}
		reach.People += x.n
		reach.Languages[x.language] += x.n
	}
	reach.Erased, err = s.erased(ctx, tx, programmeID)
	return reach, err
}

// erased counts those of the events who were in the states before their data
// were erased. Nothing else is known of them.
func (s Selection) erased(ctx context.Context, tx *store.Tx, programmeID string) (int, error) {
	if s.News {
		return 0, nil // who is erased has asked for nothing any more
	}
	list, args := []string{"e.programme_id = ?", "r.status = 'erased'"}, []any{programmeID}
	add := func(fragment string, values ...any) { list, args = append(list, fragment), append(args, values...) }
	s.events(add)
	add("r.erased_from IN ("+marks(len(s.Statuses))+")", anyOf(s.Statuses)...)
	return store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM registration r JOIN event e ON e.id = r.event_id WHERE `+strings.Join(list, " AND "), args...)
}

// Recipient is one whom a mailing reaches, and what the letter is about: a
// registration and its event, or a wish for news.
type Recipient struct {
	RegistrationID, EventID string
	SubscriptionID          string
	Email, Language, Name   string
	zone                    string
	starts, ends            time.Time // of the event; zero: there is none
}

// recipients finishes a query that with has begun.
func (s Selection) recipients(ctx context.Context, tx *store.Tx, query, where string, args ...any) ([]Recipient, error) {
	scan := func(r store.Row) (x Recipient, err error) {
		about := &x.RegistrationID
		if s.News {
			about = &x.SubscriptionID
		}
		return x, r.Scan(about, store.String(&x.EventID), &x.Email, &x.Language, &x.Name, &x.zone, store.Time(&x.starts), store.Time(&x.ends))
	}
	return store.All(ctx, tx, scan, query+`SELECT id, event_id, email, language, trim(first_name || ' ' || last_name), time_zone, starts_at, ends_at FROM chosen
		WHERE turn = 1 AND NOT not_working`+where, args...)
}

// Nth finds the nth of those whom the selection finds now, from 0, in an order
// that stays; found is false when there are fewer.
func Nth(ctx context.Context, tx *store.Tx, programmeID string, s Selection, n int) (r Recipient, found bool, err error) {
	query, args := s.with(tx, programmeID)
	all, err := s.recipients(ctx, tx, query, ` ORDER BY id LIMIT 1 OFFSET ?`, append(args, n)...)
	if err != nil || len(all) == 0 {
		return r, false, err
	}
	return all[0], true, nil
}

// About finds what a letter of the mailing is about now: the registration that it
// was written about, or another of the same address when that one is no longer
// among the chosen; of news the address's wish for them. It is empty when none is
// left.
func About(ctx context.Context, tx *store.Tx, m Mailing, registrationID, email string) (string, error) {
	if m.Selection.News {
		s, _, err := news.Reader(ctx, tx, m.ProgrammeID, email)
		return s.ID, err
	}
	where, args := m.Selection.where(m.ProgrammeID)
	ids, err := store.All(ctx, tx, store.Value[string], `SELECT r.id FROM registration r JOIN event e ON e.id = r.event_id
		WHERE `+where+` AND r.id = ? AND r.email = ?`, append(args, registrationID, email)...)
	if err != nil || len(ids) > 0 {
		return one(ids), err
	}
	query, args := m.Selection.with(tx, m.ProgrammeID)
	ids, err = store.All(ctx, tx, store.Value[string], query+`SELECT id FROM chosen WHERE turn = 1 AND email = ?`, append(args, email)...)
	return one(ids), err
}

func one(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}

// Choices are what the people of a selection's events have said, of which some
// can be chosen.
type Choices struct {
	Companies      []Choice
	Municipalities []Choice // by municipality.Code
	Audiences      []Choice
}

// Choice is one of them, and how many people have it.
type Choice struct {
	Value, Name string
	N           int
}

// ChoicesOf lists what there is to choose among, the commonest first.
func ChoicesOf(ctx context.Context, tx *store.Tx, programmeID string, s Selection) (c Choices, err error) {
	list, args := []string{"e.programme_id = ?", "r.status IN (" + marks(len(States())) + ")"}, append([]any{programmeID}, anyOf(States())...)
	s.events(func(fragment string, values ...any) { list, args = append(list, fragment), append(args, values...) })
	from := ` FROM registration r JOIN event e ON e.id = r.event_id LEFT JOIN company c ON c.id = r.company_id WHERE ` + strings.Join(list, " AND ")
	for _, x := range []struct {
		to          *[]Choice
		value, name string
	}{
		{&c.Companies, "r.company_id", "c.name"},
		{&c.Municipalities, "r.municipality_country || '-' || r.municipality_code", "''"},
		{&c.Audiences, "NULLIF(r.audience, '')", "''"},
	} {
		*x.to, err = store.All(ctx, tx, func(r store.Row) (v Choice, err error) { return v, r.Scan(&v.Value, &v.Name, &v.N) },
			`SELECT `+x.value+` AS v, `+x.name+`, count(DISTINCT r.email) AS n`+from+` AND `+x.value+` IS NOT NULL GROUP BY v, `+x.name+` ORDER BY n DESC, v`, args...)
		if err != nil {
			return c, fmt.Errorf("list choices: %w", err)
		}
	}
	return c, nil
}

func marks(n int) string {
	if n == 0 {
		return "''"
	}
	return strings.TrimSuffix(strings.Repeat("?, ", n), ", ")
}

func anyOf[T any](values []T) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}
