package owndata_test

import (
	"testing"

	"stafett/internal/mailing"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// A mailing that waits for its time, and one that has gone, know nothing of
// somebody whose data are erased; the latter still counts its letters.
func TestNothingIsLeftOfThePersonInAMailing(t *testing.T) {
	db, clock := storetest.New(t)
	ev := registrationtest.Event(t, db, catering)
	r := asa(t, db, ev)
	delivered(t, db)
	var gone, ahead mailing.Mailing
	write(t, db, func(tx *store.Tx) (err error) {
		s := mailing.OfEvent(ev.ID)
		if r.CompanyID != "" {
			s.CompanyIDs = []string{r.CompanyID}
		}
		content := mailing.Content{Texts: map[string]mailing.Text{"sv": {Subject: "Hej {first_name}", Body: "Hej."}}}
		if gone, err = mailing.New(ctx, tx, ev.ProgrammeID, s, content, registrationtest.Organiser); err != nil {
			return err
		}
		if err := mailing.Send(ctx, tx, gone.ID, gone.Revision, registrationtest.Organiser); err != nil {
			return err
		}
		if err := mailing.Write(ctx, tx, gone.ID); err != nil {
			return err
		}
		if ahead, err = mailing.New(ctx, tx, ev.ProgrammeID, s, content, registrationtest.Organiser); err != nil {
			return err
		}
		return mailing.Schedule(ctx, tx, ahead.ID, ahead.Revision, ev.EndsAt.AddDate(0, 1, 0), registrationtest.Organiser)
	})
	delivered(t, db)
	clock.Set(ev.EndsAt)
	write(t, db, func(tx *store.Tx) error {
		_, err := registration.CloseEvent(ctx, tx, ev.ID, registrationtest.Organiser)
		return err
	})
	delivered(t, db)
	ask(t, db, r.PersonID)
	delivered(t, db)
	erase(t, db)
	if found := traces(t, db, r.Email, r.FirstName, r.LastName); len(found) > 0 {
		t.Errorf("something is left: %q", found)
	}
	clock.Set(ev.EndsAt.AddDate(0, 1, 1))
	write(t, db, func(tx *store.Tx) error {
		for more := true; more; {
			var err error
			if more, err = mailing.Work(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	letters := func(id string) (n int) {
		storetest.Read(t, db, func(tx *store.Tx) (err error) {
			n, err = store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE mailing_id = ?`, id)
			return err
		})
		return n
	}
	if letters(gone.ID) != 1 || letters(ahead.ID) != 0 {
		t.Errorf("%d letters then, %d now", letters(gone.ID), letters(ahead.ID))
	}
}
