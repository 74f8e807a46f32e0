package registration

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// How long an address that is to be proved holds a place: a day, or until two
// hours before the start; in the last three hours it is not asked for.
const (
	proofLife   = 24 * time.Hour
	proofEnds   = 2 * time.Hour
	proofNeeded = 3 * time.Hour
)

// mustProve reports whether the address has to be proved before the place is
// the person's.
func (q Request) mustProve(ev event.Event, now time.Time) bool {
	return ev.ConfirmEmail && q.Outside && ev.StartsAt.Sub(now) >= proofNeeded
}

// proofUntil is when a place for an unproved address is given on.
func proofUntil(ev event.Event, now time.Time) time.Time {
	until, last := now.Add(proofLife), ev.StartsAt.Add(-proofEnds)
	if last.Before(until) {
		return last
	}
	return until
}

// Prove confirms a place whose address has been proved by its link. A second
// time changes nothing; a place that was given on stays given on.
func Prove(ctx context.Context, tx *store.Tx, id string) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil || r.Status == Confirmed || r.Status == Waitlisted {
		return r, err
	}
	if r.Status != PendingEmail {
		return r, ErrNotNow
	}
	return r, move(ctx, tx, ev, &r, change{to: Confirmed, by: audit.Actor{Kind: "person", ID: r.PersonID}})
}

// NotMe is the reason of a registration's end when its address was somebody
// else's.
const NotMe = "not_me"

// Disown ends a registration that somebody else made with the address, and
// gives the place to the next.
func Disown(ctx context.Context, tx *store.Tx, id string) error {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil || r.Status == Lapsed {
		return err
	}
	if r.Status != PendingEmail {
		return ErrNotNow
	}
	if err := move(ctx, tx, ev, &r, change{to: Lapsed, by: audit.Actor{Kind: "person", ID: r.PersonID}, reason: NotMe}); err != nil {
		return err
	}
	_, err = promoteAll(ctx, tx, ev)
	return err
}

// Approve grants a request to take part, and those of a group that comes only
// together: with a place when one is free and nobody waits for it, else in the
// queue.
func Approve(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if r.Status != Requested || ev.Status != event.Published || !tx.Now.Before(ev.StartsAt) {
		return r, ErrNotNow
	}
	need, err := Together(ctx, tx, r)
	if err != nil {
		return r, err
	}
	to, err := r.destination(ctx, tx, ev, max(need, 1))
	if err != nil {
		return r, err
	}
	err = eachTogether(ctx, tx, r, Requested, func(one *Registration) error {
		one.JoinedAt = tx.Now // who was let into the queue meanwhile came before
		return move(ctx, tx, ev, one, change{to: to, by: by, details: message.Details{Approved: true}})
	})
	if err != nil {
		return r, err
	}
	return Find(ctx, tx, id)
}

// Reject refuses a request to take part, with a reason that the person is told;
// like Approve it decides for all of a group that comes only together.
func Reject(ctx context.Context, tx *store.Tx, id, reason string, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if strings.TrimSpace(reason) == "" {
		return r, problem.Fields{{Name: "reason", Code: "required"}}.Err()
	}
	if r.Status != Requested {
		return r, ErrNotNow
	}
	err = eachTogether(ctx, tx, r, Requested, func(one *Registration) error {
		return move(ctx, tx, ev, one, change{to: Rejected, by: by, reason: reason, details: message.Details{Reason: reason}})
	})
	if err != nil {
		return r, err
	}
	return Find(ctx, tx, id)
}

// Invitation opens a restricted event to one address, or to all who have its
// code.
type Invitation struct {
	ID, EventID, Code, Label string
	Email                    string // "": whoever has the code
	Places                   *int   // nil: no limit
	Used                     int
	RevokedAt, CreatedAt     time.Time
}

// codeLength gives a code of more than 50 random bits: it can be read out, and
// not be guessed at thirty tries a minute.
const codeLength = 11

// Invite makes an invitation. The one at an address is told by a letter; without
// an address the code is for several, and the organiser hands it out.
func Invite(ctx context.Context, tx *store.Tx, eventID, label, address string, places *int, by audit.Actor) (Invitation, error) {
	ev, err := event.Find(ctx, tx, eventID)
	if err != nil {
		return Invitation{}, err
	}
	var f problem.Fields
	inv := Invitation{ID: tx.NewID(), EventID: eventID, Code: rand.Text()[:codeLength], Label: line("label", label, maxOrg, &f), Places: places, CreatedAt: tx.Now}
	if strings.TrimSpace(address) != "" {
		if inv.Email, err = person.Address(address); err != nil {
			f.Add("email", "email")
		}
	}
	if places != nil && *places < 1 {
		f.Add("places", "number")
	}
	if err := f.Err(); err != nil {
		return inv, err
	}
	n, err := store.Exec(ctx, tx, `
		INSERT INTO invitation (id, event_id, code, label, email, places, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (event_id, email) WHERE email IS NOT NULL AND revoked_at IS NULL DO NOTHING`,
		inv.ID, eventID, inv.Code, inv.Label, store.Text(inv.Email), places, store.At(tx.Now))
	if err != nil {
		return inv, fmt.Errorf("invite: %w", err)
	}
	if n == 0 {
		return inv, problem.Fields{{Name: "email", Code: "invited"}}.Err()
	}
	if err := inv.tell(ctx, tx, ev); err != nil {
		return inv, err
	}
	return inv, audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: ev.ProgrammeID, Action: "event.invite", ObjectKind: "invitation", ObjectID: inv.ID})
}

// Revoke ends an invitation; who came by it keeps the place. A second time
// changes nothing.
func Revoke(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Invitation, error) {
	revoked, err := store.Exec(ctx, tx, `UPDATE invitation SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL`, store.At(tx.Now), id)
	if err != nil {
		return Invitation{}, fmt.Errorf("revoke an invitation: %w", err)
	}
	inv, err := FindInvitation(ctx, tx, id)
	if err != nil || revoked == 0 {
		return inv, err
	}
	ev, err := event.Find(ctx, tx, inv.EventID)
	if err != nil {
		return inv, err
	}
	return inv, audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: ev.ProgrammeID, Action: "event.revoke_invitation", ObjectKind: "invitation", ObjectID: id})
}

const selectInvitation = `SELECT id, event_id, code, label, email, places, used, revoked_at, created_at FROM invitation `

func scanInvitation(r store.Row) (i Invitation, err error) {
	return i, r.Scan(&i.ID, &i.EventID, &i.Code, &i.Label, store.String(&i.Email), store.Int(&i.Places), &i.Used, store.Time(&i.RevokedAt), store.Time(&i.CreatedAt))
}

// FindInvitation returns one invitation, or problem.ErrMissing.
func FindInvitation(ctx context.Context, tx *store.Tx, id string) (Invitation, error) {
	i, err := store.One(ctx, tx, scanInvitation, selectInvitation+`WHERE id = ?`, id)
	if errors.Is(err, store.ErrNoRow) {
		return i, problem.ErrMissing
	}
	return i, err
}

// Invitations lists those of an event, newest first.
func Invitations(ctx context.Context, tx *store.Tx, eventID string) ([]Invitation, error) {
	return store.All(ctx, tx, scanInvitation, selectInvitation+`WHERE event_id = ? ORDER BY created_at DESC, id DESC`, eventID)
}

// invitedBy finds the invitation that the code opens for the address. One answer
// stands for every reason why one that was typed does not.
//
// An invitation to one occasion opens the whole series, and counts once for each
// person who comes by it.
func invitedBy(ctx context.Context, tx *store.Tx, ev event.Event, code, address string) (Invitation, error) {
	if strings.TrimSpace(code) == "" {
		return Invitation{}, problem.Fields{{Name: "code", Code: "invitation_needed"}}.Err()
	}
	i, err := store.One(ctx, tx, scanInvitation, selectInvitation+`
		WHERE (event_id = ? OR event_id IN (SELECT id FROM event WHERE series_id = ?)) AND code = ?
			AND revoked_at IS NULL AND (email IS NULL OR email = ?)
			AND (places IS NULL OR used < places OR EXISTS (
				SELECT 1 FROM registration r WHERE r.invitation_id = invitation.id AND r.email = ? AND r.status IN (`+active+`)))
		ORDER BY CASE WHEN event_id = ? THEN 0 ELSE 1 END, id LIMIT 1`,
		ev.ID, store.Text(ev.SeriesID), strings.ToUpper(strings.TrimSpace(code)), address, address, ev.ID)
	if errors.Is(err, store.ErrNoRow) {
		return i, problem.Fields{{Name: "code", Code: "invitation"}}.Err()
	}
	return i, err
}

// countInvitation counts the invitation as used once more, or once less. ErrFull
// says that others have used it up meanwhile, as when somebody comes back.
func (r Registration) countInvitation(ctx context.Context, tx *store.Tx, n int) error {
	if r.InvitationID == "" {
		return nil
	}
	elsewhere, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM registration WHERE invitation_id = ? AND person_id = ? AND id <> ? AND status IN (`+active+`)`,
		r.InvitationID, r.PersonID, r.ID)
	if err != nil || elsewhere > 0 { // at another occasion of the series
		return err
	}
	counted, err := store.Exec(ctx, tx, `UPDATE invitation SET used = used + ? WHERE id = ? AND (places IS NULL OR used + ? <= places)`, n, r.InvitationID, n)
	if err == nil && counted == 0 {
		return ErrFull
	}
	return err
}
