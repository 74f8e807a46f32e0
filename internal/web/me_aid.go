package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/aid"
	"stafett/internal/locale"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// meAidPage is a company's own page about its aid: what it is, what it has had, and
// the declaration.
type meAidPage struct {
	page
	aidView
	Had      []aid.Own // granted here
	Form     aidForm
	Asks     bool // the declaration can be made, or changed
	Change   bool // it was made, and is to be changed
	Awards   []aid.Award
	Steps    []aid.Step
	Currency []option
	Regions  bool
}

// aidView is a case ready to print.
type aidView struct {
	Case      aid.Case
	Recipient aid.Recipient
	Name      string // of the advisory programme
	Programme programme.Programme
	Sum       aid.Sum
	Planned   int64 // in the smallest unit
	Cents     int64 // of what is planned; 0: no rate is known
	Declared  *aid.Declaration
	Ceiling   int64
}

// Country is whose words and numbers the page has.
func (v aidView) Country() string { return v.Case.State }

// Percent is how much of the ceiling has been had, for a bar.
func (v aidView) Percent() int { return int(min(100, v.Sum.Total()*100/aid.Ceiling)) }

// Organiser is who grants.
func (v aidView) Organiser() string { return first(v.Programme.OrganiserName, v.Programme.Name) }

func (v *aidView) read(ctx context.Context, tx *store.Tx, c aid.Case, lang locale.Language) (err error) {
	v.Case, v.Ceiling, v.Planned = c, aid.Ceiling, c.PlannedMinor()
	if v.Recipient, err = c.Recipient(ctx, tx); err != nil {
		return err
	}
	if v.Name, err = c.Name(ctx, tx, string(lang)); err != nil {
		return err
	}
	if v.Programme, err = programme.Find(ctx, tx, c.ProgrammeID); err != nil {
		return err
	}
	if v.Sum, err = c.Running(ctx, tx, tx.Now.In(c.Zone())); err != nil {
		return err
	}
	d, err := c.Declaration(ctx, tx)
	switch {
	case err == nil:
		v.Declared = &d
	case !errors.Is(err, problem.ErrMissing):
		return err
	}
	rate, known, err := aid.LastRate(ctx, tx, c.Currency)
	if known {
		v.Cents = aid.EuroCents(v.Planned, rate.Value)
	}
	return err
}

// aidForm is the declaration as it was typed.
type aidForm struct {
	Firm, Signer, NACE               string
	HasOther, HasLinked, Primary     string // yes, no, or nothing chosen
	Apart, True                      bool
	Other                            []otherRow
	Linked                           []linkedRow
	HasOthers, HasLinkeds, Primaries []option
}

type otherRow struct{ At, Giver, On, Amount, Currency string }

type linkedRow struct{ At, Name, Number string }

const (
	yes = "yes"
	no  = "no"
	// emptyAidRows is how many rows stand open when somebody says yes.
	emptyAidRows = 2
)

func (s *Server) meAid(c *gin.Context) error {
	return s.showMeAid(c, http.StatusOK, nil, nil)
}

// ownAid finds a case that the person may see, or problem.ErrMissing.
func ownAid(ctx context.Context, tx *store.Tx, c *gin.Context) (aid.Case, error) {
	k, err := aid.Find(ctx, tx, c.Param("id"))
	if err != nil {
		return k, err
	}
	who, _ := self(c)
	may, err := k.MayAct(ctx, tx, who.ID)
	if err == nil && !may {
		err = problem.ErrMissing
	}
	return k, err
}

func (s *Server) showMeAid(c *gin.Context, code int, form *aidForm, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &meAidPage{page: page{NoIndex: true, Problem: refusal, Self: c.Request.URL.Path}, Change: c.Query("change") != "" || form != nil}
	p.Self = strings.TrimSuffix(p.Self, "/")
	who, _ := self(c)
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		k, err := ownAid(ctx, tx, c)
		if err != nil {
			return err
		}
		if err := p.aidView.read(ctx, tx, k, lang); err != nil {
			return err
		}
		if p.Had, err = k.Own(ctx, tx, tx.Now.In(k.Zone())); err != nil {
			return err
		}
		if p.Awards, err = k.Awards(ctx, tx); err != nil {
			return err
		}
		if p.Steps, err = k.Steps(ctx, tx); err != nil {
			return err
		}
		p.Asks = k.Status == aid.Asked || k.Status.Undecided() && p.Change
		if form == nil && p.Asks {
			f, err := p.begin(ctx, tx, who.Name())
			if err != nil {
				return err
			}
			form = &f
		}
		return nil
	})
	if err != nil {
		return err
	}
	if form != nil {
		p.Form = *form
		p.fill()
		if err := p.options(s, lang); err != nil {
			return err
		}
	}
	return s.render(c, code, "me_aid", p)
}

// begin fills the form with what was declared last, less what is older than three
// years.
func (p *meAidPage) begin(ctx context.Context, tx *store.Tx, name string) (aidForm, error) {
	f := aidForm{Signer: name, Firm: p.Recipient.Name}
	d, err := aid.LastDeclaration(ctx, tx, p.Recipient.ID)
	if errors.Is(err, problem.ErrMissing) {
		return f, nil
	}
	if err != nil {
		return f, err
	}
	f.NACE, f.Apart = d.NACE, d.KeptApart
	for _, o := range d.Other {
		if !o.On.Before(p.Sum.Since) {
			f.Other = append(f.Other, otherRow{Giver: o.Giver, On: o.On.Format(time.DateOnly), Amount: plainMoney(o.Minor), Currency: o.Currency})
		}
	}
	for _, l := range d.Linked {
		f.Linked = append(f.Linked, linkedRow{Name: l.Name, Number: l.Number})
	}
	yesNo := func(is bool) string {
		if is {
			return yes
		}
		return no
	}
	if p.Case.Status != aid.Asked || d.Round == p.Case.Round { // what is changed keeps its answers; a new one is answered anew
		f.HasOther, f.HasLinked, f.Primary = yesNo(len(d.Other) > 0), yesNo(len(d.Linked) > 0), yesNo(d.PrimaryProduction)
	} else {
		f.HasOther, f.HasLinked = map[bool]string{true: yes}[len(f.Other) > 0], map[bool]string{true: yes}[len(f.Linked) > 0]
	}
	return f, nil
}

// plainMoney writes an amount as it is typed.
func plainMoney(minor int64) string {
	return strings.Replace(strings.TrimSuffix(aid.Hundredths(minor), ".00"), ".", ",", 1)
}

// fill leaves rows open, and numbers all of them.
func (p *meAidPage) fill() {
	f := &p.Form
	for len(f.Other) < emptyAidRows {
		f.Other = append(f.Other, otherRow{})
	}
	for len(f.Linked) < emptyAidRows {
		f.Linked = append(f.Linked, linkedRow{})
	}
	for i := range f.Other {
		f.Other[i].At = "other." + strconv.Itoa(i) + "."
		if f.Other[i].Currency == "" {
			f.Other[i].Currency = p.Case.Currency
		}
	}
	for i := range f.Linked {
		f.Linked[i].At = "linked." + strconv.Itoa(i) + "."
	}
}

func (p *meAidPage) options(s *Server, lang locale.Language) error {
	for _, x := range []struct {
		to     *[]option
		chosen string
	}{{&p.Form.HasOthers, p.Form.HasOther}, {&p.Form.HasLinkeds, p.Form.HasLinked}, {&p.Form.Primaries, p.Form.Primary}} {
		for _, v := range []string{no, yes} {
			label, err := s.Texts.Text(lang, "form."+v)
			if err != nil {
				return err
			}
			*x.to = append(*x.to, option{Value: v, Label: label, Chosen: x.chosen == v})
		}
	}
	for _, v := range []string{p.Case.Currency, "EUR", map[string]string{"SEK": "NOK", "NOK": "SEK"}[p.Case.Currency]} {
		p.Currency = append(p.Currency, option{Value: v, Label: v})
	}
	return nil
}

// declareAid stores the declaration; with "more" it only opens further rows.
func (s *Server) declareAid(c *gin.Context) error {
	ctx, form := c.Request.Context(), readAidForm(c)
	if more := c.PostForm("more"); more != "" {
		return s.moreAidRows(c, form, more)
	}
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		k, err := ownAid(ctx, tx, c)
		if err != nil {
			return err
		}
		d, err := form.declaration()
		var f problem.Fields
		if p, ok := problem.As(err); ok {
			f = p.Fields
		}
		_, err = aid.Declare(ctx, tx, k.ID, d, asSelf(c))
		if p, ok := problem.As(err); ok && len(p.Fields) > 0 {
			for _, x := range p.Fields {
				f.Add(x.Name, x.Code, x.Args...)
			}
			return f.Err()
		}
		if err != nil {
			return err
		}
		return f.Err()
	})
	if refusal, ok := refused(err); ok {
		form.forget(refusal)
		return s.showMeAid(c, status(refusal), &form, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/me/aid/"+c.Param("id")+"?done=aid_declared")
}

func (s *Server) moreAidRows(c *gin.Context, form aidForm, which string) error {
	for range emptyAidRows {
		if which == "linked" && len(form.Linked) < aid.MostRows {
			form.Linked = append(form.Linked, linkedRow{})
		}
		if which == "other" && len(form.Other) < aid.MostRows {
			form.Other = append(form.Other, otherRow{})
		}
	}
	return s.showMeAid(c, http.StatusOK, &form, nil)
}

// readAidForm reads the form; rows without anything in them are left out.
func readAidForm(c *gin.Context) aidForm {
	f := aidForm{
		Firm: c.PostForm("firm"), Signer: c.PostForm("signer"), NACE: c.PostForm("nace"), HasOther: c.PostForm("has_other"), HasLinked: c.PostForm("has_linked"),
		Primary: c.PostForm("primary"), Apart: c.PostForm("apart") != "", True: c.PostForm("true") != "",
	}
	for i := range aid.MostRows {
		at := "other." + strconv.Itoa(i) + "."
		row := otherRow{Giver: c.PostForm(at + "giver"), On: c.PostForm(at + "on"), Amount: c.PostForm(at + "amount"), Currency: c.PostForm(at + "currency")}
		if strings.TrimSpace(row.Giver+row.On+row.Amount) != "" {
			f.Other = append(f.Other, row)
		}
		at = "linked." + strconv.Itoa(i) + "."
		if l := (linkedRow{Name: c.PostForm(at + "name"), Number: c.PostForm(at + "number")}); strings.TrimSpace(l.Name+l.Number) != "" {
			f.Linked = append(f.Linked, l)
		}
	}
	return f
}

// forget takes back what looks like a personal number: it is not shown again.
func (f *aidForm) forget(p *problem.Problem) {
	for _, x := range p.Fields {
		if x.Code != "personal_number" {
			continue
		}
		for i := range f.Linked {
			at := "linked." + strconv.Itoa(i) + "."
			if x.Name == at+"number" {
				f.Linked[i].Number = ""
			}
			if x.Name == at+"name" {
				f.Linked[i].Name = ""
			}
		}
		for i := range f.Other {
			if x.Name == "other."+strconv.Itoa(i)+".giver" {
				f.Other[i].Giver = ""
			}
		}
		switch x.Name {
		case "firm":
			f.Firm = ""
		case "signer":
			f.Signer = ""
		}
	}
}

// declaration is what the form says, and what it leaves open.
func (f aidForm) declaration() (d aid.Declaration, err error) {
	var wrong problem.Fields
	for _, x := range []struct{ field, value string }{{"has_other", f.HasOther}, {"has_linked", f.HasLinked}, {"primary", f.Primary}} {
		if x.value != yes && x.value != no {
			wrong.Add(x.field, "choose")
		}
	}
	d = aid.Declaration{Signer: f.Signer, Firm: f.Firm, NACE: f.NACE, PrimaryProduction: f.Primary == yes, KeptApart: f.Apart}
	switch {
	case f.HasOther == no && len(f.Other) > 0:
		wrong.Add("has_other", "aid_no_but")
	case f.HasOther == yes && len(f.Other) == 0:
		wrong.Add("other.0.giver", "required")
	}
	switch {
	case f.HasLinked == no && len(f.Linked) > 0:
		wrong.Add("has_linked", "aid_no_but")
	case f.HasLinked == yes && len(f.Linked) == 0:
		wrong.Add("linked.0.name", "required")
	}
	for _, o := range f.Other {
		minor, _ := aid.ParseMoney(o.Amount) // nought is refused as an amount
		d.Other = append(d.Other, aid.Other{Giver: o.Giver, On: typedDay(o.On), Minor: minor, Currency: o.Currency})
	}
	for _, l := range f.Linked {
		d.Linked = append(d.Linked, aid.Linked{Name: l.Name, Number: l.Number})
	}
	if !f.True {
		wrong.Add("true", "aid_true")
	}
	return d, wrong.Err()
}

// meAidNumberPage is the one page on which a personal number is asked for.
type meAidNumberPage struct {
	page
	aidView
	HasKey bool
	Masked string
}

func (s *Server) meAidNumber(c *gin.Context) error { return s.askAidNumber(c, http.StatusOK, nil) }

func (s *Server) askAidNumber(c *gin.Context, code int, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	p := &meAidNumberPage{page: page{NoIndex: true, Problem: refusal}, HasKey: s.AidKeys != nil, Masked: aid.Masked}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		k, err := ownAid(ctx, tx, c)
		if err != nil {
			return err
		}
		if err := p.aidView.read(ctx, tx, k, s.language(c)); err != nil {
			return err
		}
		if p.Recipient.CompanyID != "" {
			return problem.ErrMissing
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "me_aid_number", p)
}

// storeAidNumber seals the number. What was typed is never shown again.
func (s *Server) storeAidNumber(c *gin.Context) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		k, err := ownAid(ctx, tx, c)
		if err != nil {
			return err
		}
		return s.AidKeys.SetNumber(ctx, tx, k.ID, c.PostForm("number"), asSelf(c))
	})
	if refusal, ok := refused(err); ok {
		return s.askAidNumber(c, status(refusal), refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, "/me/aid/"+c.Param("id")+"?done=aid_number")
}

// aidLine is a case on the page of somebody who may act for the company.
type aidLine struct {
	ID, Recipient, Name string
	Status              aid.Status
	Color               string
}

// AsksAid reports whether a declaration is waited for.
func (p *mePage) AsksAid() bool {
	for _, l := range p.Aid {
		if l.Status == aid.Asked {
			return true
		}
	}
	return false
}

func aidLines(ctx context.Context, tx *store.Tx, who person.Person) (lines []aidLine, err error) {
	cases, err := aid.OfPersonNow(ctx, tx, who.ID)
	if err != nil {
		return nil, err
	}
	for _, k := range cases {
		l := aidLine{ID: k.ID, Status: k.Status, Color: aidColors[k.Status]}
		r, err := k.Recipient(ctx, tx)
		if err != nil {
			return nil, err
		}
		l.Recipient = r.Name
		if l.Name, err = k.Name(ctx, tx, who.Language); err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}
