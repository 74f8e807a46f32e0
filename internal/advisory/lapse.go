package advisory

import (
	"context"
	"time"

	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/holiday"
	"stafett/internal/restored"
	"stafett/internal/store"
)

// Why a request lapsed, as its letter says.
const (
	LapsedUndeclared = "no_declaration" // the company's declaration did not come in time
	LapsedUnanswered = "no_answer"      // nobody decided on it
	LapsedNoTime     = "no_time"        // it waited until its last day, and no time came free
	LapsedNoReply    = "no_reply"       // it left the times that it was offered without an answer
)

const (
	// answerDays is how many working days a request waits for an answer.
	answerDays = 5
	// declareBefore is how long before the meeting a declaration must be there, when
	// the meeting was not booked later than twice that before.
	declareBefore = 72 * time.Hour
)

// DeclareBy is when the declaration of aid must be there for a request: 72 hours
// before the meeting, or half the time from booking to meeting where that is less.
func (b Booking) DeclareBy() time.Time {
	return b.StartsAt.Add(-min(declareBefore, b.StartsAt.Sub(b.requested())/2))
}

// AnswerBy is when a request lapses that nobody has decided on: at the end of the
// fifth working day after it was made, and at the latest when the meeting begins.
func (b Booking) AnswerBy(country string) time.Time {
	made := b.requested().In(b.Location())
	last := holiday.WorkingDaysAfter(country, made, answerDays)
	end := time.Date(last.Year(), last.Month(), last.Day()+1, 0, 0, 0, 0, b.Location())
	if end.After(b.StartsAt) {
		return b.StartsAt
	}
	return end
}

// requested is since when somebody is to decide on a request: since it was made, or
// since it got the time that it waited for.
func (b Booking) requested() time.Time { return laterOf(b.CreatedAt, b.RequestedAt) }

// LapseDue ends requests whose time has run out and gives their hours and the
// adviser's time back. Since going back to a backup they wait until an organiser has
// answered.
func LapseDue(ctx context.Context, tx *store.Tx) error {
	if lost, err := restored.Pending(ctx, tx); err != nil || lost.Any() {
		return err
	}
	all, err := store.All(ctx, tx, scanBooking, selectBooking+`WHERE status = 'requested' ORDER BY created_at, id`)
	if err != nil {
		return err
	}
	var ids []string
	for _, b := range all {
		if !tx.Now.Before(b.DeclareBy()) || !tx.Now.Before(b.AnswerBy("SE")) || !tx.Now.Before(b.AnswerBy("NO")) { // for the others nothing is locked
			ids = append(ids, b.ID)
		}
	}
	return store.Each(ctx, tx, ids, func(id string) error {
		p, a, b, err := hold(ctx, tx, id)
		if err != nil {
			return err
		}
		reason, err := lapse(ctx, tx, p, a, b)
		if err != nil || reason == "" {
			return err
		}
		return move(ctx, tx, p, &a, &b, change{to: Lapsed, by: audit.System, reason: reason})
	})
}

// lapse answers why a request lapses now, or nothing.
func lapse(ctx context.Context, tx *store.Tx, p Programme, a Account, b Booking) (string, error) {
	if p.IsAid() && !tx.Now.Before(b.DeclareBy()) {
		c, found, err := aidCase(ctx, tx, a)
		if err != nil {
			return "", err
		}
		if found && c.Status == aid.Asked {
			return LapsedUndeclared, nil
		}
	}
	if !tx.Now.Before(b.AnswerBy(p.country())) {
		return LapsedUnanswered, nil
	}
	return "", nil
}

// country is where the programme's working days are counted.
func (p Programme) country() string {
	if p.Currency == "NOK" {
		return "NO"
	}
	return "SE"
}
