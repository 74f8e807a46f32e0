package mail

import (
	"stafett/internal/event"
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
	if w.Details.Meanwhile {
		w.registration.Mode = event.Room // of which the letter speaks
	}
	variant := "mail.e07."
	if w.Details.OpenCall {
		variant += "open."
	}
	c.Subject = w.t(variant+"subject", "what", w.what())
	c.Heading = w.t(variant + "heading")
	c.Preheader = w.t(variant+"preheader", "deadline", w.answerBy())
	c.Lead = []string{w.t(variant+"text", "deadline", w.answerBy())}
	if w.Details.Reminds {
		w.remindOfOffer(c)
	}
	if w.together > 1 {
		c.Lead = append(c.Lead, w.t("mail.e07.together", "n", w.together))
	}
	c.Facts = w.access(w.whenAndWhere(w.since(c)))
	c.Next = []string{w.t(variant + "else")}
	if w.Details.Meanwhile {
		c.Lead = append(c.Lead, w.t("mail.e07.meanwhile"))
		if !w.Details.OpenCall {
			c.Next = []string{w.t("mail.e07.meanwhile_else")}
		}
	}
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
	if w.Details.Meanwhile {
		c.Lead = append(c.Lead, w.t("mail.meanwhile.kept"))
	}
	c.Facts = w.whenAndWhere(former{})
	c.Next = []string{w.t("mail.e08.again")}
	c.Actions = []Action{w.action("rejoin", w.offer), w.action("event", w.page), w.action("events", w.events)}
}

// meanwhile tells somebody with a place online where they stand for the room.
func (w *writer) meanwhile(c *Content) {
	switch r := w.registration; {
	case r.RoomOffered():
		c.Lead = append(c.Lead, w.t("mail.meanwhile.offered", "deadline", w.answerBy()))
	case r.WaitsForRoom():
		c.Lead = append(c.Lead, w.t("mail.meanwhile.waiting", "n", w.position))
	}
}

// tellOfOnline tells somebody who waits for the room alone that there are places
// online to have meanwhile.
func (w *writer) tellOfOnline(c *Content) {
	free, unlimited := w.event.Capacity(event.Online).Free()
	if w.event.Mode == event.Hybrid && w.registration.Mode == event.Room && w.together <= 1 && (unlimited || free > 0) {
		c.Lead = append(c.Lead, w.t("mail.e03.online"))
	}
}
