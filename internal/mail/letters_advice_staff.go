package mail

import (
	"stafett/internal/advisory"
	"stafett/internal/company"
	"stafett/internal/locale"
)

// holder is whose meeting it is, for advisers and organisers: the company, else the
// person.
func (w *writer) holder() string {
	if name := typedName(w.advising.company.Name); name != "" {
		return name
	}
	if name := typedName(w.advising.who.Name()); name != "" {
		return name
	}
	return w.adviceName()
}

// whose is the meeting with its day, as it stands in a subject.
func (w *writer) whose() string {
	if w.advising.booking.StartsAt.IsZero() {
		return w.holder()
	}
	day := w.advising.start()
	if old := parseTime(w.Details.OldStart); w.AdviserID != w.advising.booking.AdviserID && !old.IsZero() {
		day = old.In(w.location())
	}
	return w.t("mail.what", "title", w.holder(), "day", locale.DayMonth(w.language, day))
}

// staff is what letters to advisers and organisers have in common.
func (w *writer) staff(c *Content, key string) {
	c.Subject, c.Heading = w.t(key+".subject", "what", w.whose()), w.t(key+".heading")
	c.Footer = []string{w.t("mail.advice.why_staff", "programme", w.programme.Name)}
}

// holderFacts tell the adviser with whom the meeting is. What it is about stands behind
// the sign-in.
func (w *writer) holderFacts() []Fact {
	a := w.advising
	var facts []Fact
	if a.company.ID != "" {
		name := typedName(a.company.Name)
		if number := company.Display(a.company); number != "" && name != "" {
			name += ", " + number
		} else if name == "" {
			name = number
		}
		facts = append(facts, Fact{Label: w.t("mail.advice.fact.company"), Value: name})
	}
	if name := typedName(a.who.Name()); name != "" {
		facts = append(facts, Fact{Label: w.t("mail.advice.fact.person"), Value: name})
	}
	return facts
}

func (w *writer) adviserBooked(c *Content) {
	b := w.advising.booking
	old := former{}
	if was := parseTime(w.Details.OldStart); w.Details.Moved && !was.IsZero() && (!was.Equal(b.StartsAt) || !parseTime(w.Details.OldEnd).Equal(b.EndsAt)) {
		f := w.span("mail.fact.old_time", was, parseTime(w.Details.OldEnd))
		f.Former = true
		old.time = &f
	}
	switch {
	case w.Details.Moved && old.time != nil:
		w.staff(c, "mail.b15.moved")
		c.Lead = []string{w.t("mail.b15.moved.text")}
	case w.Details.Moved:
		w.staff(c, "mail.b15.changed")
		c.Lead = []string{w.t("mail.b15.changed.text")}
	case b.Status == advisory.Requested:
		w.staff(c, "mail.b15.requested")
		c.Lead = []string{w.t("mail.b15.requested.text")}
	default:
		w.staff(c, "mail.b15")
		c.Lead = []string{w.t("mail.b15.text")}
	}
	c.Preheader = w.meetingWhen()
	c.Facts = append(w.meets(old), w.holderFacts()...)
	c.Next = []string{w.t("mail.b15.need")}
	w.invitation(c, "mail.b15.invitation")
	c.Actions = []Action{w.mainAction("booking_open", w.admin)}
	if w.join != "" {
		c.Actions = append(c.Actions, w.action("join", w.join))
	}
}

// meetingWhen is the time, for the line beside the subject.
func (w *writer) meetingWhen() string {
	b := w.advising.booking
	return locale.RangeTitle(w.language, b.StartsAt.In(w.location()), b.EndsAt.In(w.location()))
}

func (w *writer) adviserFree(c *Content) {
	w.staff(c, "mail.b15b")
	switch {
	case w.advising.booking.Status.HoldsHours(): // another adviser has it
		c.Lead = []string{w.t("mail.b15b.handed_over")}
	case w.Details.HadAPlace:
		c.Lead = []string{w.t("mail.b15b.text")}
	default:
		c.Lead = []string{w.t("mail.b15b.request")}
	}
	c.Facts = append(w.offMeeting(), w.holderFacts()...)
	w.outOfCalendar(c)
	c.Actions = []Action{w.action("booking_open", w.admin)}
}

func (w *writer) adviserChased(c *Content) {
	w.staff(c, "mail.b16")
	c.Lead = []string{w.t("mail.b16.text")}
	c.Facts = append(w.meets(former{}), w.holderFacts()...)
	c.Next = []string{w.t("mail.b16.next")}
	c.Actions = []Action{w.mainAction("booking_settle", w.admin)}
}

// hoursAmiss tells organisers of a meeting whose time nobody enters, or of an
// account that a merge of two companies took above its cap.
func (w *writer) hoursAmiss(c *Content) {
	a := w.advising
	c.Contact = nil
	if a.booking.ID != "" {
		w.staff(c, "mail.o5")
		c.Lead = []string{w.t("mail.o5.text", "adviser", a.adviser.Name)}
		c.Facts = append(w.meets(former{}), w.holderFacts()...)
		c.Next = []string{w.t("mail.o5.next")}
		c.Actions = []Action{w.mainAction("booking_open", w.admin)}
		return
	}
	w.staff(c, "mail.o5.cap")
	used, limit := a.account.Used+a.account.Reserved, 0
	if a.account.CapMinutes != nil {
		limit = *a.account.CapMinutes
	}
	c.Lead = []string{w.t("mail.o5.cap.text")}
	c.Facts = append(w.holderFacts(), Fact{Label: w.t("mail.advice.fact.used_booked"), Value: w.t("mail.o5.cap.used", "used", locale.Duration(w.language, used), "cap", locale.Duration(w.language, limit))})
	c.Next = []string{w.t("mail.o5.cap.next")}
	c.Actions = []Action{w.mainAction("account_open", w.admin)}
}
