package application

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Payout is money to a project: asked for, and then paid or refused.
type Payout struct {
	ID, ApplicationID string
	Minor             int64
	Status            string // requested, paid, refused
	Purpose           string
	Reason            string // of a refusal
	AskedBy           audit.Actor
	AskedAt           time.Time
	DoneBy            string
	DoneAt            time.Time
}

// Payouts lists a project's, oldest first.
func Payouts(ctx context.Context, tx *store.Tx, id string) ([]Payout, error) {
	return store.All(ctx, tx, scanPayout, selectPayout+`WHERE application_id = ? ORDER BY asked_at, id`, id)
}

const selectPayout = `SELECT id, application_id, minor, status, purpose, reason, asked_kind, asked_by, asked_at, done_by, done_at FROM payout `

func scanPayout(r store.Row) (p Payout, err error) {
	return p, r.Scan(&p.ID, &p.ApplicationID, &p.Minor, &p.Status, &p.Purpose, &p.Reason, &p.AskedBy.Kind, &p.AskedBy.ID, store.Time(&p.AskedAt), &p.DoneBy, store.Time(&p.DoneAt))
}

// MayAsk is how much the project may ask for now: what is left of its grant, and
// until the final report is in no more than the scheme's part of it.
func MayAsk(a Application, s Scheme, m Money) int64 {
	if a.Status != Granted && a.Status != Running && a.Status != FinalReport {
		return 0
	}
	most := m.Left()
	if a.Status != FinalReport {
		most = min(most, s.PartMinor(m.GrantedMinor-m.ReturnedMinor)-m.AwaitedMinor-m.PaidMinor)
	}
	return max(0, most)
}

// AskPayout asks for a part of the grant.
func AskPayout(ctx context.Context, tx *store.Tx, id string, minor int64, purpose string, by audit.Actor) error {
	if by.Kind == "person" {
		if _, err := Own(ctx, tx, by.ID, id); err != nil {
			return err
		}
	}
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	s, err := SchemeOf(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return err
	}
	m, err := MoneyOf(ctx, tx, id)
	if err != nil {
		return err
	}
	if !a.Status.Live() && a.Status != FinalReport {
		return ErrNotNow
	}
	var f problem.Fields
	if minor <= 0 {
		f.Add("minor", "application_amount")
	} else if most := MayAsk(a, s, m); minor > most {
		f.Add("minor", "application_payout_most", "most", problem.Money{Minor: most, Currency: s.Currency})
	}
	purpose = words(&f, "purpose", purpose, false)
	if err := f.Err(); err != nil {
		return err
	}
	_, err = store.Exec(ctx, tx, `INSERT INTO payout (id, application_id, minor, status, purpose, asked_kind, asked_by, asked_at) VALUES (?, ?, ?, 'requested', ?, ?, ?, ?)`,
		tx.NewID(), id, minor, purpose, by.Kind, by.ID, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("ask for a payout: %w", err)
	}
	return a.audit(ctx, tx, by, "application.payout_asked", "", fmt.Sprint(minor), "")
}

// AnswerPayout notes that a payout has been paid, or refuses it with a reason. Of
// two answers at once the first holds. The applicant is told.
func AnswerPayout(ctx context.Context, tx *store.Tx, id, payoutID string, paid bool, reason string, by audit.Actor) error {
	a, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	var f problem.Fields
	status := "paid"
	action := "application.payout_paid"
	if !paid {
		status = "refused"
		action = "application.payout_refused"
		if reason = words(&f, "reason", reason, true); f.Err() != nil {
			return f.Err()
		}
	}
	minor, err := store.All(ctx, tx, store.Value[int64], `
		UPDATE payout SET status = ?, reason = ?, done_by = ?, done_at = ? WHERE id = ? AND application_id = ? AND status = 'requested' RETURNING minor`,
		status, reason, by.ID, store.At(tx.Now), payoutID, id)
	if err != nil {
		return fmt.Errorf("answer a payout: %w", err)
	}
	if len(minor) == 0 {
		return ErrNotNow
	}
	if err := a.audit(ctx, tx, by, action, "requested", fmt.Sprint(minor[0]), reason); err != nil {
		return err
	}
	return a.tell(ctx, tx, message.PayoutAnswered, message.Details{About: payoutID})
}
