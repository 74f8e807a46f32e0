package web

import (
	"cmp"

	"stafett/internal/application"
	"stafett/internal/locale"
)

// decisionPaper puts a decision into words, in the language in which the application
// is written, whoever reads it.
func (s *Server) decisionPaper(c caseCard) (application.Paper, error) {
	lang, ok := locale.Parse(c.Application.Language)
	if !ok {
		lang = locale.EN
	}
	w, d := &teller{s: s, lang: lang}, c.Decision
	organiser := cmp.Or(c.Programme.OrganiserName, c.Programme.Name)
	p := application.Paper{
		Language: string(lang), Brand: organiser, Heading: w.t("status.decision." + string(d.Outcome)), Title: c.Title, Number: c.Number, At: d.At,
	}
	fact := func(label, value string) {
		if value != "" {
			p.Facts = append(p.Facts, application.PaperFact{Label: w.t(label), Value: value})
		}
	}
	fact("mail.fact.case", c.Number)
	fact("mail.fact.body", c.BodyName)
	fact("apply.scheme", c.Name)
	if c.AskedMinor != nil {
		fact("mail.fact.asked", locale.Money(lang, *c.AskedMinor, d.Currency))
	}
	if d.Minor > 0 {
		fact("mail.fact.granted", locale.Money(lang, d.Minor, d.Currency))
	}
	if d.Minutes > 0 {
		fact("mail.fact.hours", locale.Duration(lang, d.Minutes))
	}
	if d.Outcome == application.Granted && c.ReportBy != "" {
		fact("mail.fact.report_by", locale.Date(lang, c.DayOf(c.ReportBy)))
	}
	part := func(heading, words string) {
		if words != "" {
			p.Parts = append(p.Parts, application.PaperPart{Heading: w.t(heading), Words: words})
		}
	}
	part("apply.decision.decision", w.t(map[application.Status]string{application.Granted: "apply.decision.grants", application.Rejected: "apply.decision.rejects"}[d.Outcome], "organiser", organiser))
	part("apply.decision.reason", d.Reason)
	if most := c.Scheme.PartMinor(d.Minor); d.Minor > 0 && most < d.Minor {
		part("apply.decision.terms", w.t("mail.p3.part", "most", locale.Money(lang, most, d.Currency)))
	}
	part("mail.fact.appeal", d.Appeal)
	if d.ByName != "" {
		p.Signed = append(p.Signed, d.ByName)
	}
	p.Signed = append(p.Signed, organiser, capitalise(locale.Date(lang, c.Local(d.At))))
	return p, w.err
}
