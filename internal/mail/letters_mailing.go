package mail

import (
	"context"
	"strings"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/mailing"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// readMailing reads an organiser's own words and the registration that they are
// about: that of the message, or another of the same person when that one is no
// longer among those whom the mailing is for.
func (f *facts) readMailing(ctx context.Context, tx *store.Tx) (err error) {
	if f.mailing, err = mailing.Find(ctx, tx, f.MailingID); err != nil {
		return gone(err)
	}
	if f.Letter == message.News {
		return f.readNews(ctx, tx)
	}
	about := f.RegistrationID
	if found, err := mailing.About(ctx, tx, f.mailing, about, f.Recipient); err != nil {
		return err
	} else if found != "" {
		about, f.chosen = found, true
	}
	if f.registration, err = registration.Find(ctx, tx, about); err != nil {
		return gone(err)
	}
	return f.readEvent(ctx, tx, f.registration.EventID)
}

// sampleMailing is the mailing of a preview: its own, or where there is none yet
// one that shows what each placeholder becomes.
func sampleMailing(ctx context.Context, tx *store.Tx, f facts) (mailing.Mailing, error) {
	if f.MailingID != "" {
		return mailing.Find(ctx, tx, f.MailingID)
	}
	if f.Letter == message.News {
		return mailing.Mailing{Content: mailing.Content{Texts: map[string]mailing.Text{f.Language: {Subject: mailing.FirstName, Body: mailing.FirstName}}}}, nil
	}
	body := strings.Join(mailing.Placeholders(), "\n\n")
	return mailing.Mailing{Content: mailing.Content{Facts: true, Texts: map[string]mailing.Text{f.Language: {Subject: mailing.EventName, Body: body}}}}, nil
}

// pointlessMailing ends a letter whose mailing was stopped, and one to somebody
// who is no longer among those whom it is for.
func (f facts) pointlessMailing() string {
	switch {
	case f.mailing.Status == mailing.Stopped:
		return message.ReasonMailingStopped
	case f.Letter == message.News:
		return unless(f.chosen, message.ReasonUnsubscribed)
	}
	return unless(f.chosen, message.ReasonNotChosen)
}

// writes reports whether the text for the reader has a placeholder.
func (f facts) writes(placeholder string) bool {
	return f.mailing.Uses(f.Language, f.programme.Language, placeholder)
}

// inOwnWords prints what an organiser has written, in the frame of every letter.
func (w *writer) inOwnWords(c *Content, subject, body, language string) {
	values := w.values(language)
	c.Subject, c.Heading, c.HeadingIn = values.Line(subject), values.Line(subject), w.foreign(language)
	printed, err := mailing.Print(body, values, mailing.Colours{Link: light["link"], Line: light["line"]})
	if err != nil { // what could not be printed could not be saved either
		panic(err)
	}
	c.Body = &Body{Printed: printed, Language: w.foreign(language)}
	if c.Preheader = printed.First; c.Preheader == "" {
		c.Preheader = c.Heading
	}
}

// fromOrganiser is what an organiser writes to many.
func (w *writer) fromOrganiser(c *Content) {
	text, language := w.mailing.For(w.Language, w.programme.Language)
	w.inOwnWords(c, text.Subject, text.Body, language)
	if !w.mailing.Facts {
		c.Title = ""
		return
	}
	if c.Facts = w.whenAndWhere(former{}); w.event.Status == event.Cancelled {
		c.Facts = w.planned()
	}
	c.Actions = []Action{w.action("event", w.page)}
}

// values are the person's own, in the language of the text.
func (w *writer) values(language string) mailing.Values {
	if w.Letter == message.News {
		return mailing.Values{FirstName: typedName(w.registration.FirstName)}
	}
	in := *w
	in.language = locale.Language(language)
	v := mailing.Values{
		FirstName: typedName(w.registration.FirstName), Event: w.event.Title, Date: in.start(),
		Link: w.manage, LinkLabel: in.t("mail.action.see"), Join: w.join, JoinLabel: in.t("mail.action.join"),
	}
	if w.event.Status == event.Postponed {
		v.Date = in.t("mail.no_date")
	}
	return v
}
