package aid

import (
	"context"
	"errors"
	"time"

	"stafett/internal/problem"
	"stafett/internal/store"
)

// Sum is what an undertaking has had in the three years that end on a day, in euro
// cents. What is declared and is one of our own grants is counted once, as our own.
type Sum struct {
	Since, Until time.Time
	Own          int64 // granted here
	Declared     int64 // granted by others, as checked
	Unknown      bool  // something is declared that nobody has put into euro yet
}

// Total is all of it.
func (s Sum) Total() int64 { return s.Own + s.Declared }

// Left is how much fits under the ceiling.
func (s Sum) Left() int64 { return max(0, Ceiling-s.Total()) }

// Near reports whether so much more would reach a share of the ceiling, in percent.
func (s Sum) Near(more int64, percent int) bool {
	return (s.Total()+more)*100 >= int64(percent)*Ceiling
}

// Running is what a company's undertaking has had on a day, from the state of the
// company, and what the company itself declared last. A company that nobody knows
// has had nothing.
func Running(ctx context.Context, tx *store.Tx, companyID string, day time.Time) (Sum, error) {
	r, err := missing(store.One(ctx, tx, scanRecipient, selectRecipient+`WHERE r.company_id = (SELECT COALESCE(merged_into, id) FROM company WHERE id = ?)`, companyID))
	if errors.Is(err, problem.ErrMissing) {
		return Sum{Since: Since(day), Until: dayOf(day)}, nil
	}
	if err != nil {
		return Sum{}, err
	}
	d, err := LastDeclaration(ctx, tx, r.ID)
	if err != nil && !errors.Is(err, problem.ErrMissing) {
		return Sum{}, err
	}
	return sum(ctx, tx, r, r.Country, day, d)
}

// Running is what the undertaking of the case has had on a day, with what was
// declared in the case.
func (c Case) Running(ctx context.Context, tx *store.Tx, day time.Time) (Sum, error) {
	r, err := c.Recipient(ctx, tx)
	if err != nil {
		return Sum{}, err
	}
	d, err := c.Declaration(ctx, tx)
	if err != nil && !errors.Is(err, problem.ErrMissing) {
		return Sum{}, err
	}
	return sum(ctx, tx, r, c.State, day, d)
}

func sum(ctx context.Context, tx *store.Tx, r Recipient, state string, day time.Time, d Declaration) (Sum, error) {
	s := Sum{Since: Since(day), Until: dayOf(day)}
	own, err := ownAwards(ctx, tx, r.UndertakingID, state, s.Since)
	for _, a := range own {
		s.Own += a.Cents
	}
	for _, o := range d.Other {
		switch {
		case o.SameAward != "" || o.On.Before(s.Since):
		case !o.Known && o.Currency == "EUR": // in euro as it is
			s.Declared += o.Minor
		case !o.Known:
			s.Unknown = true
		default:
			s.Declared += o.Cents
		}
	}
	return s, err
}

// Own is a grant of ours, as it stands.
type Own struct {
	AwardID, CaseID, Recipient, Programme string
	On                                    time.Time
	Minutes                               int
	AidMinor                              int64
	FirstMinor, FirstCents                int64 // as it was granted
	Currency                              string
	Cents                                 int64
}

// Own lists our own grants to the undertaking of the case in the three years that
// end on a day, newest first.
func (c Case) Own(ctx context.Context, tx *store.Tx, day time.Time) ([]Own, error) {
	r, err := c.Recipient(ctx, tx)
	if err != nil {
		return nil, err
	}
	return ownAwards(ctx, tx, r.UndertakingID, c.State, Since(day))
}

func ownAwards(ctx context.Context, tx *store.Tx, undertakingID, state string, since time.Time) ([]Own, error) {
	return store.All(ctx, tx, func(r store.Row) (o Own, err error) {
		var on string
		err = r.Scan(&o.AwardID, &o.CaseID, &o.Recipient, &o.Programme, &on, &o.Minutes, &o.AidMinor, &o.FirstMinor, &o.FirstCents, &o.Currency, &o.Cents)
		o.On = dayFrom(on)
		return o, err
	}, `SELECT a.id, a.case_id, COALESCE(o.name, r.name), g.name, a.granted_on,
			COALESCE((SELECT MIN(x.minutes) FROM aid_correction x WHERE x.award_id = a.id), a.minutes),
			COALESCE((SELECT MIN(x.aid_minor) FROM aid_correction x WHERE x.award_id = a.id), a.aid_minor), a.aid_minor, a.eur_cents, a.currency,
			COALESCE((SELECT MIN(x.eur_cents) FROM aid_correction x WHERE x.award_id = a.id), a.eur_cents)
		FROM aid_award a JOIN aid_case c ON c.id = a.case_id JOIN programme g ON g.id = c.programme_id
			JOIN aid_recipient r ON r.id = c.recipient_id LEFT JOIN company o ON o.id = r.company_id
		WHERE r.undertaking_id = ? AND a.state = ? AND a.granted_on >= ? ORDER BY a.granted_on DESC, a.id`, undertakingID, state, dayText(since))
}
