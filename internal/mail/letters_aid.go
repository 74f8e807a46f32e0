package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"stafett/internal/aid"
	"stafett/internal/company"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// aidFacts are what letters about state aid tell of.
type aidFacts struct {
	aid.Case
	recipient aid.Recipient
	name      string    // of the advisory programme
	cents     int64     // of what is planned; 0: no rate is known
	sum       aid.Sum   // of three years
	award     aid.Award // the newest
	refusal   string    // why it was not granted
	due       time.Time // the last day for the register
	left      int       // working days until then
	register  bool      // the register has to be told
}

// readAid reads a case of aid, its programme, and who gets the letter.
func (f *facts) readAid(ctx context.Context, tx *store.Tx) (err error) {
	if f.aid.Case, err = aid.Find(ctx, tx, f.AidCaseID); err != nil {
		return gone(err)
	}
	if f.programme, err = programme.Find(ctx, tx, f.aid.ProgrammeID); err != nil {
		return gone(err)
	}
	if f.Letter != message.RegisterDeadline {
		p, err := person.FindByEmail(ctx, tx, f.Recipient)
		if err != nil && !errors.Is(err, problem.ErrMissing) {
			return err
		}
		f.registration = registration.Registration{FirstName: p.FirstName, LastName: p.LastName, Email: f.Recipient}
	}
	if err := f.readLogo(ctx, tx); err != nil {
		return err
	}
	return f.aid.read(ctx, tx, f.Language)
}

func (a *aidFacts) read(ctx context.Context, tx *store.Tx, language string) (err error) {
	if a.recipient, err = a.Case.Recipient(ctx, tx); err != nil {
		return err
	}
	if a.name, err = a.Name(ctx, tx, language); err != nil {
		return err
	}
	today := tx.Now.In(a.Zone())
	if a.sum, err = a.Running(ctx, tx, today); err != nil {
		return err
	}
	rate, known, err := aid.LastRate(ctx, tx, a.Currency)
	if err != nil {
		return err
	}
	if known {
		a.cents = aid.EuroCents(a.PlannedMinor(), rate.Value)
	}
	if a.refusal, err = a.Refusal(ctx, tx); err != nil {
		return err
	}
	all, err := a.Awards(ctx, tx)
	if err != nil {
		return err
	}
	if len(all) > 0 {
		a.award = all[len(all)-1]
	}
	open, err := a.ToRegister(ctx, tx)
	if len(open) > 0 {
		a.due, a.register = open[0].On, true
		a.left = aid.DaysLeft(a.Country(), today, a.due)
	}
	return err
}

// pointlessAid is told of a letter about aid once the case has gone on.
func (f facts) pointlessAid() string {
	switch f.Letter {
	case message.AskDeclaration:
		return unless(f.aid.Status == aid.Asked, message.ReasonTold)
	case message.AidRefused:
		return unless(f.aid.Status == aid.Refused, message.ReasonTold)
	case message.RegisterDeadline:
		return unless(f.aid.register, message.ReasonTold)
	}
	return unless(f.aid.award.ID != "", message.ReasonGone)
}

// aidLinks are the ways to a case.
func (f facts) aidLinks(baseURL string) links {
	l := links{about: baseURL + "/about/privacy", page: baseURL + "/me/aid/" + f.aid.ID, own: baseURL + "/me"}
	if f.Letter == message.RegisterDeadline {
		l.own, l.admin = "", baseURL+"/admin/advice/aid/"+f.aid.ID
	}
	return l
}

// money is an amount of the case, and in euro where that is known.
func (w *writer) aidMoney(minor, cents int64) string {
	national := locale.Money(w.language, minor, w.aid.Currency)
	if cents == 0 {
		return national
	}
	return w.t("mail.aid.both", "national", national, "euro", locale.Money(w.language, cents, "EUR"))
}

func (w *writer) regulation() string { return w.t("mail.aid.regulation", "number", aid.Regulation) }

// askDeclaration tells, before anything is granted, how much aid the advice would be,
// of what kind and by which rules, and asks what other aid there is.
func (w *writer) askDeclaration(c *Content) {
	w.aboutPerson(c)
	c.Subject = w.t("mail.a1.subject")
	c.Heading = w.t("mail.a1.heading")
	c.Lead = []string{w.t("mail.a1.text", "recipient", w.aid.recipient.Name), w.t("mail.a1.why_asked", "organiser", w.organiser())}
	c.Facts = []Fact{
		{Label: w.t("mail.aid.advice"), Value: w.aid.name},
		{Label: w.t("mail.aid.at_most"), Value: locale.Duration(w.language, w.aid.Minutes)},
		{Label: w.t("mail.aid.value"), Value: w.aidMoney(w.aid.PlannedMinor(), w.aid.cents)},
		{Label: w.t("mail.aid.kind"), Value: w.t("mail.aid.de_minimis")},
		{Label: w.t("mail.aid.rules"), Value: w.regulation()},
	}
	c.Next = []string{w.t("mail.a1.next"), w.t("mail.a1.ceiling", "ceiling", locale.Money(w.language, aid.Ceiling, "EUR"))}
	c.Actions = []Action{w.mainAction("declare", w.page)}
	c.Footer = []string{w.t("mail.aid.why", "programme", w.programme.Name, "recipient", w.aid.recipient.Name)}
}

// aidGranted tells how much was granted, as the regulation wants it told.
func (w *writer) aidGranted(c *Content) {
	w.aboutPerson(c)
	minutes, minor, _ := w.aid.award.InForce()
	c.Subject = w.t("mail.a2.subject", "hours", locale.Duration(w.language, minutes))
	c.Heading = w.t("mail.a2.heading", "hours", locale.Duration(w.language, minutes))
	c.Lead = []string{w.t("mail.a2.text", "recipient", w.aid.recipient.Name, "value", locale.Money(w.language, minor, w.aid.Currency))}
	if minutes < w.aid.Minutes {
		c.Lead = append(c.Lead, w.t("mail.a2.fewer", "hours", locale.Duration(w.language, w.aid.Minutes)))
	}
	c.Facts = w.aidNotice()
	c.Next = []string{w.t("mail.a2.keep")}
	if w.aid.register {
		c.Next = append(c.Next, w.t("mail.a2.register"))
	}
	c.Next = append(c.Next, w.t("mail.a2.attached"))
	c.Actions = []Action{w.mainAction("aid", w.page)}
	c.Footer = []string{w.t("mail.aid.why", "programme", w.programme.Name, "recipient", w.aid.recipient.Name)}
}

// aidRefused tells that there is no aid, and so no advice, and why.
func (w *writer) aidRefused(c *Content) {
	w.aboutPerson(c)
	c.Subject = w.t("mail.a3.subject", "advice", w.aid.name)
	c.Heading = w.t("mail.a3.heading")
	c.Lead = []string{w.t("mail.a3.text", "organiser", w.organiser(), "recipient", w.aid.recipient.Name)}
	c.Quote = w.quote(w.aid.refusal)
	c.Facts = []Fact{
		{Label: w.t("mail.aid.advice"), Value: w.aid.name},
		{Label: w.t("mail.aid.kind"), Value: w.t("mail.aid.de_minimis")},
		{Label: w.t("mail.aid.rules"), Value: w.regulation()},
	}
	c.Next = []string{w.t("mail.a3.next")}
	c.Actions = []Action{w.mainAction("aid", w.page)}
	c.Footer = []string{w.t("mail.aid.why", "programme", w.programme.Name, "recipient", w.aid.recipient.Name)}
}

// aidNotice is everything that has to be told of a grant, for the letter and for the
// paper that goes with it.
func (w *writer) aidNotice() []Fact {
	minutes, minor, cents := w.aid.award.InForce()
	a := w.aid.award
	facts := []Fact{
		{Label: w.t("mail.aid.recipient"), Value: w.aidRecipient()},
		{Label: w.t("mail.aid.advice"), Value: w.aid.name},
		{Label: w.t("mail.aid.hours"), Value: locale.Duration(w.language, minutes)},
		{Label: w.t("mail.aid.value"), Value: w.aidMoney(minor, cents)},
		{Label: w.t("mail.aid.rate"), Value: w.t("mail.aid.rate_value", "rate", rateText(w.language, a.Rate.Value), "currency", a.Currency, "source", a.Rate.Source, "day", locale.ShortDate(w.language, a.Rate.On))},
		{Label: w.t("mail.aid.kind"), Value: w.t("mail.aid.de_minimis")},
		{Label: w.t("mail.aid.rules"), Value: w.regulation()},
		{Label: w.t("mail.aid.giver"), Value: w.aidGiver()},
		{Label: w.t("mail.aid.granted_on"), Value: locale.Date(w.language, a.On)},
		{Label: w.t("mail.aid.decision"), Value: a.Number},
	}
	return append(facts, Fact{Label: w.t("mail.aid.sum"), Value: w.t("mail.aid.sum_value",
		"sum", locale.Money(w.language, w.aid.sum.Total(), "EUR"), "ceiling", locale.Money(w.language, aid.Ceiling, "EUR"), "day", locale.ShortDate(w.language, w.aid.sum.Since))})
}

// aidRecipient is who gets the aid, with a number that stands for nobody.
func (w *writer) aidRecipient() string {
	if r := w.aid.recipient; !r.SoleTrader && r.Number != "" {
		return r.Name + ", " + r.Number
	}
	return w.aid.recipient.Name
}

func (w *writer) aidGiver() string {
	if n := w.programme.OrgNumber; n != "" {
		return w.organiser() + ", " + company.Format(w.programme.Country, n)
	}
	return w.organiser()
}

// rateText writes a rate with its decimals, without noughts after the fourth.
func rateText(lang locale.Language, rate int64) string {
	text := strings.TrimSuffix(fmt.Sprintf("%d.%05d", rate/100_000, rate%100_000), "0")
	if lang == locale.EN {
		return text
	}
	return strings.Replace(text, ".", ",", 1)
}

// registerDeadline reminds the organisers of what has to be registered.
func (w *writer) registerDeadline(c *Content) {
	w.aboutPerson(c)
	day := locale.DayMonth(w.language, w.aid.due)
	c.Subject = w.t("mail.o4.subject", "day", day)
	c.Heading = w.t("mail.o4.heading", "n", w.aid.left)
	_, minor, cents := w.aid.award.InForce()
	c.Lead = []string{w.t("mail.o4.text", "recipient", w.aid.recipient.Name, "day", locale.Date(w.language, w.aid.due))}
	c.Facts = []Fact{
		{Label: w.t("mail.aid.advice"), Value: w.aid.name},
		{Label: w.t("mail.aid.value"), Value: w.aidMoney(minor, cents)},
		{Label: w.t("mail.aid.granted_on"), Value: locale.Date(w.language, w.aid.award.On)},
		{Label: w.t("mail.aid.decision"), Value: w.aid.award.Number},
	}
	c.Next = []string{w.t("mail.o4.next")}
	c.Actions = []Action{w.mainAction("aid_admin", w.admin)}
	c.Footer, c.Contact = []string{w.t("mail.o4.why", "programme", w.programme.Name)}, nil
}

// noticePDF is the paper that goes with the letter about a grant, dated as that is so
// that it is the same on every attempt.
func (w *writer) noticePDF() ([]byte, error) {
	if w.Letter != message.AidGranted {
		return nil, nil
	}
	p := aid.Paper{
		Language: string(w.language), Brand: w.organiser(), Heading: w.t("mail.a2.paper"), Lead: w.t("mail.a2.paper_text", "recipient", w.aid.recipient.Name),
		Closing: w.t("mail.a2.keep"),
	}
	for _, f := range w.aidNotice() {
		p.Facts = append(p.Facts, aid.PaperFact{Label: f.Label, Value: f.Value})
	}
	return p.PDF(w.aid.award.On)
}
