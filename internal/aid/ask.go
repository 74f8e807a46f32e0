package aid

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// Ask opens the case of a company in an advisory programme and asks for its
// declaration (letter A1, to the person who acts). Of a case that is open, or has a
// grant in force that suffices, nothing changes. One that was refused or has lapsed, or
// whose grant does not suffice, begins again.
func Ask(ctx context.Context, tx *store.Tx, t Terms, by audit.Actor) (Case, error) {
	r, err := ensureRecipient(ctx, tx, t.CompanyID, t.PersonID)
	if err != nil {
		return Case{}, err
	}
	c, err := store.One(ctx, tx, scanCase, selectCase+`WHERE k.advisory_programme_id = ? AND k.recipient_id = ?`, t.AdvisoryProgrammeID, r.ID)
	switch {
	case errors.Is(err, store.ErrNoRow):
		return open(ctx, tx, t, r, by)
	case err != nil:
		return c, err
	case c.Status.Undecided():
		return c, nil
	}
	if _, inForce, err := c.inForce(ctx, tx); err != nil || inForce && !t.More {
		return c, err
	}
	return c, c.again(ctx, tx, t, by)
}

func open(ctx context.Context, tx *store.Tx, t Terms, r Recipient, by audit.Actor) (Case, error) {
	p, err := programme.Find(ctx, tx, t.ProgrammeID)
	if err != nil {
		return Case{}, err
	}
	c := Case{
		ID: tx.NewID(), AdvisoryProgrammeID: t.AdvisoryProgrammeID, ProgrammeID: t.ProgrammeID, RecipientID: r.ID, PersonID: t.PersonID,
		State: p.Country, Status: Asked, Round: 1, Minutes: t.Minutes, MarketMinor: t.MarketMinor, PriceMinor: t.PriceMinor, Currency: t.Currency,
		AskedAt: tx.Now, ChangedAt: tx.Now,
	}
	_, err = store.Exec(ctx, tx, `
		INSERT INTO aid_case (id, advisory_programme_id, programme_id, recipient_id, person_id, state, status, round, minutes, market_minor, price_minor, currency, asked_at, changed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		c.ID, c.AdvisoryProgrammeID, c.ProgrammeID, c.RecipientID, c.PersonID, c.State, c.Status, c.Round, c.Minutes, c.MarketMinor, c.PriceMinor, c.Currency,
		store.At(tx.Now), store.At(tx.Now))
	if err != nil {
		return c, fmt.Errorf("open a case of aid: %w", err)
	}
	if err := c.note(ctx, tx, None, "", by); err != nil {
		return c, err
	}
	return c, c.write(ctx, tx, message.AskDeclaration, fmt.Sprintf("A1:%s:%d", c.ID, c.Round))
}

// again begins a new round on new terms.
func (c *Case) again(ctx context.Context, tx *store.Tx, t Terms, by audit.Actor) error {
	if err := c.move(ctx, tx, Asked, "", by); err != nil {
		return err
	}
	c.Round, c.PersonID, c.Minutes, c.MarketMinor, c.PriceMinor, c.Currency, c.AskedAt = c.Round+1, t.PersonID, t.Minutes, t.MarketMinor, t.PriceMinor, t.Currency, tx.Now
	_, err := store.Exec(ctx, tx, `UPDATE aid_case SET round = ?, person_id = ?, minutes = ?, market_minor = ?, price_minor = ?, currency = ?, asked_at = ? WHERE id = ?`,
		c.Round, c.PersonID, c.Minutes, c.MarketMinor, c.PriceMinor, c.Currency, store.At(tx.Now), c.ID)
	if err != nil {
		return fmt.Errorf("begin a case of aid again: %w", err)
	}
	return c.write(ctx, tx, message.AskDeclaration, fmt.Sprintf("A1:%s:%d", c.ID, c.Round))
}

// lifeOfLetters is how long a letter about aid makes sense.
const lifeOfLetters = 7 * 24 * time.Hour

// write enqueues a letter to the person who acts for the case. Whoever was erased
// gets none.
func (c *Case) write(ctx context.Context, tx *store.Tx, letter message.Letter, key string) error {
	p, err := person.Find(ctx, tx, c.PersonID)
	if errors.Is(err, problem.ErrMissing) || err == nil && p.Erased() {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = message.Enqueue(ctx, tx, message.Request{
		Key: key, Letter: letter, Recipient: p.Email, Language: p.Language, ProgrammeID: c.ProgrammeID, AidCaseID: c.ID, NotAfter: tx.Now.Add(lifeOfLetters),
	})
	return err
}

// Granted is how many minutes a company has in an advisory programme by grants that
// are in force: 0 and false when there are none.
func Granted(ctx context.Context, tx *store.Tx, advisoryProgrammeID, companyID string) (minutes int, ok bool, err error) {
	return granted(ctx, tx, `JOIN company o ON o.id = r.company_id
		WHERE k.advisory_programme_id = ? AND COALESCE(o.merged_into, o.id) = (SELECT COALESCE(merged_into, id) FROM company WHERE id = ?)`, advisoryProgrammeID, companyID)
}

// GrantedToPerson is the same for a person whose firm has no number of its own.
func GrantedToPerson(ctx context.Context, tx *store.Tx, advisoryProgrammeID, personID string) (minutes int, ok bool, err error) {
	return granted(ctx, tx, `WHERE k.advisory_programme_id = ? AND r.person_id = ?`, advisoryProgrammeID, personID)
}

// inForce is the same for one case.
func (c Case) inForce(ctx context.Context, tx *store.Tx) (minutes int, ok bool, err error) {
	return granted(ctx, tx, `WHERE k.id = ?`, c.ID)
}

func granted(ctx context.Context, tx *store.Tx, where string, args ...any) (minutes int, ok bool, err error) {
	type sum struct{ minutes, grants int }
	s, err := store.One(ctx, tx, func(r store.Row) (s sum, err error) { return s, r.Scan(&s.minutes, &s.grants) }, `
		SELECT COALESCE(SUM(COALESCE((SELECT MIN(x.minutes) FROM aid_correction x WHERE x.award_id = a.id), a.minutes)), 0), count(*)
		FROM aid_award a JOIN aid_case k ON k.id = a.case_id JOIN aid_recipient r ON r.id = k.recipient_id `+where+`
			AND NOT EXISTS (SELECT 1 FROM aid_closing e WHERE e.award_id = a.id)`, args...)
	return s.minutes, s.grants > 0, err
}
