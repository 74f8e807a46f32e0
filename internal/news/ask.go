package news

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/store"
)

// Wish is somebody's wish for news.
type Wish struct {
	ProgrammeID string
	Email       string // normalised
	Language    string
	Source      Source
	Wording     string // what stands beside the box
}

// Ask notes that an address wants news. From a sign-up form, where anybody can
// write any address, a letter asks whether it is theirs, at most once a day for
// each programme; from one's own page it holds at once, by the words that stood
// there. Who gets news already is not asked again.
func Ask(ctx context.Context, tx *store.Tx, w Wish) error {
	s, found, err := open(ctx, tx, w.ProgrammeID, w.Email)
	if err != nil || found && s.Status == On {
		return err
	}
	if w.Source == OwnPage && found {
		s.Source, s.Wording, s.Language, s.AskedAt = w.Source, w.Wording, w.Language, tx.Now
		return turnOn(ctx, tx, s)
	}
	if !found {
		s = Subscription{ID: tx.NewID(), ProgrammeID: w.ProgrammeID, Email: w.Email, Language: w.Language, Status: Asked, Source: w.Source, Wording: w.Wording, AskedAt: tx.Now}
		if w.Source == OwnPage {
			s.Status, s.ConfirmedAt = On, tx.Now
		}
		if err := s.insert(ctx, tx); err != nil {
			return err
		}
		if err := note(ctx, tx, s, "", ""); err != nil || s.Status == On {
			return err
		}
	}
	lately, err := message.CountToOf(ctx, tx, w.ProgrammeID, w.Email, message.ConfirmNews, tx.Now.Add(-askedAgain))
	if err != nil || lately > 0 {
		return err
	}
	_, err = message.Enqueue(ctx, tx, message.Request{
		Key: fmt.Sprintf("%s:%s:%s", message.ConfirmNews, s.ID, store.At(tx.Now)), Letter: message.ConfirmNews, Recipient: s.Email, Language: s.Language,
		ProgrammeID: s.ProgrammeID, Outside: true, Details: message.Details{SubscriptionID: s.ID},
	})
	return err
}

// Correct moves a wish that nobody has confirmed to another address: that in the
// sign-up at that moment had been typed wrong.
func Correct(ctx context.Context, tx *store.Tx, programmeID, from, to string, askedAt time.Time) error {
	s, found, err := open(ctx, tx, programmeID, from)
	if err != nil || !found || s.Status != Asked || s.Source != SignUp || !s.AskedAt.Equal(askedAt) {
		return err
	}
	if err := Stop(ctx, tx, s, ByLapse); err != nil {
		return err
	}
	return Ask(ctx, tx, Wish{ProgrammeID: programmeID, Email: to, Language: s.Language, Source: s.Source, Wording: s.Wording})
}

// Confirm says that the address is its owner's, who wants the news. What has
// ended by the owner's will begins anew: the link in a letter undoes what it did.
func Confirm(ctx context.Context, tx *store.Tx, s Subscription) error {
	if s.Status == On {
		return nil
	}
	if s.Status == Ended {
		other, found, err := open(ctx, tx, s.ProgrammeID, s.Email)
		if err != nil {
			return err
		}
		if found { // asked for again meanwhile
			return Confirm(ctx, tx, other)
		}
	}
	return turnOn(ctx, tx, s)
}

func turnOn(ctx context.Context, tx *store.Tx, s Subscription) error {
	from := s.Status
	s.Status, s.ConfirmedAt, s.EndedAt, s.EndedBy = On, tx.Now, time.Time{}, ""
	if err := s.update(ctx, tx); err != nil {
		return err
	}
	return note(ctx, tx, s, from, "")
}

// Stop ends it. One that has ended stays as it was.
func Stop(ctx context.Context, tx *store.Tx, s Subscription, by End) error {
	if s.Status == Ended {
		return nil
	}
	from := s.Status
	s.Status, s.EndedAt, s.EndedBy = Ended, tx.Now, by
	if err := s.update(ctx, tx); err != nil {
		return err
	}
	return note(ctx, tx, s, from, string(by))
}

// note writes the change into the log, without whose address it is.
func note(ctx context.Context, tx *store.Tx, s Subscription, from Status, reason string) error {
	return audit.Add(ctx, tx, audit.Entry{
		Actor: audit.System, ProgrammeID: s.ProgrammeID, Action: "news.change", ObjectKind: "subscription", ObjectID: s.ID,
		From: string(from), To: string(s.Status), Reason: reason,
	})
}

// Sweep ends what nobody has confirmed in time, and forgets consents that were
// taken back so long ago that nobody can ask for their proof.
func Sweep(ctx context.Context, tx *store.Tx) error {
	late, err := store.All(ctx, tx, scanSubscription, selectSubscription+`WHERE s.status = 'asked' AND s.asked_at <= ?`, store.At(tx.Now.Add(-askedLife)))
	if err != nil {
		return fmt.Errorf("sweep wishes for news: %w", err)
	}
	for _, s := range late {
		if err := Stop(ctx, tx, s, ByLapse); err != nil {
			return err
		}
	}
	const over = ` status = 'ended' AND (ended_by = 'lapsed' OR ended_at <= ?)`
	for _, statement := range []string{
		`DELETE FROM subscription_link WHERE subscription_id IN (SELECT id FROM subscription WHERE` + over + `)`,
		`DELETE FROM subscription WHERE` + over,
	} {
		if _, err := store.Exec(ctx, tx, statement, store.At(tx.Now.AddDate(0, -proofMonths, 0))); err != nil {
			return fmt.Errorf("sweep consents: %w", err)
		}
	}
	return nil
}

// Erase ends what an address has asked for and takes the address out of it. That
// somebody had agreed, when and to what, stays as a number.
func Erase(ctx context.Context, tx *store.Tx, email string) error {
	all, err := All(ctx, tx, email)
	if err != nil {
		return err
	}
	for _, s := range all {
		if err := Stop(ctx, tx, s, ByErasure); err != nil {
			return err
		}
		if _, err := store.Exec(ctx, tx, `UPDATE subscription SET email = 'erased:' || id WHERE id = ?`, s.ID); err != nil {
			return fmt.Errorf("erase who wanted news: %w", err)
		}
		if _, err := store.Exec(ctx, tx, `DELETE FROM subscription_link WHERE subscription_id = ?`, s.ID); err != nil {
			return fmt.Errorf("erase links to news: %w", err)
		}
	}
	return nil
}
