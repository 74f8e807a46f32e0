package web

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/store"
)

// seriesPage makes an event an occasion of a series, or shows the series that it
// is in.
type seriesPage struct {
	page
	eventCard
	Series  *event.Series // nil: none yet
	Lines   []seriesLine
	Title   string
	SignUp  string
	Least   int
	Most    int
	Nothing bool // there is no other event to choose
	Key     string
}

// seriesLine is an occasion, or an event that can become one.
type seriesLine struct {
	eventCard
	Status adminStatus
	Chosen bool
}

func (s *Server) seriesForm(c *gin.Context) error {
	return s.showSeries(c, http.StatusOK, &seriesPage{page: adminPage(c, "events")})
}

func (s *Server) showSeries(c *gin.Context, code int, p *seriesPage) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	chosen := c.PostFormArray("occasion")
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		p.eventCard = s.card(ev, now)
		var list []event.Event
		if ev.SeriesID != "" {
			series, err := event.FindSeries(ctx, tx, ev.SeriesID)
			if err != nil {
				return err
			}
			p.Series = &series
			list, err = event.Occasions(ctx, tx, series.ID)
			if err != nil {
				return err
			}
		} else {
			list, err = event.List(ctx, tx, event.Filter{
				ProgrammeIDs: []string{ev.ProgrammeID}, Statuses: []event.Status{event.Draft, event.Published, event.Postponed}, From: now,
			})
			if err != nil {
				return err
			}
			list = slices.DeleteFunc(list, func(e event.Event) bool { return e.ID == ev.ID || e.SeriesID != "" })
		}
		for _, e := range list {
			p.Lines = append(p.Lines, seriesLine{s.card(e, now), statusOf(e, now), slices.Contains(chosen, e.ID)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if c.Request.Method == http.MethodGet {
		p.Title = p.Event.Title
	}
	p.Nothing, p.Least, p.Most = len(p.Lines) == 0, event.MinOccasions, event.MaxOccasions
	p.Key = newKey()
	return s.render(c, code, "series", p)
}

// makeSeries makes a series of the event and those chosen.
func (s *Server) makeSeries(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	p := &seriesPage{page: adminPage(c, "events"), Title: c.PostForm("series_title"), SignUp: c.PostForm("sign_up")}
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		ids := append([]string{id}, c.PostFormArray("occasion")...)
		for _, one := range ids {
			if _, err := s.ownEvent(ctx, tx, c, one); err != nil {
				return err
			}
		}
		return once(ctx, tx, c, func() error {
			_, err := event.MakeSeries(ctx, tx, p.Title, event.SignUp(p.SignUp), ids, actor(c))
			return err
		})
	})
	if refusal, ok := refused(err); ok {
		p.Problem = refusal
		return s.showSeries(c, status(refusal), p)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+id+"/series?done=series_made")
}

// leaveSeries takes the event out of its series.
func (s *Server) leaveSeries(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		if _, err := s.ownEvent(ctx, tx, c, id); err != nil {
			return err
		}
		return event.LeaveSeries(ctx, tx, id, actor(c))
	})
	if refusal, ok := refused(err); ok {
		p := &seriesPage{page: adminPage(c, "events")}
		p.Problem = refusal
		return s.showSeries(c, status(refusal), p)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/admin/events/"+id+"?done=series_left")
}
