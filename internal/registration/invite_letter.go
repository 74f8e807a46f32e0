package registration

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// inviteAgain is how long after a letter with an invitation the next one may go.
const inviteAgain = time.Hour

// ErrSentJustNow says that the letter went, or is to go, less than an hour ago.
var ErrSentJustNow = &problem.Problem{Kind: problem.Conflict, Code: "invitation_sent"}

// SendsInvitations reports whether letters with invitations to the event go now:
// to a draft nobody can sign up yet, and after the closing nobody can any more.
func SendsInvitations(ev event.Event, now time.Time) bool {
	return ev.Status == event.Published && now.Before(lastSignUp(ev))
}

// lastSignUp is until when somebody can sign up.
func lastSignUp(ev event.Event) time.Time {
	if ev.StartsAt.Before(ev.ClosesAt) {
		return ev.StartsAt
	}
	return ev.ClosesAt
}

// CanSend reports whether the invitation is one that a letter tells of: to one
// address, which has not signed up by it yet.
func (i Invitation) CanSend() bool { return i.Email != "" && i.RevokedAt.IsZero() && i.Used == 0 }

// tell writes the letter to the one who is invited, where it can go now.
func (i Invitation) tell(ctx context.Context, tx *store.Tx, ev event.Event) error {
	if !i.CanSend() || !SendsInvitations(ev, tx.Now) {
		return nil
	}
	_, err := message.Enqueue(ctx, tx, message.Request{
		Key: fmt.Sprintf("%s:%s:%d", message.Invitation, i.ID, tx.Now.Unix()), Letter: message.Invitation, Recipient: i.Email, Language: ev.Language,
		ProgrammeID: ev.ProgrammeID, EventID: ev.ID, Details: message.Details{InvitationID: i.ID}, NotAfter: lastSignUp(ev),
	})
	return err
}

// tellInvited writes to those who were invited while no letter could go, or whose
// letter was dropped.
func tellInvited(ctx context.Context, tx *store.Tx, ev event.Event) error {
	if !SendsInvitations(ev, tx.Now) {
		return nil
	}
	all, err := Invitations(ctx, tx, ev.ID)
	if err != nil {
		return err
	}
	newest, err := message.NewestInvitations(ctx, tx, ev.ID)
	if err != nil {
		return err
	}
	for _, i := range all {
		if m, written := newest[i.ID]; written && m.Status != message.Dropped {
			continue
		}
		if err := i.tell(ctx, tx, ev); err != nil {
			return err
		}
	}
	return nil
}

// PublishEvent shows a draft to everybody, and writes to those who were invited
// while it was one.
func PublishEvent(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (event.Event, error) {
	ev, err := event.Publish(ctx, tx, id, by)
	if err != nil {
		return ev, err
	}
	return ev, tellInvited(ctx, tx, ev)
}

// SendInvitation writes the letter with an invitation once more: at most once an
// hour, and only while somebody who has not signed up can do so with it.
func SendInvitation(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Invitation, error) {
	i, err := FindInvitation(ctx, tx, id)
	if err != nil {
		return i, err
	}
	ev, err := event.Find(ctx, tx, i.EventID)
	if err != nil {
		return i, err
	}
	if !i.CanSend() || !SendsInvitations(ev, tx.Now) {
		return i, ErrNotNow
	}
	newest, err := message.NewestInvitations(ctx, tx, ev.ID)
	if err != nil {
		return i, err
	}
	if m, written := newest[i.ID]; written && JustSent(m, tx.Now) {
		return i, ErrSentJustNow
	}
	if err := i.tell(ctx, tx, ev); err != nil {
		return i, err
	}
	return i, audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: ev.ProgrammeID, Action: "event.send_invitation", ObjectKind: "invitation", ObjectID: i.ID})
}

// JustSent reports whether it is too early for another letter after this one: it
// waits still, or it is less than an hour old.
func JustSent(m message.Message, now time.Time) bool {
	return m.Status == message.Waiting || m.Status == message.Held || m.Status != message.Dropped && now.Before(m.CreatedAt.Add(inviteAgain))
}
