package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/holiday"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// copyRow is one copy as it was typed.
type copyRow struct {
	Number                          int
	Date, Time, Municipality, Venue string
}

// copyPage asks for new dates and municipalities.
type copyPage struct {
	page
	eventCard
	Rows        []copyRow
	Towns       []string
	AsSeries    bool
	SeriesTitle string
	SignUp      string
	Warnings    []dayWarning
	Seen        string // the days of which the organiser has been warned
	Most        int
	Key         string // of this form
}

// dayWarning is a day on which few may come.
type dayWarning struct {
	Day  time.Time
	Name string // of a holiday; empty for a day between two free ones
}

// emptyRows is how many rows the page begins with.
const emptyRows = 3

func (s *Server) copyForm(c *gin.Context) error {
	p := &copyPage{page: adminPage(c, "events")}
	for i := range emptyRows {
		p.Rows = append(p.Rows, copyRow{Number: i + 1})
	}
	return s.showCopy(c, http.StatusOK, p)
}

func (s *Server) showCopy(c *gin.Context, code int, p *copyPage) error {
	ev, prog, err := s.findOwn(c)
	if err != nil {
		return err
	}
	p.eventCard, p.Most, p.Key = s.card(ev, s.DB.Now()), event.MaxCopies, newKey()
	if p.SeriesTitle == "" && c.Request.Method == http.MethodGet {
		p.SeriesTitle = ev.Title
	}
	for _, m := range s.Places.All(prog.Country) {
		p.Towns = append(p.Towns, m.Label())
	}
	return s.render(c, code, "copy", p)
}

// readCopy reads the rows; those in which nothing is written are left out.
func readCopy(c *gin.Context, f *problem.Fields) *copyPage {
	p := &copyPage{page: adminPage(c, "events"), AsSeries: c.PostForm("as_series") != "", SeriesTitle: typedLine(c, "series_title", f), SignUp: c.PostForm("sign_up")}
	for i := 1; i <= event.MaxCopies+1; i++ {
		field := func(name string) string { return typedLine(c, fmt.Sprintf("%s_%d", name, i), f) }
		row := copyRow{Number: len(p.Rows) + 1, Date: field("date"), Time: field("time"), Municipality: field("municipality"), Venue: field("venue")}
		if row.Date+row.Time+row.Municipality+row.Venue != "" {
			p.Rows = append(p.Rows, row)
		}
	}
	return p
}

// copyEvent makes the copies. Days on which few may come are shown first, once.
func (s *Server) copyEvent(c *gin.Context) error {
	ev, prog, err := s.findOwn(c)
	if err != nil {
		return err
	}
	var f problem.Fields
	p := readCopy(c, &f)
	if c.PostForm("rows") != "" {
		for range emptyRows {
			if n := len(p.Rows); n < event.MaxCopies {
				p.Rows = append(p.Rows, copyRow{Number: n + 1})
			}
		}
		return s.showCopy(c, http.StatusOK, p)
	}
	var targets []event.Target
	for _, row := range p.Rows {
		t := event.Target{Date: row.Date, Clock: row.Time, VenueName: row.Venue}
		var wrong problem.Fields
		t.Municipality = eventForm{Municipality: row.Municipality}.town(prog.Country, s.Places, &wrong)
		if len(wrong) > 0 {
			f.Add(fmt.Sprintf("municipality_%d", row.Number), "municipality")
		}
		targets = append(targets, t)
	}
	if err = f.Err(); err == nil && s.warnOfDays(c, p, first(ev.Municipality.Country, prog.Country)) {
		return s.showCopy(c, http.StatusOK, p)
	}
	if err == nil {
		ctx := c.Request.Context()
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			return once(ctx, tx, c, func() error { return s.makeCopies(ctx, tx, c, p, targets) })
		})
	}
	if refusal, ok := refused(err); ok {
		p.Problem = refusal
		if len(p.Rows) == 0 {
			p.Rows = []copyRow{{Number: 1}, {Number: 2}, {Number: 3}}
		}
		return s.showCopy(c, status(refusal), p)
	}
	if err != nil {
		return err
	}
	if ev.SeriesID != "" || p.AsSeries && ev.CanJoinSeries() {
		return seeOther(c, "/admin/events/"+ev.ID+"/series?done=copied")
	}
	return seeOther(c, "/admin/events?done=copied")
}

func (s *Server) makeCopies(ctx context.Context, tx *store.Tx, c *gin.Context, p *copyPage, targets []event.Target) error {
	ev, err := s.ownEvent(ctx, tx, c, c.Param("id"))
	if err != nil {
		return err
	}
	copies, err := event.Copy(ctx, tx, ev.ID, targets, actor(c))
	if err != nil || !p.AsSeries {
		return err
	}
	var ids []string
	for _, x := range copies {
		ids = append(ids, x.ID)
	}
	if ev.SeriesID != "" {
		return event.AddOccasions(ctx, tx, ev.SeriesID, ids, actor(c))
	}
	if ev.CanJoinSeries() { // else the copies are a series by themselves, as of last year's event
		ids = append(ids, ev.ID)
	}
	_, err = event.MakeSeries(ctx, tx, p.SeriesTitle, event.SignUp(p.SignUp), ids, actor(c))
	return err
}

// warnOfDays lists holidays and days between free ones, and reports whether the
// organiser has not seen just this list yet.
func (s *Server) warnOfDays(c *gin.Context, p *copyPage, country string) bool {
	lang := s.language(c)
	var days []string
	for _, row := range p.Rows {
		day, err := time.Parse(time.DateOnly, row.Date)
		if err != nil || slices.Contains(days, row.Date) {
			continue
		}
		name := holiday.Name(country, day, string(lang))
		if name == "" && !holiday.Free(country, day) && !holiday.Squeeze(country, day) {
			continue
		}
		if name == "" && holiday.Free(country, day) {
			name = locale.Weekday(lang, day)
		}
		days = append(days, row.Date)
		p.Warnings = append(p.Warnings, dayWarning{day, name})
	}
	p.Seen = strings.Join(days, " ")
	return len(days) > 0 && c.PostForm("seen") != p.Seen
}
