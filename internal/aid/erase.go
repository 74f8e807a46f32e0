package aid

import (
	"context"
	"time"

	"stafett/internal/store"
)

// Known is what a person is told of aid: what they declared or stand for, and what
// of it is kept after they are erased, and until when.
type Known struct {
	CaseID, Recipient, Programme string
	Status                       Status
	AskedAt                      time.Time
	Signed                       []Signed
	Minutes                      int
	Cents                        int64
	OwnNumber                    bool      // the person's own number is stored, sealed
	KeptUntil                    time.Time // the last day; zero: nothing was granted, and it goes
}

// Signed is a declaration that the person made.
type Signed struct {
	Signer string
	At     time.Time
	Other  int // how many rows of other aid
}

// KnownOf lists what is stored of a person in cases of aid: those that they act for,
// and those of their own firm.
func KnownOf(ctx context.Context, tx *store.Tx, personID string) ([]Known, error) {
	cases, err := store.All(ctx, tx, scanCase, selectCase+`JOIN aid_recipient r ON r.id = k.recipient_id
		WHERE k.person_id = ? OR r.person_id = ? OR EXISTS (SELECT 1 FROM aid_declaration d WHERE d.case_id = k.id AND d.person_id = ?) ORDER BY k.asked_at, k.id`, personID, personID, personID)
	if err != nil {
		return nil, err
	}
	var known []Known
	for _, c := range cases {
		k, err := c.known(ctx, tx, personID)
		if err != nil {
			return nil, err
		}
		known = append(known, k)
	}
	return known, nil
}

func (c Case) known(ctx context.Context, tx *store.Tx, personID string) (Known, error) {
	k := Known{CaseID: c.ID, Status: c.Status, AskedAt: c.AskedAt}
	r, err := c.Recipient(ctx, tx)
	if err != nil {
		return k, err
	}
	k.Recipient, k.OwnNumber = r.Name, r.PersonID == personID && r.HasNumber
	if k.Programme, err = store.One(ctx, tx, store.Value[string], `SELECT name FROM programme WHERE id = ?`, c.ProgrammeID); err != nil {
		return k, err
	}
	k.Signed, err = store.All(ctx, tx, func(row store.Row) (s Signed, err error) {
		return s, row.Scan(&s.Signer, store.Time(&s.At), &s.Other)
	}, `SELECT signer, declared_at, (SELECT count(*) FROM aid_other o WHERE o.declaration_id = d.id) FROM aid_declaration d WHERE case_id = ? AND person_id = ? ORDER BY position`, c.ID, personID)
	if err != nil {
		return k, err
	}
	awards, err := c.Awards(ctx, tx)
	for _, a := range awards {
		minutes, _, cents := a.InForce()
		k.Minutes, k.Cents = k.Minutes+minutes, k.Cents+cents
		if until := a.On.AddDate(keptYears, 0, 0); until.After(k.KeptUntil) {
			k.KeptUntil = until
		}
	}
	return k, err
}

// Erase forgets what a person declared where nothing was granted. What was granted is
// kept for ten years, as the regulation demands, the signer's name with it.
func Erase(ctx context.Context, tx *store.Tx, personID string) error {
	known, err := KnownOf(ctx, tx, personID)
	if err != nil {
		return err
	}
	for _, k := range known {
		if k.KeptUntil.IsZero() {
			if err := remove(ctx, tx, k.CaseID); err != nil {
				return err
			}
		}
	}
	return nil
}
