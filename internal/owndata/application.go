package owndata

import (
	"context"
	"errors"

	"stafett/internal/application"
	"stafett/internal/company"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

func (d *Data) readApplications(ctx context.Context, tx *store.Tx, p person.Person) error {
	own, err := application.By(ctx, tx, p.ID)
	if err != nil {
		return err
	}
	for _, a := range own {
		x, err := readApplication(ctx, tx, a, p.Email)
		if err != nil {
			return err
		}
		d.Applications = append(d.Applications, x)
	}
	return nil
}

func readApplication(ctx context.Context, tx *store.Tx, a application.Application, address string) (x Application, err error) {
	x = Application{
		ID: a.ID, Number: a.Number, Status: string(a.Status), BodyName: a.BodyName, Language: a.Language, Title: a.Title, Challenge: a.Challenge, Goal: a.Goal,
		ReportURL: a.ReportURL, ProjectOwner: a.ProjectOwner, BudgetMinor: a.BudgetMinor, OwnShareMinor: a.OwnShareMinor, AskedMinor: a.AskedMinor,
		GrantedMinor: a.GrantedMinor, Support: a.Support, FinalReport: a.FinalReport, FinalReportURL: a.FinalReportURL,
		CreatedAt: a.CreatedAt, SubmittedAt: when(a.SubmittedAt), DecidedAt: when(a.DecidedAt), Questions: []ApplicationQuestion{}, Messages: []Message{},
	}
	if a.Status == application.Draft {
		x.Typed = &a.Typed
	}
	programmeID, err := store.One(ctx, tx, store.Value[string], `SELECT programme_id FROM advisory_programme WHERE id = ?`, a.AdvisoryProgrammeID)
	if err != nil {
		return x, err
	}
	p, err := programme.Find(ctx, tx, programmeID)
	if err != nil {
		return x, err
	}
	x.Programme = p.Name
	if a.CompanyID != "" {
		c, err := company.Find(ctx, tx, a.CompanyID)
		if err != nil {
			return x, err
		}
		x.Company = &Company{c.Country, c.Number, a.BodyName} // our register's name is not theirs to see
	}
	asked, err := application.Questions(ctx, tx, a.ID)
	if err != nil {
		return x, err
	}
	for _, q := range asked {
		x.Questions = append(x.Questions, ApplicationQuestion{q.Question, q.AskedAt, q.Answer, when(q.EndedAt)})
	}
	d, err := application.DecisionOf(ctx, tx, a.ID)
	if err != nil && !errors.Is(err, problem.ErrMissing) {
		return x, err
	}
	x.Decision = d.Reason
	written, err := message.OfApplication(ctx, tx, a.ID)
	if err != nil {
		return x, err
	}
	for _, m := range written {
		if m.Recipient == address {
			x.Messages = append(x.Messages, sent(m))
		}
	}
	x.Log, err = entries(ctx, tx, "application", a.ID)
	return x, err
}
