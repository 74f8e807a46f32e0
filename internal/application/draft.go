package application

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"stafett/internal/audit"
	"stafett/internal/company"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/store"
)

// DraftOf returns the person's draft in a programme of advice, or
// problem.ErrMissing.
func DraftOf(ctx context.Context, tx *store.Tx, personID, advisoryProgrammeID string) (Application, error) {
	a, err := store.One(ctx, tx, scan, selectApplication+`WHERE a.person_id = ? AND a.advisory_programme_id = ? AND a.status = 'draft'`, personID, advisoryProgrammeID)
	return a, missing(err)
}

// SaveDraft keeps the form as it is typed, of which nothing needs to be right yet.
// A person has one draft in each programme of advice. What looks like a personal
// number must have been taken out (Form.Personal).
func SaveDraft(ctx context.Context, tx *store.Tx, personID, advisoryProgrammeID, language string, f Form) (Application, error) {
	if _, err := SchemeOf(ctx, tx, advisoryProgrammeID); err != nil {
		return Application{}, err
	}
	a, err := DraftOf(ctx, tx, personID, advisoryProgrammeID)
	added := errors.Is(err, problem.ErrMissing)
	if err != nil && !added {
		return a, err
	}
	if added {
		a = Application{ID: tx.NewID(), AdvisoryProgrammeID: advisoryProgrammeID, Status: Draft, PersonID: personID, CreatedAt: tx.Now, ChangedAt: tx.Now}
	}
	a.Language, a.Typed = language, f
	a.Title = strings.TrimSpace(f.Title)
	if !added {
		return a, a.update(ctx, tx, Draft)
	}
	if err := a.insert(ctx, tx); err != nil {
		return a, err
	}
	return a, a.audit(ctx, tx, audit.Actor{Kind: "person", ID: personID}, "application.draft", "", string(Draft), "")
}

// Discard throws a draft away, for good.
func Discard(ctx context.Context, tx *store.Tx, personID, id string) error {
	a, err := Own(ctx, tx, personID, id)
	if err != nil {
		return err
	}
	if a.Status != Draft {
		return ErrNotNow
	}
	if err := message.LeaveApplication(ctx, tx, id); err != nil {
		return err
	}
	if _, err := store.Exec(ctx, tx, `DELETE FROM application WHERE id = ? AND status = 'draft'`, id); err != nil {
		return fmt.Errorf("throw a draft away: %w", err)
	}
	self := audit.Actor{Kind: "person", ID: personID}
	return a.audit(ctx, tx, self, "application.discard", string(Draft), "", "")
}

// Submit sends a draft: it becomes a case with a number. It refuses with what must
// be corrected, and with ErrNotOpen outside of the days of the scheme. Whoever
// names a body claims it; an organiser sees that nobody has confirmed it.
func Submit(ctx context.Context, tx *store.Tx, personID, id string, testNumbers bool) (Application, error) {
	a, err := lock(ctx, tx, id)
	if err != nil {
		return a, err
	}
	if a.PersonID != personID {
		return a, problem.ErrMissing
	}
	s, err := lockScheme(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return a, err
	}
	h, err := homeOf(ctx, tx, a.AdvisoryProgrammeID)
	if err != nil {
		return a, err
	}
	if a.Status != Draft {
		return a, ErrNotNow
	}
	if h.Status != "open" || !s.Open(h.Day()) {
		return a, ErrNotOpen
	}
	ties, err := company.ConfirmedTies(ctx, tx, personID)
	if err != nil {
		return a, err
	}
	p, err := person.Find(ctx, tx, personID)
	if err != nil {
		return a, err
	}
	c, number, err := a.Typed.check(s, h.Country, p.Name() == "", ties, testNumbers)
	if err != nil {
		return a, err
	}
	if p.Name() == "" {
		first, last := strings.Join(strings.Fields(a.Typed.FirstName), " "), strings.Join(strings.Fields(a.Typed.LastName), " ")
		if err := person.Rename(ctx, tx, p.ID, first, last, p.Language); err != nil {
			return a, err
		}
	}
	if err := a.forBody(ctx, tx, ties, h.Country, number); err != nil {
		return a, err
	}
	if a.Number, err = nextNumber(ctx, tx, a.AdvisoryProgrammeID, h.Now.Year()); err != nil {
		return a, err
	}
	a.Content, a.Typed, a.SubmittedAt = c, Form{}, tx.Now
	return a, a.move(ctx, tx, Submitted, audit.Actor{Kind: "person", ID: personID}, "", message.Details{})
}

// forBody notes for which body it is.
func (a *Application) forBody(ctx context.Context, tx *store.Tx, ties []company.Tie, country, number string) error {
	for _, t := range ties {
		if a.Typed.Body != "" && t.ID == a.Typed.Body {
			a.CompanyID, a.BodyName = t.ID, t.Name
			return nil
		}
	}
	name := strings.Join(strings.Fields(a.Typed.BodyName), " ")
	body, err := company.Ensure(ctx, tx, country, number, name)
	if err != nil {
		return err
	}
	a.CompanyID, a.BodyName = body.ID, name
	return company.Claim(ctx, tx, a.PersonID, body.ID, false)
}

// nextNumber is that of the next case of a year. The pot is locked, so that two do
// not get the same.
func nextNumber(ctx context.Context, tx *store.Tx, advisoryProgrammeID string, year int) (string, error) {
	prefix := strconv.Itoa(year) + "-"
	numbers, err := store.All(ctx, tx, store.Value[string], `
		SELECT number FROM application WHERE advisory_programme_id = ? AND number LIKE ? ORDER BY length(number) DESC, number DESC LIMIT 1`, advisoryProgrammeID, prefix+"%")
	if err != nil || len(numbers) == 0 {
		return prefix + "1", err
	}
	n, err := strconv.Atoi(strings.TrimPrefix(numbers[0], prefix))
	if err != nil {
		return "", fmt.Errorf("number of a case: %w", err)
	}
	return prefix + strconv.Itoa(n+1), nil
}

// Confirmed reports whether it is known that the applicant acts for the body.
func (a Application) Confirmed(ctx context.Context, tx *store.Tx) (bool, error) {
	n, err := store.One(ctx, tx, store.Value[int], `
		SELECT count(*) FROM contact WHERE person_id = ? AND status = 'confirmed'
			AND company_id = (SELECT COALESCE(merged_into, id) FROM company WHERE id = ?)`, a.PersonID, a.CompanyID)
	return n > 0, err
}

// AskIn sends a link to the form to an address, also to one that nobody has yet:
// who wants to apply has to show that it is theirs.
func AskIn(ctx context.Context, tx *store.Tx, typed, advisoryProgrammeID, slug, language string) error {
	address, err := person.Address(typed)
	if err != nil {
		return problem.Fields{{Name: "email", Code: "email"}}.Err()
	}
	h, err := homeOf(ctx, tx, advisoryProgrammeID)
	if err != nil {
		return err
	}
	return person.AskLink(ctx, tx, person.Asking{
		Email: address, Next: "/advice/" + slug + "/apply", Newcomer: true, Language: language, ProgrammeID: h.ID,
	})
}
