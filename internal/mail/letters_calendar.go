package mail

import (
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
)

// saidNo asks somebody whose calendar declined the invitation whether to give up
// the place. Both answers are easy: a button, or doing nothing.
func (w *writer) saidNo(c *Content) {
	c.Subject = w.t("mail.e25.subject", "what", w.what())
	c.Heading = w.t("mail.e25.heading")
	c.Lead = []string{w.t("mail.e25.text")}
	c.Facts = w.whenAndWhere(former{})
	c.Next = []string{w.t("mail.e25.no"), w.t("mail.e25.yes")}
	c.Actions = []Action{w.mainAction("cancel", w.manage+cancelPart), w.action("manage", w.manage), w.action("event", w.page)}
}

// pointlessQuestion lets nobody be asked about a place that is given up, or that
// has another time since.
func (f facts) pointlessQuestion() string {
	switch {
	case f.registration.Status != registration.Confirmed:
		return message.ReasonGivenUp
	case f.event.Status != event.Published || !f.NotAfter.Equal(f.event.StartsAt):
		return message.ReasonOffDate
	}
	return ""
}
