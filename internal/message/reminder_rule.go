package message

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"stafett/internal/holiday"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Rule says when one letter goes to whom. It is an event's, or a programme's,
// whose new events begin with a copy of it.
type Rule struct {
	ID                   string
	ProgrammeID, EventID string // one of them
	Kind                 string // of a programme's rule: for events of this kind only; "": all
	FromID               string // of an event's rule: the programme's that it is a copy of; "": the event's own
	Letter               Letter
	Audience             Audience
	Mode                 string // room, online; "": everybody
	Anchor               string // start, end, closes, offer
	After                bool   // after the anchor, not before it
	Unit                 string // minutes, hours, days, working_days
	Amount               int
	AtClock              string // of days: "09:00" on the event's clock; "": the anchor's own
	Off                  bool   // switched off: it goes to nobody
	Again                int    // how often an organiser asked to send to those who had it as well
	Since                time.Time
	Texts                []RuleText // go as E26 alone; with another letter they are kept
}

// Audience is to whom a rule's letter goes. Those to whom there are no letters of
// rules yet, hosts and advisers, will be further ones: each has its line in
// chosen, where they are found, and in the checks of the table reminder_rule.
type Audience string

// The audiences.
const (
	WithPlace    Audience = "place"
	OnList       Audience = "waiting"
	WithOffer    Audience = "offered"  // that is open
	WhoAttended  Audience = "attended" // or had a place, where nobody took attendance
	WhoWasAbsent Audience = "absent"
	Organisers   Audience = "organiser"
)

// RuleText is what an organiser wrote for one language, as in a mailing. What its
// words may be is checked where they are typed, by package mailing, which prints
// them.
type RuleText struct{ Language, Subject, Body string }

// ruleLetters are the letters that rules can send, with whom they are for; own
// words are for everybody but organisers.
var ruleLetters = map[Letter]Audience{
	WeekBefore: WithPlace, DayBefore: WithPlace, HourBefore: WithPlace, Offered: WithOffer, ThankYou: WhoAttended, Roster: Organisers, OwnWords: "",
}

// RuleLetters lists the letters that rules can send, in the order of a choice.
func RuleLetters() []Letter {
	return []Letter{WeekBefore, DayBefore, HourBefore, Offered, ThankYou, Roster, OwnWords}
}

// Audiences lists to whom rules can send, in the order of a choice.
func Audiences() []Audience {
	return []Audience{WithPlace, OnList, WithOffer, WhoAttended, WhoWasAbsent, Organisers}
}

// Times lists when a rule can go: an anchor, with before or after it.
func Times() []string {
	return []string{"before_start", "before_closes", "after_closes", "before_offer", "after_end"}
}

// Units lists in what the distance to the anchor is counted.
func Units() []string { return []string{"minutes", "hours", "days", "working_days"} }

// mostOf is the longest distance in each unit: half a year at most.
var mostOf = map[string]int{"minutes": 100_000, "hours": 2400, "days": 180, "working_days": 90}

// When is one of Times.
func (r Rule) When() string {
	if r.After {
		return "after_" + r.Anchor
	}
	return "before_" + r.Anchor
}

// SetWhen sets the anchor and the side of it from one of Times.
func (r *Rule) SetWhen(when string) {
	side, anchor, _ := strings.Cut(when, "_")
	r.Anchor, r.After = anchor, side == "after"
}

// timesOf says what may be counted from for each audience: an offer's deadline is
// only theirs who have one, and who attended is known after the end.
func timesOf(a Audience) []string {
	switch a {
	case WithOffer:
		return []string{"before_offer"}
	case WhoAttended, WhoWasAbsent:
		return []string{"after_end"}
	}
	return []string{"before_start", "before_closes", "after_closes"}
}

var clockForm = regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`)

// Check reports what must be corrected before the rule can be stored. The fields
// are those of the form.
func (r Rule) Check() problem.Fields {
	var f problem.Fields
	to, known := ruleLetters[r.Letter]
	if !known {
		f.Add("letter", "choice")
	}
	if !slices.Contains(Audiences(), r.Audience) || r.Mode != "" && r.Mode != "room" && r.Mode != "online" || r.Mode != "" && r.Audience == Organisers {
		f.Add("to", "choice")
	} else if known && (to != "" && to != r.Audience || to == "" && r.Audience == Organisers) {
		f.Add("to", "reminder_to")
	}
	if !slices.Contains(Times(), r.When()) {
		f.Add("when", "choice")
	} else if !f.Has("to") && !slices.Contains(timesOf(r.Audience), r.When()) {
		f.Add("when", "reminder_when_"+string(r.Audience))
	}
	most, known := mostOf[r.Unit]
	switch {
	case !known:
		f.Add("unit", "choice")
	case r.Amount < 0 || r.Amount > most:
		f.Add("amount", "reminder_amount", "most", most)
	}
	if days := r.Unit == "days" || r.Unit == "working_days"; r.AtClock != "" && !days && known {
		f.Add("at_clock", "reminder_clock_days")
	} else if r.AtClock != "" && !clockForm.MatchString(r.AtClock) {
		f.Add("at_clock", "reminder_clock")
	}
	r.checkTexts(&f)
	return f
}

func (r Rule) checkTexts(f *problem.Fields) {
	for _, t := range r.Texts {
		if strings.TrimSpace(t.Subject) == "" {
			f.Add("subject_"+t.Language, "required")
		}
		if strings.TrimSpace(t.Body) == "" {
			f.Add("body_"+t.Language, "required")
		}
	}
	if r.Letter == OwnWords && len(r.Texts) == 0 {
		f.Add("texts", "reminder_texts")
	}
}

// Text is the rule's own words for somebody who reads the language, as
// locale.InOrder says; false when there are none.
func (r Rule) Text(language, programmes string) (RuleText, bool) {
	for _, wanted := range locale.InOrder(language, programmes) {
		for _, t := range r.Texts {
			if t.Language == wanted {
				return t, true
			}
		}
	}
	return RuleText{}, false
}

// standardRules is what a programme begins with: seven days before for those who
// must travel, one working day before at nine, one hour before for those who join
// online, thanks on the day after, and the list for the organisers two days before.
func standardRules() []Rule {
	return []Rule{
		{Letter: WeekBefore, Audience: WithPlace, Anchor: "start", Unit: "days", Amount: 7, Mode: "room"},
		{Letter: DayBefore, Audience: WithPlace, Anchor: "start", Unit: "working_days", Amount: 1, AtClock: "09:00"},
		{Letter: HourBefore, Audience: WithPlace, Anchor: "start", Unit: "minutes", Amount: 60, Mode: "online"},
		{Letter: ThankYou, Audience: WhoAttended, Anchor: "end", After: true, Unit: "days", Amount: 1, AtClock: "09:00"},
		{Letter: Roster, Audience: Organisers, Anchor: "start", Unit: "days", Amount: 2, AtClock: "09:00"},
	}
}

// Anchors are the moments from which rules count, and the clock and the calendar
// by which they do.
type Anchors struct {
	Start, End time.Time
	Closes     time.Time // the last moment to register
	Offer      time.Time // by when an offer must be answered; zero: there is none
	Zone       *time.Location
	Country    string // whose holidays are no working days
}

func (a Anchors) of(anchor string) time.Time {
	switch anchor {
	case "end":
		return a.End
	case "closes":
		return a.Closes
	case "offer":
		return a.Offer
	}
	return a.Start
}

// At is when the rule's letter is due. Days are counted on the event's own clock,
// so that nine o'clock stays nine over summer time; minutes and hours are a span of
// time. An hour that the clock leaves out in spring is the one after it, and of the
// hour that comes twice in autumn it is the second.
func (r Rule) At(a Anchors) time.Time {
	sign := -1
	if r.After {
		sign = 1
	}
	return r.onClock(r.shift(a.of(r.Anchor).In(a.Zone), sign, a.Country), a.Zone).UTC()
}

func (r Rule) shift(t time.Time, sign int, country string) time.Time {
	switch r.Unit {
	case "days":
		return onWall(t.AddDate(0, 0, sign*r.Amount))
	case "working_days":
		for range r.Amount {
			t = workingDay(country, t, sign)
		}
		return onWall(t)
	case "hours":
		return t.Add(time.Duration(sign*r.Amount) * time.Hour)
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
	return onWall(time.Date(t.Year(), t.Month(), t.Day(), clock.Hour(), clock.Minute(), 0, 0, loc))
}

// onWall is the second of two instants at which the wall's clock shows the same.
func onWall(t time.Time) time.Time {
	if later := t.Add(time.Hour); later.Hour() == t.Hour() {
		return later
	}
	return t
}

// thankYouLife is how long a letter about a past event still makes sense.
const thankYouLife = 7 * 24 * time.Hour

// NotAfter is when the letter no longer makes sense: a reminder of a deadline when
// that is past, other reminders at the start, thanks a week later.
func (r Rule) NotAfter(a Anchors, due time.Time) time.Time {
	switch {
	case r.Anchor == "end":
		return due.Add(thankYouLife)
	case r.Anchor == "offer":
		return a.Offer
	case r.Anchor == "closes" && !r.After:
		return a.Closes
	}
	return a.Start
}

const ruleColumns = `q.id, q.programme_id, q.event_id, q.kind, q.from_id, q.letter, q.audience, q.mode, q.anchor, q.afterwards, q.unit, q.amount, q.at_clock, NOT q.active, q.again, q.since`

// into lists where a row of ruleColumns goes.
func (r *Rule) into() []any {
	return []any{&r.ID, store.String(&r.ProgrammeID), store.String(&r.EventID), store.String(&r.Kind), store.String(&r.FromID), &r.Letter, &r.Audience,
		store.String(&r.Mode), &r.Anchor, &r.After, &r.Unit, &r.Amount, store.String(&r.AtClock), &r.Off, &r.Again, store.Time(&r.Since)}
}

func scanRule(row store.Row) (r Rule, err error) { return r, row.Scan(r.into()...) }

// Rules lists an event's rules, with their texts.
func Rules(ctx context.Context, tx *store.Tx, eventID string) ([]Rule, error) {
	return rules(ctx, tx, `q.event_id = ?`, eventID)
}

// RulesOf lists a programme's rules, with their texts.
func RulesOf(ctx context.Context, tx *store.Tx, programmeID string) ([]Rule, error) {
	return rules(ctx, tx, `q.programme_id = ?`, programmeID)
}

// FindRule returns one rule with its texts, or problem.ErrMissing.
func FindRule(ctx context.Context, tx *store.Tx, id string) (Rule, error) {
	all, err := rules(ctx, tx, `q.id = ?`, id)
	if err == nil && len(all) == 0 {
		err = problem.ErrMissing
	}
	if err != nil {
		return Rule{}, err
	}
	return all[0], nil
}

func rules(ctx context.Context, tx *store.Tx, where, arg string) ([]Rule, error) {
	found, err := store.All(ctx, tx, scanRule, `SELECT `+ruleColumns+` FROM reminder_rule q WHERE `+where+` ORDER BY q.anchor DESC, q.letter, q.id`, arg)
	if err != nil {
		return nil, fmt.Errorf("read reminder rules: %w", err)
	}
	for i, r := range found {
		found[i].Texts, err = store.All(ctx, tx, func(row store.Row) (t RuleText, err error) {
			return t, row.Scan(&t.Language, &t.Subject, &t.Body)
		}, `SELECT language, subject, body FROM reminder_text WHERE rule_id = ? ORDER BY language`, r.ID)
		if err != nil {
			return nil, fmt.Errorf("read texts of reminders: %w", err)
		}
	}
	return found, nil
}
