package mail

// walkedIn tells somebody who came unregistered what was noted, and where it can
// be seen.
func (w *writer) walkedIn(c *Content) {
	c.Subject = w.t("mail.e02b.subject", "title", w.event.Title)
	c.Heading = w.t("mail.e02b.heading")
	c.Lead = []string{w.t("mail.e02b.text", "organiser", w.organiser())}
	c.Facts = w.whenAndWhere(former{})
	c.Next = []string{w.t("mail.e02b.certificate")}
	if w.replyTo != "" {
		c.Next = append(c.Next, w.t("mail.e02b.mistake"))
	}
	c.Actions = []Action{w.mainAction("see", w.manage), w.action("event", w.page), w.action("events", w.events)}
}
