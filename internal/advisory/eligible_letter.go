package advisory

import (
	"context"
	"slices"
	"strings"
	"time"

	"stafett/internal/company"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/store"
)

// Who may book is told once: not again within two years, whatever they attend.
const toldMonths = 24

// markedWithin is how long ago an attendance was marked at most for it to be told
// of: a programme that opens later does not write about what was long ago.
const markedWithin = 7 * 24 * time.Hour

// toldAtOnce is how many holders one transaction tells.
const toldAtOnce = 50

// MayBookNow reports whether the holder may book at once and has anything left to
// book, and whether the person belongs to it.
func MayBookNow(ctx context.Context, tx *store.Tx, p Programme, h Holder, personID string) (bool, error) {
	if p.Status != Open || p.ClosesOn != "" && p.ClosesOn < tx.Now.In(location(zoneOf(p.Currency))).Format(time.DateOnly) {
		return false, nil
	}
	if h.CompanyID != "" && personID != "" {
		ties, err := company.Ties(ctx, tx, personID)
		if err != nil {
			return false, err
		}
		if !slices.ContainsFunc(ties, func(t company.Tie) bool { return t.ID == h.CompanyID && t.Status == "confirmed" }) {
			return false, nil
		}
	}
	can, err := EligibilityOf(ctx, tx, p, h)
	if err != nil || can != Eligible {
		return false, err
	}
	a, err := AccountOf(ctx, tx, p, h, tx.Now.In(location(zoneOf(p.Currency))).Year())
	if err != nil {
		return false, err
	}
	lengths, err := LengthsFor(ctx, tx, p, a)
	return len(lengths) > 0, err
}

// TellEligible writes to everybody of the companies, and to those without one, to
// whom an attendance has just opened a programme of advice: a part of them, and
// reports whether there are more. By night it waits for the morning, and a mark
// that is taken back before the letter goes takes the letter along.
func TellEligible(ctx context.Context, tx *store.Tx) (more bool, err error) {
	programmes, err := selectProgrammes(ctx, tx, `WHERE status = 'open' AND prerequisite = 'attended'`)
	if err != nil {
		return false, err
	}
	if err := forgetDropped(ctx, tx); err != nil {
		return false, err
	}
	told := 0
	for _, p := range programmes {
		holders, err := newlyEligible(ctx, tx, p, toldAtOnce-told)
		if err != nil {
			return false, err
		}
		for _, h := range holders {
			if err := tellHolder(ctx, tx, p, h); err != nil {
				return false, err
			}
			told++
		}
	}
	return told >= toldAtOnce, nil
}

// forgetDropped forgets that somebody was told whose letters were all dropped,
// because the mark was taken back in time: the next one is told again.
func forgetDropped(ctx context.Context, tx *store.Tx) error {
	const of = `SELECT 1 FROM message m WHERE m.unique_key BETWEEN t.prefix AND t.prefix || '~'`
	_, err := store.Exec(ctx, tx, `
		DELETE FROM advice_told WHERE (advisory_programme_id, COALESCE(company_id, ''), COALESCE(person_id, '')) IN (
			SELECT t.p, t.c, t.who FROM (
				SELECT advisory_programme_id AS p, COALESCE(company_id, '') AS c, COALESCE(person_id, '') AS who,
					? || advisory_programme_id || ':' || COALESCE(company_id, '') || ':' || COALESCE(person_id || ':', '') AS prefix
				FROM advice_told WHERE told_at > ?) t
			WHERE EXISTS (`+of+`) AND NOT EXISTS (`+of+` AND m.status <> 'dropped'))`,
		string(message.MayBook)+":", store.At(tx.Now.Add(-markedWithin)))
	return err
}

// newlyEligible finds whose attendance was marked lately and who has not been told.
func newlyEligible(ctx context.Context, tx *store.Tx, p Programme, most int) ([]Holder, error) {
	if most <= 0 {
		return nil, nil
	}
	return store.All(ctx, tx, func(row store.Row) (h Holder, err error) {
		return h, row.Scan(store.String(&h.CompanyID), store.String(&h.PersonID))
	}, `SELECT DISTINCT r.company_id, CASE WHEN r.company_id IS NULL THEN r.person_id END
		FROM event e JOIN registration r ON r.event_id = e.id
		WHERE e.programme_id = ? AND e.kind = ? AND e.starts_at >= ? AND r.status = 'attended' AND r.changed_at >= ?
			AND NOT EXISTS (SELECT 1 FROM advice_told t WHERE t.advisory_programme_id = ? AND t.told_at > ?
				AND COALESCE(t.company_id, '') = COALESCE(r.company_id, '') AND (r.company_id IS NOT NULL OR t.person_id = r.person_id))
		ORDER BY 1, 2 LIMIT ?`,
		p.ProgrammeID, p.PrerequisiteKind, store.At(tx.Now.AddDate(0, -p.PrerequisiteMonths, 0)), store.At(tx.Now.Add(-markedWithin)),
		p.ID, store.At(tx.Now.AddDate(0, -toldMonths, 0)), most)
}

// tellHolder writes one letter to each person of the holder. A holder who has
// nothing to book is noted as told: there is nothing to tell.
func tellHolder(ctx context.Context, tx *store.Tx, p Programme, h Holder) error {
	if _, err := store.Exec(ctx, tx, `DELETE FROM advice_told WHERE advisory_programme_id = ? AND COALESCE(company_id, '') = ? AND COALESCE(person_id, '') = ?`,
		p.ID, h.CompanyID, h.PersonID); err != nil {
		return err
	}
	if _, err := store.Exec(ctx, tx, `INSERT INTO advice_told (advisory_programme_id, company_id, person_id, told_at) VALUES (?, ?, ?, ?)`,
		p.ID, store.Text(h.CompanyID), store.Text(h.PersonID), store.At(tx.Now)); err != nil {
		return err
	}
	may, err := MayBookNow(ctx, tx, p, h, "")
	if err != nil || !may {
		return err
	}
	people, err := peopleOf(ctx, tx, h)
	if err != nil {
		return err
	}
	zone := location(zoneOf(p.Currency))
	latest := tx.Now.Add(48 * time.Hour)
	for _, who := range people {
		if who.Erased() {
			continue
		}
		_, err := message.Enqueue(ctx, tx, message.Request{
			Key:    strings.Join([]string{string(message.MayBook), p.ID, h.CompanyID, who.ID, timeText(tx.Now)}, ":"),
			Letter: message.MayBook, Recipient: who.Email, Language: who.Language, ProgrammeID: p.ProgrammeID,
			Details:   message.Details{AdviceID: p.ID, CompanyID: h.CompanyID},
			NotBefore: message.AfterQuietHours(tx.Now, latest, zone), NotAfter: latest,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// peopleOf lists the people whose hours they are: everybody confirmed for the
// company, colleagues who were not there too.
func peopleOf(ctx context.Context, tx *store.Tx, h Holder) ([]person.Person, error) {
	ids := []string{h.PersonID}
	if h.CompanyID != "" {
		var err error
		if ids, err = store.All(ctx, tx, store.Value[string], `SELECT person_id FROM contact WHERE company_id = ? AND status = 'confirmed' ORDER BY person_id`, h.CompanyID); err != nil {
			return nil, err
		}
	}
	var people []person.Person
	for _, id := range ids {
		p, err := person.Find(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	return people, nil
}
