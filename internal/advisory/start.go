package advisory

import (
	"time"

	"stafett/internal/problem"
)

// refusesStart says which rule lets no meeting start then, whoever is free: in_future,
// too_soon, too_far, after_close or after_tender with the values of its text; empty
// when none does. By hand, when an adviser or organiser decides, only the past is out
// of reach.
func (p Programme) refusesStart(now, start time.Time, tenderDay string, byHand bool) (code string, args []any) {
	earliest, date := now.Add(ofMinutes(p.LeadMinutes)), start.In(p.Location()).Format(time.DateOnly)
	switch {
	case !start.After(now):
		return "in_future", nil
	case byHand:
		return "", nil
	case start.Before(earliest):
		return "too_soon", []any{"earliest", earliest.In(p.Location())}
	case date > now.In(p.Location()).AddDate(0, 0, p.HorizonDays).Format(time.DateOnly):
		return "too_far", []any{"days", p.HorizonDays}
	case p.ClosesOn != "" && date > p.ClosesOn:
		return "after_close", []any{"day", p.ClosesOn}
	case tenderDay != "" && date > tenderDay:
		return "after_tender", nil
	}
	return "", nil
}

// mayStart refuses a new time of a booking by such a rule, at starts_at.
func (b Booking) mayStart(p Programme, now, start time.Time, byHand bool) error {
	code, args := p.refusesStart(now, start, b.TenderDay, byHand)
	switch code {
	case "":
		return nil
	case "after_tender": // the day is not asked for again
		code = "tender_over"
	}
	return problem.Fields{{Name: "starts_at", Code: code, Args: args}}.Err()
}
