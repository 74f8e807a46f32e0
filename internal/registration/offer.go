package registration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/holiday"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// OfferStatus is what has become of an offer.
type OfferStatus string

// The states of an offer. An open one holds the place.
const (
	OfferOpen      OfferStatus = "open"
	OfferAccepted  OfferStatus = "accepted"
	OfferDeclined  OfferStatus = "declined"
	OfferExpired   OfferStatus = "expired"
	OfferWithdrawn OfferStatus = "withdrawn"
)

// Offer is a place offered to somebody who waited.
type Offer struct {
	ID, RegistrationID, EventID string
	Mode                        event.Mode
	Status                      OfferStatus
	Reason                      string // why it was made out of turn
	OfferedAt, AnswerBy         time.Time
	AnsweredAt                  time.Time
}

// OpenCallEnds is how long before the start the last free places stop going to
// whoever answers first.
const OpenCallEnds = time.Hour

// terms says when an offer made now of a place at the event is sent and by when it
// must be answered.
func terms(ev event.Event, now time.Time) (sent, answerBy time.Time, ok bool) {
	return OfferTerms(ev.StartsAt, ev.Location(), ev.Country(), now)
}

// OfferTerms says when an offer made now of something that starts then is sent and
// by when it must be answered. Of what is less than six hours away there are no
// offers, and ok is false: places at an event go in an open call. The nearer the
// start, the shorter the time; between nine in the evening and seven in the morning
// nothing is sent and the clock stands still, except in the last day, when it runs
// through.
func OfferTerms(start time.Time, loc *time.Location, country string, now time.Time) (sent, answerBy time.Time, ok bool) {
	sent = message.AfterNight(now.In(loc))
	left := start.Sub(sent)
	everyDay := func(time.Time) bool { return true }
	switch {
	case left < openCall:
		return now, now, false
	case left > 7*24*time.Hour:
		answerBy = after(sent, 24*time.Hour, func(day time.Time) bool { return workday(country, day) })
	case left >= 48*time.Hour:
		answerBy = after(sent, 12*time.Hour, everyDay)
	case left >= 24*time.Hour:
		answerBy = after(sent, 4*time.Hour, everyDay)
	default:
		answerBy = sent.Add(2 * time.Hour)
	}
	if last := start.Add(-OpenCallEnds); answerBy.After(last) {
		answerBy = last
	}
	return sent.UTC(), answerBy.UTC(), true
}

// at is an hour of a day on its own clock.
func at(day time.Time, hour int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), hour, 0, 0, 0, day.Location())
}

// after counts a time forward in the hours of the days that count.
func after(t time.Time, d time.Duration, counts func(day time.Time) bool) time.Time {
	for {
		begin, end := t, at(t, message.QuietFrom)
		if begin.Before(at(t, message.QuietUntil)) {
			begin = at(t, message.QuietUntil)
		}
		if counts(t) && begin.Before(end) {
			if today := end.Sub(begin); d <= today {
				return begin.Add(d)
			} else {
				d -= today
			}
		}
		t = at(t.AddDate(0, 0, 1), 0)
	}
}

func workday(country string, day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !holiday.Public(country, day)
}

const offerColumns = `id, registration_id, event_id, mode, status, reason, offered_at, answer_by, answered_at`

func scanOffer(r store.Row) (o Offer, err error) {
	return o, r.Scan(&o.ID, &o.RegistrationID, &o.EventID, &o.Mode, &o.Status, &o.Reason, store.Time(&o.OfferedAt), store.Time(&o.AnswerBy), store.Time(&o.AnsweredAt))
}

// LatestOffer is the newest offer to a registration; found is false when there
// never was one.
func LatestOffer(ctx context.Context, tx *store.Tx, registrationID string) (o Offer, found bool, err error) {
	o, err = store.One(ctx, tx, scanOffer, `SELECT `+offerColumns+` FROM offer WHERE registration_id = ? ORDER BY offered_at DESC, id DESC LIMIT 1`, registrationID)
	if errors.Is(err, store.ErrNoRow) {
		return o, false, nil
	}
	return o, err == nil, err
}

// OffersOf lists every offer of an event, newest first.
func OffersOf(ctx context.Context, tx *store.Tx, eventID string) ([]Offer, error) {
	return store.All(ctx, tx, scanOffer, `SELECT `+offerColumns+` FROM offer WHERE event_id = ? ORDER BY offered_at DESC, id DESC`, eventID)
}

// openOffer writes the offer that a step to Offered makes.
func (r Registration) openOffer(ctx context.Context, tx *store.Tx, reason string) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO offer (id, registration_id, event_id, mode, status, reason, offered_at, answer_by) VALUES (?, ?, ?, ?, 'open', ?, ?, ?)`,
		tx.NewID(), r.ID, r.EventID, r.Mode, reason, store.At(tx.Now), store.At(r.HoldUntil))
	if err != nil {
		return fmt.Errorf("open offer: %w", err)
	}
	return nil
}

// closeOffer ends the open offer as the step away from Offered says.
func (r Registration) closeOffer(ctx context.Context, tx *store.Tx, to Status) error {
	became := map[Status]OfferStatus{Confirmed: OfferAccepted, Declined: OfferDeclined, Expired: OfferExpired}[to]
	if became == "" {
		became = OfferWithdrawn
	}
	return r.endOffer(ctx, tx, became)
}

// endOffer ends the open offer.
func (r Registration) endOffer(ctx context.Context, tx *store.Tx, became OfferStatus) error {
	_, err := store.Exec(ctx, tx, `UPDATE offer SET status = ?, answered_at = ? WHERE registration_id = ? AND status = 'open'`, became, store.At(tx.Now), r.ID)
	return err
}

// offer offers the place to one who waits; the place is held until the answer.
func offer(ctx context.Context, tx *store.Tx, ev event.Event, r *Registration, c change) error {
	sent, answerBy, ok := terms(ev, tx.Now)
	if !ok {
		return ErrNotNow
	}
	r.HoldUntil = answerBy
	c.to, c.notBefore, c.notAfter = Offered, sent, answerBy
	if r.WaitsForRoom() {
		return r.offerRoom(ctx, tx, ev, c)
	}
	return move(ctx, tx, ev, r, c)
}

// Offers reports whether places that become free at a moment are offered to those
// who wait, and not given in an open call or too late.
func Offers(ev event.Event, now time.Time) bool {
	_, _, ok := terms(ev, now)
	return ok && ev.Status == event.Published && now.Before(ev.StartsAt)
}

// OfferTo offers a place out of turn, for a reason that the audit log keeps: a
// free one or, when over is set, one above the capacity. A group that comes only
// together is offered places for all of it. The organiser may go beyond what a
// company may have, as when adding by hand. Somebody who has a place online is
// offered only a free one: they would hold two at once.
func OfferTo(ctx context.Context, tx *store.Tx, id, reason string, over bool, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if strings.TrimSpace(reason) == "" {
		return r, problem.Fields{{Name: "reason", Code: "required"}}.Err()
	}
	if !r.InQueue() || ev.Status != event.Published {
		return r, ErrNotNow
	}
	need, err := Together(ctx, tx, r)
	if err != nil {
		return r, err
	}
	free, err := lockPlaces(ctx, tx, ev.ID, r.QueueMode())
	if err != nil {
		return r, err
	}
	if free < max(need, 1) && (!over || r.WaitsForRoom()) {
		return r, ErrFull
	}
	if r.WaitsForRoom() {
		return r, offer(ctx, tx, ev, &r, change{by: by, reason: reason, offerReason: reason})
	}
	err = eachTogether(ctx, tx, r, Waitlisted, func(one *Registration) error {
		one.Extra = free <= 0
		free--
		return offer(ctx, tx, ev, one, change{by: by, reason: reason, offerReason: reason})
	})
	if err != nil {
		return r, err
	}
	return Find(ctx, tx, id)
}

// CanAnswer reports whether the person can say yes now: to an offer in time, or
// to the open call of the last hours.
func CanAnswer(r Registration, ev event.Event, now time.Time) bool {
	switch r.Status {
	case Offered:
		return !r.overdue(now) && now.Before(ev.StartsAt) && ev.Status == event.Published
	case Waitlisted:
		return inOpenCall(ev, now)
	case Confirmed:
		if r.RoomOffered() {
			return now.Before(r.HoldUntil) && now.Before(ev.StartsAt) && ev.Status == event.Published
		}
		return r.WaitsForRoom() && inOpenCall(ev, now)
	}
	return false
}

// inOpenCall reports whether free places go to whoever answers first.
func inOpenCall(ev event.Event, now time.Time) bool {
	left := ev.StartsAt.Sub(now)
	return ev.Status == event.Published && left < openCall && left > OpenCallEnds
}

// Accept takes the place that was offered, for everybody of a group that comes
// only together. In the open call it takes a free place, if there still is one:
// problem ErrTaken when somebody was quicker. Who has a place online gives it back
// for the one in the room. A second yes changes nothing.
func Accept(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return r, err
	}
	_, passed, err := passedRoom(ctx, tx, r)
	if err != nil {
		return r, err
	}
	if has := r.Status == Confirmed || r.Status == Attended; has && !passed && !r.WaitsForRoom() {
		return r, nil
	}
	if !CanAnswer(r, ev, tx.Now) {
		return r, ErrOfferOver
	}
	if r.WaitsForRoom() {
		return r, r.takeRoom(ctx, tx, ev, by)
	}
	if r.Status == Waitlisted {
		if err := r.fits(ctx, tx, ev); err != nil {
			return r, err
		}
	}
	err = eachTogether(ctx, tx, r, r.Status, func(one *Registration) error {
		return move(ctx, tx, ev, one, change{to: Confirmed, by: by, details: message.Details{FromList: true}})
	})
	if err != nil {
		return r, err
	}
	return Find(ctx, tx, id)
}

// fits reports whether there is a place for somebody who waits, or for all of a
// group that comes only together: ErrTaken when there is none any more, ErrShare
// when the company has its own already.
func (r Registration) fits(ctx context.Context, tx *store.Tx, ev event.Event) error {
	need, err := Together(ctx, tx, r)
	if err != nil {
		return err
	}
	need = max(need, 1)
	free, err := lockPlaces(ctx, tx, ev.ID, r.Mode)
	if err != nil {
		return err
	}
	share, err := placesLeft(ctx, tx, ev.ID, r.CompanyID)
	switch {
	case err != nil:
		return err
	case share < need:
		return ErrShare
	case free < need:
		return ErrTaken
	}
	return nil
}

// Decline gives the offered place on to the next, for everybody of a group that
// comes only together. A second no changes nothing; after a yes the place is given
// up by its own link, and ErrAccepted says so.
func Decline(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil || r.Status == Declined {
		return r, err
	}
	o, passed, err := passedRoom(ctx, tx, r)
	if err != nil || passed && o.Status == OfferDeclined {
		return r, err
	}
	if r.RoomOffered() {
		if err := r.letRoomPass(ctx, tx, ev, OfferDeclined, by); err != nil {
			return r, err
		}
		_, err := promoteAll(ctx, tx, ev)
		return r, err
	}
	if (r.Status == Confirmed || r.Status == Attended) && !passed {
		return r, ErrAccepted
	}
	if r.Status != Offered {
		return r, ErrOfferOver
	}
	err = eachTogether(ctx, tx, r, Offered, func(one *Registration) error {
		return move(ctx, tx, ev, one, change{to: Declined, by: by})
	})
	if err != nil {
		return r, err
	}
	if _, err := promoteAll(ctx, tx, ev); err != nil {
		return r, err
	}
	return Find(ctx, tx, id)
}

// CanRejoin reports whether somebody who let an offer pass can stand in the
// queue again.
func CanRejoin(r Registration, ev event.Event, now time.Time) bool {
	return (r.Status == Expired || r.Status == Declined || r.Status == Offered && r.overdue(now)) && ev.Status == event.Published && ev.WaitsIn(r.Mode) && now.Before(ev.StartsAt.Add(-OpenCallEnds))
}

// Rejoin puts somebody who let an offer pass at the end of the queue, with
// everybody of a group that comes only together and let it pass; in that for the
// room when it is somebody with a place online.
func Rejoin(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil || r.Status == Waitlisted {
		return r, err
	}
	if r.Status == Confirmed {
		return WaitForRoom(ctx, tx, id, by)
	}
	if !CanRejoin(r, ev, tx.Now) {
		return r, ErrNotNow
	}
	_, registered, err := activeOf(ctx, tx, ev.ID, r.Email)
	if err != nil {
		return r, err
	}
	if registered {
		return r, ErrAlready
	}
	err = eachTogether(ctx, tx, r, r.Status, func(one *Registration) error {
		if _, registered, err := activeOf(ctx, tx, ev.ID, one.Email); err != nil || registered {
			return err // signed up anew meanwhile, alone
		}
		one.JoinedAt = tx.Now
		return move(ctx, tx, ev, one, change{to: Waitlisted, by: by})
	})
	if err != nil {
		return r, err
	}
	if _, err := promoteAll(ctx, tx, ev); err != nil {
		return r, err
	}
	return Find(ctx, tx, id)
}
