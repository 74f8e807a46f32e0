package certificate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// OfSeries is a certificate for a whole series, with what it says now. Like one
// for an event it keeps no words of its own.
type OfSeries struct {
	Code, SeriesID, PersonID string
	IssuedAt                 time.Time // UTC
	State                    State
	Name                     string          // empty unless the state is Valid
	Language                 locale.Language // the person's
	Series                   event.Series
	Programme                programme.Programme
	Occasions                int           // that took place
	Attended                 []Certificate // those at which the person was, by start; none unless Valid
}

// ErrSeriesNotEarned says that the person was at fewer than four fifths of the
// occasions, or that the series has not ended.
var ErrSeriesNotEarned = &problem.Problem{Kind: problem.Conflict, Code: "series_certificate_not_earned"}

// Standing is how far a person has come in a series.
type Standing struct {
	PersonID string
	Name     string
	Attended int
	Earned   bool   // a certificate may be issued
	Code     string // of the one that was; empty: none
}

// course is a series with the occasions that count: those that visitors saw and
// that were not cancelled.
type course struct {
	event.Series
	occasions []event.Event
	over      bool // all of them have ended
}

func readCourse(ctx context.Context, tx *store.Tx, seriesID string) (c course, err error) {
	if c.Series, err = event.FindSeries(ctx, tx, seriesID); err != nil {
		return c, err
	}
	if c.occasions, err = event.Occasions(ctx, tx, seriesID); err != nil {
		return c, err
	}
	c.occasions = slices.DeleteFunc(c.occasions, func(e event.Event) bool { return e.Status == event.Draft || e.Status == event.Cancelled })
	c.over = len(c.occasions) > 0 && !slices.ContainsFunc(c.occasions, func(e event.Event) bool {
		return e.Status == event.Postponed || tx.Now.Before(e.EndsAt)
	})
	return c, nil
}

// pupil is a person in a course.
type pupil struct {
	name     string // as written for the last occasion
	language string
	attended []Certificate
	erased   bool // the person's data are
}

// pupils finds who was at occasions of the course, by person; of one person only
// when personID is not empty.
func (c course) pupils(ctx context.Context, tx *store.Tx, personID string) (map[string]*pupil, error) {
	all := map[string]*pupil{}
	for _, e := range c.occasions {
		ids, err := store.All(ctx, tx, store.Value[string], `
			SELECT id FROM registration WHERE event_id = ? AND status IN ('attended', 'erased') AND (? = '' OR person_id = ?) ORDER BY id`, e.ID, personID, personID)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			r, err := registration.Find(ctx, tx, id)
			if err != nil {
				return nil, err
			}
			p := all[r.PersonID]
			if p == nil {
				p = &pupil{}
				all[r.PersonID] = p
			}
			p.note(r, e)
		}
	}
	return all, nil
}

func (p *pupil) note(r registration.Registration, e event.Event) {
	if p.language == "" || r.Status == registration.Attended {
		p.language = r.Language
	}
	if r.Status == registration.Erased {
		p.erased = true
		return
	}
	p.name = r.Name()
	if !slices.ContainsFunc(p.attended, func(c Certificate) bool { return c.Event.ID == e.ID }) {
		p.attended = append(p.attended, Certificate{Name: r.Name(), Mode: r.Mode, Event: e})
	}
}

func (c course) earnedBy(p *pupil) bool {
	return c.over && p != nil && SeriesEarned(len(p.attended), len(c.occasions))
}

// IssueSeries gives the person's certificate for the whole series, which it makes
// the first time. It refuses with ErrSeriesNotEarned.
func IssueSeries(ctx context.Context, tx *store.Tx, seriesID, personID string, by audit.Actor) (OfSeries, error) {
	c, err := readCourse(ctx, tx, seriesID)
	if err != nil {
		return OfSeries{}, err
	}
	people, err := c.pupils(ctx, tx, personID)
	if err != nil {
		return OfSeries{}, err
	}
	if !c.earnedBy(people[personID]) {
		return OfSeries{}, ErrSeriesNotEarned
	}
	if err := c.issue(ctx, tx, personID, by); err != nil {
		return OfSeries{}, err
	}
	o, _, err := SeriesOf(ctx, tx, seriesID, personID)
	return o, err
}

func (c course) issue(ctx context.Context, tx *store.Tx, personID string, by audit.Actor) error {
	n, err := store.Exec(ctx, tx, `
		INSERT INTO series_certificate (code, series_id, person_id, issued_at) VALUES (?, ?, ?, ?) ON CONFLICT (series_id, person_id) DO NOTHING`,
		codeOf(tx.NewToken()), c.ID, personID, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("issue certificate of series: %w", err)
	}
	if n == 0 {
		return nil
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: c.ProgrammeID, Action: "certificate.issue_series", ObjectKind: "person", ObjectID: personID, To: c.ID})
}

// IssueSeriesAll issues one to everybody who has earned it and has none yet, and
// returns how many those were.
func IssueSeriesAll(ctx context.Context, tx *store.Tx, seriesID string, by audit.Actor) (int, error) {
	c, err := readCourse(ctx, tx, seriesID)
	if err != nil {
		return 0, err
	}
	if !c.over {
		return 0, ErrSeriesNotEarned
	}
	all, err := Standings(ctx, tx, seriesID)
	n := 0
	for _, s := range all {
		if err != nil {
			return n, err
		}
		if s.Earned && s.Code == "" {
			err = c.issue(ctx, tx, s.PersonID, by)
			n++
		}
	}
	return n, err
}

// Standings lists everybody who was at any occasion of the series, and who may
// have a certificate for the whole of it, in no order that means anything.
func Standings(ctx context.Context, tx *store.Tx, seriesID string) ([]Standing, error) {
	return standings(ctx, tx, seriesID, "")
}

// StandingOf tells how far one person has come in the series.
func StandingOf(ctx context.Context, tx *store.Tx, seriesID, personID string) (Standing, error) {
	all, err := standings(ctx, tx, seriesID, personID)
	if err != nil || len(all) == 0 {
		return Standing{PersonID: personID}, err
	}
	return all[0], nil
}

func standings(ctx context.Context, tx *store.Tx, seriesID, personID string) (all []Standing, err error) {
	c, err := readCourse(ctx, tx, seriesID)
	if err != nil {
		return nil, err
	}
	people, err := c.pupils(ctx, tx, personID)
	if err != nil {
		return nil, err
	}
	type row struct{ person, code string }
	codes, err := store.All(ctx, tx, func(r store.Row) (x row, err error) { return x, r.Scan(&x.person, &x.code) },
		`SELECT person_id, code FROM series_certificate WHERE series_id = ?`, seriesID)
	if err != nil {
		return nil, err
	}
	for id, p := range people {
		if len(p.attended) == 0 {
			continue
		}
		s := Standing{PersonID: id, Name: p.name, Attended: len(p.attended), Earned: c.earnedBy(p)}
		if i := slices.IndexFunc(codes, func(x row) bool { return x.person == id }); i >= 0 {
			s.Code = codes[i].code
		}
		all = append(all, s)
	}
	return all, nil
}

// SeriesEnd tells how many occasions of the series count, and whether all of them
// have ended.
func SeriesEnd(ctx context.Context, tx *store.Tx, seriesID string) (occasions int, over bool, err error) {
	c, err := readCourse(ctx, tx, seriesID)
	return len(c.occasions), c.over, err
}

// FindSeries gives the certificate of a series with a code, in whatever way it is
// typed, or problem.ErrMissing.
func FindSeries(ctx context.Context, tx *store.Tx, typed string) (OfSeries, error) {
	code, ok := ParseCode(typed)
	if !ok {
		return OfSeries{}, problem.ErrMissing
	}
	return selectSeries(ctx, tx, `code = ?`, code)
}

// SeriesOf gives the person's certificate of the series, and false when none was
// issued.
func SeriesOf(ctx context.Context, tx *store.Tx, seriesID, personID string) (OfSeries, bool, error) {
	o, err := selectSeries(ctx, tx, `series_id = ? AND person_id = ?`, seriesID, personID)
	if errors.Is(err, problem.ErrMissing) {
		return o, false, nil
	}
	return o, err == nil, err
}

func selectSeries(ctx context.Context, tx *store.Tx, where string, args ...any) (OfSeries, error) {
	o, err := store.One(ctx, tx, func(r store.Row) (o OfSeries, err error) {
		return o, r.Scan(&o.Code, &o.SeriesID, &o.PersonID, store.Time(&o.IssuedAt))
	}, `SELECT code, series_id, person_id, issued_at FROM series_certificate WHERE `+where, args...)
	if errors.Is(err, store.ErrNoRow) {
		return OfSeries{}, problem.ErrMissing
	}
	if err != nil {
		return OfSeries{}, err
	}
	return o.complete(ctx, tx)
}

// complete adds what the certificate says.
func (o OfSeries) complete(ctx context.Context, tx *store.Tx) (OfSeries, error) {
	c, err := readCourse(ctx, tx, o.SeriesID)
	if err != nil {
		return o, err
	}
	people, err := c.pupils(ctx, tx, o.PersonID)
	if err != nil {
		return o, err
	}
	o.Series, o.Occasions, o.State, o.Language = c.Series, len(c.occasions), Void, locale.SV
	if o.Programme, err = programme.Find(ctx, tx, c.ProgrammeID); err != nil {
		return o, err
	}
	o.Language = locale.Language(o.Programme.Language)
	p := people[o.PersonID]
	if p == nil {
		return o, nil
	}
	o.Language = locale.Language(p.language)
	switch {
	case c.earnedBy(p):
		o.State, o.Name, o.Attended = Valid, p.name, p.attended
	case p.erased:
		o.State = Erased
	}
	return o, nil
}

// Shown is the code in groups.
func (o OfSeries) Shown() string { return Show(o.Code) }

// Organiser is who answers for the certificate.
func (o OfSeries) Organiser() string { return Certificate{Programme: o.Programme}.Organiser() }

// Minutes is how long the occasions lasted together at which the person was; 0
// when one of them was of several days.
func (o OfSeries) Minutes() (sum int) {
	for _, c := range o.Attended {
		if c.Minutes() == 0 {
			return 0
		}
		sum += c.Minutes()
	}
	return sum
}
