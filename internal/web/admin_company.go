package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// companyPage tells who comes for a company and to what.
type companyPage struct {
	page
	company.Company
	company.Counts
	Shown         string // the number; masked unless it was asked for
	Masked        bool
	Kept          string   // the code of why the mark of a sole trader stays, if it does
	Former        []string // numbers that were merged into this one
	People        []company.Contact
	Registrations []companyRegistration
	Cut           bool // there are more
	Merge         mergeForm
	Countries     []option
}

// companyRegistration is one person at one event, ready to print.
type companyRegistration struct {
	registration.Registration
	Event event.Event
	Start time.Time // on the event's clock
	Color string
}

// registrationsShown bounds the list of a company that comes to everything.
const registrationsShown = 200

// ownCompany finds a company that has something in one's programmes, or
// problem.ErrMissing.
func (s *Server) ownCompany(ctx context.Context, tx *store.Tx, c *gin.Context, id string) (company.Company, error) {
	co, err := company.Find(ctx, tx, id)
	if err != nil {
		return company.Company{}, err
	}
	counts, err := company.CountsOf(ctx, tx, mayOrganise(c), []string{co.ID})
	if err != nil {
		return company.Company{}, err
	}
	if _, known := counts[co.ID]; !known {
		return company.Company{}, s.foreign(c, "company", id)
	}
	return co, nil
}

// company shows the page; the address of one that has been merged leads on.
func (s *Server) company(c *gin.Context) error {
	p, err := s.readCompany(c)
	if err != nil {
		return err
	}
	if p.ID != c.Param("id") {
		return seeOther(c, companiesPath+"/"+p.ID)
	}
	if err := s.noteOnce(c, audit.Entry{Actor: actor(c), Action: "company.read", ObjectKind: "company", ObjectID: p.ID}); err != nil {
		return err
	}
	return s.showCompany(c, http.StatusOK, p)
}

func (s *Server) readCompany(c *gin.Context) (*companyPage, error) {
	ctx, own := c.Request.Context(), company.Within(mayOrganise(c))
	p := &companyPage{page: adminPage(c, "companies")}
	err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if p.Company, err = s.ownCompany(ctx, tx, c, c.Param("id")); err != nil {
			return err
		}
		counts, err := company.CountsOf(ctx, tx, own, []string{p.ID})
		if err != nil {
			return err
		}
		p.Counts = counts[p.ID]
		former, err := company.Former(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		for _, co := range former {
			p.Former = append(p.Former, company.Display(co))
		}
		if err := company.MayUnmark(ctx, tx, own, p.ID); err != nil {
			why, refused := problem.As(err)
			if !refused {
				return err
			}
			p.Kept = why.Code
		}
		if p.People, err = company.Contacts(ctx, tx, own, p.ID, s.language(c)); err != nil {
			return err
		}
		return p.readRegistrations(ctx, tx, own)
	})
	p.Self = companiesPath + "/" + p.ID
	p.Shown, p.Masked = company.Display(p.Company), p.SoleTrader
	p.Merge.Country = p.Country
	return p, err
}

func (p *companyPage) readRegistrations(ctx context.Context, tx *store.Tx, own company.Within) error {
	list, err := registration.ByCompany(ctx, tx, p.ID, own, registrationsShown+1)
	if err != nil {
		return err
	}
	if len(list) > registrationsShown {
		list, p.Cut = list[:registrationsShown], true
	}
	events := map[string]event.Event{}
	for _, r := range list {
		ev, known := events[r.EventID]
		if !known {
			if ev, err = event.Find(ctx, tx, r.EventID); err != nil {
				return err
			}
			events[r.EventID] = ev
		}
		p.Registrations = append(p.Registrations, companyRegistration{r, ev, ev.StartsAt.In(ev.Location()), registrationColor(r.Status)})
	}
	return nil
}

func (s *Server) showCompany(c *gin.Context, code int, p *companyPage) (err error) {
	if p.Countries, err = s.optionsOf(s.language(c), "country.", []string{"SE", "NO"}, []string{p.Merge.Country}); err != nil {
		return err
	}
	return s.render(c, code, "company", p)
}

// companyNumber shows a sole trader's number, and notes who has seen it. It
// answers a form and stands in no address.
func (s *Server) companyNumber(c *gin.Context) error {
	p, err := s.readCompany(c)
	if err != nil {
		return err
	}
	ctx := c.Request.Context()
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		return audit.Add(ctx, tx, audit.Entry{Actor: actor(c), Action: "company.number_shown", ObjectKind: "company", ObjectID: p.ID})
	})
	if err != nil {
		return err
	}
	p.Shown, p.Masked = company.Format(p.Country, p.Number), false
	return s.showCompany(c, http.StatusOK, p)
}

// onCompany runs one step on a company of one's own and leads back to its page.
func (s *Server) onCompany(c *gin.Context, done string, step func(context.Context, *store.Tx, company.Company) error) error {
	ctx := c.Request.Context()
	var co company.Company
	err := s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if co, err = s.ownCompany(ctx, tx, c, c.Param("id")); err != nil {
			return err
		}
		return step(ctx, tx, co)
	})
	if err != nil {
		return err
	}
	return seeOther(c, companiesPath+"/"+co.ID+"?done="+done)
}

func (s *Server) markSoleTrader(c *gin.Context) error {
	return s.onCompany(c, "company_saved", func(ctx context.Context, tx *store.Tx, co company.Company) error {
		if c.PostForm("sole_trader") == "yes" {
			return company.MarkSoleTrader(ctx, tx, co.ID, actor(c))
		}
		return company.UnmarkSoleTrader(ctx, tx, company.Within(mayOrganise(c)), co.ID, actor(c))
	})
}

// confirmContact confirms that a person belongs to the company, or that they do not.
func (s *Server) confirmContact(c *gin.Context) error {
	answer, done := company.Confirm, "company_confirmed"
	if c.PostForm("answer") == "no" {
		answer, done = company.Refuse, "company_refused"
	}
	return s.onCompany(c, done, func(ctx context.Context, tx *store.Tx, co company.Company) error {
		if c.PostForm("person") == "" {
			return errMark
		}
		people, err := company.Contacts(ctx, tx, mayOrganise(c), co.ID, s.language(c))
		if err != nil {
			return err
		}
		for _, p := range people {
			if p.PersonID == c.PostForm("person") {
				return answer(ctx, tx, p.PersonID, co.ID, actor(c))
			}
		}
		return problem.ErrMissing
	})
}
