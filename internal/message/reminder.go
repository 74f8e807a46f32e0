package message

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"stafett/internal/restored"
	"stafett/internal/store"
)

// Reminder is one reminder that is to go to one person, and why.
type Reminder struct {
	Rule
	DueAt, NotAfter       time.Time
	EventTitle, EventSlug string
	StartsAt              time.Time
	AnchorAt              time.Time // from which the rule counts
	ProgrammeID, TimeZone string
	zone                  *time.Location // TimeZone, read once for all people of an event
	RegistrationID        string         // "": to the organisers
	Address, Language     string
	meanwhile             bool // of an offer: the person has a place online
}

// key makes a reminder the only one of its rule for a registration and a start,
// or an offer's deadline: it is never sent twice, also when the rule is edited
// after it was sent, and an event that moves has its reminders anew.
func (r Reminder) key() string { return keyPrefix + r.RegistrationID + r.keySuffix() }

const keyPrefix = "reminder:"

func (r Reminder) keySuffix() string {
	of := r.StartsAt
	if r.Audience == WithOffer {
		of = r.AnchorAt
	}
	suffix := ":" + r.ID + ":" + of.UTC().Format(time.RFC3339)
	if r.Again > 0 {
		suffix += fmt.Sprintf(":%d", r.Again)
	}
	return suffix
}

// Due lists the reminders that are to be sent at the moment until, and have not
// been written yet. What a reminder no longer makes sense for is decided in
// sensible. Cancelled people, and events that are cancelled, postponed or not
// published, have none.
func Due(ctx context.Context, tx *store.Tx, until time.Time) ([]Reminder, error) {
	return dueUpTo(ctx, tx, until, everybody)
}

// everybody is more than can ever be due.
const everybody = math.MaxInt32

// dueUpTo lists the first so many reminders that are due.
func dueUpTo(ctx context.Context, tx *store.Tx, until time.Time, most int) ([]Reminder, error) {
	occasions, err := occasions(ctx, tx, until, "")
	if err != nil {
		return nil, err
	}
	var due []Reminder
	for _, o := range occasions {
		if len(due) >= most {
			break
		}
		found, err := o.reminders(ctx, tx, until, most-len(due))
		if err != nil {
			return nil, err
		}
		due = append(due, found...)
	}
	slices.SortStableFunc(due, func(a, b Reminder) int { return a.DueAt.Compare(b.DueAt) })
	return due, nil
}

// PartOfDue is how many reminders are written in one transaction, so that nobody
// who signs up meanwhile has to wait for all of them.
const PartOfDue = 250

// EnqueueSome writes the first reminders that are due now into the outbox, at most
// PartOfDue, and reports whether there are more. Running it twice, or late, does no
// harm.
func EnqueueSome(ctx context.Context, tx *store.Tx) (more bool, err error) {
	n, err := enqueueDue(ctx, tx, PartOfDue)
	return n >= PartOfDue, err
}

// EnqueueDue does the same with all of them, and tells how many are new.
func EnqueueDue(ctx context.Context, tx *store.Tx) (int, error) {
	return enqueueDue(ctx, tx, everybody)
}

func enqueueDue(ctx context.Context, tx *store.Tx, most int) (int, error) {
	due, err := dueUpTo(ctx, tx, tx.Now, most)
	if err != nil {
		return 0, err
	}
	lost, err := restored.Pending(ctx, tx)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, r := range due {
		details := Details{RuleID: r.ID, ForStart: r.StartsAt.UTC().Format(time.RFC3339)}
		if r.Letter == Offered {
			details.Reminds, details.Meanwhile, details.AnswerBy = true, r.meanwhile, r.AnchorAt.UTC().Format(time.RFC3339)
		}
		added, err := Enqueue(ctx, tx, Request{
			Key: r.key(), Letter: r.Letter, Recipient: r.Address, Language: r.Language, Details: details,
			ProgrammeID: r.ProgrammeID, EventID: r.EventID, RegistrationID: r.RegistrationID, NotAfter: r.NotAfter,
			NotBefore: AfterQuietHours(tx.Now, r.NotAfter, r.zone), // a late one may be found at night
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

// occasion is an event with its rules.
type occasion struct {
	Reminder            // what all reminders of the event have
	movedAt   time.Time // when its time was changed last; zero: never
	anchors   Anchors
	mode      string // room, online, hybrid
	organiser string // whom the organisers' letters go to; may be empty
	language  string // theirs
	rules     []Rule
}

// How far away the start of an event may be, or how long ago its end, for a rule to
// have its moment now: half a year, and the life of the letter.
const (
	ruleReach = 200 * 24 * time.Hour
)

// occasions reads the events that take place, or one of any kind, with their rules.
func occasions(ctx context.Context, tx *store.Tx, until time.Time, eventID string) ([]occasion, error) {
	where, args := `e.status IN ('published', 'held') AND e.ends_at > ? AND e.registration_closes_at < ?`,
		[]any{store.At(tx.Now.Add(-ruleReach)), store.At(until.Add(ruleReach))}
	if eventID != "" {
		where, args = `e.id = ?`, []any{eventID}
	}
	type line struct {
		occasion
		rule Rule
	}
	lines, err := store.All(ctx, tx, func(row store.Row) (l line, err error) {
		o := &l.occasion
		err = row.Scan(append(l.rule.into(), &o.EventTitle, &o.EventSlug, store.Time(&o.StartsAt), store.Time(&o.anchors.End), store.Time(&o.anchors.Closes),
			store.Time(&o.movedAt), &o.TimeZone, &o.mode, &o.ProgrammeID, &o.anchors.Country, &o.organiser, &o.language)...)
		o.EventID, o.anchors.Start = l.rule.EventID, o.StartsAt
		return l, err
	}, `SELECT `+ruleColumns+`, e.title, e.slug, e.starts_at, e.ends_at, e.registration_closes_at,
			CASE WHEN e.moved_from_starts_at <> e.starts_at OR e.moved_from_ends_at <> e.ends_at THEN e.moved_at END, e.time_zone, e.mode, e.programme_id,
			COALESCE(e.municipality_country, p.country), CASE e.contact_email WHEN '' THEN p.contact_email ELSE e.contact_email END, p.language
		FROM reminder_rule q JOIN event e ON e.id = q.event_id JOIN programme p ON p.id = e.programme_id
		WHERE `+where+` ORDER BY e.starts_at, e.id, q.letter, q.id`, args...)
	if err != nil {
		return nil, fmt.Errorf("read reminder rules: %w", err)
	}
	var all []occasion
	zones := map[string]*time.Location{}
	for _, l := range lines {
		if n := len(all); n == 0 || all[n-1].EventID != l.EventID {
			if zones[l.TimeZone] == nil {
				if zones[l.TimeZone], err = time.LoadLocation(l.TimeZone); err != nil {
					return nil, err
				}
			}
			l.zone = zones[l.TimeZone]
			l.anchors.Zone = l.zone
			all = append(all, l.occasion)
		}
		last := &all[len(all)-1]
		last.rules = append(last.rules, l.rule)
	}
	return all, nil
}

// group is the people of one event for whom all rules have the same moments.
type group struct {
	audience Audience
	mode     string // "": both, or of no matter
}

// groups are those that the event's rules reach. People with an offer are each a
// group of their own.
func (o occasion) groups() (all []group) {
	for _, a := range []Audience{WithPlace, OnList, WhoAttended, WhoWasAbsent, Organisers} {
		switch {
		case !slices.ContainsFunc(o.rules, func(r Rule) bool { return r.Audience == a }):
		case a == Organisers:
			all = append(all, group{a, ""})
		default:
			for _, mode := range []string{"room", "online"} {
				if o.mode == "hybrid" || o.mode == mode {
					all = append(all, group{a, mode})
				}
			}
		}
	}
	return all
}

// planned is one rule with its moment for a group.
type planned struct {
	Reminder // without a registration
	moment   time.Time
	slot
	goes bool
}

// plan puts the rules that reach a group in the order of their moments, and judges
// which of them still make sense.
func (o occasion) plan(g group, a Anchors, now time.Time) []planned {
	var list []planned
	for _, r := range o.rules {
		if r.Audience != g.audience || r.Mode != "" && g.mode != "" && r.Mode != g.mode {
			continue
		}
		p := planned{Reminder: o.Reminder, moment: r.At(a)}
		p.Rule, p.AnchorAt = r, a.of(r.Anchor)
		p.NotAfter = r.NotAfter(a, p.moment)
		p.DueAt = AfterQuietHours(p.moment, p.NotAfter, a.Zone)
		moved := r.Audience == Organisers && o.movedAt.After(toldBy(p.DueAt)) // who have no letter of it, and need none
		p.slot = slot{p.DueAt, p.NotAfter, r.Off || moved || !r.Since.Before(p.DueAt)}
		list = append(list, p)
	}
	slices.SortStableFunc(list, func(a, b planned) int { return a.DueAt.Compare(b.DueAt) })
	slots := make([]slot, len(list))
	for i, p := range list {
		slots[i] = p.slot
	}
	for i, goes := range sensible(slots, now, a.Zone) {
		list[i].goes = goes
	}
	return list
}

// reminders finds those of the event that are due, the first so many.
func (o occasion) reminders(ctx context.Context, tx *store.Tx, until time.Time, most int) (due []Reminder, err error) {
	for _, g := range o.groups() {
		plan := o.plan(g, o.anchors, tx.Now)
		for _, p := range plan {
			if !p.goes || p.DueAt.After(until) {
				continue
			}
			found, err := o.people(ctx, tx, g, p, most-len(due))
			if err != nil {
				return nil, err
			}
			due = append(due, found...)
		}
	}
	offers, err := o.offers(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, f := range offers {
		if len(due) >= most {
			break
		}
		for _, p := range o.plan(group{WithOffer, f.mode}, f.anchors, tx.Now) {
			if !p.goes || p.DueAt.After(until) || f.told.After(toldBy(p.DueAt)) {
				continue
			}
			r := f.addressed(p.Reminder)
			n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM registration r WHERE r.id = ? AND (`+written+`)`,
				append([]any{r.RegistrationID}, r.writtenArgs()...)...)
			if err != nil {
				return nil, err
			}
			if n == 0 {
				due = append(due, r)
			}
		}
	}
	// stable by rule, as one rule's letters to both modes are due together
	slices.SortStableFunc(due, func(a, b Reminder) int { return cmp.Or(a.DueAt.Compare(b.DueAt), strings.Compare(a.ID, b.ID)) })
	return due, nil
}

// people finds whom the plan reaches: those of the group, told in time, to whom
// neither this reminder nor another since its moment has been written; the first so
// many of them.
func (o occasion) people(ctx context.Context, tx *store.Tx, g group, p planned, most int) ([]Reminder, error) {
	if most <= 0 {
		return nil, nil
	}
	if g.audience == Organisers {
		r := p.Reminder
		if r.Address, r.Language = o.organiser, o.language; r.Address == "" {
			return nil, nil
		}
		if written, err := r.isWritten(ctx, tx); err != nil || written {
			return nil, err
		}
		return []Reminder{r}, nil
	}
	where, args := chosen(g)
	return store.All(ctx, tx, func(row store.Row) (r Reminder, err error) {
		r = p.Reminder
		return r, row.Scan(&r.RegistrationID, &r.Address, &r.Language)
	}, `SELECT r.id, r.email, r.language FROM registration r
		WHERE r.event_id = ? AND `+where+` AND `+toldAt[g.audience]+` <= ? AND NOT `+toldOfMove+` AND NOT (`+written+`)
		ORDER BY `+toldAt[g.audience]+`, r.id LIMIT ?`,
		slices.Concat([]any{o.EventID}, args, []any{store.At(toldBy(p.DueAt))}, p.toldOfMoveArgs(), p.writtenArgs(), []any{most})...)
}

// chosen are the registrations of a group, in a condition of SQL. After the event
// they are those who were there, or all with a place where nobody took attendance.
func chosen(g group) (where string, args []any) {
	where = map[Audience]string{
		WithPlace: `r.status = 'confirmed'`,
		OnList:    `r.status = 'waitlisted'`,
		WhoAttended: `(r.status = 'attended' OR r.status = 'confirmed'
			AND NOT EXISTS (SELECT 1 FROM registration a WHERE a.event_id = r.event_id AND a.status = 'attended'))`,
		WhoWasAbsent: `r.status = 'no_show'`,
	}[g.audience]
	if g.mode != "" {
		where, args = where+` AND r.mode = ?`, []any{g.mode}
	}
	return where, args
}

// toldAt is when people of an audience were told of what they have.
var toldAt = map[Audience]string{WithPlace: "r.confirmed_at", OnList: "r.joined_at", WhoAttended: "r.confirmed_at", WhoWasAbsent: "r.confirmed_at"}

// toldOfMove is the condition of SQL that the person was told too late of another
// time or place to be reminded. A new room is told to those in the room alone, so
// the event cannot know.
const toldOfMove = `EXISTS (SELECT 1 FROM message m WHERE m.registration_id = r.id AND m.letter = ? AND m.status <> 'dropped' AND m.created_at > ?)`

func (r Reminder) toldOfMoveArgs() []any { return []any{EventMoved, store.At(toldBy(r.DueAt))} }

// written is the condition of SQL that this reminder has been written, or another
// one since its moment: then this one is over. Letters that were dropped do not
// count as others.
const written = `EXISTS (SELECT 1 FROM message m WHERE m.unique_key = ? || r.id || ?)
			OR EXISTS (SELECT 1 FROM message m WHERE m.registration_id = r.id AND m.rule_id <> ? AND m.status <> 'dropped' AND m.created_at >= ?)`

func (r Reminder) writtenArgs() []any {
	return []any{keyPrefix, r.keySuffix(), r.ID, store.At(r.DueAt)}
}

// isWritten reports whether the reminder to the organisers has been written.
func (r Reminder) isWritten(ctx context.Context, tx *store.Tx) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM message m
		WHERE m.unique_key = ? OR m.event_id = ? AND m.registration_id IS NULL AND m.rule_id <> ? AND m.status <> 'dropped' AND m.created_at >= ?`,
		r.key(), r.EventID, r.ID, store.At(r.DueAt))
	return n > 0, err
}

// offer is an open offer of a place.
type offer struct {
	registrationID, address, language, mode string
	told                                    time.Time // when the offer went out
	anchors                                 Anchors
	meanwhile                               bool
}

func (f offer) addressed(r Reminder) Reminder {
	r.RegistrationID, r.Address, r.Language, r.meanwhile = f.registrationID, f.address, f.language, f.meanwhile
	return r
}

// offers lists the event's open offers, when there is a rule for them. The
// deadline is the registration's: an event that moves may move it.
func (o occasion) offers(ctx context.Context, tx *store.Tx) ([]offer, error) {
	if !slices.ContainsFunc(o.rules, func(r Rule) bool { return r.Audience == WithOffer }) {
		return nil, nil
	}
	return store.All(ctx, tx, func(row store.Row) (f offer, err error) {
		f.anchors = o.anchors
		err = row.Scan(&f.registrationID, &f.address, &f.language, &f.mode, store.Time(&f.told), store.Time(&f.anchors.Offer), &f.meanwhile)
		f.told = AfterQuietHours(f.told, f.anchors.Offer, f.anchors.Zone) // the letter of one made at night goes in the morning
		return f, err
	}, `SELECT r.id, r.email, r.language, f.mode, f.offered_at, COALESCE(r.hold_until, f.answer_by), r.status = 'confirmed'
		FROM offer f JOIN registration r ON r.id = f.registration_id
		WHERE f.event_id = ? AND f.status = 'open' ORDER BY f.answer_by, r.id`, o.EventID)
}
