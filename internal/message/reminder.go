package message

import (
	"context"
	"fmt"
	"slices"
	"time"

	"stafett/internal/holiday"
	"stafett/internal/restored"
	"stafett/internal/store"
)

// Rule says when one letter goes to those who take part in one event.
type Rule struct {
	ID, EventID string
	Letter      Letter
	Anchor      string // start, end
	Unit        string // minutes, days, working_days
	Amount      int    // before the start, after the end
	AtClock     string // "09:00" on the event's clock; "": the anchor's own
	Mode        string // room, online; "": everybody
}

// defaultRules: seven days before for those who must travel, one working day
// before at nine, one hour before for those who join online, and thanks on the
// day after.
var defaultRules = []Rule{
	{Letter: WeekBefore, Anchor: "start", Unit: "days", Amount: 7, Mode: "room"},
	{Letter: DayBefore, Anchor: "start", Unit: "working_days", Amount: 1, AtClock: "09:00"},
	{Letter: HourBefore, Anchor: "start", Unit: "minutes", Amount: 60, Mode: "online"},
	{Letter: ThankYou, Anchor: "end", Unit: "days", Amount: 1, AtClock: "09:00"},
}

// AddDefaultRules gives a new event the rules that every event begins with.
func AddDefaultRules(ctx context.Context, tx *store.Tx, eventID string) error {
	for _, r := range defaultRules {
		_, err := store.Exec(ctx, tx, `
			INSERT INTO reminder_rule (id, event_id, letter, anchor, unit, amount, at_clock, mode) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
			tx.NewID(), eventID, r.Letter, r.Anchor, r.Unit, r.Amount, store.Text(r.AtClock), store.Text(r.Mode))
		if err != nil {
			return fmt.Errorf("add reminder rule %s: %w", r.Letter, err)
		}
	}
	return nil
}

// Rules lists an event's rules.
func Rules(ctx context.Context, tx *store.Tx, eventID string) ([]Rule, error) {
	return store.All(ctx, tx, func(r store.Row) (x Rule, err error) {
		return x, r.Scan(&x.ID, &x.EventID, &x.Letter, &x.Anchor, &x.Unit, &x.Amount, store.String(&x.AtClock), store.String(&x.Mode))
	}, `SELECT id, event_id, letter, anchor, unit, amount, at_clock, mode FROM reminder_rule WHERE event_id = ? ORDER BY anchor DESC, letter`, eventID)
}

// At is when the rule's letter is due for an event. Days are counted on the
// event's own clock, so that nine o'clock stays nine over summer time; minutes
// are a span of time.
func (r Rule) At(starts, ends time.Time, loc *time.Location, country string) time.Time {
	if r.Anchor == "end" {
		return r.onClock(r.shift(ends.In(loc), 1, country), loc).UTC()
	}
	return r.onClock(r.shift(starts.In(loc), -1, country), loc).UTC()
}

func (r Rule) shift(t time.Time, sign int, country string) time.Time {
	switch r.Unit {
	case "days":
		return t.AddDate(0, 0, sign*r.Amount)
	case "working_days":
		for range r.Amount {
			t = workingDay(country, t, sign)
		}
		return t
	}
	return t.Add(time.Duration(sign*r.Amount) * time.Minute)
}

func workingDay(country string, t time.Time, sign int) time.Time {
	for {
		t = t.AddDate(0, 0, sign)
		if !holiday.Free(country, t) {
			return t
		}
	}
}

func (r Rule) onClock(t time.Time, loc *time.Location) time.Time {
	clock, err := time.Parse("15:04", r.AtClock)
	if err != nil {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), clock.Hour(), clock.Minute(), 0, 0, loc)
}

// thankYouLife is how long thanks for an event still make sense.
const thankYouLife = 7 * 24 * time.Hour

// notAfter is when the letter no longer makes sense: a reminder at the start,
// thanks a week later.
func (r Rule) notAfter(due, starts time.Time) time.Time {
	if r.Anchor == "end" {
		return due.Add(thankYouLife)
	}
	return starts
}

// Reminder is one reminder that is to go to one person, and why.
type Reminder struct {
	Rule
	DueAt, NotAfter         time.Time
	EventTitle, EventSlug   string
	StartsAt, movedAt       time.Time
	ProgrammeID, TimeZone   string
	RegistrationID, Address string
	Language                string
}

// key makes a reminder the only one of its rule for a registration and a start:
// it is never sent twice, and an event that moves has its reminders anew.
func (r Reminder) key() string { return keyPrefix + r.RegistrationID + r.keySuffix() }

const keyPrefix = "reminder:"

func (r Reminder) keySuffix() string {
	return ":" + r.Rule.ID + ":" + r.StartsAt.UTC().Format(time.RFC3339)
}

// Due lists the reminders that are to be sent at the moment until, and have not
// been written yet. Of several that are due before one start, only the last
// goes: after a stop nobody gets two letters for one event. Who registered
// after a rule's moment gets no letter of that rule, and nobody does when the
// event was moved after it: all have just been told. Cancelled people, and
// events that are cancelled, postponed or not published, have none.
func Due(ctx context.Context, tx *store.Tx, until time.Time) ([]Reminder, error) {
	plans, err := plans(ctx, tx, until)
	if err != nil {
		return nil, err
	}
	var due []Reminder
	for _, p := range plans {
		people, err := p.people(ctx, tx)
		if err != nil {
			return nil, err
		}
		due = append(due, people...)
	}
	return due, nil
}

// EnqueueDue writes the reminders that are due now into the outbox and tells
// how many are new. Running it twice, or late, does no harm.
func EnqueueDue(ctx context.Context, tx *store.Tx) (int, error) {
	due, err := Due(ctx, tx, tx.Now)
	if err != nil {
		return 0, err
	}
	lost, err := restored.Pending(ctx, tx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, r := range due {
		loc, err := time.LoadLocation(r.TimeZone)
		if err != nil {
			return n, err
		}
		added, err := Enqueue(ctx, tx, Request{
			Key: r.key(), Letter: r.Letter, Recipient: r.Address, Language: r.Language,
			ProgrammeID: r.ProgrammeID, EventID: r.EventID, RegistrationID: r.RegistrationID, NotAfter: r.NotAfter,
			NotBefore: AfterQuietHours(tx.Now, r.NotAfter, loc), // a late one may be found at night
			Old:       lost.Covers(r.DueAt),
		})
		if err != nil {
			return n, err
		}
		if added {
			n++
		}
	}
	return n, nil
}

// plan is one rule of one event whose moment has come by some time.
type plan struct {
	Reminder // without a registration
	later    []laterRule
}

// laterRule is a rule of the same event that is due later but also by now: it
// takes the place of the earlier one for those whom it reaches.
type laterRule struct {
	dueAt time.Time
	mode  string
}

func plans(ctx context.Context, tx *store.Tx, until time.Time) ([]plan, error) {
	// A rule reaches at most 100 000 minutes or some months back; published
	// events of the coming half year and the last two weeks hold all of them.
	all, err := store.All(ctx, tx, scanPlan, `
		SELECT q.id, q.event_id, q.letter, q.anchor, q.unit, q.amount, q.at_clock, q.mode,
			e.title, e.slug, e.starts_at, e.moved_at, e.ends_at, e.time_zone, e.programme_id, COALESCE(e.municipality_country, p.country)
		FROM reminder_rule q JOIN event e ON e.id = q.event_id JOIN programme p ON p.id = e.programme_id
		WHERE e.status IN ('published', 'held') AND e.ends_at > ? AND e.starts_at < ?
		ORDER BY e.starts_at, e.id`, store.At(tx.Now.Add(-14*24*time.Hour)), store.At(until.AddDate(0, 6, 0)))
	if err != nil {
		return nil, fmt.Errorf("read reminder rules: %w", err)
	}
	all = slices.DeleteFunc(all, func(p plan) bool {
		return p.DueAt.After(until) || !p.NotAfter.After(tx.Now) || !p.movedAt.Before(p.DueAt)
	})
	slices.SortStableFunc(all, func(a, b plan) int { return a.DueAt.Compare(b.DueAt) })
	for i := range all {
		for _, b := range all[i+1:] {
			// Rules that lie ahead take the place of none: those are yet to go, each in its turn.
			if b.EventID == all[i].EventID && b.Anchor == all[i].Anchor && b.DueAt.After(all[i].DueAt) && !b.DueAt.After(tx.Now) {
				all[i].later = append(all[i].later, laterRule{b.DueAt, b.Mode})
			}
		}
	}
	return all, nil
}

func scanPlan(row store.Row) (p plan, err error) {
	var ends time.Time
	var country string
	err = row.Scan(&p.Rule.ID, &p.EventID, &p.Letter, &p.Anchor, &p.Unit, &p.Amount, store.String(&p.AtClock), store.String(&p.Mode),
		&p.EventTitle, &p.EventSlug, store.Time(&p.StartsAt), store.Time(&p.movedAt), store.Time(&ends), &p.TimeZone, &p.ProgrammeID, &country)
	if err != nil {
		return p, err
	}
	loc, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		return p, err
	}
	moment := p.At(p.StartsAt, ends, loc, country)
	p.NotAfter = p.notAfter(moment, p.StartsAt)
	p.DueAt = AfterQuietHours(moment, p.NotAfter, loc)
	return p, nil
}

// people finds whom the plan reaches: those with a place since before the
// moment, and after the event those who were there, or all with a place where
// nobody took attendance.
func (p plan) people(ctx context.Context, tx *store.Tx) ([]Reminder, error) {
	status := "r.status = 'confirmed'"
	if p.Anchor == "end" {
		status = `(r.status = 'attended' OR r.status = 'confirmed'
			AND NOT EXISTS (SELECT 1 FROM registration a WHERE a.event_id = r.event_id AND a.status = 'attended'))`
	}
	return store.All(ctx, tx, func(row store.Row) (r Reminder, err error) {
		r = p.Reminder
		return r, row.Scan(&r.RegistrationID, &r.Address, &r.Language)
	}, `SELECT r.id, r.email, r.language FROM registration r
		WHERE r.event_id = ? AND `+status+` AND r.confirmed_at < ?`+p.modes()+`
			AND NOT EXISTS (SELECT 1 FROM message m WHERE m.unique_key = ? || r.id || ?)
		ORDER BY r.confirmed_at, r.id`, p.EventID, store.At(p.DueAt), keyPrefix, p.keySuffix())
}

// modes leaves out who follows in another mode, and who is reached by a later
// rule of the same event instead.
func (p plan) modes() string {
	where := ""
	if p.Mode != "" {
		where += fmt.Sprintf(" AND r.mode = '%s'", p.Mode)
	}
	for _, l := range p.later {
		if l.mode == "" {
			return where + " AND FALSE"
		}
		where += fmt.Sprintf(" AND r.mode <> '%s'", l.mode)
	}
	return where
}
