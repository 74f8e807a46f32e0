package aid

import (
	"context"
	"fmt"

	"stafett/internal/programme"
	"stafett/internal/store"
)

// keep writes what has to be known of a grant for ten years, in words and figures of
// its own.
func (c Case) keep(ctx context.Context, tx *store.Tx, a Award, g Granting, d Declaration, r Recipient) error {
	p, err := programme.Find(ctx, tx, c.ProgrammeID)
	if err != nil {
		return err
	}
	pseudonym := ""
	if r.CompanyID == "" {
		pseudonym = r.ID
	}
	country := r.Country
	if country == "" {
		country = c.State
	}
	county := p.CountyCode
	if len(g.MunicipalityCode) == 4 {
		county = g.MunicipalityCode[:2]
	}
	_, err = store.Exec(ctx, tx, `
		INSERT INTO aid_record (id, award_id, case_id, programme_id, advisory_programme_id, programme, authority, authority_number, recipient, country, org_number, number_sealed, pseudonym,
			undertaking_id, legal_form, size_class, municipality_code, county_code, nace, instrument, regulation, decision_number, declared_on, granted_on,
			minutes, aid_minor, currency, rate, rate_on, rate_source, eur_cents, kept_until, written_at)
		SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, COALESCE((SELECT org_number FROM company WHERE id = r.company_id), ''), r.number_sealed, ?,
			r.undertaking_id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
			?, ?, ?, ?, ?, ?, ?, ?, ?
		FROM aid_recipient r WHERE r.id = ?`,
		a.ID, a.ID, c.ID, c.ProgrammeID, c.AdvisoryProgrammeID, p.Name, authority(p), p.OrgNumber, r.Name, country, pseudonym,
		g.LegalForm, g.SizeClass, g.MunicipalityCode, county, a.NACE, Instrument, Regulation, a.Number, dayText(d.At.In(c.Zone())), dayText(a.On),
		a.Minutes, a.AidMinor, a.Currency, a.Rate.Value, dayText(a.Rate.On), a.Rate.Source, a.Cents, dayText(a.On.AddDate(keptYears, 0, 0)), store.At(tx.Now), c.RecipientID)
	if err != nil {
		return fmt.Errorf("keep a grant: %w", err)
	}
	return nil
}

// keepCorrection writes the same of a correction: what was granted, at its lower
// amount.
func keepCorrection(ctx context.Context, tx *store.Tx, k Correction) error {
	const same = `case_id, programme_id, advisory_programme_id, programme, authority, authority_number, recipient, country, org_number, number_sealed, pseudonym,
		undertaking_id, legal_form, size_class, municipality_code, county_code, nace, instrument, regulation, decision_number, declared_on, granted_on,
		used_minutes, currency, rate, rate_on, rate_source, kept_until`
	_, err := store.Exec(ctx, tx, `
		INSERT INTO aid_record (id, award_id, corrects, minutes, aid_minor, eur_cents, written_at, `+same+`)
		SELECT ?, award_id, award_id, ?, ?, ?, ?, `+same+` FROM aid_record WHERE id = ?`,
		k.ID, k.Minutes, k.AidMinor, k.Cents, store.At(tx.Now), k.AwardID)
	if err != nil {
		return fmt.Errorf("keep a correction: %w", err)
	}
	return nil
}
