package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/store"
)

// companiesPage lists the companies that have something in one's programmes.
type companiesPage struct {
	page
	Waiting []company.Company // somebody waits to be confirmed for one of these, the longest first
	More    int               // of those, beyond what is shown
	Text    string            // looked for
	Rows    []companyRow
	Paging  paging
}

// companyRow is one company, ready to print.
type companyRow struct {
	company.Company
	company.Counts
	Shown string // the number, masked for a sole trader
}

const (
	companiesPath    = "/admin/companies"
	companiesShown   = 50
	longestSearch    = 200
	companiesWaiting = 10
)

func (s *Server) companies(c *gin.Context) error {
	ctx := c.Request.Context()
	p := &companiesPage{page: adminPage(c, "companies"), Text: strings.TrimSpace(c.Query("q"))}
	if r := []rune(p.Text); len(r) > longestSearch {
		p.Text = string(r[:longestSearch])
	}
	query := url.Values{}
	if p.Text != "" {
		query.Set("q", p.Text)
	}
	// The whole list is never shown on one page: nobody prints ten thousand.
	if n := c.Query("page"); n != "" && n != everything {
		query.Set("page", n)
	}
	err := s.DB.Read(ctx, func(tx *store.Tx) error { return p.read(ctx, tx, mayOrganise(c), query, s.language(c)) })
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "companies", p)
}

func (p *companiesPage) read(ctx context.Context, tx *store.Tx, own company.Within, query url.Values, lang locale.Language) error {
	found, err := company.Search(ctx, tx, own, p.Text, lang)
	if err != nil {
		return err
	}
	if p.Waiting, err = company.Waited(ctx, tx, own); err != nil {
		return err
	}
	if n := len(p.Waiting); n > companiesWaiting {
		p.Waiting, p.More = p.Waiting[:companiesWaiting], n-waitingShown
	}
	p.Paging = newPaging(companiesPath, query, len(found), companiesShown)
	found = found[p.Paging.From:p.Paging.To]
	ids := make([]string, len(found))
	for i, co := range found {
		ids[i] = co.ID
	}
	counts, err := company.CountsOf(ctx, tx, own, ids)
	for _, co := range found {
		p.Rows = append(p.Rows, companyRow{co, counts[co.ID], company.Display(co)})
	}
	return err
}
