package web

import (
	"context"
	"net/url"
	"strings"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/locale"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// meetingView is one booking, ready to print to its adviser.
type meetingView struct {
	advisory.Booking
	Start, End    time.Time // on the adviser's clock; zero: waits for a time
	Holder        string    // the company, project or person
	Person, Email string    // who booked; empty: a call that was only logged
	Programme     string
	ProgrammeLang string
	StatusKey     string
	Color         string
	HowKey        string
	Town          string
	Map           string // address of a map of where they meet
	Length        string // "1 timme"
	Tender        time.Time
	Answers       []advisory.Answer

	Over       int  // minutes beyond what there was
	Clash      bool // another calendar has the adviser busy then
	Overdue    bool // the time should have been entered
	MaySettle  bool
	MayMiss    bool
	MissCharge string // what a missed meeting costs the company
	Step       int    // minutes are rounded to the nearest multiple of it
}

// meetingStatus is what an adviser reads of a state, and its colour.
var meetingStatus = map[advisory.Status]struct{ key, color string }{
	advisory.Requested: {"adviser.status.requested", "warning"}, advisory.Waiting: {"adviser.status.waiting", "warning"},
	advisory.Confirmed: {"adviser.status.confirmed", "accent"}, advisory.Declined: {"adviser.status.declined", "neutral"},
	advisory.Lapsed: {"adviser.status.lapsed", "neutral"}, advisory.Cancelled: {"adviser.status.cancelled", "neutral"},
	advisory.LateCancelled: {"adviser.status.late_cancelled", "danger"}, advisory.Missed: {"adviser.status.missed", "danger"},
	advisory.Held: {"adviser.status.held", "warning"}, advisory.Settled: {"adviser.status.settled", "neutral"},
}

// meetingHow is what a form of meeting is called.
var meetingHow = map[advisory.Meeting]string{
	advisory.Online: "adviser.how.online", advisory.Phone: "adviser.how.phone", advisory.OnSite: "adviser.how.on_site",
}

// missFrom is how long after its start a meeting can be called missed.
const missFrom = 15 * time.Minute

// view reads what stands beside a booking.
func (m *meetings) view(ctx context.Context, tx *store.Tx, b advisory.Booking) (v meetingView, err error) {
	v = meetingView{Booking: b, HowKey: meetingHow[b.Meeting], Length: locale.Duration(m.lang, b.Minutes)}
	v.StatusKey, v.Color = meetingStatus[b.Status].key, meetingStatus[b.Status].color
	if !b.StartsAt.IsZero() {
		v.Start, v.End = b.StartsAt.In(m.me.Location()), b.EndsAt.In(m.me.Location())
	}
	p, err := m.programme(ctx, tx, b.AdvisoryProgrammeID)
	if err != nil {
		return v, err
	}
	text, lang := p.Text(string(m.lang))
	v.Programme, v.ProgrammeLang, v.Step = text.Name, lang, p.SettleStepMinutes
	if v.Holder, err = m.holder(ctx, tx, b); err != nil {
		return v, err
	}
	if b.PersonID != "" {
		who, err := person.Find(ctx, tx, b.PersonID)
		if err != nil {
			return v, err
		}
		v.Person, v.Email = who.Name(), who.Email
	}
	if b.TenderDay != "" {
		v.Tender, _ = time.ParseInLocation(time.DateOnly, b.TenderDay, m.me.Location())
	}
	v.where(m.s)
	if v.Answers, err = advisory.AnswersOf(ctx, tx, b.ID); err != nil {
		return v, err
	}
	if b.OverMinutes != nil {
		v.Over = *b.OverMinutes
	}
	if b.AdviserID == m.me.ID {
		if v.Clash, err = m.me.Clashes(ctx, tx, b); err != nil {
			return v, err
		}
	}
	v.Overdue = m.me.Overdue(b, tx.Now)
	v.MaySettle = b.Status == advisory.Held || b.Status == advisory.Confirmed && !tx.Now.Before(b.StartsAt)
	v.MayMiss = b.Status == advisory.Confirmed && !tx.Now.Before(b.StartsAt.Add(missFrom))
	v.MissCharge = locale.Duration(m.lang, min(p.MissedChargeMinutes, b.Minutes))
	return v, nil
}

func (m *meetings) views(ctx context.Context, tx *store.Tx, bookings []advisory.Booking) ([]meetingView, error) {
	views := make([]meetingView, len(bookings))
	for n, b := range bookings {
		v, err := m.view(ctx, tx, b)
		if err != nil {
			return nil, err
		}
		views[n] = v
	}
	return views, nil
}

// where names the place of a meeting on site, and a map of it.
func (v *meetingView) where(s *Server) {
	if v.Meeting != advisory.OnSite {
		return
	}
	v.Town = s.placeName(v.Municipality)
	parts := []string{v.Place}
	if v.Town != "" && !strings.Contains(v.Place, v.Town) {
		parts = append(parts, v.Town)
	}
	if place := strings.Trim(strings.Join(parts, ", "), ", "); place != "" {
		v.Map = "https://www.openstreetmap.org/search?query=" + url.QueryEscape(place)
	}
}

// errMinutes says at the field of the minutes what may stand there.
func errMinutes() error {
	return problem.Fields{{Name: "minutes", Code: "meeting_minutes", Args: []any{"most", mostMinutes}}}.Err()
}

// mostMinutes is how long a meeting is at most.
const mostMinutes = 720
