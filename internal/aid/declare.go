package aid

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// MostRows is how many rows of a kind a declaration has at most.
const MostRows = 20

// Other is aid that somebody else has granted.
type Other struct {
	ID        string
	Giver     string
	On        time.Time // the day of the grant
	Minor     int64
	Currency  string // SEK, NOK or EUR
	Cents     int64  // in euro, once it was checked
	Known     bool   // it was
	SameAward string // it is one of our own grants, and is counted once
}

// Linked is another company of the same undertaking.
type Linked struct {
	ID        string
	Name      string
	Number    string // digits, or nothing
	CompanyID string // once an organiser agrees
}

// Declaration is what a company says of itself before it gets aid.
type Declaration struct {
	ID                string
	Round             int
	Signer            string
	Firm              string // what a person's own firm is called; of a company nothing
	PrimaryProduction bool   // fishery, aquaculture or agriculture
	KeptApart         bool   // the advice is for other activity, with accounts of its own
	NACE              string
	PersonID          string
	Review            string // what was found when that was looked at
	Other             []Other
	Linked            []Linked
	At, CheckedAt     time.Time
}

// Manual reports whether a person has to look at what the company does: primary
// production has rules of its own, but a firm may do other things besides.
func (d Declaration) Manual() bool { return d.PrimaryProduction || primary(d.NACE) }

// Declare stores what the company declares. One that was made before is replaced,
// as long as nothing has been decided. The errors are at the fields signer, firm, nace,
// other.N.giver, .on, .amount, .currency and linked.N.name, .number.
func Declare(ctx context.Context, tx *store.Tx, caseID string, d Declaration, by audit.Actor) (Case, error) {
	c, err := Find(ctx, tx, caseID)
	if err != nil {
		return c, err
	}
	if !may(c.Status, Declared) {
		return c, ErrNotNow
	}
	r, err := c.Recipient(ctx, tx)
	if err != nil {
		return c, err
	}
	if err := d.check(c.today(tx), c.State, r.CompanyID == ""); err != nil {
		return c, err
	}
	if r.CompanyID == "" {
		if _, err := store.Exec(ctx, tx, `UPDATE aid_recipient SET name = ? WHERE id = ?`, d.Firm, r.ID); err != nil {
			return c, fmt.Errorf("name a firm: %w", err)
		}
	}
	d.ID, d.Round = tx.NewID(), c.Round
	if by.Kind == "person" {
		d.PersonID = by.ID
	} else {
		d.PersonID = c.PersonID
	}
	if err := d.insert(ctx, tx, c.ID); err != nil {
		return c, fmt.Errorf("declare aid: %w", err)
	}
	return c, c.move(ctx, tx, Declared, "", by)
}

func (d *Declaration) check(today time.Time, state string, ofPerson bool) error {
	var f problem.Fields
	if d.Firm = strings.TrimSpace(d.Firm); ofPerson {
		text(&f, "firm", d.Firm, 200)
	}
	d.Signer = strings.TrimSpace(d.Signer)
	text(&f, "signer", d.Signer, 120)
	if d.NACE = strings.TrimSpace(d.NACE); d.NACE != "" {
		code, err := ParseNACE(d.NACE)
		if err != nil {
			f.Add("nace", "aid_nace")
		}
		d.NACE = code
	}
	if len(d.Other) > MostRows || len(d.Linked) > MostRows {
		f.Add("signer", "aid_rows", "most", MostRows)
	}
	since := Since(today)
	for i, o := range d.Other {
		at := "other." + strconv.Itoa(i) + "."
		text(&f, at+"giver", o.Giver, 200)
		switch {
		case o.On.IsZero():
			f.Add(at+"on", "aid_day")
		case o.On.After(today):
			f.Add(at+"on", "aid_day_ahead")
		case o.On.Before(since):
			f.Add(at+"on", "aid_day_old")
		}
		if o.Minor <= 0 {
			f.Add(at+"amount", "aid_amount")
		}
		if o.Currency != "SEK" && o.Currency != "NOK" && o.Currency != "EUR" {
			f.Add(at+"currency", "choice")
		}
	}
	for i := range d.Linked {
		l := &d.Linked[i]
		at := "linked." + strconv.Itoa(i) + "."
		text(&f, at+"name", l.Name, 200)
		if l.Number == "" {
			continue
		}
		number, err := company.ParseNumber(state, l.Number, true)
		if p, refused := problem.As(err); refused {
			f.Add(at+"number", p.Code)
			number = ""
		}
		l.Number = number
	}
	return f.Err()
}

func text(f *problem.Fields, name, value string, most int) {
	switch {
	case strings.TrimSpace(value) == "":
		f.Add(name, "required")
	case utf8.RuneCountInString(value) > most:
		f.Add(name, "too_long", "most", most)
	case locale.Deceptive(value, false):
		f.Add(name, "characters")
	case company.LooksPersonal(value):
		f.Add(name, "personal_number")
	}
}

func (d Declaration) insert(ctx context.Context, tx *store.Tx, caseID string) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO aid_declaration (id, case_id, round, position, signer, primary_production, kept_apart, nace, person_id, declared_at)
		VALUES (?, ?, ?, (SELECT count(*) + 1 FROM aid_declaration WHERE case_id = ?), ?, ?, ?, ?, ?, ?)`,
		d.ID, caseID, d.Round, caseID, d.Signer, d.PrimaryProduction, d.KeptApart, d.NACE, d.PersonID, store.At(tx.Now))
	if err != nil {
		return err
	}
	for i, o := range d.Other {
		_, err := store.Exec(ctx, tx, `INSERT INTO aid_other (id, declaration_id, position, giver, granted_on, amount_minor, currency) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			tx.NewID(), d.ID, i, strings.TrimSpace(o.Giver), dayText(o.On), o.Minor, o.Currency)
		if err != nil {
			return err
		}
	}
	for i, l := range d.Linked {
		_, err := store.Exec(ctx, tx, `INSERT INTO aid_linked (id, declaration_id, position, name, org_number) VALUES (?, ?, ?, ?, ?)`,
			tx.NewID(), d.ID, i, strings.TrimSpace(l.Name), l.Number)
		if err != nil {
			return err
		}
	}
	return nil
}

// Declaration is the newest of the case, or problem.ErrMissing.
func (c Case) Declaration(ctx context.Context, tx *store.Tx) (Declaration, error) {
	return declaration(ctx, tx, `WHERE case_id = ? ORDER BY position DESC LIMIT 1`, c.ID)
}

// LastDeclaration is the newest that the recipient has made in any case, to begin
// another with, or problem.ErrMissing.
func LastDeclaration(ctx context.Context, tx *store.Tx, recipientID string) (Declaration, error) {
	return declaration(ctx, tx, `WHERE case_id IN (SELECT id FROM aid_case WHERE recipient_id = ?) ORDER BY declared_at DESC, id DESC LIMIT 1`, recipientID)
}

func declaration(ctx context.Context, tx *store.Tx, where string, args ...any) (Declaration, error) {
	d, err := missing(store.One(ctx, tx, func(r store.Row) (d Declaration, err error) {
		return d, r.Scan(&d.ID, &d.Round, &d.Signer, &d.PrimaryProduction, &d.KeptApart, &d.NACE, &d.PersonID, &d.Review, store.Time(&d.At), store.Time(&d.CheckedAt))
	}, `SELECT id, round, signer, primary_production, kept_apart, nace, person_id, review, declared_at, checked_at FROM aid_declaration `+where, args...))
	if err != nil {
		return d, err
	}
	d.Other, err = store.All(ctx, tx, func(r store.Row) (o Other, err error) {
		var on string
		var cents *int
		err = r.Scan(&o.ID, &o.Giver, &on, &o.Minor, &o.Currency, store.Int(&cents), store.String(&o.SameAward))
		o.On = dayFrom(on)
		if cents != nil {
			o.Cents, o.Known = int64(*cents), true
		}
		return o, err
	}, `SELECT id, giver, granted_on, amount_minor, currency, eur_cents, same_award_id FROM aid_other WHERE declaration_id = ? ORDER BY position`, d.ID)
	if err != nil {
		return d, err
	}
	d.Linked, err = store.All(ctx, tx, func(r store.Row) (l Linked, err error) {
		return l, r.Scan(&l.ID, &l.Name, &l.Number, store.String(&l.CompanyID))
	}, `SELECT id, name, org_number, company_id FROM aid_linked WHERE declaration_id = ? ORDER BY position`, d.ID)
	return d, err
}
