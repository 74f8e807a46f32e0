package web

import (
	"context"
	"errors"
	"slices"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/user"
)

// adviserPath is where an adviser's own pages are.
const adviserPath = "/adviser"

// adviserRoutes are the pages of those who give advice.
func (s *Server) adviserRoutes() []route {
	get := func(path string, h handler) route { return route{"GET", adviserPath + path, advise, h} }
	post := func(path string, h handler) route { return route{"POST", adviserPath + path, advise, h} }
	return []route{
		get("", s.adviserToday),
		get("/week", s.adviserWeek),
		get("/availability", s.availability),
		post("/availability/week", s.saveWeek),
		post("/availability/exceptions", s.addException),
		post("/availability/exceptions/remove", s.removeException),
		post("/availability/work", s.saveWork),
		post("/availability/travel", s.saveTravels),
		get("/bookings/:id", s.adviserBooking),
		post("/bookings/:id/time", s.enterTime),
		post("/bookings/:id/missed", s.missMeeting),
		post("/bookings/:id/cancel", s.cancelMeeting),
		post("/bookings/:id/confirm", s.confirmMeeting),
		post("/bookings/:id/decline", s.declineMeeting),
		post("/bookings/:id/notes", s.correctNotes),
		get("/bookings/:id/move", s.moveTimes),
		post("/bookings/:id/move", s.moveMeeting),
		get("/bookings/:id/propose", s.proposeTimes),
		post("/bookings/:id/propose", s.propose),
		post("/bookings/:id/withdraw", s.withdrawTime),
		get("/log", s.logForm),
		post("/log", s.logOwnCall),
		get("/companies", s.adviserCompanies),
		get("/companies/:id", s.adviserCompany),
	}
}

func adviserPages() map[string]pager {
	return map[string]pager{
		"adviser_today": &adviserTodayPage{}, "adviser_week": &adviserWeekPage{}, "adviser_booking": &adviserBookingPage{},
		"adviser_availability": &availabilityPage{}, "adviser_times": &adviserTimesPage{}, "adviser_companies": &adviserCompaniesPage{}, "adviser_company": &adviserCompanyPage{}, "adviser_log": &adviserLogPage{},
	}
}

// adviserKey holds the adviser who has come to their own pages, quickKey whether
// one of the adviser's programmes logs calls.
const (
	adviserKey = "adviser"
	quickKey   = "quick log"
)

// advises reports whether the user gives advice in some programme.
func advises(u user.User) bool {
	ids, all := u.Programmes(user.Adviser)
	return all || len(ids) > 0
}

// admitAdviser lets in who has signed in, has the role and is kept as an adviser.
func (s *Server) admitAdviser(c *gin.Context) error {
	u, _ := signedIn(c)
	if !advises(u) {
		return errNoPagesYet
	}
	ctx := c.Request.Context()
	return s.DB.Read(ctx, func(tx *store.Tx) error {
		a, err := advisory.AdviserOfUser(ctx, tx, u.ID)
		if errors.Is(err, problem.ErrMissing) {
			return errNoPagesYet
		}
		if err != nil {
			return err
		}
		programmes, err := a.Programmes(ctx, tx)
		c.Set(adviserKey, a)
		c.Set(quickKey, slices.ContainsFunc(programmes, func(p advisory.Programme) bool { return p.QuickLog }))
		return err
	})
}

// asAdviser is the adviser whose pages these are.
func asAdviser(c *gin.Context) advisory.Adviser {
	v, _ := c.Get(adviserKey)
	a, _ := v.(advisory.Adviser)
	return a
}

// adviserPage is the common part of an adviser's page under one word of the menu.
// Such a page is in the adviser's own language when the browser asks for none.
func adviserPage(c *gin.Context, chosen string) page {
	if u, ok := signedIn(c); ok {
		c.Set(fallbackKey, u.Language)
	}
	return page{Advise: chosen, QuickLog: c.GetBool(quickKey), NoIndex: true}
}

// ownBooking finds a booking of the adviser's, or one that waits for the adviser,
// else problem.ErrMissing: in the same words as for what does not exist.
func (s *Server) ownBooking(ctx context.Context, tx *store.Tx, c *gin.Context) (advisory.Booking, error) {
	b, err := asAdviser(c).Booking(ctx, tx, c.Param("id"))
	if errors.Is(err, problem.ErrMissing) {
		s.Log.Warn("refused to another adviser", "kind", "booking", "object", c.Param("id"), "user", c.GetString(userKey))
	}
	return b, err
}

// adviserWords are refusals that are told to an adviser in other words than to a
// company.
var adviserWords = map[string]string{
	"slot_taken": "adviser_slot_taken", "booking_not_now": "adviser_not_now", "booking_too_early": "adviser_too_early", "other_side": "adviser_other_side",
	"cap_exceeded": "adviser_cap_exceeded", "pool_exhausted": "adviser_pool_exhausted", "aid_missing": "adviser_aid_missing",
}

// toAdviser is the refusal in the words that an adviser reads.
func toAdviser(p *problem.Problem) *problem.Problem {
	if code, known := adviserWords[p.Code]; known {
		told := *p
		told.Code = code
		return &told
	}
	return p
}

// meetings reads what stands beside bookings on an adviser's pages; what it has
// found once it keeps.
type meetings struct {
	me         advisory.Adviser
	lang       locale.Language
	s          *Server
	programmes map[string]advisory.Programme
	names      map[string]string
}

func (s *Server) meetingsOf(c *gin.Context) *meetings {
	return &meetings{me: asAdviser(c), lang: s.language(c), s: s, programmes: map[string]advisory.Programme{}, names: map[string]string{}}
}

func (m *meetings) programme(ctx context.Context, tx *store.Tx, id string) (p advisory.Programme, err error) {
	p, known := m.programmes[id]
	if !known {
		p, err = advisory.ProgrammeByID(ctx, tx, id)
		m.programmes[id] = p
	}
	return p, err
}

// holder is the name of the company, the project or the person whose meeting it is.
func (m *meetings) holder(ctx context.Context, tx *store.Tx, b advisory.Booking) (name string, err error) {
	key := b.CompanyID + "/" + b.ApplicationID + "/" + b.PersonID
	if name, known := m.names[key]; known {
		return name, nil
	}
	switch {
	case b.ApplicationID != "":
		name, err = advisory.ProjectName(ctx, tx, b.ApplicationID)
	case b.CompanyID != "":
		var co company.Company
		co, err = company.Find(ctx, tx, b.CompanyID)
		name = co.Name
	case b.PersonID != "":
		var p person.Person
		p, err = person.Find(ctx, tx, b.PersonID)
		name = p.Name()
	}
	if err == nil && name == "" {
		return advisory.WhoCalled(ctx, tx, b.ID)
	}
	m.names[key] = name
	return name, err
}
