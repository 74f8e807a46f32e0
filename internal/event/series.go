package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// SignUp says for how much of a series people sign up at once.
type SignUp string

// The ways to sign up for a series.
const (
	ForWhole SignUp = "whole" // for all occasions still to come
	ForEach  SignUp = "each"  // for those that one chooses
)

// How many occasions a series has.
const (
	MinOccasions = 2
	MaxOccasions = 12
)

// Series is several events, its occasions, with one name.
type Series struct {
	ID, ProgrammeID, Slug string
	Title                 string
	SignUp                SignUp
	CreatedAt             time.Time
}

// Part is which occasion of its series an event is.
type Part struct {
	Title         string
	Number, Total int
}

// Refusals about series.
var (
	// ErrInSeries says that an event is an occasion of a series already.
	ErrInSeries = &problem.Problem{Kind: problem.Conflict, Code: "in_series"}
	// ErrEnrolled says that people have signed up for the occasion with its series.
	ErrEnrolled = &problem.Problem{Kind: problem.Conflict, Code: "series_enrolled"}
	// ErrCertified says that there are certificates for the series, which name its
	// occasions.
	ErrCertified = &problem.Problem{Kind: problem.Conflict, Code: "series_certified"}
)

// MakeSeries makes the events occasions of a new series. They must be of one
// programme, two to twelve, and in no series yet.
func MakeSeries(ctx context.Context, tx *store.Tx, title string, signUp SignUp, eventIDs []string, by audit.Actor) (Series, error) {
	title = strings.TrimSpace(title)
	var f problem.Fields
	switch {
	case title == "":
		f.Add("series_title", "required")
	case utf8.RuneCountInString(title) > maxTitle:
		f.Add("series_title", "too_long", "most", maxTitle)
	case locale.Deceptive(title, false):
		f.Add("series_title", "characters")
	}
	if signUp != ForWhole && signUp != ForEach {
		f.Add("sign_up", "choose")
	}
	ids := slices.Compact(slices.Sorted(slices.Values(eventIDs)))
	if len(ids) < MinOccasions || len(ids) > MaxOccasions {
		f.Add("occasions", "occasions_number", "least", MinOccasions, "most", MaxOccasions)
	}
	if err := f.Err(); err != nil {
		return Series{}, err
	}
	first, err := Find(ctx, tx, ids[0])
	if err != nil {
		return Series{}, err
	}
	s := Series{ID: tx.NewID(), ProgrammeID: first.ProgrammeID, Title: title, SignUp: signUp, CreatedAt: tx.Now}
	if s.Slug, err = freeSlug(ctx, tx, title, "series", `SELECT count(*) FROM series WHERE slug = ?`); err != nil {
		return s, err
	}
	_, err = store.Exec(ctx, tx, `INSERT INTO series (id, programme_id, slug, title, sign_up, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
		s.ID, s.ProgrammeID, s.Slug, s.Title, s.SignUp, store.At(s.CreatedAt))
	if err != nil {
		return s, fmt.Errorf("make series: %w", err)
	}
	return s, addOccasions(ctx, tx, s, ids, by)
}

// AddOccasions makes more events occasions of the series.
func AddOccasions(ctx context.Context, tx *store.Tx, seriesID string, eventIDs []string, by audit.Actor) error {
	s, err := FindSeries(ctx, tx, seriesID)
	if err != nil {
		return err
	}
	have, err := Occasions(ctx, tx, s.ID)
	if err != nil {
		return err
	}
	if len(have)+len(eventIDs) > MaxOccasions {
		return problem.Fields{{Name: "occasions", Code: "occasions_number", Args: []any{"least", MinOccasions, "most", MaxOccasions}}}.Err()
	}
	if err := uncertified(ctx, tx, s.ID); err != nil {
		return err
	}
	return addOccasions(ctx, tx, s, eventIDs, by)
}

// CanJoinSeries reports whether the event can become an occasion of a series: one
// that was cancelled or is over cannot.
func (e Event) CanJoinSeries() bool {
	return e.Status != Cancelled && e.Status != Held && e.Status != Archived
}

func addOccasions(ctx context.Context, tx *store.Tx, s Series, eventIDs []string, by audit.Actor) error {
	for _, id := range eventIDs {
		e, err := lock(ctx, tx, id)
		switch {
		case err != nil:
			return err
		case e.ProgrammeID != s.ProgrammeID:
			return problem.ErrMissing
		case e.SeriesID != "":
			return ErrInSeries
		case !e.CanJoinSeries():
			return ErrNotNow
		}
		if _, err := store.Exec(ctx, tx, `UPDATE event SET series_id = ? WHERE id = ?`, s.ID, id); err != nil {
			return fmt.Errorf("add occasion: %w", err)
		}
		if err := e.audit(ctx, tx, by, "event.series", "", s.ID, ""); err != nil {
			return err
		}
	}
	return nil
}

// LeaveSeries makes the occasion an event by itself again, while nobody has
// signed up for it with the series. A series of which one occasion is left ends.
func LeaveSeries(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	e, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if e.SeriesID == "" {
		return ErrNotNow
	}
	enrolled, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM registration WHERE event_id = ? AND enrolment_id IS NOT NULL`, id)
	if err != nil {
		return err
	}
	if enrolled > 0 {
		return ErrEnrolled
	}
	if err := uncertified(ctx, tx, e.SeriesID); err != nil {
		return err
	}
	if _, err := store.Exec(ctx, tx, `UPDATE event SET series_id = NULL WHERE id = ?`, id); err != nil {
		return fmt.Errorf("leave series: %w", err)
	}
	if err := e.audit(ctx, tx, by, "event.series", e.SeriesID, "", ""); err != nil {
		return err
	}
	return endTooShort(ctx, tx, e.SeriesID)
}

// endTooShort ends a series of which one occasion is left.
func endTooShort(ctx context.Context, tx *store.Tx, seriesID string) error {
	left, err := Occasions(ctx, tx, seriesID)
	if err != nil || len(left) >= MinOccasions {
		return err
	}
	if _, err := store.Exec(ctx, tx, `UPDATE event SET series_id = NULL WHERE series_id = ?`, seriesID); err != nil {
		return fmt.Errorf("end series: %w", err)
	}
	_, err = store.Exec(ctx, tx, `DELETE FROM series WHERE id = ?`, seriesID)
	return err
}

// OpenSeries lists the series of a programme that can have one more occasion, by
// title.
func OpenSeries(ctx context.Context, tx *store.Tx, programmeID string) ([]Series, error) {
	return store.All(ctx, tx, scanSeries, selectSeries+` s WHERE programme_id = ?
		AND (SELECT count(*) FROM event e WHERE e.series_id = s.id) < ?
		AND NOT EXISTS (SELECT 1 FROM series_certificate c WHERE c.series_id = s.id) ORDER BY title, id`, programmeID, MaxOccasions)
}

// Fixed reports whether a series can no longer have or lose occasions, because
// there are certificates for it.
func Fixed(ctx context.Context, tx *store.Tx, seriesID string) (bool, error) {
	err := uncertified(ctx, tx, seriesID)
	if errors.Is(err, ErrCertified) {
		return true, nil
	}
	return false, err
}

// EnrolledIn counts those who have signed up for each of the series' occasions
// with the series, by event.
func EnrolledIn(ctx context.Context, tx *store.Tx, seriesID string) (map[string]int, error) {
	type row struct {
		id string
		n  int
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (x row, err error) { return x, r.Scan(&x.id, &x.n) }, `
		SELECT r.event_id, count(*) FROM registration r JOIN event e ON e.id = r.event_id
		WHERE e.series_id = ? AND r.enrolment_id IS NOT NULL GROUP BY r.event_id`, seriesID)
	counts := map[string]int{}
	for _, x := range rows {
		counts[x.id] = x.n
	}
	return counts, err
}

const selectSeries = `SELECT id, programme_id, slug, title, sign_up, created_at FROM series`

func scanSeries(r store.Row) (s Series, err error) {
	return s, r.Scan(&s.ID, &s.ProgrammeID, &s.Slug, &s.Title, &s.SignUp, store.Time(&s.CreatedAt))
}

// uncertified refuses with ErrCertified when a certificate for the whole of the
// series has been issued.
func uncertified(ctx context.Context, tx *store.Tx, seriesID string) error {
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM series_certificate WHERE series_id = ?`, seriesID)
	if err == nil && n > 0 {
		err = ErrCertified
	}
	return err
}

// FindSeries returns a series, or problem.ErrMissing.
func FindSeries(ctx context.Context, tx *store.Tx, id string) (Series, error) {
	s, err := store.One(ctx, tx, scanSeries, selectSeries+` WHERE id = ?`, id)
	if errors.Is(err, store.ErrNoRow) {
		return s, problem.ErrMissing
	}
	return s, err
}

// Occasions lists the events of a series by start, drafts and cancelled ones
// too, without agenda, speakers and questions.
func Occasions(ctx context.Context, tx *store.Tx, seriesID string) ([]Event, error) {
	events, err := store.All(ctx, tx, scanEvent, selectEvent+` WHERE e.series_id = ? ORDER BY e.starts_at, e.id`, seriesID)
	if err != nil {
		return nil, fmt.Errorf("list occasions: %w", err)
	}
	return events, nil
}

// Parts tells of those of the events that are occasions of a series which one
// they are, by id. Drafts do not count: visitors do not see them.
func Parts(ctx context.Context, tx *store.Tx, events []Event) (map[string]Part, error) {
	var ids []string
	for _, e := range events {
		if e.SeriesID != "" && !slices.Contains(ids, e.SeriesID) {
			ids = append(ids, e.SeriesID)
		}
	}
	parts := map[string]Part{}
	for _, id := range ids {
		s, err := FindSeries(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		all, err := Occasions(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		all = slices.DeleteFunc(all, func(e Event) bool { return e.Status == Draft })
		for i, e := range all {
			parts[e.ID] = Part{Title: s.Title, Number: i + 1, Total: len(all)}
		}
	}
	return parts, nil
}
