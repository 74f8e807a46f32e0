package event

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// Refusals about events.
var (
	// ErrEdited says that somebody else has saved the event meanwhile.
	ErrEdited = &problem.Problem{Kind: problem.Conflict, Code: "edited_meanwhile"}
	// ErrNotNow says that the event's state does not allow the step.
	ErrNotNow = &problem.Problem{Kind: problem.Conflict, Code: "not_in_this_state"}
)

// Create stores a new draft. A wanted slug is taken when it is free; without
// one, or else with a number behind it, the slug is made of the title. It never
// changes afterwards.
func Create(ctx context.Context, tx *store.Tx, programmeID, wantedSlug string, c Content, by audit.Actor) (Event, error) {
	c.closeByDefault(tx.Now)
	if err := c.Check().Err(); err != nil {
		return Event{}, err
	}
	e := Event{ID: tx.NewID(), ProgrammeID: programmeID, Status: Draft, Content: c, Revision: 1, CreatedAt: tx.Now, ChangedAt: tx.Now}
	var err error
	if e.Slug, err = freeSlug(ctx, tx, cmp.Or(wantedSlug, c.Title), "event", `SELECT count(*) FROM event WHERE slug = ?`); err != nil {
		return e, err
	}
	if err := insert(ctx, tx, e); err != nil {
		return e, err
	}
	if err := writeRows(ctx, tx, e.ID, &e.Content); err != nil {
		return e, err
	}
	if err := writeCapacity(ctx, tx, e.ID, c); err != nil {
		return e, err
	}
	if err := message.GiveRules(ctx, tx, e.ProgrammeID, e.ID, string(e.Kind)); err != nil {
		return e, err
	}
	if err := e.audit(ctx, tx, by, "event.create", "", string(Draft), ""); err != nil {
		return e, err
	}
	return Find(ctx, tx, e.ID)
}

// closeByDefault fills in the last moment to register where none is named. Of an
// event so near that the rule's moment has passed, it is the start.
func (c *Content) closeByDefault(now time.Time) {
	if !c.ClosesAt.IsZero() || c.StartsAt.IsZero() {
		return
	}
	c.ClosesAt = DefaultClosesAt(c.Mode, c.StartsAt, c.Location())
	if !c.ClosesAt.After(now) {
		c.ClosesAt = c.StartsAt
	}
}

// Update replaces the content. The revision is the one that the editor began
// with; another one in the database means ErrEdited. Whoever has a place is not
// told here: registration.UpdateEvent does that.
func Update(ctx context.Context, tx *store.Tx, id string, revision int, c Content, by audit.Actor) (before, after Event, err error) {
	if before, err = lock(ctx, tx, id); err != nil {
		return before, after, err
	}
	if before.Revision != revision {
		return before, after, ErrEdited
	}
	if before.Status == Cancelled || before.Status == Archived {
		return before, after, ErrNotNow
	}
	c.closeByDefault(tx.Now)
	fields := c.Check()
	if before.Status == Published {
		p, err := programme.Find(ctx, tx, before.ProgrammeID)
		if err != nil {
			return before, after, err
		}
		now := tx.Now
		if c.StartsAt.Equal(before.StartsAt) {
			now = time.Time{} // a finished event may still be corrected
		}
		fields = c.CheckPublish(p, now)
	}
	if err := fields.Err(); err != nil {
		return before, after, err
	}
	if err := update(ctx, tx, id, c); err != nil {
		return before, after, err
	}
	if err := writeRows(ctx, tx, id, &c); err != nil {
		return before, after, err
	}
	if err := writeCapacity(ctx, tx, id, c); err != nil {
		return before, after, err
	}
	if c.Kind != before.Kind { // the programme may have other reminders for it
		if err := message.GiveRules(ctx, tx, before.ProgrammeID, id, string(c.Kind)); err != nil {
			return before, after, err
		}
	}
	if err := before.audit(ctx, tx, by, "event.update", strconv.Itoa(revision), strconv.Itoa(revision+1), ""); err != nil {
		return before, after, err
	}
	after, err = Find(ctx, tx, id)
	return before, after, err
}

// Discard throws a draft away that nobody has seen, with its invitations and the
// links to its door. Its audit entries stay.
func Discard(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	e, err := lock(ctx, tx, id)
	if err != nil {
		return err
	}
	if e.Status != Draft {
		return ErrNotNow
	}
	if err := message.DropRules(ctx, tx, id); err != nil {
		return err
	}
	for _, table := range []string{"event_audience", "co_organiser", "agenda_item", "speaker", "question", "event_capacity",
		"invitation", "company_share", "checkin_mark", "checkin_link"} {
		if _, err := store.Exec(ctx, tx, `DELETE FROM `+table+` WHERE event_id = ?`, id); err != nil {
			return fmt.Errorf("discard event: %w", err)
		}
	}
	if _, err := store.Exec(ctx, tx, `DELETE FROM event WHERE id = ?`, id); err != nil {
		return fmt.Errorf("discard event: %w", err)
	}
	if e.SeriesID != "" {
		if err := endTooShort(ctx, tx, e.SeriesID); err != nil {
			return err
		}
	}
	return e.audit(ctx, tx, by, "event.discard", string(Draft), "", "")
}

// Publish shows a draft to everybody.
func Publish(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Event, error) {
	e, err := lock(ctx, tx, id)
	if err != nil {
		return e, err
	}
	if e.Status != Draft {
		return e, ErrNotNow
	}
	p, err := programme.Find(ctx, tx, e.ProgrammeID)
	if err != nil {
		return e, err
	}
	if err := e.CheckPublish(p, tx.Now).Err(); err != nil {
		return e, err
	}
	if e.SeriesID != "" { // certificates say of how many occasions
		if err := uncertified(ctx, tx, e.SeriesID); err != nil {
			return e, err
		}
	}
	return e.become(ctx, tx, Published, "event.publish", "", by, `published_at = ?`, store.At(tx.Now))
}

// Move gives the event a new time and keeps the old one to be shown. It also
// ends a postponement. Whoever has a place is told by registration.MoveEvent.
func Move(ctx context.Context, tx *store.Tx, id string, starts, ends time.Time, by audit.Actor) (before, after Event, err error) {
	if before, err = lock(ctx, tx, id); err != nil {
		return before, after, err
	}
	if before.Status != Published && before.Status != Postponed || !tx.Now.Before(before.EndsAt) && before.Status == Published {
		return before, after, ErrNotNow
	}
	if before.Status == Published && starts.Equal(before.StartsAt) && ends.Equal(before.EndsAt) {
		return before, after, problem.Fields{{Name: "starts_at", Code: "same_time"}}.Err() // nobody is told of nothing
	}
	c := before.Content
	c.StartsAt, c.EndsAt = starts, ends
	moveWindow(&c, before)
	p, err := programme.Find(ctx, tx, before.ProgrammeID)
	if err != nil {
		return before, after, err
	}
	if err := c.CheckPublish(p, tx.Now).Err(); err != nil {
		return before, after, err
	}
	if err := update(ctx, tx, id, c); err != nil {
		return before, after, err
	}
	if err := MarkMoved(ctx, tx, before); err != nil {
		return before, after, err
	}
	after, err = before.become(ctx, tx, Published, "event.move", "", by, "", nil)
	return before, after, err
}

// moveWindow shifts the registration's last moment by as many days as the
// event, so that the same span is left to sign up, and the day on which the
// organiser decides whether it takes place.
func moveWindow(c *Content, before Event) {
	loc := before.Location()
	days := calendarDays(before.StartsAt.In(loc), c.StartsAt.In(loc))
	c.DecisionOn = shiftDay(before.DecisionOn, days)
	c.ClosesAt = before.ClosesAt.In(loc).AddDate(0, 0, days).UTC()
	if c.ClosesAt.After(c.StartsAt) || before.ClosesAt.Equal(before.StartsAt) {
		c.ClosesAt = c.StartsAt
	}
	if c.OpensAt.After(c.ClosesAt) {
		c.OpensAt = c.ClosesAt
	}
}

// shiftDay is the day, written 2027-03-03, so many days later; none stays none.
func shiftDay(day string, days int) string {
	at, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return at.AddDate(0, 0, days).Format(time.DateOnly)
}

func calendarDays(from, to time.Time) int {
	a := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, time.UTC)
	b := time.Date(to.Year(), to.Month(), to.Day(), 0, 0, 0, 0, time.UTC)
	return int(b.Sub(a).Hours() / 24)
}

// MarkMoved notes the time and place that people may still have in mind.
func MarkMoved(ctx context.Context, tx *store.Tx, before Event) error {
	_, err := store.Exec(ctx, tx, `
		UPDATE event SET moved_at = ?, moved_from_starts_at = ?, moved_from_ends_at = ?, moved_from_place = ? WHERE id = ?`,
		store.At(tx.Now), store.At(before.StartsAt), store.At(before.EndsAt), before.VenueName, before.ID)
	return err
}

// Postpone takes the date away; places are kept.
func Postpone(ctx context.Context, tx *store.Tx, id, reason string, by audit.Actor) (Event, error) {
	e, err := lock(ctx, tx, id)
	if err != nil {
		return e, err
	}
	if e.Status != Published || !tx.Now.Before(e.StartsAt) {
		return e, ErrNotNow
	}
	return e.become(ctx, tx, Postponed, "event.postpone", reason, by, "", nil)
}

// Cancel ends the event for good; the reason is shown to everybody.
func Cancel(ctx context.Context, tx *store.Tx, id, reason string, by audit.Actor) (Event, error) {
	e, err := lock(ctx, tx, id)
	if err != nil {
		return e, err
	}
	if e.Status != Published && e.Status != Postponed {
		return e, ErrNotNow
	}
	if e.Status == Published && !tx.Now.Before(e.EndsAt) {
		return e, ErrNotNow
	}
	if strings.TrimSpace(reason) == "" {
		return e, problem.Fields{{Name: "message", Code: "required"}}.Err()
	}
	return e.become(ctx, tx, Cancelled, "event.cancel", reason, by, `cancel_reason = ?`, reason)
}

// MarkHeld closes the event's attendance.
func MarkHeld(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (Event, error) {
	e, err := lock(ctx, tx, id)
	if err != nil {
		return e, err
	}
	if e.Status != Published || tx.Now.Before(e.EndsAt) {
		return e, ErrNotNow
	}
	return e.become(ctx, tx, Held, "event.held", "", by, "", nil)
}

// become writes the new status, one more column where set names it, and the
// audit entry.
func (e Event) become(ctx context.Context, tx *store.Tx, to Status, action, reason string, by audit.Actor, set string, value any) (Event, error) {
	args := []any{to, store.At(tx.Now)}
	if set != "" {
		set, args = ", "+set, append(args, value)
	}
	_, err := store.Exec(ctx, tx, `UPDATE event SET status = ?, changed_at = ?, revision = revision + 1`+set+` WHERE id = ?`, append(args, e.ID)...)
	if err != nil {
		return e, fmt.Errorf("%s: %w", action, err)
	}
	if err := e.audit(ctx, tx, by, action, string(e.Status), string(to), reason); err != nil {
		return e, err
	}
	return Find(ctx, tx, e.ID)
}

func (e Event) audit(ctx context.Context, tx *store.Tx, by audit.Actor, action, from, to, reason string) error {
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: e.ProgrammeID, Action: action, ObjectKind: "event", ObjectID: e.ID, From: from, To: to, Reason: reason})
}

// lock reads the event inside a writing transaction, which keeps other writers
// waiting until it ends.
func lock(ctx context.Context, tx *store.Tx, id string) (Event, error) {
	n, err := store.Exec(ctx, tx, `UPDATE event SET revision = revision WHERE id = ?`, id)
	if err != nil {
		return Event{}, fmt.Errorf("lock event: %w", err)
	}
	if n == 0 {
		return Event{}, problem.ErrMissing
	}
	return Find(ctx, tx, id)
}

// Find returns the event with all its rows, or problem.ErrMissing.
func Find(ctx context.Context, tx *store.Tx, id string) (Event, error) {
	return find(ctx, tx, `e.id = ?`, id)
}

// FindBySlug returns the event with this address, or problem.ErrMissing.
func FindBySlug(ctx context.Context, tx *store.Tx, slug string) (Event, error) {
	return find(ctx, tx, `e.slug = ?`, slug)
}

func find(ctx context.Context, tx *store.Tx, where, arg string) (Event, error) {
	e, err := store.One(ctx, tx, scanEvent, selectEvent+` WHERE `+where, arg)
	if errors.Is(err, store.ErrNoRow) {
		return e, problem.ErrMissing
	}
	if err != nil {
		return e, fmt.Errorf("find event: %w", err)
	}
	return e, readRows(ctx, tx, &e)
}
