package message

import (
	"context"
	"fmt"
	"time"

	"stafett/internal/store"
)

// Deed is what an organiser can decide about a letter that waits for somebody.
type Deed string

// The deeds, each with the states from which it leads.
const (
	SendAgain Deed = "retry"   // failed, uncertain: made anew from what is true now
	LetGo     Deed = "release" // held
	Discard   Deed = "drop"    // held, failed: it need not go
	TakeAsIn  Deed = "arrived" // uncertain: the recipient has it
)

// notOld leaves out what is held because the database went back to a backup: of
// that it is asked by itself, see SendOld.
const notOld = ` AND reason <> '` + ReasonRestored + `'`

// deeds tells of each deed of which letters it is done, and what it does to the
// row of one that is not to go.
var deeds = map[Deed]struct {
	from, set string
	again     bool // the letter is to go
}{
	SendAgain: {`status IN ('failed', 'uncertain')`, ``, true},
	LetGo:     {`status = 'held'` + notOld, ``, true},
	Discard:   {`status IN ('failed', 'held')` + notOld, `status = 'dropped', reason = '` + ReasonByHand + `', done_at = ?, leased_until = NULL, mime = NULL`, false},
	TakeAsIn:  {`status = 'uncertain'`, `status = 'sent', reason = ''`, false},
}

// ownEnd lists the letters that make sense until a moment of their own. To let one
// go again gives it no longer life: it would speak of what is past.
func ownEnd() []Letter {
	return append(reminders(), ConfirmAddress, Offered, SignIn, Invitation, SaidNo, TimesProposed)
}

// goAgain lets a letter go as if it had never been tried, made anew from what is
// true then. What has no end of its own is given as long as a new one.
func goAgain(now time.Time) (set string, args []any) {
	marks, ends := inLetters(ownEnd())
	life := store.At(now.Add(lifeOfNews))
	return `status = 'waiting', reason = '', due_at = ?, done_at = NULL, attempts = 0, prepared_at = NULL, mime = NULL, leased_until = NULL,
		not_after = CASE WHEN not_after > ? OR letter IN ` + marks + ` THEN not_after ELSE ? END`,
		append(append([]any{store.At(now), life}, ends...), life)
}

// Can reports whether the deed may be done to the letter as it is.
func (d Deed) Can(m Message) bool {
	switch d {
	case SendAgain:
		return (m.Status == Failed || m.Status == Uncertain) && m.Recipient != ""
	case LetGo:
		return m.Status == Held && m.Reason != ReasonRestored && m.Recipient != ""
	case Discard:
		return m.Status == Failed || m.Status == Held && m.Reason != ReasonRestored
	case TakeAsIn:
		return m.Status == Uncertain
	}
	return false
}

// Do does the deed to one letter; done is false when its state is another by now.
func (d Deed) Do(ctx context.Context, tx *store.Tx, id string) (done bool, err error) {
	n, err := d.do(ctx, tx, `id = ?`, id)
	return n == 1, err
}

// Together lists the deeds that can be done to all letters of a filter at once,
// and to which state.
var Together = map[Deed]Status{SendAgain: Failed, LetGo: Held, Discard: Held}

// knownAddress leaves out letters to addresses that do not exist: each must be
// corrected first.
const knownAddress = ` AND reason <> '` + ReasonBadAddress + `' AND reason NOT LIKE '` + ReasonNoSuchAddress + ` %'`

// together is which letters the deed is done to when it is done to a filter's.
func (d Deed) together(f Filter) (string, []any) {
	where, args := f.where()
	where, args = `status = ? AND `+deeds[d].from+` AND `+where, append([]any{Together[d]}, args...)
	if d == SendAgain {
		where += knownAddress
	}
	if deeds[d].again {
		where += ` AND recipient <> ''`
	}
	return where, args
}

// CountAll counts to how many letters of a filter the deed would be done.
func (d Deed) CountAll(ctx context.Context, tx *store.Tx, f Filter) (int, error) {
	where, args := d.together(f)
	return store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE `+where, args...)
}

// Some lists the latest of the letters of a filter to which the deed would be
// done.
func (d Deed) Some(ctx context.Context, tx *store.Tx, f Filter, limit int) ([]Message, error) {
	where, args := d.together(f)
	return store.All(ctx, tx, scanListed, selectListed+`WHERE `+where+` ORDER BY `+moment+` DESC, id DESC LIMIT ?`, append(args, limit)...)
}

// DoSome does the deed to at most so many letters of a filter, and counts them: a
// transaction that takes all of ten thousand would keep those who sign up waiting.
// Letters to addresses that are known not to exist are not sent again.
func (d Deed) DoSome(ctx context.Context, tx *store.Tx, f Filter, most int) (int, error) {
	where, args := d.together(f)
	n, err := d.do(ctx, tx, `id IN (SELECT id FROM message WHERE `+where+` LIMIT ?)`, append(args, most)...)
	return int(n), err
}

func (d Deed) do(ctx context.Context, tx *store.Tx, where string, args ...any) (int64, error) {
	set, values := deeds[d].set, []any(nil)
	where += ` AND ` + deeds[d].from
	switch {
	case deeds[d].again:
		where += ` AND recipient <> ''`
		set, values = goAgain(tx.Now)
	case d == Discard:
		values = []any{store.At(tx.Now)}
	}
	n, err := store.Exec(ctx, tx, `UPDATE message SET `+set+` WHERE `+where, append(values, args...)...)
	if err != nil {
		return 0, fmt.Errorf("%s letters: %w", d, err)
	}
	return n, nil
}
