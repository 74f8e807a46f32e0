// Package sample reads a file of programmes and events in the form of
// data/sample_programme.json, whose dates are days from the day it is loaded,
// and can fill the events with invented people, so that there is something to
// look at.
package sample

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/municipality"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// File is what we read of such a file.
type File struct {
	Programmes []struct {
		ID         string `json:"id"`
		Name       string `json:"name"`
		Country    string `json:"country"`
		CountyCode string `json:"county_code"`
		Language   string `json:"language"`
	} `json:"programmes"`
	Events    []Event   `json:"events"`
	Companies []Company `json:"demo_companies"`
	Advice    []Advice  `json:"advisory_programmes"`
}

// Event is one event of the file.
type Event struct {
	ID           string   `json:"id"`
	Title        string   `json:"title"`
	Language     string   `json:"language"`
	Kind         string   `json:"kind"`
	Audience     []string `json:"audience"`
	Municipality *struct {
		Country string `json:"country"`
		Code    string `json:"code"`
	} `json:"municipality"`
	Venue struct {
		Type        string `json:"type"`
		Name        string `json:"name"`
		AccessNotes string `json:"access_notes"`
	} `json:"venue"`
	DurationMinutes int    `json:"duration_minutes"`
	StartOffsetDays int    `json:"start_offset_days"`
	StartTime       string `json:"start_time"`
	Capacity        int    `json:"capacity"`
	OpensOffset     int    `json:"registration_opens_offset_days"`
	ClosesOffset    int    `json:"registration_closes_offset_days"`
	Summary         string `json:"summary"`
	Agenda          []struct {
		Start string `json:"start"`
		Title string `json:"title"`
	} `json:"agenda"`
	Programme       string   `json:"programme"`
	CoOrganisers    []string `json:"co_organisers"`
	Catering        bool     `json:"catering"`
	Hybrid          bool     `json:"hybrid"`
	AnyDay          bool     `json:"any_day"` // also on a Saturday or a Sunday
	MinParticipants *int     `json:"min_participants"`
	Questions       []struct {
		Kind     string   `json:"kind"`
		Label    string   `json:"label"`
		Required bool     `json:"required"`
		Options  []string `json:"options"`
	} `json:"questions"`
}

// Company is one invented company of the file.
type Company struct {
	Country      string `json:"country"`
	OrgNumber    string `json:"orgnr"`
	Name         string `json:"name"`
	Municipality string `json:"municipality_code"`
	NACE         string `json:"nace"`
	LegalForm    string `json:"legal_form"`
	Employees    int    `json:"employees"`
}

// Read reads a file.
func Read(data []byte) (File, error) {
	var f File
	if err := json.Unmarshal(data, &f); err != nil {
		return f, fmt.Errorf("read programme file: %w", err)
	}
	return f, nil
}

// contacts are invented; each answers for the events of one language.
var contacts = map[string]struct{ name, email, phone string }{
	"sv": {"Karin Lind (påhittad)", "karin.lind@dialog.example", "023-000 00 00"},
	"nb": {"Ingrid Solberg (oppdiktet)", "ingrid.solberg@innkjop.example", "00 00 00 01"},
	"nn": {"Sigrid Aasen (oppdikta)", "sigrid.aasen@startoff.example", "00 00 00 02"},
}

// Load stores and publishes all programmes and events of the file. Day is the
// day from which its dates count; the transaction's moment must lie before the
// first event.
func Load(ctx context.Context, tx *store.Tx, f File, day time.Time) (map[string]event.Event, error) {
	programmes := map[string]programme.Programme{}
	for _, p := range f.Programmes {
		c := contacts[p.Language]
		zone := "Europe/Stockholm"
		if p.Country == "NO" {
			zone = "Europe/Oslo"
		}
		added, err := programme.Add(ctx, tx, programme.Programme{
			Slug: p.ID, Name: p.Name, Country: p.Country, CountyCode: p.CountyCode, Language: p.Language, TimeZone: zone,
			OrganiserName: strings.TrimSuffix(p.Name, " (demo)"), ContactEmail: c.email, ContactPhone: c.phone, Authority: true, ErasureDecision: "Demo 1:2026",
		}, audit.System)
		if err != nil {
			return nil, fmt.Errorf("programme %s: %w", p.ID, err)
		}
		programmes[p.ID] = added
	}
	events := map[string]event.Event{}
	for _, e := range f.Events {
		p, ok := programmes[e.Programme]
		if !ok {
			return nil, fmt.Errorf("event %s: there is no programme %q", e.ID, e.Programme)
		}
		c, err := e.content(p, day)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", e.ID, err)
		}
		made, err := event.Create(ctx, tx, p.ID, e.ID, c, audit.System)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", e.ID, err)
		}
		if made, err = event.Publish(ctx, tx, made.ID, audit.System); err != nil {
			return nil, fmt.Errorf("publish event %s: %w", e.ID, err)
		}
		events[e.ID] = made
	}
	return events, nil
}

func (e Event) content(p programme.Programme, day time.Time) (event.Content, error) {
	c := event.Content{
		Kind: event.Kind(e.Kind), Language: e.Language, Title: e.Title, Summary: e.Summary, Mode: event.Room, TimeZone: p.TimeZone,
		VenueName: e.Venue.Name, AccessNotes: e.Venue.AccessNotes, Audiences: e.Audience, CoOrganisers: e.CoOrganisers, Catering: e.Catering,
		WaitingList: true, MinParticipants: e.MinParticipants,
	}
	contact := contacts[e.Language]
	c.ContactName, c.ContactEmail, c.ContactPhone = contact.name, contact.email, contact.phone
	start, err := localTime(day, e.StartOffsetDays, e.StartTime, c.Location())
	if err != nil {
		return c, err
	}
	for !e.AnyDay && (start.Weekday() == time.Saturday || start.Weekday() == time.Sunday) {
		e.StartOffsetDays++
		start = start.AddDate(0, 0, 1)
	}
	c.StartsAt, c.EndsAt = start.UTC(), start.Add(time.Duration(e.DurationMinutes)*time.Minute).UTC()
	if c.OpensAt, err = localTime(day, e.OpensOffset, "08:00", c.Location()); err != nil {
		return c, err
	}
	c.ClosesAt = event.DefaultClosesAt(event.Room, c.StartsAt, c.Location())
	if e.Municipality != nil {
		c.Municipality = municipality.Code{Country: e.Municipality.Country, Number: e.Municipality.Code}
	}
	capacity := e.Capacity
	switch {
	case e.Hybrid:
		online := 200
		c.Mode, c.RoomPlaces, c.OnlinePlaces, c.JoinURL = event.Hybrid, &capacity, &online, "https://meeting.example/"+e.ID
	case e.Venue.Type == "online":
		c.Mode, c.OnlinePlaces, c.VenueName, c.ClosesAt = event.Online, &capacity, "", c.StartsAt
		if strings.Contains(e.Venue.Name, "dagen før") {
			c.JoinPromisedOn = start.AddDate(0, 0, -1).Format(time.DateOnly)
		} else {
			c.JoinURL = "https://meeting.example/" + e.ID
		}
	default:
		c.RoomPlaces = &capacity
	}
	if c.Kind == event.LearningSeminar {
		two := 2
		c.CompanyLimit, c.AskPhone = &two, true
	}
	for _, q := range e.Questions {
		c.Questions = append(c.Questions, event.Question{Kind: event.QuestionKind(q.Kind), Label: q.Label, Required: q.Required, Options: q.Options})
	}
	for _, a := range e.Agenda {
		at, err := localTime(day, e.StartOffsetDays, a.Start, c.Location())
		if err != nil {
			return c, err
		}
		c.Agenda = append(c.Agenda, event.AgendaItem{OffsetMinutes: int(at.Sub(start).Minutes()), Title: a.Title})
	}
	return c, nil
}

// localTime is a time of day on a day so many days after another.
func localTime(day time.Time, offset int, clock string, loc *time.Location) (time.Time, error) {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		return t, fmt.Errorf("read time: %w", err)
	}
	d := day.In(loc).AddDate(0, 0, offset)
	return time.Date(d.Year(), d.Month(), d.Day(), t.Hour(), t.Minute(), 0, 0, loc), nil
}
