package mailing

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/store"
)

// check reports what is wrong with what has been written; what is missing may be
// written later.
func (c Content) check(f *problem.Fields, news bool) {
	for language, t := range c.Texts {
		if _, ok := locale.Parse(language); !ok {
			f.Add("subject_"+language, "choice")
			continue
		}
		if news { // which is about nobody's registration
			t.check(f, language, "news_placeholder", []string{FirstName}, []string{FirstName})
			continue
		}
		t.Check(f, language)
	}
}

// Check reports what a letter in an organiser's own words cannot have, a reminder
// as well as a mailing. What is missing may be written later.
func (t Text) Check(f *problem.Fields, language string) {
	t.check(f, language, "mailing_placeholder", []string{FirstName, EventName, Date}, Placeholders())
}

// check knows which placeholders the subject and the body may have, and the word
// for one that they may not.
func (t Text) check(f *problem.Fields, language, stray string, inSubject, inBody []string) {
	subject, body := "subject_"+language, "body_"+language
	switch found := unknown(t.Subject, inSubject...); {
	case utf8.RuneCountInString(t.Subject) > MaxSubject:
		f.Add(subject, "too_long", "most", MaxSubject)
	case has(inBody, found): // which stands in the body alone
		f.Add(subject, "mailing_subject_link")
	case found != "":
		f.Add(subject, stray, "found", found)
	case strings.ContainsRune(t.Subject, '\n') || locale.Deceptive(t.Subject, false):
		f.Add(subject, "characters")
	}
	switch found := unknown(t.Body, inBody...); {
	case utf8.RuneCountInString(t.Body) > MaxBody:
		f.Add(body, "too_long", "most", MaxBody)
	case found != "":
		f.Add(body, stray, "found", found)
	case locale.Deceptive(t.Body, true):
		f.Add(body, "characters")
	case unfit(t.Body) != "":
		f.Add(body, unfit(t.Body))
	case tooBig(t.Body):
		f.Add(body, "mailing_too_big")
	}
}

// tooBig tries the longest values that a letter shows.
func tooBig(body string) bool {
	long, address := strings.Repeat("x", 60), "https://"+strings.Repeat("x", 120)
	p, err := Print(body, Values{FirstName: long, Event: strings.Repeat("x", 200), Date: long, Link: address, LinkLabel: long, Join: address, JoinLabel: long},
		Colours{Link: "#000000", Line: "#000000"})
	return err != nil || len(p.HTML) > maxHTML
}

// Whole reports what must be written before the mailing can be looked at and
// sent: the programme's language, and both parts of every language begun.
func (m Mailing) Whole(p programme.Programme) error {
	var f problem.Fields
	languages := append([]string{p.Language}, m.Languages()...)
	for _, l := range languages {
		if strings.TrimSpace(m.Texts[l].Subject) == "" {
			f.Add("subject_"+l, "required")
		}
		if strings.TrimSpace(m.Texts[l].Body) == "" {
			f.Add("body_"+l, "required")
		}
	}
	if m.Selection.News {
		return f.Err()
	}
	if len(m.Selection.Statuses) == 0 {
		f.Add("status", "tick")
	}
	if len(m.Selection.EventIDs) == 0 && m.Selection.SeriesID == "" {
		f.Add("event", "tick")
	}
	return f.Err()
}

// check reports what cannot be chosen: events of another programme, drafts, and
// answers where there are several events, each with questions of its own.
func (s Selection) check(ctx context.Context, tx *store.Tx, programmeID string, f *problem.Fields) error {
	if len(s.EventIDs) > maxEvents {
		f.Add("event", "too_many", "most", maxEvents)
	}
	for _, id := range s.EventIDs {
		ev, err := event.Find(ctx, tx, id)
		if _, known := problem.As(err); err != nil && !known {
			return err
		}
		if err != nil || ev.ProgrammeID != programmeID || ev.Status == event.Draft {
			f.Add("event", "choice")
		}
	}
	if s.SeriesID != "" {
		series, err := event.FindSeries(ctx, tx, s.SeriesID)
		if _, known := problem.As(err); err != nil && !known {
			return err
		}
		if err != nil || series.ProgrammeID != programmeID {
			f.Add("series", "choice")
		}
	}
	for _, st := range s.Statuses {
		if !has(States(), st) {
			f.Add("status", "choice")
		}
	}
	for _, m := range s.Modes {
		if m != event.Room && m != event.Online {
			f.Add("mode", "choice")
		}
	}
	for _, a := range s.Audiences {
		if !has(event.Audiences(), a) {
			f.Add("audience", "choice")
		}
	}
	if err := s.checkPeople(ctx, tx, programmeID, f); err != nil {
		return err
	}
	return s.checkAnswers(ctx, tx, f)
}

// checkPeople lets only those companies and municipalities be chosen that people
// of the programme's events come from.
func (s Selection) checkPeople(ctx context.Context, tx *store.Tx, programmeID string, f *problem.Fields) error {
	if len(s.CompanyIDs)+len(s.Municipalities) == 0 {
		return nil
	}
	if len(s.CompanyIDs) > maxChosen || len(s.Municipalities) > maxChosen {
		f.Add("company", "too_many", "most", maxChosen)
		return nil
	}
	known, err := store.All(ctx, tx, store.Value[string], `
		SELECT c.id FROM company c WHERE c.id IN (`+marks(len(s.CompanyIDs))+`) AND EXISTS (SELECT 1 FROM registration r JOIN event e ON e.id = r.event_id
			WHERE r.company_id = COALESCE(c.merged_into, c.id) AND e.programme_id = ?)`, append(anyOf(s.CompanyIDs), programmeID)...)
	if err != nil {
		return err
	}
	for _, id := range s.CompanyIDs {
		if !has(known, id) {
			f.Add("company", "choice")
		}
	}
	return nil
}

func (s Selection) checkAnswers(ctx context.Context, tx *store.Tx, f *problem.Fields) error {
	if len(s.Answers) == 0 {
		return nil
	}
	if len(s.EventIDs) != 1 || s.SeriesID != "" {
		f.Add("answers", "mailing_answers")
		return nil
	}
	ev, err := event.Find(ctx, tx, s.EventIDs[0])
	if _, known := problem.As(err); err != nil {
		if known {
			return nil // told of already
		}
		return err
	}
	for id, values := range s.Answers {
		i := slices.IndexFunc(ev.Questions, func(q event.Question) bool { return q.ID == id })
		if i < 0 {
			f.Add("answers", "choice")
			continue
		}
		for _, v := range values {
			if !has(AnswersTo(ev.Questions[i]), v) {
				f.Add("answers", "choice")
			}
		}
	}
	return nil
}

// AnswersTo lists the answers to a question by which people can be chosen; none
// for one that is answered in words of one's own.
func AnswersTo(q event.Question) []string {
	switch q.Kind {
	case event.ChoiceQuestion, event.ChoicesQuestion:
		return q.Options
	case event.YesNoQuestion:
		return []string{"yes", "no"}
	}
	return nil
}
