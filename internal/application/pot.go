package application

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/store"
)

// EntryKind is what an entry of the pot's ledger does.
type EntryKind string

// The kinds of entry.
const (
	Grant  EntryKind = "grant"
	Return EntryKind = "return" // unused money, back into the pot
)

// Entry is one line of the pot's ledger, which is only ever added to.
type Entry struct {
	ID, AdvisoryProgrammeID, ApplicationID string
	Kind                                   EntryKind
	Minor                                  int64
	Reason                                 string
	Actor                                  audit.Actor
	At                                     time.Time
}

// Balance is what has become of a pot, in the smallest unit of its currency.
type Balance struct {
	PotMinor     int64
	GrantedMinor int64 // Σ granted − returned
	AskedMinor   int64 // by those who wait for a decision
	PaidMinor    int64
}

// Left is what can still be granted.
func (b Balance) Left() int64 { return b.PotMinor - b.GrantedMinor }

// BalanceOf adds up the pot of a programme of advice; all is nought where there is
// none.
func BalanceOf(ctx context.Context, tx *store.Tx, advisoryProgrammeID string) (Balance, error) {
	return store.One(ctx, tx, func(r store.Row) (b Balance, err error) {
		return b, r.Scan(&b.PotMinor, &b.GrantedMinor, &b.AskedMinor, &b.PaidMinor)
	}, `SELECT COALESCE((SELECT pot_minor FROM application_scheme WHERE advisory_programme_id = ?), 0),
		COALESCE((SELECT SUM(CASE kind WHEN 'grant' THEN minor ELSE -minor END) FROM pot_entry WHERE advisory_programme_id = ?), 0),
		COALESCE((SELECT SUM(asked_minor) FROM application WHERE advisory_programme_id = ? AND status IN ('submitted', 'needs_info', 'assessed')), 0),
		COALESCE((SELECT SUM(p.minor) FROM payout p JOIN application a ON a.id = p.application_id WHERE a.advisory_programme_id = ? AND p.status = 'paid'), 0)`,
		advisoryProgrammeID, advisoryProgrammeID, advisoryProgrammeID, advisoryProgrammeID)
}

// Money is what has become of one grant.
type Money struct {
	GrantedMinor  int64 // as decided
	ReturnedMinor int64
	AwaitedMinor  int64 // asked for and not yet answered
	PaidMinor     int64
}

// Left is what of the grant is neither paid, nor asked for, nor returned.
func (m Money) Left() int64 { return m.GrantedMinor - m.ReturnedMinor - m.AwaitedMinor - m.PaidMinor }

// MoneyOf adds up the money of one application.
func MoneyOf(ctx context.Context, tx *store.Tx, id string) (Money, error) {
	return store.One(ctx, tx, func(r store.Row) (m Money, err error) {
		return m, r.Scan(&m.GrantedMinor, &m.ReturnedMinor, &m.AwaitedMinor, &m.PaidMinor)
	}, `SELECT COALESCE((SELECT SUM(minor) FROM pot_entry WHERE application_id = ? AND kind = 'grant'), 0),
		COALESCE((SELECT SUM(minor) FROM pot_entry WHERE application_id = ? AND kind = 'return'), 0),
		COALESCE((SELECT SUM(minor) FROM payout WHERE application_id = ? AND status = 'requested'), 0),
		COALESCE((SELECT SUM(minor) FROM payout WHERE application_id = ? AND status = 'paid'), 0)`, id, id, id, id)
}

// Entries lists the ledger of a pot, oldest first.
func Entries(ctx context.Context, tx *store.Tx, advisoryProgrammeID string) ([]Entry, error) {
	return store.All(ctx, tx, func(r store.Row) (e Entry, err error) {
		return e, r.Scan(&e.ID, &e.AdvisoryProgrammeID, &e.ApplicationID, &e.Kind, &e.Minor, &e.Reason, &e.Actor.Kind, &e.Actor.ID, store.Time(&e.At))
	}, `SELECT id, advisory_programme_id, application_id, kind, minor, reason, actor_kind, actor_id, at FROM pot_entry WHERE advisory_programme_id = ? ORDER BY position`, advisoryProgrammeID)
}

// addEntry writes one entry; nought is not worth one. The pot must be locked and
// the amount decided on: the triggers of the database stop what must not be.
func addEntry(ctx context.Context, tx *store.Tx, a Application, kind EntryKind, minor int64, reason string, by audit.Actor) error {
	if minor == 0 {
		return nil
	}
	_, err := store.Exec(ctx, tx, `
		INSERT INTO pot_entry (id, advisory_programme_id, application_id, kind, minor, reason, actor_kind, actor_id, at, position)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM pot_entry WHERE advisory_programme_id = ?))`,
		tx.NewID(), a.AdvisoryProgrammeID, a.ID, kind, minor, reason, by.Kind, by.ID, store.At(tx.Now), a.AdvisoryProgrammeID)
	if err != nil {
		return fmt.Errorf("write entry of the pot: %w", err)
	}
	return nil
}
