package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/locale"
	"stafett/internal/store"
)

// adviserTodayPage is an adviser's day: the meetings, and what waits for an answer.
type adviserTodayPage struct {
	page
	Day       time.Time
	Today     []meetingView
	Requests  []meetingView
	Unsettled []meetingView // of days before
	Overdue   int           // of them
	Waiting   []meetingView
	Next      []meetingDay
	NoWeek    bool // the adviser has no hours to be booked in
}

// meetingDay is the meetings of one day.
type meetingDay struct {
	Day      time.Time
	Meetings []meetingView
}

// How much an adviser's day shows of what is to come, and of those who wait.
const (
	meetingsAhead = 20
	waitingShown  = 50
)

func (s *Server) adviserToday(c *gin.Context) error {
	ctx, me, m := c.Request.Context(), asAdviser(c), s.meetingsOf(c)
	p := &adviserTodayPage{page: adviserPage(c, "today"), Day: s.DB.Now().In(me.Location())}
	from := startOfDay(p.Day)
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		day, err := me.Agenda(ctx, tx, from, from.AddDate(0, 0, 1))
		if err != nil {
			return err
		}
		if p.Today, err = m.views(ctx, tx, day.Bookings); err != nil {
			return err
		}
		for _, part := range []struct {
			read func() ([]advisory.Booking, error)
			into *[]meetingView
		}{
			{func() ([]advisory.Booking, error) { return me.Requests(ctx, tx) }, &p.Requests},
			{func() ([]advisory.Booking, error) { return me.Unsettled(ctx, tx) }, &p.Unsettled},
			{func() ([]advisory.Booking, error) { return me.Waiting(ctx, tx, waitingShown) }, &p.Waiting},
		} {
			found, err := part.read()
			if err != nil {
				return err
			}
			if *part.into, err = m.views(ctx, tx, found); err != nil {
				return err
			}
		}
		coming, err := me.Coming(ctx, tx, meetingsAhead)
		if err != nil {
			return err
		}
		week, err := advisory.Week(ctx, tx, me.ID)
		if err != nil {
			return err
		}
		p.NoWeek = len(week) == 0
		return p.ahead(ctx, tx, m, coming, from.AddDate(0, 0, 1))
	})
	if err != nil {
		return err
	}
	before := p.Unsettled
	p.Unsettled = nil
	for _, v := range before {
		if v.Start.Before(from) { // today's stand above
			p.Unsettled = append(p.Unsettled, v)
		}
		if v.Overdue {
			p.Overdue++
		}
	}
	return s.render(c, http.StatusOK, "adviser_today", p)
}

// ahead sorts what comes after today by day; requests stand by themselves.
func (p *adviserTodayPage) ahead(ctx context.Context, tx *store.Tx, m *meetings, coming []advisory.Booking, tomorrow time.Time) error {
	for _, b := range coming {
		if b.Status != advisory.Confirmed || b.StartsAt.Before(tomorrow) {
			continue
		}
		v, err := m.view(ctx, tx, b)
		if err != nil {
			return err
		}
		day := startOfDay(v.Start)
		if n := len(p.Next); n == 0 || !p.Next[n-1].Day.Equal(day) {
			p.Next = append(p.Next, meetingDay{Day: day})
		}
		last := &p.Next[len(p.Next)-1]
		last.Meetings = append(last.Meetings, v)
	}
	return nil
}

// length is a number of minutes in words.
func (m *meetings) length(minutes int) string { return locale.Duration(m.lang, minutes) }
