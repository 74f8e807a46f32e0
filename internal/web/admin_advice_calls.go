package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// callsPage is the short form for a call to the helpline, and today's calls.
type callsPage struct {
	adviceDeskBase
	Advice   deskAdvice
	Form     callForm
	Key      string
	Advisers []option
	Known    []string // organisations that have hours here or have called before
	Today    []deskBooking
	Total    int // minutes today
}

type callForm struct{ Caller, Organisation, About, Minutes, Adviser string }

// callsToday bounds the list beside the form.
const callsToday = 100

func (s *Server) calls(c *gin.Context) error {
	return s.showCalls(c, http.StatusOK, callForm{Minutes: "20", Adviser: c.Query("adviser")}, newKey(), nil)
}

func (s *Server) showCalls(c *gin.Context, code int, form callForm, key string, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &callsPage{adviceDeskBase: adviceDeskOf(c, "programmes"), Form: form, Key: key}
	p.Problem, p.Self = refusal, adviceDeskPath+"/programmes/"+c.Param("id")+"/calls"
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		a, err := s.ownAdvice(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		p.Advice = newDeskAdvice(a, advisory.Counts{}, lang)
		u, _ := signedIn(c)
		advisers, err := advisory.AdvisersOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		for _, x := range advisers {
			if p.Form.Adviser == "" && x.UserID == u.ID {
				p.Form.Adviser = x.ID
			}
			p.Advisers = append(p.Advisers, option{Value: x.ID, Label: x.Name, Chosen: x.ID == p.Form.Adviser})
		}
		now := tx.Now.In(deskZone())
		list, _, err := advisory.Bookings(ctx, tx, advisory.BookingFilter{Within: mayOrganise(c), AdvisoryProgrammeID: a.ID, Calls: true, From: startOfDay(now)}, 0, callsToday)
		if err != nil {
			return err
		}
		titles, err := s.adviceTitles(ctx, tx, c, lang)
		if err != nil {
			return err
		}
		for _, l := range list {
			p.Today = append(p.Today, newDeskBooking(l, titles, tx.Now))
			if l.ActualMinutes != nil {
				p.Total += *l.ActualMinutes
			}
		}
		p.Known, err = s.knownCallers(ctx, tx, c, a, lang)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "desk_calls", p)
}

// mostKnown bounds the list of organisations that is offered while one types.
const mostKnown = 300

// knownCallers are the names of organisations with hours in the programme of advice,
// and of companies that come to its programme's events.
func (s *Server) knownCallers(ctx context.Context, tx *store.Tx, c *gin.Context, a advisory.Programme, lang locale.Language) (names []string, err error) {
	found, err := s.callerCompanies(ctx, tx, a, "", lang)
	for _, co := range found {
		if len(names) < mostKnown && !slices.Contains(names, co.Name) {
			names = append(names, co.Name)
		}
	}
	return names, err
}

// callerCompanies are those that a name may stand for; all of them without one.
func (s *Server) callerCompanies(ctx context.Context, tx *store.Tx, a advisory.Programme, name string, lang locale.Language) ([]company.Company, error) {
	found, err := company.Search(ctx, tx, company.Within{a.ProgrammeID}, name, lang)
	if err != nil {
		return nil, err
	}
	holdings, err := advisory.Holdings(ctx, tx, advisory.HoldingFilter{AdvisoryProgrammeID: a.ID, Text: name}, lang)
	for _, h := range holdings {
		if h.CompanyID != "" && !slices.ContainsFunc(found, func(co company.Company) bool { return co.ID == h.CompanyID }) {
			found = append(found, company.Company{ID: h.CompanyID, Country: h.Country, Number: h.Number, Name: h.Name, SoleTrader: h.SoleTrader})
		}
	}
	return found, err
}

// callFor finds the company that an organisation's typed name or number means: one
// with exactly that name, or that number; empty when none is meant for certain.
func (s *Server) callFor(ctx context.Context, tx *store.Tx, a advisory.Programme, typed string, lang locale.Language) (string, error) {
	if typed == "" {
		return "", nil
	}
	country := "SE"
	if a.Currency == "NOK" {
		country = "NO"
	}
	if number, err := company.ParseNumber(country, typed, s.TestNumbers); err == nil {
		co, err := company.FindByNumber(ctx, tx, country, number)
		if errors.Is(err, problem.ErrMissing) {
			return "", nil
		}
		return co.ID, err
	}
	found, err := s.callerCompanies(ctx, tx, a, typed, lang)
	if err != nil {
		return "", err
	}
	same := slices.DeleteFunc(found, func(co company.Company) bool { return locale.Fold(co.Name) != locale.Fold(typed) })
	if len(same) == 1 {
		return same[0].ID, nil
	}
	return "", nil
}

// logCall notes a call and leads back to an empty form for the next.
func (s *Server) logCall(c *gin.Context) error {
	ctx, lang := c.Request.Context(), s.language(c)
	var f problem.Fields
	form := callForm{Caller: typedLine(c, "caller", &f), Organisation: typedLine(c, "organisation", &f), About: typedText(c, "about", &f), Minutes: typedLine(c, "minutes", &f), Adviser: c.PostForm("adviser")}
	minutes, err := strconv.Atoi(withoutSpaces(form.Minutes))
	if err != nil {
		minutes = 0 // which is refused
	}
	err = s.DB.Write(ctx, func(tx *store.Tx) error {
		a, err := s.ownAdvice(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		advisers, err := advisory.AdvisersOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(advisers, func(x advisory.Adviser) bool { return x.ID == form.Adviser }) {
			f.Add("adviser", "choice")
		}
		if err := f.Err(); err != nil {
			return err
		}
		call := advisory.Call{AdvisoryProgrammeID: a.ID, AdviserID: form.Adviser, Caller: form.Caller, Organisation: form.Organisation, About: form.About, Minutes: minutes, Language: a.Language}
		if call.CompanyID, err = s.callFor(ctx, tx, a, form.Organisation, lang); err != nil {
			return err
		}
		return once(ctx, tx, c, func() error {
			_, err := advisory.LogCall(ctx, tx, call, actor(c))
			return err
		})
	})
	if refusal, ok := refused(err); ok {
		return s.showCalls(c, status(refusal), form, c.PostForm("key"), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/programmes/"+c.Param("id")+"/calls?done=call_noted&adviser="+form.Adviser)
}

// burnChart is how the hours of a programme have gone, drawn and as a table. The
// drawing is 600 wide and 200 high.
type burnChart struct {
	Line, Area, Forecast string // points
	LimitY               int    // where nought left is
	Weeks                []burnWeek
	Labels               []burnLabel
	Pace                 int // minutes a week
	EmptyOn              time.Time
	Top                  int  // minutes at the top
	Pool                 bool // what is left; else what is used
	Any                  bool
}

// burnWeek is one row of the table.
type burnWeek struct {
	On          time.Time
	Taken, Left int
}

// burnLabel is a word below the drawing.
type burnLabel struct {
	X  int
	At time.Time
}

// The drawing's measures.
const (
	burnWide = 600
	burnHigh = 200
	burnRows = 12 // weeks in the table
)

// burnOf draws the hours that are left by day, or those used where there is no pool,
// and on until the pool is empty or the programme ends.
func burnOf(b advisory.Burn, closesOn string, now time.Time) burnChart {
	chart := burnChart{Pace: b.Pace, EmptyOn: b.EmptyOn, Pool: b.Pool != nil, Any: len(b.Days) > 0, LimitY: burnHigh}
	if !chart.Any {
		return chart
	}
	first, last := b.Days[0].On, now.Add(24*time.Hour)
	end := last.AddDate(0, 0, 7*8)
	if closes, err := time.Parse(time.DateOnly, closesOn); err == nil && closes.After(last) {
		end = closes
	}
	if !b.EmptyOn.IsZero() && b.EmptyOn.Before(end) {
		end = b.EmptyOn
	}
	if end.Sub(first) < 14*24*time.Hour {
		end = first.AddDate(0, 0, 14)
	}
	chart.Top = b.Taken
	if chart.Pool {
		chart.Top = *b.Pool
	} else {
		chart.Top += b.Pace * int(end.Sub(now)/(7*24*time.Hour))
	}
	chart.Top = max(chart.Top, 60)
	x := func(t time.Time) int { return int(int64(burnWide) * int64(t.Sub(first)) / int64(end.Sub(first))) }
	y := func(taken int) int {
		if chart.Pool {
			return burnHigh * min(taken, chart.Top) / chart.Top
		}
		return burnHigh - burnHigh*max(0, min(taken, chart.Top))/chart.Top
	}
	point := func(t time.Time, taken int) string { return strconv.Itoa(x(t)) + "," + strconv.Itoa(y(taken)) + " " }
	before := 0
	for _, d := range b.Days {
		chart.Line += point(d.On, before) + point(d.On, d.Taken)
		before = d.Taken
	}
	chart.Line += point(now, before)
	chart.Area = point(first, 0)[:len(point(first, 0))-1] + " " + chart.Line + strconv.Itoa(x(now)) + "," + strconv.Itoa(burnHigh) + " 0," + strconv.Itoa(burnHigh)
	if b.Pace > 0 {
		chart.Forecast = point(now, before) + point(end, before+b.Pace*int(end.Sub(now)/time.Hour)/(7*24))
	}
	for _, t := range []time.Time{first, now, end} {
		chart.Labels = append(chart.Labels, burnLabel{x(t), t})
	}
	for i := range burnRows {
		on := now.AddDate(0, 0, -7*i)
		taken := 0
		for _, d := range b.Days {
			if !d.On.After(on) {
				taken = d.Taken
			}
		}
		w := burnWeek{On: on, Taken: taken}
		if chart.Pool {
			w.Left = max(0, *b.Pool-taken)
		}
		chart.Weeks = append(chart.Weeks, w)
		if on.Before(first) {
			break
		}
	}
	return chart
}
