package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/company"
	"stafett/internal/limit"
	"stafett/internal/register"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// companyRoutes are the pages about companies.
func (s *Server) companyRoutes() []route {
	get := func(path string, a access, h handler) route { return route{http.MethodGet, path, a, h} }
	post := func(path string, a access, h handler) route { return route{http.MethodPost, path, a, h} }
	return []route{
		get("/companies/lookup", anyone, s.lookUpCompany),
		get("/admin/companies", organise, s.companies),
		get("/admin/companies/:id", organise, s.company),
		post("/admin/companies/:id/number", organise, s.companyNumber),
		post("/admin/companies/:id/sole-trader", organise, s.markSoleTrader),
		post("/admin/companies/:id/confirm", organise, s.confirmContact),
		post("/admin/companies/:id/merge", organise, s.mergeCompany),
	}
}

// fromRegister fills in what the public register knows about a Norwegian
// company before somebody signs up for it: the name that was left empty, and the
// company's own number instead of a sub-unit's. What was typed stands in every
// other case, also when the register does not answer. It must not be called
// inside a transaction.
func (s *Server) fromRegister(ctx context.Context, o *registration.Organisation) *register.Entry {
	if o.Kind != registration.OfCompany || o.Country != "NO" {
		return nil
	}
	number, err := company.ParseNumber(o.Country, o.Number, s.TestNumbers)
	if err != nil {
		return nil
	}
	found, ok := s.Companies.Ask(ctx, o.Country, number)
	if !ok {
		return nil
	}
	// The parent of a sub-unit is checked as any number that somebody types.
	if _, err := company.ParseNumber(o.Country, found.Company.Number, s.TestNumbers); err != nil {
		return nil
	}
	o.Number = found.Company.Number
	if strings.TrimSpace(o.Name) == "" {
		o.Name = found.Name
	}
	return &found.Company
}

// noteEntry writes what the register said to the company that has just been
// signed up for.
func noteEntry(ctx context.Context, tx *store.Tx, e *register.Entry) error {
	if e == nil {
		return nil
	}
	return company.Registered(ctx, tx, e.Country, e.Number, e.Name, e.SoleTrader())
}

// lookUpCompany answers a script with the name that the public register has for
// a number, or with an empty one: for a number that is unknown, that cannot be
// looked up, or that is none. Nothing of ours is ever told. A caller may ask ten
// times an hour.
func (s *Server) lookUpCompany(c *gin.Context) error {
	answer := func(name string) error {
		c.JSON(http.StatusOK, gin.H{"name": name})
		return nil
	}
	country := c.Query("country")
	number, err := company.ParseNumber(country, c.Query("number"), s.TestNumbers)
	if err != nil || country != "NO" || s.Companies == nil {
		return answer("")
	}
	if ok, wait := s.limits.company.Allow(limit.Caller(c.ClientIP())); !ok {
		return s.tooOften(c, wait)
	}
	ctx, least := c.Request.Context(), time.NewTimer(s.limits.lookUpTakes)
	defer least.Stop()
	found, _ := s.Companies.Ask(ctx, country, number)
	select {
	case <-least.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	return answer(found.Name)
}
