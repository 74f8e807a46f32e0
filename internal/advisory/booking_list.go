package advisory

import (
	"context"
	"strings"
	"time"

	"stafett/internal/locale"
	"stafett/internal/store"
)

// Listed is a booking with whose it is, for lists.
type Listed struct {
	Booking
	Company, Person, Adviser, Project string // names; those that are not known are empty
	Caller, Organisation              string // of a call that was logged
}

// Holds is the name of whose hours the booking takes: the project's, the company's,
// the organisation's that called, or the person's.
func (l Listed) Holds() string {
	for _, name := range []string{l.Project, l.Company, l.Organisation, l.Person, l.Caller} {
		if name != "" {
			return name
		}
	}
	return ""
}

// BookingFilter narrows a list of bookings.
type BookingFilter struct {
	Within              Within
	AdvisoryProgrammeID string // empty: all within
	AdviserID           string
	Status              string    // of a booking; "unsettled": took place without minutes; empty: all
	From, To            time.Time // starts in [From, To); zero: no limit
	Text                string    // part of a name
	Calls               bool      // only calls that were logged
	AccountID           string
}

// where is the filter as a condition on the booking b and its programme p.
func (f BookingFilter) where(now time.Time) (string, []any) {
	where, args := f.Within.where("p.programme_id")
	add := func(condition string, values ...any) {
		where, args = where+` AND `+condition, append(args, values...)
	}
	if f.AdvisoryProgrammeID != "" {
		add(`b.advisory_programme_id = ?`, f.AdvisoryProgrammeID)
	}
	if f.AdviserID != "" {
		add(`b.adviser_id = ?`, f.AdviserID)
	}
	if f.AccountID != "" {
		add(`b.account_id = ?`, f.AccountID)
	}
	switch {
	case f.Status == "unsettled":
		add(`(b.status = 'held' OR b.status = 'confirmed' AND b.ends_at < ?)`, store.At(now))
	case f.Status != "":
		add(`b.status = ?`, f.Status)
	}
	if !f.From.IsZero() {
		add(`b.starts_at >= ?`, store.At(f.From))
	}
	if !f.To.IsZero() {
		add(`b.starts_at < ?`, store.At(f.To))
	}
	if f.Calls {
		add(`b.quick`)
	}
	return where, args
}

const fromBooking = ` FROM booking b JOIN advisory_programme p ON p.id = b.advisory_programme_id
	LEFT JOIN company c ON c.id = b.company_id LEFT JOIN person n ON n.id = b.person_id LEFT JOIN application x ON x.id = b.application_id
	LEFT JOIN booking_call k ON k.booking_id = b.id LEFT JOIN adviser d ON d.id = b.adviser_id LEFT JOIN user_account u ON u.id = d.user_id WHERE `

// Bookings lists a part of those of the filter and how many there are in all. Those
// that wait for a time come by the nearest tender day and then in the order in which
// they came, as they are served; others by start, the newest first unless requests.
func Bookings(ctx context.Context, tx *store.Tx, f BookingFilter, from, most int) (part []Listed, total int, err error) {
	where, args := f.where(tx.Now)
	order := `b.starts_at DESC, b.created_at DESC, b.id`
	switch f.Status {
	case "waiting":
		order = `COALESCE(b.tender_day, '9999'), b.created_at, b.id`
	case "requested", "unsettled":
		order = `b.starts_at, b.id`
	}
	columns := `b.` + strings.ReplaceAll(bookingColumns, ", ", ", b.")
	columns = strings.ReplaceAll(columns, ",\n\t", ",\n\tb.")
	query := `SELECT ` + columns + `, c.name, n.first_name, n.last_name, u.name, x.title, k.caller, k.organisation` + fromBooking + where + ` ORDER BY ` + order
	text := locale.Fold(strings.TrimSpace(f.Text))
	if text == "" {
		if total, err = store.One(ctx, tx, store.Value[int], `SELECT count(*)`+fromBooking+where, args...); err != nil {
			return nil, 0, err
		}
		part, err = store.All(ctx, tx, scanListed, query+` LIMIT ? OFFSET ?`, append(args, most, from)...)
		return part, total, err
	}
	// Names are compared as people write them, which no database does alike.
	all, err := store.All(ctx, tx, scanListed, query, args...)
	for _, l := range all {
		if strings.Contains(locale.Fold(strings.Join([]string{l.Company, l.Person, l.Project, l.Caller, l.Organisation}, "\n")), text) {
			if total >= from && len(part) < most {
				part = append(part, l)
			}
			total++
		}
	}
	return part, total, err
}

func scanListed(row store.Row) (l Listed, err error) {
	var first, last string
	l.Booking, err = scanBooking(more{row, []any{store.String(&l.Company), store.String(&first), store.String(&last), store.String(&l.Adviser), store.String(&l.Project),
		store.String(&l.Caller), store.String(&l.Organisation)}})
	l.Person = strings.TrimSpace(first + " " + last)
	return l, err
}

// more reads further columns of a row after those that its reader knows.
type more struct {
	row  store.Row
	also []any
}

// Scan implements store.Row.
func (m more) Scan(dest ...any) error { return m.row.Scan(append(dest, m.also...)...) }

// ListedByID finds a booking with whose it is.
func ListedByID(ctx context.Context, tx *store.Tx, id string) (Listed, error) {
	columns := `b.` + strings.ReplaceAll(bookingColumns, ", ", ", b.")
	columns = strings.ReplaceAll(columns, ",\n\t", ",\n\tb.")
	l, err := store.One(ctx, tx, scanListed, `SELECT `+columns+`, c.name, n.first_name, n.last_name, u.name, x.title, k.caller, k.organisation`+fromBooking+`b.id = ?`, id)
	return l, errNoSuch(err)
}
