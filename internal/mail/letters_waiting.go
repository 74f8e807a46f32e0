package mail

import (
	"stafett/internal/event"
	"stafett/internal/registration"
)

// movedWhileWaiting tells somebody without a place what has changed, and that
// they wait still or that the offer stands.
func (w *writer) movedWhileWaiting(c *Content) {
	old := w.formerly(parseTime(w.Details.OldStart), parseTime(w.Details.OldEnd), w.Details.OldPlace)
	change := changeOf(old, false)
	c.Subject = w.t("mail.e15."+change+".subject", "what", w.what())
	c.Heading = w.t("mail.e15." + change + ".heading")
	w.standing(c)
	if change == "other" {
		c.Lead = append(c.Lead, w.t("mail.e15.other.text"))
	}
	w.coming(c, old)
	c.Quote = w.quote(w.Details.Reason)
}

// postponedWhileWaiting tells somebody without a place that there is no date.
func (w *writer) postponedWhileWaiting(c *Content) {
	c.Subject = w.t("mail.e22.subject", "what", w.what())
	c.Heading = w.t("mail.e22.heading")
	c.Lead = []string{w.t("mail.waiting.postponed")}
	w.standing(c)
	c.Lead = append(c.Lead, w.t("mail.e22.later"))
	c.Facts = w.planned()
	c.Quote = w.quote(w.Details.Reason)
}

// standing says where somebody without a place stands, and what they can do.
func (w *writer) standing(c *Content) {
	see := w.action("event", w.page)
	switch w.registration.Status {
	case registration.Offered:
		c.Lead = append(c.Lead, w.t("mail.waiting.offered", "deadline", w.answerBy()))
		if w.together > 1 {
			c.Lead = append(c.Lead, w.t("mail.e07.together", "n", w.together))
		}
		c.Next = []string{w.t("mail.waiting.decline"), w.t("mail.e07.else")}
		c.Actions = []Action{w.mainAction("accept", w.offer), w.action("decline", w.offer+"?answer=no"), see}
	case registration.PendingEmail:
		c.Lead = append(c.Lead, w.t("mail.waiting.pending_email", "deadline", w.answerBy()))
		c.Next = []string{w.t("mail.e01.not_you")}
		c.Actions = []Action{w.mainAction("confirm", w.confirm), see}
	case registration.Requested:
		c.Lead = append(c.Lead, w.stillFits(w.t("mail.waiting.requested", "organiser", w.organiser())))
		c.Next = []string{w.t("mail.waiting.leave_request")}
		c.Actions = []Action{w.action("see", w.manage), see}
	default:
		c.Lead = append(c.Lead, w.stillFits(w.t("mail.waiting.listed", "n", w.position)))
		c.Next = []string{w.t("mail.e03.leave")}
		c.Actions = []Action{w.action("manage_waiting", w.manage), see}
	}
}

// stillFits adds that nothing need be done, where there is a date to say it of.
func (w *writer) stillFits(said string) string {
	if w.event.Status == event.Postponed {
		return said
	}
	return said + " " + w.t("mail.waiting.fits")
}

// waitsForRoom tells somebody with a place online where they stand in the queue
// for the room.
func (w *writer) waitsForRoom(c *Content) {
	c.Subject = w.t("mail.e03.room.subject", "what", w.what())
	c.Heading = w.t("mail.e03.room.heading", "n", w.position)
	c.Lead = []string{w.t("mail.e03.room.text"), w.t("mail.e03.room.turn")}
	c.Facts = w.whenAndWhere(former{})
	c.Next = []string{w.t("mail.e03.room.leave")}
	c.Actions = []Action{w.action("manage", w.manage), w.action("event", w.page)}
}

// since notes in a letter to somebody without a place what has changed since they
// signed up: the letter goes instead of the one that would have told of it.
func (w *writer) since(c *Content) former {
	old := w.changedSince()
	if old.any() && w.event.Status != event.Postponed {
		c.Lead = append(c.Lead, w.t("mail.e02.moved"))
	}
	return old
}
