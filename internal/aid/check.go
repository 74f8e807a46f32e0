package aid

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Checking is what an organiser finds when going through a declaration.
type Checking struct {
	Rates  map[string]int64 // national units for a euro times 100 000, by currency
	Cents  map[string]int64 // of a row, by its id: euro cents that are known better
	Same   map[string]bool  // of a row, by its id: it is, or is not, one of our own grants; what is not said is found out
	Linked map[string]bool  // of a linked company, by its id: it is one undertaking with this one
	Review string           // what was found about primary production
}

// Check puts what was declared into euro, finds what of it is our own, and makes one
// undertaking of the companies that are. It refuses at the fields review, rate.CUR
// and same.ID, and with ErrNotNow.
func Check(ctx context.Context, tx *store.Tx, caseID string, k Checking, by audit.Actor) (Case, error) {
	c, err := Find(ctx, tx, caseID)
	if err != nil {
		return c, err
	}
	if !may(c.Status, Checked) {
		return c, ErrNotNow
	}
	d, err := c.Declaration(ctx, tx)
	if err != nil {
		return c, err
	}
	if err := c.link(ctx, tx, d, k, by); err != nil {
		return c, err
	}
	own, err := c.Own(ctx, tx, c.today(tx))
	if err != nil {
		return c, err
	}
	var f problem.Fields
	k.Review = strings.TrimSpace(k.Review)
	switch {
	case d.Manual() && k.Review == "":
		f.Add("review", "required")
	case utf8.RuneCountInString(k.Review) > maxReason:
		f.Add("review", "too_long", "most", maxReason)
	}
	taken := map[string]bool{}
	for i := range d.Other {
		k.row(&f, &d.Other[i], own, taken)
	}
	if err := f.Err(); err != nil {
		return c, err
	}
	for _, o := range d.Other {
		if _, err := store.Exec(ctx, tx, `UPDATE aid_other SET eur_cents = ?, same_award_id = ? WHERE id = ?`, o.Cents, store.Text(o.SameAward), o.ID); err != nil {
			return c, fmt.Errorf("check other aid: %w", err)
		}
	}
	if _, err := store.Exec(ctx, tx, `UPDATE aid_declaration SET review = ?, checked_at = ? WHERE id = ?`, k.Review, store.At(tx.Now), d.ID); err != nil {
		return c, fmt.Errorf("check a declaration: %w", err)
	}
	return c, c.move(ctx, tx, Checked, k.Review, by)
}

// maxReason is the longest text that an organiser gives as a reason, in characters.
const maxReason = 4000

// row puts one row into euro and finds out whether it is one of our own.
func (k Checking) row(f *problem.Fields, o *Other, own []Own, taken map[string]bool) {
	o.SameAward = ""
	if same, said := k.Same[o.ID]; !said || same {
		o.SameAward = sameAward(*o, own, taken, said)
		if said && o.SameAward == "" {
			f.Add("same."+o.ID, "aid_not_ours")
		}
	}
	if o.SameAward != "" {
		taken[o.SameAward] = true
	}
	cents, known := k.Cents[o.ID]
	switch rate := k.Rates[o.Currency]; {
	case known:
		o.Cents = cents
	case o.Currency == "EUR":
		o.Cents = o.Minor
	case rate > 0:
		o.Cents = EuroCents(o.Minor, rate)
	default:
		f.Add("rate."+o.Currency, "aid_rate")
	}
}

// sameAward finds our own grant that a row tells of: of the same day, and, unless an
// organiser says so, of the same amount, as granted or as it stands. Each is found
// once.
func sameAward(o Other, own []Own, taken map[string]bool, said bool) string {
	for _, a := range own {
		if taken[a.AwardID] || !a.On.Equal(o.On) {
			continue
		}
		alike := o.Currency == "EUR" && (o.Minor == a.Cents || o.Minor == a.FirstCents) ||
			o.Currency == a.Currency && (o.Minor == a.AidMinor || o.Minor == a.FirstMinor)
		if alike || said {
			return a.AwardID
		}
	}
	return ""
}

// link makes one undertaking of this company and those that the organiser agrees
// are linked to it and that have a number.
func (c Case) link(ctx context.Context, tx *store.Tx, d Declaration, k Checking, by audit.Actor) error {
	for _, l := range d.Linked {
		if !k.Linked[l.ID] || l.Number == "" || l.CompanyID != "" {
			continue
		}
		other, err := company.Ensure(ctx, tx, c.State, l.Number, l.Name)
		if err != nil {
			return err
		}
		theirs, err := ensureRecipient(ctx, tx, other.ID, "")
		if err != nil {
			return err
		}
		ours, err := c.Recipient(ctx, tx)
		if err != nil {
			return err
		}
		if err := join(ctx, tx, theirs.UndertakingID, ours.UndertakingID); err != nil {
			return err
		}
		if _, err := store.Exec(ctx, tx, `UPDATE aid_linked SET company_id = ? WHERE id = ?`, other.ID, l.ID); err != nil {
			return fmt.Errorf("link companies: %w", err)
		}
		if err := audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: c.ProgrammeID, Action: "aid.link", ObjectKind: "aid_case", ObjectID: c.ID, To: other.ID}); err != nil {
			return err
		}
	}
	return nil
}

// Rate is how much of a currency a euro was, and who says so.
type Rate struct {
	Value  int64 // national units for a euro times 100 000
	On     time.Time
	Source string
}

// LastRate is the rate of the newest grant in a currency, to begin with; false when
// there is none.
func LastRate(ctx context.Context, tx *store.Tx, currency string) (Rate, bool, error) {
	all, err := store.All(ctx, tx, func(r store.Row) (x Rate, err error) {
		var on string
		err = r.Scan(&x.Value, &on, &x.Source)
		x.On = dayFrom(on)
		return x, err
	}, `SELECT rate, rate_on, rate_source FROM aid_award WHERE currency = ? ORDER BY rate_on DESC, at DESC LIMIT 1`, currency)
	if err != nil || len(all) == 0 {
		return Rate{}, false, err
	}
	return all[0], true, nil
}
