package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/aid"
	"stafett/internal/audit"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// aidCasePage is one case, with what can be done now.
type aidCasePage struct {
	page
	aidView
	Person     person.Person // who acts
	Other      []aidOtherRow
	Linked     []aid.Linked
	Had        []aid.Own
	Awards     []aid.Award
	Due        []aid.Due
	Left       int // working days until the first of them
	Late       bool
	Steps      []aidStep
	Rates      []rateRow // which currencies need a rate
	Review     string
	NeedsCheck bool // there is something in the declaration that a person has to look at
	CanCheck   bool
	CanGrant   bool
	CanRefuse  bool
	CanCorrect bool
	Form       grantForm
	Sizes      []option
	Worth      *aidWorth // what the grant in the form comes to
	Warn       int       // percent of the ceiling, from which on it is near
	Register   registerForm
	Correct    correctForm
	Reason     string // of a refusal, as it was typed
	At         string // which form was refused
}

// Color is that of the case's state.
func (p *aidCasePage) Color() string { return aidColors[p.Case.Status] }

// Soon is whether the last day for the register is near.
func (p *aidCasePage) Soon() bool { return p.Left <= soonDays }

// aidOtherRow is a row of other aid with what the organiser says of it.
type aidOtherRow struct {
	aid.Other
	Cents string // as typed
	Same  string // yes, no, or nothing: it is found out
}

type rateRow struct{ Currency, Value string }

// aidStep is a step ready to print.
type aidStep struct {
	aid.Step
	Local time.Time
}

// grantForm is a grant as it was typed.
type grantForm struct {
	Minutes, Market, Rate, RateOn, RateSource, Number, Reason, NACE, LegalForm, Size, Municipality string
}

// aidWorth is what a grant comes to, and what is left under the ceiling then.
type aidWorth struct {
	Minor, Cents, Total, Left int64
	Near, Above               bool
	Fits                      int // minutes that would still fit
}

type registerForm struct{ Reference, On string }

type correctForm struct{ Minutes, Reason string }

// aidCaseOf finds a case of a programme that whoever has signed in organises, or
// problem.ErrMissing.
func (s *Server) aidCaseOf(ctx context.Context, tx *store.Tx, c *gin.Context) (aid.Case, error) {
	k, err := aid.Find(ctx, tx, c.Param("id"))
	if err == nil && !organises(c, k.ProgrammeID) {
		return aid.Case{}, s.foreign(c, "aid_case", k.ID)
	}
	return k, err
}

func (s *Server) aidCase(c *gin.Context) error {
	return s.showAidCase(c, http.StatusOK, func(*aidCasePage) {})
}

// showAidCase shows the case; with what changes, the forms as they were typed.
func (s *Server) showAidCase(c *gin.Context, code int, typed func(*aidCasePage)) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p := &aidCasePage{page: adminPage(c, "advice")}
	p.Self, p.Wide = aidPath+"/"+c.Param("id"), true
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		k, err := s.aidCaseOf(ctx, tx, c)
		if err != nil {
			return err
		}
		if err := p.aidView.read(ctx, tx, k, lang); err != nil {
			return err
		}
		if err := p.read(ctx, tx); err != nil {
			return err
		}
		typed(p)
		return p.weigh(ctx, tx)
	})
	if err != nil {
		return err
	}
	for _, v := range []string{"", "0", "1-9", "10-49", "50-249", "250+"} {
		label := v
		if v == "" {
			if label, err = s.Texts.Text(lang, "aid.size_unknown"); err != nil {
				return err
			}
		}
		p.Sizes = append(p.Sizes, option{Value: v, Label: label})
	}
	if err := s.noteOnce(c, audit.Entry{Actor: actor(c), ProgrammeID: p.Case.ProgrammeID, Action: "aid.read", ObjectKind: "aid_case", ObjectID: p.Case.ID}); err != nil {
		return err
	}
	return s.render(c, code, "aid_case", p)
}

func (p *aidCasePage) read(ctx context.Context, tx *store.Tx) (err error) {
	k := p.Case
	if p.Person, err = person.Find(ctx, tx, k.PersonID); err != nil {
		return err
	}
	today := tx.Now.In(k.Zone())
	if p.Had, err = k.Own(ctx, tx, today); err != nil {
		return err
	}
	if p.Awards, err = k.Awards(ctx, tx); err != nil {
		return err
	}
	if p.Due, err = k.ToRegister(ctx, tx); err != nil {
		return err
	}
	if len(p.Due) > 0 {
		p.Left = aid.DaysLeft(k.Country(), today, p.Due[0].On)
		p.Late = p.Left == 0
	}
	steps, err := k.Steps(ctx, tx)
	for _, x := range steps {
		p.Steps = append(p.Steps, aidStep{x, x.At.In(k.Zone())})
	}
	if err != nil {
		return err
	}
	set, err := aid.SettingOf(ctx, tx, k.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	p.Warn = set.WarnPercent
	p.Register.On = today.Format(time.DateOnly)
	p.CanRefuse = k.Status == aid.Declared || k.Status == aid.Checked
	p.CanCorrect = len(p.Awards) > 0
	if d := p.Declared; d != nil && k.Status.Undecided() && k.Status != aid.Asked {
		p.readDeclared(*d)
	}
	return p.begin(ctx, tx)
}

func (p *aidCasePage) readDeclared(d aid.Declaration) {
	p.NeedsCheck = len(d.Other) > 0 || len(d.Linked) > 0 || d.Manual()
	p.CanCheck = p.NeedsCheck
	p.CanGrant = p.Case.Status == aid.Checked || !p.NeedsCheck
	p.Review, p.Linked = d.Review, d.Linked
	for _, o := range d.Other {
		row := aidOtherRow{Other: o}
		if o.Known {
			row.Cents = plainMoney(o.Cents)
			row.Same = map[bool]string{true: yes, false: no}[o.SameAward != ""]
		} else if o.Currency != "EUR" && !slices.ContainsFunc(p.Rates, func(r rateRow) bool { return r.Currency == o.Currency }) {
			p.Rates = append(p.Rates, rateRow{Currency: o.Currency})
		}
		p.Other = append(p.Other, row)
	}
}

// begin fills the form of the grant.
func (p *aidCasePage) begin(ctx context.Context, tx *store.Tx) error {
	rate, known, err := aid.LastRate(ctx, tx, p.Case.Currency)
	p.Form = grantForm{Minutes: strconv.Itoa(p.Case.Minutes), Market: plainMoney(p.Case.MarketMinor), Size: "", Municipality: ""}
	if p.Declared != nil {
		p.Form.NACE = p.Declared.NACE
	}
	if n := len(p.Awards); n > 0 && p.Form.NACE == "" {
		p.Form.NACE = p.Awards[n-1].NACE
	}
	today := tx.Now.In(p.Case.Zone())
	if known && rate.On.Year() == today.Year() && rate.On.Month() == today.Month() {
		p.Form.Rate, p.Form.RateOn, p.Form.RateSource = rateTyped(rate.Value), rate.On.Format(time.DateOnly), rate.Source
	} else {
		p.Form.RateOn, p.Form.RateSource = time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), "InforEuro"
	}
	return err
}

// rateTyped writes a rate as it is typed.
func rateTyped(rate int64) string {
	whole, fraction := rate/100_000, rate%100_000
	digits := strconv.FormatInt(100_000+fraction, 10)[1:]
	return strconv.FormatInt(whole, 10) + "," + digits[:4] + strings.TrimRight(digits[4:], "0")
}

// weigh computes what the grant in the form comes to.
func (p *aidCasePage) weigh(ctx context.Context, tx *store.Tx) error {
	rate, err := aid.ParseRate(p.Form.Rate)
	minutes := typedMinutes(p.Form.Minutes)
	market, wrong := aid.ParseMoney(p.Form.Market)
	if err != nil || wrong != nil || minutes <= 0 || !p.CanGrant {
		return nil
	}
	hour := aid.HourMinor(market, p.Case.PriceMinor)
	w := &aidWorth{Minor: aid.Amount(minutes, hour)}
	w.Cents = aid.EuroCents(w.Minor, rate)
	w.Total, w.Left = p.Sum.Total()+w.Cents, max(0, p.Sum.Left()-w.Cents)
	w.Near, w.Above = p.Sum.Near(w.Cents, p.Warn), w.Total > aid.Ceiling
	w.Fits = aid.Fitting(p.Sum.Left(), hour, rate, minutes, 15)
	p.Worth = w
	return nil
}

// onAid runs one step of a case of one's own and leads back to it; a refusal is shown
// there, with what was typed.
func (s *Server) onAid(c *gin.Context, done, at string, step func(context.Context, *store.Tx, aid.Case) error, typed func(*aidCasePage)) error {
	ctx := c.Request.Context()
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		k, err := s.aidCaseOf(ctx, tx, c)
		if err != nil {
			return err
		}
		return step(ctx, tx, k)
	})
	if refusal, ok := refused(err); ok {
		return s.showAidCase(c, status(refusal), func(p *aidCasePage) {
			p.Problem, p.At = refusal, at
			typed(p)
		})
	}
	if err != nil {
		return err
	}
	return seeOther(c, aidPath+"/"+c.Param("id")+"?done="+done)
}

// checkAid notes what the organiser found in the declaration.
func (s *Server) checkAid(c *gin.Context) error {
	var f problem.Fields
	k := aid.Checking{Rates: map[string]int64{}, Cents: map[string]int64{}, Same: map[string]bool{}, Linked: map[string]bool{}, Review: typedText(c, "review", &f)}
	for _, currency := range []string{"SEK", "NOK"} {
		if c.PostForm("rate."+currency) != "" {
			k.Rates[currency] = typedRate(c, "rate."+currency, &f)
		}
	}
	for name := range c.Request.PostForm {
		kind, id, _ := strings.Cut(name, ".")
		value := strings.TrimSpace(c.PostForm(name))
		switch {
		case kind == "cents" && value != "":
			cents, err := aid.ParseMoney(value)
			if err != nil {
				f.Add(name, "aid_amount")
			}
			k.Cents[id] = cents
		case kind == "same" && (value == yes || value == no):
			k.Same[id] = value == yes
		case kind == "linked" && value != "":
			k.Linked[id] = true
		}
	}
	step := func(ctx context.Context, tx *store.Tx, own aid.Case) error {
		if err := f.Err(); err != nil {
			return err
		}
		_, err := aid.Check(ctx, tx, own.ID, k, actor(c))
		return err
	}
	return s.onAid(c, "aid_checked", "check", step, func(p *aidCasePage) {
		p.Review = k.Review
		for i := range p.Rates {
			p.Rates[i].Value = c.PostForm("rate." + p.Rates[i].Currency)
		}
		for i, o := range p.Other {
			p.Other[i].Cents, p.Other[i].Same = c.PostForm("cents."+o.ID), c.PostForm("same."+o.ID)
		}
	})
}

func readGrantForm(c *gin.Context) grantForm {
	return grantForm{
		Minutes: c.PostForm("minutes"), Market: c.PostForm("market"), Rate: c.PostForm("rate"), RateOn: c.PostForm("rate_on"), RateSource: c.PostForm("rate_source"),
		Number: c.PostForm("number"), Reason: c.PostForm("reason"), NACE: c.PostForm("nace"), LegalForm: c.PostForm("legal_form"), Size: c.PostForm("size_class"), Municipality: c.PostForm("municipality_code"),
	}
}

// grantAid grants the hours and confirms the bookings that wait for them; with
// "calculate" it only shows what the grant would come to.
func (s *Server) grantAid(c *gin.Context) error {
	form := readGrantForm(c)
	typed := func(p *aidCasePage) { p.Form = form }
	if c.PostForm("calculate") != "" {
		return s.showAidCase(c, http.StatusOK, typed)
	}
	var f problem.Fields
	g := aid.Granting{
		Minutes: typedMinutes(form.Minutes), Rate: aid.Rate{Value: typedRate(c, "rate", &f), On: typedDay(form.RateOn), Source: form.RateSource},
		Number: form.Number, Reason: typedText(c, "reason", &f), NACE: form.NACE, LegalForm: form.LegalForm, SizeClass: form.Size, MunicipalityCode: strings.TrimSpace(form.Municipality),
	}
	market, err := aid.ParseMoney(form.Market)
	if err != nil || market == 0 {
		f.Add("market", "aid_amount")
	}
	g.Market = market
	step := func(ctx context.Context, tx *store.Tx, k aid.Case) error {
		if err := f.Err(); err != nil {
			return err
		}
		d, err := k.Declaration(ctx, tx)
		if err != nil {
			return err
		}
		if k.Status == aid.Declared && len(d.Other)+len(d.Linked) == 0 && !d.Manual() { // there is nothing to look at
			if _, err := aid.Check(ctx, tx, k.ID, aid.Checking{}, actor(c)); err != nil {
				return err
			}
		}
		_, err = advisory.GrantAid(ctx, tx, k.ID, g, actor(c))
		return err
	}
	return s.onAid(c, "aid_granted", "grant", step, typed)
}

// refuseAid ends the case, and declines the bookings that wait for it.
func (s *Server) refuseAid(c *gin.Context) error {
	var f problem.Fields
	reason := typedText(c, "refusal", &f)
	step := func(ctx context.Context, tx *store.Tx, k aid.Case) error {
		if err := f.Err(); err != nil {
			return err
		}
		_, err := advisory.RefuseAid(ctx, tx, k.ID, reason, actor(c))
		if p, ok := problem.As(err); ok && len(p.Fields) > 0 {
			return problem.Fields{{Name: "refusal", Code: p.Fields[0].Code, Args: p.Fields[0].Args}}.Err()
		}
		return err
	}
	return s.onAid(c, "aid_refused", "refuse", step, func(p *aidCasePage) { p.Reason = reason })
}

func (s *Server) registerAid(c *gin.Context) error {
	form := registerForm{c.PostForm("reference"), c.PostForm("on")}
	step := func(ctx context.Context, tx *store.Tx, k aid.Case) error {
		_, err := aid.Register(ctx, tx, k.ID, form.Reference, typedDay(form.On), actor(c))
		return err
	}
	return s.onAid(c, "aid_registered", "register", step, func(p *aidCasePage) { p.Register = form })
}

func (s *Server) correctAid(c *gin.Context) error {
	var f problem.Fields
	form := correctForm{c.PostForm("to_minutes"), typedText(c, "why", &f)}
	step := func(ctx context.Context, tx *store.Tx, k aid.Case) error {
		minutes := typedMinutes(form.Minutes)
		if minutes < 0 {
			f.Add("to_minutes", "number")
		}
		if form.Reason == "" {
			f.Add("why", "required")
		}
		if err := f.Err(); err != nil {
			return err
		}
		_, err := advisory.CorrectAid(ctx, tx, k.ID, minutes, form.Reason, actor(c))
		return err
	}
	return s.onAid(c, "aid_corrected", "correct", step, func(p *aidCasePage) { p.Correct = form })
}

func (s *Server) informAid(c *gin.Context) error {
	step := func(ctx context.Context, tx *store.Tx, k aid.Case) error { return aid.Inform(ctx, tx, k.ID, actor(c)) }
	return s.onAid(c, "aid_informed", "inform", step, func(*aidCasePage) {})
}

// aidNumberPage is the one page on which an organiser can see a personal number.
type aidNumberPage struct {
	page
	aidView
	HasKey bool
	Shown  string // masked until it is asked for
}

func (s *Server) aidNumber(c *gin.Context) error { return s.renderAidNumber(c, aid.Masked) }

// showAidNumber opens the number, and notes who looked.
func (s *Server) showAidNumber(c *gin.Context) error {
	ctx, shown := c.Request.Context(), ""
	err := s.DB.Write(ctx, func(tx *store.Tx) error {
		k, err := s.aidCaseOf(ctx, tx, c)
		if err != nil {
			return err
		}
		shown, err = s.AidKeys.Number(ctx, tx, k.ID, actor(c))
		return err
	})
	if err != nil {
		return err
	}
	return s.renderAidNumber(c, shown)
}

func (s *Server) renderAidNumber(c *gin.Context, shown string) error {
	ctx := c.Request.Context()
	p := &aidNumberPage{page: adminPage(c, "advice"), HasKey: s.AidKeys != nil, Shown: shown}
	p.Self = aidPath + "/" + c.Param("id") + "/number"
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		k, err := s.aidCaseOf(ctx, tx, c)
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
	return s.render(c, http.StatusOK, "aid_number", p)
}
