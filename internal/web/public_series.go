package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// seriesRoutes are the pages of copies and series.
func (s *Server) seriesRoutes() []route {
	return []route{
		{http.MethodPost, "/r/:token/cancel-all", byLink, s.withdrawAll},
		{http.MethodGet, "/admin/events/:id/copy", organise, s.copyForm},
		{http.MethodPost, "/admin/events/:id/copy", organise, s.copyEvent},
		{http.MethodGet, "/admin/events/:id/series", organise, s.seriesForm},
		{http.MethodPost, "/admin/events/:id/series", organise, s.makeSeries},
		{http.MethodPost, "/admin/events/:id/add-to-series", organise, s.addToSeries},
		{http.MethodPost, "/admin/events/:id/join-series", organise, s.joinSeries},
		{http.MethodPost, "/admin/events/:id/leave-series", organise, s.leaveSeries},
	}
}

// seriesPages are their pages.
func seriesPages() map[string]pager {
	return map[string]pager{"copy": &copyPage{}, "series": &seriesPage{}}
}

// seriesView is the series of an event with its other occasions, ready to print.
type seriesView struct {
	event.Series
	Number, Total int
	Others        []occasionCard
}

// AnyOpen reports whether another occasion takes registrations now.
func (v seriesView) AnyOpen() bool {
	return slices.ContainsFunc(v.Others, func(o occasionCard) bool { return o.TakesNow })
}

// occasionCard is another occasion of a series.
type occasionCard struct {
	eventCard
	TakesNow bool
	Chosen   bool
}

// seriesOf reads the series of an event; nil when it is in none.
func (s *Server) seriesOf(ctx context.Context, tx *store.Tx, ev event.Event, chosen []string) (*seriesView, error) {
	if ev.SeriesID == "" {
		return nil, nil
	}
	series, err := event.FindSeries(ctx, tx, ev.SeriesID)
	if err != nil {
		return nil, err
	}
	all, err := event.Occasions(ctx, tx, series.ID)
	if err != nil {
		return nil, err
	}
	v := &seriesView{Series: series}
	for _, o := range all {
		if o.Status == event.Draft && o.ID != ev.ID {
			continue
		}
		v.Total++
		if o.ID == ev.ID {
			v.Number = v.Total
			continue
		}
		v.Others = append(v.Others, occasionCard{s.card(o, tx.Now), o.TakesRegistrations(tx.Now), slices.Contains(chosen, o.ID)})
	}
	return v, nil
}

// markSeries tells of each card of which series it is a part.
func (s *Server) markSeries(ctx context.Context, cards []eventCard) error {
	return s.DB.Read(ctx, func(tx *store.Tx) error {
		var events []event.Event
		for _, c := range cards {
			events = append(events, c.Event)
		}
		parts, err := event.Parts(ctx, tx, events)
		for i, c := range cards {
			if p, ok := parts[c.Event.ID]; ok {
				cards[i].Series = &p
			}
		}
		return err
	})
}

// readSeries reads the series for an event's public page.
func (s *Server) readSeries(ctx context.Context, ev event.Event, chosen []string) (v *seriesView, err error) {
	err = s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		v, err = s.seriesOf(ctx, tx, ev, chosen)
		return err
	})
	return v, err
}

// offerSeries puts the occasions of the series, and what only they ask, on the
// sign-up form.
func (s *Server) offerSeries(c *gin.Context, r *registerPage, ev event.Event) error {
	if ev.SeriesID == "" {
		return nil
	}
	var err error
	ctx, lang := c.Request.Context(), s.language(c)
	if r.SeriesView, err = s.readSeries(ctx, ev, c.PostFormArray("occasion")); err != nil {
		return err
	}
	seen := slices.Clone(ev.Questions)
	for _, o := range r.SeriesView.Others {
		if !o.TakesNow {
			continue
		}
		var full event.Event
		err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
			full, err = event.Find(ctx, tx, o.Event.ID)
			return err
		})
		if err != nil {
			return err
		}
		for _, q := range full.Questions {
			if slices.ContainsFunc(seen, func(x event.Question) bool { return registration.SameQuestion(x, q) }) {
				continue
			}
			q.Label += " (" + locale.DayMonth(lang, o.Start) + ")"
			fields, err := s.questionFields(lang, []event.Question{q}, r.Form.Answers)
			if err != nil {
				return err
			}
			r.Questions = append(r.Questions, fields...)
		}
	}
	return nil
}

// occasionAnswer is what came of signing up for one occasion; no status means
// that it takes no registrations now.
type occasionAnswer struct {
	EventID  string
	Status   registration.Status
	Position int
}

// occasionLine is one occasion on the page after signing up.
type occasionLine struct {
	eventCard
	Status   registration.Status
	Position int
}

// occasionLines reads the occasions that were signed up for, when they are more
// than one.
func (s *Server) occasionLines(ctx context.Context, tx *store.Tx, answers []occasionAnswer) (lines []occasionLine, err error) {
	if len(answers) < 2 {
		return nil, nil
	}
	for _, a := range answers {
		ev, err := event.Find(ctx, tx, a.EventID)
		if err != nil {
			return nil, err
		}
		lines = append(lines, occasionLine{s.card(ev, tx.Now), a.Status, a.Position})
	}
	return lines, nil
}

// othersOf lists the other occasions with which a registration was made and that
// can still be given up.
func (s *Server) othersOf(ctx context.Context, tx *store.Tx, r registration.Registration) (lines []occasionLine, err error) {
	all, err := registration.Enrolled(ctx, tx, r.ID)
	if err != nil {
		return nil, err
	}
	for _, o := range all {
		ev, err := event.Find(ctx, tx, o.EventID)
		if err != nil {
			return nil, err
		}
		if o.ID != r.ID && registration.CanWithdraw(o, ev, tx.Now) {
			lines = append(lines, occasionLine{eventCard: s.card(ev, tx.Now), Status: o.Status})
		}
	}
	return lines, nil
}

// withdrawAll gives up every occasion of the series.
func (s *Server) withdrawAll(c *gin.Context) error {
	return s.change(c, "series_cancelled", func(ctx context.Context, tx *store.Tx, r registration.Registration, by audit.Actor) error {
		_, err := registration.WithdrawAll(ctx, tx, r.ID, by)
		return err
	})
}
