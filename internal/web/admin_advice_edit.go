package web

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// adviceSettingsPage is the one form of a programme of advice, new or not.
type adviceSettingsPage struct {
	adviceDeskBase
	Form          adviceSettings
	New           bool
	Title         string // as it is stored
	TitleLanguage string
	Action, Back  string
	Of            programme.Programme
	Programmes    []option
	Tongues       []option
	Prerequisites []option
	Kinds         []option
	Audiences     []option
	CapPers       []option
	CapPeriods    []option
	VATs          []option
	Meetings      []option
	QuestionKinds []option
	Regimes       []option
	Currency      string
	Edited        *editedMeanwhile // somebody else has saved meanwhile
}

// adviceSettingsFields are the names of the form's fields, in the order of the page: a list
// of errors follows it.
var adviceSettingsFields = []string{
	"programme", "language", "texts", "name_sv", "summary_sv", "preparation_sv", "name_nb", "summary_nb", "preparation_nb", "name_nn", "summary_nn", "preparation_nn", "name_en", "summary_en", "preparation_en",
	"prerequisite", "prerequisite_kind", "prerequisite_months", "audience", "cap_minutes", "cap_per", "cap_period", "pool_minutes", "price", "vat_percent", "vat_reason",
	"meeting", "session_minutes", "step_minutes", "lead_minutes", "horizon_days", "closes_on", "free_cancel_minutes", "late_free", "late_charge_minutes", "missed_charge_minutes",
	"max_reschedules", "settle_step_minutes", "questions", "phases", "aid_regime", "aid_reason", "aid_market", "aid_source",
}

// findOf finds the programme of a new programme of advice among one's own: the
// wanted one, or else the first.
func (s *Server) findOf(c *gin.Context, wanted string) (of programme.Programme, choices []option, err error) {
	var form eventFormPage
	err = s.findProgramme(c, &form, wanted)
	return form.Programme, form.Programmes, err
}

func (s *Server) newDeskProgramme(c *gin.Context) error {
	p := &adviceSettingsPage{New: true}
	var err error
	if p.Of, p.Programmes, err = s.findOf(c, c.Query("programme")); err != nil {
		return err
	}
	p.Form = adviceSettingsOf(advisory.NewProgramme(p.Of))
	p.Form.Cap = "5"
	return s.showAdviceSettings(c, http.StatusOK, p, nil)
}

func (s *Server) createDeskProgramme(c *gin.Context) error {
	ctx, form := c.Request.Context(), readAdviceSettings(c)
	p := &adviceSettingsPage{New: true, Form: form}
	var err error
	if p.Of, p.Programmes, err = s.findOf(c, form.Programme); err != nil {
		return err
	}
	made := advisory.NewProgramme(p.Of)
	made.Slug = "new" // until it has a name
	made, err = form.checked(made)
	if p.Of.ID != form.Programme {
		var f problem.Fields
		f.Add("programme", "choice")
		err = f.Err()
	}
	if err == nil {
		err = s.DB.Write(ctx, func(tx *store.Tx) (err error) {
			if made.Slug, err = advisory.FreeSlug(ctx, tx, made.Texts[made.Language].Name); err != nil {
				return err
			}
			made, err = advisory.AddProgramme(ctx, tx, made, actor(c))
			return err
		})
	}
	if refusal, ok := refused(err); ok {
		return s.showAdviceSettings(c, status(refusal), p, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/programmes/"+made.ID+"?done=advice_created")
}

func (s *Server) editAdvice(c *gin.Context) error {
	a, err := s.readDeskProgramme(c)
	if err != nil {
		return err
	}
	return s.showAdviceSettings(c, http.StatusOK, &adviceSettingsPage{Form: adviceSettingsOf(a)}, nil)
}

// readDeskProgramme reads the programme of advice that the address names.
func (s *Server) readDeskProgramme(c *gin.Context) (a advisory.Programme, err error) {
	ctx := c.Request.Context()
	err = s.DB.Read(ctx, func(tx *store.Tx) error {
		a, err = s.ownAdvice(ctx, tx, c, c.Param("id"))
		return err
	})
	return a, err
}

func (s *Server) updateAdvice(c *gin.Context) error {
	stored, err := s.readDeskProgramme(c)
	if err != nil {
		return err
	}
	ctx, form := c.Request.Context(), readAdviceSettings(c)
	p := &adviceSettingsPage{Form: form}
	changed, err := form.checked(stored)
	changed.Revision = form.Revision
	if err == nil {
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			if _, err := s.ownAdvice(ctx, tx, c, stored.ID); err != nil {
				return err
			}
			_, err := advisory.UpdateProgramme(ctx, tx, changed, actor(c))
			return err
		})
	}
	if errors.Is(err, advisory.ErrEdited) {
		if p.Edited, err = s.adviceEdited(c, stored.ID); err != nil {
			return err
		}
		if stored, err = s.readDeskProgramme(c); err != nil {
			return err
		}
		p.Form.Revision = stored.Revision
		return s.showAdviceSettings(c, http.StatusConflict, p, nil)
	}
	if refusal, ok := refused(err); ok {
		return s.showAdviceSettings(c, status(refusal), p, refusal)
	}
	if err != nil {
		return err
	}
	return seeOther(c, adviceDeskPath+"/programmes/"+stored.ID+"?done=advice_saved")
}

// adviceEdited tells who has saved meanwhile, and when.
func (s *Server) adviceEdited(c *gin.Context, id string) (*editedMeanwhile, error) {
	ctx, edited := c.Request.Context(), &editedMeanwhile{}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		entries, err := audit.Of(ctx, tx, "advisory_programme", id)
		if err != nil || len(entries) == 0 {
			return err
		}
		last := entries[len(entries)-1]
		edited.At = last.At.In(deskZone())
		edited.Who, err = userName(ctx, tx, map[string]string{}, last.Actor)
		return err
	})
	return edited, err
}

// showAdviceSettings shows the form, with what refused it.
func (s *Server) showAdviceSettings(c *gin.Context, code int, p *adviceSettingsPage, refusal *problem.Problem) error {
	ctx, lang := c.Request.Context(), s.language(c)
	p.adviceDeskBase = adviceDeskOf(c, "programmes")
	p.Problem, p.Action, p.Back = refusal, adviceDeskPath+"/programmes/new", adviceDeskPath
	if refusal != nil {
		slices.SortStableFunc(refusal.Fields, func(a, b problem.Field) int {
			return slices.Index(adviceSettingsFields, a.Name) - slices.Index(adviceSettingsFields, b.Name)
		})
	}
	if !p.New {
		err := s.DB.Read(ctx, func(tx *store.Tx) error {
			a, err := s.ownAdvice(ctx, tx, c, c.Param("id"))
			if err != nil {
				return err
			}
			t, language := a.Text(string(lang))
			p.Title, p.TitleLanguage = t.Name, language
			p.Back = adviceDeskPath + "/programmes/" + a.ID
			p.Action = p.Back + "/edit"
			p.Of, err = programme.Find(ctx, tx, a.ProgrammeID)
			return err
		})
		if err != nil {
			return err
		}
	}
	p.Self, p.Currency = p.Action, p.Of.Currency()
	slices.SortStableFunc(p.Form.Texts, func(a, b adviceWords) int { // the programme's language first
		return before(a.Language == p.Form.Language, b.Language == p.Form.Language)
	})
	for _, l := range locale.All() {
		p.Tongues = append(p.Tongues, option{Value: string(l), Label: l.Name(), Chosen: string(l) == p.Form.Language})
	}
	kinds := append([]string{""}, kindsOfEvents()...)
	for _, x := range []struct {
		to     *[]option
		prefix string
		values []string
		chosen []string
	}{
		{&p.Prerequisites, "advicedesk.prerequisite.", []string{"none", "attended", "public_body", "application", "organiser"}, []string{p.Form.Prerequisite}},
		{&p.Kinds, "kind.", kinds, []string{p.Form.Kind}},
		{&p.Audiences, "audience.", event.Audiences(), p.Form.Audiences},
		{&p.CapPers, "advicedesk.cap_per.", []string{"company", "undertaking", "project"}, []string{p.Form.CapPer}},
		{&p.CapPeriods, "advicedesk.cap_period.", []string{"programme", "year"}, []string{p.Form.CapPeriod}},
		{&p.VATs, "advicedesk.vat.", []string{"25", "0"}, []string{p.Form.VAT}},
		{&p.Meetings, "advicedesk.meeting.", []string{"online", "phone", "on_site"}, p.Form.Meetings},
		{&p.QuestionKinds, "admin.question_kind.", []string{"text", "choice", "yes_no"}, nil},
		{&p.Regimes, "advicedesk.regime.", []string{"none", "de_minimis"}, []string{p.Form.AidRegime}},
	} {
		var err error
		if *x.to, err = s.optionsOf(lang, x.prefix, x.values, x.chosen); err != nil {
			return err
		}
	}
	return s.render(c, code, "desk_settings", p)
}

// crisisPage makes a crisis programme in one step.
type crisisPage struct {
	adviceDeskBase
	Of         programme.Programme
	Programmes []option
	Form       crisisForm
	Key        string
	Advisers   []option
	Currency   string
}

type crisisForm struct{ Programme, ClosesOn, Market, Source string }

// crisisMonths is for how long a crisis programme is open, unless another day is
// chosen.
const crisisMonths = 6

func (s *Server) crisisForm(c *gin.Context) error {
	of, choices, err := s.findOf(c, c.Query("programme"))
	if err != nil {
		return err
	}
	source, err := s.Texts.Text(locale.Language(of.Language), "advicedesk.crisis.source")
	if err != nil {
		return err
	}
	form := crisisForm{Programme: of.ID, ClosesOn: s.DB.Now().In(deskZone()).AddDate(0, crisisMonths, 0).Format(time.DateOnly), Market: "1100", Source: source}
	return s.showCrisis(c, http.StatusOK, &crisisPage{Of: of, Programmes: choices, Form: form, Key: newKey()}, nil)
}

func (s *Server) showCrisis(c *gin.Context, code int, p *crisisPage, refusal *problem.Problem) error {
	ctx := c.Request.Context()
	p.adviceDeskBase = adviceDeskOf(c, "programmes")
	p.Problem, p.Currency = refusal, p.Of.Currency()
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		found, err := advisory.AdvisersWithin(ctx, tx, advisory.Within{p.Of.ID})
		for _, a := range found {
			if a.StoppedAt.IsZero() {
				chosen := c.Request.Method == http.MethodGet || slices.Contains(c.PostFormArray("adviser"), a.ID)
				p.Advisers = append(p.Advisers, option{Value: a.ID, Label: a.Name, Chosen: chosen})
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.render(c, code, "desk_crisis", p)
}

func (s *Server) openCrisis(c *gin.Context) error {
	ctx := c.Request.Context()
	var f problem.Fields
	form := crisisForm{Programme: c.PostForm("programme"), ClosesOn: typedLine(c, "closes_on", &f), Market: typedLine(c, "aid_market", &f), Source: typedText(c, "aid_source", &f)}
	p := &crisisPage{Form: form, Key: c.PostForm("key")}
	var err error
	if p.Of, p.Programmes, err = s.findOf(c, form.Programme); err != nil {
		return err
	}
	if p.Of.ID != form.Programme {
		f.Add("programme", "choice")
	}
	last, err := time.Parse(time.DateOnly, form.ClosesOn)
	if err != nil || last.Before(s.DB.Now()) {
		f.Add("closes_on", "advice_day_ahead")
	}
	hours, line := advisory.CrisisHours(p.Of, form.ClosesOn), advisory.CrisisHelpline(p.Of, form.ClosesOn)
	var ok bool
	if hours.AidMarketMinor, ok = oreOf(form.Market); !ok || hours.AidMarketMinor == 0 {
		f.Add("aid_market", "advice_market")
	}
	if hours.AidSource = form.Source; form.Source == "" {
		f.Add("aid_source", "advice_aid_source")
	}
	if err := s.crisisTexts(&hours, &line); err != nil {
		return err
	}
	if hours.AidSource, err = s.inLanguageOf(hours.Language, "advicedesk.crisis.source", hours.AidSource); err != nil {
		return err
	}
	alone := false
	if err = f.Err(); err == nil {
		err = s.DB.Write(ctx, func(tx *store.Tx) error {
			return once(ctx, tx, c, func() error {
				chosen, err := s.crisisAdvisers(ctx, tx, c, p.Of.ID)
				if err != nil {
					return err
				}
				alone = len(chosen) == 0
				_, _, err = advisory.OpenCrisis(ctx, tx, hours, line, chosen, actor(c))
				return err
			})
		})
	}
	if refusal, ok := refused(err); ok {
		return s.showCrisis(c, status(refusal), p, refusal)
	}
	if err != nil {
		return err
	}
	if alone { // nothing can be booked before somebody is there
		return seeOther(c, adviceDeskPath+"/advisers?done=advice_crisis_alone")
	}
	return seeOther(c, adviceDeskPath+"?done=advice_crisis")
}

// inLanguageOf returns what was typed or, where that is our own text in any language,
// the text in the language given: the form stood there before the programme was chosen.
func (s *Server) inLanguageOf(lang, key, typed string) (string, error) {
	for _, l := range locale.All() {
		ours, err := s.Texts.Text(l, key)
		if err != nil {
			return "", err
		}
		if typed == ours {
			return s.Texts.Text(locale.Language(lang), key)
		}
	}
	return typed, nil
}

// crisisAdvisers are those chosen who are advisers in the programme.
func (s *Server) crisisAdvisers(ctx context.Context, tx *store.Tx, c *gin.Context, programmeID string) (ids []string, err error) {
	found, err := advisory.AdvisersWithin(ctx, tx, advisory.Within{programmeID})
	for _, a := range found {
		if slices.Contains(c.PostFormArray("adviser"), a.ID) {
			ids = append(ids, a.ID)
		}
	}
	return ids, err
}

// crisisTexts gives both programmes their texts in every language.
func (s *Server) crisisTexts(hours, line *advisory.Programme) error {
	for _, lang := range locale.All() {
		for of, p := range map[string]*advisory.Programme{"hours": hours, "line": line} {
			var words [3]string
			for i, part := range []string{"name", "summary", "preparation"} {
				var err error
				if words[i], err = s.Texts.Text(lang, "advicedesk.crisis."+of+"_"+part); err != nil {
					return err
				}
			}
			p.Texts[string(lang)] = advisory.Text{Name: words[0], Summary: words[1], Preparation: words[2]}
		}
	}
	var err error
	line.AidReason, err = s.Texts.Text(locale.Language(line.Language), "advicedesk.crisis.line_no_aid")
	return err
}
