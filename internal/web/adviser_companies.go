package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/store"
)

// adviserCompaniesPage lists the companies that an adviser has or had meetings with.
type adviserCompaniesPage struct {
	page
	Companies []firmView
	Projects  []firmView
	Paging    paging
	Query     string
	None      bool // there are none at all
}

// firmView is one company in the list.
type firmView struct {
	advisory.Firm
	Hours      string // used with this adviser
	Next, Last time.Time
}

// adviserCompanyPage is one company as its adviser knows it.
type adviserCompanyPage struct {
	page
	firmView
	Number   string
	Accounts []adviserAccount
	History  []historyView
	Cut      bool
}

// adviserAccount is a company's account in one programme.
type adviserAccount struct {
	Programme, ProgrammeLang string
	Year                     int
	Bar                      hoursBar
}

// historyView is one meeting with the company; the need and the own note only where
// it is the adviser's own.
type historyView struct {
	meetingView
	Adviser string // a colleague's name; empty: the adviser's own
	Private string
	Used    string
}

// How much one page shows.
const (
	firmsShown = 50
	pastShown  = 100
)

func (m *meetings) firm(f advisory.Firm) firmView {
	v := firmView{Firm: f, Hours: m.length(f.Minutes)}
	for _, t := range []struct{ from, to *time.Time }{{&f.Next, &v.Next}, {&f.Last, &v.Last}} {
		if !t.from.IsZero() {
			*t.to = t.from.In(m.me.Location())
		}
	}
	return v
}

func (s *Server) adviserCompanies(c *gin.Context) error {
	ctx, m := c.Request.Context(), s.meetingsOf(c)
	p := &adviserCompaniesPage{page: adviserPage(c, "companies"), Query: strings.TrimSpace(c.Query("q"))}
	var firms []advisory.Firm
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if firms, err = m.me.Firms(ctx, tx); err != nil {
			return err
		}
		projects, err := m.me.Projects(ctx, tx)
		for _, f := range projects {
			p.Projects = append(p.Projects, m.firm(f))
		}
		return err
	})
	if err != nil {
		return err
	}
	p.None = len(firms)+len(p.Projects) == 0
	firms = slices.DeleteFunc(firms, func(f advisory.Firm) bool { return !strings.Contains(locale.Fold(f.Name), locale.Fold(p.Query)) })
	byName := locale.Sorter(m.lang)
	slices.SortStableFunc(firms, func(a, b advisory.Firm) int { return byName(a.Name, b.Name) })
	p.Paging = newPaging(adviserPath+"/companies", c.Request.URL.Query(), len(firms), firmsShown)
	for _, f := range firms[p.Paging.From:p.Paging.To] {
		p.Companies = append(p.Companies, m.firm(f))
	}
	return s.render(c, http.StatusOK, "adviser_companies", p)
}

func (s *Server) adviserCompany(c *gin.Context) error {
	ctx, m := c.Request.Context(), s.meetingsOf(c)
	p := &adviserCompanyPage{page: adviserPage(c, "companies")}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		f, err := m.me.Firm(ctx, tx, c.Param("id"))
		if err != nil {
			return err
		}
		p.firmView = m.firm(f)
		co, err := company.Find(ctx, tx, f.CompanyID)
		if err != nil {
			return err
		}
		p.Number = company.Display(co)
		programmes, err := m.me.Programmes(ctx, tx)
		if err != nil {
			return err
		}
		accounts, err := advisory.AccountsOfCompany(ctx, tx, f.CompanyID)
		if err != nil {
			return err
		}
		for _, a := range accounts { // of programmes that are not the adviser's nothing is told
			n := slices.IndexFunc(programmes, func(p advisory.Programme) bool { return p.ID == a.AdvisoryProgrammeID })
			if n < 0 {
				continue
			}
			text, lang := programmes[n].Text(string(m.lang))
			p.Accounts = append(p.Accounts, adviserAccount{text.Name, lang, a.Year, barOf(a)})
		}
		past, err := m.me.HistoryWith(ctx, tx, f.CompanyID, pastShown+1)
		if err != nil {
			return err
		}
		if p.Cut = len(past) > pastShown; p.Cut {
			past = past[:pastShown]
		}
		for _, b := range past {
			v := historyView{}
			if v.meetingView, err = m.view(ctx, tx, b.Booking); err != nil {
				return err
			}
			if b.ChargedMinutes != nil {
				v.Used = m.length(*b.ChargedMinutes)
			}
			if b.AdviserID == m.me.ID {
				if v.Private, err = advisory.PrivateNote(ctx, tx, b.ID); err != nil {
					return err
				}
			} else {
				v.Adviser, v.Need, v.Answers = b.Adviser, "", nil
			}
			p.History = append(p.History, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "adviser_company", p)
}
