package mail

import (
	"cmp"
	"context"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/store"
)

// readInvitation reads what a letter to somebody who is invited tells.
func (f *facts) readInvitation(ctx context.Context, tx *store.Tx) (err error) {
	if f.invite, err = registration.FindInvitation(ctx, tx, f.Details.InvitationID); err != nil {
		return gone(err)
	}
	return f.readEvent(ctx, tx, f.EventID)
}

// pointlessInvitation ends the letter once its link opens nothing, or has been
// used.
func (f facts) pointlessInvitation() string {
	return cmp.Or(
		unless(f.invite.RevokedAt.IsZero() && f.invite.Email == f.Recipient, message.ReasonGone),
		unless(f.invite.Used == 0, message.ReasonSignedUp),
		unless(registration.SendsInvitations(f.event, f.now), message.ReasonOffDate),
	)
}

// inviteTo invites somebody who is not registered: who asks them, to what, how
// they sign up and until when.
func (w *writer) inviteTo(c *Content) {
	loc := w.event.Location()
	c.Subject = w.t("mail.e24.subject", "what", w.what())
	c.Heading = w.t("mail.e24.heading")
	c.Lead = []string{w.t("mail.e24.text", "organiser", w.organiser(), "deadline", locale.Deadline(w.language, w.event.ClosesAt.In(loc), w.now))}
	if w.now.Before(w.event.OpensAt) {
		opens := w.event.OpensAt.In(loc)
		c.Lead = append(c.Lead, w.t("mail.e24.opens", "day", locale.Date(w.language, opens), "at", locale.At(w.language, locale.Clock(w.language, opens))))
	}
	c.Facts = []Fact{w.when()}
	if place := w.anyPlace(); place != "" {
		c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.place"), Value: place})
	}
	if w.event.Summary != "" {
		c.Facts = append(c.Facts, Fact{Label: w.t("mail.fact.about"), Value: w.event.Summary, Language: w.foreign(w.event.Language)})
	}
	c.Next = []string{w.t("mail.e24.link")}
	c.Actions = []Action{w.mainAction("sign_up", w.signUp), w.action("event", w.page)}
	c.Footer = []string{w.t("mail.e24.why", "organiser", w.organiser(), "programme", w.programme.Name)}
	if w.replyTo != "" {
		c.Footer = append(c.Footer, w.t("mail.e24.no_more"))
	}
}

// anyPlace is where the event is, for somebody who has yet to say how they come.
func (w *writer) anyPlace() string {
	switch {
	case !w.event.HasMode(event.Room):
		return w.t("mail.online")
	case w.event.HasMode(event.Online):
		return w.where() + "\n" + w.t("mail.e24.or_online")
	}
	return w.where()
}
