package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// adviserTimesPage lists an adviser's free times for a meeting: one to move it to,
// or some to propose to somebody who waits.
type adviserTimesPage struct {
	page
	meetingView
	Propose     bool
	Days        []timesOfDay
	Proposed    []proposedView // to be answered already
	Most        int            // times that can be proposed
	Date, Clock string         // another time, as typed
	Later       string         // address of later times
	Earlier     string
	From, To    time.Time // days shown
	Max         string    // the last day, of the field
}

// timesOfDay is the free times of one day.
type timesOfDay struct {
	Day   time.Time
	Times []timeChoice
}

// timeChoice is one free time.
type timeChoice struct {
	Start  time.Time
	Value  string
	Chosen bool
}

// proposedView is a time that waits for its answer.
type proposedView struct {
	ID                string // empty: a colleague's
	Start, End, Until time.Time
}

// daysShown is how many days of free times stand on one page.
const daysShown = 14

// moveTimes shows where a meeting can be moved.
func (s *Server) moveTimes(c *gin.Context) error { return s.showTimes(c, http.StatusOK, false, nil) }

// proposeTimes shows what can be proposed to somebody who waits.
func (s *Server) proposeTimes(c *gin.Context) error { return s.showTimes(c, http.StatusOK, true, nil) }

func (s *Server) showTimes(c *gin.Context, code int, propose bool, refusal *problem.Problem) error {
	ctx, m := c.Request.Context(), s.meetingsOf(c)
	p := &adviserTimesPage{page: adviserPage(c, "bookings"), Propose: propose, Most: advisory.MostProposals, Date: c.PostForm("date"), Clock: c.PostForm("clock")}
	p.Problem = refusal
	now := s.DB.Now().In(m.me.Location())
	p.From = startOfDay(now)
	if from, err := time.ParseInLocation(time.DateOnly, first(c.Query("from"), c.PostForm("page_from")), m.me.Location()); err == nil && from.After(p.From) {
		p.From = from
	}
	p.To = p.From.AddDate(0, 0, daysShown-1)
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		b, err := s.ownBooking(ctx, tx, c)
		if err != nil {
			return err
		}
		if propose != (b.Status == advisory.Waiting) || !propose && (b.Status != advisory.Confirmed && b.Status != advisory.Requested || !b.StartsAt.After(tx.Now)) {
			return advisory.ErrNotNow
		}
		if p.meetingView, err = m.view(ctx, tx, b); err != nil {
			return err
		}
		if err := p.readProposed(ctx, tx, m); err != nil {
			return err
		}
		found, err := advisory.Slots(ctx, tx, advisory.SlotQuery{
			AdvisoryProgrammeID: b.AdvisoryProgrammeID, AdviserID: m.me.ID, Minutes: b.Minutes, Meeting: b.Meeting, Municipality: b.Municipality,
			From: p.From, To: p.From.AddDate(0, 0, daysShown), TenderDay: b.TenderDay, Procurement: b.Procurement, Side: b.Side, ExceptBooking: b.ID,
		})
		p.sort(found, m.me.Location(), c.PostFormArray("start"))
		return err
	})
	if errors.Is(err, advisory.ErrNotNow) { // its page shows how it is
		return seeOther(c, adviserPath+"/bookings/"+c.Param("id"))
	}
	if err != nil {
		return err
	}
	path := adviserPath + "/bookings/" + p.ID + map[bool]string{true: "/propose", false: "/move"}[propose]
	p.Self = path
	p.Later = path + "?" + url.Values{"from": {p.To.AddDate(0, 0, 1).Format(time.DateOnly)}}.Encode()
	if p.From.After(startOfDay(now)) {
		p.Earlier = path + "?" + url.Values{"from": {p.From.AddDate(0, 0, -daysShown).Format(time.DateOnly)}}.Encode()
	}
	return s.render(c, code, "adviser_times", p)
}

func (p *adviserTimesPage) readProposed(ctx context.Context, tx *store.Tx, m *meetings) error {
	if !p.Propose {
		return nil
	}
	open, err := advisory.OpenProposals(ctx, tx, p.ID)
	for _, o := range open {
		loc, id := m.me.Location(), o.ID
		if o.AdviserID != m.me.ID {
			id = ""
		}
		p.Proposed = append(p.Proposed, proposedView{id, o.StartsAt.In(loc), o.EndsAt.In(loc), o.ExpiresAt.In(loc)})
	}
	p.Most -= len(open)
	return err
}

// sort puts the times under their days; those that were chosen stay so.
func (p *adviserTimesPage) sort(found []advisory.Slot, loc *time.Location, chosen []string) {
	for _, o := range found {
		start := o.StartsAt.In(loc)
		day := startOfDay(start)
		if n := len(p.Days); n == 0 || !p.Days[n-1].Day.Equal(day) {
			p.Days = append(p.Days, timesOfDay{Day: day})
		}
		value := start.Format(time.RFC3339)
		last := &p.Days[len(p.Days)-1]
		last.Times = append(last.Times, timeChoice{start, value, slices.Contains(chosen, value)})
	}
}

// typedTimes are the times that were chosen, and the one that was typed.
func typedTimes(c *gin.Context, loc *time.Location) (starts []time.Time, wrong error) {
	var f problem.Fields
	for _, value := range c.PostFormArray("start") {
		at, err := time.Parse(time.RFC3339, value)
		if err != nil {
			f.Add("start", "choice")
		}
		starts = append(starts, at.UTC())
	}
	if at := typedInstant("date", c.PostForm("date"), c.PostForm("clock"), loc, &f); !at.IsZero() {
		starts = append(starts, at)
	}
	if len(starts) == 0 && len(f) == 0 {
		f.Add("start", "choose_time")
	}
	return starts, f.Err()
}

// onTimes runs what the page of free times asks for; a refusal is shown on it.
func (s *Server) onTimes(c *gin.Context, propose bool, done string, step func(context.Context, *store.Tx, advisory.Booking, []time.Time) error) error {
	ctx := c.Request.Context()
	starts, err := typedTimes(c, asAdviser(c).Location())
	if err == nil {
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			b, err := s.ownBooking(ctx, tx, c)
			if err != nil {
				return err
			}
			return step(ctx, tx, b, starts)
		})
	}
	if refusal, ok := refused(err); ok {
		told := *toAdviser(refusal)
		told.Fields = nil
		for _, f := range refusal.Fields { // those of the nth time stand at the list
			if strings.HasPrefix(f.Name, "time") {
				f.Name = "start"
			}
			if !slices.ContainsFunc(told.Fields, func(x problem.Field) bool { return x.Name == f.Name }) {
				told.Fields = append(told.Fields, f)
			}
		}
		return s.showTimes(c, status(refusal), propose, &told)
	}
	if err != nil {
		return err
	}
	return seeOther(c, fmt.Sprintf("%s/bookings/%s?done=%s", adviserPath, c.Param("id"), done))
}

// moveMeeting gives a meeting another of the adviser's times. Pressed twice it was
// moved once.
func (s *Server) moveMeeting(c *gin.Context) error {
	return s.onTimes(c, false, "meeting_moved", func(ctx context.Context, tx *store.Tx, b advisory.Booking, starts []time.Time) error {
		if len(starts) > 1 {
			return problem.Fields{{Name: "start", Code: "one_time"}}.Err()
		}
		if b.StartsAt.Equal(starts[0]) {
			return nil
		}
		_, err := advisory.Reschedule(ctx, tx, b.ID, starts[0], 0, asAdviser(c).ID, true, actor(c))
		return atField(err, "starts_at", "start")
	})
}

// propose offers times to somebody who waits.
func (s *Server) propose(c *gin.Context) error {
	return s.onTimes(c, true, "times_proposed", func(ctx context.Context, tx *store.Tx, b advisory.Booking, starts []time.Time) error {
		_, err := advisory.Propose(ctx, tx, b.ID, asAdviser(c).ID, starts, actor(c))
		return err
	})
}

// withdrawTime takes back one of the adviser's proposed times.
func (s *Server) withdrawTime(c *gin.Context) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		b, err := s.ownBooking(ctx, tx, c)
		if err != nil {
			return err
		}
		o, err := advisory.ProposalByID(ctx, tx, c.PostForm("proposal"))
		if err != nil {
			return err
		}
		if o.BookingID != b.ID || o.AdviserID != asAdviser(c).ID {
			return problem.ErrMissing
		}
		return advisory.WithdrawProposal(ctx, tx, o.ID, actor(c))
	})
	if refusal, ok := refused(err); ok {
		return s.showTimes(c, status(refusal), true, toAdviser(refusal))
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviserPath+"/bookings/"+c.Param("id")+"/propose?done=time_withdrawn")
}
