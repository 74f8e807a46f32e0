package registration

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// MaxGroup is how many can sign up in one go.
const MaxGroup = 5

// ErrFullGroup says that there are not places for all of them, and no queue.
var ErrFullGroup = &problem.Problem{Kind: problem.Conflict, Code: "full_group"}

// RegisterGroup signs up several people of one organisation in one go, the first
// of whom asks for all. Each has a registration, a letter and a link of their
// own. When they do not all fit, the first have the places there are and the
// others wait; together asks instead for places for all of them or none, and the
// group then waits as one. Mistakes are reported under the field's name, from the
// second person on with the person's number before it: p2_email.
//
// Like Register it does not tell a stranger whose address was there before: the
// outcomes are those of a group of newcomers, also the numbers in the queue.
func RegisterGroup(ctx context.Context, tx *store.Tx, people []Request, together bool) ([]Outcome, error) {
	outcomes, err := registerGroup(ctx, tx, people, together, false)
	if errors.Is(err, ErrFull) && len(people) > 1 {
		return nil, ErrFullGroup
	}
	return outcomes, err
}

// registerGroup does so; with leave, those for whom there is neither place nor
// queue are left out, and their outcomes have no status.
func registerGroup(ctx context.Context, tx *store.Tx, people []Request, together, leave bool) ([]Outcome, error) {
	ev, err := checkGroup(ctx, tx, people, together)
	if err != nil {
		return nil, err
	}
	with := alone
	if len(people) > 1 {
		if with, err = makeGroup(ctx, tx, ev, people, together); err != nil {
			return nil, err
		}
	}
	var outcomes []Outcome
	known := map[event.Mode]int{} // of the outcomes so far that wait, those of addresses that were there before
	for i, q := range people {
		o, err := register(ctx, tx, ev, q, with)
		switch {
		case leave && errors.Is(err, ErrFull):
			o = Outcome{Registration: Registration{EventID: ev.ID}}
		case err != nil && i > 0:
			return nil, ofColleague(err, i)
		case err != nil:
			return nil, err
		}
		if together && !o.Already && o.Status != New {
			with.as = o.Status // what holds for one of them holds for all
		}
		if o.Already && o.Status.HoldsPlace() {
			with.ghosts++
		}
		if o.Status == Waitlisted {
			if o.Position += known[q.Mode]; o.Already {
				known[q.Mode]++
			}
		}
		if i == 0 {
			if err := with.askedBy(ctx, tx, q, o.Registration); err != nil {
				return nil, err
			}
		}
		outcomes = append(outcomes, o)
	}
	return outcomes, nil
}

// askedBy notes who asks for the rest of the group, also somebody who has been
// left out.
func (with *others) askedBy(ctx context.Context, tx *store.Tx, q Request, r Registration) error {
	with.asker, with.askerID, with.askerAt = strings.TrimSpace(q.FirstName+" "+q.LastName), r.PersonID, r.ID
	if r.ID != "" {
		return nil
	}
	p, err := person.FindByEmail(ctx, tx, q.Email)
	with.askerID = p.ID
	return err
}

func makeGroup(ctx context.Context, tx *store.Tx, ev event.Event, people []Request, together bool) (with others, err error) {
	with = others{groupID: tx.NewID(), need: 1}
	_, err = store.Exec(ctx, tx, `INSERT INTO registration_group (id, event_id, together, created_at) VALUES (?, ?, ?, ?)`, with.groupID, ev.ID, together, store.At(tx.Now))
	if err != nil {
		return with, fmt.Errorf("make group: %w", err)
	}
	if together {
		with.need = len(people) // also for those who are there already: nobody shall see who that is
	}
	return with, err
}

// ofColleague says at the colleague's address that the invitation with which all
// of them come does not hold for this one.
func ofColleague(err error, i int) error {
	p, ok := problem.As(err)
	if ok && len(p.Fields) == 1 && p.Fields[0].Name == "code" {
		return problem.Fields{{Name: groupField(i, "email"), Code: "invitation_colleague"}}.Err()
	}
	return err
}

// checkGroup cleans what was typed of all of them, and reports every mistake.
func checkGroup(ctx context.Context, tx *store.Tx, people []Request, together bool) (event.Event, error) {
	var f problem.Fields
	if len(people) == 0 || len(people) > MaxGroup {
		f.Add("colleagues", "colleagues_most", "most", MaxGroup-1)
		return event.Event{}, f.Err()
	}
	ev, err := findAsOfNow(ctx, tx, people[0].EventID)
	if err != nil {
		return ev, err
	}
	if err := Open(ev, tx.Now); err != nil {
		return ev, err
	}
	var seen []string
	for i := range people {
		q := &people[i]
		if i > 0 {
			q.Organisation, q.Audience, q.Municipality, q.Complete = people[0].Organisation, people[0].Audience, people[0].Municipality, people[0].Complete
			q.TestNumbers, q.Code, q.Mode = people[0].TestNumbers, people[0].Code, cmp.Or(q.Mode, people[0].Mode)
		}
		asked := ev
		if i > 0 {
			asked.Questions = nil // colleagues answer behind the link in their letter
		}
		err := q.check(asked)
		p, ok := problem.As(err)
		if err != nil && !ok {
			return ev, err
		}
		if ok {
			for _, x := range p.Fields {
				if i == 0 || !sharedFields[x.Name] {
					x.Name = groupField(i, x.Name)
					f = append(f, x)
				}
			}
		}
		if q.Email != "" && slices.Contains(seen, q.Email) {
			f.Add(groupField(i, "email"), "email_twice")
		}
		if name := groupField(i, "mode"); together && q.Mode != people[0].Mode {
			f.Add(name, "mode_together")
		}
		seen = append(seen, q.Email)
	}
	return ev, f.Err()
}

// sharedFields are asked once for the whole group.
var sharedFields = map[string]bool{"organisation": true, "country": true, "org_number": true, "company_name": true, "audience": true, "municipality": true}

func groupField(i int, name string) string {
	if i == 0 {
		return name
	}
	return fmt.Sprintf("p%d_%s", i+1, name)
}

// CanAddColleague reports whether the person can sign up somebody more of the
// same organisation.
func CanAddColleague(r Registration, ev event.Event, now time.Time) bool {
	return r.Status.Active() && Open(ev, now) == nil
}

// AddColleague signs up somebody of the same organisation as a registration
// that is active, by the person of that registration. Where one comes by
// invitation, that of the person must hold for the colleague too.
func AddColleague(ctx context.Context, tx *store.Tx, id string, q Request) (Outcome, error) {
	r, ev, err := lockBoth(ctx, tx, id)
	if err != nil {
		return Outcome{}, err
	}
	if !r.Status.Active() {
		return Outcome{}, ErrNotNow
	}
	if err := Open(ev, tx.Now); err != nil {
		return Outcome{}, err
	}
	if q.Mode == "" {
		q.Mode = r.Mode
	}
	q.EventID, q.Answers, q.Organisation = ev.ID, nil, Organisation{Kind: OfNone}
	q.Audience, q.Municipality = r.Audience, r.Municipality
	asked := ev
	asked.Questions = nil // the colleague answers behind the link in the letter
	if err := q.check(asked); err != nil {
		return Outcome{}, err
	}
	if q.Email == r.Email {
		return Outcome{}, problem.Fields{{Name: "email", Code: "own_address"}}.Err()
	}
	if r.InvitationID != "" {
		i, err := FindInvitation(ctx, tx, r.InvitationID)
		if err != nil {
			return Outcome{}, err
		}
		q.Code = i.Code
	}
	o, err := register(ctx, tx, ev, q, others{need: 1, like: &r, asker: r.Name(), askerID: r.PersonID, askerAt: r.ID})
	return o, ofColleague(err, 0)
}

// eachTogether does the same with a registration and, when it belongs to a group
// that comes only together, with all of the group in the same state.
func eachTogether(ctx context.Context, tx *store.Tx, r Registration, status Status, fn func(*Registration) error) error {
	group := []string{r.ID}
	if r.GroupID != "" {
		all, err := store.All(ctx, tx, store.Value[string], `
			SELECT id FROM registration
			WHERE group_id = ? AND status = ? AND group_id IN (SELECT id FROM registration_group WHERE together) ORDER BY joined_at, id`, r.GroupID, status)
		if err != nil {
			return err
		}
		if len(all) > 0 {
			group = all
		}
	}
	return oneByOne(ctx, tx, group, fn)
}

// tellSkipped is after how many passed-over places the organiser hears of a
// group that waits for several at once.
const tellSkipped = 2

// countSkipped notes that groups which stand before the next one were passed
// over, and tells the organiser when that happened twice.
func countSkipped(ctx context.Context, tx *store.Tx, ev event.Event, next Registration) error {
	class, err := next.class(ctx, tx)
	if err != nil {
		return err
	}
	table, args := queue(ev.ID, next.QueueMode())
	skipped, err := store.All(ctx, tx, store.Value[string], `
		SELECT DISTINCT q.group_id FROM `+table+` q
		WHERE q.group_id <> ? AND q.need > 1 AND q.need <= q.share AND (q.class, q.joined_at, q.id) < (?, ?, ?)`,
		append(args, next.GroupID, class, store.At(next.QueueSince()), next.ID)...)
	if err != nil {
		return err
	}
	for _, id := range skipped {
		n, err := store.One(ctx, tx, store.Value[int], `UPDATE registration_group SET skipped = skipped + 1 WHERE id = ? RETURNING skipped`, id)
		if err != nil {
			return err
		}
		if n != tellSkipped {
			continue
		}
		if err := tellOrganiser(ctx, tx, ev, message.GroupSkipped, "group:"+id, false); err != nil {
			return err
		}
		err = audit.Add(ctx, tx, audit.Entry{Actor: audit.System, ProgrammeID: ev.ProgrammeID, Action: "registration.group_skipped", ObjectKind: "event", ObjectID: ev.ID, To: fmt.Sprint(n)})
		if err != nil {
			return err
		}
	}
	return nil
}

// Together is of how many people who come only together a registration is one,
// in the state that it has; 0 when it stands alone.
func Together(ctx context.Context, tx *store.Tx, r Registration) (int, error) {
	if r.GroupID == "" {
		return 0, nil
	}
	return store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM registration m JOIN registration_group g ON g.id = m.group_id
		WHERE m.group_id = ? AND g.together AND m.status = ?`, r.GroupID, r.Status)
}
