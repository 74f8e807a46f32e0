package advisory

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// EntryKind is what an entry of the ledger does.
type EntryKind string

// The kinds of entry. Settling a meeting is a release of what was reserved and a
// settle of what was used, in one transaction.
const (
	Reserve EntryKind = "reserve"
	Release EntryKind = "release"
	Settle  EntryKind = "settle"
	Charge  EntryKind = "charge" // a late or missed meeting: of the cap, no aid, not invoiced
	Adjust  EntryKind = "adjust" // by an organiser, with a reason
	Merge   EntryKind = "merge"  // moves used minutes between accounts; the only one that may pass the cap
)

// Entry is one line of the ledger, which is only ever added to.
type Entry struct {
	ID, AccountID, AdvisoryProgrammeID, BookingID string
	Kind                                          EntryKind
	Minutes                                       int
	Reason                                        string
	Actor                                         audit.Actor
	SecondID                                      string // the second user who agreed to a large adjustment
	At                                            time.Time

	// again is how many minutes the booking had reserved until this very step, and
	// has just released: to take as many back needs no room.
	again int
}

var (
	// ErrCapExceeded says that the company, project or person has not so many
	// minutes left; its value "left" is how many there are.
	ErrCapExceeded = &problem.Problem{Kind: problem.Conflict, Code: "cap_exceeded"}
	// ErrPoolExhausted says that the programme's pool has not so many minutes left.
	ErrPoolExhausted = &problem.Problem{Kind: problem.Conflict, Code: "pool_exhausted"}
)

// add writes one entry. The account must be locked. What takes hours is refused
// when the account or the pool has not so many; the triggers of the database stop
// it in any case. Where a merge has passed the cap, only what raises the sum is
// refused.
func (a *Account) add(ctx context.Context, tx *store.Tx, p Programme, e Entry) error {
	switch e.Kind {
	case Reserve:
		if left, limited := a.Available(); limited && e.Minutes > max(left, e.again) {
			return ErrCapExceeded.With("left", max(left, e.again))
		}
		left, limited, err := poolLeft(ctx, tx, p)
		if err != nil {
			return err
		}
		if limited && e.Minutes > max(left, e.again) {
			return ErrPoolExhausted.With("left", max(left, e.again))
		}
		a.Reserved += e.Minutes
	case Release:
		a.Reserved -= e.Minutes
	default:
		a.Used += e.Minutes
	}
	return a.write(ctx, tx, e)
}

// write stores the entry as it is.
func (a *Account) write(ctx context.Context, tx *store.Tx, e Entry) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO hours_entry (id, account_id, advisory_programme_id, booking_id, kind, minutes, reason, actor_kind, actor_id, second_id, at, position)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM hours_entry WHERE account_id = ?))`,
		tx.NewID(), a.ID, a.AdvisoryProgrammeID, store.Text(e.BookingID), e.Kind, e.Minutes, e.Reason, e.Actor.Kind, e.Actor.ID, e.SecondID, store.At(tx.Now), a.ID)
	if err != nil {
		return fmt.Errorf("write entry of hours %s: %w", e.Kind, err)
	}
	return nil
}

// Entries lists an account's ledger, oldest first.
func Entries(ctx context.Context, tx *store.Tx, accountID string) ([]Entry, error) {
	return store.All(ctx, tx, scanEntry, selectEntry+`WHERE account_id = ? ORDER BY position`, accountID)
}

const selectEntry = `SELECT id, account_id, advisory_programme_id, booking_id, kind, minutes, reason, actor_kind, actor_id, second_id, at FROM hours_entry `

func scanEntry(row store.Row) (e Entry, err error) {
	err = row.Scan(&e.ID, &e.AccountID, &e.AdvisoryProgrammeID, store.String(&e.BookingID), &e.Kind, &e.Minutes, &e.Reason, &e.Actor.Kind, &e.Actor.ID, &e.SecondID, store.Time(&e.At))
	return e, err
}

// reservedFor is how many minutes are reserved for a booking now.
func reservedFor(ctx context.Context, tx *store.Tx, bookingID string) (int, error) {
	return store.One(ctx, tx, store.Value[int], `
		SELECT COALESCE(SUM(CASE kind WHEN 'reserve' THEN minutes ELSE -minutes END), 0) FROM hours_entry
		WHERE booking_id = ? AND kind IN ('reserve', 'release')`, bookingID)
}
