package advisory

import (
	"context"
	"fmt"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/store"
)

// BookedBy lists every booking that the person has made, the newest first.
func BookedBy(ctx context.Context, tx *store.Tx, personID string) ([]Booking, error) {
	return store.All(ctx, tx, scanBooking, selectBooking+`WHERE person_id = ? ORDER BY COALESCE(starts_at, created_at) DESC, id`, personID)
}

// AccountsOfPerson lists the hours of a person without a company.
func AccountsOfPerson(ctx context.Context, tx *store.Tx, personID string) ([]Account, error) {
	return store.All(ctx, tx, scanAccount, selectAccount+`WHERE a.person_id = ? ORDER BY a.advisory_programme_id, a.year`, personID)
}

// Ahead reports whether a booking, or the wish for one, can still be called off.
func (b Booking) Ahead(tx *store.Tx) bool {
	return b.Status == Requested || b.Status == Waiting || b.Status == Confirmed && b.StartsAt.After(tx.Now)
}

// CallOff cancels a booking of somebody who wants to be forgotten. It costs the
// company nothing: all its hours come back.
func CallOff(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	_, err := Cancel(ctx, tx, id, "", false, by)
	return err
}

// Forget erases what a booking says of a person: what was needed, answered and
// noted, and who it was. That a meeting was, when, with whom and how long stays, for
// the company's hours and what it was invoiced. It is ErrNotNow while something is to
// come of the booking, or a letter about it waits.
func Forget(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	p, _, b, err := hold(ctx, tx, id)
	if err != nil {
		return err
	}
	waits, err := message.WaitsForBooking(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	if waits || b.Status.Active() {
		return ErrNotNow
	}
	for _, statement := range []string{
		`DELETE FROM booking_answer WHERE booking_id = ?`,
		`DELETE FROM booking_note WHERE booking_id = ?`,
		`DELETE FROM booking_call WHERE booking_id = ?`,
		`DELETE FROM booking_seen WHERE booking_id = ?`,
		`DELETE FROM booking_link WHERE booking_id = ?`,
		`UPDATE booking SET person_id = NULL, shared_note = '', end_reason = '', place = '', phone = '', ` + eraseNeedColumn + ` WHERE id = ?`,
	} {
		if _, err := store.Exec(ctx, tx, statement, b.ID); err != nil {
			return fmt.Errorf("forget a booking: %w", err)
		}
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: p.ProgrammeID, Action: "booking.erased", ObjectKind: "booking", ObjectID: b.ID, From: string(b.Status)})
}
