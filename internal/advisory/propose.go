package advisory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// MostProposals is how many times can be proposed to one who waits at once.
const MostProposals = 5

// ErrManyProposals says that so many times are proposed already.
var ErrManyProposals = &problem.Problem{Kind: problem.Conflict, Code: "many_proposals"}

// Propose answers somebody who waits with up to five times of an adviser's, which
// hold the adviser's time until they are answered or their clock has run out (that
// of offers of places). The times need not lie in the week's windows; what is taken
// or busy is in their way. Fields that must be corrected are named time1 to time5.
// It refuses with ErrNotNow unless the booking waits, with ErrManyProposals, with
// ErrOtherSide, and with ErrCapExceeded or ErrPoolExhausted when there are not
// so many hours left.
func Propose(ctx context.Context, tx *store.Tx, bookingID, adviserID string, starts []time.Time, by audit.Actor) ([]Proposal, error) {
	p, a, b, err := hold(ctx, tx, bookingID)
	if err != nil {
		return nil, err
	}
	if b.Status != Waiting {
		return nil, ErrNotNow
	}
	if _, err := endOverdueTimes(ctx, tx, b.ID); err != nil {
		return nil, err
	}
	open, err := OpenProposals(ctx, tx, b.ID)
	if err != nil {
		return nil, err
	}
	if len(open)+len(starts) > MostProposals {
		return nil, ErrManyProposals.With("n", MostProposals)
	}
	if err := a.mayTake(ctx, tx, p, b.Minutes); err != nil {
		return nil, err
	}
	held := map[time.Time]bool{}
	for _, o := range open {
		held[o.StartsAt] = held[o.StartsAt] || o.AdviserID == adviserID
	}
	var f problem.Fields
	if len(starts) == 0 {
		f.Add("time1", "required")
	}
	var made []Proposal
	for i, start := range starts {
		start = start.UTC()
		pr, fault, err := b.proposal(ctx, tx, p, adviserID, start)
		if err != nil {
			return nil, err
		}
		if held[start] {
			fault = "time_twice"
		}
		if fault != "" {
			f.Add(fmt.Sprintf("time%d", i+1), fault)
		}
		held[start], made = true, append(made, pr)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	for _, pr := range made {
		if err := insertProposal(ctx, tx, pr); err != nil {
			return nil, err
		}
	}
	if err := noteTimes(ctx, tx, p, b, audit.Entry{Actor: by, Action: "booking.propose", To: fmt.Sprint(len(made))}); err != nil {
		return nil, err
	}
	return made, tellTimes(ctx, tx, p, b, made)
}

// proposal works out what a time proposed by hand holds and until when. The fault
// is the code of what is wrong with the time, for its field.
func (b Booking) proposal(ctx context.Context, tx *store.Tx, p Programme, adviserID string, start time.Time) (pr Proposal, fault string, err error) {
	q := b.query(adviserID, b.Minutes)
	a, block, err := Free(ctx, tx, p, q, start, true)
	if errors.Is(err, ErrSlotTaken) {
		if !start.After(tx.Now) {
			return pr, "time_near", nil
		}
		return pr, "slot_taken", nil
	}
	if err != nil {
		return pr, "", err
	}
	until, ok := answerBy(b, a.Country, start, tx.Now)
	if !ok {
		return pr, "time_near", nil
	}
	if last := p.rules(tx.Now, q).LastDay; last != "" && start.In(a.Location()).Format(time.DateOnly) > last {
		return pr, "time_late", nil
	}
	return newProposal(tx, b, a, block, until, false), "", nil
}

// newProposal is a time that is held for somebody who waits.
func newProposal(tx *store.Tx, b Booking, a Adviser, block Block, until time.Time, bySystem bool) Proposal {
	return Proposal{
		ID: tx.NewID(), BookingID: b.ID, AdviserID: a.ID, Name: a.Name, Status: ProposalOpen, BySystem: bySystem,
		StartsAt: block.StartsAt, EndsAt: block.EndsAt, BlockedFrom: block.From, BlockedTo: block.To, ExpiresAt: until, CreatedAt: tx.Now,
	}
}
