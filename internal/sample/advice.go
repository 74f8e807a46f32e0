package sample

import (
	"context"
	"fmt"
	"strings"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/programme"
	"stafett/internal/store"
	"stafett/internal/user"
)

// Advice is one programme of advice of the file. Hours are whole, amounts in the
// currency's main unit.
type Advice struct {
	ID           string   `json:"id"`
	Programme    string   `json:"programme"`
	Name         string   `json:"name"`
	Language     string   `json:"language"`
	Country      string   `json:"country"`
	Audience     []string `json:"audience"`
	Prerequisite *struct {
		Type   string `json:"type"`
		Kind   string `json:"kind"`
		Months int    `json:"valid_months"`
	} `json:"prerequisite"`
	Cap *struct {
		Hours int    `json:"hours"`
		Per   string `json:"per"`
	} `json:"cap"`
	PoolHours *int `json:"pool_hours"`
	Price     struct {
		PerHour int64 `json:"amount_per_hour"`
	} `json:"price"`
	SessionMinutes  []int `json:"session_minutes"`
	StepMinutes     int   `json:"slot_step_minutes"`
	LeadHours       int   `json:"booking_lead_hours"`
	FreeCancelHours int   `json:"cancel_free_hours"`
	Aid             struct {
		Regime string `json:"regime"`
		Value  int64  `json:"value_per_hour"` // of the aid: what an hour costs less what is paid
		Basis  string `json:"value_basis"`
		Reason string `json:"reason"`
	} `json:"aid"`
	Questions []string `json:"intake_questions"`
	Phases    []string `json:"phases"`
	Summary   string   `json:"summary"`
}

// prerequisites are the file's words for ours.
var prerequisites = map[string]advisory.Prerequisite{
	"attended_event_kind":  advisory.AttendedKind,
	"public_body":          advisory.PublicBody,
	"approved_application": advisory.Application,
}

// programme is the programme of advice that the file describes, open for bookings.
func (a Advice) programme(of programme.Programme) advisory.Programme {
	p := advisory.Programme{
		ProgrammeID: of.ID, Slug: a.ID, Status: advisory.Open, Language: a.Language, Prerequisite: advisory.NoPrerequisite,
		CapPer: advisory.PerCompany, CapPeriod: "programme", PriceMinor: a.Price.PerHour * 100, Currency: of.Currency(), VATPercent: 25,
		StepMinutes: a.StepMinutes, LeadMinutes: a.LeadHours * 60, FreeCancelMinutes: a.FreeCancelHours * 60, HorizonDays: 60,
		LateFree: 1, LateChargeMinutes: 30, MissedChargeMinutes: 60, MaxReschedules: 2, SettleStepMinutes: 5,
		AidRegime: a.Aid.Regime, AidReason: a.Aid.Reason, Lengths: a.SessionMinutes, Meetings: advisory.Meetings(), Audiences: a.Audience, Phases: a.Phases,
		Texts: map[string]advisory.Text{a.Language: {Name: a.Name, Summary: a.Summary, Preparation: preparation[a.Language]}},
	}
	if a.Prerequisite != nil {
		p.Prerequisite = prerequisites[a.Prerequisite.Type]
		if p.Prerequisite == advisory.AttendedKind {
			p.PrerequisiteKind, p.PrerequisiteMonths = event.Kind(a.Prerequisite.Kind), a.Prerequisite.Months
		}
	}
	if a.Cap != nil {
		minutes := a.Cap.Hours * 60
		p.CapMinutes, p.CapPer = &minutes, advisory.CapPer(a.Cap.Per)
	}
	if a.PoolHours != nil {
		minutes := *a.PoolHours * 60
		p.PoolMinutes = &minutes
	}
	if p.IsAid() {
		p.AidMarketMinor, p.AidSource = (a.Aid.Value+a.Price.PerHour)*100, a.Aid.Basis
	}
	p.QuickLog = p.Prerequisite == advisory.PublicBody
	for i, label := range a.Questions {
		if i > 0 { // the first is the need, which is always asked
			p.Questions = append(p.Questions, advisory.Question{Kind: "text", Label: label})
		}
	}
	return p
}

var preparation = map[string]string{
	"sv": "Länken till upphandlingen, om den är annonserad\nDe krav som ni är osäkra på\nEra frågor, i den ordning som de är viktiga för er",
	"nn": "Lenkja til konkurransen, dersom han er kunngjord\nKrava de er usikre på\nSpørsmåla dykkar, i den rekkjefølgja dei er viktige",
}

// Adviser is an invented adviser of the demo.
type Adviser struct {
	Email, Name, Language, Country string
	About, Phone                   string
	Advice                         []string // addresses of programmes of advice
	Weekly                         map[int][2]string
}

// Advisers lists the demo's advisers; each is free on the weekdays named, between
// the hours named.
func Advisers() []Adviser {
	return []Adviser{
		{"maria.ek@radgivare.example", "Maria Ek (påhittad)", "sv", "SE", "Anbud inom bygg och hantverk, första anbudet", "070-000 00 11", []string{"udd-5h", "akuten-5h"},
			map[int][2]string{1: {"08:30", "16:00"}, 2: {"08:30", "12:00"}, 4: {"08:30", "16:00"}}},
		{"olle.brand@radgivare.example", "Olle Brand (påhittad)", "sv", "SE", "Livsmedel, transporter och ramavtal", "070-000 00 12", []string{"udd-5h", "upphandlingslots"},
			map[int][2]string{2: {"09:00", "17:00"}, 3: {"09:00", "17:00"}, 5: {"09:00", "13:00"}}},
		{"signe.norell@radgivare.example", "Signe Norell (påhittad)", "sv", "SE", "Upphandlingslots för kommuner och regionen", "070-000 00 13", []string{"akuten-5h", "upphandlingslots"},
			map[int][2]string{1: {"08:00", "17:00"}, 2: {"08:00", "17:00"}, 3: {"08:00", "17:00"}, 4: {"08:00", "17:00"}, 5: {"08:00", "15:00"}}},
		{"torstein.vik@inkubator.example", "Torstein Vik (oppdikta)", "nn", "NO", "Innovative innkjøp og marknadsdialog", "00 00 00 14", []string{"startoff-prosess"},
			map[int][2]string{1: {"09:00", "15:30"}, 3: {"09:00", "15:30"}, 4: {"09:00", "15:30"}}},
	}
}

// Buyer is an invented body that buys for the public across the border, where no
// number tells that it does.
func Buyer() Company {
	return Company{Country: "NO", OrgNumber: "310012602", Name: "Grensebygd kommune (oppdiktet)"}
}

// LoadAdvice stores the file's programmes of advice and the demo's advisers, after
// Load. It answers the programmes by address.
func LoadAdvice(ctx context.Context, tx *store.Tx, f File) (map[string]advisory.Programme, error) {
	programmes := map[string]advisory.Programme{}
	for _, a := range f.Advice {
		of, err := programme.FindBySlug(ctx, tx, a.Programme)
		if err != nil {
			return nil, fmt.Errorf("advice %s: programme %q: %w", a.ID, a.Programme, err)
		}
		if programmes[a.ID], err = advisory.AddProgramme(ctx, tx, a.programme(of), audit.System); err != nil {
			return nil, fmt.Errorf("advice %s: %w", a.ID, err)
		}
	}
	for _, a := range Advisers() {
		if err := a.add(ctx, tx, programmes); err != nil {
			return nil, fmt.Errorf("adviser %s: %w", a.Name, err)
		}
	}
	return programmes, nil
}

func (a Adviser) add(ctx context.Context, tx *store.Tx, programmes map[string]advisory.Programme) error {
	var grants []user.Grant
	var ids []string
	for _, slug := range a.Advice {
		p, ok := programmes[slug]
		if !ok {
			continue
		}
		grants, ids = append(grants, user.Grant{Role: user.Adviser, ProgrammeID: p.ProgrammeID}), append(ids, p.ID)
	}
	u, err := user.Add(ctx, tx, a.Email, a.Name, a.Language, grants)
	if err != nil {
		return err
	}
	made, err := advisory.AddAdviser(ctx, tx, advisory.Adviser{
		UserID: u.ID, Country: a.Country, Phone: a.Phone, About: a.About, JoinURL: "https://meeting.example/" + strings.Split(a.Email, ".")[0],
	}, ids, audit.System)
	if err != nil {
		return err
	}
	for day, hours := range a.Weekly {
		if _, err := store.Exec(ctx, tx, `INSERT INTO availability (id, adviser_id, weekday, from_clock, to_clock) VALUES (?, ?, ?, ?, ?)`,
			tx.NewID(), made.ID, day, hours[0], hours[1]); err != nil {
			return err
		}
	}
	return nil
}
