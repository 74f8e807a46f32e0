package material

import (
	"context"
	"fmt"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// lifeOfLetter is how long the letter is tried.
const lifeOfLetter = 7 * 24 * time.Hour

// Why nothing is sent.
var (
	ErrNotOver  = &problem.Problem{Kind: problem.Conflict, Code: "materials_not_over"}
	ErrNothing  = &problem.Problem{Kind: problem.Conflict, Code: "materials_nothing"}
	ErrNobody   = &problem.Problem{Kind: problem.Conflict, Code: "materials_nobody"}
	ErrCountNow = &problem.Problem{Kind: problem.Conflict, Code: "materials_count"} // with n: it is another by now
)

// CanSend says why no letter with an event's materials can go; nil when one can.
func CanSend(ev event.Event, all []Material, now time.Time) error {
	switch {
	case len(all) == 0:
		return ErrNothing
	case ev.Status != event.Published && ev.Status != event.Held || now.Before(ev.EndsAt):
		return ErrNotOver
	}
	return nil
}

// statuses are the states of those whom the letter goes to: who was there, or all
// with a place where nobody took attendance; at a webinar also who stayed away, and
// everybody who had a place when the organiser says so.
func statuses(ev event.Event, everybody, attendanceTaken bool) []registration.Status {
	if everybody || ev.Kind == event.Webinar {
		return []registration.Status{registration.Attended, registration.Confirmed, registration.NoShow}
	}
	if !attendanceTaken {
		return []registration.Status{registration.Confirmed}
	}
	return []registration.Status{registration.Attended}
}

// Reach is how many the letter goes to, and how many have had it.
type Reach struct{ New, Had int }

type recipient struct {
	id, email, language string
	had                 bool
}

// recipients finds whom the letter goes to. Who has had one with the newest of the
// materials has had it.
func recipients(ctx context.Context, tx *store.Tx, ev event.Event, all []Material, everybody bool) ([]recipient, error) {
	counts, err := registration.CountsOf(ctx, tx, ev.ID)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	states := statuses(ev, everybody, counts[registration.Attended]+counts[registration.NoShow] > 0)
	args := []any{prefix(all), ev.ID}
	for _, s := range states {
		args = append(args, s)
	}
	return store.All(ctx, tx, func(r store.Row) (x recipient, err error) {
		return x, r.Scan(&x.id, &x.email, &x.language, &x.had)
	}, `SELECT r.id, r.email, r.language, EXISTS (SELECT 1 FROM message m WHERE m.unique_key = ? || r.id)
		FROM registration r WHERE r.event_id = ? AND r.status IN (`+strings.TrimSuffix(strings.Repeat("?, ", len(states)), ", ")+`) ORDER BY r.id`, args...)
}

// prefix begins the key of the letters with these materials: another letter goes
// only when there is something new.
func prefix(all []Material) string { return "materials:" + all[len(all)-1].ID + ":" }

// ReachOf counts whom the letter would go to.
func ReachOf(ctx context.Context, tx *store.Tx, ev event.Event, all []Material, everybody bool) (r Reach, err error) {
	people, err := recipients(ctx, tx, ev, all, everybody)
	for _, p := range people {
		if p.had {
			r.Had++
		} else {
			r.New++
		}
	}
	return r, err
}

// Send writes the letter with the event's materials to those who have not had it,
// with the organiser's own words. Expected is how many the organiser was told of:
// when it is another number by now, nothing is sent.
func Send(ctx context.Context, tx *store.Tx, eventID, words string, everybody bool, expected int, by audit.Actor) (n int, err error) {
	ev, err := event.Find(ctx, tx, eventID)
	if err != nil {
		return 0, err
	}
	all, err := Of(ctx, tx, eventID)
	if err != nil {
		return 0, err
	}
	if err := CanSend(ev, all, tx.Now); err != nil {
		return 0, err
	}
	people, err := recipients(ctx, tx, ev, all, everybody)
	if err != nil {
		return 0, err
	}
	var to []recipient
	for _, p := range people {
		if !p.had {
			to = append(to, p)
		}
	}
	switch {
	case len(to) == 0:
		return 0, ErrNobody
	case len(to) != expected:
		return 0, ErrCountNow.With("n", len(to))
	}
	end := tx.Now.Add(lifeOfLetter)
	for _, p := range to {
		_, err := message.Enqueue(ctx, tx, message.Request{
			Key: prefix(all) + p.id, Letter: message.Materials, Recipient: p.email, Language: p.language,
			ProgrammeID: ev.ProgrammeID, EventID: ev.ID, RegistrationID: p.id, Details: message.Details{Reason: words},
			NotBefore: message.AfterQuietHours(tx.Now, end, ev.Location()), NotAfter: end,
		})
		if err != nil {
			return 0, fmt.Errorf("send materials: %w", err)
		}
	}
	return len(to), note(ctx, tx, ev, "material.send", fmt.Sprint(len(to)), by)
}
