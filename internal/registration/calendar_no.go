package registration

import (
	"context"
	"errors"
	"fmt"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/store"
)

// What a calendar's answer comes to.
var (
	// ErrNotInvited says that no invitation with this number went to this address.
	ErrNotInvited = errors.New("registration: no invitation with this number went to this address")
	// ErrOutdated says that the invitation has been replaced since, or that its
	// receiver has been asked already.
	ErrOutdated = errors.New("registration: an answer to an older invitation, or one more")
)

// Invitee finds the registration whose invitation has the number, if it went to
// the address. The number alone does not prove anything: colleagues see it in
// shared calendars.
func Invitee(ctx context.Context, tx *store.Tx, uid, email string) (Registration, error) {
	r, err := store.One(ctx, tx, scanRegistration, selectRegistration+`WHERE calendar_uid = ? AND email = ?`, uid, email)
	if errors.Is(err, store.ErrNoRow) {
		return r, ErrNotInvited
	}
	return r, err
}

// CalendarSaidNo asks whoever declined the invitation in their calendar whether
// to give up the place: once for each invitation, by letter, for a calendar's
// answer proves nothing and is easily given by mistake. The place stays. It is
// ErrNotNow when there is no place to give up, and ErrOutdated when the answer is
// to an invitation that a newer one has replaced.
func CalendarSaidNo(ctx context.Context, tx *store.Tx, id string, sequence int) error {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return err
	}
	switch {
	case r.Status != Confirmed || ev.Status != event.Published || !CanWithdraw(r, ev, tx.Now):
		return ErrNotNow
	case sequence < r.CalendarSequence:
		return ErrOutdated
	}
	added, err := message.Enqueue(ctx, tx, message.Request{
		Key:    fmt.Sprintf("%s:%s:%d", message.SaidNo, r.ID, r.CalendarSequence),
		Letter: message.SaidNo, Recipient: r.Email, Language: r.Language,
		ProgrammeID: ev.ProgrammeID, EventID: ev.ID, RegistrationID: r.ID,
		NotAfter: ev.StartsAt, Outside: true,
	})
	if err == nil && !added {
		return ErrOutdated
	}
	return err
}
