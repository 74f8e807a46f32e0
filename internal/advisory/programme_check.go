package advisory

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
)

// Limits of what a programme of advice may say.
const (
	mostName      = 200
	mostSlug      = 80
	mostQuestions = 20
	mostOptions   = 20
	mostPhases    = 12
	mostLengths   = 8
	mostHours     = 100_000 // of a cap or a pool
	mostLead      = 720     // hours
)

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// Check reports what must be corrected before the programme can be stored, by the
// names of the fields in forms and in the API; those of texts end with the language,
// as in "name_sv".
func (p Programme) Check() error {
	var f problem.Fields
	if !slugForm.MatchString(p.Slug) || len(p.Slug) > mostSlug {
		f.Add("slug", "slug")
	}
	oneOf(&f, "status", p.Status, Draft, Open, Closed)
	oneOf(&f, "currency", p.Currency, "SEK", "NOK")
	if _, ok := locale.Parse(p.Language); !ok {
		f.Add("language", "choice")
	}
	p.checkTexts(&f)
	p.checkWho(&f)
	p.checkHours(&f)
	p.checkMeetings(&f)
	p.checkAid(&f)
	p.checkQuestions(&f)
	return f.Err()
}

// oneOf notes a value that is none of those there are.
func oneOf[T comparable](f *problem.Fields, field string, value T, all ...T) {
	if !slices.Contains(all, value) {
		f.Add(field, "choice")
	}
}

// between notes a number outside its limits.
func between(f *problem.Fields, field string, n, least, most int) {
	if n < least || n > most {
		f.Add(field, "between", "least", least, "most", most)
	}
}

// plain notes a text that is too long or could deceive a reader.
func plain(f *problem.Fields, field, text string, most int, breaks bool) {
	switch {
	case locale.Deceptive(text, breaks):
		f.Add(field, "characters")
	case utf8.RuneCountInString(text) > most:
		f.Add(field, "too_long", "most", most)
	}
}

func (p Programme) checkTexts(f *problem.Fields) {
	if strings.TrimSpace(p.Texts[p.Language].Name) == "" {
		f.Add("name_"+p.Language, "required")
	}
	for _, lang := range locale.All() { // in the order of the form
		t, has := p.Texts[string(lang)]
		if !has {
			continue
		}
		if strings.TrimSpace(t.Name) == "" {
			f.Add("name_"+string(lang), "advice_name")
		}
		plain(f, "name_"+string(lang), t.Name, mostName, false)
		plain(f, "summary_"+string(lang), t.Summary, mostText, true)
		plain(f, "preparation_"+string(lang), t.Preparation, mostText, true)
	}
	for lang := range p.Texts {
		if _, ok := locale.Parse(lang); !ok {
			f.Add("texts", "choice")
		}
	}
}

func (p Programme) checkWho(f *problem.Fields) {
	oneOf(f, "prerequisite", p.Prerequisite, NoPrerequisite, AttendedKind, PublicBody, Application, ByOrganiser)
	if p.Prerequisite == AttendedKind {
		oneOf(f, "prerequisite_kind", p.PrerequisiteKind, event.Kinds()...)
		between(f, "prerequisite_months", p.PrerequisiteMonths, 1, 120)
	} else if p.PrerequisiteKind != "" || p.PrerequisiteMonths != 0 {
		f.Add("prerequisite_kind", "choice")
	}
	for _, a := range p.Audiences {
		oneOf(f, "audience", a, event.Audiences()...)
	}
	if len(slices.Compact(slices.Sorted(slices.Values(p.Audiences)))) < len(p.Audiences) {
		f.Add("audience", "choice")
	}
}

func (p Programme) checkHours(f *problem.Fields) {
	for _, x := range []struct {
		field   string
		minutes *int
	}{{"cap_minutes", p.CapMinutes}, {"pool_minutes", p.PoolMinutes}} {
		if x.minutes != nil && (*x.minutes < 1 || *x.minutes > mostHours*60) {
			f.Add(x.field, "advice_hours")
		}
	}
	oneOf(f, "cap_per", p.CapPer, PerCompany, PerUndertaking, PerProject)
	oneOf(f, "cap_period", p.CapPeriod, "programme", "year")
	if p.CapPer == PerProject && p.Prerequisite != Application {
		f.Add("cap_per", "advice_project")
	}
	if p.CapPer == PerProject && p.CapPeriod == "year" {
		f.Add("cap_period", "advice_project_year")
	}
	if p.PriceMinor < 0 || p.PriceMinor > 10_000_000 {
		f.Add("price", "number")
	}
	oneOf(f, "vat_percent", p.VATPercent, 0, 25)
	if p.VATPercent == 0 && p.PriceMinor > 0 && strings.TrimSpace(p.VATReason) == "" {
		f.Add("vat_reason", "advice_vat_reason")
	}
	plain(f, "vat_reason", p.VATReason, mostName, false)
}

func (p Programme) checkMeetings(f *problem.Fields) {
	sorted := slices.Compact(slices.Sorted(slices.Values(p.Lengths)))
	if len(p.Lengths) == 0 || len(sorted) < len(p.Lengths) || len(p.Lengths) > mostLengths ||
		slices.ContainsFunc(p.Lengths, func(n int) bool { return n < leastLeft || n > 480 }) {
		f.Add("session_minutes", "advice_lengths", "least", leastLeft, "most", 480)
	}
	between(f, "step_minutes", p.StepMinutes, 5, 120)
	for _, x := range []struct {
		field   string
		minutes int
	}{{"lead_minutes", p.LeadMinutes}, {"free_cancel_minutes", p.FreeCancelMinutes}} {
		if x.minutes < 0 || x.minutes > mostLead*60 {
			f.Add(x.field, "advice_lead", "most", mostLead)
		}
	}
	between(f, "horizon_days", p.HorizonDays, 1, 366)
	between(f, "late_free", p.LateFree, 0, 99)
	between(f, "late_charge_minutes", p.LateChargeMinutes, 0, 480)
	between(f, "missed_charge_minutes", p.MissedChargeMinutes, 0, 480)
	between(f, "max_reschedules", p.MaxReschedules, 0, 99)
	between(f, "settle_step_minutes", p.SettleStepMinutes, 1, 60)
	if len(p.Meetings) == 0 {
		f.Add("meeting", "tick")
	}
	for i, m := range p.Meetings {
		oneOf(f, "meeting", m, Meetings()...)
		if slices.Contains(p.Meetings[:i], m) {
			f.Add("meeting", "choice")
		}
	}
	if p.ClosesOn != "" {
		if _, err := time.Parse(time.DateOnly, p.ClosesOn); err != nil {
			f.Add("closes_on", "advice_day")
		}
	}
}

// checkAid asks of each regime for what must be on file: a reason, or the market
// price and where it is from.
func (p Programme) checkAid(f *problem.Fields) {
	oneOf(f, "aid_regime", p.AidRegime, "none", "de_minimis")
	switch p.AidRegime {
	case "none":
		if strings.TrimSpace(p.AidReason) == "" {
			f.Add("aid_reason", "advice_aid_reason")
		}
	case "de_minimis":
		if p.AidMarketMinor <= 0 || p.AidMarketMinor > 100_000_000 {
			f.Add("aid_market", "advice_market")
		} else if p.AidMarketMinor < p.PriceMinor {
			f.Add("aid_market", "advice_market_low")
		}
		if strings.TrimSpace(p.AidSource) == "" {
			f.Add("aid_source", "advice_aid_source")
		}
	}
	plain(f, "aid_reason", p.AidReason, mostText, true)
	plain(f, "aid_source", p.AidSource, mostText, true)
}

func (p Programme) checkQuestions(f *problem.Fields) {
	asked := 0
	for _, q := range p.Questions {
		if q.Removed {
			continue
		}
		asked++
		oneOf(f, "questions", q.Kind, "text", "choice", "yes_no")
		if strings.TrimSpace(q.Label) == "" {
			f.Add("questions", "question_label", "row", asked)
		}
		plain(f, "questions", q.Label, mostName, false)
		if q.Kind == "choice" && len(q.Options) < 2 {
			f.Add("questions", "question_options", "row", asked)
		}
		if len(q.Options) > mostOptions {
			f.Add("questions", "too_many", "most", mostOptions)
		}
		for _, o := range q.Options {
			plain(f, "questions", o, mostName, false)
		}
	}
	if asked > mostQuestions {
		f.Add("questions", "too_many", "most", mostQuestions)
	}
	if len(p.Phases) > mostPhases {
		f.Add("phases", "too_many", "most", mostPhases)
	}
	for _, name := range p.Phases {
		if strings.TrimSpace(name) == "" {
			f.Add("phases", "required")
		}
		plain(f, "phases", name, 120, false)
	}
}
