package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/application"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// schemePage is the form for a pot's terms.
type schemePage struct {
	page
	caseCard
	Balance application.Balance
	New     bool
	Typed   url.Values
	Start   url.Values // what stands in the fields to begin with
}

func (s *Server) schemeForm(c *gin.Context) error { return s.showScheme(c, http.StatusOK, nil) }

func (s *Server) showScheme(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	p := &schemePage{page: adminPage(c, "advice"), Typed: c.Request.PostForm}
	lang := s.language(c)
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		pots, err := ownPots(ctx, tx, c)
		if err != nil {
			return err
		}
		for _, a := range pots {
			if a.ID != c.Param("id") {
				continue
			}
			text, in := a.Text(string(lang))
			err := p.readScheme(ctx, tx, a, lang)
			if errors.Is(err, problem.ErrMissing) {
				p.New, p.Scheme, p.Name, p.NameIn, err = true, application.StandardScheme(a.ID, ""), text.Name, in, nil
				if p.Programme, err = programme.Find(ctx, tx, a.ProgrammeID); err != nil {
					return err
				}
				p.Scheme.Currency = p.Programme.Currency()
			}
			if err != nil {
				return err
			}
			p.Balance, err = application.BalanceOf(ctx, tx, a.ID)
			return err
		}
		return s.foreign(c, "scheme", c.Param("id"))
	})
	if err != nil {
		return err
	}
	p.Problem, p.Self = refusal, schemesPath+"/"+p.Advisory.ID
	p.Start = url.Values{
		"hours": {strconv.FormatFloat(float64(p.Scheme.Minutes)/60, 'f', -1, 64)}, "part": {strconv.Itoa(p.Scheme.PartPercent)},
		"opens_on": {p.Scheme.OpensOn}, "closes_on": {p.Scheme.ClosesOn}, "appeal": {p.Scheme.Appeal},
	}
	if !p.New {
		p.Start.Set("pot", locale.Number(lang, p.Scheme.PotMinor/100))
		p.Start.Set("most", locale.Number(lang, p.Scheme.MostMinor/100))
	}
	if len(p.Typed) > 0 {
		p.Start = p.Typed
	}
	return s.render(c, code, "scheme", p)
}

func (s *Server) setScheme(c *gin.Context) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		pots, err := ownPots(ctx, tx, c)
		if err != nil {
			return err
		}
		for _, a := range pots {
			if a.ID != c.Param("id") {
				continue
			}
			p, err := programme.Find(ctx, tx, a.ProgrammeID)
			if err != nil {
				return err
			}
			hours, ok := application.ParseAmount(c.PostForm("hours"))
			if !ok || hours*60%100 != 0 {
				hours = -100
			}
			part, err := strconv.Atoi(strings.TrimSpace(c.PostForm("part")))
			if err != nil {
				part = -1
			}
			return application.SetScheme(ctx, tx, application.Scheme{
				AdvisoryProgrammeID: a.ID, PotMinor: amountOf(c, "pot"), MostMinor: amountOf(c, "most"), Currency: p.Currency(), Minutes: int(hours * 60 / 100), PartPercent: part,
				OpensOn: strings.TrimSpace(c.PostForm("opens_on")), ClosesOn: strings.TrimSpace(c.PostForm("closes_on")), Appeal: strings.TrimSpace(c.PostForm("appeal")),
			}, actor(c))
		}
		return s.foreign(c, "scheme", c.Param("id"))
	})
	if refusal, ok := refused(err); ok {
		return s.showScheme(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, applicationsPath+"?done=saved")
}
