package api

import (
	"context"
	"net/http"

	"stafett/internal/programme"
	"stafett/internal/store"
)

func (s *server) programmeOperations() {
	add(s, operation{
		method: http.MethodPost, path: "/programmes", id: "create-programme", access: administrator, status: http.StatusCreated,
		summary: "Create a programme", refusals: []int{http.StatusConflict},
	}, s.createProgramme)
}

// NewProgramme is a programme to be created.
type NewProgramme struct {
	Slug       string       `json:"slug" minLength:"1" maxLength:"80"`
	Name       string       `json:"name" minLength:"1" maxLength:"200"`
	Country    countryCode  `json:"country"`
	CountyCode string       `json:"county_code,omitempty" maxLength:"2" doc:"Two digits; left out when it is not of one county"`
	Language   languageCode `json:"language"`
	TimeZone   zoneName     `json:"time_zone"`

	OrganiserName   string `json:"organiser_name,omitempty" maxLength:"200"`
	OrgNumber       string `json:"org_number,omitempty" maxLength:"20"`
	ContactEmail    string `json:"contact_email,omitempty" maxLength:"254"`
	ContactPhone    string `json:"contact_phone,omitempty" maxLength:"60"`
	Authority       *bool  `json:"authority,omitempty" doc:"A public authority: what people answer becomes a public record. Left out: true"`
	ErasureDecision string `json:"erasure_decision,omitempty" maxLength:"300" doc:"By which a Swedish authority may erase"`
}

// Programme is a programme that has come to be.
type Programme struct {
	ID         string       `json:"id"`
	Slug       string       `json:"slug"`
	Name       string       `json:"name"`
	Country    countryCode  `json:"country"`
	CountyCode string       `json:"county_code,omitempty"`
	Language   languageCode `json:"language"`
	TimeZone   zoneName     `json:"time_zone"`
}

type programmeInput struct{ Body NewProgramme }

func (s *server) createProgramme(ctx context.Context, tx *store.Tx, who caller, in *programmeInput) (Programme, error) {
	b := in.Body
	p := programme.Programme{
		Slug: b.Slug, Name: b.Name, Country: string(b.Country), CountyCode: b.CountyCode, Language: string(b.Language), TimeZone: string(b.TimeZone),
		OrganiserName: b.OrganiserName, OrgNumber: b.OrgNumber, ContactEmail: b.ContactEmail, ContactPhone: b.ContactPhone,
		Authority: b.Authority == nil || *b.Authority, ErasureDecision: b.ErasureDecision,
	}
	if err := s.checkProgramme(p); err != nil {
		return Programme{}, err
	}
	p, err := programme.Add(ctx, tx, p, who.actor())
	return Programme{
		ID: p.ID, Slug: p.Slug, Name: p.Name, Country: countryCode(p.Country), CountyCode: p.CountyCode,
		Language: languageCode(p.Language), TimeZone: zoneName(p.TimeZone),
	}, err
}

// checkProgramme looks at what only the API lets in from outside.
func (s *server) checkProgramme(p programme.Programme) error {
	var errs []FieldError
	if p.CountyCode != "" && len(s.Places.County(p.Country, p.CountyCode)) == 0 {
		errs = append(errs, at("body.county_code", "county"))
	}
	if p.ContactEmail != "" && !isAddress(p.ContactEmail) {
		errs = append(errs, at("body.contact_email", "email"))
	}
	if p.OrgNumber != "" && !s.isOrganisation(p.Country, p.OrgNumber) {
		errs = append(errs, at("body.org_number", orgNumberCode(p.Country)))
	}
	if len(errs) > 0 {
		return invalid(errs...)
	}
	return nil
}
