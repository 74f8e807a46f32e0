package advisory

import (
	"context"
	"errors"
	"fmt"

	"stafett/internal/audit"
	"stafett/internal/restored"
	"stafett/internal/store"
)

// afterLost is by how much the SEQUENCE of invitations rises when the database goes
// back to a backup: above whatever calendars have heard since, or they would take
// no update any more (RFC 5546 2.1.4).
const afterLost = 100

// RaiseSequences puts the SEQUENCE of every meeting ahead that somebody has been
// invited to above what calendars may know, the adviser's as well.
func RaiseSequences(ctx context.Context, tx *store.Tx) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE booking SET
			calendar_sequence = CASE WHEN calendar_sequence >= 0 THEN calendar_sequence + ? ELSE calendar_sequence END,
			adviser_sequence = CASE WHEN adviser_sequence >= 0 THEN adviser_sequence + ? ELSE adviser_sequence END
		WHERE (calendar_sequence >= 0 OR adviser_sequence >= 0) AND ends_at > ?`, afterLost, afterLost, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("raise sequences of meetings: %w", err)
	}
	return nil
}

// overdueIn is those for whom times were proposed whose clock ran out in what is
// lost; its argument is the end of that time.
const overdueIn = `SELECT b.id FROM booking b WHERE b.status = 'waiting'
	AND EXISTS (SELECT 1 FROM booking_proposal o WHERE o.booking_id = b.id AND o.status = 'open' AND o.expires_at <= ?) ORDER BY b.created_at, b.id`

// OverdueIn counts who waits and was proposed times whose clock ran out in the time
// that is lost.
func OverdueIn(ctx context.Context, tx *store.Tx, lost restored.Lost) (int, error) {
	ids, err := store.All(ctx, tx, store.Value[string], overdueIn, lost.Until())
	return len(ids), err
}

// ProposeAnew gives them as long to answer as a proposal made now would, and tells
// them. Times that are too near for that, or taken by now, end.
func ProposeAnew(ctx context.Context, tx *store.Tx, lost restored.Lost, by audit.Actor) error {
	ids, err := store.All(ctx, tx, store.Value[string], overdueIn, lost.Until())
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := proposeAnew(ctx, tx, id, lost, by); err != nil {
			return fmt.Errorf("propose times to %s anew: %w", id, err)
		}
	}
	return nil
}

func proposeAnew(ctx context.Context, tx *store.Tx, bookingID string, lost restored.Lost, by audit.Actor) error {
	p, _, b, err := hold(ctx, tx, bookingID)
	if err != nil {
		return err
	}
	all, err := ProposalsOf(ctx, tx, bookingID)
	if err != nil {
		return err
	}
	if _, err := endOverdueTimes(ctx, tx, bookingID); err != nil {
		return err
	}
	var made []Proposal
	for _, pr := range all {
		if pr.Status != ProposalOpen || !lost.Covers(pr.ExpiresAt) {
			continue
		}
		a, block, err := Free(ctx, tx, p, b.query(pr.AdviserID, b.Minutes), pr.StartsAt, true)
		if errors.Is(err, ErrSlotTaken) || errors.Is(err, ErrOtherSide) {
			continue
		}
		if err != nil {
			return err
		}
		until, ok := answerBy(b, a.Country, pr.StartsAt, tx.Now)
		if !ok {
			continue
		}
		again := newProposal(tx, b, a, block, until, pr.BySystem)
		if err := insertProposal(ctx, tx, again); err != nil {
			return err
		}
		if _, err := store.Exec(ctx, tx, `UPDATE booking_proposal SET status = 'withdrawn' WHERE id = ?`, pr.ID); err != nil { // it stands in for this one
			return err
		}
		made = append(made, again)
	}
	if len(made) == 0 {
		return nil
	}
	if err := noteTimes(ctx, tx, p, b, audit.Entry{Actor: by, Action: "booking.propose_anew", To: fmt.Sprint(len(made))}); err != nil {
		return err
	}
	return tellTimes(ctx, tx, p, b, made)
}
