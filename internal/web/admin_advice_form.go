package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"stafett/internal/advisory"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
)

// adviceSettings is what an organiser typed about a programme of advice, and all that
// may be set by it. Long times are hours, short ones minutes, money kronor.
type adviceSettings struct {
	Programme, Language                     string
	Texts                                   []adviceWords
	Prerequisite, Kind, Months              string
	Audiences                               []string
	Cap, CapPer, CapPeriod, Pool            string // hours
	Price, VAT, VATReason                   string
	Lengths, Step, Lead, FreeCancel         string // minutes, minutes, hours, hours
	Horizon, ClosesOn                       string
	LateFree, LateCharge, MissedCharge      string
	MaxReschedules, SettleStep              string
	Meetings                                []string
	Questions                               []questionRow
	Phases                                  string // one on each line
	AidRegime, AidReason, Market, AidSource string
	QuickLog                                bool
	Revision                                int
	typed                                   problem.Fields
}

// adviceWords is what a programme says in one language.
type adviceWords struct{ Language, Tongue, Name, Summary, Preparation string }

func readAdviceSettings(c *gin.Context) adviceSettings {
	var f problem.Fields
	line := func(name string) string { return typedLine(c, name, &f) }
	text := func(name string) string { return typedText(c, name, &f) }
	form := adviceSettings{
		Programme: c.PostForm("programme"), Language: c.PostForm("language"),
		Prerequisite: c.PostForm("prerequisite"), Kind: c.PostForm("prerequisite_kind"), Months: line("prerequisite_months"), Audiences: eachOnce(c.PostFormArray("audience")),
		Cap: line("cap_minutes"), CapPer: c.PostForm("cap_per"), CapPeriod: c.PostForm("cap_period"), Pool: line("pool_minutes"),
		Price: line("price"), VAT: c.PostForm("vat_percent"), VATReason: line("vat_reason"),
		Lengths: line("session_minutes"), Step: line("step_minutes"), Lead: line("lead_minutes"), FreeCancel: line("free_cancel_minutes"), Horizon: line("horizon_days"),
		ClosesOn: line("closes_on"), LateFree: line("late_free"), LateCharge: line("late_charge_minutes"), MissedCharge: line("missed_charge_minutes"),
		MaxReschedules: line("max_reschedules"), SettleStep: line("settle_step_minutes"), Meetings: eachOnce(c.PostFormArray("meeting")),
		Phases: text("phases"), AidRegime: c.PostForm("aid_regime"), AidReason: text("aid_reason"), Market: line("aid_market"), AidSource: text("aid_source"),
		QuickLog: c.PostForm("quick_log") != "",
	}
	form.Texts = adviceWordsIn(func(lang string) advisory.Text {
		return advisory.Text{Name: line("name_" + lang), Summary: text("summary_" + lang), Preparation: text("preparation_" + lang)}
	})
	var rows eventForm // the questions are typed in the same rows as those of an event
	rows.readRows(c, &f)
	form.Questions = rows.Questions
	form.Revision, _ = strconv.Atoi(c.PostForm("revision")) // any other number is one that somebody else has saved over
	form.typed = f
	return form
}

func adviceWordsIn(of func(lang string) advisory.Text) (texts []adviceWords) {
	for _, lang := range locale.All() {
		t := of(string(lang))
		texts = append(texts, adviceWords{string(lang), lang.Name(), t.Name, t.Summary, t.Preparation})
	}
	return texts
}

// adviceSettingsOf shows a programme as it can be edited.
func adviceSettingsOf(p advisory.Programme) adviceSettings {
	form := adviceSettings{
		Programme: p.ProgrammeID, Language: p.Language, Prerequisite: string(p.Prerequisite), Kind: string(p.PrerequisiteKind), Months: "24", Audiences: p.Audiences,
		Cap: hoursTyped(p.CapMinutes), CapPer: string(p.CapPer), CapPeriod: p.CapPeriod, Pool: hoursTyped(p.PoolMinutes), Price: kronor(p.PriceMinor),
		VAT: strconv.Itoa(p.VATPercent), VATReason: p.VATReason, Step: strconv.Itoa(p.StepMinutes), Lead: hoursTyped(&p.LeadMinutes), FreeCancel: hoursTyped(&p.FreeCancelMinutes),
		Horizon: strconv.Itoa(p.HorizonDays), ClosesOn: p.ClosesOn, LateFree: strconv.Itoa(p.LateFree), LateCharge: strconv.Itoa(p.LateChargeMinutes),
		MissedCharge: strconv.Itoa(p.MissedChargeMinutes), MaxReschedules: strconv.Itoa(p.MaxReschedules), SettleStep: strconv.Itoa(p.SettleStepMinutes),
		Phases: strings.Join(p.Phases, "\n"), AidRegime: p.AidRegime, AidReason: p.AidReason, AidSource: p.AidSource, QuickLog: p.QuickLog, Revision: p.Revision,
	}
	if p.PrerequisiteMonths != 0 {
		form.Months = strconv.Itoa(p.PrerequisiteMonths)
	}
	if p.AidMarketMinor != 0 {
		form.Market = kronor(p.AidMarketMinor)
	}
	form.Texts = adviceWordsIn(func(lang string) advisory.Text { return p.Texts[lang] })
	for i, n := range p.Lengths {
		if i > 0 {
			form.Lengths += ", "
		}
		form.Lengths += strconv.Itoa(n)
	}
	for _, m := range p.Meetings {
		form.Meetings = append(form.Meetings, string(m))
	}
	for _, q := range p.Questions {
		if !q.Removed {
			form.Questions = append(form.Questions, questionRow{ID: q.ID, Kind: q.Kind, Label: q.Label, Required: q.Required, Options: strings.Join(q.Options, "\n")})
		}
	}
	return form
}

// programme is what the form says, over what is stored, with what cannot be read of
// it. What it says wrongly is for advisory to tell.
func (form adviceSettings) programme(p advisory.Programme) (advisory.Programme, problem.Fields) {
	f := slices.Clone(form.typed)
	whole := func(field, typed string) int {
		n, err := strconv.Atoi(withoutSpaces(typed))
		if err != nil {
			f.Add(field, "number")
		}
		return n
	}
	hours := func(field, typed, code string) *int {
		n, ok := minutesOf(typed)
		if !ok {
			f.Add(field, code, "most", 720)
		}
		return n
	}
	money := func(field, typed string) int64 {
		n, ok := oreOf(typed)
		if !ok {
			f.Add(field, "number")
		}
		return n
	}
	p.Language, p.Texts = form.Language, map[string]advisory.Text{}
	for _, t := range form.Texts {
		if t.Name+t.Summary+t.Preparation != "" {
			p.Texts[t.Language] = advisory.Text{Name: t.Name, Summary: t.Summary, Preparation: t.Preparation}
		}
	}
	p.Prerequisite, p.PrerequisiteKind, p.PrerequisiteMonths = advisory.Prerequisite(form.Prerequisite), "", 0
	if p.Prerequisite == advisory.AttendedKind {
		p.PrerequisiteKind, p.PrerequisiteMonths = event.Kind(form.Kind), whole("prerequisite_months", form.Months)
	}
	p.Audiences = form.Audiences
	p.CapMinutes, p.PoolMinutes = hours("cap_minutes", form.Cap, "advice_hours"), hours("pool_minutes", form.Pool, "advice_hours")
	p.CapPer, p.CapPeriod = advisory.CapPer(form.CapPer), form.CapPeriod
	p.PriceMinor, p.VATPercent, p.VATReason = money("price", form.Price), whole("vat_percent", form.VAT), form.VATReason
	p.Lengths = nil
	for _, word := range strings.FieldsFunc(form.Lengths, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\u00a0' }) {
		n, err := strconv.Atoi(word)
		if err != nil {
			n = 0 // which advisory refuses
		}
		p.Lengths = append(p.Lengths, n)
	}
	slices.Sort(p.Lengths)
	p.StepMinutes, p.HorizonDays, p.ClosesOn = whole("step_minutes", form.Step), whole("horizon_days", form.Horizon), form.ClosesOn
	for _, x := range []struct {
		field, typed string
		to           *int
	}{{"lead_minutes", form.Lead, &p.LeadMinutes}, {"free_cancel_minutes", form.FreeCancel, &p.FreeCancelMinutes}} {
		*x.to = 0
		if n := hours(x.field, x.typed, "advice_lead"); n != nil {
			*x.to = *n
		}
	}
	p.LateFree, p.LateChargeMinutes = whole("late_free", form.LateFree), whole("late_charge_minutes", form.LateCharge)
	p.MissedChargeMinutes, p.MaxReschedules = whole("missed_charge_minutes", form.MissedCharge), whole("max_reschedules", form.MaxReschedules)
	p.SettleStepMinutes = whole("settle_step_minutes", form.SettleStep)
	p.Meetings = nil
	for _, m := range form.Meetings {
		p.Meetings = append(p.Meetings, advisory.Meeting(m))
	}
	p.Questions = nil
	for _, q := range form.Questions {
		made := advisory.Question{ID: q.ID, Kind: q.Kind, Label: q.Label, Required: q.Required}
		if q.Kind == "choice" {
			made.Options = fullLines(q.Options)
		}
		p.Questions = append(p.Questions, made)
	}
	p.Phases, p.QuickLog = fullLines(form.Phases), form.QuickLog
	p.AidRegime, p.AidReason, p.AidMarketMinor, p.AidSource = form.AidRegime, form.AidReason, money("aid_market", form.Market), form.AidSource
	return p, f
}

// checked is the programme of the form, with all that must be corrected in it.
func (form adviceSettings) checked(p advisory.Programme) (advisory.Programme, error) {
	p, f := form.programme(p)
	if refusal, ok := problem.As(p.Check()); ok {
		for _, x := range refusal.Fields {
			f.Add(x.Name, x.Code, x.Args...)
		}
	}
	return p, f.Err()
}

// hoursTyped writes minutes as a form shows them: "5", "2,5", "0:20".
func hoursTyped(minutes *int) string {
	switch {
	case minutes == nil:
		return ""
	case *minutes%60 == 0:
		return strconv.Itoa(*minutes / 60)
	case *minutes%30 == 0:
		return strconv.Itoa(*minutes/60) + ",5"
	}
	return strconv.Itoa(*minutes/60) + ":" + strconv.Itoa(100 + *minutes%60)[1:]
}

// minutesOf reads hours as they are typed: "5", "2,5", "0:20"; nothing is no limit.
func minutesOf(typed string) (*int, bool) {
	typed = withoutSpaces(typed)
	if typed == "" {
		return nil, true
	}
	if hours, minutes, clock := strings.Cut(typed, ":"); clock {
		h, err := strconv.Atoi(hours)
		m, other := strconv.Atoi(minutes)
		if err != nil || other != nil || h < 0 || h > 1_000_000 || m < 0 || m > 59 {
			return nil, false
		}
		n := h*60 + m
		return &n, true
	}
	hundredths, ok := hundredthsOf(typed)
	if !ok || hundredths*60%100 != 0 {
		return nil, false
	}
	n := int(hundredths * 60 / 100)
	return &n, true
}

// hundredthsOf reads "2", "2,5" or "2.25" as hundredths.
func hundredthsOf(typed string) (int64, bool) {
	whole, part, decimals := strings.Cut(strings.ReplaceAll(typed, ".", ","), ",")
	if decimals && (part == "" || len(part) > 2) || whole == "" || len(whole) > 7 || strings.Trim(whole+part, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	return n, err == nil
}
