package advisory

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/restored"
	"stafett/internal/store"
)

// mostUnanswered is how many times that came free somebody who waits may leave
// without an answer, one after the other; then the request lapses.
const mostUnanswered = 2

// unanswered counts those of the booking b, since its last answer.
const unanswered = `(SELECT count(*) FROM booking_proposal x WHERE x.booking_id = b.id AND x.by_system AND x.status = 'expired'
	AND x.created_at >= COALESCE((SELECT MAX(d.done_at) FROM booking_proposal d WHERE d.booking_id = b.id AND d.status = 'declined'), ''))`

// inQueue is the order in which those who wait are offered what comes free: who has
// answered before who has not, then the nearer day for tenders, then who came first.
const inQueue = ` ORDER BY ` + unanswered + `, b.tender_day IS NULL, b.tender_day, b.created_at, b.id`

// Queue lists those who wait for a time in a programme of advice, in all of them when
// there is no id, in the order in which they are offered what comes free.
func Queue(ctx context.Context, tx *store.Tx, advisoryProgrammeID string) ([]Booking, error) {
	return store.All(ctx, tx, scanBooking, selectBooking+`b WHERE b.status = 'waiting' AND ? IN ('', b.advisory_programme_id)`+inQueue, advisoryProgrammeID)
}

// LookAfterWaiting ends times that nobody answered, requests whose day has passed
// or that left two times without an answer, and offers what came free. The scheduler
// runs it each minute; what it finds done it leaves alone.
//
// Since going back to a backup all of it waits until an organiser has answered:
// what was answered in the time that is lost is not known.
func LookAfterWaiting(ctx context.Context, tx *store.Tx) error {
	if lost, err := restored.Pending(ctx, tx); err != nil || lost.Any() {
		return err
	}
	over, err := store.All(ctx, tx, store.Value[string], `SELECT DISTINCT booking_id FROM booking_proposal WHERE status = 'open' AND expires_at <= ? ORDER BY booking_id`, store.At(tx.Now))
	if err != nil {
		return err
	}
	if _, err := endOverdueTimes(ctx, tx, ""); err != nil {
		return err
	}
	late, err := store.All(ctx, tx, store.Value[string], `
		SELECT b.id FROM booking b JOIN advisory_programme p ON p.id = b.advisory_programme_id
		WHERE b.status = 'waiting' AND NOT `+hasOpenTimes+` AND (b.tender_day < ? OR p.closes_on < ? OR `+unanswered+` >= ?) ORDER BY b.id`,
		store.At(tx.Now), today(tx), today(tx), mostUnanswered)
	if err != nil {
		return err
	}
	wrong := store.Each(ctx, tx, late, func(id string) error {
		n, err := store.One(ctx, tx, store.Value[int], `SELECT `+unanswered+` FROM booking b WHERE b.id = ?`, id)
		if err != nil {
			return err
		}
		c := change{to: Lapsed, by: audit.System, reason: LapsedNoTime}
		if n >= mostUnanswered {
			c.reason = LapsedNoReply
		}
		_, err = take(ctx, tx, id, c)
		return err
	})
	if partly := (store.Partly{}); wrong != nil && !errors.As(wrong, &partly) {
		return wrong
	}
	if err := OfferFreed(ctx, tx); err != nil {
		return err
	}
	if err := store.Each(ctx, tx, over, func(id string) error { return tellStillWaiting(ctx, tx, id) }); err != nil {
		return err
	}
	return wrong
}

// today is the date in the countries that Stafett serves, which have one clock.
func today(tx *store.Tx) string { return tx.Now.In(location("Europe/Stockholm")).Format(time.DateOnly) }

// hasOpenTimes is whether the booking b has a time to answer; its argument is now.
const hasOpenTimes = `EXISTS (SELECT 1 FROM booking_proposal o WHERE o.booking_id = b.id AND o.status = 'open' AND o.expires_at > ?)`

// endOverdueTimes ends proposed times whose clock has run out, of one booking or of
// all, and tells how many.
func endOverdueTimes(ctx context.Context, tx *store.Tx, bookingID string) (int64, error) {
	n, err := store.Exec(ctx, tx, `UPDATE booking_proposal SET status = 'expired', done_at = ? WHERE status = 'open' AND expires_at <= ? AND ? IN ('', booking_id)`,
		store.At(tx.Now), store.At(tx.Now), bookingID)
	if err != nil {
		return n, fmt.Errorf("end proposed times: %w", err)
	}
	return n, nil
}

// mostAsked is how many of the queue are looked at when time comes free.
const mostAsked = 200

// OfferFreed offers each of those who wait, in their order, the nearest time that
// suits what they asked for and that they could not have chosen before. The time is
// held until it is answered. Whatever makes time free calls it, so that nobody slips
// in between. Something wrong with one of them does not keep the others waiting: see
// store.Partly. Only the first mostAsked of the queue are looked at, so that nobody
// else waits long for it.
func OfferFreed(ctx context.Context, tx *store.Tx) error {
	if lost, err := restored.Pending(ctx, tx); err != nil || lost.Any() {
		return err
	}
	queue, err := store.All(ctx, tx, scanBooking, selectBooking+`b
		WHERE b.status = 'waiting' AND advisory_programme_id IN (SELECT id FROM advisory_programme WHERE status = 'open') AND NOT `+hasOpenTimes+` AND `+unanswered+` < ?`+inQueue+` LIMIT ?`, store.At(tx.Now), mostUnanswered, mostAsked)
	if err != nil {
		return fmt.Errorf("read who waits: %w", err)
	}
	l := listed{programmes: map[string]Programme{}, slots: map[SlotQuery][]Slot{}}
	ids, waits := make([]string, len(queue)), map[string]Booking{}
	for i, b := range queue {
		ids[i], waits[b.ID] = b.ID, b
	}
	return store.Each(ctx, tx, ids, func(id string) error { return l.offer(ctx, tx, waits[id]) })
}

// offerNow is OfferFreed in the step that made time free. Something wrong with one of
// those who wait is no reason to refuse the step; the scheduler tells of it.
func offerNow(ctx context.Context, tx *store.Tx) error {
	err := OfferFreed(ctx, tx)
	if partly := (store.Partly{}); errors.As(err, &partly) {
		return nil
	}
	return err
}

// listed are the free times as they were at first, which many who wait ask for alike;
// each is looked at again before it is offered.
type listed struct {
	programmes map[string]Programme
	slots      map[SlotQuery][]Slot
}

// offer proposes the nearest new time to one who waits, if there is one.
func (l *listed) offer(ctx context.Context, tx *store.Tx, b Booking) error {
	p, ok := l.programmes[b.AdvisoryProgrammeID]
	if !ok {
		var err error
		if p, err = ProgrammeByID(ctx, tx, b.AdvisoryProgrammeID); err != nil {
			return err
		}
		l.programmes[p.ID] = p
	}
	a, err := AccountByID(ctx, tx, b.AccountID)
	if err != nil {
		return err
	}
	if err := a.mayTake(ctx, tx, p, b.Minutes); err != nil {
		if _, refused := problem.As(err); refused {
			return nil // there is nothing left to have it with
		}
		return err
	}
	q := b.query(b.AdviserID, b.Minutes)
	q.ExceptBooking = "" // nothing is held for it
	slots, ok := l.slots[q]
	if !ok {
		if slots, err = Slots(ctx, tx, q); err != nil {
			return err
		}
		l.slots[q] = slots
	}
	old, err := readSeen(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	past, err := ProposalsOf(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	for _, pr := range past {
		if pr.BySystem {
			old = append(old, [2]time.Time{pr.StartsAt, pr.StartsAt})
		}
	}
	for _, s := range slots {
		if old.has(s.StartsAt) {
			continue
		}
		made, err := b.offer(ctx, tx, p, s)
		if err != nil {
			return err
		}
		if made {
			return nil
		}
	}
	return nil
}

// offer proposes a time that came free; false when it is held for somebody before in
// the queue by now, or too near.
func (b Booking) offer(ctx context.Context, tx *store.Tx, p Programme, s Slot) (bool, error) {
	a, block, err := Free(ctx, tx, p, b.query(b.AdviserID, b.Minutes), s.StartsAt, false)
	if errors.Is(err, ErrSlotTaken) || errors.Is(err, ErrOtherSide) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	until, ok := answerBy(b, a.Country, s.StartsAt, tx.Now)
	if !ok {
		return false, nil
	}
	pr := newProposal(tx, b, a, block, until, true)
	if err := insertProposal(ctx, tx, pr); err != nil {
		return false, err
	}
	if err := noteTimes(ctx, tx, p, b, audit.Entry{Actor: audit.System, Action: "booking.offer"}); err != nil {
		return false, err
	}
	return true, tellTimes(ctx, tx, p, b, []Proposal{pr})
}

// TimesOver is what letter B2 is about when the times that were proposed have run out.
const TimesOver = "times_over"

// tellStillWaiting says that the times proposed have run out and that the request
// still stands, unless it has ended or got other times in the same moment, of which
// other letters tell.
func tellStillWaiting(ctx context.Context, tx *store.Tx, id string) error {
	b, err := BookingByID(ctx, tx, id)
	if err != nil || b.Status != Waiting {
		return err
	}
	open, err := OpenProposals(ctx, tx, id)
	if err != nil || len(open) > 0 {
		return err
	}
	p, err := ProgrammeByID(ctx, tx, b.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	return tell(ctx, tx, p, b, message.BookingWaiting, message.Details{About: TimesOver})
}
