package mail

import (
	"context"
	"errors"
	"strings"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/application"
	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// caseFacts are what a letter about an application tells of.
type caseFacts struct {
	application.Application
	scheme   application.Scheme
	decision application.Decision // none: nothing is decided
	question application.Question // that was asked, or answered
	money    application.Money
	payout   application.Payout // that was answered
	hours    advisory.Account
	slug     string // of the programme of advice
}

// readApplication reads the facts of a letter about an application.
func (f *facts) readApplication(ctx context.Context, tx *store.Tx) (err error) {
	c := &f.application
	if c.Application, err = application.Find(ctx, tx, f.Details.ApplicationID); err != nil {
		return gone(err)
	}
	p, err := person.FindByEmail(ctx, tx, f.Recipient) // the applicant, or a colleague in their place
	if err != nil {
		return gone(err)
	}
	f.person, f.registration = p, registration.Registration{FirstName: p.FirstName, LastName: p.LastName, Email: p.Email}
	if f.programme, err = programme.Find(ctx, tx, f.ProgrammeID); err != nil {
		return gone(err)
	}
	if c.scheme, err = application.SchemeOf(ctx, tx, c.AdvisoryProgrammeID); err != nil {
		return gone(err)
	}
	if c.slug, err = store.One(ctx, tx, store.Value[string], `SELECT slug FROM advisory_programme WHERE id = ?`, c.AdvisoryProgrammeID); err != nil {
		return err
	}
	if c.decision, err = application.DecisionOf(ctx, tx, c.ID); err != nil && !errors.Is(err, problem.ErrMissing) {
		return err
	}
	if f.Details.AskID != "" {
		if c.question, err = application.QuestionByID(ctx, tx, f.Details.AskID); err != nil {
			return gone(err)
		}
	}
	if f.Letter == message.PayoutAnswered {
		all, err := application.Payouts(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		for _, p := range all {
			if p.ID == f.Details.About {
				c.payout = p
			}
		}
	}
	if c.money, err = application.MoneyOf(ctx, tx, c.ID); err != nil {
		return err
	}
	if c.hours, _, err = application.HoursOf(ctx, tx, c.Application); err != nil {
		return err
	}
	return f.readLogo(ctx, tx)
}

// links are the ways that a letter about a case shows: to the case, and to the form
// of a draft. They open nothing by themselves.
func (c caseFacts) links(l *links, baseURL string) {
	l.own, l.advice = baseURL+"/me", baseURL+"/advice/"+c.slug
	l.project = baseURL + "/me/applications/" + c.ID
	if c.Status == application.Draft {
		l.project = l.advice + "/apply"
	}
}

// pointlessApplication lets decisions and receipts through whatever came after, and
// ends a question or a reminder once there is nothing to do any more.
func (f facts) pointlessApplication() string {
	status := f.application.Status
	switch {
	case f.Letter == message.ApplicationNeedsMore || f.Letter == message.ApplicationReminder && f.Details.About == application.AboutAnswer:
		return unless((status == application.NeedsInfo || status == application.Running) && f.application.question.Open(), message.ReasonTold)
	case f.Letter == message.ApplicationReminder && f.Details.About == application.AboutDraft:
		return unless(status == application.Draft, message.ReasonTold)
	case f.Letter == message.ApplicationReminder:
		return unless(status == application.Running, message.ReasonTold)
	}
	return ""
}

// ofCase is what every letter about a case says of it.
func (w *writer) ofCase(c *Content) {
	w.aboutPerson(c)
	a := w.application
	c.Title = a.Title
	if a.Number != "" {
		c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.case"), Value: a.Number})
	}
	if a.BodyName != "" {
		c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.body"), Value: a.BodyName})
	}
	c.OwnPageURL = "" // the letter leads there
	c.Footer = []string{w.t("mail.p.why", "programme", w.programme.Name)}
}

func (w *writer) sum(minor int64) string {
	return locale.Money(w.language, minor, w.application.scheme.Currency)
}

// caseName is the case within a sentence or a subject.
func (w *writer) caseName() string {
	if w.application.Number == "" {
		return w.application.Title
	}
	return w.t("mail.p.name", "number", w.application.Number, "title", w.application.Title)
}

// day prints a day as it is stored.
func (w *writer) day(stored string) string {
	at, err := time.ParseInLocation(time.DateOnly, stored, w.location())
	if err != nil {
		return stored
	}
	return locale.Date(w.language, at)
}

func (w *writer) openCase(key string) Action { return w.mainAction(key, w.project) }

func (w *writer) applicationReceived(c *Content) {
	w.ofCase(c)
	variant := "mail.p1."
	switch {
	case w.application.FinalReport+w.application.FinalReportURL != "" && w.Details.FromState == string(application.Running):
		variant += "report."
	case w.Details.FromState == string(application.NeedsInfo):
		variant += "answer."
	}
	c.Subject = w.t(variant+"subject", "case", w.caseName())
	c.Heading = w.t(variant + "heading")
	c.Lead = []string{w.t(variant + "text")}
	if variant == "mail.p1." {
		if w.application.AskedMinor != nil {
			c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.asked"), Value: w.sum(*w.application.AskedMinor)})
		}
		c.Next = []string{w.t("mail.p1.next")}
	}
	c.Actions = []Action{w.openCase("case")}
}

func (w *writer) applicationNeedsMore(c *Content) {
	w.ofCase(c)
	c.Subject = w.t("mail.p2.subject", "case", w.caseName())
	c.Heading = w.t("mail.p2.heading")
	c.Lead = []string{w.t("mail.p2.text", "day", w.day(w.application.question.AnswerBy))}
	c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.answer_by"), Value: w.day(w.application.question.AnswerBy)})
	c.Quote = w.quote(w.application.question.Question)
	c.Actions = []Action{w.openCase("case_answer")}
}

func (w *writer) applicationGranted(c *Content) {
	w.ofCase(c)
	d := w.application.decision
	c.Subject = w.t("mail.p3.subject", "case", w.caseName())
	c.Heading = w.t("mail.p3.heading")
	c.Lead = []string{w.t("mail.p3.text", "organiser", w.organiser())}
	if d.Minor > 0 {
		c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.granted"), Value: w.sum(d.Minor)})
	}
	if d.Minutes > 0 {
		c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.hours"), Value: locale.Duration(w.language, d.Minutes)})
		c.Next = append(c.Next, w.t("mail.p3.hours"))
	}
	if w.application.ReportBy != "" {
		c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.report_by"), Value: w.day(w.application.ReportBy)})
	}
	if most := w.application.scheme.PartMinor(d.Minor); d.Minor > 0 && most < d.Minor {
		c.Next = append(c.Next, w.t("mail.p3.part", "most", w.sum(most)))
	}
	c.Quote = w.quote(d.Reason)
	w.howToComplain(c)
	c.Actions = []Action{w.openCase("case")}
	if d.Minutes > 0 {
		c.Actions = append(c.Actions, w.action("book_hours", w.advice))
	}
	c.Actions = append(c.Actions, w.action("decision", w.project+"/decision"))
}

// howToComplain gives what the organiser's decisions say of it.
func (w *writer) howToComplain(c *Content) {
	if words := strings.TrimSpace(w.application.decision.Appeal); words != "" {
		c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.appeal"), Value: words, Language: w.foreign(w.programme.Language)})
	}
}

func (w *writer) applicationRejected(c *Content) {
	w.ofCase(c)
	c.Subject = w.t("mail.p4.subject", "case", w.caseName())
	c.Heading = w.t("mail.p4.heading")
	c.Lead = []string{w.t("mail.p4.text", "organiser", w.organiser())}
	c.Quote = w.quote(w.application.decision.Reason)
	w.howToComplain(c)
	c.Actions = []Action{w.openCase("case"), w.action("decision", w.project+"/decision")}
}

func (w *writer) applicationReminder(c *Content) {
	w.ofCase(c)
	variant, key := "mail.p5."+w.Details.About+".", map[string]string{application.AboutAnswer: "case_answer", application.AboutDraft: "case_draft", application.AboutReport: "case_report"}[w.Details.About]
	last := locale.Date(w.language, parseTime(w.Details.AnswerBy).Add(-time.Second).In(w.location()))
	c.Subject = w.t(variant+"subject", "case", w.caseName())
	c.Heading = w.t(variant + "heading")
	c.Lead = []string{w.t(variant+"text", "day", last)}
	c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.last_day"), Value: last})
	c.Quote = w.quote(w.application.question.Question)
	c.Actions = []Action{w.openCase(key)}
}

func (w *writer) applicationEnded(c *Content) {
	w.ofCase(c)
	if w.application.Status == application.Withdrawn {
		c.Subject = w.t("mail.p6.withdrawn.subject", "case", w.caseName())
		c.Heading = w.t("mail.p6.withdrawn.heading")
		c.Lead = []string{w.t("mail.p6.withdrawn.text")}
		c.Actions = []Action{w.openCase("case")}
		return
	}
	c.Subject = w.t("mail.p6.subject", "case", w.caseName())
	c.Heading = w.t("mail.p6.heading")
	c.Lead = []string{w.t("mail.p6.text")}
	m := w.application.money
	for _, x := range []struct {
		key   string
		minor int64
	}{{"mail.fact.granted", m.GrantedMinor}, {"mail.fact.paid", m.PaidMinor}, {"mail.fact.returned", m.ReturnedMinor}} {
		if m.GrantedMinor > 0 {
			c.Facts = append(c.Facts, Fact{Label: w.t(x.key), Value: w.sum(x.minor)})
		}
	}
	c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.hours_used"), Value: locale.Duration(w.language, w.application.hours.Used)})
	c.Quote = w.quote(w.application.EndReason)
	c.Actions = []Action{w.openCase("case")}
}

// payoutAnswered tells that money is on its way, or why it is not.
func (w *writer) payoutAnswered(c *Content) {
	w.ofCase(c)
	p, m := w.application.payout, w.application.money
	variant := "mail.p7."
	if p.Status == "refused" {
		variant += "refused."
	}
	sum := w.sum(p.Minor)
	c.Subject = w.t(variant+"subject", "sum", sum, "case", w.caseName())
	c.Heading = w.t(variant+"heading", "sum", sum)
	c.Lead = []string{w.t(variant+"text", "organiser", w.organiser(), "sum", sum)}
	if p.Purpose != "" {
		c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.purpose"), Value: p.Purpose})
	}
	c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.granted"), Value: w.sum(m.GrantedMinor)}, Fact{Label: w.t("mail.fact.paid"), Value: w.sum(m.PaidMinor)})
	c.Quote = w.quote(p.Reason)
	c.Actions = []Action{w.openCase("case")}
}

func payout(status string) func(*standIn) {
	return func(s *standIn) {
		s.application.payout = application.Payout{Minor: 90_000_00, Status: status}
		if status == "paid" {
			s.application.payout.Purpose = s.word("letters.sample.purpose")
		}
		if status == "refused" {
			s.application.payout.Reason = s.word("letters.sample.no_payout")
		}
	}
}

// aCase stands an invented case in, in a state.
func aCase(status application.Status, changes ...func(*standIn)) func(*standIn) {
	return func(s *standIn) {
		s.event = event.Event{}
		asked, minutes, s0 := int64(400_000_00), 2400, application.StandardScheme("preview", s.programme.Currency())
		s0.PotMinor, s0.MostMinor = 1_800_000_00, 450_000_00
		s.application = caseFacts{
			Application: application.Application{
				ID: "preview", Number: s.now.Format("2006") + "-1", Status: status, BodyName: s.word("letters.sample.body"), ReportBy: s.now.AddDate(1, 0, 0).Format(time.DateOnly),
				Content: application.Content{Title: s.word("letters.sample.project"), AskedMinor: &asked}, GrantedMinor: &asked, GrantedMinutes: &minutes,
			},
			scheme: s0, slug: "preview", hours: advisory.Account{CapMinutes: &minutes, Balance: advisory.Balance{Used: 1320}},
			money: application.Money{GrantedMinor: asked, PaidMinor: 360_000_00, ReturnedMinor: 40_000_00},
		}
		for _, change := range changes {
			change(s)
		}
	}
}

func askedFor(s *standIn) {
	s.application.question = application.Question{Question: s.word("letters.sample.question"), AnswerBy: s.now.AddDate(0, 0, application.AnswerDays).Format(time.DateOnly)}
}

func decided(outcome application.Status) func(*standIn) {
	return func(s *standIn) {
		d := application.Decision{Outcome: outcome, Appeal: s.word("letters.sample.appeal")}
		if outcome == application.Granted {
			d.Minor, d.Minutes = *s.application.AskedMinor, *s.application.GrantedMinutes
		} else {
			d.Reason = s.word("letters.sample.no_project")
		}
		s.application.decision = d
	}
}

func from(state application.Status) func(*standIn) {
	return func(s *standIn) { s.Details.FromState = string(state) }
}

func reported(s *standIn) { s.application.FinalReport = s.word("letters.sample.project") }

func remindsOf(about string) func(*standIn) {
	return func(s *standIn) {
		s.Details.About, s.Details.AnswerBy = about, s.now.AddDate(0, 0, 3).Format(time.RFC3339)
		if about == application.AboutDraft {
			s.application.Number = ""
		}
	}
}
