package aid

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"stafett/internal/store"
)

// Columns are those of the export for the register, one row a grant or correction.
var Columns = []string{
	"grant_id", "programme", "granting_authority", "authority_orgnr", "beneficiary", "country", "orgnr", "legal_form", "size_class", "municipality_code", "county_code", "nace",
	"instrument", "regulation", "grant_date", "hours_granted_min", "hours_used_min", "amount_national", "currency", "rate", "rate_source", "rate_date", "amount_eur",
	"declaration_date", "undertaking_id", "register_deadline", "registered_on", "register_ref", "corrects",
}

// Export returns the rows of these programmes, nil meaning all, in the order of the
// grants. A person's firm is known by a pseudonym instead of a number.
func Export(ctx context.Context, tx *store.Tx, within []string) ([][]string, error) {
	in, args := inside(within)
	in = strings.ReplaceAll(in, "k.programme_id", "d.programme_id")
	return store.All(ctx, tx, func(r store.Row) ([]string, error) {
		var id, programme, authority, authorityNumber, recipient, country, number, pseudonym, form, size, municipality, county, nace, instrument, regulation, granted string
		var currency, rateSource, rateOn, declared, undertaking, due, registered, reference, corrects string
		var minutes int
		var used *int
		var minor, rate, cents int64
		err := r.Scan(&id, &programme, &authority, &authorityNumber, &recipient, &country, &number, &pseudonym, &form, &size, &municipality, &county, &nace, &instrument, &regulation, &granted,
			&minutes, store.Int(&used), &minor, &currency, &rate, &rateSource, &rateOn, &cents, &declared, &undertaking, &due, &registered, &reference, &corrects)
		usedText := ""
		if used != nil {
			usedText = strconv.Itoa(*used)
		}
		if number == "" {
			number = pseudonym
		}
		return []string{
			id, programme, authority, authorityNumber, recipient, country, number, form, size, municipality, county, nace,
			instrument, regulation, granted, strconv.Itoa(minutes), usedText, Hundredths(minor), currency, fmt.Sprintf("%d.%05d", rate/rateUnit, rate%rateUnit), rateSource, rateOn, Hundredths(cents),
			declared, undertaking, due, registered, reference, corrects,
		}, err
	}, `SELECT d.id, d.programme, d.authority, d.authority_number, d.recipient, d.country, CASE WHEN COALESCE((SELECT c.sole_trader FROM company c WHERE c.country = d.country AND c.org_number = d.org_number), FALSE) AND d.country = 'SE' THEN '' ELSE d.org_number END,
			CASE WHEN d.pseudonym = '' THEN d.undertaking_id ELSE d.pseudonym END, d.legal_form, d.size_class, d.municipality_code, d.county_code, d.nace, d.instrument, d.regulation, d.granted_on,
			d.minutes, d.used_minutes, d.aid_minor, d.currency, d.rate, d.rate_source, d.rate_on, d.eur_cents, d.declared_on, d.undertaking_id, d.register_due, d.registered_on, d.register_ref, d.corrects
		FROM aid_record d WHERE TRUE`+in+` ORDER BY d.granted_on, d.award_id, CASE WHEN d.corrects = '' THEN 0 ELSE 1 END, d.minutes DESC, d.id`, args...)
}

// Hundredths writes an amount in the smallest unit as machines read it: 4500.00.
func Hundredths(minor int64) string { return fmt.Sprintf("%d.%02d", minor/100, minor%100) }
