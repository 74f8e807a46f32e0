package advisory

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/store"
)

// How long what is known of people through advice is kept, in months and years.
const (
	needMonths      = 6  // after the meeting: what was needed, answered and wished
	personMonths    = 24 // after the programme of advice has ended: who booked and called, and the notes
	invoiceYearsSE  = 7  // after the last month that was invoiced: where the invoices went
	invoiceYearsNO  = 5
	zoneOfMonths    = "Europe/Stockholm" // Sweden and Norway have the same clock
	mayErase        = `NOT (o.authority AND o.country = 'SE' AND o.erasure_decision = '')`
	bookingIsOver   = `b.status NOT IN ('requested', 'waiting', 'confirmed', 'held')`
	whenItWas       = `CASE WHEN b.status IN ('declined', 'lapsed', 'cancelled', 'late_cancelled') THEN b.ended_at ELSE COALESCE(b.ends_at, b.ended_at) END`
	eraseNeedColumn = `need = '', wishes = '', procurement = '', procurement_key = '', authority = '', tender_day = NULL`
)

// Sweep erases what has had its time: what people needed, six months after the
// meeting; who they were and what was noted, 24 months after the programme of advice
// has ended; where a company's invoices went, seven years after the last of them, in
// Norway five. The ledger and the figures stay, without anybody in them, and aid has
// its own ten years. A programme ends with its last day of meetings, or when it was
// closed; one that goes on has no end, and each meeting counts by itself. Of a
// Swedish authority it erases nothing before the authority's decision to erase has
// been entered. Running it often does no harm.
func Sweep(ctx context.Context, tx *store.Tx) error {
	programmes, err := store.All(ctx, tx, store.Value[string], `SELECT o.id FROM programme o WHERE `+mayErase+` ORDER BY o.id`)
	if err != nil {
		return err
	}
	for _, id := range programmes {
		if err := sweepNeeds(ctx, tx, id); err != nil {
			return err
		}
		if err := sweepPeople(ctx, tx, id); err != nil {
			return err
		}
	}
	return sweepInvoiceAddresses(ctx, tx)
}

// swept notes that something of a programme was erased, if anything was.
func swept(ctx context.Context, tx *store.Tx, n int64, e audit.Entry) error {
	if n == 0 {
		return nil
	}
	e.Actor, e.ObjectKind, e.ObjectID, e.To = audit.System, "programme", e.ProgrammeID, fmt.Sprint(n)
	return audit.Add(ctx, tx, e)
}

func sweepNeeds(ctx context.Context, tx *store.Tx, programmeID string) error {
	due := `SELECT b.id FROM booking b JOIN advisory_programme p ON p.id = b.advisory_programme_id WHERE p.programme_id = ? AND ` + whenItWas + ` <= ?`
	args := []any{programmeID, store.At(tx.Now.AddDate(0, -needMonths, 0))}
	if _, err := store.Exec(ctx, tx, `DELETE FROM booking_answer WHERE booking_id IN (`+due+`)`, args...); err != nil {
		return fmt.Errorf("erase answers: %w", err)
	}
	n, err := store.Exec(ctx, tx, `UPDATE booking SET `+eraseNeedColumn+`
		WHERE (need <> '' OR wishes <> '' OR procurement <> '' OR authority <> '' OR tender_day IS NOT NULL) AND id IN (`+due+`)`, args...)
	if err != nil {
		return fmt.Errorf("erase what was needed: %w", err)
	}
	return swept(ctx, tx, int64(n), audit.Entry{ProgrammeID: programmeID, Action: "booking.erase_needs"})
}

func sweepPeople(ctx context.Context, tx *store.Tx, programmeID string) error {
	before := tx.Now.AddDate(0, -personMonths, 0)
	const ended = `COALESCE(p.closes_on, CASE WHEN p.status = 'closed' THEN substr(p.changed_at, 1, 10) END`
	due := `SELECT b.id FROM booking b JOIN advisory_programme p ON p.id = b.advisory_programme_id
		WHERE p.programme_id = ? AND ` + bookingIsOver + ` AND ` + whenItWas + ` <= ? AND ` + ended + `, substr(` + whenItWas + `, 1, 10)) <= ?`
	args := []any{programmeID, store.At(before), before.Format(time.DateOnly)}
	for _, statement := range []string{
		`DELETE FROM booking_note WHERE booking_id IN (` + due + `)`,
		`DELETE FROM booking_call WHERE booking_id IN (` + due + `)`,
		`DELETE FROM booking_link WHERE booking_id IN (` + due + `)`,
	} {
		if _, err := store.Exec(ctx, tx, statement, args...); err != nil {
			return fmt.Errorf("erase who was advised: %w", err)
		}
	}
	n, err := store.Exec(ctx, tx, `UPDATE booking SET person_id = NULL, shared_note = '', end_reason = '', place = '', phone = '', join_url = ''
		WHERE (person_id IS NOT NULL OR shared_note <> '' OR end_reason <> '' OR place <> '' OR phone <> '') AND id IN (`+due+`)`, args...)
	if err != nil {
		return fmt.Errorf("erase who was advised: %w", err)
	}
	// Whose hours they were, of people without a company: once the programme is over,
	// for till then they count.
	if _, err := store.Exec(ctx, tx, `UPDATE hours_account SET person_id = NULL, cap_minutes = NULL, forgotten_at = ? WHERE person_id IS NOT NULL AND id IN (
			SELECT a.id FROM hours_account a JOIN advisory_programme p ON p.id = a.advisory_programme_id WHERE p.programme_id = ? AND `+ended+`) <= ?
				AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.account_id = a.id AND NOT (`+bookingIsOver+`)))`,
		store.At(tx.Now), programmeID, before.Format(time.DateOnly)); err != nil {
		return fmt.Errorf("erase whose hours they were: %w", err)
	}
	return swept(ctx, tx, int64(n), audit.Entry{ProgrammeID: programmeID, Action: "booking.erase_people"})
}

// sweepInvoiceAddresses erases where invoices went. Nothing is erased while one of
// the organisers may not erase.
func sweepInvoiceAddresses(ctx context.Context, tx *store.Tx) error {
	zone, err := time.LoadLocation(zoneOfMonths)
	if err != nil {
		return err
	}
	now := tx.Now.In(zone)
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, zone) // only whole months have had their time
	old, err := store.All(ctx, tx, store.Value[string], `
		SELECT i.company_id FROM company_invoice i JOIN company c ON c.id = i.company_id
		WHERE (SELECT max(b.settled_at) FROM booking b WHERE b.company_id = i.company_id AND b.price_minor > 0) < CASE c.country WHEN 'SE' THEN ? ELSE ? END
			AND NOT EXISTS (SELECT 1 FROM booking b WHERE b.company_id = i.company_id AND b.status IN ('requested', 'waiting', 'confirmed', 'held'))
			AND NOT EXISTS (SELECT 1 FROM booking b JOIN advisory_programme p ON p.id = b.advisory_programme_id JOIN programme o ON o.id = p.programme_id
				WHERE b.company_id = i.company_id AND NOT (`+mayErase+`))
		ORDER BY i.company_id`, store.At(month.AddDate(-invoiceYearsSE, 0, 0).UTC()), store.At(month.AddDate(-invoiceYearsNO, 0, 0).UTC()))
	if err != nil {
		return err
	}
	for _, id := range old {
		if _, err := store.Exec(ctx, tx, `DELETE FROM company_invoice WHERE company_id = ?`, id); err != nil {
			return fmt.Errorf("erase an invoice address: %w", err)
		}
		if err := audit.Add(ctx, tx, audit.Entry{Actor: audit.System, Action: "company.erase_invoice", ObjectKind: "company", ObjectID: id}); err != nil {
			return err
		}
	}
	return nil
}
