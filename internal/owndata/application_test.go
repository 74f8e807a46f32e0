package owndata_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"stafett/internal/application"
	"stafett/internal/application/applicationtest"
	"stafett/internal/company"
	"stafett/internal/owndata"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// A draft is its writer's own and goes at once; what was sent is a record of the
// organiser's, who decides, and stays without the person.
func TestADraftGoesAndACaseStaysWithoutThePerson(t *testing.T) {
	db, clock := storetest.New(t)
	by := applicationtest.Setup(t, db)
	a := applicationtest.Submitted(t, db, 1)
	applicationtest.Do(t, db, func(ctx context.Context, tx *store.Tx) error {
		if err := application.AskMore(ctx, tx, a.ID, "Kven eig løysinga?", "2027-02-01", by); err != nil {
			return err
		}
		if err := application.Answer(ctx, tx, a.PersonID, a.ID, "Kommunen."); err != nil {
			return err
		}
		points := 9
		return application.AddNote(ctx, tx, a.ID, "Hemmeleg vurdering", &points, by)
	})
	applicationtest.Granted(t, db, a, by)
	colleague := applicationtest.Person(t, db, 2)
	var draft application.Application
	applicationtest.Do(t, db, func(ctx context.Context, tx *store.Tx) (err error) {
		if err := company.Confirm(ctx, tx, colleague.ID, a.CompanyID, by); err != nil {
			return err
		}
		draft, err = application.SaveDraft(ctx, tx, a.PersonID, applicationtest.Advisory, "nn", application.Form{Title: "Eit utkast til"})
		return err
	})
	storetest.Read(t, db, func(tx *store.Tx) error {
		d, err := owndata.Read(context.Background(), tx, a.PersonID)
		if err != nil {
			return err
		}
		file, err := json.Marshal(d)
		for _, want := range []string{"Smartare straum", "Kommunen.", "Eit utkast til", `"P3"`, "application.granted"} {
			if !strings.Contains(string(file), want) {
				t.Errorf("the file lacks %q", want)
			}
		}
		if strings.Contains(string(file), "Hemmeleg") {
			t.Error("the file has an assessor's note")
		}
		plan, err2 := owndata.PlanFor(context.Background(), tx, a.PersonID)
		if len(plan.Going) != 1 || plan.Going[0].Case.ID != draft.ID || len(plan.Kept) != 1 || plan.Kept[0].Case.ID != a.ID {
			t.Errorf("the plan is %+v", plan)
		}
		return errors.Join(err, err2)
	})
	applicationtest.Do(t, db, func(ctx context.Context, tx *store.Tx) error { return owndata.Ask(ctx, tx, a.PersonID) })
	applicationtest.Do(t, db, func(ctx context.Context, tx *store.Tx) error {
		if _, err := application.Find(ctx, tx, draft.ID); !errors.Is(err, problem.ErrMissing) {
			t.Errorf("the draft: %v", err)
		}
		if _, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', done_at = created_at WHERE done_at IS NULL`); err != nil {
			return err
		}
		if err := owndata.Erase(ctx, tx); err != nil {
			return err
		}
		if p, err := person.Find(ctx, tx, a.PersonID); err != nil || p.Erased() {
			t.Errorf("erased before the organiser has decided: %v", err)
		}
		open, err := owndata.OpenRequests(ctx, tx, nil)
		if err != nil || len(open) != 1 {
			t.Fatalf("%d requests, %v", len(open), err)
		}
		return owndata.Decide(ctx, tx, open[0], owndata.Granted, "", by)
	})
	clock.Advance(time.Minute)
	applicationtest.Do(t, db, func(ctx context.Context, tx *store.Tx) error {
		if _, err := store.Exec(ctx, tx, `UPDATE message SET status = 'sent', done_at = created_at WHERE done_at IS NULL`); err != nil {
			return err
		}
		return owndata.Erase(ctx, tx)
	})
	storetest.Read(t, db, func(tx *store.Tx) error {
		p, err := person.Find(context.Background(), tx, a.PersonID)
		if !p.Erased() {
			t.Errorf("the person is still %s", p.Email)
		}
		kept, err2 := application.Own(context.Background(), tx, colleague.ID, a.ID)
		if kept.Status != application.Granted || kept.Title != a.Title {
			t.Errorf("the case is %+v", kept)
		}
		return errors.Join(err, err2)
	})
	applicationtest.Do(t, db, func(ctx context.Context, tx *store.Tx) error { // goes on without a letter to nobody
		return application.Start(ctx, tx, a.ID, by)
	})
}
