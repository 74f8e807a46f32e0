package event

import (
	"context"
	"fmt"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/message"
	"stafett/internal/municipality"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// MaxCopies is how many copies one go may make.
const MaxCopies = 12

// Target is when and where a copy takes place. Date and Clock are those of the
// event's own zone, as forms send them ("2027-05-12", "09:00").
type Target struct {
	Date         string
	Clock        string            // empty: the time of day of the original
	Municipality municipality.Code // zero: that of the original
	VenueName    string            // of another municipality; the original's venue never follows there
}

// Copy makes a draft of the event for each target, with all that was written
// about it and nobody signed up. Times keep their distance to the start on the
// local clock, so a morning stays a morning when summer time begins. Either all
// copies are made or none: errors stand at date_1, time_1 and so on, by row.
func Copy(ctx context.Context, tx *store.Tx, id string, targets []Target, by audit.Actor) ([]Event, error) {
	original, err := Find(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	contents, err := original.copies(targets, tx.Now)
	if err != nil {
		return nil, err
	}
	var made []Event
	for i, c := range contents {
		copied, err := Create(ctx, tx, original.ProgrammeID, "", c, by)
		if p, ok := problem.As(err); ok { // what the original itself has that is not allowed
			if len(p.Fields) == 0 {
				return nil, err
			}
			return nil, problem.Fields{{Name: fmt.Sprintf("date_%d", i+1), Code: "copy_content"}}.Err()
		}
		if err != nil {
			return nil, err
		}
		if err := message.CopyRules(ctx, tx, original.ID, copied.ID); err != nil {
			return nil, err
		}
		made = append(made, copied)
	}
	return made, nil
}

// copies works out what each copy says, or what must be corrected.
func (e Event) copies(targets []Target, now time.Time) ([]Content, error) {
	var f problem.Fields
	switch {
	case len(targets) == 0:
		f.Add("date_1", "copies_none")
	case len(targets) > MaxCopies:
		f.Add("date_1", "copies_most", "most", MaxCopies)
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	contents := make([]Content, len(targets))
	for i, t := range targets {
		start, name, code := t.start(e.Content)
		if code == "" && !start.After(now) {
			name, code = "date", "in_future"
		}
		if code != "" {
			f.Add(fmt.Sprintf("%s_%d", name, i+1), code)
			continue
		}
		contents[i] = e.Content.at(start, t)
	}
	return contents, f.Err()
}

// start is the instant at which the copy begins; the code is that of an error
// at the named field.
func (t Target) start(c Content) (at time.Time, name, code string) {
	day, err := time.Parse(time.DateOnly, t.Date)
	if err != nil || day.Year() < 2000 || day.Year() > 2199 {
		return at, "date", "date"
	}
	clock := t.Clock
	if clock == "" {
		clock = c.LocalStart().Format("15:04")
	}
	hm, err := time.Parse("15:04", clock)
	if err != nil {
		return at, "time", "date"
	}
	wall := day.Add(time.Duration(hm.Hour())*time.Hour + time.Duration(hm.Minute())*time.Minute)
	if at = onClock(wall, c.Location()); at.In(c.Location()).Format("15:04") != clock {
		return at, "time", "clock_gap"
	}
	return at, "", ""
}

// at is the content moved to another start and perhaps another municipality.
func (c Content) at(start time.Time, t Target) Content {
	loc := c.Location()
	distance, days := wallClock(start, loc).Sub(wallClock(c.StartsAt, loc)), calendarDays(c.StartsAt.In(loc), start.In(loc))
	shift := func(at time.Time) time.Time {
		if at.IsZero() {
			return at
		}
		return onClock(wallClock(at, loc).Add(distance), loc)
	}
	c.StartsAt, c.EndsAt, c.OpensAt = start, shift(c.EndsAt), shift(c.OpensAt)
	if c.ClosesAt = shift(c.ClosesAt); c.ClosesAt.After(start) { // the clock was put back in between
		c.ClosesAt = start
	}
	c.JoinPromisedOn, c.DecisionOn = shiftDay(c.JoinPromisedOn, days), shiftDay(c.DecisionOn, days)
	c.Questions = append([]Question(nil), c.Questions...)
	for i := range c.Questions {
		c.Questions[i].ID = "" // the copy's questions are its own
	}
	if t.Municipality != (municipality.Code{}) && t.Municipality != c.Municipality {
		c.Municipality, c.VenueName = t.Municipality, strings.TrimSpace(t.VenueName)
		c.VenueAddress, c.AccessNotes = "", "" // they belong to the old place
	}
	return c
}

// wallClock is what the clock on the wall shows, as if it stood in UTC: there
// every day has 24 hours, and distances are those that people count.
func wallClock(at time.Time, loc *time.Location) time.Time {
	l := at.In(loc)
	return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), l.Second(), 0, time.UTC)
}

// onClock is the instant at which the wall's clock shows this. Of the two in the
// hour that comes twice in autumn it is the first.
func onClock(wall time.Time, loc *time.Location) time.Time {
	at := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, loc)
	if earlier := at.Add(-time.Hour); earlier.Hour() == at.Hour() {
		at = earlier
	}
	return at.UTC()
}
