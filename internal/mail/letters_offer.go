package mail

import (
	"stafett/internal/locale"
)

// answerBy is by when the person must have answered, within a sentence: as it is
// now, for an event that moves may move it.
func (w *writer) answerBy() string {
	until := w.registration.HoldUntil
	if until.IsZero() {
		until = parseTime(w.Details.AnswerBy)
	}
	return locale.Deadline(w.language, until.In(w.event.Location()), w.now)
}

// offered asks whether the person wants a place that is free: held until the
// deadline, or in the last hours for whoever answers first.
func (w *writer) offered(c *Content) {
	variant := "mail.e07."
	if w.Details.OpenCall {
		variant += "open."
	}
	c.Subject = w.t(variant+"subject", "what", w.what())
	c.Heading = w.t(variant + "heading")
	c.Lead = []string{w.t(variant+"text", "deadline", w.answerBy())}
	if w.together > 1 {
		c.Lead = append(c.Lead, w.t("mail.e07.together", "n", w.together))
	}
	c.Facts = w.access(w.whenAndWhere(w.since(c)))
	c.Next = []string{w.t(variant + "else")}
	c.Actions = []Action{w.mainAction("accept", w.offer), w.action("decline", w.offer+"?answer=no"), w.action("event", w.page)}
}

func (w *writer) declined(c *Content) {
	c.Subject = w.t("mail.e08.subject", "what", w.what())
	c.Heading = w.t("mail.e08.heading")
	c.Lead = []string{w.t("mail.e08.text")}
	w.again(c)
}

func (w *writer) expired(c *Content) {
	c.Subject = w.t("mail.e09.subject", "what", w.what())
	c.Heading = w.t("mail.e09.heading")
	c.Lead = []string{w.t("mail.e09.text")}
	w.again(c)
}

// again offers the end of the queue to somebody who let a place pass.
func (w *writer) again(c *Content) {
	c.Facts = w.whenAndWhere(former{})
	c.Next = []string{w.t("mail.e08.again")}
	c.Actions = []Action{w.action("rejoin", w.offer), w.action("event", w.page), w.action("events", w.events)}
}
