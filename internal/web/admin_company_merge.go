package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// mergeForm says into which company another is merged, and why.
type mergeForm struct {
	Country, OrgNumber, Reason string
}

// mergePage shows what moves before anything does.
type mergePage struct {
	page
	From, Into companyRow
	Form       mergeForm
}

// errElsewhere refuses to change what belongs to other programmes too.
var errElsewhere = &problem.Problem{Kind: problem.Conflict, Code: "company_elsewhere"}

// mergeCompany merges this company into another one, in two steps: the first
// shows what moves, the second, with "confirmed", moves it. Both are posted, so
// that no number stands in an address.
func (s *Server) mergeCompany(c *gin.Context) error {
	ctx := c.Request.Context()
	form := mergeForm{Country: c.PostForm("country"), OrgNumber: c.PostForm("org_number")}
	p := &mergePage{page: adminPage(c, "companies"), Form: form}
	var f problem.Fields
	if p.Form.Reason = typedText(c, "reason", &f); p.Form.Reason == "" {
		f.Add("reason", "required")
	}
	check := func(tx *store.Tx) error { return p.check(ctx, tx, s, c, f) }
	if c.PostForm("confirmed") == "" {
		if err := s.DB.Read(ctx, check); err != nil {
			return s.refuseMerge(c, p.Form, err)
		}
		p.Self = companiesPath + "/" + p.From.ID
		return s.render(c, http.StatusOK, "company_merge", p)
	}
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		if err := check(tx); err != nil {
			return err
		}
		return advisory.MergeCompanies(ctx, tx, p.From.ID, p.Into.ID, p.Form.Reason, actor(c))
	})
	if err != nil {
		return s.refuseMerge(c, p.Form, err)
	}
	return seeOther(c, companiesPath+"/"+p.Into.ID+"?done=company_merged")
}

// check finds both companies. Whoever organises some programmes only may merge
// what is wholly theirs; a company that is unknown and one of other programmes
// are refused in the same words.
func (p *mergePage) check(ctx context.Context, tx *store.Tx, s *Server, c *gin.Context, f problem.Fields) error {
	from, err := s.ownCompany(ctx, tx, c, c.Param("id"))
	if err != nil {
		return err
	}
	number, err := company.ParseNumber(p.Form.Country, p.Form.OrgNumber, s.TestNumbers)
	switch {
	case errors.Is(err, company.ErrPersonalNumber):
		f.Add("org_number", "personal_number")
	case err != nil:
		f.Add("org_number", "company_unknown")
	}
	if err := f.Err(); err != nil {
		return err
	}
	into, err := company.FindByNumber(ctx, tx, p.Form.Country, number)
	if err != nil && !errors.Is(err, problem.ErrMissing) {
		return err
	}
	own := company.Within(mayOrganise(c))
	counts, err := company.CountsOf(ctx, tx, own, []string{from.ID, into.ID})
	if err != nil {
		return err
	}
	_, known := counts[into.ID]
	switch {
	case into.ID == from.ID:
		f.Add("org_number", "company_same")
	case !known:
		f.Add("org_number", "company_unknown")
	}
	if err := f.Err(); err != nil {
		return err
	}
	for _, id := range []string{from.ID, into.ID} {
		elsewhere, err := company.Elsewhere(ctx, tx, own, id)
		if err != nil {
			return err
		}
		advised, err := advisory.CompanyElsewhere(ctx, tx, advisory.Within(own), id)
		if err != nil {
			return err
		}
		if elsewhere || advised {
			return errElsewhere
		}
	}
	p.From = companyRow{from, counts[from.ID], company.Display(from)}
	p.Into = companyRow{into, counts[into.ID], company.Display(into)}
	return nil
}

// refuseMerge shows the company's page again with what was typed; what looks
// like a personal number is not given back.
func (s *Server) refuseMerge(c *gin.Context, form mergeForm, err error) error {
	refusal, ok := refused(err)
	if !ok {
		return err
	}
	p, err := s.readCompany(c)
	if err != nil {
		return err
	}
	for _, f := range refusal.Fields {
		if f.Code == "personal_number" {
			form.OrgNumber = ""
		}
	}
	p.Problem, p.Merge = refusal, form
	return s.showCompany(c, status(refusal), p)
}
