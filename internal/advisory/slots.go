package advisory

import (
	"context"
	"time"

	"stafett/internal/advisory/slot"
	"stafett/internal/municipality"
	"stafett/internal/store"
)

// SlotQuery asks when there is time for a meeting.
type SlotQuery struct {
	AdvisoryProgrammeID string
	AdviserID           string // empty: anyone
	Minutes             int
	Meeting             Meeting
	Municipality        municipality.Code // of a meeting on site
	From, To            time.Time         // starts in [From, To); zero: as far as the programme goes
	TenderDay           string            // nothing after this day
	Procurement         string            // advisers who help the other side of it are left out
	Side                Side              // of that procurement; empty: the one the programme is for
	ExceptBooking       string            // of a booking that is to be moved: its own time is free
}

// Slot is a time that can be booked.
type Slot struct {
	StartsAt, EndsAt time.Time // UTC
	AdviserID, Name  string    // who has that time
}

// Slots lists the times that can be booked, the nearest first. For anyone each time
// is there once, with the adviser whose turn it is: who has the fewest meetings in
// that week, then who has been longest without one. A programme that is not open
// has no times, but for bookings that are moved.
func Slots(ctx context.Context, tx *store.Tx, q SlotQuery) ([]Slot, error) {
	p, err := ProgrammeByID(ctx, tx, q.AdvisoryProgrammeID)
	if err != nil || p.Status != Open && q.ExceptBooking == "" {
		return nil, err
	}
	all, _, err := asked(ctx, tx, p, q)
	if err != nil {
		return nil, err
	}
	return p.slots(tx.Now, all, q), nil
}

// NextSlot is the nearest time that can be booked; found is false when there is
// none.
func NextSlot(ctx context.Context, tx *store.Tx, q SlotQuery) (next Slot, found bool, err error) {
	all, err := Slots(ctx, tx, q)
	if err != nil || len(all) == 0 {
		return Slot{}, false, err
	}
	return all[0], true, nil
}

// Day is one date with its times.
type Day struct {
	Date  string // "2027-03-01", where the meeting is
	Slots []Slot
}

// ByDay sorts times by date on a clock; dates without times are not there.
func ByDay(slots []Slot, loc *time.Location) []Day {
	var days []Day
	for _, s := range slots {
		date := s.StartsAt.In(loc).Format(time.DateOnly)
		if n := len(days); n == 0 || days[n-1].Date != date {
			days = append(days, Day{Date: date})
		}
		days[len(days)-1].Slots = append(days[len(days)-1].Slots, s)
	}
	return days
}

// advisers lists who can be asked, by name: those who take bookings in the programme,
// or the one named. Who takes no new ones still moves those that there are.
func (q SlotQuery) advisers(ctx context.Context, tx *store.Tx, p Programme) ([]Adviser, error) {
	all, err := AdvisersOf(ctx, tx, p.ID)
	if err != nil || q.AdviserID == "" {
		return all, err
	}
	for _, a := range all {
		if a.ID == q.AdviserID {
			return []Adviser{a}, nil
		}
	}
	return store.All(ctx, tx, scanAdviser, selectAdviser+`
		JOIN booking b ON b.adviser_id = a.id WHERE a.id = ? AND b.id = ? AND b.status IN ('requested', 'confirmed')`, q.AdviserID, q.ExceptBooking)
}

// asked reads the calendars of those who can be asked for; other is whether one was
// left out who helps the other side.
func asked(ctx context.Context, tx *store.Tx, p Programme, q SlotQuery) (all []*calendar, other bool, err error) {
	advisers, err := q.advisers(ctx, tx, p)
	if err != nil {
		return nil, false, err
	}
	var able []Adviser
	for _, a := range advisers {
		neutral, err := a.neutral(ctx, tx, Booking{ID: q.ExceptBooking, Procurement: q.Procurement, Side: sideOr(q.Side, p)})
		if err != nil {
			return nil, false, err
		}
		if neutral {
			able = append(able, a)
		}
		other = other || !neutral
	}
	from, to := q.From, q.To
	if from.Before(tx.Now) {
		from = tx.Now
	}
	if end := tx.Now.AddDate(0, 0, p.HorizonDays+1); to.IsZero() || end.Before(to) {
		to = end
	}
	all, err = calendars(ctx, tx, able, from, to, q.Meeting, q.Municipality, q.ExceptBooking)
	return all, other, err
}

// rules are what the programme and somebody who asks say of a time.
func (p Programme) rules(now time.Time, q SlotQuery) slot.Rules {
	last := p.ClosesOn
	if last == "" || q.TenderDay != "" && q.TenderDay < last {
		last = q.TenderDay
	}
	return slot.Rules{
		Minutes: q.Minutes, Step: p.StepMinutes, Lead: ofMinutes(p.LeadMinutes), Horizon: p.HorizonDays, LastDay: last, From: q.From, To: q.To, Now: now,
	}
}

// slots lists the times of the calendars, each once.
func (p Programme) slots(now time.Time, all []*calendar, q SlotQuery) []Slot {
	byID, times := map[string]*calendar{}, make([]slot.Adviser, len(all))
	for i, c := range all {
		byID[c.ID], times[i] = c, c.times
	}
	var found []Slot
	for _, s := range slot.All(times, p.rules(now, q)) {
		c := byID[s.Adviser]
		this := Slot{s.Start, s.Start.Add(ofMinutes(q.Minutes)), c.ID, c.Name}
		if n := len(found); n > 0 && found[n-1].StartsAt.Equal(s.Start) {
			if c.before(byID[found[n-1].AdviserID], s.Start) {
				found[n-1] = this
			}
			continue
		}
		found = append(found, this)
	}
	return found
}
