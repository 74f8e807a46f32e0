package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"stafett/internal/advisory"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

func (s *server) advisoryOperations() {
	add(s, operation{
		method: http.MethodPost, path: "/advisory/programmes", id: "create-advisory-programme", access: organiser, status: http.StatusCreated,
		summary: "Create a programme of advice, open for bookings unless it says draft", refusals: []int{http.StatusNotFound, http.StatusConflict},
	}, s.createAdvisory)
	add(s, operation{
		method: http.MethodGet, path: "/advisory/programmes", id: "list-advisory-programmes", access: public, status: http.StatusOK,
		summary: "List the programmes of advice that can be booked", everywhere: true,
	}, s.listAdvisory)
	add(s, operation{
		method: http.MethodGet, path: "/advisory/programmes/{id}/slots", id: "list-slots", access: public, status: http.StatusOK,
		summary: "List the times that can be booked, the nearest first; not who has booked others", refusals: []int{http.StatusNotFound}, everywhere: true,
	}, s.listSlots)
	add(s, operation{
		method: http.MethodPost, path: "/advisers", id: "add-adviser", access: organiser, status: http.StatusCreated,
		summary: "Make somebody an adviser in programmes of advice", refusals: []int{http.StatusNotFound, http.StatusConflict},
	}, s.addAdviser)
	add(s, operation{
		method: http.MethodPut, path: "/advisers/{id}/availability", id: "set-availability", access: organiser, status: http.StatusOK,
		summary: "Give an adviser a new week, and new days that differ from it; what is left out stays", refusals: []int{http.StatusNotFound},
	}, s.setAvailability)
	s.bookingOperations()
}

// AdvisoryTerms is what a programme of advice is, both when it is made and when it
// is told of. Lengths are minutes.
type AdvisoryTerms struct {
	CapMinutes        *int           `json:"cap_minutes,omitempty" minimum:"1" maximum:"600000" nullable:"true" doc:"Left out: no limit"`
	CapPer            capPer         `json:"cap_per,omitempty" doc:"Left out: company"`
	CapPeriod         capPeriod      `json:"cap_period,omitempty" doc:"Left out: programme"`
	PoolMinutes       *int           `json:"pool_minutes,omitempty" minimum:"1" maximum:"6000000" nullable:"true" doc:"Of all together. Left out: no limit"`
	SessionMinutes    []int          `json:"session_minutes,omitempty" maxItems:"20" nullable:"false" doc:"Left out: 30, 60, 90, 120"`
	StepMinutes       *int           `json:"step_minutes,omitempty" minimum:"5" maximum:"120" doc:"Between the times offered. Left out: 30"`
	LeadMinutes       *int           `json:"lead_minutes,omitempty" minimum:"0" maximum:"43200" doc:"From booking to meeting at least. Left out: 2880"`
	FreeCancelMinutes *int           `json:"free_cancel_minutes,omitempty" minimum:"0" maximum:"43200" doc:"Until so long before, cancelling costs nothing. Left out: 1440"`
	HorizonDays       *int           `json:"horizon_days,omitempty" minimum:"1" maximum:"366" doc:"Left out: 60"`
	Meetings          []meetingAs    `json:"meetings,omitempty" nullable:"false" doc:"Left out: all"`
	ClosesOn          string         `json:"closes_on,omitempty" format:"date" doc:"The last day of meetings"`
	VATPercent        *int           `json:"vat_percent,omitempty" enum:"0,25" doc:"Left out: 25"`
	VATReason         string         `json:"vat_reason,omitempty" maxLength:"300" doc:"Why there is none"`
	Audience          []audienceCode `json:"audience,omitempty" uniqueItems:"true" nullable:"false"`
}

// NewAdvisory is a programme of advice to be created.
type NewAdvisory struct {
	Programme    string             `json:"programme" minLength:"1" maxLength:"200" doc:"Id or slug of the programme that gives it"`
	Slug         string             `json:"slug" minLength:"1" maxLength:"80"`
	Name         string             `json:"name" minLength:"1" maxLength:"200"`
	Summary      string             `json:"summary,omitempty" maxLength:"4000"`
	Language     languageCode       `json:"language,omitempty" doc:"Of name and summary; left out: the programme's"`
	Status       advisoryStatus     `json:"status,omitempty" doc:"Left out: open"`
	Prerequisite WantedPrerequisite `json:"prerequisite,omitempty"`
	Price        WantedPrice        `json:"price,omitempty"`
	Aid          *WantedAid         `json:"aid,omitempty" doc:"Left out: no state aid, since it is open to all on equal terms"`
	QuickLog     bool               `json:"quick_log,omitempty" doc:"A helpline: calls are logged without a booking"`
	AdvisoryTerms
}

// WantedAid is what the hours are by the law on state aid.
type WantedAid struct {
	Regime      string `json:"regime" enum:"none,de_minimis"`
	Reason      string `json:"reason,omitempty" maxLength:"1000" doc:"Why it is none"`
	MarketMinor int64  `json:"market_minor,omitempty" minimum:"0" maximum:"100000000" doc:"What an hour costs on the market, without VAT, in the smallest unit"`
	Source      string `json:"source,omitempty" maxLength:"1000" doc:"Where that price is from"`
}

// WantedPrerequisite is what must be true before somebody may book: one word, or an
// object with what it needs besides.
type WantedPrerequisite struct {
	Type   string `json:"type"`
	Kind   string `json:"kind,omitempty"`
	Months int    `json:"months,omitempty"`
}

// prerequisiteWords are other words for the same, as files of programmes have them.
var prerequisiteWords = map[string]advisory.Prerequisite{
	"": advisory.NoPrerequisite, "none": advisory.NoPrerequisite,
	"attended": advisory.AttendedKind, "attended_event_kind": advisory.AttendedKind,
	"public_body": advisory.PublicBody, "application": advisory.Application, "approved_application": advisory.Application,
	"organiser": advisory.ByOrganiser, "approved_by_organiser": advisory.ByOrganiser,
}

// Schema implements huma.SchemaProvider.
func (WantedPrerequisite) Schema(huma.Registry) *huma.Schema {
	words := &huma.Schema{Type: huma.TypeString}
	for _, w := range []string{"none", "attended", "attended_event_kind", "public_body", "application", "approved_application", "organiser", "approved_by_organiser"} {
		words.Enum = append(words.Enum, w)
	}
	one, most := 1.0, 120.0
	months := &huma.Schema{Type: huma.TypeInteger, Minimum: &one, Maximum: &most}
	return &huma.Schema{
		Description: "none, attended (of a learning seminar within 24 months), public_body, application or organiser; or {type, kind, months}",
		OneOf: []*huma.Schema{words, {
			Type: huma.TypeObject, Required: []string{"type"}, AdditionalProperties: true,
			Properties: map[string]*huma.Schema{"type": words, "kind": eventKind("").Schema(nil), "months": months, "valid_months": months},
		}},
	}
}

// UnmarshalJSON reads both forms.
func (w *WantedPrerequisite) UnmarshalJSON(b []byte) error {
	*w = WantedPrerequisite{}
	switch {
	case string(b) == "null":
		return nil
	case len(b) > 0 && b[0] == '"':
		return json.Unmarshal(b, &w.Type)
	}
	var fields struct {
		Type        string `json:"type"`
		Kind        string `json:"kind"`
		Months      int    `json:"months"`
		ValidMonths int    `json:"valid_months"`
	}
	err := json.Unmarshal(b, &fields)
	*w = WantedPrerequisite{fields.Type, fields.Kind, max(fields.Months, fields.ValidMonths)}
	return err
}

// WantedPrice is an hour's price without VAT in the smallest unit.
type WantedPrice int64

// Schema implements huma.SchemaProvider.
func (WantedPrice) Schema(huma.Registry) *huma.Schema {
	nought, most := 0.0, 100_000_000.0
	number := func() *huma.Schema { return &huma.Schema{Type: huma.TypeInteger, Minimum: &nought, Maximum: &most} }
	return &huma.Schema{
		Description: "An hour's price without VAT in the smallest unit (öre, øre); or {per_hour_minor}. 0 or left out: free of charge",
		OneOf: []*huma.Schema{number(), {
			Type: huma.TypeObject, AdditionalProperties: true, Properties: map[string]*huma.Schema{"per_hour_minor": number()},
		}},
	}
}

// UnmarshalJSON reads both forms.
func (w *WantedPrice) UnmarshalJSON(b []byte) error {
	*w = 0
	if string(b) == "null" {
		return nil
	}
	if len(b) > 0 && b[0] == '{' {
		var fields struct {
			Minor int64 `json:"per_hour_minor"`
		}
		err := json.Unmarshal(b, &fields)
		*w = WantedPrice(fields.Minor)
		return err
	}
	return json.Unmarshal(b, (*int64)(w))
}

// Advisory is a programme of advice.
type Advisory struct {
	ID                 string         `json:"id"`
	Slug               string         `json:"slug"`
	Programme          string         `json:"programme" doc:"The slug of the programme that gives it"`
	Name               string         `json:"name"`
	Summary            string         `json:"summary,omitempty"`
	Language           languageCode   `json:"language" doc:"Of name and summary"`
	Status             advisoryStatus `json:"status"`
	Prerequisite       prerequisite   `json:"prerequisite"`
	PrerequisiteKind   eventKind      `json:"prerequisite_kind,omitempty"`
	PrerequisiteMonths int            `json:"prerequisite_months,omitempty"`
	PriceMinor         int64          `json:"price_minor" doc:"An hour's, without VAT, in the smallest unit; 0: free of charge"`
	Currency           string         `json:"currency" enum:"SEK,NOK"`
	AidRegime          string         `json:"aid_regime" enum:"none,de_minimis"`
	AdvisoryTerms
}

type newAdvisoryInput struct{ Body NewAdvisory }

func (s *server) createAdvisory(ctx context.Context, tx *store.Tx, who caller, in *newAdvisoryInput) (Advisory, error) {
	of, err := findProgramme(ctx, tx, in.Body.Programme)
	if err != nil {
		return Advisory{}, err
	}
	if !who.organises(of.ID) {
		return Advisory{}, problem.ErrMissing
	}
	p, err := advisory.AddProgramme(ctx, tx, in.Body.programme(of), who.actor())
	return toldAdvisory(p, of), err
}

// programme is what is to be stored: what is left out is what most begin with.
func (b NewAdvisory) programme(of programme.Programme) advisory.Programme {
	p := advisory.NewProgramme(of)
	p.Slug, p.Status, p.QuickLog = b.Slug, advisory.Open, b.QuickLog
	if b.Status != "" {
		p.Status = advisory.ProgrammeStatus(b.Status)
	}
	if b.Language != "" {
		p.Language = string(b.Language)
	}
	p.Texts = map[string]advisory.Text{p.Language: {Name: b.Name, Summary: b.Summary}}
	p.Prerequisite = prerequisiteWords[b.Prerequisite.Type]
	if p.Prerequisite == advisory.AttendedKind {
		p.PrerequisiteKind, p.PrerequisiteMonths = event.LearningSeminar, 24
		if b.Prerequisite.Kind != "" {
			p.PrerequisiteKind = event.Kind(b.Prerequisite.Kind)
		}
		if b.Prerequisite.Months != 0 {
			p.PrerequisiteMonths = b.Prerequisite.Months
		}
	}
	p.PriceMinor = int64(b.Price)
	p.AidReason = "Open to all on equal terms; the organiser has stated nothing else."
	if a := b.Aid; a != nil {
		p.AidRegime, p.AidReason, p.AidMarketMinor, p.AidSource = a.Regime, a.Reason, a.MarketMinor, a.Source
	}
	p.CapMinutes, p.PoolMinutes, p.ClosesOn, p.VATReason = b.CapMinutes, b.PoolMinutes, b.ClosesOn, b.VATReason
	if b.CapPer != "" {
		p.CapPer = advisory.CapPer(b.CapPer)
	}
	if b.CapPeriod != "" {
		p.CapPeriod = string(b.CapPeriod)
	}
	if b.SessionMinutes != nil {
		p.Lengths = b.SessionMinutes
	}
	if b.Meetings != nil {
		p.Meetings = textsAs[advisory.Meeting](b.Meetings)
	}
	p.Audiences = textsAs[string](b.Audience)
	for _, n := range []struct{ given, stored *int }{
		{b.StepMinutes, &p.StepMinutes}, {b.LeadMinutes, &p.LeadMinutes}, {b.FreeCancelMinutes, &p.FreeCancelMinutes}, {b.HorizonDays, &p.HorizonDays}, {b.VATPercent, &p.VATPercent},
	} {
		if n.given != nil {
			*n.stored = *n.given
		}
	}
	return p
}

func toldAdvisory(p advisory.Programme, of programme.Programme) Advisory {
	t, lang := p.Text(p.Language)
	return Advisory{
		ID: p.ID, Slug: p.Slug, Programme: of.Slug, Name: t.Name, Summary: t.Summary, Language: languageCode(lang), Status: advisoryStatus(p.Status),
		Prerequisite: prerequisite(p.Prerequisite), PrerequisiteKind: eventKind(p.PrerequisiteKind), PrerequisiteMonths: p.PrerequisiteMonths,
		PriceMinor: p.PriceMinor, Currency: p.Currency, AidRegime: p.AidRegime,
		AdvisoryTerms: AdvisoryTerms{
			CapMinutes: p.CapMinutes, CapPer: capPer(p.CapPer), CapPeriod: capPeriod(p.CapPeriod), PoolMinutes: p.PoolMinutes, SessionMinutes: p.Lengths,
			StepMinutes: &p.StepMinutes, LeadMinutes: &p.LeadMinutes, FreeCancelMinutes: &p.FreeCancelMinutes, HorizonDays: &p.HorizonDays,
			Meetings: textsAs[meetingAs](p.Meetings), ClosesOn: p.ClosesOn, VATPercent: &p.VATPercent, VATReason: p.VATReason, Audience: textsAs[audienceCode](p.Audiences),
		},
	}
}

// AdvisoryList is every programme of advice that can be booked.
type AdvisoryList struct {
	Programmes []Advisory `json:"programmes" nullable:"false"`
}

func (s *server) listAdvisory(ctx context.Context, tx *store.Tx, _ caller, _ *struct{}) (AdvisoryList, error) {
	list := AdvisoryList{Programmes: []Advisory{}}
	found, err := advisory.OpenProgrammes(ctx, tx)
	if err != nil {
		return list, err
	}
	for _, p := range found {
		of, err := programme.Find(ctx, tx, p.ProgrammeID)
		if err != nil {
			return list, err
		}
		list.Programmes = append(list.Programmes, toldAdvisory(p, of))
	}
	return list, nil
}

// findAdvisory finds a programme of advice by id or slug. A draft is there for its
// organiser only.
func findAdvisory(ctx context.Context, tx *store.Tx, who caller, idOrSlug string) (advisory.Programme, error) {
	p, err := advisory.ProgrammeByID(ctx, tx, idOrSlug)
	if isMissing(err) {
		p, err = advisory.ProgrammeBySlug(ctx, tx, idOrSlug)
	}
	if err == nil && p.Status == advisory.Draft && !who.organises(p.ProgrammeID) {
		return advisory.Programme{}, problem.ErrMissing
	}
	return p, err
}

// ownAdvisory is the same for the organiser of it; any other is missing.
func ownAdvisory(ctx context.Context, tx *store.Tx, who caller, idOrSlug string) (advisory.Programme, error) {
	p, err := findAdvisory(ctx, tx, who, idOrSlug)
	if err == nil && !who.organises(p.ProgrammeID) {
		return advisory.Programme{}, problem.ErrMissing
	}
	return p, err
}
