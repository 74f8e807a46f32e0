package api

import (
	"context"
	"fmt"

	"stafett/internal/advisory"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// NewAdviser is somebody to be made an adviser.
type NewAdviser struct {
	Name               string       `json:"name" minLength:"1" maxLength:"120"`
	Email              string       `json:"email" minLength:"1" maxLength:"254"`
	Language           languageCode `json:"language,omitempty" doc:"Left out: that of the first programme of advice"`
	AdvisoryProgrammes []string     `json:"advisory_programmes" minItems:"1" maxItems:"50" nullable:"false" doc:"Ids or slugs"`
}

// Adviser is somebody who gives advice.
type Adviser struct {
	ID                 string   `json:"id"`
	Name               string   `json:"name"`
	Email              string   `json:"email"`
	TimeZone           zoneName `json:"time_zone"`
	AdvisoryProgrammes []string `json:"advisory_programmes" nullable:"false" doc:"Ids"`
}

type newAdviserInput struct{ Body NewAdviser }

func (s *server) addAdviser(ctx context.Context, tx *store.Tx, who caller, in *newAdviserInput) (Adviser, error) {
	var made advisory.Adviser
	told := Adviser{AdvisoryProgrammes: []string{}}
	for i, wanted := range in.Body.AdvisoryProgrammes {
		p, err := ownAdvisory(ctx, tx, who, wanted)
		if isMissing(err) {
			return told, invalid(at(fmt.Sprintf("body.advisory_programmes[%d]", i), "choice"))
		}
		if err != nil {
			return told, err
		}
		of, err := programme.Find(ctx, tx, p.ProgrammeID)
		if err != nil {
			return told, err
		}
		language := string(in.Body.Language)
		if language == "" {
			language = p.Language
		}
		if made, err = advisory.EnsureAdviser(ctx, tx, advisory.NewAdviser{
			Email: in.Body.Email, Name: in.Body.Name, Language: language, Country: of.Country, ProgrammeID: of.ID, Advice: []string{p.ID},
		}, who.actor()); err != nil {
			return told, err
		}
		told.AdvisoryProgrammes = append(told.AdvisoryProgrammes, p.ID)
	}
	told.ID, told.Name, told.Email, told.TimeZone = made.ID, made.Name, made.Email, zoneName(made.TimeZone)
	return told, nil
}

// Availability is when an adviser is free, on the adviser's own clock.
type Availability struct {
	Weekly     *[]WeeklyWindow `json:"weekly,omitempty" maxItems:"70" doc:"The whole week anew; left out: as before"`
	Exceptions *[]DayException `json:"exceptions,omitempty" maxItems:"800" doc:"All days that differ, anew; left out: as before"`
}

// WeeklyWindow is one window of the week.
type WeeklyWindow struct {
	Weekday int    `json:"weekday" minimum:"1" maximum:"7" doc:"1 is Monday"`
	From    string `json:"from" pattern:"^[0-2][0-9]:[0-5][0-9]$" example:"09:00"`
	To      string `json:"to" pattern:"^[0-2][0-9]:[0-5][0-9]$" example:"12:00" doc:"24:00 is the end of the day"`
}

// DayException is a day that differs from the week.
type DayException struct {
	Date      string `json:"date" format:"date"`
	From      string `json:"from,omitempty" pattern:"^[0-2][0-9]:[0-5][0-9]$" doc:"Left out: the whole day, which is then not available"`
	To        string `json:"to,omitempty" pattern:"^[0-2][0-9]:[0-5][0-9]$"`
	Available bool   `json:"available"`
	Note      string `json:"note,omitempty" maxLength:"200"`
}

type availabilityInput struct {
	ID   string `path:"id" maxLength:"200"`
	Body Availability
}

func (s *server) setAvailability(ctx context.Context, tx *store.Tx, who caller, in *availabilityInput) (Availability, error) {
	if err := ownAdviser(ctx, tx, who, in.ID); err != nil {
		return Availability{}, err
	}
	if in.Body.Weekly != nil {
		week := []advisory.Window{}
		for _, w := range *in.Body.Weekly {
			week = append(week, advisory.Window{Weekday: w.Weekday, From: w.From, To: w.To})
		}
		if err := advisory.SetWeek(ctx, tx, in.ID, week, who.actor()); err != nil {
			return Availability{}, err
		}
	}
	if in.Body.Exceptions != nil {
		days := []advisory.Exception{}
		for _, e := range *in.Body.Exceptions {
			days = append(days, advisory.Exception{Date: e.Date, From: e.From, To: e.To, Available: e.Available, Note: e.Note})
		}
		if err := advisory.SetExceptions(ctx, tx, in.ID, days, who.actor()); err != nil {
			return Availability{}, err
		}
	}
	return availabilityOf(ctx, tx, in.ID)
}

func availabilityOf(ctx context.Context, tx *store.Tx, id string) (Availability, error) {
	windows, err := advisory.Week(ctx, tx, id)
	if err != nil {
		return Availability{}, err
	}
	days, err := advisory.Exceptions(ctx, tx, id, "")
	if err != nil {
		return Availability{}, err
	}
	weekly, exceptions := []WeeklyWindow{}, []DayException{}
	for _, w := range windows {
		weekly = append(weekly, WeeklyWindow{w.Weekday, w.From, w.To})
	}
	for _, e := range days {
		exceptions = append(exceptions, DayException{e.Date, e.From, e.To, e.Available, e.Note})
	}
	return Availability{&weekly, &exceptions}, nil
}

// ownAdviser refuses unless the adviser works in a programme of the caller's.
func ownAdviser(ctx context.Context, tx *store.Tx, who caller, id string) error {
	if _, err := advisory.AdviserByID(ctx, tx, id); err != nil {
		return err
	}
	programmes, err := advisory.ProgrammesOfAdviser(ctx, tx, id)
	if err != nil {
		return err
	}
	for _, p := range programmes {
		if who.organises(p.ProgrammeID) {
			return nil
		}
	}
	return problem.ErrMissing
}
