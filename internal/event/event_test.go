package event_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

var (
	ctx       = context.Background()
	organiser = audit.Actor{Kind: "user", ID: "u1"}
)

func utc(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

// seminar is a whole event, ready to be published: nine to twelve in Falun on a
// Wednesday.
func seminar() event.Content {
	return event.Content{
		Kind: event.Seminar, Language: "sv", Title: "Sociala krav som fungerar", Summary: "Hur krav blir rätt ställda.", Description: "**Välkommen!**",
		Mode: event.Room, StartsAt: utc("2027-03-10T08:00:00Z"), EndsAt: utc("2027-03-10T11:00:00Z"), TimeZone: "Europe/Stockholm",
		ClosesAt: utc("2027-03-03T22:59:00Z"), RoomPlaces: new(30), Municipality: municipality.Code{Country: "SE", Number: "2080"},
		VenueName: "Kristinehallen", VenueAddress: "Kristinegatan 1", AccessNotes: "Hörslinga, ingen trappa.", ContactName: "Ida Lind",
		ContactEmail: "ida.lind@example.se", WaitingList: true, Audiences: []string{"procurer", "supplier_sme"},
		Agenda: []event.AgendaItem{{OffsetMinutes: -30, Title: "Kaffe"}, {OffsetMinutes: 0, Title: "Inledning"}, {OffsetMinutes: 180, Title: "Slut"}},
	}
}

// webinar is one that people follow online, without limit.
func webinar() event.Content {
	c := seminar()
	c.Kind, c.Mode, c.JoinURL = event.Webinar, event.Online, "https://meet.example.se/abc"
	c.RoomPlaces, c.VenueName, c.VenueAddress, c.AccessNotes, c.Municipality = nil, "", "", "", municipality.Code{}
	c.ClosesAt = c.StartsAt
	return c
}

func hybrid() event.Content {
	c := seminar()
	c.Mode, c.JoinURL, c.OnlinePlaces = event.Hybrid, "https://meet.example.se/abc", new(100)
	return c
}

func addProgramme(t *testing.T, db *store.DB, p programme.Programme) programme.Programme {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		p, err = programme.Add(ctx, tx, p, audit.Command)
		return err
	})
	return p
}

func dalarna() programme.Programme {
	return programme.Programme{Slug: "dalarna", Name: "Dalarna", Country: "SE", CountyCode: "20", Language: "sv", TimeZone: "Europe/Stockholm", Authority: true}
}

func newDB(t *testing.T) (*store.DB, *storetest.Clock, programme.Programme) {
	t.Helper()
	db, clock := storetest.New(t)
	return db, clock, addProgramme(t, db, dalarna())
}

func create(t *testing.T, db *store.DB, p programme.Programme, c event.Content) (e event.Event) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		e, err = event.Create(ctx, tx, p.ID, "", c, organiser)
		return err
	})
	return e
}

func publish(t *testing.T, db *store.DB, p programme.Programme, c event.Content) (e event.Event) {
	t.Helper()
	e = create(t, db, p, c)
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		e, err = event.Publish(ctx, tx, e.ID, organiser)
		return err
	})
	return e
}

func find(t *testing.T, db *store.DB, id string) (e event.Event) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		e, err = event.Find(ctx, tx, id)
		return err
	})
	return e
}

func update(db *store.DB, id string, revision int, c event.Content) (after event.Event, err error) {
	err = db.Write(ctx, func(tx *store.Tx) (err error) {
		_, after, err = event.Update(ctx, tx, id, revision, c, organiser)
		return err
	})
	return after, err
}

// status brings an event into a stored state, whatever way leads there.
func status(t *testing.T, db *store.DB, id string, s event.Status) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE event SET status = ?, cancel_reason = 'x' WHERE id = ?`, s, id)
		return err
	})
}

// take sets how many places are gone.
func take(t *testing.T, db *store.DB, id string, mode event.Mode, taken, extra int) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(ctx, tx, `UPDATE event_capacity SET taken = ?, extra = ? WHERE event_id = ? AND mode = ?`, taken, extra, id, mode)
		return err
	})
}

// codes writes each field's error as "field:code", in order.
func codes(err error) []string {
	p, ok := problem.As(err)
	if !ok {
		return nil
	}
	var out []string
	for _, f := range p.Fields {
		out = append(out, f.Name+":"+f.Code)
	}
	return out
}

func refused(t *testing.T, what string, got error, want *problem.Problem) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}
