// Package registrationtest gives tests a published event and people who sign up
// for it, in a database of package storetest.
package registrationtest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// Organiser acts for those who arrange the events.
var Organiser = audit.Actor{Kind: "user", ID: "organiser"}

// Starts is when the event of Content starts: Wednesday 10 March 2027 at nine
// in Falun, eight weeks after the clock of storetest begins.
var Starts = time.Date(2027, 3, 10, 8, 0, 0, 0, time.UTC)

// Programme gives the programme of all events here, new the first time. It is a
// Swedish authority that has decided when to erase, so it may ask about diet.
func Programme(t testing.TB, db *store.DB) (p programme.Programme) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		p, err = programme.FindBySlug(context.Background(), tx, "dalarna")
		if !errors.Is(err, problem.ErrMissing) {
			return err
		}
		p, err = programme.Add(context.Background(), tx, programme.Programme{
			Slug: "dalarna", Name: "Upphandlingskompetens Dalarna", Country: "SE", CountyCode: "20", Language: "sv", TimeZone: "Europe/Stockholm",
			OrganiserName: "Exempelregionen", Authority: true, ErasureDecision: "2027-14",
		}, audit.Command)
		return err
	})
	return p
}

// Content is a seminar of three hours in a room with 30 places, open from the
// day it is published until a week before, with a waiting list.
func Content() event.Content {
	return event.Content{
		Kind: event.Seminar, Language: "sv", Title: "Sociala krav som fungerar", Summary: "Hur krav blir rätt ställda.", Mode: event.Room,
		StartsAt: Starts, EndsAt: Starts.Add(3 * time.Hour), TimeZone: "Europe/Stockholm", RoomPlaces: new(30),
		Municipality: municipality.Code{Country: "SE", Number: "2080"}, VenueName: "Kristinehallen", VenueAddress: "Kristinegatan 1",
		ContactName: "Ida Lind", ContactEmail: "ida.lind@example.se", WaitingList: true, Audiences: []string{"supplier_sme", "procurer"},
	}
}

// Event publishes the seminar of Content, as change makes it; nil leaves it as
// it is.
func Event(t testing.TB, db *store.DB, change func(*event.Content)) (ev event.Event) {
	t.Helper()
	p, c := Programme(t, db), Content()
	if change != nil {
		change(&c)
	}
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		if ev, err = event.Create(context.Background(), tx, p.ID, "", c, Organiser); err != nil {
			return err
		}
		ev, err = event.Publish(context.Background(), tx, ev.ID, Organiser)
		return err
	})
	return ev
}

// Hybrid makes a hybrid event of the seminar, with 100 places online.
func Hybrid(c *event.Content) {
	c.Mode, c.OnlinePlaces, c.JoinURL = event.Hybrid, new(100), "https://meet.example.se/abc"
}

// Online makes a webinar of the seminar, with 100 places.
func Online(c *event.Content) {
	c.Kind, c.Mode, c.OnlinePlaces, c.JoinURL = event.Webinar, event.Online, new(100), "https://meet.example.se/abc"
	c.RoomPlaces, c.VenueName, c.VenueAddress, c.Municipality = nil, "", "", municipality.Code{}
}

// Address is the address of person number n.
func Address(n int) string { return fmt.Sprintf("person%03d@example.se", n) }

// Request is what person number n, who comes for no organisation, sends in.
func Request(eventID string, n int) registration.Request {
	return registration.Request{
		EventID: eventID, FirstName: "Person", LastName: fmt.Sprintf("Nummer %d", n), Email: Address(n), Language: "sv", Audience: "procurer",
		Organisation: registration.Organisation{Kind: registration.OfNone}, Municipality: municipality.Code{Country: "SE", Number: "2080"}, Complete: true,
	}
}

// Sign signs person number n up and gives the registration, with a place or
// waiting.
func Sign(t testing.TB, db *store.DB, eventID string, n int) registration.Registration {
	t.Helper()
	return SignUp(t, db, Request(eventID, n)).Registration
}

// SignUp signs somebody up who must not be refused.
func SignUp(t testing.TB, db *store.DB, q registration.Request) (o registration.Outcome) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) (err error) {
		o, err = registration.Register(context.Background(), tx, q)
		return err
	})
	return o
}

// Find reads a registration as it is now.
func Find(t testing.TB, db *store.DB, id string) (r registration.Registration) {
	t.Helper()
	storetest.Read(t, db, func(tx *store.Tx) (err error) {
		r, err = registration.Find(context.Background(), tx, id)
		return err
	})
	return r
}
