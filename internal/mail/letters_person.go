package mail

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"time"

	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// openOwnPage is the purpose of the link in the letter that lets a person into
// their own page.
const openOwnPage registration.Purpose = "me"

// confirmNews is the purpose of the link that says yes to news.
const confirmNews registration.Purpose = "news"

// readPerson reads the facts of a letter about a person: whose address it goes
// to, and which programme signs it.
func (f *facts) readPerson(ctx context.Context, tx *store.Tx) (err error) {
	if f.person, err = person.FindByEmail(ctx, tx, f.Recipient); err != nil {
		return gone(err)
	}
	f.registration = registration.Registration{FirstName: f.person.FirstName, LastName: f.person.LastName, Email: f.person.Email}
	f.programme = programme.Programme{Name: "Stafett"}
	if f.Details.SubscriptionID != "" {
		if f.subscription, err = news.Find(ctx, tx, f.Details.SubscriptionID); err != nil {
			return gone(err)
		}
	}
	if f.ProgrammeID == "" {
		return nil
	}
	p, err := programme.Find(ctx, tx, f.ProgrammeID)
	if err == nil {
		f.programme = p
		err = f.readLogo(ctx, tx)
	}
	if errors.Is(err, problem.ErrMissing) {
		return nil
	}
	return err
}

// location is the clock that the letter goes by: the event's, else that of the
// programme.
func (f facts) location() *time.Location {
	if f.advising != nil {
		return f.advising.zone()
	}
	if !f.Letter.AboutPerson() && !f.Letter.AboutApplication() && !f.Letter.AboutAid() {
		return f.event.Location()
	}
	loc, err := time.LoadLocation(cmp.Or(f.programme.TimeZone, "Europe/Stockholm"))
	if err != nil {
		return time.UTC
	}
	return loc
}

// ownPage is the way to one's own page: the letter that was asked for opens it.
func (f facts) ownPage(l *links, baseURL string, token tokens) error {
	l.me = baseURL + "/me"
	switch f.Letter {
	case message.SignIn:
		secret, err := token(openOwnPage)
		l.me += "/link/" + secret
		if f.Details.Next != "" {
			l.me += "?next=" + url.QueryEscape(f.Details.Next)
		}
		return err
	case message.ConfirmNews:
		secret, err := token(confirmNews)
		l.news = baseURL + "/news/confirm/" + secret
		return err
	case message.News:
		secret, err := token(endNews)
		l.end = baseURL + "/u/" + secret
		return err
	}
	return nil
}

// signIn lets somebody into their own page, once.
func (w *writer) signIn(c *Content) {
	w.aboutPerson(c)
	c.Subject, c.Heading = w.t("mail.e23.subject"), w.t("mail.e23.heading")
	c.Preheader = w.t("mail.e23.preheader", "n", int(person.LinkLife/time.Minute))
	c.Lead = []string{w.t("mail.e23.text", "n", int(person.LinkLife/time.Minute))}
	c.Next = []string{w.t("mail.e23.not_you")}
	c.Actions = []Action{w.mainAction("me", w.me)}
	c.Footer = []string{w.t("mail.e23.why", "programme", w.programme.Name)}
}

// confirmNews asks whoever has the address whether the news is wanted. Who does
// nothing gets none.
func (w *writer) confirmNews(c *Content) {
	w.aboutPerson(c)
	c.Subject = w.t("mail.e29.subject", "organiser", w.organiser())
	c.Heading = w.t("mail.e29.heading")
	c.Lead = []string{w.t("mail.e29.text", "organiser", w.organiser(), "programme", w.programme.Name)}
	c.Next = []string{w.t("mail.e29.not_you")}
	c.Actions = []Action{w.mainAction("confirm_news", w.news)}
	c.Footer = []string{w.t("mail.e29.why", "programme", w.programme.Name)}
}

// erasure tells what became of asking to have one's data erased.
func (w *writer) erasure(c *Content) {
	w.aboutPerson(c)
	variant := "mail.e17." + w.Details.Outcome
	c.Subject, c.Heading = w.t(variant+".subject"), w.t(variant+".heading")
	c.Lead = []string{w.t(variant + ".text")}
	if w.Details.Outcome == "part" {
		by := parseTime(w.Details.AnswerBy).In(w.location())
		c.Lead = append(c.Lead, w.t("mail.e17.part.by", "day", locale.Date(w.language, by)))
		c.Actions = []Action{w.action("own_data", w.me)}
	}
	if w.Details.Outcome == "refused" {
		c.Quote = w.quote(w.Details.Reason)
		c.Next = []string{w.t("mail.e17.complain."+w.authority(), "organiser", cmp.Or(w.programme.OrganiserName, w.programme.Name))}
		c.Actions = []Action{w.action("own_data", w.me)}
	}
	if w.Details.Outcome == "granted" {
		c.Quote = w.quote(w.Details.Reason)
	}
	c.Footer = []string{w.t("mail.e17.why", "programme", w.programme.Name)}
}

// authority says to whom people can turn who think a decision is wrong: to the
// country's authority for data protection, and of a Swedish authority's decision
// to the court as well, which the decision has to say.
func (w *writer) authority() string {
	country := cmp.Or(w.programme.Country, "SE")
	if country == "SE" && w.programme.Authority {
		return "SE_authority"
	}
	return country
}

// aboutPerson takes out of the frame what belongs to an event.
func (w *writer) aboutPerson(c *Content) { c.Title, c.TitleLanguage = "", "" }
