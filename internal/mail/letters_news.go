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
func (f *facts) readNews(ctx context.Context, tx *store.Tx) error {
	if err := f.readProgramme(ctx, tx); err != nil {
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
	f.readBy(p.FirstName, p.LastName)
	return nil
}

// readBy gives the reader a name, who has no registration here.
func (f *facts) readBy(first, last string) {
	f.registration = registration.Registration{FirstName: first, LastName: last, Email: f.Recipient}
}

func (f *facts) readProgramme(ctx context.Context, tx *store.Tx) (err error) {
	f.programme, err = programme.Find(ctx, tx, f.ProgrammeID)
	return gone(err)
}

// asReader makes of the facts of a preview those of news to somebody invented.
func (f *facts) asReader() {
	f.readBy(f.registration.FirstName, f.registration.LastName)
	f.subscription = news.Subscription{ConfirmedAt: f.now}
}

// newsletter is what an organiser writes to those who asked for news.
func (w *writer) newsletter(c *Content) {
	w.aboutPerson(c)
	text, language := w.mailing.For(w.Language, w.programme.Language)
	w.inOwnWords(c, text.Subject, text.Body, language)
	if w.Details.Test { // to somebody who may not have asked for any
		c.Subject, w.subscription.ConfirmedAt = testMark+c.Subject, w.now
	}
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
	if w.Letter != message.News || w.Details.Test || !strings.HasPrefix(w.end, "https://") {
		return ""
	}
	return w.end
}
