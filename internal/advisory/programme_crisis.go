package advisory

import (
	"context"

	"stafett/internal/audit"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// CrisisHours is free advice for every company at once, without a prerequisite:
// five hours for each. Texts, the market price and where that is from are the
// caller's to add.
func CrisisHours(of programme.Programme, closesOn string) Programme {
	p := crisis(of, closesOn)
	five := 300
	p.Prerequisite, p.CapMinutes, p.CapPer = NoPrerequisite, &five, PerCompany
	p.LeadMinutes, p.FreeCancelMinutes = 12*60, 12*60
	p.Lengths, p.StepMinutes = []int{30, 60}, 30
	p.Audiences = []string{"supplier_sme", "supplier_large", "social_enterprise", "startup"}
	p.AidRegime = "de_minimis"
	return p
}

// CrisisHelpline is guidance for those who buy for the public, as many short calls
// as they need. The reason why it is no aid is the caller's to add, with the texts.
func CrisisHelpline(of programme.Programme, closesOn string) Programme {
	p := crisis(of, closesOn)
	p.Prerequisite, p.CapPer, p.QuickLog = PublicBody, PerCompany, true
	p.LeadMinutes, p.FreeCancelMinutes = 4*60, 2*60
	p.Lengths, p.StepMinutes = []int{20, 30, 45}, 15
	p.Meetings = []Meeting{Online, Phone}
	p.Audiences = []string{"procurer", "buyer"}
	p.AidRegime = "none"
	return p
}

// crisis is what both have in common.
func crisis(of programme.Programme, closesOn string) Programme {
	p := NewProgramme(of)
	p.ClosesOn = closesOn
	return p
}

// NewProgramme is a draft with what most programmes of advice begin with.
func NewProgramme(of programme.Programme) Programme {
	return Programme{
		ProgrammeID: of.ID, Status: Draft, Language: of.Language, Prerequisite: NoPrerequisite, CapPer: PerCompany, CapPeriod: "programme",
		Currency: of.Currency(), VATPercent: 25, StepMinutes: 30, LeadMinutes: 48 * 60, FreeCancelMinutes: 24 * 60, HorizonDays: 60,
		LateFree: 1, LateChargeMinutes: 30, MissedChargeMinutes: 60, MaxReschedules: 2, SettleStepMinutes: 5,
		AidRegime: "none", Lengths: []int{30, 60, 90, 120}, Meetings: Meetings(), Texts: map[string]Text{},
	}
}

// OpenCrisis stores both programmes of advice and opens them at once, with the
// advisers named in both.
func OpenCrisis(ctx context.Context, tx *store.Tx, hours, helpline Programme, adviserIDs []string, by audit.Actor) (Programme, Programme, error) {
	var err error
	for _, p := range []*Programme{&hours, &helpline} {
		if p.Slug, err = FreeSlug(ctx, tx, p.Texts[p.Language].Name); err != nil {
			return hours, helpline, err
		}
		if *p, err = AddProgramme(ctx, tx, *p, by); err != nil {
			return hours, helpline, err
		}
		if err = SetStatus(ctx, tx, p.ID, Open, by); err != nil {
			return hours, helpline, err
		}
		for _, id := range adviserIDs {
			if err = JoinProgramme(ctx, tx, id, p.ID, by); err != nil {
				return hours, helpline, err
			}
		}
	}
	return hours, helpline, nil
}
