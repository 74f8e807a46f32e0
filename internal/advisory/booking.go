package advisory

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/municipality"
	"stafett/internal/store"
)

// Status is the state of a booking.
type Status string

// The states of a booking. New is one that is not yet there.
const (
	New           Status = ""
	Requested     Status = "requested" // holds the time and the hours; an organiser, or a grant of aid, confirms it
	Waiting       Status = "waiting"   // no time suited; takes no hours
	Confirmed     Status = "confirmed"
	Declined      Status = "declined"
	Lapsed        Status = "lapsed"
	Cancelled     Status = "cancelled"
	LateCancelled Status = "late_cancelled"
	Missed        Status = "missed"
	Held          Status = "held"    // took place; the time is not entered yet
	Settled       Status = "settled" // the time is entered
)

// HoldsHours reports whether hours are reserved for a booking in this state.
func (s Status) HoldsHours() bool { return s == Requested || s == Confirmed || s == Held }

// Active reports whether something is still to come of the booking.
func (s Status) Active() bool { return s.HoldsHours() || s == Waiting }

// Booking is one meeting of a company, a project or a person with an adviser, or
// the wish for one.
type Booking struct {
	ID, AdvisoryProgrammeID, AccountID string
	AdviserID                          string // none: waits for anyone
	CompanyID, ApplicationID           string
	PersonID                           string // who booked; none: a call that was only logged
	Status                             Status
	Meeting                            Meeting
	StartsAt, EndsAt                   time.Time // zero: waits for a time
	Minutes                            int       // as booked
	BlockedFrom, BlockedTo             time.Time // the adviser's time, with buffer and travel
	TimeZone                           string
	Municipality                       municipality.Code
	Place, JoinURL, Phone              string
	Language                           string
	Need                               string // for the one who wrote it, the adviser and organisers
	Procurement, Authority             string // the ongoing procurement, and who buys
	Side                               Side
	TenderDay                          string // "2027-03-15"
	Wishes                             string
	Phase                              *int
	Reschedules                        int
	ActualMinutes                      *int  // entered
	ChargedMinutes                     *int  // of the account
	OverMinutes                        *int  // beyond what there was: no aid, not invoiced
	PriceMinor                         int64 // an hour, as when it was booked
	VATPercent                         int   // on it, the same
	SharedNote                         string
	Quick                              bool
	ConfirmedAt, EndedAt               time.Time
	EndReason                          string
	SettledAt, ChasedAt                time.Time
	CalendarUID                        string
	CalendarSequence, AdviserSequence  int // -1: no invitation yet
	CreatedAt, ChangedAt               time.Time
	RequestedAt                        time.Time // of one that waited first: since when it holds a time; else zero
}

// Side is on which side of a procurement somebody stands.
type Side string

// The sides.
const (
	Supplier Side = "supplier"
	Buyer    Side = "buyer"
)

// Location is the time zone in which the meeting's times are shown.
func (b Booking) Location() *time.Location { return location(b.TimeZone) }

// Holder is whose hours the booking takes.
func (b Booking) Holder() Holder {
	switch {
	case b.ApplicationID != "":
		return Holder{ApplicationID: b.ApplicationID}
	case b.CompanyID != "":
		return Holder{CompanyID: b.CompanyID}
	}
	return Holder{PersonID: b.PersonID}
}

const bookingColumns = `id, advisory_programme_id, account_id, adviser_id, company_id, application_id, person_id, status, meeting, starts_at, ends_at,
	minutes, blocked_from, blocked_to, time_zone, municipality_country, municipality_code, place, join_url, phone, language, need, procurement,
	authority, side, tender_day, wishes, phase, reschedules, actual_minutes, charged_minutes, over_minutes, price_minor, vat_percent, shared_note, quick,
	confirmed_at, ended_at, end_reason, settled_at, chased_at, calendar_uid, calendar_sequence, adviser_sequence, created_at, changed_at, requested_at`

const selectBooking = `SELECT ` + bookingColumns + ` FROM booking `

func scanBooking(row store.Row) (b Booking, err error) {
	err = row.Scan(&b.ID, &b.AdvisoryProgrammeID, &b.AccountID, store.String(&b.AdviserID), store.String(&b.CompanyID), store.String(&b.ApplicationID), store.String(&b.PersonID),
		&b.Status, &b.Meeting, store.Time(&b.StartsAt), store.Time(&b.EndsAt),
		&b.Minutes, store.Time(&b.BlockedFrom), store.Time(&b.BlockedTo), &b.TimeZone, store.String(&b.Municipality.Country), store.String(&b.Municipality.Number),
		&b.Place, &b.JoinURL, &b.Phone, &b.Language, &b.Need, &b.Procurement,
		&b.Authority, &b.Side, store.String(&b.TenderDay), &b.Wishes, store.Int(&b.Phase), &b.Reschedules, store.Int(&b.ActualMinutes), store.Int(&b.ChargedMinutes),
		store.Int(&b.OverMinutes), &b.PriceMinor, &b.VATPercent, &b.SharedNote, &b.Quick,
		store.Time(&b.ConfirmedAt), store.Time(&b.EndedAt), &b.EndReason, store.Time(&b.SettledAt), store.Time(&b.ChasedAt),
		&b.CalendarUID, &b.CalendarSequence, &b.AdviserSequence, store.Time(&b.CreatedAt), store.Time(&b.ChangedAt), store.Time(&b.RequestedAt))
	return b, err
}

// save writes the whole row.
func (b Booking) save(ctx context.Context, tx *store.Tx, isNew bool) error {
	values := []any{b.ID, b.AdvisoryProgrammeID, b.AccountID, store.Text(b.AdviserID), store.Text(b.CompanyID), store.Text(b.ApplicationID), store.Text(b.PersonID),
		b.Status, b.Meeting, store.At(b.StartsAt), store.At(b.EndsAt),
		b.Minutes, store.At(b.BlockedFrom), store.At(b.BlockedTo), b.TimeZone, store.Text(b.Municipality.Country), store.Text(b.Municipality.Number),
		b.Place, b.JoinURL, b.Phone, b.Language, b.Need, b.Procurement,
		b.Authority, b.Side, store.Text(b.TenderDay), b.Wishes, b.Phase, b.Reschedules, b.ActualMinutes, b.ChargedMinutes,
		b.OverMinutes, b.PriceMinor, b.VATPercent, b.SharedNote, b.Quick,
		store.At(b.ConfirmedAt), store.At(b.EndedAt), b.EndReason, store.At(b.SettledAt), store.At(b.ChasedAt),
		b.CalendarUID, b.CalendarSequence, b.AdviserSequence, store.At(b.CreatedAt), store.At(b.ChangedAt), store.At(b.RequestedAt), procurementKey(b.Procurement)}
	query := `INSERT INTO booking (` + bookingColumns + `, procurement_key) VALUES (` + marks(len(values)) + `)`
	if !isNew {
		query = `UPDATE booking SET (` + bookingColumns + `, procurement_key) = (` + marks(len(values)) + `) WHERE id = ?`
		values = append(values, b.ID)
	}
	if _, err := store.Exec(ctx, tx, query, values...); err != nil {
		return fmt.Errorf("save booking: %w", err)
	}
	return nil
}

// BookingByID finds a booking. Callers check whose it is.
func BookingByID(ctx context.Context, tx *store.Tx, id string) (Booking, error) {
	b, err := store.One(ctx, tx, scanBooking, selectBooking+`WHERE id = ?`, id)
	return b, errNoSuch(err)
}
