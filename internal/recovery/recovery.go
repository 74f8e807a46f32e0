// Package recovery is what happens when the database went back to a backup: what
// was due before is held, and goes on when an organiser has answered.
package recovery

import (
	"context"
	"errors"
	"fmt"

	"stafett/internal/advisory"
	"stafett/internal/audit"
	"stafett/internal/feed"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/owndata"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/restored"
	"stafett/internal/store"
	"stafett/internal/user"
)

// ErrUndecided says that letters still wait for an answer.
var ErrUndecided = &problem.Problem{Kind: problem.Conflict, Code: "restored_undecided"}

// Marked is what was found and held when the database went back to a backup.
type Marked struct {
	restored.Lost
	Held   int // letters
	Erased int // people who were erased since, and will be again
}

// Beside is what stands beside a database in files that know more than a backup.
type Beside struct {
	sign     restored.Sign
	erasures []owndata.Request
	news     []news.Noted
}

// ReadBeside reads it; what is not there is nothing.
func ReadBeside(database string) (b Beside, err error) {
	if b.sign, _, err = restored.ReadFile(database); err != nil {
		return b, err
	}
	if b.erasures, err = owndata.ReadBeside(database); err != nil {
		return b, err
	}
	b.news, err = news.ReadBeside(database)
	return b, err
}

// Alive leaves beside the database the sign of life, the requests for erasure and
// the ends of news.
// Running it often does no harm.
func Alive(ctx context.Context, db *store.DB) error {
	return errors.Join(restored.Beat(ctx, db), owndata.NoteBeside(ctx, db), news.NoteBeside(ctx, db))
}

// Mark writes down that the database went back to a backup. Letters that were due
// are held, and mailings that were to begin become drafts; everybody is signed out
// and calendars' addresses end, for which had ended is unknown; invitations count
// on from above what calendars may have heard; who was erased since is erased
// again, and who took back the consent to news gets none. The number of the file beside the database, if there is one, is
// left behind.
func Mark(ctx context.Context, tx *store.Tx, b Beside, by audit.Actor) (m Marked, err error) {
	last, err := restored.LastKnown(ctx, tx)
	if err != nil {
		return m, err
	}
	if m.Lost, err = restored.Note(ctx, tx, last, by); err != nil {
		return m, err
	}
	if err := restored.Rise(ctx, tx, b.sign); err != nil {
		return m, err
	}
	if m.Held, err = message.HoldOld(ctx, tx, m.To); err != nil {
		return m, err
	}
	if err := mailing.Lost(ctx, tx, m.To); err != nil {
		return m, err
	}
	for _, end := range []func(context.Context, *store.Tx) error{user.EndAll, person.EndAll, feed.EndAll, registration.RaiseSequences, advisory.RaiseSequences} {
		if err := end(ctx, tx); err != nil {
			return m, err
		}
	}
	if err := news.StopAgain(ctx, tx, b.news); err != nil {
		return m, err
	}
	m.Erased, err = owndata.AskAgain(ctx, tx, b.erasures)
	return m, err
}

// Notice looks, at a start, whether an older database was put back by hand: it is
// behind the file beside it. Found is true when it was; then it is marked.
func Notice(ctx context.Context, db *store.DB) (m Marked, found bool, err error) {
	b, err := ReadBeside(db.Path())
	if err != nil || b.sign.ID == "" {
		return m, false, err
	}
	err = db.Write(ctx, func(tx *store.Tx) error {
		if found, err = restored.Behind(ctx, tx, b.sign); err != nil || !found {
			return err
		}
		m, err = Mark(ctx, tx, b, audit.System)
		return err
	})
	if err != nil {
		return m, false, fmt.Errorf("look whether an older database was put back: %w", err)
	}
	return m, found, nil
}

// Decide sends a group of old letters, or throws it away.
func Decide(ctx context.Context, tx *store.Tx, o message.Old, send bool, by audit.Actor) (n int, err error) {
	act, word := message.ThrowOld, "thrown"
	if send {
		act, word = message.SendOld, "sent"
	}
	if n, err = act(ctx, tx, o); err != nil || n == 0 {
		return n, err
	}
	return n, audit.Add(ctx, tx, audit.Entry{
		Actor: by, ProgrammeID: o.ProgrammeID, Action: "restored.letters", ObjectKind: "event", ObjectID: o.EventID, From: string(o.Letter), To: word,
	})
}

// GoOn is the answer by which everything goes on. Anew says that offers whose time
// came in what is lost are made anew; else they end as they would have.
func GoOn(ctx context.Context, tx *store.Tx, anew bool, by audit.Actor) error {
	lost, err := restored.Pending(ctx, tx)
	if err != nil || !lost.Any() {
		return err
	}
	if _, err := message.EnqueueDue(ctx, tx); err != nil { // reminders of before that the scheduler has not come to
		return err
	}
	left, err := message.OldOf(ctx, tx, nil)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return ErrUndecided
	}
	if err := restored.Answer(ctx, tx); err != nil {
		return err
	}
	if anew {
		if err := registration.OfferAnew(ctx, tx, lost, by); err != nil {
			return err
		}
		if err := advisory.ProposeAnew(ctx, tx, lost, by); err != nil {
			return err
		}
	}
	if err := registration.CloseLost(ctx, tx, lost, by); err != nil {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, Action: "restored.answered", ObjectKind: "database", ObjectID: "database"})
}
