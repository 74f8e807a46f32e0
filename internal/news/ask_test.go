package news_test

import (
	"context"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/news"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
)

// Two programmes are two wishes: each is asked about by a letter of its own.
func TestEachProgrammeAsksTheAddressItself(t *testing.T) {
	db, w := world(t)
	do(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `
			INSERT INTO programme (id, slug, name, country, county_code, language, time_zone, organiser_name, org_number, contact_email, contact_phone, authority, erasure_decision, created_at)
			SELECT 'another', 'another', name, country, county_code, language, time_zone, organiser_name, org_number, contact_email, contact_phone, authority, erasure_decision, created_at
			FROM programme WHERE id = ?`, w.ProgrammeID)
		return err
	})
	ask(t, db, w)
	w.ProgrammeID = "another"
	ask(t, db, w)
	want(t, db, 2, "asked ", "asked ")
	ask(t, db, w)
	want(t, db, 2, "asked ", "asked ")
}

// What is kept as proof is the box that was ticked last, where the consent began.
func TestTheProofIsOfTheBoxByWhichItBegan(t *testing.T) {
	db, w := world(t)
	ask(t, db, w)
	db.Advance(time.Hour)
	w.Source, w.Wording, w.Language = news.OwnPage, "Ja takk, eg vil ha nyheiter", "nn"
	ask(t, db, w)
	s := only(t, db)
	if s.Status != news.On || s.Source != w.Source || s.Wording != w.Wording || s.Language != "nn" || !s.AskedAt.Equal(db.Clock.Now()) {
		t.Errorf("kept is %+v", s)
	}
}

// A wish for news goes along when a typing error in the address is corrected.
func TestAWishMovesToTheCorrectedAddress(t *testing.T) {
	db, w := world(t)
	ev := registrationtest.Event(t, db.DB, func(c *event.Content) { c.Title = "Ett annat" })
	r := registrationtest.Sign(t, db.DB, ev.ID, 1)
	w.ProgrammeID, w.Email = ev.ProgrammeID, r.Email
	ask(t, db, w)
	db.Advance(time.Hour)
	do(t, db, func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.ChangeAddress(ctx, tx, r.ID, address, registrationtest.Organiser)
		return err
	})
	want(t, db, 1, "asked ")
	do(t, db, func(ctx context.Context, tx *store.Tx) error {
		if left, err := news.Of(ctx, tx, r.Email); err != nil || len(left) != 0 {
			t.Errorf("at the wrong address: %+v, %v", left, err)
		}
		return nil
	})
}
