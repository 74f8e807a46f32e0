package advisory

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// ProposalStatus is what has become of a proposed time.
type ProposalStatus string

// The states of a proposed time. An open one holds the adviser's time until its
// deadline.
const (
	ProposalOpen      ProposalStatus = "open"
	ProposalAccepted  ProposalStatus = "accepted"
	ProposalDeclined  ProposalStatus = "declined"
	ProposalExpired   ProposalStatus = "expired"
	ProposalWithdrawn ProposalStatus = "withdrawn"
)

// Proposal is a time proposed to somebody who waits for one.
type Proposal struct {
	ID, BookingID          string
	AdviserID, Name        string // whose time it is
	Status                 ProposalStatus
	BySystem               bool // the time came free; else the adviser named it
	StartsAt, EndsAt       time.Time
	BlockedFrom, BlockedTo time.Time
	ExpiresAt              time.Time // answered before this
	CreatedAt, DoneAt      time.Time
}

// Open reports whether the time can be taken at a moment, also when the scheduler
// has not yet come to end it.
func (p Proposal) Open(now time.Time) bool {
	return p.Status == ProposalOpen && now.Before(p.ExpiresAt)
}

const selectProposal = `SELECT p.id, p.booking_id, p.adviser_id, u.name, p.status, p.by_system, p.starts_at, p.ends_at, p.blocked_from, p.blocked_to,
	p.expires_at, p.created_at, p.done_at
	FROM booking_proposal p JOIN adviser a ON a.id = p.adviser_id JOIN user_account u ON u.id = a.user_id `

func scanProposal(row store.Row) (p Proposal, err error) {
	return p, row.Scan(&p.ID, &p.BookingID, &p.AdviserID, &p.Name, &p.Status, &p.BySystem, store.Time(&p.StartsAt), store.Time(&p.EndsAt),
		store.Time(&p.BlockedFrom), store.Time(&p.BlockedTo), store.Time(&p.ExpiresAt), store.Time(&p.CreatedAt), store.Time(&p.DoneAt))
}

// ProposalByID finds a proposed time.
func ProposalByID(ctx context.Context, tx *store.Tx, id string) (Proposal, error) {
	p, err := store.One(ctx, tx, scanProposal, selectProposal+`WHERE p.id = ?`, id)
	return p, errNoSuch(err)
}

// ProposalsOf lists every time ever proposed for a booking, the nearest first.
func ProposalsOf(ctx context.Context, tx *store.Tx, bookingID string) ([]Proposal, error) {
	return store.All(ctx, tx, scanProposal, selectProposal+`WHERE p.booking_id = ? ORDER BY p.starts_at, p.id`, bookingID)
}

// OpenProposals lists the times that can be taken now, the nearest first.
func OpenProposals(ctx context.Context, tx *store.Tx, bookingID string) ([]Proposal, error) {
	return store.All(ctx, tx, scanProposal, selectProposal+`
		WHERE p.booking_id = ? AND p.status = 'open' AND p.expires_at > ? ORDER BY p.starts_at, p.id`, bookingID, store.At(tx.Now))
}

// OpenProposalsOfAdviser lists what holds an adviser's time without being a meeting
// yet, the nearest first.
func OpenProposalsOfAdviser(ctx context.Context, tx *store.Tx, adviserID string) ([]Proposal, error) {
	return store.All(ctx, tx, scanProposal, selectProposal+`
		WHERE p.adviser_id = ? AND p.status = 'open' AND p.expires_at > ? ORDER BY p.starts_at, p.id`, adviserID, store.At(tx.Now))
}

// answerBy says by when a proposal made now must be answered: the clock of offers of
// places. Of a time less than six hours away there are none, and ok is false.
func answerBy(b Booking, country string, start, now time.Time) (at time.Time, ok bool) {
	_, at, ok = registration.OfferTerms(start, b.Location(), country, now)
	return at, ok
}

// insertProposal holds a block of the adviser's time for somebody who waits.
func insertProposal(ctx context.Context, tx *store.Tx, p Proposal) error {
	_, err := store.Exec(ctx, tx, `
		INSERT INTO booking_proposal (id, booking_id, adviser_id, status, by_system, starts_at, ends_at, blocked_from, blocked_to, expires_at, created_at)
		VALUES (?, ?, ?, 'open', ?, ?, ?, ?, ?, ?, ?)`,
		p.ID, p.BookingID, p.AdviserID, p.BySystem, store.At(p.StartsAt), store.At(p.EndsAt), store.At(p.BlockedFrom), store.At(p.BlockedTo), store.At(p.ExpiresAt), store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("propose a time: %w", err)
	}
	return nil
}

// closeProposals ends every open proposal of a booking and tells how many there
// were.
func closeProposals(ctx context.Context, tx *store.Tx, bookingID string, became ProposalStatus) (int64, error) {
	n, err := store.Exec(ctx, tx, `UPDATE booking_proposal SET status = ?, done_at = ? WHERE booking_id = ? AND status = 'open'`, became, store.At(tx.Now), bookingID)
	if err != nil {
		return n, fmt.Errorf("close proposals: %w", err)
	}
	return n, nil
}

// tellTimes writes the letter with the times proposed, which the letter finds by
// the booking. At night it waits until morning; after the last deadline it need not
// go any more.
func tellTimes(ctx context.Context, tx *store.Tx, p Programme, b Booking, made []Proposal) error {
	last := made[0].ExpiresAt
	for _, pr := range made {
		last = laterOf(last, pr.ExpiresAt)
	}
	if b.PersonID == "" {
		return nil
	}
	who, err := person.Find(ctx, tx, b.PersonID)
	if err != nil || who.Erased() {
		return err
	}
	_, err = message.Enqueue(ctx, tx, message.Request{
		Key: string(message.TimesProposed) + ":" + b.ID + ":" + tx.NewID(), Letter: message.TimesProposed, Recipient: who.Email, Language: b.Language,
		ProgrammeID: p.ProgrammeID, BookingID: b.ID, NotBefore: message.AfterNight(tx.Now.In(b.Location())).UTC(), NotAfter: last,
		Details: message.Details{ByHand: !made[0].BySystem, AnswerBy: last.UTC().Format(time.RFC3339)},
	})
	return err
}

// noteTimes writes into the audit log what became of times proposed.
func noteTimes(ctx context.Context, tx *store.Tx, p Programme, b Booking, e audit.Entry) error {
	e.ProgrammeID, e.ObjectKind, e.ObjectID = p.ProgrammeID, "booking", b.ID
	return audit.Add(ctx, tx, e)
}
