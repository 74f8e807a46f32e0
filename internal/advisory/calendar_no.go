package advisory

import (
	"context"
	"errors"
	"fmt"

	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/store"
)

var (
	// ErrNotInvited says that no invitation with this number went to this address.
	ErrNotInvited = errors.New("advisory: no invitation with this number went to this address")
	// ErrOutdated says that the invitation has been replaced since, or that its
	// receiver has been asked already.
	ErrOutdated = errors.New("advisory: an answer to an older invitation, or one more")
)

// Invitee finds the booking whose invitation has the number, if it went to the
// address: of whoever booked. An adviser's own calendar has other numbers, and what
// it answers is the adviser's business.
func Invitee(ctx context.Context, tx *store.Tx, uid, email string) (Booking, error) {
	b, err := store.One(ctx, tx, scanBooking, selectBooking+`WHERE calendar_uid = ? AND person_id = (SELECT id FROM person WHERE email = ?)`, uid, email)
	if errors.Is(err, store.ErrNoRow) {
		return b, ErrNotInvited
	}
	return b, err
}

// CalendarSaidNo asks whoever declined the meeting in their calendar whether to
// cancel it: once for each invitation, by letter, for a calendar's answer proves
// nothing and is easily given by mistake. The meeting stays. It is ErrNotNow when
// there is nothing to cancel, and ErrOutdated when the answer is to an invitation
// that a newer one has replaced.
func CalendarSaidNo(ctx context.Context, tx *store.Tx, id string, sequence int) error {
	p, _, b, err := hold(ctx, tx, id)
	if err != nil {
		return err
	}
	switch {
	case b.Status != Confirmed || !b.StartsAt.After(tx.Now):
		return ErrNotNow
	case sequence < b.CalendarSequence:
		return ErrOutdated
	}
	who, err := person.Find(ctx, tx, b.PersonID)
	if err != nil {
		return err
	}
	added, err := message.Enqueue(ctx, tx, message.Request{
		Key:    fmt.Sprintf("%s:%s:%d", message.SaidNo, b.ID, b.CalendarSequence),
		Letter: message.SaidNo, Recipient: who.Email, Language: b.Language, ProgrammeID: p.ProgrammeID, BookingID: b.ID,
		Details: message.Details{ForStart: timeText(b.StartsAt)}, NotAfter: b.StartsAt, Outside: true,
	})
	if err == nil && !added {
		return ErrOutdated
	}
	return err
}
