package advisory

import (
	"context"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrSlotTaken says that the time is not free, or no longer.
var ErrSlotTaken = &problem.Problem{Kind: problem.Conflict, Code: "slot_taken"}

// Block is an adviser's time for a meeting, with buffer and travel around it.
type Block struct{ StartsAt, EndsAt, From, To time.Time }

// Free answers who can take a meeting that starts then, and what it takes of the
// adviser's time: the same that Slots lists, decided while everybody else who wants
// of the advisers' time waits. It refuses with ErrSlotTaken, and with ErrOtherSide
// when nobody may because they help the other side of the procurement.
//
// By hand, when an adviser or organiser decides, the time may lie outside of the
// week and nearer than others may book; only what is taken or busy is in its way.
func Free(ctx context.Context, tx *store.Tx, p Programme, q SlotQuery, start time.Time, byHand bool) (Adviser, Block, error) {
	advisers, err := q.advisers(ctx, tx, p)
	if err != nil {
		return Adviser{}, Block{}, err
	}
	for _, a := range advisers {
		if err := lockAdviser(ctx, tx, a.ID); err != nil {
			return Adviser{}, Block{}, err
		}
	}
	q.From, q.To = start, start.Add(time.Second)
	all, other, err := asked(ctx, tx, p, q)
	if err != nil {
		return Adviser{}, Block{}, err
	}
	if len(all) == 0 && other {
		return Adviser{}, Block{}, ErrOtherSide
	}
	inTurn(all, start)
	rules := p.rules(tx.Now, q)
	for _, c := range all {
		if byHand && start.After(tx.Now) && c.times.Clear(rules, start) || !byHand && c.times.Free(rules, start) {
			return c.Adviser, c.block(rules, start), nil
		}
	}
	return Adviser{}, Block{}, ErrSlotTaken
}
