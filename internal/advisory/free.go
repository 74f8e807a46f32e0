package advisory

import (
	"context"
	"time"

	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// ErrSlotTaken says that the time is no longer free.
var ErrSlotTaken = &problem.Problem{Kind: problem.Conflict, Code: "slot_taken"}

// Block is an adviser's time for a meeting, with buffer and travel around it.
type Block struct{ StartsAt, EndsAt, From, To time.Time }

// blockOf works out the block of a meeting.
func (a Adviser) blockOf(ctx context.Context, tx *store.Tx, start time.Time, minutes int, m Meeting, at municipality.Code) (Block, error) {
	before, after := a.BufferBeforeMinutes, a.BufferAfterMinutes
	if m == OnSite && a.Office == "" {
		travel, err := a.travelTo(ctx, tx, at.Country, at.Number)
		if err != nil {
			return Block{}, err
		}
		before, after = before+travel, after+travel
	}
	end := start.Add(time.Duration(minutes) * time.Minute)
	return Block{start, end, start.Add(-time.Duration(before) * time.Minute), end.Add(time.Duration(after) * time.Minute)}, nil
}

// free answers the block if the adviser can take the meeting, else ErrSlotTaken.
// The adviser must be locked. The booking named except is not counted.
func (a Adviser) free(ctx context.Context, tx *store.Tx, p Programme, start time.Time, minutes int, m Meeting, at municipality.Code, except string) (Block, error) {
	block, err := a.blockOf(ctx, tx, start, minutes, m, at)
	if err != nil {
		return block, err
	}
	if start.Before(tx.Now.Add(time.Duration(p.LeadMinutes) * time.Minute)) {
		return block, ErrSlotTaken
	}
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT (SELECT count(*) FROM booking WHERE adviser_id = ? AND id <> ? AND status IN ('requested', 'confirmed', 'held') AND NOT quick AND blocked_from < ? AND ? < blocked_to)
			+ (SELECT count(*) FROM booking_proposal WHERE adviser_id = ? AND booking_id <> ? AND status = 'open' AND expires_at > ? AND blocked_from < ? AND ? < blocked_to)
			+ (SELECT count(*) FROM busy_time WHERE adviser_id = ? AND starts_at < ? AND ? < ends_at)`,
		a.ID, except, store.At(block.To), store.At(block.From), a.ID, except, store.At(tx.Now), store.At(block.To), store.At(block.From), a.ID, store.At(block.To), store.At(block.From))
	if err != nil {
		return block, err
	}
	if n > 0 {
		return block, ErrSlotTaken
	}
	return block, nil
}
