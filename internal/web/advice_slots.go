package web

import (
	"context"
	"slices"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/municipality"
	"stafett/internal/store"
)

// slotQuery asks when there is time for a meeting.
type slotQuery struct {
	AdvisoryProgrammeID string
	AdviserID           string // empty: anyone
	Minutes             int
	Meeting             advisory.Meeting
	Municipality        municipality.Code
	From, To            time.Time
	TenderDay           string
	Procurement         string
	Side                advisory.Side
	ExceptBooking       string
}

type slot struct {
	StartsAt, EndsAt time.Time
	AdviserID, Name  string
}

// slots lists the times that can be booked, the nearest first.
func slots(ctx context.Context, tx *store.Tx, q slotQuery) ([]slot, error) {
	p, err := advisory.ProgrammeByID(ctx, tx, q.AdvisoryProgrammeID)
	if err != nil {
		return nil, err
	}
	advisers, err := advisory.AdvisersOf(ctx, tx, p.ID)
	if err != nil {
		return nil, err
	}
	type window struct {
		day      int
		from, to string
	}
	type span struct{ from, to time.Time }
	var found []slot
	for _, a := range advisers {
		if q.AdviserID != "" && q.AdviserID != a.ID {
			continue
		}
		windows, err := store.All(ctx, tx, func(r store.Row) (w window, err error) { return w, r.Scan(&w.day, &w.from, &w.to) },
			`SELECT weekday, from_clock, to_clock FROM availability WHERE adviser_id = ? ORDER BY weekday, from_clock`, a.ID)
		if err != nil {
			return nil, err
		}
		taken, err := store.All(ctx, tx, func(r store.Row) (s span, err error) {
			return s, r.Scan(store.Time(&s.from), store.Time(&s.to))
		}, `SELECT blocked_from, blocked_to FROM booking WHERE adviser_id = ? AND status IN ('requested', 'confirmed', 'held') AND id <> ?`, a.ID, q.ExceptBooking)
		if err != nil {
			return nil, err
		}
		length := time.Duration(q.Minutes) * time.Minute
		for day := range p.HorizonDays {
			date := tx.Now.In(a.Location()).AddDate(0, 0, day)
			for _, w := range windows {
				if (int(date.Weekday())+6)%7+1 != w.day || q.TenderDay != "" && date.Format(time.DateOnly) > q.TenderDay {
					continue
				}
				from, _ := time.ParseInLocation("2006-01-02 15:04", date.Format(time.DateOnly)+" "+w.from, a.Location())
				to, _ := time.ParseInLocation("2006-01-02 15:04", date.Format(time.DateOnly)+" "+w.to, a.Location())
				for at := from; !at.Add(length).After(to); at = at.Add(time.Duration(p.StepMinutes) * time.Minute) {
					if at.Before(tx.Now.Add(time.Duration(p.LeadMinutes) * time.Minute)) {
						continue
					}
					before, after := time.Duration(a.BufferBeforeMinutes)*time.Minute, time.Duration(a.BufferAfterMinutes)*time.Minute
					if slices.ContainsFunc(taken, func(s span) bool { return s.from.Before(at.Add(length+after)) && at.Add(-before).Before(s.to) }) {
						continue
					}
					if slices.ContainsFunc(found, func(s slot) bool { return s.StartsAt.Equal(at) }) {
						continue
					}
					found = append(found, slot{at.UTC(), at.Add(length).UTC(), a.ID, a.Name})
				}
			}
		}
	}
	slices.SortFunc(found, func(a, b slot) int { return a.StartsAt.Compare(b.StartsAt) })
	return found, nil
}
