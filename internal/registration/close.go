package registration

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/restored"
	"stafett/internal/store"
)

// heldAfter is when an event that nobody closed closes itself.
const heldAfter = 14 * 24 * time.Hour

// reconsiderFor is how long after the event marks can still be changed.
const reconsiderFor = 30 * 24 * time.Hour

// CloseOld marks events as held two weeks after their end. An event of which
// something is wrong does not keep the others waiting: see store.Partly. What may
// have been closed already in a time that was lost by going back to a backup waits
// until an organiser has answered.
func CloseOld(ctx context.Context, tx *store.Tx) error {
	lost, err := restored.Pending(ctx, tx)
	if err != nil {
		return err
	}
	old, err := toClose(ctx, tx, tx.Now)
	if err != nil {
		return err
	}
	old = slices.DeleteFunc(old, func(ev event.Event) bool { return lost.Covers(ev.EndsAt.Add(heldAfter)) })
	return store.Each(ctx, tx, idsOf(old), func(id string) error {
		_, err := CloseEvent(ctx, tx, id, audit.System)
		return err
	})
}

// toClose lists the events that close themselves at a moment, and have not.
func toClose(ctx context.Context, tx *store.Tx, at time.Time) ([]event.Event, error) {
	last := at.Add(-heldAfter)
	old, err := event.List(ctx, tx, event.Filter{Statuses: []event.Status{event.Published}, To: last})
	return slices.DeleteFunc(old, func(ev event.Event) bool { return ev.EndsAt.After(last) }), err
}

func idsOf(events []event.Event) (ids []string) {
	for _, ev := range events {
		ids = append(ids, ev.ID)
	}
	return ids
}

// CanClose reports whether the event's attendance can be closed: after its end,
// once. Of an event that is noted as held while nobody was marked, it can be when
// somebody has been marked after all, as from a printed list.
func CanClose(ev event.Event, c Counts, now time.Time) bool {
	if !ev.AttendanceClosedAt.IsZero() || now.Before(ev.EndsAt) {
		return false
	}
	return ev.Status == event.Published || ev.Status == event.Held && c[Attended] > 0
}

// CloseEvent ends the event's attendance after its end: the event was held, and
// whoever had a place and was not marked stayed away. Each of them gets one
// friendly letter. When nobody was marked present, attendance was not taken:
// nobody can be said to have stayed away, and marks can still be made.
func CloseEvent(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (event.Event, error) {
	return closeEvent(ctx, tx, id, false, by)
}

// closeEvent does so; told: those who stayed away have had their letter before.
func closeEvent(ctx context.Context, tx *store.Tx, id string, told bool, by audit.Actor) (event.Event, error) {
	ev, err := findAsOfNow(ctx, tx, id)
	if err != nil {
		return ev, err
	}
	counts, err := CountsOf(ctx, tx, id)
	if err != nil {
		return ev, err
	}
	if !CanClose(ev, counts, tx.Now) {
		return ev, ErrNotNow
	}
	if ev.Status == event.Published {
		ev, err = event.MarkHeld(ctx, tx, id, by)
	}
	if err != nil || counts[Attended] == 0 {
		return ev, err
	}
	away, err := store.All(ctx, tx, scanRegistration, selectRegistration+`WHERE event_id = ? AND status IN ('confirmed', 'no_show') ORDER BY id`, id)
	if err != nil {
		return ev, err
	}
	for _, r := range away {
		if r.Status == Confirmed {
			if err := move(ctx, tx, ev, &r, change{to: NoShow, by: by}); err != nil {
				return ev, err
			}
		}
		if told {
			continue
		}
		_, err := message.Enqueue(ctx, tx, message.Request{
			Key: fmt.Sprintf("%s:%s", message.StayedAway, r.ID), Letter: message.StayedAway, Recipient: r.Email, Language: r.Language,
			ProgrammeID: ev.ProgrammeID, EventID: ev.ID, RegistrationID: r.ID, NotBefore: message.AfterNight(tx.Now.In(ev.Location())).UTC(),
		})
		if err != nil {
			return ev, err
		}
	}
	return event.CloseAttendance(ctx, tx, id, by)
}

// Reconsider changes a mark after attendance was closed, within 30 days of the
// event and with a reason.
func Reconsider(ctx context.Context, tx *store.Tx, id string, mark Mark, reason string, by audit.Actor) (Registration, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return r, err
	}
	if strings.TrimSpace(reason) == "" {
		return r, problem.Fields{{Name: "reason", Code: "required"}}.Err()
	}
	if mark == Unmarked || !tx.Now.Before(ev.EndsAt.Add(reconsiderFor)) {
		return r, ErrNotNow
	}
	return attend(ctx, tx, r, ev, mark, by, reason)
}

// AskDecisions tells the organisers of events that have fewer people than they
// need, on the day when they must decide whether they take place. Nothing is
// cancelled by itself. An event of which something is wrong does not keep the
// others waiting: see store.Partly.
func AskDecisions(ctx context.Context, tx *store.Tx) error {
	coming, err := event.List(ctx, tx, event.Filter{Statuses: []event.Status{event.Published}, From: tx.Now})
	if err != nil {
		return err
	}
	lost, err := restored.Pending(ctx, tx)
	if err != nil {
		return err
	}
	byID := make(map[string]event.Event, len(coming))
	for _, ev := range coming {
		byID[ev.ID] = ev
	}
	return store.Each(ctx, tx, idsOf(coming), func(id string) error { return askDecision(ctx, tx, byID[id], lost) })
}

func askDecision(ctx context.Context, tx *store.Tx, ev event.Event, lost restored.Lost) error {
	decide := ev.DecisionTime()
	asked := !ev.DecisionAskedAt.Before(decide) // for this day: a later one is asked about anew
	if asked || tx.Now.Before(decide) || !tx.Now.Before(ev.StartsAt) {
		return nil
	}
	counts, err := CountsOf(ctx, tx, ev.ID)
	if err != nil {
		return err
	}
	if _, small := TooFew(ev, counts); !small {
		return nil
	}
	if err := tellOrganiser(ctx, tx, ev, message.Decide, "decide:"+decide.UTC().Format(time.RFC3339), lost.Covers(decide)); err != nil {
		return err
	}
	return event.NoteDecisionAsked(ctx, tx, ev.ID)
}

// TooFew counts those who have a place, and reports whether they are fewer than
// the event needs. Who has been offered one, or has yet to prove the address, may
// not take it and does not count.
func TooFew(ev event.Event, c Counts) (n int, few bool) {
	n = c[Confirmed] + c[Attended]
	return n, ev.MinParticipants != nil && n < *ev.MinParticipants
}

// tellOrganiser writes a letter to those who arrange the event, at most once for
// a key; old as in message.Request.
func tellOrganiser(ctx context.Context, tx *store.Tx, ev event.Event, letter message.Letter, key string, old bool) error {
	to, language, err := organiserOf(ctx, tx, ev)
	if err != nil || to == "" {
		return err
	}
	_, err = message.Enqueue(ctx, tx, message.Request{
		Key: fmt.Sprintf("%s:%s:%s", letter, ev.ID, key), Letter: letter, Recipient: to, Language: language, ProgrammeID: ev.ProgrammeID, EventID: ev.ID, Old: old,
	})
	return err
}

// organiserOf is the address to which what an organiser must decide is sent: the
// event's contact, else the programme's.
func organiserOf(ctx context.Context, tx *store.Tx, ev event.Event) (address, language string, err error) {
	p, err := programme.Find(ctx, tx, ev.ProgrammeID)
	if err != nil {
		return "", "", err
	}
	return cmp.Or(ev.ContactEmail, p.ContactEmail), p.Language, nil
}
