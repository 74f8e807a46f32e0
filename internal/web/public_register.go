package web

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/idempotency"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// registerValues is what a sign-up form holds, as it was typed.
type registerValues struct {
	FirstName, LastName, Email, Phone string
	Audience, Organisation            string
	Country, OrgNumber, CompanyName   string
	Municipality, Mode, Code          string
	Diet, AccessNeeds                 string
	DietConsent, News                 bool
	Answers                           map[string][]string
	Colleagues                        []colleagueValues
	Together                          bool // all of them or none
	Removed                           bool // a colleague's fields have just been taken away
}

type registerPage struct {
	page
	eventCard
	Form          registerValues
	Open          bool // there is a form to fill in
	Full          bool // it leads to the waiting list
	Key           string
	Audiences     []option
	Organisations []option
	Countries     []option
	Modes         []option
	Questions     []questionField
	Towns         []string
	Others        []eventCard // a way forward when this event takes nobody
	Authority     bool
	Organiser     string
	Currency      string
	Lookup        bool        // Norwegian names are fetched
	SeriesView    *seriesView // nil: an event by itself

	Together       []option // of several people; none where there is no queue
	ColleagueModes []option
}

// questionField is one of the event's own questions, ready to print.
type questionField struct {
	Name, Label, Kind string
	Required          bool
	Value             string
	Options           []option
}

func (s *Server) registerForm(c *gin.Context) error {
	ev, p, _, err := s.findPublic(c, c.Param("slug"))
	if err != nil {
		return err
	}
	f := registerValues{Country: p.Country, Organisation: string(registration.OfCompany), Code: c.Query("code"), Answers: map[string][]string{}}
	if ev.Mode == event.Hybrid {
		f.Mode = string(event.Room)
	}
	return s.showRegister(c, http.StatusOK, ev, p, f, nil)
}

// showRegister shows the form with what was typed, or why there is none.
func (s *Server) showRegister(c *gin.Context, code int, ev event.Event, p programme.Programme, f registerValues, refusal *problem.Problem) error {
	ctx, now := c.Request.Context(), s.DB.Now()
	r := &registerPage{page: page{Brand: p.Name, NoIndex: true, Problem: refusal}, eventCard: s.card(ev, now), Form: f, Authority: p.Authority, Organiser: first(p.OrganiserName, p.Name), Currency: p.Currency(), Lookup: s.Companies != nil}
	r.Open = ev.TakesRegistrations(now)
	r.Full = r.State == event.StateFull
	if !r.Open {
		if r.Problem == nil {
			r.Problem, _ = problem.As(registration.Open(ev, now))
		}
		if err := s.others(ctx, r, ev); err != nil {
			return err
		}
		return s.render(c, code, "register", r)
	}
	r.Key = newKey()
	if err := s.registerOptions(c, r, ev, p); err != nil {
		return err
	}
	if err := s.offerSeries(c, r, ev); err != nil {
		return err
	}
	if err := s.colleagueOptions(c, r, ev); err != nil {
		return err
	}
	return s.render(c, code, "register", r)
}

// others finds coming events that take registrations.
func (s *Server) others(ctx context.Context, r *registerPage, ev event.Event) error {
	now := s.DB.Now()
	return s.DB.Read(ctx, func(tx *store.Tx) error {
		events, err := event.List(ctx, tx, event.Filter{Statuses: []event.Status{event.Published}, From: now, Limit: 30})
		for _, o := range events {
			if o.ID != ev.ID && o.TakesRegistrations(now) && len(r.Others) < 3 {
				r.Others = append(r.Others, s.card(o, now))
			}
		}
		return err
	})
}

func (s *Server) registerOptions(c *gin.Context, r *registerPage, ev event.Event, p programme.Programme) error {
	lang := s.language(c)
	add := func(to *[]option, key, value, chosen, hint string) error {
		label, err := s.Texts.Text(lang, key+value)
		if err != nil {
			return err
		}
		if hint != "" {
			if hint, err = s.Texts.Text(lang, hint); err != nil {
				return err
			}
		}
		*to = append(*to, option{Value: value, Label: capitalise(label), Hint: hint, Chosen: value == chosen})
		return nil
	}
	if err := add(&r.Audiences, "form.choose", "", r.Form.Audience, ""); err != nil {
		return err
	}
	for _, a := range event.Audiences() {
		if err := add(&r.Audiences, "audience.", a, r.Form.Audience, ""); err != nil {
			return err
		}
	}
	hints := map[registration.OrganisationKind]string{registration.OfSoleTrader: "register.sole_trader_hint", registration.OfNotStarted: "register.not_started_hint"}
	for _, k := range registration.OrganisationKinds() {
		if err := add(&r.Organisations, "organisation.", string(k), r.Form.Organisation, hints[k]); err != nil {
			return err
		}
	}
	for _, country := range []string{"SE", "NO"} {
		if err := add(&r.Countries, "country.", country, r.Form.Country, ""); err != nil {
			return err
		}
	}
	if ev.Mode == event.Hybrid {
		for _, m := range ev.Modes() {
			hint := ""
			if free, unlimited := ev.Capacity(m).Free(); free == 0 && !unlimited {
				hint = "register.full_" + string(m)
			}
			if err := add(&r.Modes, "mode.", string(m), r.Form.Mode, hint); err != nil {
				return err
			}
		}
	}
	var err error
	if r.Questions, err = s.questionFields(lang, ev.Questions, r.Form.Answers); err != nil {
		return err
	}
	for _, m := range s.Places.All(p.Country) {
		r.Towns = append(r.Towns, m.Label())
	}
	return nil
}

func (s *Server) questionFields(lang locale.Language, questions []event.Question, answers map[string][]string) ([]questionField, error) {
	var fields []questionField
	for _, q := range questions {
		given := answers[q.ID]
		f := questionField{Name: "q_" + q.ID, Label: q.Label, Kind: string(q.Kind), Required: q.Required, Value: strings.Join(given, "\n")}
		for _, o := range q.Options {
			f.Options = append(f.Options, option{Value: o, Label: o, Chosen: slices.Contains(given, o)})
		}
		if q.Kind == event.YesNoQuestion {
			for _, v := range []string{"yes", "no"} {
				label, err := s.Texts.Text(lang, "form."+v)
				if err != nil {
					return nil, err
				}
				f.Options = append(f.Options, option{Value: v, Label: label, Chosen: slices.Contains(given, v)})
			}
		}
		fields = append(fields, f)
	}
	return fields, nil
}

func readRegister(c *gin.Context) registerValues {
	return registerValues{
		FirstName: c.PostForm("first_name"), LastName: c.PostForm("last_name"), Email: c.PostForm("email"), Phone: c.PostForm("phone"),
		Audience: c.PostForm("audience"), Organisation: c.PostForm("organisation"), Country: c.PostForm("country"), OrgNumber: c.PostForm("org_number"),
		CompanyName: c.PostForm("company_name"), Code: c.PostForm("code"), Municipality: c.PostForm("municipality"), Mode: c.PostForm("mode"),
		Diet: c.PostForm("diet"), AccessNeeds: c.PostForm("access_needs"), DietConsent: c.PostForm("diet_consent") != "", News: c.PostForm("news") != "", Answers: readAnswers(c),
		Colleagues: readColleagues(c), Together: c.PostForm("together") != "",
	}
}

func readAnswers(c *gin.Context) map[string][]string {
	answers := map[string][]string{}
	for name, values := range c.Request.PostForm {
		if id, ok := strings.CutPrefix(name, "q_"); ok {
			answers[id] = values
		}
	}
	return answers
}

func (s *Server) request(f registerValues, ev event.Event, country string, lang locale.Language) registration.Request {
	town, found := s.Places.Match(country, f.Municipality)
	if !found { // people come from across the border, too
		town, _ = s.Places.Match(map[string]string{"SE": "NO", "NO": "SE"}[country], f.Municipality)
	}
	return registration.Request{
		EventID: ev.ID, FirstName: f.FirstName, LastName: f.LastName, Email: f.Email, Phone: f.Phone, Language: string(lang), Mode: event.Mode(f.Mode), Audience: f.Audience,
		Organisation: registration.Organisation{Kind: registration.OrganisationKind(f.Organisation), Country: f.Country, Number: f.OrgNumber, Name: f.CompanyName},
		Municipality: town.Code, Answers: f.Answers, Diet: f.Diet, AccessNeeds: f.AccessNeeds, DietConsent: f.DietConsent,
		Complete: true, TestNumbers: s.TestNumbers, Outside: true, Code: f.Code,
	}
}

// registeredAnswer is what the page after signing up shows, also when the form
// is sent once more.
type registeredAnswer struct {
	Status    registration.Status
	Position  int
	Email     string
	Mode      event.Mode
	Occasions []occasionAnswer // of a series
	People    []personAnswer   // when they are several, the first included
}

// formCaller is under whose name forms keep their answers.
const formCaller = "form"

// register signs up, at most once for each form that was filled in.
func (s *Server) register(c *gin.Context) error {
	ev, p, _, err := s.findPublic(c, c.Param("slug"))
	if err != nil {
		return err
	}
	f := readRegister(c)
	if done, err := s.changeColleagues(c, ev, p, f); done {
		return err
	}
	f.forgetEmpty()
	for range 1 + len(f.Colleagues) { // each of them is written to
		if ok, wait := s.RegisterLimit(c.ClientIP()); !ok {
			return s.tooOften(c, wait)
		}
	}
	key := onceKey(c.PostForm("key"), c.Request.PostForm)
	err = s.signUp(c, ev, f, s.request(f, ev, p.Country, s.language(c)), key)
	if refusal, ok := refused(err); ok { // the same page, their words kept
		f.forgetPersonalNumber(refusal)
		return s.showRegister(c, status(refusal), ev, p, f, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/events/"+ev.Slug+"/registered/"+key)
}

// tooPersonal reports whether something was refused for looking like a personal
// number, which is not given back to be shown again.
func tooPersonal(refusal *problem.Problem) bool {
	return slices.ContainsFunc(refusal.Fields, func(f problem.Field) bool { return f.Code == "personal_number" || f.Code == "name_not_number" })
}

func withoutDigits(s string) string {
	if strings.ContainsAny(s, "0123456789") {
		return ""
	}
	return s
}

// onceKey names one filled-in form: the same form sent again has the same key,
// a form that was changed another.
func onceKey(key string, form url.Values) string {
	sum := sha256.Sum256([]byte(key + "\n" + form.Encode()))
	return hex.EncodeToString(sum[:16])
}

type registeredPage struct {
	page
	eventCard
	Answer    registeredAnswer
	Key       string
	Organiser string
	Reminders []time.Time // when one comes, on the event's clock

	OnlineMeanwhile bool // who waits for the room can have a place online
	Occasions       []occasionLine
	People          []personLine
}

// registered says what happens next.
func (s *Server) registered(c *gin.Context) error {
	ctx, key := c.Request.Context(), c.Param("key")
	ev, p, _, err := s.findPublic(c, c.Param("slug"))
	if err != nil {
		return err
	}
	r := &registeredPage{page: page{Brand: p.Name, NoIndex: true}, eventCard: s.card(ev, s.DB.Now()), Key: key, Organiser: first(p.OrganiserName, p.Name)}
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		a, found, err := idempotency.Look(ctx, tx, formCaller, key, key)
		if err != nil {
			return err
		}
		if !found {
			return problem.ErrMissing
		}
		if err := json.Unmarshal([]byte(a.Body), &r.Answer); err != nil {
			return err
		}
		if r.People, err = s.personLines(ctx, tx, r.Answer.People); err != nil || len(r.People) > 0 {
			return err
		}
		r.OnlineMeanwhile = ev.Mode == event.Hybrid && r.Answer.Mode == event.Room && hasFree(ev, event.Online)
		if r.Reminders, err = message.Ahead(ctx, tx, ev.ID, string(r.Answer.Mode)); err != nil {
			return err
		}
		r.Occasions, err = s.occasionLines(ctx, tx, r.Answer.Occasions)
		return err
	})
	if err != nil {
		return s.unknownLink(c, err)
	}
	return s.render(c, http.StatusOK, "registered", r)
}

// newKey is a fresh secret that names one form on somebody's screen.
func newKey() string { return rand.Text() }
