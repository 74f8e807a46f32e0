package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// seriesPage shows the series that an event is in, with what can be added and
// taken out, or makes the event an occasion of a series, new or old.
type seriesPage struct {
	page
	eventCard
	Series *event.Series // nil: none yet
	Lines  []seriesLine  // the occasions
	Others []seriesLine  // events that can become occasions
	Join   []option      // series that the event can become an occasion of, after the words that ask to choose; or none
	Wanted string        // of them
	People int           // who have signed up for the event, when it is in no series
	Title  string        // of a new one, as it was typed
	SignUp string
	Least  int
	Most   int
	Key    string // of the form that is sent
	Fixed  bool   // there are certificates: nothing can be added or taken out
	seriesCertificates
}

// Ends reports whether taking one occasion out ends the series.
func (p seriesPage) Ends() bool { return len(p.Lines) <= event.MinOccasions }

// Full reports whether the series has as many occasions as there can be.
func (p seriesPage) Full() bool { return len(p.Lines) >= event.MaxOccasions }

// seriesLine is an occasion, or an event that can become one.
type seriesLine struct {
	eventCard
	Status   adminStatus
	Chosen   bool
	People   int // with a place, or waiting for one
	Enrolled int // of them with the series: these keep the occasion in it
}

func (s *Server) seriesForm(c *gin.Context) error {
	return s.showSeries(c, http.StatusOK, &seriesPage{page: adminPage(c, "events")})
}

func (s *Server) showSeries(c *gin.Context, code int, p *seriesPage) error {
	ctx := c.Request.Context()
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		p.eventCard = s.card(ev, tx.Now)
		if err := s.readSeriesPage(ctx, tx, p, ev, s.language(c)); err != nil {
			return err
		}
		chosen := c.PostFormArray("occasion")
		for i, l := range p.Others {
			p.Others[i].Chosen = slices.Contains(chosen, l.Event.ID)
		}
		p.Wanted = c.PostForm("series")
		return nil
	})
	if err != nil {
		return err
	}
	if _, typed := c.GetPostForm("series_title"); !typed {
		p.Title = p.Event.Title
	}
	p.Least, p.Most = event.MinOccasions, event.MaxOccasions
	p.Key = newKey()
	return s.render(c, code, "series", p)
}

func (s *Server) readSeriesPage(ctx context.Context, tx *store.Tx, p *seriesPage, ev event.Event, lang locale.Language) error {
	free, err := event.List(ctx, tx, event.Filter{
		ProgrammeIDs: []string{ev.ProgrammeID}, Statuses: []event.Status{event.Draft, event.Published, event.Postponed}, From: tx.Now,
	})
	if err != nil {
		return err
	}
	free = slices.DeleteFunc(free, func(e event.Event) bool { return e.ID == ev.ID || e.SeriesID != "" })
	if p.Others, err = s.seriesLines(ctx, tx, free, nil); err != nil {
		return err
	}
	if ev.SeriesID == "" {
		if own, err := s.seriesLines(ctx, tx, []event.Event{ev}, nil); err != nil {
			return err
		} else {
			p.People = own[0].People
		}
		p.Join, err = s.seriesChoices(ctx, tx, ev, lang)
		return err
	}
	series, err := event.FindSeries(ctx, tx, ev.SeriesID)
	if err != nil {
		return err
	}
	p.Series = &series
	if p.Fixed, err = event.Fixed(ctx, tx, series.ID); err != nil {
		return err
	}
	enrolled, err := event.EnrolledIn(ctx, tx, series.ID)
	if err != nil {
		return err
	}
	occasions, err := event.Occasions(ctx, tx, series.ID)
	if err != nil {
		return err
	}
	if p.Lines, err = s.seriesLines(ctx, tx, occasions, enrolled); err != nil {
		return err
	}
	p.seriesCertificates, err = readSeriesCertificates(ctx, tx, series.ID, lang)
	return err
}

// seriesChoices lists the series that an event can become an occasion of.
func (s *Server) seriesChoices(ctx context.Context, tx *store.Tx, ev event.Event, lang locale.Language) ([]option, error) {
	open, err := event.OpenSeries(ctx, tx, ev.ProgrammeID)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	choose, err := s.Texts.Text(lang, "form.choose")
	options := []option{{Label: choose}}
	for _, x := range open {
		options = append(options, option{Value: x.ID, Label: x.Title})
	}
	return options, err
}

// seriesLines adds to events how many people have signed up.
func (s *Server) seriesLines(ctx context.Context, tx *store.Tx, events []event.Event, enrolled map[string]int) (lines []seriesLine, err error) {
	for _, e := range events {
		counts, err := registration.CountsOf(ctx, tx, e.ID)
		if err != nil {
			return nil, err
		}
		lines = append(lines, seriesLine{
			eventCard: s.card(e, tx.Now), Status: statusOf(e, tx.Now), Enrolled: enrolled[e.ID],
			People: counts.WithPlace() + counts[registration.Waitlisted] + counts[registration.Requested],
		})
	}
	return lines, nil
}

// makeSeries makes a series of the event and those chosen.
func (s *Server) makeSeries(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	p := &seriesPage{page: adminPage(c, "events"), Title: c.PostForm("series_title"), SignUp: c.PostForm("sign_up")}
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		ids := append([]string{id}, c.PostFormArray("occasion")...)
		if err := s.ownEvents(ctx, tx, c, ids); err != nil {
			return err
		}
		return once(ctx, tx, c, func() error {
			_, err := event.MakeSeries(ctx, tx, p.Title, event.SignUp(p.SignUp), ids, actor(c))
			return err
		})
	})
	return s.seriesAnswer(c, p, err, "/admin/events/"+id+"/series?done=series_made")
}

func (s *Server) ownEvents(ctx context.Context, tx *store.Tx, c *gin.Context, ids []string) error {
	for _, one := range ids {
		if _, err := s.ownEvent(ctx, tx, c, one); err != nil {
			return err
		}
	}
	return nil
}

// addToSeries makes the chosen events occasions of the series that the event is
// in.
func (s *Server) addToSeries(c *gin.Context) error {
	ctx, id, chosen := c.Request.Context(), c.Param("id"), c.PostFormArray("occasion")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, id)
		switch {
		case err != nil:
			return err
		case ev.SeriesID == "":
			return event.ErrNotNow
		case len(chosen) == 0:
			return problem.Fields{{Name: "occasions", Code: "tick"}}.Err()
		}
		if err := s.ownEvents(ctx, tx, c, chosen); err != nil {
			return err
		}
		return once(ctx, tx, c, func() error { return event.AddOccasions(ctx, tx, ev.SeriesID, chosen, actor(c)) })
	})
	return s.seriesAnswer(c, &seriesPage{page: adminPage(c, "events")}, err, "/admin/events/"+id+"/series?done=series_added")
}

// joinSeries makes the event an occasion of a series that there is.
func (s *Server) joinSeries(c *gin.Context) error {
	ctx, id, wanted := c.Request.Context(), c.Param("id"), c.PostForm("series")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, id)
		if err != nil {
			return err
		}
		if wanted == "" {
			return problem.Fields{{Name: "series", Code: "choose"}}.Err()
		}
		series, err := event.FindSeries(ctx, tx, wanted)
		if err != nil {
			return err
		}
		if series.ProgrammeID != ev.ProgrammeID {
			return problem.ErrMissing
		}
		return once(ctx, tx, c, func() error { return event.AddOccasions(ctx, tx, series.ID, []string{id}, actor(c)) })
	})
	return s.seriesAnswer(c, &seriesPage{page: adminPage(c, "events")}, err, "/admin/events/"+id+"/series?done=series_added")
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
	return s.seriesAnswer(c, &seriesPage{page: adminPage(c, "events")}, err, "/admin/events/"+id+"?done=series_left")
}

// seriesAnswer shows the page again with what was refused, or goes on.
func (s *Server) seriesAnswer(c *gin.Context, p *seriesPage, err error, to string) error {
	if refusal, ok := refused(err); ok {
		p.Problem = refusal
		p.Self = "/admin/events/" + c.Param("id") + "/series"
		return s.showSeries(c, status(refusal), p)
	}
	if err != nil {
		return err
	}
	return seeOther(c, to)
}
