package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/company"
	"stafett/internal/limit"
	"stafett/internal/register"
	"stafett/internal/registration"
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

// ofRegister fills in what the public register knows about the company for which
// somebody is to be signed up.
func (s *Server) ofRegister(ctx context.Context, o *registration.Organisation) *register.Entry {
	if o.Kind != registration.OfCompany {
		return nil
	}
	return s.Companies.FillIn(ctx, o.Country, &o.Number, &o.Name, s.TestNumbers)
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
