package web

import (
	"strconv"

	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/owndata"
)

// applications tells what is stored of somebody's applications for support.
func (w *teller) applications(d owndata.Data) (items []dataItem) {
	for _, x := range d.Applications {
		title := x.Title
		if title == "" {
			title = w.t("apply.untitled")
		}
		items = append(items, dataItem{Title: title, Language: x.Language, When: locale.ShortDate(w.lang, x.CreatedAt.In(deskZone())), Rows: w.application(x)})
	}
	return items
}

func (w *teller) application(x owndata.Application) (r rows) {
	r.add(w.t("mail.fact.case"), x.Number)
	r.add(w.t("event.organiser"), x.Programme)
	r.add(w.t("manage.status"), w.t("status.application."+x.Status))
	r.add(w.t("mail.fact.body"), x.BodyName)
	if x.Company != nil {
		r.add(w.t("register.org_number"), company.Format(x.Company.Country, x.Company.OrgNumber))
	}
	if f := x.Typed; f != nil {
		r.add(w.t("admin.column.name"), f.FirstName+" "+f.LastName)
		r.add(w.t("mail.fact.body"), f.BodyName, f.OrgNumber)
		x.Challenge, x.Goal, x.ReportURL, x.ProjectOwner, x.Support = f.Challenge, f.Goal, f.ReportURL, f.ProjectOwner, f.Support
		r.add(w.t("apply.budget"), f.Budget)
		r.add(w.t("apply.own_share"), f.OwnShare)
		r.add(w.t("mail.fact.asked"), f.Asked)
	}
	r.add(w.t("apply.challenge"), x.Challenge)
	r.add(w.t("apply.goal"), x.Goal)
	r.add(w.t("apply.report_url"), x.ReportURL)
	r.add(w.t("apply.project_owner"), x.ProjectOwner)
	for _, sum := range []struct {
		label string
		minor *int64
	}{{"apply.budget", x.BudgetMinor}, {"apply.own_share", x.OwnShareMinor}, {"mail.fact.asked", x.AskedMinor}, {"mail.fact.granted", x.GrantedMinor}} {
		if sum.minor != nil {
			r.add(w.t(sum.label), strconv.FormatInt(*sum.minor/100, 10))
		}
	}
	r.add(w.t("apply.support"), x.Support)
	for _, q := range x.Questions {
		r.add(q.Question, q.Answer)
	}
	r.add(w.t("apply.decision.reason"), x.Decision)
	r.add(w.t("apply.final_report"), x.FinalReport, x.FinalReportURL)
	r.add(w.t("own.field.letters"), w.letters(x.Messages, deskZone())...)
	r.add(w.t("own.field.log"), w.log(x.Log, deskZone())...)
	return r
}
