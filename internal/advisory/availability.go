package advisory

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Window is a part of each week in which an adviser can be booked, on the
// adviser's own clock. "24:00" is the end of the day.
type Window struct {
	Weekday  int // 1 is Monday, 7 Sunday (ISO 8601)
	From, To string
}

// Exception is a day, or hours of it, that differ from the week. Without hours the
// whole day is meant, which can only be one that is not free.
type Exception struct {
	ID        string // empty: not stored yet
	Date      string // "2027-03-15"
	From, To  string
	Available bool
	Note      string // for the adviser and organisers
}

// WholeDay reports whether the exception is for the whole day.
func (e Exception) WholeDay() bool { return e.From == "" }

// Bounds of what an adviser may enter.
const (
	mostWindows    = 70  // ten a day
	mostExceptions = 800 // two years of days
	mostNote       = 200
	longestLeave   = 366 // days
)

// Week lists the windows of an adviser's week in order.
func Week(ctx context.Context, tx *store.Tx, adviserID string) ([]Window, error) {
	return store.All(ctx, tx, func(row store.Row) (w Window, err error) {
		return w, row.Scan(&w.Weekday, &w.From, &w.To)
	}, `SELECT weekday, from_clock, to_clock FROM availability WHERE adviser_id = ? ORDER BY weekday, from_clock`, adviserID)
}

// Exceptions lists an adviser's exceptions from a date on, in order; with an empty
// date, all of them.
func Exceptions(ctx context.Context, tx *store.Tx, adviserID, from string) ([]Exception, error) {
	return store.All(ctx, tx, func(row store.Row) (e Exception, err error) {
		return e, row.Scan(&e.ID, &e.Date, store.String(&e.From), store.String(&e.To), &e.Available, &e.Note)
	}, `SELECT id, date, from_clock, to_clock, available, note FROM availability_exception
		WHERE adviser_id = ? AND date >= ? ORDER BY date, COALESCE(from_clock, ''), id`, adviserID, from)
}

// SetWeek gives an adviser a new week. Windows of one day may touch but not
// overlap. What is wrong is told at the field "weekly[n].weekday", ".from" or
// ".to" of the nth window, from nought. Meetings that are booked stay, also where
// they now lie outside the week (OutsideHours lists them).
func SetWeek(ctx context.Context, tx *store.Tx, adviserID string, windows []Window, by audit.Actor) error {
	if err := checkWeek(windows); err != nil {
		return err
	}
	if err := lockAdviser(ctx, tx, adviserID); err != nil {
		return errNoSuch(err)
	}
	before, err := Week(ctx, tx, adviserID)
	if err != nil {
		return err
	}
	if _, err := store.Exec(ctx, tx, `DELETE FROM availability WHERE adviser_id = ?`, adviserID); err != nil {
		return err
	}
	for _, w := range windows {
		if _, err := store.Exec(ctx, tx, `INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES (?, ?, ?, ?, ?)`,
			tx.NewID(), adviserID, w.Weekday, w.From, w.To); err != nil {
			return fmt.Errorf("write window: %w", err)
		}
	}
	return offerAfter(ctx, tx, audit.Entry{
		Actor: by, Action: "adviser.week", ObjectKind: "adviser", ObjectID: adviserID, From: weekText(before), To: weekText(windows),
	})
}

// clockForm is a time of day as it is stored.
var clockForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// checkHours notes what is wrong with hours of a day at the two fields.
func checkHours(f *problem.Fields, from, to, fromField, toField string) {
	if !clockForm.MatchString(from) {
		f.Add(fromField, "clock")
	}
	switch {
	case to != "24:00" && !clockForm.MatchString(to):
		f.Add(toField, "clock")
	case !f.Has(fromField) && to <= from:
		f.Add(toField, "after_start")
	}
}

func checkWeek(windows []Window) error {
	var f problem.Fields
	if len(windows) > mostWindows {
		f.Add("weekly", "windows_most", "most", mostWindows)
		return f.Err()
	}
	field := func(n int, name string) string { return fmt.Sprintf("weekly[%d].%s", n, name) }
	for n, w := range windows {
		if w.Weekday < 1 || w.Weekday > 7 {
			f.Add(field(n, "weekday"), "choice")
		}
		checkHours(&f, w.From, w.To, field(n, "from"), field(n, "to"))
	}
	if err := f.Err(); err != nil {
		return err
	}
	for n, w := range windows {
		for _, o := range windows[:n] {
			if w.Weekday == o.Weekday && w.From < o.To && o.From < w.To {
				f.Add(field(n, "from"), "window_overlap", "from", o.From, "to", o.To)
			}
		}
	}
	return f.Err()
}

// weekText is a week as the audit log keeps it: "1 09:00-12:00, 1 13:00-16:00".
func weekText(windows []Window) string {
	parts := make([]string, len(windows))
	for n, w := range windows {
		parts[n] = fmt.Sprintf("%d %s-%s", w.Weekday, w.From, w.To)
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}

// SetExceptions gives an adviser these exceptions and no others. What is wrong is
// told at the field "exceptions[n].date", ".from", ".to" or ".note" of the nth.
func SetExceptions(ctx context.Context, tx *store.Tx, adviserID string, exceptions []Exception, by audit.Actor) error {
	if err := checkExceptions(exceptions); err != nil {
		return err
	}
	if err := lockAdviser(ctx, tx, adviserID); err != nil {
		return errNoSuch(err)
	}
	before, err := Exceptions(ctx, tx, adviserID, "")
	if err != nil {
		return err
	}
	if _, err := store.Exec(ctx, tx, `DELETE FROM availability_exception WHERE adviser_id = ?`, adviserID); err != nil {
		return err
	}
	for _, e := range exceptions {
		if err := insertException(ctx, tx, adviserID, e); err != nil {
			return err
		}
	}
	return offerAfter(ctx, tx, audit.Entry{
		Actor: by, Action: "adviser.exceptions", ObjectKind: "adviser", ObjectID: adviserID, From: exceptionsText(before), To: exceptionsText(exceptions),
	})
}

// AddException adds an exception to those that an adviser has: on its date or, with
// until, on each day up to that one, which is how a vacation is entered. A day that
// has the same already keeps it. What is wrong is told at the fields "date",
// "until", "from", "to" and "note". It answers how many days were added.
func AddException(ctx context.Context, tx *store.Tx, adviserID string, e Exception, until string, by audit.Actor) (days int, err error) {
	e.Note = strings.TrimSpace(e.Note)
	var f problem.Fields
	checkException(&f, e, "")
	first, last := dateOrZero(e.Date), dateOrZero(cmp.Or(until, e.Date))
	switch {
	case f.Has("date"):
	case last.IsZero():
		f.Add("until", "date_only")
	case last.Before(first):
		f.Add("until", "before_first_day")
	case last.Before(tx.Now.AddDate(0, 0, -2)): // the day has begun later elsewhere
		f.Add("date", "in_future")
	case last.After(first.AddDate(0, 0, longestLeave)):
		f.Add("until", "days_most", "most", longestLeave)
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	if err := lockAdviser(ctx, tx, adviserID); err != nil {
		return 0, errNoSuch(err)
	}
	have, err := Exceptions(ctx, tx, adviserID, "")
	if err != nil {
		return 0, err
	}
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		e.Date = day.Format(time.DateOnly)
		if slices.ContainsFunc(have, e.same) {
			continue
		}
		if days++; len(have)+days > mostExceptions {
			f.Add("until", "exceptions_most", "most", mostExceptions)
			return 0, f.Err()
		}
		if err := insertException(ctx, tx, adviserID, e); err != nil {
			return 0, err
		}
	}
	if days == 0 {
		f.Add("date", "exception_twice")
		return 0, f.Err()
	}
	e.Date = first.Format(time.DateOnly)
	return days, offerAfter(ctx, tx, audit.Entry{
		Actor: by, Action: "adviser.exception_add", ObjectKind: "adviser", ObjectID: adviserID, To: fmt.Sprintf("%s until %s", e, last.Format(time.DateOnly)),
	})
}

// RemoveException takes one of an adviser's exceptions away, or answers
// problem.ErrMissing when the adviser has no such.
func RemoveException(ctx context.Context, tx *store.Tx, adviserID, id string, by audit.Actor) error {
	all, err := Exceptions(ctx, tx, adviserID, "")
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(e Exception) bool { return e.ID == id })
	if at < 0 {
		return problem.ErrMissing
	}
	if err := lockAdviser(ctx, tx, adviserID); err != nil {
		return err
	}
	if _, err := store.Exec(ctx, tx, `DELETE FROM availability_exception WHERE id = ? AND adviser_id = ?`, id, adviserID); err != nil {
		return err
	}
	return offerAfter(ctx, tx, audit.Entry{Actor: by, Action: "adviser.exception_remove", ObjectKind: "adviser", ObjectID: adviserID, From: all[at].String()})
}

// offerAfter writes down a change of an adviser's hours and offers what it makes free
// to those who wait.
func offerAfter(ctx context.Context, tx *store.Tx, e audit.Entry) error {
	if err := audit.Add(ctx, tx, e); err != nil {
		return err
	}
	return offerNow(ctx, tx)
}

func insertException(ctx context.Context, tx *store.Tx, adviserID string, e Exception) error {
	_, err := store.Exec(ctx, tx, `INSERT INTO availability_exception (id, adviser_id, date, from_clock, to_clock, available, note) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		tx.NewID(), adviserID, e.Date, store.Text(e.From), store.Text(e.To), e.Available, strings.TrimSpace(e.Note))
	if err != nil {
		return fmt.Errorf("write exception: %w", err)
	}
	return nil
}

func checkExceptions(exceptions []Exception) error {
	var f problem.Fields
	if len(exceptions) > mostExceptions {
		f.Add("exceptions", "exceptions_most", "most", mostExceptions)
		return f.Err()
	}
	for n, e := range exceptions {
		at := fmt.Sprintf("exceptions[%d].", n)
		checkException(&f, e, at)
		if slices.ContainsFunc(exceptions[:n], e.same) {
			f.Add(at+"date", "exception_twice")
		}
	}
	return f.Err()
}

// checkException notes what is wrong with one, at fields that begin as told.
func checkException(f *problem.Fields, e Exception, at string) {
	if dateOrZero(e.Date).IsZero() {
		f.Add(at+"date", "date_only")
	}
	switch {
	case e.From == "" && e.To == "" && e.Available:
		f.Add(at+"from", "free_hours")
	case e.From != "" || e.To != "":
		checkHours(f, e.From, e.To, at+"from", at+"to")
	}
	if locale.Deceptive(e.Note, false) {
		f.Add(at+"note", "characters")
	} else if utf8.RuneCountInString(e.Note) > mostNote {
		f.Add(at+"note", "too_long", "most", mostNote)
	}
}

// same reports whether the two say the same of the same hours.
func (e Exception) same(o Exception) bool {
	return e.Date == o.Date && e.From == o.From && e.To == o.To && e.Available == o.Available
}

// String is the exception as the audit log keeps it, without its note.
func (e Exception) String() string {
	hours, free := "whole day", "not free"
	if !e.WholeDay() {
		hours = e.From + "-" + e.To
	}
	if e.Available {
		free = "free"
	}
	return e.Date + " " + hours + " " + free
}

func exceptionsText(exceptions []Exception) string {
	parts := make([]string, len(exceptions))
	for n, e := range exceptions {
		parts[n] = e.String()
	}
	return strings.Join(parts, ", ")
}

// dateOrZero reads a date such as "2027-03-15"; the zero time when it is none.
func dateOrZero(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
