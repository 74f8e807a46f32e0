package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// addForm is what an organiser may set about somebody who is added by hand.
type addForm struct {
	FirstName, LastName, Email, Phone string
	Language, Mode                    string
	Organisation                      string // a kind
	Country, OrgNumber, CompanyName   string
	Over                              bool // above the capacity
	Answers                           map[string][]string
}

// addPage is the short form for somebody who rings or writes.
type addPage struct {
	page
	eventCard
	Form          addForm
	Organisations []option
	Countries     []option
	Modes         []option // none when there is only one
	Tongues       []option
	Questions     []questionField
	Full          bool // somewhere no place is free
}

func (s *Server) addForm(c *gin.Context) error {
	ev, prog, err := s.findOwn(c)
	if err != nil {
		return err
	}
	form := addForm{Language: prog.Language, Organisation: string(registration.OfCompany), Country: prog.Country, Mode: string(ev.Modes()[0])}
	return s.showAdd(c, http.StatusOK, ev, form, nil)
}

func (s *Server) showAdd(c *gin.Context, code int, ev event.Event, form addForm, refusal *problem.Problem) error {
	p := &addPage{page: adminPage(c, "events"), eventCard: s.card(ev, s.DB.Now()), Form: form}
	p.Problem = refusal
	lang := s.language(c)
	var kinds []string
	for _, k := range registration.OrganisationKinds() {
		kinds = append(kinds, string(k))
	}
	var modes []string
	for _, m := range ev.Modes() {
		free, unlimited := ev.Capacity(m).Free()
		p.Full = p.Full || free == 0 && !unlimited
		modes = append(modes, string(m))
	}
	for _, x := range []struct {
		to     *[]option
		prefix string
		values []string
		chosen string
	}{
		{&p.Organisations, "admin.organisation.", kinds, form.Organisation},
		{&p.Countries, "country.", []string{"SE", "NO"}, form.Country},
		{&p.Modes, "mode.", modes, form.Mode},
	} {
		var err error
		if *x.to, err = s.optionsOf(lang, x.prefix, x.values, []string{x.chosen}); err != nil {
			return err
		}
	}
	if len(p.Modes) == 1 {
		p.Modes = nil
	}
	for _, l := range locale.All() {
		p.Tongues = append(p.Tongues, option{Value: string(l), Label: l.Name(), Chosen: string(l) == form.Language})
	}
	var err error
	if p.Questions, err = s.questionFields(lang, ev.Questions, form.Answers); err != nil {
		return err
	}
	return s.render(c, code, "add", p)
}

// addByHand registers somebody whatever the window says, above the capacity only
// when the box for it is ticked.
func (s *Server) addByHand(c *gin.Context) error {
	ev, _, err := s.findOwn(c)
	if err != nil {
		return err
	}
	form := addForm{
		FirstName: c.PostForm("first_name"), LastName: c.PostForm("last_name"), Email: c.PostForm("email"), Phone: c.PostForm("phone"),
		Language: c.PostForm("language"), Mode: c.PostForm("mode"), Organisation: c.PostForm("organisation"), Country: c.PostForm("country"),
		OrgNumber: c.PostForm("org_number"), CompanyName: c.PostForm("company_name"), Over: c.PostForm("over") != "", Answers: readAnswers(c),
	}
	ctx := c.Request.Context()
	q := s.addRequest(c, ev, form)
	entry := s.ofRegister(ctx, &q.Organisation)
	var r registration.Registration
	err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
		if _, err := s.ownEvent(ctx, tx, c, ev.ID); err != nil {
			return err
		}
		if r, err = registration.AddByHand(ctx, tx, q, form.Over); err != nil {
			return err
		}
		return entry.Note(ctx, tx)
	})
	if refusal, ok := refused(err); ok {
		form.forgetPersonalNumber(refusal)
		return s.showAdd(c, status(refusal), ev, form, refusal)
	}
	if err != nil {
		return err
	}
	done := "added"
	if r.Status == registration.Waitlisted {
		done = "waitlisted"
	}
	return seeOther(c, "/admin/events/"+ev.ID+"/roster?done="+done+"#row-"+r.ID)
}

func (s *Server) addRequest(c *gin.Context, ev event.Event, form addForm) registration.Request {
	return registration.Request{
		EventID: ev.ID, FirstName: form.FirstName, LastName: form.LastName, Email: form.Email, Phone: form.Phone, Language: form.Language,
		Mode: event.Mode(form.Mode), Answers: form.Answers, TestNumbers: s.TestNumbers, By: actor(c),
		Organisation: registration.Organisation{
			Kind: registration.OrganisationKind(form.Organisation), Country: form.Country, Number: form.OrgNumber, Name: form.CompanyName,
		},
	}
}

// forgetPersonalNumber keeps what looks like one from being shown again.
func (form *addForm) forgetPersonalNumber(refusal *problem.Problem) {
	if tooPersonal(refusal) {
		form.OrgNumber, form.CompanyName = "", withoutDigits(form.CompanyName)
	}
}
