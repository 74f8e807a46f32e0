package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/busy"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// adviserCalendarRoutes are where advisers name the calendar that says when they
// are busy.
func (s *Server) adviserCalendarRoutes() []route {
	get := func(path string, h handler) route { return route{http.MethodGet, adviserPath + path, advise, h} }
	post := func(path string, h handler) route { return route{http.MethodPost, adviserPath + path, advise, h} }
	return []route{
		get("/calendar", s.adviserCalendar),
		post("/calendar", s.setAdviserCalendar),
		post("/calendar/read", s.readAdviserCalendar),
		post("/calendar/remove", s.removeAdviserCalendar),

		get("/feed", s.feedSettings),
		post("/feed", s.makeFeed),
		post("/feed/remove", s.removeFeed),
	}
}

func adviserCalendarPages() map[string]pager {
	return map[string]pager{"adviser_calendar": &adviserCalendarPage{}}
}

// adviserCalendarPage tells how the reading goes, and takes another address.
type adviserCalendarPage struct {
	page
	busyCalendar
	URL string // as typed, when it was refused
}

// busyCalendar is what an adviser sees of the calendar that is read; the partial
// "busy_calendar" shows it.
type busyCalendar struct {
	Off   bool // none is read here, by the operator's choice
	Has   bool
	State busy.State // its times on the adviser's clock
}

// busyCalendarOf reads what the adviser sees of it.
func (s *Server) busyCalendarOf(ctx context.Context, tx *store.Tx, a advisory.Adviser) (b busyCalendar, err error) {
	b.Off = s.ReadCalendar == nil
	if b.State, b.Has, err = busy.StateOf(ctx, tx, a.ID); err != nil {
		return b, err
	}
	for _, t := range []*time.Time{&b.State.FetchedAt, &b.State.TriedAt, &b.State.FaultSince} {
		if !t.IsZero() {
			*t = t.In(a.Location())
		}
	}
	return b, nil
}

func (s *Server) adviserCalendar(c *gin.Context) error {
	return s.showAdviserCalendar(c, http.StatusOK, nil)
}

func (s *Server) showAdviserCalendar(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	p := &adviserCalendarPage{page: adviserPage(c, "calendar")}
	p.Self, p.Problem = "/adviser/calendar", refusal
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		p.busyCalendar, err = s.busyCalendarOf(ctx, tx, asAdviser(c))
		return err
	})
	if err != nil {
		return err
	}
	if refusal != nil {
		p.URL = c.PostForm("url")
	}
	return s.render(c, code, "adviser_calendar", p)
}

// setAdviserCalendar takes an address and reads it at once, so that whether it
// works is seen where it was typed.
func (s *Server) setAdviserCalendar(c *gin.Context) error {
	ctx := c.Request.Context()
	if s.ReadCalendar == nil {
		return problem.ErrMissing
	}
	if ok, wait := s.limits.calendar.Allow(actor(c).ID); !ok {
		return s.tooOften(c, wait)
	}
	a := asAdviser(c)
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		return busy.Set(ctx, tx, a.ID, c.PostForm("url"), actor(c))
	})
	if p, ok := refused(err); ok {
		return s.showAdviserCalendar(c, status(p), p)
	}
	if err == nil {
		err = s.ReadCalendar(ctx, a.ID)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/adviser/calendar?done=busy_set")
}

func (s *Server) readAdviserCalendar(c *gin.Context) error {
	ctx := c.Request.Context()
	if s.ReadCalendar == nil {
		return problem.ErrMissing
	}
	if ok, wait := s.limits.calendar.Allow(actor(c).ID); !ok {
		return s.tooOften(c, wait)
	}
	if err := s.ReadCalendar(ctx, asAdviser(c).ID); err != nil {
		return err
	}
	return seeOther(c, "/adviser/calendar")
}

func (s *Server) removeAdviserCalendar(c *gin.Context) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error { return busy.Remove(ctx, tx, asAdviser(c).ID, actor(c)) })
	if err != nil {
		return err
	}
	return seeOther(c, "/adviser/calendar?done=busy_removed")
}
