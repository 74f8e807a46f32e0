package advisory

import (
	"context"
	"time"

	"stafett/internal/holiday"
	"stafett/internal/message"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// After so many working days without the time of a meeting its adviser is asked
// for it, and after so many the organisers are told.
const (
	chaseAfter    = 5
	organiserDays = 10
)

// NotEntered reports whether the meeting is over and its time has not been entered.
func (b Booking) NotEntered(now time.Time) bool {
	return (b.Status == Confirmed || b.Status == Held) && !b.Quick && !b.EndsAt.IsZero() && b.EndsAt.Before(now)
}

// overdue is when the time of a meeting has been missing for so many working days.
func (b Booking) overdue(days int) time.Time {
	return holiday.WorkingDaysAfter(countryOf(b.TimeZone), b.EndsAt.In(b.Location()), days)
}

// TellAmiss asks advisers for times that are missing after five working days, and
// tells organisers of those missing after ten, and of accounts that a merge of two
// companies has taken above their cap; each of them once. Nothing is settled by
// itself.
func TellAmiss(ctx context.Context, tx *store.Tx) error {
	missing, err := store.All(ctx, tx, scanBooking, selectBooking+`
		WHERE status IN ('confirmed', 'held') AND NOT quick AND ends_at < ? AND (chased_at IS NULL OR organiser_told_at IS NULL) ORDER BY ends_at, id`,
		store.At(tx.Now.AddDate(0, 0, -chaseAfter)))
	if err != nil {
		return err
	}
	ids, byID := make([]string, len(missing)), make(map[string]Booking, len(missing))
	for i, b := range missing {
		ids[i], byID[b.ID] = b.ID, b
	}
	if err := store.Each(ctx, tx, ids, func(id string) error { return chase(ctx, tx, byID[id]) }); err != nil {
		return err
	}
	return tellExceeded(ctx, tx)
}

func chase(ctx context.Context, tx *store.Tx, b Booking) error {
	p, err := ProgrammeByID(ctx, tx, b.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	byDay := message.AfterQuietHours(tx.Now, tx.Now.Add(48*time.Hour), b.Location())
	if b.ChasedAt.IsZero() && !tx.Now.Before(b.overdue(chaseAfter)) {
		a, err := AdviserByID(ctx, tx, b.AdviserID)
		if err != nil {
			return err
		}
		if _, err := message.Enqueue(ctx, tx, message.Request{
			Key: string(message.AdviserChased) + ":" + b.ID, Letter: message.AdviserChased, Recipient: a.Email, Language: a.Language,
			ProgrammeID: p.ProgrammeID, BookingID: b.ID, AdviserID: a.ID, NotBefore: byDay,
		}); err != nil {
			return err
		}
		if _, err := store.Exec(ctx, tx, `UPDATE booking SET chased_at = ? WHERE id = ?`, store.At(tx.Now), b.ID); err != nil {
			return err
		}
	}
	if tx.Now.Before(b.overdue(organiserDays)) {
		return nil
	}
	if err := tellOrganisers(ctx, tx, p, message.Request{Key: string(message.HoursAmiss) + ":" + b.ID, BookingID: b.ID, NotBefore: byDay}); err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `UPDATE booking SET organiser_told_at = ? WHERE id = ? AND organiser_told_at IS NULL`, store.At(tx.Now), b.ID)
	return err
}

// tellOrganisers writes to the address of those who run the programme; nobody when
// it has none.
func tellOrganisers(ctx context.Context, tx *store.Tx, p Programme, r message.Request) error {
	of, err := programme.Find(ctx, tx, p.ProgrammeID)
	if err != nil || of.ContactEmail == "" {
		return err
	}
	r.Letter, r.Recipient, r.Language, r.ProgrammeID = message.HoursAmiss, of.ContactEmail, of.Language, p.ProgrammeID
	_, err = message.Enqueue(ctx, tx, r)
	return err
}

// tellExceeded tells of accounts above their cap, once: the key of the letter sees
// to that.
func tellExceeded(ctx context.Context, tx *store.Tx) error {
	accounts, err := store.All(ctx, tx, scanAccount, selectAccount+`
		WHERE a.cap_minutes IS NOT NULL AND a.id IN (SELECT account_id FROM hours_entry WHERE kind = 'merge')`)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if !a.Exceeded() {
			continue
		}
		p, err := ProgrammeByID(ctx, tx, a.AdvisoryProgrammeID)
		if err != nil {
			return err
		}
		byDay := message.AfterQuietHours(tx.Now, tx.Now.Add(48*time.Hour), location(zoneOf(p.Currency)))
		if err := tellOrganisers(ctx, tx, p, message.Request{
			Key: string(message.HoursAmiss) + ":cap:" + a.ID, NotBefore: byDay, Details: message.Details{AdviceID: p.ID, AccountID: a.ID},
		}); err != nil {
			return err
		}
	}
	return nil
}
