package registration_test

import (
	"slices"
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// The tables themselves say what can hang on an event; people, what is written to
// them and what they are handed cannot hang on a draft.
func TestADraftIsThrownAwayWithAllThatHangsOnIt(t *testing.T) {
	db, _ := storetest.New(t)
	p, c := registrationtest.Programme(t, db), registrationtest.Content()
	c.CoOrganisers, c.Agenda, c.Speakers = []string{"Mora kommun"}, []event.AgendaItem{{Title: "Kaffe"}}, []event.Speaker{{Name: "Kari Vik"}}
	c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "Varför?"}}
	never := []string{"registration", "registration_group", "offer", "message", "mailing_event", "material"}
	storetest.Write(t, db, func(tx *store.Tx) error {
		ev, err := event.Create(ctx, tx, p.ID, "", c, organiser)
		if err != nil {
			return err
		}
		if _, err := registration.Invite(ctx, tx, ev.ID, "Nätverket", "", nil, organiser); err != nil {
			return err
		}
		for _, row := range []string{
			`INSERT INTO reminder_own (event_id, since) SELECT id, created_at FROM event`,
			`INSERT INTO company (id, country, org_number, name, created_at) VALUES ('c', 'SE', '5566778899', 'Exempelbolaget AB', '2027-01-13T09:00:00Z')`,
			`INSERT INTO company_share (event_id, company_id) SELECT id, 'c' FROM event`,
			`INSERT INTO checkin_link (id, token_hash, event_id, expires_at, created_at) SELECT 'l', 'h', id, ends_at, created_at FROM event`,
			`INSERT INTO checkin_mark (id, event_id, outcome, made_at, received_at) SELECT 'm', id, 'unknown_code', created_at, created_at FROM event`,
		} {
			if _, err := store.Exec(ctx, tx, row); err != nil {
				return err
			}
		}
		tables, err := store.All(ctx, tx, store.Value[string], `
			SELECT m.name FROM sqlite_schema m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table' AND f."table" = 'event' ORDER BY m.name`)
		if err != nil {
			return err
		}
		for _, table := range tables {
			n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM `+table+` WHERE event_id = ?`, ev.ID)
			if err != nil {
				return err
			}
			if n == 0 && !slices.Contains(never, table) {
				t.Errorf("this test puts nothing into %s", table)
			}
		}
		return event.Discard(ctx, tx, ev.ID, organiser)
	})
}

func TestTheLastOccasionButOneThrownAwayEndsTheSeries(t *testing.T) {
	db, _ := storetest.New(t)
	p := registrationtest.Programme(t, db)
	var all []event.Event
	storetest.Write(t, db, func(tx *store.Tx) error {
		var ids []string
		for range 3 {
			ev, err := event.Create(ctx, tx, p.ID, "", registrationtest.Content(), organiser)
			if err != nil {
				return err
			}
			all, ids = append(all, ev), append(ids, ev.ID)
		}
		_, err := event.MakeSeries(ctx, tx, "Serie", event.ForWhole, ids, organiser)
		return err
	})
	discard := func(id string) (of string) {
		storetest.Write(t, db, func(tx *store.Tx) error { return event.Discard(ctx, tx, id, organiser) })
		return findEvent(t, db, all[2].ID).SeriesID
	}
	if discard(all[0].ID) == "" {
		t.Error("a series of two has ended")
	}
	same(t, "the series of the one that is left", discard(all[1].ID), "")
	storetest.Read(t, db, func(tx *store.Tx) error {
		n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM series`)
		same(t, "series", n, 0)
		return err
	})
}
