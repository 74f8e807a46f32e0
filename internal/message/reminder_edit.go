package message

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"stafett/internal/audit"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// AddStandardRules gives a new programme the rules that every programme begins
// with.
func AddStandardRules(ctx context.Context, tx *store.Tx, programmeID string) error {
	for _, r := range standardRules() {
		r.ProgrammeID = programmeID
		if err := r.insert(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// GiveRules gives an event copies of its programme's rules for events of its kind,
// as long as no organiser has changed the event's own. Copies that are there are
// brought in line and keep their ids, so that nobody gets a letter twice.
func GiveRules(ctx context.Context, tx *store.Tx, programmeID, eventID, kind string) error {
	if own, err := HasOwnRules(ctx, tx, eventID); err != nil || own {
		return err
	}
	wanted, err := RulesOf(ctx, tx, programmeID)
	if err != nil {
		return err
	}
	have, err := Rules(ctx, tx, eventID)
	if err != nil {
		return err
	}
	wanted = forKind(wanted, kind)
	for _, h := range have {
		if !slices.ContainsFunc(wanted, func(w Rule) bool { return w.ID == h.FromID }) {
			if err := h.delete(ctx, tx); err != nil {
				return err
			}
		}
	}
	for _, w := range wanted {
		i := slices.IndexFunc(have, func(h Rule) bool { return h.FromID == w.ID })
		w.FromID, w.ProgrammeID, w.EventID, w.Kind, w.Again = w.ID, "", eventID, "", 0
		if i < 0 {
			w.ID = ""
			err = w.insert(ctx, tx)
		} else {
			w.ID, w.Again = have[i].ID, have[i].Again
			err = have[i].become(ctx, tx, w, false)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// CopyRules gives a copy of an event the rules that an organiser has made for the
// original; when there are none, it keeps the programme's.
func CopyRules(ctx context.Context, tx *store.Tx, originalID, copyID string) error {
	own, err := HasOwnRules(ctx, tx, originalID)
	if err != nil || !own {
		return err
	}
	if err := DropRules(ctx, tx, copyID); err != nil {
		return err
	}
	originals, err := Rules(ctx, tx, originalID)
	if err != nil {
		return err
	}
	for _, r := range originals {
		r.ID, r.EventID, r.Again = "", copyID, 0
		if err := r.insert(ctx, tx); err != nil {
			return err
		}
	}
	return markOwn(ctx, tx, copyID)
}

// DropRules removes an event's rules, as when the event is thrown away.
func DropRules(ctx context.Context, tx *store.Tx, eventID string) error {
	for _, statement := range []string{
		`DELETE FROM reminder_text WHERE rule_id IN (SELECT id FROM reminder_rule WHERE event_id = ?)`,
		`DELETE FROM reminder_rule WHERE event_id = ?`,
		`DELETE FROM reminder_own WHERE event_id = ?`,
	} {
		if _, err := store.Exec(ctx, tx, statement, eventID); err != nil {
			return fmt.Errorf("drop reminder rules: %w", err)
		}
	}
	return nil
}

func forKind(rules []Rule, kind string) []Rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool { return r.Kind != "" && r.Kind != kind })
}

// HasOwnRules reports whether an organiser has changed the event's rules, so that
// the programme's no longer reach it.
func HasOwnRules(ctx context.Context, tx *store.Tx, eventID string) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM reminder_own WHERE event_id = ?`, eventID)
	return n > 0, err
}

func markOwn(ctx context.Context, tx *store.Tx, eventID string) error {
	_, err := store.Exec(ctx, tx, `INSERT INTO reminder_own (event_id, since) VALUES (?, ?) ON CONFLICT (event_id) DO NOTHING`, eventID, store.At(tx.Now))
	return err
}

// mostRules is how many rules an event or a programme may have.
const mostRules = 30

// ErrManyRules says that there are as many rules as there can be.
var ErrManyRules = &problem.Problem{Kind: problem.Conflict, Code: "reminders_many"}

// AddRule adds a rule to an event or a programme. Nothing goes of a moment that is
// past already.
func AddRule(ctx context.Context, tx *store.Tx, r Rule, by audit.Actor) (Rule, error) {
	if err := r.Check().Err(); err != nil {
		return r, err
	}
	n, err := store.One(ctx, tx, store.Value[int], `SELECT count(*) FROM reminder_rule WHERE COALESCE(event_id, programme_id) = ?`, r.owner())
	if err != nil {
		return r, err
	}
	if n >= mostRules {
		return r, ErrManyRules
	}
	r.FromID, r.Again = "", 0
	r.ID = tx.NewID()
	if err := r.insert(ctx, tx); err != nil {
		return r, err
	}
	return r, r.edited(ctx, tx, audit.Entry{Actor: by, Action: "reminder.add", To: r.words()})
}

// ChangeRule changes a rule. Who has had its letter for this start does not get it
// again, unless again asks for it; what has been written and not sent goes by the
// changed rule.
func ChangeRule(ctx context.Context, tx *store.Tx, r Rule, again bool, by audit.Actor) error {
	before, err := FindRule(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	r.ProgrammeID, r.EventID, r.FromID, r.Off, r.Again = before.ProgrammeID, before.EventID, before.FromID, before.Off, before.Again
	if err := r.Check().Err(); err != nil {
		return err
	}
	if err := before.become(ctx, tx, r, again); err != nil {
		return err
	}
	return r.edited(ctx, tx, audit.Entry{Actor: by, Action: "reminder.change", From: before.words(), To: r.words()})
}

// SwitchRule turns a rule on or off. What it has written and not sent is dropped
// with it; turned on again, it has no letter of a moment that has passed meanwhile.
func SwitchRule(ctx context.Context, tx *store.Tx, id string, on bool, by audit.Actor) error {
	r, err := FindRule(ctx, tx, id)
	if err != nil || r.Off != on {
		return err
	}
	before := r
	r.Off = !on
	if err := before.become(ctx, tx, r, false); err != nil {
		return err
	}
	action := "reminder.off"
	if on {
		action = "reminder.on"
	}
	return r.edited(ctx, tx, audit.Entry{Actor: by, Action: action, To: r.words()})
}

// RemoveRule removes a rule, and drops what it has written and not sent.
func RemoveRule(ctx context.Context, tx *store.Tx, id string, by audit.Actor) error {
	r, err := FindRule(ctx, tx, id)
	if err != nil {
		return err
	}
	if err := r.delete(ctx, tx); err != nil {
		return err
	}
	return r.edited(ctx, tx, audit.Entry{Actor: by, Action: "reminder.remove", From: r.words()})
}

// RestoreRules gives an event its programme's rules again.
func RestoreRules(ctx context.Context, tx *store.Tx, programmeID, eventID, kind string, by audit.Actor) error {
	if _, err := store.Exec(ctx, tx, `DELETE FROM reminder_own WHERE event_id = ?`, eventID); err != nil {
		return err
	}
	if err := GiveRules(ctx, tx, programmeID, eventID, kind); err != nil {
		return err
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: programmeID, Action: "reminder.restore", ObjectKind: "event", ObjectID: eventID})
}

// RestoreStandard gives a programme the rules with which programmes begin. Those of
// the same letter keep their ids, so that events are changed and not begun anew.
func RestoreStandard(ctx context.Context, tx *store.Tx, programmeID string, by audit.Actor) error {
	have, err := RulesOf(ctx, tx, programmeID)
	if err != nil {
		return err
	}
	for _, s := range standardRules() {
		s.ProgrammeID = programmeID
		if i := slices.IndexFunc(have, func(h Rule) bool { return h.Letter == s.Letter }); i >= 0 {
			s.ID, s.Again = have[i].ID, have[i].Again
			err = have[i].become(ctx, tx, s, false)
			have = slices.Delete(have, i, i+1)
		} else {
			err = s.insert(ctx, tx)
		}
		if err != nil {
			return err
		}
	}
	for _, h := range have {
		if err := h.delete(ctx, tx); err != nil {
			return err
		}
	}
	return audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: programmeID, Action: "reminder.restore", ObjectKind: "programme", ObjectID: programmeID})
}

// edited marks an event's rules as its own, and writes down who changed what.
func (r Rule) edited(ctx context.Context, tx *store.Tx, e audit.Entry) (err error) {
	e.ProgrammeID, e.ObjectKind, e.ObjectID = r.ProgrammeID, "programme", r.ProgrammeID
	if r.EventID != "" {
		if err := markOwn(ctx, tx, r.EventID); err != nil {
			return err
		}
		e.ObjectKind, e.ObjectID = "event", r.EventID
		if e.ProgrammeID, err = store.One(ctx, tx, store.Value[string], `SELECT programme_id FROM event WHERE id = ?`, r.EventID); err != nil {
			return err
		}
	}
	return audit.Add(ctx, tx, e)
}

func (r Rule) owner() string { return cmp.Or(r.EventID, r.ProgrammeID) }

// words are the rule in the audit log.
func (r Rule) words() string {
	return fmt.Sprintf("%s %s%s %d %s %s %s", r.Letter, r.Audience, r.Mode, r.Amount, r.Unit, r.When(), r.AtClock)
}

// Version is another whenever something is another of what an organiser changes, so
// that nobody writes over what somebody else has saved meanwhile.
func (r Rule) Version() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %q %d %q", r.words(), r.Kind, r.Again, r.Texts))
	return hex.EncodeToString(sum[:8])
}

// ErrRuleEdited says that somebody else changed the rule after it was shown.
var ErrRuleEdited = &problem.Problem{Kind: problem.Conflict, Code: "reminder_edited"}

// sameTimes reports whether two rules send the same letter to the same people at
// the same moments; own words may differ.
func (r Rule) sameTimes(o Rule) bool {
	return r.Letter == o.Letter && r.Audience == o.Audience && r.Mode == o.Mode && r.When() == o.When() &&
		r.Unit == o.Unit && r.Amount == o.Amount && r.AtClock == o.AtClock && r.Off == o.Off
}

// same reports whether two rules differ in nothing that people notice.
func (r Rule) same(o Rule) bool { return r.sameTimes(o) && slices.Equal(r.Texts, o.Texts) }

func (r Rule) insert(ctx context.Context, tx *store.Tx) error {
	if r.ID == "" {
		r.ID = tx.NewID()
	}
	_, err := store.Exec(ctx, tx, `
		INSERT INTO reminder_rule (id, programme_id, event_id, kind, from_id, letter, audience, mode, anchor, afterwards, unit, amount, at_clock, active, again, since)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.ID, store.Text(r.ProgrammeID), store.Text(r.EventID), store.Text(r.Kind), store.Text(r.FromID), r.Letter, r.Audience, store.Text(r.Mode),
		r.Anchor, r.After, r.Unit, r.Amount, store.Text(r.AtClock), !r.Off, r.Again, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("add reminder rule %s: %w", r.Letter, err)
	}
	return r.writeTexts(ctx, tx)
}

func (r Rule) writeTexts(ctx context.Context, tx *store.Tx) error {
	if _, err := store.Exec(ctx, tx, `DELETE FROM reminder_text WHERE rule_id = ?`, r.ID); err != nil {
		return err
	}
	for _, t := range r.Texts {
		_, err := store.Exec(ctx, tx, `INSERT INTO reminder_text (rule_id, language, subject, body) VALUES (?, ?, ?, ?)`, r.ID, t.Language, t.Subject, t.Body)
		if err != nil {
			return fmt.Errorf("write text of a reminder: %w", err)
		}
	}
	return nil
}

// become writes the rule as it is to be. Other times begin now: a moment that is
// past already is none of the changed rule, except when the organiser asked to send
// again, who then means at once.
func (r Rule) become(ctx context.Context, tx *store.Tx, to Rule, again bool) error {
	to.ID, to.Since = r.ID, r.Since
	if again {
		to.Again++
	} else if !r.sameTimes(to) {
		to.Since = tx.Now
	}
	if again || !r.sameTimes(to) {
		reason := ReasonRuleChanged
		if to.Off {
			reason = ReasonRuleGone
		}
		if err := r.dropUnsent(ctx, tx, reason); err != nil {
			return err
		}
	}
	_, err := store.Exec(ctx, tx, `
		UPDATE reminder_rule SET kind = ?, letter = ?, audience = ?, mode = ?, anchor = ?, afterwards = ?, unit = ?, amount = ?, at_clock = ?, active = ?, again = ?, since = ?
		WHERE id = ?`,
		store.Text(to.Kind), to.Letter, to.Audience, store.Text(to.Mode), to.Anchor, to.After, to.Unit, to.Amount, store.Text(to.AtClock), !to.Off, to.Again, store.At(to.Since), r.ID)
	if err != nil {
		return fmt.Errorf("change reminder rule %s: %w", to.Letter, err)
	}
	return to.writeTexts(ctx, tx)
}

func (r Rule) delete(ctx context.Context, tx *store.Tx) error {
	if err := r.dropUnsent(ctx, tx, ReasonRuleGone); err != nil {
		return err
	}
	for _, statement := range []string{`DELETE FROM reminder_text WHERE rule_id = ?`, `DELETE FROM reminder_rule WHERE id = ?`} {
		if _, err := store.Exec(ctx, tx, statement, r.ID); err != nil {
			return fmt.Errorf("remove reminder rule: %w", err)
		}
	}
	return nil
}

// dropUnsent drops what the rule has written and what has surely not left, and
// frees its keys, so that the rule can write anew. Whatever else it has written asks
// for the rule before it goes.
func (r Rule) dropUnsent(ctx context.Context, tx *store.Tx, reason string) error {
	if r.EventID == "" {
		return nil
	}
	_, err := store.Exec(ctx, tx, `
		UPDATE message SET status = 'dropped', reason = ?, done_at = ?, mime = NULL, unique_key = unique_key || ':' || id
		WHERE event_id = ? AND rule_id = ? AND status = 'waiting' AND unanswered = 0
			AND (leased_until IS NULL OR leased_until <= ? AND prepared_at IS NULL)`,
		reason, store.At(tx.Now), r.EventID, r.ID, store.At(tx.Now))
	if err != nil {
		return fmt.Errorf("drop unsent reminders: %w", err)
	}
	return nil
}

// FollowProgramme gives the programme's rules, as they are now, to its coming
// events whose rules no organiser has changed.
func FollowProgramme(ctx context.Context, tx *store.Tx, programmeID string, by audit.Actor) error {
	coming, err := ComingEvents(ctx, tx, programmeID)
	if err != nil {
		return err
	}
	for _, c := range coming {
		if c.Own || !c.Differs {
			continue
		}
		if err := GiveRules(ctx, tx, programmeID, c.ID, c.Kind); err != nil {
			return err
		}
		if err := audit.Add(ctx, tx, audit.Entry{Actor: by, ProgrammeID: programmeID, Action: "reminder.follow", ObjectKind: "event", ObjectID: c.ID}); err != nil {
			return err
		}
	}
	return nil
}
