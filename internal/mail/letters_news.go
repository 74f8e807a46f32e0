package mail

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"

	"stafett/internal/locale"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/person"
	"stafett/internal/problem"
	"stafett/internal/programme"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// endNews is the purpose of the link that ends the news.
const endNews registration.Purpose = "end_news"

// readNews reads who gets the news: whoever has the address and wants them now,
// by the name that is known of them.
func (f *facts) readNews(ctx context.Context, tx *store.Tx) (err error) {
	if f.programme, err = programme.Find(ctx, tx, f.ProgrammeID); err != nil {
		return gone(err)
	}
	if err := f.readLogo(ctx, tx); err != nil {
		return err
	}
	about, err := mailing.About(ctx, tx, f.mailing, "", f.Recipient)
	if err != nil {
		return err
	}
	f.chosen = about != ""
	if f.subscription, err = news.Find(ctx, tx, cmp.Or(about, f.Details.SubscriptionID)); err != nil {
		return gone(err)
	}
	p, err := person.FindByEmail(ctx, tx, f.Recipient)
	if err != nil && !errors.Is(err, problem.ErrMissing) {
		return err
	}
	f.registration = registration.Registration{FirstName: p.FirstName, LastName: p.LastName, Email: f.Recipient}
	return nil
}

// newsletter is what an organiser writes to those who asked for news.
func (w *writer) newsletter(c *Content) {
	w.aboutPerson(c)
	text, language := w.mailing.For(w.Language, w.programme.Language)
	w.inOwnWords(c, text.Subject, text.Body, language)
	since := w.subscription.ConfirmedAt.In(w.location())
	day := locale.DayMonth(w.language, since) + " " + strconv.Itoa(since.Year())
	why := w.t("mail.e28.why", "organiser", w.organiser(), "programme", w.programme.Name, "day", day)
	if w.organiser() == w.programme.Name {
		why = w.t("mail.e28.why_own", "organiser", w.organiser(), "day", day)
	}
	c.Footer, c.EndURL = []string{why}, w.end
}

// oneClick is the address by which a mail program ends the news for somebody;
// empty for every other letter, for a test, which has nothing to end, and where
// the program has no https address (RFC 8058 3.1).
func (w *writer) oneClick() string {
	if w.Letter != message.News || w.isTest() || !strings.HasPrefix(w.end, "https://") {
		return ""
	}
	return w.end
}
