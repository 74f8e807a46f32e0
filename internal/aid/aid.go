// Package aid is state aid: hours of advice that cost less than on the market are
// de minimis aid under Regulation (EU) 2023/2831. A company declares what other such
// aid it has, a person decides, the company is told, and the public register too. No
// undertaking gets more than 300 000 euro in three years from one state.
//
// It knows nothing of advice: whoever gives it says what an hour is worth.
package aid

import (
	"context"
	"errors"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Regulation and Instrument are named in letters, decisions and the register.
const (
	Regulation = "(EU) 2023/2831"
	Instrument = "subsidised service"
)

// Ceiling is what one undertaking may get from one state in three years, in euro
// cents (Art. 3(2)).
const Ceiling = 300_000_00

// Terms is what is planned for one company, or for a person whose firm has no
// number of its own: then CompanyID is empty.
type Terms struct {
	ProgrammeID, AdvisoryProgrammeID string
	CompanyID                        string
	PersonID                         string // who acts, and gets the letters
	Minutes                          int    // at most
	MarketMinor                      int64  // what an hour costs on the market, without VAT
	PriceMinor                       int64  // what is paid for an hour, without VAT
	Currency                         string // SEK or NOK
	More                             bool   // beside what has been granted, which does not suffice
}

// HourMinor is the aid in an hour.
func (t Terms) HourMinor() int64 { return HourMinor(t.MarketMinor, t.PriceMinor) }

// Status is how far a case has come.
type Status string

// The states of a case.
const (
	None       Status = "" // before it is opened
	Asked      Status = "declaration_asked"
	Declared   Status = "declared"
	Checked    Status = "checked"
	IsGranted  Status = "granted"
	Refused    Status = "refused"
	Informed   Status = "informed"    // the company has been told, nothing is to be registered
	ToRegister Status = "to_register" // it has been told, and the register has to be
	Registered Status = "registered"
	Corrected  Status = "corrected" // to a lower amount
	Lapsed     Status = "lapsed"    // came to an end before anything was decided
)

// steps is what may follow what. A case begins again after it was refused, has
// lapsed, or when its grant is used up.
var steps = map[Status][]Status{
	None:       {Asked},
	Asked:      {Declared, Lapsed},
	Declared:   {Declared, Checked, Refused, Lapsed},
	Checked:    {Declared, Checked, IsGranted, Refused, Lapsed},
	IsGranted:  {Informed},
	Informed:   {ToRegister, Corrected, Asked},
	ToRegister: {Registered, Corrected, Asked},
	Registered: {Corrected, Asked},
	Corrected:  {Registered, Corrected, Asked},
	Refused:    {Asked},
	Lapsed:     {Asked},
}

// Undecided reports whether somebody has to do something before hours can be used.
func (s Status) Undecided() bool { return s == Asked || s == Declared || s == Checked }

var (
	// ErrNotNow says that the case is not where this can be done.
	ErrNotNow = &problem.Problem{Kind: problem.Conflict, Code: "aid_not_now"}
	// ErrCeiling says that the undertaking would get more than the ceiling. Its
	// args are the minutes that would still fit.
	ErrCeiling = &problem.Problem{Kind: problem.Conflict, Code: "aid_ceiling"}
	// ErrNotLower says that a correction is not lower than what is in force.
	ErrNotLower = &problem.Problem{Kind: problem.Invalid, Code: "aid_not_lower"}
)

// Case is the aid of one recipient in one advisory programme.
type Case struct {
	ID, AdvisoryProgrammeID, ProgrammeID string
	RecipientID, PersonID                string
	State                                string // that grants: SE or NO
	Status                               Status
	Round                                int // a new grant is a new round
	Minutes                              int // as planned
	MarketMinor, PriceMinor              int64
	Currency                             string
	AskedAt, ChangedAt                   time.Time
}

// HourMinor is the aid in an hour.
func (c Case) HourMinor() int64 { return HourMinor(c.MarketMinor, c.PriceMinor) }

// PlannedMinor is the gross grant equivalent of what is planned.
func (c Case) PlannedMinor() int64 { return Amount(c.Minutes, c.HourMinor()) }

// Country is the calendar whose days are counted.
func (c Case) Country() string { return c.State }

// Zone is where the days of a case are counted.
func (c Case) Zone() *time.Location {
	name := "Europe/Stockholm"
	if c.State == "NO" {
		name = "Europe/Oslo"
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

// today is the day of the transaction on the clock of the case.
func (c Case) today(tx *store.Tx) time.Time { return dayOf(tx.Now.In(c.Zone())) }

// Find returns the case, or problem.ErrMissing.
func Find(ctx context.Context, tx *store.Tx, id string) (Case, error) {
	return missing(store.One(ctx, tx, scanCase, selectCase+`WHERE k.id = ?`, id))
}

// Of returns the case of a company in an advisory programme, or problem.ErrMissing.
func Of(ctx context.Context, tx *store.Tx, advisoryProgrammeID, companyID string) (Case, error) {
	return missing(store.One(ctx, tx, scanCase, selectCase+`
		JOIN aid_recipient r ON r.id = k.recipient_id JOIN company o ON o.id = r.company_id
		WHERE k.advisory_programme_id = ? AND COALESCE(o.merged_into, o.id) = (SELECT COALESCE(merged_into, id) FROM company WHERE id = ?)
		ORDER BY CASE WHEN o.merged_into IS NULL THEN 0 ELSE 1 END, k.asked_at, k.id`, advisoryProgrammeID, companyID))
}

// OfPerson returns the case of a person whose firm has no number of its own.
func OfPerson(ctx context.Context, tx *store.Tx, advisoryProgrammeID, personID string) (Case, error) {
	return missing(store.One(ctx, tx, scanCase, selectCase+`
		JOIN aid_recipient r ON r.id = k.recipient_id WHERE k.advisory_programme_id = ? AND r.person_id = ?`, advisoryProgrammeID, personID))
}

func missing[T any](found T, err error) (T, error) {
	if errors.Is(err, store.ErrNoRow) {
		return found, problem.ErrMissing
	}
	return found, err
}

// move takes the one step, or refuses with ErrNotNow. It writes who did it.
func (c *Case) move(ctx context.Context, tx *store.Tx, to Status, reason string, by audit.Actor) error {
	if !may(c.Status, to) {
		return ErrNotNow
	}
	from := c.Status
	n, err := store.Exec(ctx, tx, `UPDATE aid_case SET status = ?, changed_at = ? WHERE id = ? AND status = ?`, to, store.At(tx.Now), c.ID, from)
	if err != nil {
		return fmt.Errorf("move a case of aid: %w", err)
	}
	if n == 0 {
		return ErrNotNow
	}
	c.Status, c.ChangedAt = to, tx.Now
	return c.note(ctx, tx, from, reason, by)
}

func may(from, to Status) bool {
	for _, s := range steps[from] {
		if s == to {
			return true
		}
	}
	return false
}

// note writes the step that was taken, and the line in the audit log.
func (c *Case) note(ctx context.Context, tx *store.Tx, from Status, reason string, by audit.Actor) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO aid_step (id, case_id, position, from_status, to_status, reason, actor_kind, actor_id, at)
		VALUES (?, ?, (SELECT count(*) + 1 FROM aid_step WHERE case_id = ?), ?, ?, ?, ?, ?, ?)`,
		tx.NewID(), c.ID, c.ID, from, c.Status, reason, by.Kind, by.ID, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("note a step of aid: %w", err)
	}
	return audit.Add(ctx, tx, audit.Entry{
		Actor: by, ProgrammeID: c.ProgrammeID, Action: "aid." + string(c.Status), ObjectKind: "aid_case", ObjectID: c.ID,
		From: string(from), To: string(c.Status), Reason: reason,
	})
}

const selectCase = `SELECT k.id, k.advisory_programme_id, k.programme_id, k.recipient_id, k.person_id, k.state, k.status, k.round, k.minutes, k.market_minor, k.price_minor, k.currency, k.asked_at, k.changed_at FROM aid_case k `

func scanCase(r store.Row) (c Case, err error) {
	err = r.Scan(&c.ID, &c.AdvisoryProgrammeID, &c.ProgrammeID, &c.RecipientID, &c.PersonID, &c.State, &c.Status, &c.Round, &c.Minutes,
		&c.MarketMinor, &c.PriceMinor, &c.Currency, store.Time(&c.AskedAt), store.Time(&c.ChangedAt))
	return c, err
}
