package message

import (
	"context"
	"slices"
	"time"

	"stafett/internal/store"
)

// Burst names letters that belong together: of one kind, about one event, written
// in one transaction. It is what people mean by "the letters about the move", so
// each burst has a count of its own when several go out side by side; what single
// people cause in between belongs to none. The letters of a mailing are a burst
// too, whatever events they are about, and although they are written in parts.
type Burst struct {
	EventID   string // empty: of a mailing
	MailingID string
	Letter    Letter
	Written   time.Time // the first of them
}

// Key names the burst among others.
func (b Burst) Key() string {
	if b.MailingID != "" {
		return b.MailingID
	}
	return b.EventID + "-" + string(b.Letter) + "-" + b.Written.UTC().Format(time.RFC3339)
}

// A burst is worth a bar from so many letters on, and is told of for a while
// after the last of them. The pace is that of the last minutes.
const (
	burstLeast  = 20
	burstAfter  = 5 * time.Minute
	paceOver    = 2 * time.Minute
	paceAtLeast = 10 * time.Second // less says nothing yet
)

// Progress is how far letters that belong together have come.
type Progress struct {
	Burst // of letters written in one go

	Total   int
	Sent    int
	Failed  int // or uncertain
	Dropped int // were not needed
	Held    int // wait for an organiser
	Due     int // may go now
	Again   int // have been tried, and are tried again later
	Later   int // are not to go yet

	NextAt              time.Time // when the next of those goes that may not go now
	FirstDone, LastDone time.Time
	Lately              int       // done with in the last minutes
	LatelyFrom          time.Time // the first of those
	now                 time.Time
}

// Done is how many nothing more will be done with.
func (p Progress) Done() int { return p.Sent + p.Failed + p.Dropped }

// Running reports whether letters are going out.
func (p Progress) Running() bool { return p.Due > 0 }

// Forgotten reports whether nobody asks for it who did not see it go out: each got
// the letter for what they did themselves, and all have gone.
func (p Progress) Forgotten() bool { return p.Done() == p.Total && slices.Contains(toOne, p.Letter) }

// Percent is how much is done, rounded down.
func (p Progress) Percent() int {
	if p.Total == 0 {
		return 100
	}
	return p.Done() * 100 / p.Total
}

// PerMinute is the pace of late: how many came after the first of the last
// minutes, so that a halt before it does not count. It is 0 when too little has
// happened to tell.
func (p Progress) PerMinute() int {
	elapsed := p.now.Sub(p.LatelyFrom)
	if p.Lately < 2 || elapsed < paceAtLeast {
		return 0
	}
	return int(float64(p.Lately-1)/elapsed.Minutes() + 0.5)
}

// Left is about how long it takes until those that may go now have gone; 0 when
// it cannot be told.
func (p Progress) Left() time.Duration {
	pace := p.PerMinute()
	if pace == 0 {
		return 0
	}
	return time.Duration(p.Due) * time.Minute / time.Duration(pace)
}

// counted is what Progress counts; its arguments are those of countedArgs.
const counted = `count(*), count(*) FILTER (WHERE status = 'sent'), count(*) FILTER (WHERE status IN ('failed', 'uncertain')),
	count(*) FILTER (WHERE status = 'dropped'), count(*) FILTER (WHERE status = 'held'),
	count(*) FILTER (WHERE status = 'waiting' AND due_at <= ?), count(*) FILTER (WHERE status = 'waiting' AND due_at > ? AND attempts > 0),
	count(*) FILTER (WHERE status = 'waiting' AND due_at > ? AND attempts = 0), min(due_at) FILTER (WHERE status = 'waiting' AND due_at > ?),
	min(done_at), max(done_at), count(*) FILTER (WHERE done_at > ?), min(done_at) FILTER (WHERE done_at > ?)`

func countedArgs(now time.Time) []any {
	at, lately := store.At(now), store.At(now.Add(-paceOver))
	return []any{at, at, at, at, lately, lately}
}

func (p *Progress) scanned() []any {
	return []any{&p.Total, &p.Sent, &p.Failed, &p.Dropped, &p.Held, &p.Due, &p.Again, &p.Later,
		store.Time(&p.NextAt), store.Time(&p.FirstDone), store.Time(&p.LastDone), &p.Lately, store.Time(&p.LatelyFrom)}
}

// ProgressOf tells how far the letters of a mailing have come.
func ProgressOf(ctx context.Context, tx *store.Tx, mailingID string) (Progress, error) {
	return store.One(ctx, tx, func(r store.Row) (Progress, error) {
		p := Progress{now: tx.Now, Burst: Burst{MailingID: mailingID}}
		return p, r.Scan(append([]any{&p.Letter, store.Time(&p.Written)}, p.scanned()...)...)
	}, `SELECT COALESCE(min(letter), ''), min(created_at), `+counted+` FROM message WHERE `+ofMailing, append(countedArgs(tx.Now), mailingID)...)
}

// toOne lists letters that somebody gets for what they did themselves. Twenty of
// one second are worth a bar while they wait; nobody asks for one afterwards.
var toOne = []Letter{
	ConfirmAddress, Confirmed, WalkedIn, Waitlisted, Requested, Rejected, AlreadyHere, Offered, Declined, Expired,
	Cancelled, LateCancelled, Transferred, SaidNo,
}

// Bursts lists the bursts of which letters may go now, or were done with in the
// last minutes, the oldest first; those of one event when one is named.
func Bursts(ctx context.Context, tx *store.Tx, reach Reach, eventID string) ([]Progress, error) {
	query, args := burstsQuery(reach, eventID, tx.Now)
	bursts, err := store.All(ctx, tx, func(r store.Row) (Progress, error) {
		p := Progress{now: tx.Now}
		return p, r.Scan(append([]any{&p.EventID, &p.Letter, store.Time(&p.Written)}, p.scanned()...)...)
	}, query, args...)
	if err != nil {
		return nil, err
	}
	query, args = mailingsQuery(reach, eventID, tx.Now)
	mailings, err := store.All(ctx, tx, func(r store.Row) (Progress, error) {
		p := Progress{now: tx.Now}
		return p, r.Scan(append([]any{&p.MailingID, &p.Letter, store.Time(&p.Written)}, p.scanned()...)...)
	}, query, args...)
	bursts = append(bursts, mailings...)
	slices.SortStableFunc(bursts, func(a, b Progress) int { return a.Written.Compare(b.Written) })
	return bursts, err
}

func burstsQuery(reach Reach, eventID string, now time.Time) (string, []any) {
	where, own := Filter{Reach: reach, EventID: eventID}.where()
	where += ` AND letter NOT IN ('` + string(Mailing) + `', '` + string(News) + `')`
	args := append([]any{store.At(now)}, own...)
	args = append(append(args, store.At(now.Add(-burstAfter))), own...)
	args = append(append(args, countedArgs(now)...), burstLeast)
	return `WITH lately AS (
			SELECT event_id, letter, created_at FROM message WHERE status = 'waiting' AND ` + moment + ` <= ? AND event_id IS NOT NULL AND ` + where + `
			UNION
			SELECT event_id, letter, created_at FROM message
			WHERE status IN ('sent', 'failed', 'uncertain', 'dropped') AND ` + moment + ` > ? AND event_id IS NOT NULL AND ` + where + `
		)
		SELECT m.event_id, m.letter, m.created_at, ` + counted + `
		FROM lately l JOIN message m ON m.event_id = l.event_id AND m.letter = l.letter AND m.created_at = l.created_at
		GROUP BY m.event_id, m.letter, m.created_at HAVING count(*) >= ? ORDER BY m.created_at, m.event_id, m.letter`, args
}

// mailingsQuery asks for the mailings among them.
func mailingsQuery(reach Reach, eventID string, now time.Time) (string, []any) {
	where, args := `(l.status = 'sending' OR l.ended_at > ?)`, []any{store.At(now.Add(-burstAfter))}
	if eventID != "" {
		where, args = where+` AND EXISTS (SELECT 1 FROM message x WHERE x.mailing_id = l.id AND x.event_id = ?)`, append(args, eventID)
	}
	mine, own := reach.where()
	args = append(append(append(countedArgs(now), args...), own...), burstLeast, store.At(now), store.At(now.Add(-burstAfter)))
	return `SELECT mailing_id, min(letter), min(created_at), ` + counted + ` FROM message
		WHERE mailing_id IN (SELECT l.id FROM mailing l WHERE ` + where + `) AND NOT ` + isTest + ` AND ` + mine + ` GROUP BY mailing_id
		HAVING count(*) >= ? AND (count(*) FILTER (WHERE status = 'waiting' AND due_at <= ?) > 0 OR max(done_at) > ?)`, args
}

// DueNow counts the letters that may go now and have not gone.
func DueNow(ctx context.Context, tx *store.Tx, reach Reach) (int, error) {
	where, args := reach.where()
	return store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM message WHERE status = 'waiting' AND `+moment+` <= ? AND `+where,
		append([]any{store.At(tx.Now)}, args...)...)
}
