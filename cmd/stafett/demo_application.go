package main

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/application"
	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/person"
	"stafett/internal/sample"
	"stafett/internal/store"
	"stafett/internal/user"
)

// potOf is the address of the demo's programme of advice that has a pot.
const potOf = "startoff-prosess"

// applicationDay sends the projects of that day, and lets the one before come as far
// as it has come by now.
func (f *filler) applicationDay(ctx context.Context, day int) error {
	p, ok := f.advice[potOf]
	if !ok {
		return nil
	}
	if day == -history+1 {
		return f.db.Write(ctx, func(tx *store.Tx) error {
			return application.SetScheme(ctx, tx, sample.Scheme(p.ID, p.Currency), audit.System)
		})
	}
	for _, x := range sample.Projects() {
		if err := f.project(ctx, p.ID, x, day+x.Days); err != nil {
			return fmt.Errorf("project %q: %w", x.Title, err)
		}
	}
	return nil
}

// project does what happens to a project so many days after it was sent.
func (f *filler) project(ctx context.Context, advisoryProgrammeID string, x sample.Project, after int) error {
	return f.db.Write(ctx, func(tx *store.Tx) error {
		who, err := person.Ensure(ctx, tx, person.Person{Email: x.Email, FirstName: x.FirstName, LastName: x.LastName, Language: "nn"})
		if err != nil || after < 0 {
			return err
		}
		if after == 0 {
			d, err := application.SaveDraft(ctx, tx, who.ID, advisoryProgrammeID, "nn", x.Form)
			if err != nil {
				return err
			}
			_, err = application.Submit(ctx, tx, who.ID, d.ID, true)
			return err
		}
		all, err := application.OfPerson(ctx, tx, who.ID)
		if err != nil || len(all) == 0 {
			return err
		}
		return f.step(ctx, tx, all[0], x, after)
	})
}

func (f *filler) step(ctx context.Context, tx *store.Tx, a application.Application, x sample.Project, after int) error {
	by := audit.System
	switch {
	case after == 2 && x.Ask != "":
		return application.AskMore(ctx, tx, a.ID, x.Ask, tx.Now.AddDate(0, 0, application.AnswerDays).Format(time.DateOnly), by)
	case after == 6 && x.Answer != "":
		return application.Answer(ctx, tx, a.PersonID, a.ID, x.Answer)
	case after == 8 && (x.Comes == "assessed" || x.Comes == "rejected" || x.Comes == "running"):
		u, err := user.FindByEmail(ctx, tx, sample.Advisers()[len(sample.Advisers())-1].Email)
		if err != nil {
			return err
		}
		if err := application.AddNote(ctx, tx, a.ID, x.Note, &x.Points, audit.Actor{Kind: "user", ID: u.ID}); err != nil {
			return err
		}
		return application.Assess(ctx, tx, a.ID, by)
	case after == 12 && x.Comes == "rejected":
		return application.Reject(ctx, tx, a.ID, x.Reason, by)
	case after == 12 && x.Comes == "running":
		if err := company.Confirm(ctx, tx, a.PersonID, a.CompanyID, by); err != nil {
			return err
		}
		return application.GrantTo(ctx, tx, a.ID, application.Award{Minor: *a.AskedMinor, Minutes: 2400, ReportBy: tx.Now.AddDate(0, 10, 0).Format(time.DateOnly)}, by)
	case after == 14 && x.Comes == "running":
		return application.Start(ctx, tx, a.ID, by)
	case after == 20 && x.Comes == "running":
		return application.AskPayout(ctx, tx, a.ID, 120_000_00, "Behovskartlegging og arbeidsmøte", audit.Actor{Kind: "person", ID: a.PersonID})
	case after == 24 && x.Comes == "running":
		all, err := application.Payouts(ctx, tx, a.ID)
		if err != nil || len(all) == 0 {
			return err
		}
		return application.AnswerPayout(ctx, tx, a.ID, all[0].ID, true, "", by)
	case after == 28 && x.Comes == "running":
		return application.ToPhase(ctx, tx, a.ID, 1, by)
	}
	return nil
}
