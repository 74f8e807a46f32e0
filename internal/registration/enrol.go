package registration

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// Enrol signs somebody up for several occasions of the series to which the event
// of the request belongs, in one go: all that are still to come when the series
// is taken as a whole, else that event and those in eventIDs. Each occasion gives
// a place or a place in the queue by itself, with its own letter and invitation.
//
// The event of the request must take registrations, or its reason is the
// refusal. Another occasion that takes none any more is left out: its outcome
// has no status. Outcomes come by start, and are those of a stranger where the
// address is registered already.
//
// A question that occasions share, of the same kind with the same words, is
// answered once, in the request under the id that it has at the request's event;
// one that only another occasion asks is answered under its own id there.
func Enrol(ctx context.Context, tx *store.Tx, q Request, eventIDs []string) ([]Outcome, error) {
	all, err := EnrolGroup(ctx, tx, []Request{q}, false, eventIDs)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// EnrolGroup does the same with several people of one organisation, as
// RegisterGroup does at each occasion: its outcomes are by person, then by start.
// For an event by itself it is RegisterGroup.
func EnrolGroup(ctx context.Context, tx *store.Tx, people []Request, together bool, eventIDs []string) ([][]Outcome, error) {
	if len(people) == 0 {
		return nil, problem.ErrMissing
	}
	asked, err := event.Find(ctx, tx, people[0].EventID)
	if err != nil {
		return nil, err
	}
	chosen, err := chosenOccasions(ctx, tx, asked, eventIDs)
	if err != nil {
		return nil, err
	}
	// The event of the form comes first: what must be corrected is named there.
	at := map[string][]Outcome{}
	if at[asked.ID], err = RegisterGroup(ctx, tx, slices.Clone(people), together); err != nil {
		return nil, err
	}
	for _, id := range chosen {
		if id == asked.ID {
			continue
		}
		if at[id], err = enrolAt(ctx, tx, people, together, asked, id); err != nil {
			return nil, err
		}
	}
	all := make([][]Outcome, len(people))
	for i := range people {
		for _, id := range chosen {
			all[i] = append(all[i], at[id][i])
		}
		if asked.SeriesID == "" {
			continue
		}
		if err := joinEnrolment(ctx, tx, all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// chosenOccasions lists by start the events that one signs up for.
func chosenOccasions(ctx context.Context, tx *store.Tx, asked event.Event, eventIDs []string) ([]string, error) {
	if asked.SeriesID == "" {
		return []string{asked.ID}, nil
	}
	series, err := event.FindSeries(ctx, tx, asked.SeriesID)
	if err != nil {
		return nil, err
	}
	occasions, err := event.Occasions(ctx, tx, series.ID)
	if err != nil {
		return nil, err
	}
	for _, id := range eventIDs { // one of another series is not guessed at
		if !slices.ContainsFunc(occasions, func(o event.Event) bool { return o.ID == id && o.Status != event.Draft }) {
			return nil, problem.ErrMissing
		}
	}
	var chosen []string
	for _, o := range occasions {
		coming := o.Status == event.Published && tx.Now.Before(o.StartsAt)
		if o.ID == asked.ID || series.SignUp == event.ForWhole && coming || series.SignUp == event.ForEach && slices.Contains(eventIDs, o.ID) {
			chosen = append(chosen, o.ID)
		}
	}
	return chosen, nil
}

// enrolAt registers for another occasion than the one whose form was filled in.
// Where it takes no more, people are left out.
func enrolAt(ctx context.Context, tx *store.Tx, people []Request, together bool, asked event.Event, id string) ([]Outcome, error) {
	ev, err := event.Find(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if Open(ev, tx.Now) != nil {
		left := make([]Outcome, len(people))
		for i := range left {
			left[i].Registration.EventID = id
		}
		return left, nil
	}
	there := slices.Clone(people)
	for i := range there {
		q := &there[i]
		q.EventID, q.Answers = ev.ID, answersAt(ev, asked, q.Answers)
		q.Mode = cmp.Or(q.Mode, people[0].Mode, asked.Mode)
		if !ev.HasMode(q.Mode) {
			q.Mode = ev.Modes()[0]
		}
	}
	return registerGroup(ctx, tx, there, together, true)
}

// answersAt is what was answered, under the ids that an occasion's questions have.
func answersAt(ev, asked event.Event, answers map[string][]string) map[string][]string {
	there := map[string][]string{}
	for _, question := range ev.Questions {
		there[question.ID] = answers[question.ID]
		for _, same := range asked.Questions {
			if SameQuestion(question, same) {
				there[question.ID] = answers[same.ID]
			}
		}
	}
	return there
}

// SameQuestion reports whether one answer does for both.
func SameQuestion(a, b event.Question) bool {
	return a.Kind == b.Kind && a.Label == b.Label && slices.Equal(a.Options, b.Options)
}

// joinEnrolment ties the registrations together, and to those that the person
// had for other occasions.
func joinEnrolment(ctx context.Context, tx *store.Tx, outcomes []Outcome) error {
	enrolment := ""
	for _, o := range outcomes {
		if !o.Already || enrolment != "" {
			continue
		}
		var err error
		if enrolment, err = enrolmentOf(ctx, tx, o.Registration.ID); err != nil {
			return err
		}
	}
	if enrolment == "" {
		enrolment = tx.NewID()
	}
	for _, o := range outcomes {
		if o.Registration.ID == "" {
			continue
		}
		_, err := store.Exec(ctx, tx, `UPDATE registration SET enrolment_id = ? WHERE id = ? AND enrolment_id IS NULL`, enrolment, o.Registration.ID)
		if err != nil {
			return fmt.Errorf("tie occasions together: %w", err)
		}
	}
	return nil
}

func enrolmentOf(ctx context.Context, tx *store.Tx, id string) (string, error) {
	return store.One(ctx, tx, store.Value[string], `SELECT COALESCE(enrolment_id, '') FROM registration WHERE id = ?`, id)
}

// Enrolled lists the registrations of the same person for all occasions with
// which this one was made, by the start of the occasion; none when it was made
// by itself.
func Enrolled(ctx context.Context, tx *store.Tx, id string) ([]Registration, error) {
	return store.All(ctx, tx, scanRegistration, selectRegistration+`
		WHERE (enrolment_id, person_id) = (SELECT enrolment_id, person_id FROM registration WHERE id = ?)
		ORDER BY (SELECT starts_at FROM event WHERE event.id = event_id), id`, id)
}

// WithdrawAll gives up every occasion with which this one was made that can
// still be given up, each by the rule of Withdraw, and tells how many.
func WithdrawAll(ctx context.Context, tx *store.Tx, id string, by audit.Actor) (int, error) {
	all, err := Enrolled(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, r := range all {
		ev, err := event.Find(ctx, tx, r.EventID)
		if err != nil {
			return n, err
		}
		if !CanWithdraw(r, ev, tx.Now) {
			continue
		}
		if _, err := Withdraw(ctx, tx, r.ID, by, ""); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
