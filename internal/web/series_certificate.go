package web

import (
	"context"
	"slices"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/certificate"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// ownSeries is what the page of a registration says of the certificate for the
// whole series.
type ownSeries struct {
	Title     string // of the series
	Attended  int
	Occasions int // that count
	Over      bool
	Earned    bool
	Code      string // in groups; empty until one is issued
}

// readOwnSeries tells somebody who was at any occasion how far they have come;
// nil for everybody else.
func readOwnSeries(ctx context.Context, tx *store.Tx, r registration.Registration, ev event.Event) (*ownSeries, error) {
	if ev.SeriesID == "" || r.Status == registration.Erased {
		return nil, nil
	}
	s, err := certificate.StandingOf(ctx, tx, ev.SeriesID, r.PersonID)
	if err != nil || s.Attended == 0 {
		return nil, err
	}
	series, err := event.FindSeries(ctx, tx, ev.SeriesID)
	if err != nil {
		return nil, err
	}
	o := &ownSeries{Title: series.Title, Attended: s.Attended, Earned: s.Earned}
	if s.Code != "" && s.Earned {
		o.Code = certificate.Show(s.Code)
	}
	o.Occasions, o.Over, err = certificate.SeriesEnd(ctx, tx, ev.SeriesID)
	return o, err
}

// seriesPaper is the certificate of a series.
func (s *Server) seriesPaper(o certificate.OfSeries) issuedPaper {
	towns := map[string]string{}
	for _, a := range o.Attended {
		towns[a.Event.ID] = s.town(a.Event)
	}
	words := certificate.SeriesWords{Texts: s.Texts, Towns: towns, BaseURL: s.BaseURL}
	return issuedPaper{
		State: o.State, Shown: o.Shown(), Organiser: o.Organiser(), Programme: o.Programme.Name, TitleLanguage: o.Programme.Language,
		language: o.Language, issuedAt: o.IssuedAt,
		write: func(lang locale.Language) (certificate.Paper, error) { return o.Write(lang, words) },
	}
}

// makeSeriesCertificate issues the certificate for the whole series of whoever
// has the link.
func (s *Server) makeSeriesCertificate(c *gin.Context) error {
	r, ev, p, err := s.reach(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	var cert certificate.OfSeries
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if ev.SeriesID == "" {
			return certificate.ErrSeriesNotEarned
		}
		cert, err = certificate.IssueSeries(ctx, tx, ev.SeriesID, r.PersonID, audit.Actor{Kind: "person", ID: r.PersonID})
		return err
	})
	if refusal, ok := refused(err); ok {
		f, err := s.typed(c, r)
		if err != nil {
			return err
		}
		return s.showManage(c, status(refusal), r, ev, managePage{page: page{Brand: p.Name, Problem: refusal}, Form: f})
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/certificate/"+cert.Shown())
}

// seriesCertificates is who has earned a certificate for the whole series.
type seriesCertificates struct {
	Pupils    []certificate.Standing // with the codes in groups
	Occasions int                    // that count
	Over      bool
	Without   int // have earned one and have none
}

func readSeriesCertificates(ctx context.Context, tx *store.Tx, seriesID string, lang locale.Language) (p seriesCertificates, err error) {
	if p.Pupils, err = certificate.Standings(ctx, tx, seriesID); err != nil {
		return p, err
	}
	for i, x := range p.Pupils {
		if x.Code != "" {
			p.Pupils[i].Code = certificate.Show(x.Code)
		} else if x.Earned {
			p.Without++
		}
	}
	compare := locale.Sorter(lang)
	slices.SortFunc(p.Pupils, func(a, b certificate.Standing) int {
		if a.Attended != b.Attended {
			return b.Attended - a.Attended
		}
		return compare(a.Name, b.Name)
	})
	p.Occasions, p.Over, err = certificate.SeriesEnd(ctx, tx, seriesID)
	return p, err
}

// issueSeriesCertificates issues one to everybody who has earned it and has none.
func (s *Server) issueSeriesCertificates(c *gin.Context) error {
	ctx, id := c.Request.Context(), c.Param("id")
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		ev, err := s.ownEvent(ctx, tx, c, id)
		if err != nil {
			return err
		}
		if ev.SeriesID == "" {
			return event.ErrNotNow
		}
		_, err = certificate.IssueSeriesAll(ctx, tx, ev.SeriesID, actor(c))
		return err
	})
	return s.seriesAnswer(c, &seriesPage{page: adminPage(c, "events")}, err, "/admin/events/"+id+"/series?done=certificates")
}
