package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/municipality"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// deskBookPage books for somebody who rings: first what kind of meeting, then a free
// time and who they are.
type deskBookPage struct {
	adviceDeskBase
	Advice    deskAdvice
	Of        programme.Programme
	Form      deskBookForm
	Key       string
	Lengths   []option
	Meetings  []option
	Advisers  []option
	Times     []option
	Countries []option
	Projects  []option // of a programme for projects
	Tongues   []option
	Towns     []string
	Questions []questionField
	Chosen    bool // what kind of meeting is said
}

type deskBookForm struct {
	Minutes, Meeting, Adviser, Municipality  string
	Time                                     string // "2027-01-18T09:00:00Z adviser"; "wait": no time suits
	FirstName, LastName, Email, Phone        string
	Country, OrgNumber, CompanyName, Project string
	Language, Need, Procurement, TenderDay   string
	Answers                                  map[string][]string
}

// timesOffered bounds the list of free times.
const timesOffered = 120

func readDeskBook(get func(string) string) deskBookForm {
	return deskBookForm{Minutes: get("minutes"), Meeting: get("meeting"), Adviser: get("adviser"), Municipality: strings.TrimSpace(get("municipality"))}
}

func (s *Server) deskBookForm(c *gin.Context) error {
	form := readDeskBook(c.Query)
	return s.showDeskBook(c, http.StatusOK, form, newKey(), nil)
}

func (s *Server) showDeskBook(c *gin.Context, code int, form deskBookForm, key string, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &deskBookPage{adviceDeskBase: adviceDeskOf(c, "bookings"), Form: form, Key: key}
	p.Problem, p.Self = refusal, adviceDeskPath+"/programmes/"+c.Param("id")+"/book"
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		a, err := s.ownAdvice(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		p.Advice = newDeskAdvice(a, advisory.Counts{}, lang)
		if p.Of, err = programme.Find(ctx, tx, a.ProgrammeID); err != nil {
			return err
		}
		for _, n := range a.Lengths {
			p.Lengths = append(p.Lengths, option{Value: strconv.Itoa(n), Label: locale.Duration(lang, n), Chosen: strconv.Itoa(n) == form.Minutes})
		}
		advisers, err := advisory.AdvisersOf(ctx, tx, a.ID)
		if err != nil {
			return err
		}
		for _, x := range advisers {
			p.Advisers = append(p.Advisers, option{Value: x.ID, Label: x.Name, Chosen: x.ID == form.Adviser})
		}
		var meetings []string
		for _, m := range a.Meetings {
			meetings = append(meetings, string(m))
		}
		if p.Meetings, err = s.optionsOf(lang, "advicedesk.meeting.", meetings, []string{form.Meeting}); err != nil {
			return err
		}
		answers := form.Answers
		if answers == nil {
			answers = map[string][]string{}
		}
		if p.Questions, err = s.intakeFields(lang, a.Questions, answers); err != nil {
			return err
		}
		if a.CapPer == advisory.PerProject {
			p.Projects, err = store.All(ctx, tx, func(r store.Row) (o option, err error) { return o, r.Scan(&o.Value, &o.Label) },
				`SELECT id, number || ' ' || title FROM application WHERE advisory_programme_id = ? AND status IN ('granted', 'running') ORDER BY number`, a.ID)
			if err != nil {
				return err
			}
		}
		return s.readDeskTimes(ctx, tx, p, a, lang)
	})
	if err != nil {
		return err
	}
	if p.Countries, err = s.optionsOf(lang, "country.", []string{"SE", "NO"}, []string{first(form.Country, p.Of.Country)}); err != nil {
		return err
	}
	for _, l := range locale.All() {
		p.Tongues = append(p.Tongues, option{Value: string(l), Label: l.Name(), Chosen: string(l) == first(form.Language, p.Of.Language)})
	}
	for _, m := range s.Places.All(p.Of.Country) {
		p.Towns = append(p.Towns, m.Label())
	}
	if p.Form.Language == "" {
		p.Form.Language = p.Of.Language
	}
	return s.render(c, code, "desk_book", p)
}

// readDeskTimes lists the free times for the kind of meeting that was chosen.
func (s *Server) readDeskTimes(ctx context.Context, tx *store.Tx, p *deskBookPage, a advisory.Programme, lang locale.Language) error {
	minutes, err := strconv.Atoi(p.Form.Minutes)
	if p.Chosen = err == nil && slices.Contains(a.Meetings, advisory.Meeting(p.Form.Meeting)); !p.Chosen {
		return nil
	}
	town := s.townOf(p.Of.Country, p.Form.Municipality)
	if advisory.Meeting(p.Form.Meeting) == advisory.OnSite && town == (municipality.Code{}) {
		p.Chosen = false
		if p.Problem == nil {
			var f problem.Fields
			f.Add("municipality", "municipality")
			p.Problem, _ = problem.As(f.Err())
		}
		return nil
	}
	free, err := advisory.Slots(ctx, tx, advisory.SlotQuery{AdvisoryProgrammeID: a.ID, AdviserID: p.Form.Adviser, Minutes: minutes, Meeting: advisory.Meeting(p.Form.Meeting), Municipality: town})
	if err != nil {
		return err
	}
	for i, t := range free {
		if i == timesOffered {
			break
		}
		value := t.StartsAt.UTC().Format(time.RFC3339) + " " + t.AdviserID
		p.Times = append(p.Times, option{Value: value, Label: capitalise(locale.Range(lang, t.StartsAt.In(deskZone()), t.EndsAt.In(deskZone()))) + " – " + t.Name, Chosen: value == p.Form.Time})
	}
	return nil
}

// townOf is the municipality that was typed; none when there is no such one.
func (s *Server) townOf(country, typed string) municipality.Code {
	if m, ok := s.Places.Match(country, typed); ok {
		return m.Code
	}
	return municipality.Code{}
}

// deskBook books as the caller wishes, for the company or project they name.
func (s *Server) deskBook(c *gin.Context) error {
	ctx := c.Request.Context()
	var f problem.Fields
	form := readDeskBook(c.PostForm)
	form.Time, form.Country, form.Project, form.Language = c.PostForm("time"), c.PostForm("country"), c.PostForm("project"), c.PostForm("language")
	form.FirstName, form.LastName, form.Email, form.Phone = typedLine(c, "first_name", &f), typedLine(c, "last_name", &f), typedLine(c, "email", &f), typedLine(c, "phone", &f)
	form.OrgNumber, form.CompanyName = typedLine(c, "org_number", &f), typedLine(c, "company_name", &f)
	form.Need, form.Procurement, form.TenderDay = typedText(c, "need", &f), typedLine(c, "procurement", &f), typedLine(c, "tender_day", &f)
	form.Answers = map[string][]string{}
	var made advisory.Booking
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		a, err := s.ownAdvice(ctx, tx, c, c.Param("id"))
		if err != nil {
			return err
		}
		r := advisory.Request{AdvisoryProgrammeID: a.ID, AdviserID: form.Adviser, Meeting: advisory.Meeting(form.Meeting), Phone: form.Phone, ApplicationID: form.Project,
			Language: form.Language, Need: form.Need, Procurement: form.Procurement, TenderDay: form.TenderDay, Answers: map[string]string{}}
		for _, q := range a.Questions {
			if !q.Removed {
				r.Answers[q.ID] = typedText(c, "q_"+q.ID, &f)
				form.Answers[q.ID] = []string{r.Answers[q.ID]}
			}
		}
		of, err := programme.Find(ctx, tx, a.ProgrammeID)
		if err != nil {
			return err
		}
		r.Municipality = s.townOf(of.Country, form.Municipality)
		if r.Minutes, err = strconv.Atoi(form.Minutes); err != nil {
			f.Add("minutes", "choice")
		}
		if at, adviser, chosen := strings.Cut(form.Time, " "); chosen {
			if r.StartsAt, err = time.Parse(time.RFC3339, at); err != nil {
				f.Add("time", "choice")
			}
			r.AdviserID = adviser
		} else if form.Time != "wait" {
			f.Add("time", "choose")
		}
		if err := s.bookedFor(ctx, tx, a, &form, &r, &f); err != nil {
			return err
		}
		if err := f.Err(); err != nil {
			return err
		}
		return once(ctx, tx, c, func() error {
			made, err = advisory.Book(ctx, tx, r, actor(c))
			return err
		})
	})
	if refusal, ok := refused(atField(err, "starts_at", "time")); ok {
		return s.showDeskBook(c, status(refusal), form, c.PostForm("key"), refusal)
	}
	if err != nil {
		return err
	}
	if made.ID == "" { // the same form sent again
		return seeOther(c, adviceDeskPath+"/bookings")
	}
	return seeOther(c, adviceDeskPath+"/bookings/"+made.ID+"?done=booked_by_hand")
}

// bookedFor finds or makes the person and the company, or finds the project.
func (s *Server) bookedFor(ctx context.Context, tx *store.Tx, a advisory.Programme, form *deskBookForm, r *advisory.Request, f *problem.Fields) error {
	if form.FirstName == "" {
		f.Add("first_name", "required")
	}
	if form.LastName == "" {
		f.Add("last_name", "required")
	}
	address, fault := person.Address(form.Email)
	if fault != nil {
		f.Add("email", "email")
	}
	if _, ok := locale.Parse(form.Language); !ok {
		f.Add("language", "choice")
	}
	var number string
	switch {
	case a.CapPer == advisory.PerProject:
		n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM application WHERE id = ? AND advisory_programme_id = ?`, form.Project, a.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			f.Add("project", "choice")
		}
	case form.OrgNumber != "" || form.CompanyName != "":
		var err error
		if number, err = company.ParseNumber(form.Country, form.OrgNumber, s.TestNumbers); err != nil {
			code := "org_number_se"
			if form.Country == "NO" {
				code = "org_number_no"
			}
			if errors.Is(err, company.ErrPersonalNumber) {
				code, form.OrgNumber = "personal_number", ""
			}
			f.Add("org_number", code)
		}
		if form.CompanyName == "" {
			f.Add("company_name", "required")
		}
	}
	if len(*f) > 0 {
		return nil
	}
	who, err := person.Ensure(ctx, tx, person.Person{Email: address, FirstName: form.FirstName, LastName: form.LastName, Language: form.Language})
	if err != nil {
		return err
	}
	r.PersonID = who.ID
	if number == "" {
		return nil
	}
	co, err := company.Ensure(ctx, tx, form.Country, number, form.CompanyName)
	if err != nil {
		return err
	}
	r.CompanyID = co.ID
	return company.Claim(ctx, tx, who.ID, co.ID, false)
}
