package advisory

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"stafett/internal/audit"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Adjustment is a change of an account's hours that one user asks for and, above an
// hour, another agrees to.
type Adjustment struct {
	ID, AccountID, BookingID string
	Minutes                  int // more used is above nought; of a booking: of what it took
	Reason                   string
	AskedBy                  string // the user
	AskedAt                  time.Time
}

// Limits of an adjustment.
const (
	aloneMinutes = 60 // above this two users must agree
	leastReason  = 10 // characters
	alonePeriod  = 30 * 24 * time.Hour
)

var (
	// ErrSamePerson says that who asked for an adjustment cannot agree to it.
	ErrSamePerson = &problem.Problem{Kind: problem.Conflict, Code: "adjust_same_person"}
	// ErrAdjustDecided says that somebody has decided about it already.
	ErrAdjustDecided = &problem.Problem{Kind: problem.Conflict, Code: "adjust_decided"}
	// ErrAdjustWaits says that a correction of the booking waits already.
	ErrAdjustWaits = &problem.Problem{Kind: problem.Conflict, Code: "adjust_waits"}
)

// checkReason asks for a reason that says something.
func checkReason(f *problem.Fields, reason string) {
	switch n := utf8.RuneCountInString(reason); {
	case n < leastReason:
		f.Add("reason", "reason_short", "least", leastReason)
	case n > mostText:
		f.Add("reason", "too_long", "most", mostText)
	case locale.Deceptive(reason, true):
		f.Add("reason", "characters")
	}
}

// AdjustHours changes what an account has used: more above nought, less below. Up to an
// hour it counts at once; more, also by several small ones of the same user within
// thirty days, waits until another user agrees, which waits says. Never more than
// the account and the pool have left, never below nought used.
func AdjustHours(ctx context.Context, tx *store.Tx, accountID string, minutes int, reason string, by audit.Actor) (waits bool, err error) {
	var f problem.Fields
	reason = strings.TrimSpace(reason)
	if checkReason(&f, reason); minutes == 0 || minutes > mostHours*60 || minutes < -mostHours*60 {
		f.Add("minutes", "adjust_minutes")
	}
	if err := f.Err(); err != nil {
		return false, err
	}
	a, p, err := lockAccount(ctx, tx, accountID)
	if err != nil {
		return false, err
	}
	if err := a.mayAdjust(ctx, tx, p, minutes); err != nil {
		return false, err
	}
	alone, err := a.alone(ctx, tx, minutes, by)
	if err != nil {
		return false, err
	}
	if !alone {
		return true, a.ask(ctx, tx, p, Adjustment{Minutes: minutes, Reason: reason}, by)
	}
	return false, a.adjust(ctx, tx, p, Entry{Minutes: minutes, Reason: reason, Actor: by})
}

func lockAccount(ctx context.Context, tx *store.Tx, id string) (a Account, p Programme, err error) {
	if a, err = AccountByID(ctx, tx, id); err != nil {
		return a, p, err
	}
	if p, err = ProgrammeByID(ctx, tx, a.AdvisoryProgrammeID); err != nil {
		return a, p, err
	}
	return a, p, a.lock(ctx, tx)
}

// mayAdjust refuses what would take more than there is, or give back more than was
// used.
func (a Account) mayAdjust(ctx context.Context, tx *store.Tx, p Programme, minutes int) error {
	var f problem.Fields
	if a.Used+minutes < 0 {
		f.Add("minutes", "adjust_below", "used", a.Used)
		return f.Err()
	}
	if left, limited := a.Available(); limited && minutes > left {
		return ErrCapExceeded.With("left", left)
	}
	left, limited, err := poolLeft(ctx, tx, p)
	if err == nil && limited && minutes > left {
		return ErrPoolExhausted.With("left", left)
	}
	return err
}

// alone reports whether a user may make the adjustment without a second one.
func (a Account) alone(ctx context.Context, tx *store.Tx, minutes int, by audit.Actor) (bool, error) {
	before, err := store.One(ctx, tx, store.Value[int], `
		SELECT COALESCE(SUM(ABS(minutes)), 0) FROM hours_entry WHERE account_id = ? AND kind = 'adjust' AND actor_id = ? AND second_id = '' AND at > ?`,
		a.ID, by.ID, store.At(tx.Now.Add(-alonePeriod)))
	return before+max(minutes, -minutes) <= aloneMinutes, err
}

// adjust writes the entry and that it was made.
func (a *Account) adjust(ctx context.Context, tx *store.Tx, p Programme, e Entry) error {
	e.Kind = Adjust
	if err := a.add(ctx, tx, p, e); err != nil {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{
		Actor: e.Actor, ProgrammeID: p.ProgrammeID, Action: "hours.adjust", ObjectKind: "hours_account", ObjectID: a.ID, To: fmt.Sprint(e.Minutes), Reason: e.Reason,
	})
}

// ask keeps an adjustment for the second pair of eyes.
func (a Account) ask(ctx context.Context, tx *store.Tx, p Programme, j Adjustment, by audit.Actor) error {
	n, err := store.Exec(ctx, tx, `
		INSERT INTO hours_adjustment (id, account_id, booking_id, minutes, reason, status, asked_by, asked_at) VALUES (?, ?, ?, ?, ?, 'open', ?, ?) ON CONFLICT DO NOTHING`,
		tx.NewID(), a.ID, store.Text(j.BookingID), j.Minutes, j.Reason, by.ID, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("ask for an adjustment: %w", err)
	}
	if n == 0 {
		return ErrAdjustWaits
	}
	return audit.Add(ctx, tx, audit.Entry{
		Actor: by, ProgrammeID: p.ProgrammeID, Action: "hours.adjust_asked", ObjectKind: "hours_account", ObjectID: a.ID, To: fmt.Sprint(j.Minutes), Reason: j.Reason,
	})
}

const selectAdjustment = `SELECT j.id, j.account_id, j.booking_id, j.minutes, j.reason, j.asked_by, j.asked_at FROM hours_adjustment j `

func scanAdjustment(row store.Row) (j Adjustment, err error) {
	err = row.Scan(&j.ID, &j.AccountID, store.String(&j.BookingID), &j.Minutes, &j.Reason, &j.AskedBy, store.Time(&j.AskedAt))
	return j, err
}

// OpenAdjustments lists those that wait in these programmes, the oldest first.
func OpenAdjustments(ctx context.Context, tx *store.Tx, within Within) ([]Adjustment, error) {
	in, args := within.where("p.programme_id")
	return store.All(ctx, tx, scanAdjustment, selectAdjustment+`
		JOIN hours_account a ON a.id = j.account_id JOIN advisory_programme p ON p.id = a.advisory_programme_id
		WHERE j.status = 'open' AND `+in+` ORDER BY j.asked_at, j.id`, args...)
}

// AdjustmentByID finds an adjustment, decided or not.
func AdjustmentByID(ctx context.Context, tx *store.Tx, id string) (Adjustment, error) {
	j, err := store.One(ctx, tx, scanAdjustment, selectAdjustment+`WHERE j.id = ?`, id)
	return j, errNoSuch(err)
}

// DecideAdjustment agrees to an adjustment, which then counts, or refuses it. Who
// asked for it may take it back, never agree: ErrSamePerson.
func DecideAdjustment(ctx context.Context, tx *store.Tx, id string, agree bool, by audit.Actor) error {
	j, err := AdjustmentByID(ctx, tx, id)
	if err != nil {
		return err
	}
	if agree && j.AskedBy == by.ID {
		return ErrSamePerson
	}
	a, p, err := lockAccount(ctx, tx, j.AccountID)
	if err != nil {
		return err
	}
	status := "refused"
	if agree {
		status = "agreed"
	}
	n, err := store.Exec(ctx, tx, `UPDATE hours_adjustment SET status = ?, decided_by = ?, decided_at = ? WHERE id = ? AND status = 'open'`, status, by.ID, store.At(tx.Now), id)
	if err != nil {
		return fmt.Errorf("decide about an adjustment: %w", err)
	}
	if n == 0 {
		return ErrAdjustDecided
	}
	if !agree {
		return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: p.ProgrammeID, Action: "hours.adjust_refused", ObjectKind: "hours_account", ObjectID: a.ID, To: fmt.Sprint(j.Minutes)})
	}
	asked := audit.Actor{Kind: "user", ID: j.AskedBy}
	if j.BookingID != "" {
		b, err := BookingByID(ctx, tx, j.BookingID)
		if err != nil {
			return err
		}
		if b.ActualMinutes == nil {
			return ErrNotNow
		}
		return a.correct(ctx, tx, p, b, max(0, *b.ActualMinutes+j.Minutes), Entry{Reason: j.Reason, Actor: asked, SecondID: by.ID})
	}
	if err := a.mayAdjust(ctx, tx, p, j.Minutes); err != nil {
		return err
	}
	return a.adjust(ctx, tx, p, Entry{Minutes: j.Minutes, Reason: j.Reason, Actor: asked, SecondID: by.ID})
}

// Correct changes how many minutes a settled meeting took. What the account and the
// pool do not have is noted as over, as when it was settled. More than an hour's
// difference waits for a second user; the company is told once it counts.
func Correct(ctx context.Context, tx *store.Tx, id string, minutes int, reason string, by audit.Actor) (waits bool, err error) {
	var f problem.Fields
	reason = strings.TrimSpace(reason)
	if checkReason(&f, reason); minutes < 0 || minutes > 24*60 {
		f.Add("minutes", "between", "least", 0, "most", 24*60)
	}
	if err := f.Err(); err != nil {
		return false, err
	}
	p, a, b, err := hold(ctx, tx, id)
	if err != nil {
		return false, err
	}
	if b.Status != Settled || b.ActualMinutes == nil {
		return false, ErrNotNow
	}
	minutes = roundTo(minutes, p.SettleStepMinutes)
	diff := minutes - *b.ActualMinutes
	if diff == 0 {
		f.Add("minutes", "adjust_same")
		return false, f.Err()
	}
	charged, err := a.chargedAfter(ctx, tx, p, b, minutes)
	if err != nil {
		return false, err
	}
	size := max(diff, -diff) // or what the ledger changes by, when hours have come free for what was over
	if n := charged - minutesOr(b.ChargedMinutes, 0); max(n, -n) > size {
		size = max(n, -n)
	}
	alone, err := a.alone(ctx, tx, size, by)
	if err != nil {
		return false, err
	}
	if !alone {
		return true, a.ask(ctx, tx, p, Adjustment{BookingID: b.ID, Minutes: diff, Reason: reason}, by)
	}
	return false, a.correct(ctx, tx, p, b, minutes, Entry{Reason: reason, Actor: by})
}

// chargedAfter is how many minutes of a settled meeting are the account's when it
// took so many.
func (a Account) chargedAfter(ctx context.Context, tx *store.Tx, p Programme, b Booking, actual int) (int, error) {
	more, limited, err := a.mostMore(ctx, tx, p)
	if err != nil || !limited {
		return actual, err
	}
	return min(actual, minutesOr(b.ChargedMinutes, 0)+more), nil
}

// correct writes the new minutes of a meeting, the entry for what differs, and the
// letter.
func (a *Account) correct(ctx context.Context, tx *store.Tx, p Programme, b Booking, actual int, e Entry) error {
	was, before := minutesOr(b.ChargedMinutes, 0), minutesOr(b.ActualMinutes, 0)
	charged, err := a.chargedAfter(ctx, tx, p, b, actual)
	if err != nil {
		return err
	}
	over := actual - charged
	b.ActualMinutes, b.ChargedMinutes, b.OverMinutes, b.ChangedAt = &actual, &charged, &over, tx.Now
	if err := b.save(ctx, tx, false); err != nil {
		return err
	}
	if e.BookingID, e.Minutes = b.ID, charged-was; e.Minutes != 0 {
		if err := a.adjust(ctx, tx, p, e); err != nil {
			return err
		}
	}
	if err := audit.Add(ctx, tx, audit.Entry{
		Actor: e.Actor, ProgrammeID: p.ProgrammeID, Action: "booking.corrected", ObjectKind: "booking", ObjectID: b.ID, From: fmt.Sprint(before), To: fmt.Sprint(actual), Reason: e.Reason,
	}); err != nil {
		return err
	}
	return tell(ctx, tx, p, b, message.BookingCorrected, message.Details{Reason: e.Reason, Minutes: &was})
}
