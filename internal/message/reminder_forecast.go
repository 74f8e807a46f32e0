package message

import (
	"context"
	"slices"
	"strings"
	"time"

	"stafett/internal/store"
)

// Forecast is what becomes of one rule of an event: when it goes, to how many, or
// what has gone.
type Forecast struct {
	Rule
	Each    bool      // at a moment of their own for everybody, as the deadlines of offers are
	Moment  time.Time // UTC, as the rule says
	DueAt   time.Time // when it really goes: not in quiet hours
	Passed  bool
	People  int       // who would get it, as things are now
	Sent    int       // to whom it has gone for the event's present start
	Waiting int       // in the outbox
	SentAt  time.Time // when the first of them went
	Never   Never     // why it goes to nobody
	Instead Letter    // of NeverInstead: what goes within the hour in its place
}

// Never is why a rule's letter goes to nobody.
type Never string

// The reasons; the text is "reminder.never.<code>".
const (
	NeverOff     Never = "off"     // it is switched off
	NeverMode    Never = "mode"    // nobody takes part so at this event
	NeverPast    Never = "past"    // its moment was past when it was made or changed
	NeverMoved   Never = "moved"   // all were told of a new time after its moment
	NeverLate    Never = "late"    // its moment is when it makes no sense any more
	NeverInstead Never = "instead" // another reminder goes to all of them within the hour
	NeverNobody  Never = "nobody"  // an organisers' letter has no address to go to
)

// Forecasts tells of each rule of an event what becomes of it, in the order in
// which they go.
func Forecasts(ctx context.Context, tx *store.Tx, eventID string) ([]Forecast, error) {
	found, err := occasions(ctx, tx, tx.Now, eventID)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	o := found[0]
	rules, err := Rules(ctx, tx, eventID)
	if err != nil {
		return nil, err
	}
	o.rules = rules
	var list []Forecast
	for _, r := range rules {
		f, err := o.forecast(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		list = append(list, f)
	}
	slices.SortStableFunc(list, func(a, b Forecast) int {
		if a.Each != b.Each { // the others count from moments that are known
			return map[bool]int{true: 1, false: -1}[a.Each]
		}
		return a.DueAt.Compare(b.DueAt)
	})
	return list, nil
}

func (o occasion) forecast(ctx context.Context, tx *store.Tx, r Rule) (Forecast, error) {
	f := Forecast{Rule: r, Each: r.Audience == WithOffer}
	if err := f.readSent(ctx, tx, o); err != nil {
		return f, err
	}
	if f.Each {
		return f, o.forecastOffers(ctx, tx, &f)
	}
	reached, goes, moved := false, false, 0
	for _, g := range o.groups() {
		plan := o.plan(g, o.anchors, tx.Now)
		i := slices.IndexFunc(plan, func(p planned) bool { return p.ID == r.ID })
		if i < 0 {
			continue
		}
		p := plan[i]
		reached, f.Moment, f.DueAt = true, p.moment, p.DueAt
		f.Passed = !p.DueAt.After(tx.Now)
		if p.goes {
			goes = true
			n, told, err := o.count(ctx, tx, g, p)
			if err != nil {
				return f, err
			}
			f.People += n
			moved += told
			continue
		}
		f.Never, f.Instead = o.never(plan, i)
	}
	switch {
	case r.Off:
		f.Never = NeverOff
	case !reached:
		f.Never = NeverMode
	case goes && moved > 0 && f.People == 0:
		f.Never = NeverMoved
	case goes:
		f.Never = ""
	}
	if f.DueAt.IsZero() { // reaches nobody, but has its place in the list
		f.Moment = r.At(o.anchors)
		f.DueAt = AfterQuietHours(f.Moment, r.NotAfter(o.anchors, f.Moment), o.anchors.Zone)
	}
	if r.Audience == Organisers && o.organiser == "" && f.Never == "" {
		f.Never = NeverNobody
	}
	return f, nil
}

// never tells why one of a group's reminders does not go; nothing when it only is
// over.
func (o occasion) never(plan []planned, i int) (Never, Letter) {
	p := plan[i]
	switch {
	case p.Off:
		return NeverOff, ""
	case !p.Since.Before(p.DueAt):
		return NeverPast, ""
	case p.off:
		return NeverMoved, ""
	case !p.DueAt.Before(p.NotAfter):
		return NeverLate, ""
	}
	for _, l := range plan[i+1:] {
		if l.goes && l.DueAt.Before(p.DueAt.Add(apart)) {
			return NeverInstead, l.Letter
		}
	}
	return "", ""
}

// count is how many people the reminder would reach, whether or not it has gone to
// them, and how many it does not for they were told of a move.
func (o occasion) count(ctx context.Context, tx *store.Tx, g group, p planned) (n, told int, err error) {
	if g.audience == Organisers {
		if o.organiser != "" {
			n = 1
		}
		return n, 0, nil
	}
	where, args := chosen(g)
	counts, err := store.One(ctx, tx, func(row store.Row) (c [2]int, err error) { return c, row.Scan(&c[0], &c[1]) },
		`SELECT count(*), count(*) FILTER (WHERE `+toldOfMove+`) FROM registration r WHERE r.event_id = ? AND `+where+` AND `+toldAt[g.audience]+` <= ?`,
		slices.Concat(p.toldOfMoveArgs(), []any{o.EventID}, args, []any{store.At(toldBy(p.DueAt))})...)
	return counts[0] - counts[1], counts[1], err
}

func (o occasion) forecastOffers(ctx context.Context, tx *store.Tx, f *Forecast) error {
	offers, err := o.offers(ctx, tx)
	f.People = len(slices.DeleteFunc(offers, func(x offer) bool { return f.Mode != "" && f.Mode != x.mode }))
	if f.Off {
		f.Never = NeverOff
	}
	return err
}

// readSent counts what the rule has written for the event's present start.
func (f *Forecast) readSent(ctx context.Context, tx *store.Tx, o occasion) error {
	like := "%"
	if !f.Each {
		of := o.Reminder
		of.Rule = f.Rule
		like = keyPrefix + "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(of.keySuffix())
	}
	type sent struct {
		status Status
		n      int
		first  time.Time
	}
	rows, err := store.All(ctx, tx, func(r store.Row) (s sent, err error) {
		return s, r.Scan(&s.status, &s.n, store.Time(&s.first))
	}, `SELECT status, count(*), min(done_at) FROM message WHERE event_id = ? AND rule_id = ? AND unique_key LIKE ? ESCAPE '\' AND status IN ('waiting', 'sent', 'uncertain') GROUP BY status`,
		o.EventID, f.ID, like)
	for _, s := range rows {
		if s.status == Waiting {
			f.Waiting += s.n
			continue
		}
		f.Sent += s.n
		if f.SentAt.IsZero() || s.first.Before(f.SentAt) {
			f.SentAt = s.first
		}
	}
	return err
}

// Ahead lists when somebody who has just been told of a place will be reminded
// before the start, as the rules are now.
func Ahead(ctx context.Context, tx *store.Tx, eventID, mode string) (moments []time.Time, err error) {
	found, err := occasions(ctx, tx, tx.Now, eventID)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	o := found[0]
	for _, p := range o.plan(group{WithPlace, mode}, o.anchors, tx.Now) {
		if p.goes && !tx.Now.After(toldBy(p.DueAt)) {
			moments = append(moments, p.DueAt.In(o.anchors.Zone))
		}
	}
	return moments, nil
}

// Coming is an event to come of a programme whose rules have been edited.
type Coming struct {
	ID, Title, Kind, Language, TimeZone string
	StartsAt                            time.Time
	Own                                 bool // an organiser has changed its rules: it stays as it is
	Differs                             bool // from the programme's rules as they are now
}

// ComingEvents lists the programme's events that have not begun, with how their
// rules stand to the programme's.
func ComingEvents(ctx context.Context, tx *store.Tx, programmeID string) ([]Coming, error) {
	wanted, err := RulesOf(ctx, tx, programmeID)
	if err != nil {
		return nil, err
	}
	list, err := store.All(ctx, tx, func(r store.Row) (c Coming, err error) {
		return c, r.Scan(&c.ID, &c.Title, &c.Kind, &c.Language, &c.TimeZone, store.Time(&c.StartsAt), &c.Own)
	}, `SELECT e.id, e.title, e.kind, e.language, e.time_zone, e.starts_at, EXISTS (SELECT 1 FROM reminder_own o WHERE o.event_id = e.id)
		FROM event e WHERE e.programme_id = ? AND e.status IN ('draft', 'published', 'postponed') AND e.starts_at > ? ORDER BY e.starts_at, e.id`,
		programmeID, store.At(tx.Now))
	if err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Differs, err = list[i].differs(ctx, tx, wanted); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (c Coming) differs(ctx context.Context, tx *store.Tx, programmes []Rule) (bool, error) {
	have, err := Rules(ctx, tx, c.ID)
	if err != nil {
		return false, err
	}
	wanted := forKind(programmes, c.Kind)
	if len(have) != len(wanted) {
		return true, nil
	}
	for _, w := range wanted {
		if !slices.ContainsFunc(have, func(h Rule) bool { return h.FromID == w.ID && h.same(w) }) {
			return true, nil
		}
	}
	return false, nil
}
