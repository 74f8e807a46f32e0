package advisory

import (
	"context"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// seenBy is true of a booking b, or an account, of which the person may know: of
// their own, of a company that they are confirmed for, of a project that they or
// such a company asked for. Its arguments are seenArgs.
const seenBy = `(b.person_id = ? OR b.company_id IN (SELECT company_id FROM contact WHERE person_id = ? AND status = 'confirmed')
	OR b.application_id IN (SELECT id FROM application WHERE person_id = ? OR company_id IN (SELECT company_id FROM contact WHERE person_id = ? AND status = 'confirmed')))`

func seenArgs(personID string) []any { return []any{personID, personID, personID, personID} }

// OwnBooking finds a booking of which the person may know: their own, or one of a
// company or project for which they may book. All others are problem.ErrMissing.
// What was needed is for the one who wrote it alone: the need, the answers and the
// procurement of a colleague's booking are left empty.
func OwnBooking(ctx context.Context, tx *store.Tx, personID, id string) (Booking, error) {
	b, err := BookingByID(ctx, tx, id)
	if err != nil {
		return b, err
	}
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM booking b WHERE b.id = ? AND `+seenBy, append([]any{id}, seenArgs(personID)...)...)
	if err != nil {
		return Booking{}, err
	}
	if n == 0 {
		return Booking{}, problem.ErrMissing
	}
	return b.seenBy(personID), nil
}

// seenBy leaves out what only the one who wrote it may read.
func (b Booking) seenBy(personID string) Booking {
	if b.PersonID != personID {
		b.Need, b.Wishes, b.Procurement, b.Authority, b.TenderDay = "", "", "", "", ""
		b.Phone, b.EndReason = "", "" // the reason may quote the need
	}
	return b
}

// OwnBookings lists the bookings of which the person may know, the newest first.
func OwnBookings(ctx context.Context, tx *store.Tx, personID string) ([]Booking, error) {
	all, err := store.All(ctx, tx, scanBooking, `SELECT `+bookingColumns+` FROM booking b WHERE `+seenBy+`
		ORDER BY COALESCE(starts_at, created_at) DESC, id`, seenArgs(personID)...)
	for i := range all {
		all[i] = all[i].seenBy(personID)
	}
	return all, err
}

// OwnAccounts lists the accounts with entries or bookings of which the person may
// know.
func OwnAccounts(ctx context.Context, tx *store.Tx, personID string) ([]Account, error) {
	return store.All(ctx, tx, scanAccount, selectAccountWhere(), seenArgs(personID)...)
}

// OwnAccount finds one of them, or problem.ErrMissing.
func OwnAccount(ctx context.Context, tx *store.Tx, personID, id string) (Account, error) {
	all, err := OwnAccounts(ctx, tx, personID)
	for _, a := range all {
		if a.ID == id {
			return a, nil
		}
	}
	if err == nil {
		err = problem.ErrMissing
	}
	return Account{}, err
}

func selectAccountWhere() string {
	return selectAccount + `JOIN hours_account b ON b.id = a.id WHERE ` + seenBy + ` ORDER BY a.advisory_programme_id, a.year DESC, a.id`
}

// Answer is one answer to a programme's question, as it was given.
type Answer struct{ Question, Kind, Value string }

// AnswersOf lists what was answered when the booking was made. Callers show it to
// the one who booked, the adviser and organisers alone.
func AnswersOf(ctx context.Context, tx *store.Tx, bookingID string) ([]Answer, error) {
	return store.All(ctx, tx, func(row store.Row) (a Answer, err error) {
		return a, row.Scan(&a.Question, &a.Kind, &a.Value)
	}, `SELECT q.label, q.kind, a.value FROM booking_answer a JOIN intake_question q ON q.id = a.question_id WHERE a.booking_id = ? ORDER BY q.position, q.id`, bookingID)
}

// LateCharge says what it costs the company to cancel a booking now: late is true
// inside the programme's limit, minutes are what is charged of the account.
func LateCharge(ctx context.Context, tx *store.Tx, p Programme, b Booking) (minutes int, late bool, err error) {
	if b.Status != Confirmed || !p.insideLimit(b, tx.Now) {
		return 0, false, nil
	}
	before, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM booking WHERE account_id = ? AND status = 'late_cancelled'`, b.AccountID)
	if err != nil || before < p.LateFree {
		return 0, true, err
	}
	return min(p.LateChargeMinutes, b.Minutes), true, nil
}

// MayMove refuses with the reason why the company cannot give the booking another
// time by itself.
func (p Programme) MayMove(b Booking, tx *store.Tx) error {
	switch {
	case b.Status != Confirmed && b.Status != Requested || !b.StartsAt.After(tx.Now):
		return ErrNotNow
	case p.insideLimit(b, tx.Now):
		return ErrInsideLimit
	case b.Reschedules >= p.MaxReschedules:
		return ErrMovedOften
	}
	return nil
}
