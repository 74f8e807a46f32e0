package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

const availabilityPath = adviserPath + "/availability"

// availabilityPage is when and how an adviser can be booked: four forms, each saved
// by itself.
type availabilityPage struct {
	page
	Week       []dayForm
	Copied     bool // Monday's hours stand at all working days, and are not saved yet
	Exceptions []exceptionView
	Exception  exceptionForm
	Kinds      []option
	Work       workForm
	Places     []option // where a meeting in person is
	Travels    []travelForm
	Towns      []string
	Outside    []meetingView // booked, though outside of the hours
}

// dayForm is the hours of one weekday, as many as there are and an empty row.
type dayForm struct {
	Number int // 1 is Monday
	Name   string
	Rows   []hoursForm
}

// hoursForm is from when to when, as typed; ID begins the ids of its fields.
type hoursForm struct{ ID, From, To string }

// exceptionView is an exception, or the same on several days after each other, such
// as a vacation, ready to print.
type exceptionView struct {
	advisory.Exception
	Day, Last time.Time
	IDs       []string
}

// inRuns puts exceptions that say the same of days after each other into one.
func inRuns(exceptions []advisory.Exception, loc *time.Location) (runs []exceptionView) {
	for _, e := range exceptions {
		day, _ := time.ParseInLocation(time.DateOnly, e.Date, loc)
		n := slices.IndexFunc(runs, func(r exceptionView) bool {
			return r.Last.AddDate(0, 0, 1).Equal(day) && r.From == e.From && r.To == e.To && r.Available == e.Available && r.Note == e.Note
		})
		if n < 0 {
			runs = append(runs, exceptionView{e, day, day, []string{e.ID}})
			continue
		}
		runs[n].Last, runs[n].IDs = day, append(runs[n].IDs, e.ID)
	}
	return runs
}

// exceptionForm is an exception as typed.
type exceptionForm struct {
	Date, Until, Kind, From, To, Note string
}

// workForm is how an adviser works, as typed.
type workForm struct {
	Phone, About, JoinURL, Place, Office         string
	BufferBefore, BufferAfter, Travel, MaxPerDay string
	HolidaysOff                                  bool
}

// travelForm is how long it is to a municipality, as typed.
type travelForm struct{ ID, Municipality, Minutes string }

// spareTravels are the empty rows for travel times.
const spareTravels = 3

// readAvailability reads the page as it is stored.
func (s *Server) readAvailability(c *gin.Context) (*availabilityPage, error) {
	ctx, me, m := c.Request.Context(), asAdviser(c), s.meetingsOf(c)
	p := &availabilityPage{page: adviserPage(c, "availability"), Work: workOf(me), Exception: exceptionForm{Kind: "off"}}
	p.Self = availabilityPath
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		week, err := advisory.Week(ctx, tx, me.ID)
		if err != nil {
			return err
		}
		p.Week = weekFormOf(m.lang, week)
		today := s.DB.Now().In(me.Location()).Format(time.DateOnly)
		exceptions, err := advisory.Exceptions(ctx, tx, me.ID, today)
		if err != nil {
			return err
		}
		p.Exceptions = inRuns(exceptions, me.Location())
		travels, err := advisory.Travels(ctx, tx, me.ID)
		if err != nil {
			return err
		}
		for _, t := range travels {
			p.Travels = append(p.Travels, travelForm{Municipality: s.placeName(t.Code), Minutes: strconv.Itoa(t.Minutes)})
		}
		outside, err := me.OutsideHours(ctx, tx)
		if err != nil {
			return err
		}
		p.Outside, err = m.views(ctx, tx, outside)
		return err
	})
	for _, town := range s.Places.All(me.Country) {
		p.Towns = append(p.Towns, town.Label())
	}
	return p, err
}

// showAvailability renders the page with its spare rows and choices.
func (s *Server) showAvailability(c *gin.Context, code int, p *availabilityPage) (err error) {
	lang := s.language(c)
	if p.Kinds, err = s.choose(lang, p.Exception.Kind, "off", "adviser.kind.off", "extra", "adviser.kind.extra"); err != nil {
		return err
	}
	if p.Places, err = s.choose(lang, p.Work.Place, "travel", "adviser.place.travel", "office", "adviser.place.office"); err != nil {
		return err
	}
	for range spareTravels {
		p.Travels = append(p.Travels, travelForm{})
	}
	for n := range p.Travels {
		p.Travels[n].ID = fmt.Sprintf("travel_%d", n)
	}
	for d := range p.Week {
		day := &p.Week[d]
		if len(day.Rows) == 0 || day.Rows[len(day.Rows)-1].From != "" {
			day.Rows = append(day.Rows, hoursForm{})
		}
		for n := range day.Rows {
			day.Rows[n].ID = fmt.Sprintf("day_%d_%d", day.Number, n)
		}
	}
	return s.render(c, code, "adviser_availability", p)
}

// choose makes choices of pairs of a value and the key of its text.
func (s *Server) choose(lang locale.Language, chosen string, pairs ...string) (options []option, err error) {
	for n := 0; n < len(pairs); n += 2 {
		o := option{Value: pairs[n], Chosen: pairs[n] == chosen}
		if o.Label, err = s.Texts.Text(lang, pairs[n+1]); err != nil {
			return nil, err
		}
		options = append(options, o)
	}
	return options, nil
}

func (s *Server) availability(c *gin.Context) error {
	p, err := s.readAvailability(c)
	if err != nil {
		return err
	}
	return s.showAvailability(c, http.StatusOK, p)
}

// save stores one of the forms and leads back to it; a refusal is shown on the page,
// with the form as fill leaves it.
func (s *Server) save(c *gin.Context, done, anchor string, wrong error, keep func(context.Context, *store.Tx) error, fill func(*availabilityPage, *problem.Problem)) error {
	ctx := c.Request.Context()
	if wrong == nil {
		wrong = s.DB.Write(ctx, func(tx *store.Tx) error { return keep(ctx, tx) })
	}
	refusal, ok := refused(wrong)
	if !ok {
		if wrong != nil {
			return wrong
		}
		return seeOther(c, availabilityPath+"?done="+done+"#"+anchor)
	}
	p, err := s.readAvailability(c)
	if err != nil {
		return err
	}
	told := *refusal
	p.Problem = &told
	fill(p, &told)
	return s.showAvailability(c, status(refusal), p)
}

// weekFormOf is a week as its form has it.
func weekFormOf(lang locale.Language, week []advisory.Window) []dayForm {
	monday := time.Date(2027, 1, 4, 0, 0, 0, 0, time.UTC) // any
	days := make([]dayForm, 7)
	for n := range days {
		days[n] = dayForm{Number: n + 1, Name: capitalise(locale.Weekday(lang, monday.AddDate(0, 0, n)))}
	}
	for _, w := range week {
		d := &days[w.Weekday-1]
		d.Rows = append(d.Rows, hoursForm{From: w.From, To: strings.Replace(w.To, "24:00", "00:00", 1)})
	}
	return days
}

// saveWeek stores the week. "copy" puts Monday's hours at the other working days
// and "more" another row at a day, without storing anything.
func (s *Server) saveWeek(c *gin.Context) error {
	week := weekFormOf(s.language(c), nil)
	var windows []advisory.Window
	var ids []string
	for d := range week {
		day := &week[d]
		from, to := c.PostFormArray(fmt.Sprintf("from_%d", day.Number)), c.PostFormArray(fmt.Sprintf("to_%d", day.Number))
		for n := range min(len(from), len(to)) {
			h := hoursForm{From: clockTyped(from[n]), To: clockTyped(to[n])}
			if h.From == "" && h.To == "" {
				continue
			}
			ids = append(ids, fmt.Sprintf("day_%d_%d", day.Number, len(day.Rows)))
			day.Rows = append(day.Rows, h)
			windows = append(windows, advisory.Window{Weekday: day.Number, From: h.From, To: endOfDay(h.To)})
		}
	}
	if c.PostForm("copy") != "" || c.PostForm("more") != "" {
		return s.prepareWeek(c, week)
	}
	return s.save(c, "week_saved", "week", nil, func(ctx context.Context, tx *store.Tx) error {
		return advisory.SetWeek(ctx, tx, asAdviser(c).ID, windows, actor(c))
	}, func(p *availabilityPage, told *problem.Problem) {
		p.Week, told.Fields = week, inForm(told.Fields, "weekly", ids)
	})
}

// prepareWeek shows the form again, changed as its buttons ask.
func (s *Server) prepareWeek(c *gin.Context, week []dayForm) error {
	p, err := s.readAvailability(c)
	if err != nil {
		return err
	}
	if p.Week = week; c.PostForm("copy") != "" {
		p.Copied = true
		for n := 1; n < 5; n++ {
			week[n].Rows = append([]hoursForm{}, week[0].Rows...)
		}
	}
	if n, err := strconv.Atoi(c.PostForm("more")); err == nil && n >= 1 && n <= 7 {
		week[n-1].Rows = append(week[n-1].Rows, hoursForm{})
	}
	return s.showAvailability(c, http.StatusOK, p)
}

// clockTyped is a time of day as typed: "9.30" is 09:30, "9" is 09:00.
func clockTyped(s string) string {
	s = strings.Replace(strings.TrimSpace(s), ".", ":", 1)
	if len(s) > 0 && len(s) <= 2 {
		s += ":00"
	}
	if len(s) == 4 && s[1] == ':' {
		s = "0" + s
	}
	return s
}

// endOfDay reads midnight as the end of the day that it ends.
func endOfDay(clock string) string {
	if clock == "00:00" {
		return "24:00"
	}
	return clock
}

// inForm gives errors at "list[n].field" the ids of a form's fields.
func inForm(fields []problem.Field, list string, ids []string) (named []problem.Field) {
	for _, f := range fields {
		var n int
		var field string
		if _, err := fmt.Sscanf(strings.NewReplacer(list+"[", "", "].", " ").Replace(f.Name), "%d %s", &n, &field); err == nil && n < len(ids) {
			f.Name = ids[n] + "_" + field
		}
		named = append(named, f)
	}
	return named
}

func (s *Server) addException(c *gin.Context) error {
	form := exceptionForm{
		Date: strings.TrimSpace(c.PostForm("date")), Until: strings.TrimSpace(c.PostForm("until")), Kind: c.PostForm("kind"),
		From: clockTyped(c.PostForm("from")), To: clockTyped(c.PostForm("to")), Note: c.PostForm("note"),
	}
	e := advisory.Exception{Date: form.Date, From: form.From, To: endOfDay(form.To), Available: form.Kind == "extra", Note: form.Note}
	return s.save(c, "exception_added", "exceptions", nil, func(ctx context.Context, tx *store.Tx) error {
		_, err := advisory.AddException(ctx, tx, asAdviser(c).ID, e, form.Until, actor(c))
		return err
	}, func(p *availabilityPage, _ *problem.Problem) { p.Exception = form })
}

func (s *Server) removeException(c *gin.Context) error {
	return s.save(c, "exception_removed", "exceptions", nil, func(ctx context.Context, tx *store.Tx) error {
		for _, id := range c.PostFormArray("id") {
			if err := advisory.RemoveException(ctx, tx, asAdviser(c).ID, id, actor(c)); err != nil {
				return err
			}
		}
		return nil
	}, func(*availabilityPage, *problem.Problem) {})
}

// workOf is how an adviser works, as the form has it.
func workOf(a advisory.Adviser) workForm {
	f := workForm{
		Phone: a.Phone, About: a.About, JoinURL: a.JoinURL, Place: "travel", Office: a.Office, HolidaysOff: a.HolidaysOff,
		BufferBefore: strconv.Itoa(a.BufferBeforeMinutes), BufferAfter: strconv.Itoa(a.BufferAfterMinutes), Travel: strconv.Itoa(a.TravelMinutes), MaxPerDay: optionalNumber(a.MaxPerDay),
	}
	if a.Office != "" {
		f.Place = "office"
	}
	return f
}

func (s *Server) saveWork(c *gin.Context) error {
	form := workForm{
		Phone: c.PostForm("phone"), About: strings.ReplaceAll(c.PostForm("about"), "\r\n", "\n"), JoinURL: c.PostForm("join_url"), Place: c.PostForm("place"), Office: c.PostForm("office"),
		BufferBefore: c.PostForm("buffer_before"), BufferAfter: c.PostForm("buffer_after"), Travel: c.PostForm("travel"), MaxPerDay: c.PostForm("max_per_day"),
		HolidaysOff: c.PostForm("holidays_off") != "",
	}
	me, wrong := form.adviser(asAdviser(c))
	return s.save(c, "adviser_saved", "self", wrong, func(ctx context.Context, tx *store.Tx) error {
		return advisory.SetAdviser(ctx, tx, me, actor(c))
	}, func(p *availabilityPage, _ *problem.Problem) { p.Work = form })
}

// adviser is the adviser with what was typed, or what must be corrected in it.
func (form workForm) adviser(a advisory.Adviser) (advisory.Adviser, error) {
	var f problem.Fields
	number := func(field, typed string, into *int) {
		n, err := strconv.Atoi(withoutSpaces(typed))
		if *into = n; err != nil {
			f.Add(field, "number")
		}
	}
	number("buffer_before", form.BufferBefore, &a.BufferBeforeMinutes)
	number("buffer_after", form.BufferAfter, &a.BufferAfterMinutes)
	number("travel", form.Travel, &a.TravelMinutes)
	if a.MaxPerDay = nil; strings.TrimSpace(form.MaxPerDay) != "" {
		n := 0
		number("max_per_day", form.MaxPerDay, &n)
		a.MaxPerDay = &n
	}
	a.Phone, a.About, a.JoinURL, a.HolidaysOff, a.Office = form.Phone, form.About, form.JoinURL, form.HolidaysOff, ""
	if form.Place == "office" {
		if a.Office = strings.TrimSpace(form.Office); a.Office == "" {
			f.Add("office", "required")
		}
	}
	return a, f.Err()
}

func (s *Server) saveTravels(c *gin.Context) error {
	var f problem.Fields
	var forms []travelForm
	var travels []advisory.Travel
	var ids []string
	names, minutes := c.PostFormArray("municipality"), c.PostFormArray("minutes")
	for n := range min(len(names), len(minutes)) {
		t := travelForm{fmt.Sprintf("travel_%d", len(forms)), strings.TrimSpace(names[n]), strings.TrimSpace(minutes[n])}
		if t.Municipality == "" && t.Minutes == "" {
			continue
		}
		forms, ids = append(forms, t), append(ids, t.ID)
		town, ok := s.Places.Match(asAdviser(c).Country, t.Municipality)
		if !ok {
			f.Add(t.ID+"_municipality", "municipality")
		}
		long, err := strconv.Atoi(t.Minutes)
		if err != nil {
			f.Add(t.ID+"_minutes", "number")
		}
		travels = append(travels, advisory.Travel{Code: town.Code, Minutes: long})
	}
	return s.save(c, "adviser_saved", "travel-times", f.Err(), func(ctx context.Context, tx *store.Tx) error {
		return advisory.SetTravels(ctx, tx, asAdviser(c).ID, travels, actor(c))
	}, func(p *availabilityPage, told *problem.Problem) {
		p.Travels, told.Fields = forms, inForm(told.Fields, "travels", ids)
	})
}
