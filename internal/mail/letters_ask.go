package mail

// confirmAddress asks whether the address is the one of the person who signed up.
func (w *writer) confirmAddress(c *Content) {
	c.Subject = w.t("mail.e01.subject", "what", w.what())
	c.Heading = w.t("mail.e01.heading")
	c.Preheader = w.t("mail.e01.preheader", "deadline", w.answerBy())
	c.Lead = []string{w.t("mail.e01.text", "deadline", w.answerBy())}
	c.Facts = w.whenAndWhere(w.since(c))
	c.Next = []string{w.t("mail.e01.not_you")}
	c.Actions = []Action{w.mainAction("confirm", w.confirm), w.action("event", w.page)}
}

func (w *writer) requested(c *Content) {
	c.Subject = w.t("mail.e04.subject", "what", w.what())
	c.Heading = w.t("mail.e04.heading")
	c.Lead = []string{w.t("mail.e04.text", "organiser", w.organiser())}
	c.Facts = w.whenAndWhere(w.since(c))
	c.Actions = []Action{w.action("see", w.manage), w.action("event", w.page)}
	c.Footer = append(c.Footer, w.t("mail.not_you"))
}

func (w *writer) rejected(c *Content) {
	c.Subject = w.t("mail.e05.subject", "what", w.what())
	c.Heading = w.t("mail.e05.heading")
	c.Lead = []string{w.t("mail.e05.text", "organiser", w.organiser())}
	c.Facts = w.whenAndWhere(former{})
	c.Quote = w.quote(w.Details.Reason)
	c.Actions = []Action{w.action("event", w.page), w.action("events", w.events)}
}

// stayedAway is friendly: there may be a good reason, or a mistake of ours.
func (w *writer) stayedAway(c *Content) {
	c.Subject = w.t("mail.e13.subject", "title", w.event.Title)
	c.Heading = w.t("mail.e13.heading")
	c.Lead = []string{w.t("mail.e13.text")}
	c.Facts = w.whenAndWhere(former{})
	if w.replyTo != "" {
		c.Next = []string{w.t("mail.e13.mistake")}
	}
	c.Actions = []Action{w.action("event", w.page), w.action("events", w.events)}
}

// decide tells the organiser that an event has fewer people than it needs.
func (w *writer) decide(c *Content) {
	least := 0
	if w.event.MinParticipants != nil {
		least = *w.event.MinParticipants
	}
	c.Subject = w.t("mail.o1.subject", "what", w.what())
	c.Heading = w.t("mail.o1.heading")
	c.Lead = []string{w.t("mail.o1.text", "n", w.withPlace, "least", least)}
	w.toOrganiser(c, "mail.o1.next")
}

// groupSkipped tells the organiser of people who come only together and for whom
// there were twice too few places.
func (w *writer) groupSkipped(c *Content) {
	c.Subject = w.t("mail.o2.subject", "what", w.what())
	c.Heading = w.t("mail.o2.heading")
	c.Lead = []string{w.t("mail.o2.text")}
	w.toOrganiser(c, "mail.o2.next")
}

// toOrganiser is what letters to those who arrange the event have.
func (w *writer) toOrganiser(c *Content, next string) {
	c.Facts = w.whenAndWhere(former{})
	c.Next = []string{w.t(next)}
	c.Actions = []Action{w.mainAction("admin", w.admin), w.action("event", w.page)}
	c.Footer, c.Contact = []string{w.t("mail.why_organiser", "programme", w.programme.Name)}, nil
}
