package advisory

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrProposalOver says that a proposed time cannot be taken any more: it was
// answered, taken back, or its clock has run out.
var ErrProposalOver = &problem.Problem{Kind: problem.Conflict, Code: "proposal_over"}

// AcceptProposal gives one who waits the proposed time: the hours are reserved, the
// other times proposed are let go, and the booking is confirmed or, where somebody
// has yet to decide, requested. A second yes changes nothing. It refuses with
// ErrProposalOver, and as Book does when hours, pool or prerequisite are gone
// meanwhile.
func AcceptProposal(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Booking, error) {
	pr, err := ProposalByID(ctx, tx, id)
	if err != nil {
		return Booking{}, err
	}
	p, a, b, err := hold(ctx, tx, pr.BookingID)
	if err != nil {
		return b, err
	}
	if err := lockAdviser(ctx, tx, pr.AdviserID); err != nil {
		return b, err
	}
	if pr, err = ProposalByID(ctx, tx, id); err != nil { // as it is now that nobody else answers it
		return b, err
	}
	if pr.Status == ProposalAccepted && b.Status.HoldsHours() {
		return b, nil
	}
	if b.Status != Waiting || !pr.Open(tx.Now) {
		return b, ErrProposalOver
	}
	adviser, err := AdviserByID(ctx, tx, pr.AdviserID)
	if err != nil {
		return b, err
	}
	if neutral, err := adviser.neutral(ctx, tx, b); err != nil || !neutral {
		return b, errOr(err, ErrOtherSide)
	}
	if busy, err := pr.busy(ctx, tx); err != nil || busy {
		return b, errOr(err, ErrSlotTaken)
	}
	b.at(adviser, Block{pr.StartsAt, pr.EndsAt, pr.BlockedFrom, pr.BlockedTo})
	if _, err := store.Exec(ctx, tx, `UPDATE booking_proposal SET status = 'accepted', done_at = ? WHERE id = ?`, store.At(tx.Now), id); err != nil {
		return b, fmt.Errorf("accept proposal: %w", err)
	}
	return b, b.stopWaiting(ctx, tx, p, a, by)
}

// ChooseTime gives one who waits a free time that it has chosen from the list of
// all (Slots), with an adviser or with anyone. It refuses as Book does.
func ChooseTime(ctx context.Context, tx *store.Tx, bookingID string, start time.Time, adviserID string, by audit.Actor) (Booking, error) {
	p, a, b, err := hold(ctx, tx, bookingID)
	if err != nil {
		return b, err
	}
	if b.Status != Waiting {
		return b, ErrNotNow
	}
	if p.Status != Open {
		return b, ErrClosed
	}
	if err := b.take(ctx, tx, p, adviserID, start, b.Minutes, false); err != nil {
		return b, err
	}
	return b, b.stopWaiting(ctx, tx, p, a, by)
}

// stopWaiting reserves the hours for a booking that has got a time.
func (b *Booking) stopWaiting(ctx context.Context, tx *store.Tx, p Programme, a Account, by audit.Actor) error {
	if year := b.StartsAt.In(b.Location()).Year(); a.Year != p.yearOf(year) { // it waited into a year with hours of its own
		var err error
		if a, err = OpenAccount(ctx, tx, p, b.Holder(), year); err != nil {
			return err
		}
		b.AccountID = a.ID
	}
	can, err := EligibilityOf(ctx, tx, p, b.Holder())
	if err != nil || can == NotEligible {
		return errOr(err, ErrNotEligible)
	}
	if err := a.mayTake(ctx, tx, p, b.Minutes); err != nil {
		return err
	}
	to, err := firstStatus(ctx, tx, p, a, *b, can)
	if err != nil {
		return err
	}
	return move(ctx, tx, p, &a, b, change{to: to, by: by})
}

// errOr is the error, or the refusal when there is none.
func errOr(err error, refusal *problem.Problem) error {
	if err != nil {
		return err
	}
	return refusal
}

// busy reports whether the adviser's other calendar has something at a time that
// came free. Of a time that the adviser named it may be the adviser's own note of it.
func (p Proposal) busy(ctx context.Context, tx *store.Tx) (bool, error) {
	if !p.BySystem {
		return false, nil
	}
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM busy_time WHERE adviser_id = ? AND starts_at < ? AND ? < ends_at`,
		p.AdviserID, store.At(p.BlockedTo), store.At(p.BlockedFrom))
	return n > 0, err
}

// DeclineProposals says no to every time proposed; the booking keeps its place among
// those who wait, and is offered only times that come free after this. A second no
// changes nothing; ErrProposalOver says that there is nothing to answer any more.
func DeclineProposals(ctx context.Context, tx *store.Tx, bookingID string, by audit.Actor) (Booking, error) {
	p, _, b, err := hold(ctx, tx, bookingID)
	if err != nil {
		return b, err
	}
	if b.Status != Waiting {
		return b, ErrProposalOver
	}
	if _, err := endOverdueTimes(ctx, tx, b.ID); err != nil {
		return b, err
	}
	n, err := closeProposals(ctx, tx, b.ID, ProposalDeclined)
	if err != nil {
		return b, err
	}
	if n == 0 {
		before, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM booking_proposal WHERE booking_id = ? AND status = 'declined'`, b.ID)
		if err == nil && before == 0 {
			err = ErrProposalOver
		}
		return b, err
	}
	if err := noteTimes(ctx, tx, p, b, audit.Entry{Actor: by, Action: "booking.times_declined", To: fmt.Sprint(n)}); err != nil {
		return b, err
	}
	if err := b.noteSeen(ctx, tx, p); err != nil {
		return b, err
	}
	return b, offerNow(ctx, tx)
}

// withdrawDay takes back what is proposed of an adviser's day.
func (a Adviser) withdrawDay(ctx context.Context, tx *store.Tx, day string, by audit.Actor) error {
	open, err := OpenProposalsOfAdviser(ctx, tx, a.ID)
	if err != nil {
		return err
	}
	for _, pr := range open {
		if pr.StartsAt.In(a.Location()).Format(time.DateOnly) != day {
			continue
		}
		if err := WithdrawProposal(ctx, tx, pr.ID, by); err != nil {
			return err
		}
	}
	return nil
}

// WithdrawProposal takes back a time that was proposed.
func WithdrawProposal(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	pr, err := ProposalByID(ctx, tx, id)
	if err != nil {
		return err
	}
	p, _, b, err := hold(ctx, tx, pr.BookingID)
	if err != nil {
		return err
	}
	n, err := store.Exec(ctx, tx, `UPDATE booking_proposal SET status = 'withdrawn', done_at = ? WHERE id = ? AND status = 'open'`, store.At(tx.Now), id)
	if err != nil {
		return fmt.Errorf("withdraw proposal: %w", err)
	}
	if n == 0 {
		return ErrProposalOver
	}
	if err := noteTimes(ctx, tx, p, b, audit.Entry{Actor: by, Action: "booking.time_withdrawn"}); err != nil {
		return err
	}
	return offerNow(ctx, tx)
}
