package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

const adviceDeskPath = "/admin/advice"

// adviceDeskRoutes are the organisers' pages about advice.
func (s *Server) adviceDeskRoutes() []route {
	get := func(path string, h handler) route { return route{http.MethodGet, adviceDeskPath + path, organise, h} }
	post := func(path string, h handler) route { return route{http.MethodPost, adviceDeskPath + path, organise, h} }
	return []route{
		get("", s.adviceDesk),
		get("/programmes/new", s.newDeskProgramme),
		post("/programmes/new", s.createDeskProgramme),
		get("/crisis", s.crisisForm),
		post("/crisis", s.openCrisis),
		get("/programmes/:id", s.deskProgramme),
		get("/programmes/:id/edit", s.editAdvice),
		post("/programmes/:id/edit", s.updateAdvice),
		post("/programmes/:id/status", s.adviceStatus),
		post("/programmes/:id/copy", s.copyAdvice),
		get("/programmes/:id/invoice", s.invoiceBasis),
		get("/programmes/:id/invoice.csv", s.invoiceCSV),
		get("/programmes/:id/book", s.deskBookForm),
		post("/programmes/:id/book", s.deskBook),
		get("/programmes/:id/calls", s.calls),
		post("/programmes/:id/calls", s.logCall),
		get("/hours", s.deskHours),
		get("/hours.csv", s.hoursCSV),
		get("/hours.xlsx", s.hoursXLSX),
		get("/accounts/:id", s.deskAccount),
		post("/accounts/:id/adjust", s.adjustAccount),
		post("/accounts/:id/invoice", s.setInvoiceTo),
		get("/adjustments", s.deskAdjustments),
		post("/adjustments/:id", s.decideAdjustment),
		get("/bookings", s.deskBookings),
		get("/bookings/:id", s.deskBooking),
		post("/bookings/:id/confirm", s.deskConfirm),
		post("/bookings/:id/decline", s.deskDecline),
		post("/bookings/:id/move", s.deskMove),
		post("/bookings/:id/cancel", s.deskCancel),
		post("/bookings/:id/correct", s.deskCorrect),
		get("/advisers", s.deskAdvisers),
		post("/advisers", s.addAdviser),
		get("/advisers/:id", s.deskAdviser),
		post("/advisers/:id/gives", s.setAdviserGives),
		post("/advisers/:id/stop", s.stopAdviser),
		post("/advisers/:id/link", s.adviserLink),
		post("/advisers/:id/day", s.cancelAdviserDay),
	}
}

// adviceDeskPages are the pages of adviceDeskRoutes.
func adviceDeskPages() map[string]pager {
	return map[string]pager{
		"desk_advice": &adviceDeskPage{}, "desk_programme": &deskProgrammePage{}, "desk_settings": &adviceSettingsPage{}, "desk_crisis": &crisisPage{},
		"desk_hours": &deskHoursPage{}, "desk_account": &deskAccountPage{}, "desk_adjustments": &deskAdjustmentsPage{}, "desk_invoice": &invoicePage{},
		"desk_bookings": &deskBookingsPage{}, "desk_booking": &deskBookingPage{}, "desk_book": &deskBookPage{}, "desk_calls": &callsPage{},
		"desk_advisers": &deskAdvisersPage{}, "desk_adviser": &deskAdviserPage{},
	}
}

// adviceDeskBase is what all pages about advice have: the chosen part of the menu of
// their own.
type adviceDeskBase struct {
	page
	Part  string // programmes, bookings, hours, advisers, applications, aid
	Calls bool   // one of one's programmes has a helpline
}

func adviceDeskOf(c *gin.Context, part string) adviceDeskBase {
	return adviceDeskBase{page: adminPage(c, "advice"), Part: part}
}

// adviceDeskPage lists the programmes of advice and what waits for somebody.
type adviceDeskPage struct {
	adviceDeskBase
	Rows []deskAdvice
	Work adviceWork
}

// deskAdvice is one programme of advice, ready to print.
type deskAdvice struct {
	advisory.Programme
	advisory.Counts
	Title, TitleLanguage string
	Of                   string // the programme's name; empty when there is only one
	Color                string
	Left                 int // of the pool, in minutes
	Taken                int
}

func newDeskAdvice(p advisory.Programme, n advisory.Counts, lang locale.Language) deskAdvice {
	r := deskAdvice{Programme: p, Counts: n, Taken: n.Used + n.Reserved, Color: adviceColor(p.Status)}
	t, language := p.Text(string(lang))
	r.Title, r.TitleLanguage = t.Name, language
	if p.PoolMinutes != nil {
		r.Left = max(0, *p.PoolMinutes-r.Taken)
	}
	return r
}

func adviceColor(status advisory.ProgrammeStatus) string {
	return map[advisory.ProgrammeStatus]string{advisory.Draft: "neutral", advisory.Open: "success", advisory.Closed: "info"}[status]
}

func (s *Server) adviceDesk(c *gin.Context) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &adviceDeskPage{adviceDeskBase: adviceDeskOf(c, "programmes")}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		own, err := ownProgrammes(ctx, tx, c)
		if err != nil {
			return err
		}
		rows, err := s.deskAdvices(ctx, tx, c, own, lang)
		if p.Rows = rows; err != nil {
			return err
		}
		p.Work, err = adviceWorkOf(ctx, tx, c)
		return err
	})
	if err != nil {
		return err
	}
	for _, r := range p.Rows {
		p.Calls = p.Calls || r.QuickLog
	}
	return s.render(c, http.StatusOK, "desk_advice", p)
}

// deskAdvices lists one's programmes of advice: open ones, drafts, closed ones.
func (s *Server) deskAdvices(ctx context.Context, tx *store.Tx, c *gin.Context, own []programme.Programme, lang locale.Language) ([]deskAdvice, error) {
	within := advisory.Within(mayOrganise(c))
	found, err := advisory.ProgrammesWithin(ctx, tx, within)
	if err != nil {
		return nil, err
	}
	counts, err := advisory.CountsWithin(ctx, tx, within)
	if err != nil {
		return nil, err
	}
	var rows []deskAdvice
	for _, p := range found {
		r := newDeskAdvice(p, counts[p.ID], lang)
		for _, o := range own {
			if o.ID == p.ProgrammeID && len(own) > 1 {
				r.Of = o.Name
			}
		}
		rows = append(rows, r)
	}
	order := []advisory.ProgrammeStatus{advisory.Open, advisory.Draft, advisory.Closed}
	compare := locale.Sorter(lang)
	slices.SortStableFunc(rows, func(a, b deskAdvice) int {
		return cmp.Or(cmp.Compare(slices.Index(order, a.Status), slices.Index(order, b.Status)), compare(a.Title, b.Title))
	})
	return rows, nil
}

// ownAdvice finds a programme of advice of one's own, or problem.ErrMissing.
func (s *Server) ownAdvice(ctx context.Context, tx *store.Tx, c *gin.Context, id string) (advisory.Programme, error) {
	p, err := advisory.ProgrammeByID(ctx, tx, id)
	if err != nil {
		return advisory.Programme{}, err
	}
	if !organises(c, p.ProgrammeID) {
		return advisory.Programme{}, s.foreign(c, "advisory_programme", id)
	}
	return p, nil
}

// onAdvice runs one step on a programme of advice of one's own and leads back to its
// page, which also tells what refuses it.
func (s *Server) onAdvice(c *gin.Context, done string, step func(context.Context, *store.Tx, advisory.Programme) error) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := s.ownAdvice(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		return step(ctx, tx, p)
	})
	if refusal, ok := refused(err); ok {
		return s.showDeskProgramme(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/programmes/"+c.Param("id")+"?done="+done)
}

// deskProgrammePage is one programme of advice: what it says, where it stands.
type deskProgrammePage struct {
	adviceDeskBase
	Advice   deskAdvice
	Of       programme.Programme
	Advisers []advisory.Adviser
	Texts    []string // names of the languages it is written in
	Missing  []string // and of those it is not
	Text     advisory.Text
	Burn     burnChart
}

func (s *Server) deskProgramme(c *gin.Context) error {
	return s.showDeskProgramme(c, http.StatusOK, nil)
}

func (s *Server) showDeskProgramme(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &deskProgrammePage{adviceDeskBase: adviceDeskOf(c, "programmes")}
	p.Problem, p.Self = refusal, adviceDeskPath+"/programmes/"+c.Param("id")
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		a, err := s.ownAdvice(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		counts, err := advisory.CountsWithin(ctx, tx, advisory.Within{a.ProgrammeID})
		if err != nil {
			return err
		}
		p.Advice = newDeskAdvice(a, counts[a.ID], lang)
		p.Text, _ = a.Text(string(lang))
		if p.Advisers, err = advisory.AdvisersOf(ctx, tx, a.ID); err != nil {
			return err
		}
		b, err := advisory.BurnOf(ctx, tx, a)
		if err != nil {
			return err
		}
		p.Burn = burnOf(b, a.ClosesOn, tx.Now)
		p.Of, err = programme.Find(ctx, tx, a.ProgrammeID)
		return err
	})
	if err != nil {
		return err
	}
	p.Calls = p.Advice.QuickLog
	for _, l := range locale.All() {
		if p.Advice.Texts[string(l)].Name != "" {
			p.Texts = append(p.Texts, l.Name())
		} else {
			p.Missing = append(p.Missing, l.Name())
		}
	}
	return s.render(c, code, "desk_programme", p)
}

func (s *Server) adviceStatus(c *gin.Context) error {
	to := advisory.ProgrammeStatus(c.PostForm("status"))
	done := "advice_opened"
	if to == advisory.Closed {
		done = "advice_closed"
	}
	return s.onAdvice(c, done, func(ctx context.Context, tx *store.Tx, p advisory.Programme) error {
		if to != advisory.Open && to != advisory.Closed {
			return advisory.ErrProgrammeState
		}
		return advisory.SetStatus(ctx, tx, p.ID, to, actor(c))
	})
}

// copyAdvice makes a draft of the same settings, and leads to its form.
func (s *Server) copyAdvice(c *gin.Context) error {
	ctx := c.Request.Context()
	var made advisory.Programme
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		p, err := s.ownAdvice(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		names := map[string]string{}
		for lang, t := range p.Texts {
			if names[lang], err = s.Texts.Text(locale.Language(lang), "advicedesk.copy_name", "name", cut(t.Name, 180)); err != nil {
				return err
			}
		}
		made, err = advisory.CopyProgramme(ctx, tx, p.ID, names, actor(c))
		return err
	})
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/programmes/"+made.ID+"/edit?done=advice_copied")
}

// cut shortens a text to so many characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

// adviceWaits is what waits for somebody in all of one's programmes of advice.
func adviceWaits(ctx context.Context, tx *store.Tx, c *gin.Context) (all advisory.Counts, err error) {
	counts, err := advisory.CountsWithin(ctx, tx, mayOrganise(c))
	for _, n := range counts {
		all.Add(n)
	}
	return all, err
}
