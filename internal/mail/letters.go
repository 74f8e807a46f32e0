package mail

import (
	"time"

	"stafett/internal/event"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/registration"
)

// content writes the letter.
func (w *writer) content() (Content, error) {
	c := w.frame()
	write, ok := map[message.Letter]func(*Content){
		message.ConfirmAddress: w.confirmAddress,
		message.Requested:      w.requested,
		message.Rejected:       w.rejected,
		message.Offered:        w.offered,
		message.Declined:       w.declined,
		message.Expired:        w.expired,
		message.StayedAway:     w.stayedAway,
		message.Invitation:     w.inviteTo,
		message.SaidNo:         w.saidNo,
		message.Decide:         w.decide,
		message.SignIn:         w.signIn,
		message.Erasure:        w.erasure,
		message.ConfirmNews:    w.confirmNews,
		message.GroupSkipped:   w.groupSkipped,
		message.Confirmed:      w.confirmed,
		message.WalkedIn:       w.walkedIn,
		message.Waitlisted:     w.waitlisted,
		message.AlreadyHere:    w.alreadyHere,
		message.Cancelled:      w.cancelled,
		message.LateCancelled:  w.lateCancelled,
		message.Transferred:    w.transferred,
		message.EventCancelled: w.eventCancelled,
		message.EventMoved:     w.eventMoved,
		message.EventPostponed: w.eventPostponed,
		message.ThankYou:       w.thankYou,
		message.Materials:      w.handOut,
		message.WeekBefore:     w.weekBefore,
		message.DayBefore:      w.dayBefore,
		message.HourBefore:     w.hourBefore,
		message.OwnWords:       w.ownWords,
		message.Roster:         w.roster,
		message.Mailing:        w.fromOrganiser,
		message.News:           w.newsletter,

		message.ApplicationReceived:  w.applicationReceived,
		message.ApplicationNeedsMore: w.applicationNeedsMore,
		message.ApplicationGranted:   w.applicationGranted,
		message.ApplicationRejected:  w.applicationRejected,
		message.ApplicationReminder:  w.applicationReminder,
		message.ApplicationEnded:     w.applicationEnded,
		message.PayoutAnswered:       w.payoutAnswered,
		message.AskDeclaration:       w.askDeclaration,
		message.AidGranted:           w.aidGranted,
		message.AidRefused:           w.aidRefused,
		message.RegisterDeadline:     w.registerDeadline,
	}[w.Letter]
	if w.advising != nil {
		write, ok = w.adviceLetter()
	}
	if !ok {
		return c, errNoText
	}
	write(&c)
	w.signedUpBy(&c)
	if c.Preheader == "" {
		c.Preheader = c.Lead[0]
	}
	return c, nil
}

// signedUpBy tells those whom a colleague signed up, or gave the own place, who did.
func (w *writer) signedUpBy(c *Content) {
	if w.Details.OtherName == "" && w.Details.OtherID == "" || w.Letter == message.Transferred {
		return
	}
	key := "mail.by_colleague"
	if w.Details.HandedOver {
		key = "mail.handed_over"
	}
	text := w.t(key + "_nameless")
	if other := typedName(w.Details.OtherName); other != "" {
		text = w.t(key, "other", other)
	}
	c.Lead = append([]string{text}, c.Lead...)
	for i, words := range c.Footer {
		if words == w.t("mail.not_you") {
			c.Footer[i] = w.t("mail.by_colleague_no")
		}
	}
	if w.Letter != message.ConfirmAddress && len(w.event.Questions) > 0 {
		c.Next = append(c.Next, w.t("mail.by_colleague_questions"))
	}
}

func (w *writer) confirmed(c *Content) {
	variant := "mail.e02."
	switch {
	case w.Details.FromList:
		variant += "from_list."
	case w.Details.Approved:
		variant += "approved."
	case w.Details.ByHand: // said already
		variant += "by_hand."
	}
	c.Subject = w.t(variant+"subject", "what", w.what())
	c.Heading = w.t(variant + "heading")
	if w.Details.ByHand {
		c.Lead = append(c.Lead, w.t(variant+"text", "organiser", w.organiser()))
	} else if w.Details.FromList && w.registration.WaitsForRoom() {
		c.Lead = append(c.Lead, w.t("mail.meanwhile.got"))
	} else {
		c.Lead = append(c.Lead, w.t(variant+"text"))
	}
	old := w.changedSince()
	if old.any() {
		c.Lead = append(c.Lead, w.t("mail.e02.moved"))
	}
	w.coming(c, old)
	if w.event.Status == event.Postponed {
		c.Lead = append(c.Lead, w.t("mail.e02.postponed"))
	}
	w.meanwhile(c)
	w.wayIn(c)
	w.invitation(c, "mail.e02.invitation")
	w.tellOfTicket(c)
	c.Next = append(c.Next, w.cannotCome())
	c.Actions = append(c.Actions, w.action("manage", w.manage))
	w.calendarAndPage(c)
	if !w.Details.ByHand {
		c.Footer = append(c.Footer, w.t("mail.not_you"))
	}
}

// changedSince is the old time and place when the event has moved since the
// person signed up: no other letter tells those whose confirmation is not out.
func (w *writer) changedSince() former {
	if !w.event.MovedAt.After(w.registration.JoinedAt) || w.event.Status == event.Postponed {
		return former{}
	}
	return w.formerly(w.event.MovedFromStartsAt, w.event.MovedFromEnds, w.event.MovedFromPlace)
}

// coming gives the facts of an event that people are on their way to. The list
// of mail shows them too.
func (w *writer) coming(c *Content, old former) {
	c.Facts = w.access(w.whenAndWhere(old))
	if w.event.Status == event.Postponed {
		return
	}
	loc := w.event.Location()
	c.Preheader = locale.RangeTitle(w.language, w.event.StartsAt.In(loc), w.event.EndsAt.In(loc)) + ". " + w.where()
}

// wayIn tells those who take part online how they get in.
func (w *writer) wayIn(c *Content) {
	if w.join != "" {
		c.Lead = append(c.Lead, w.t("mail.way_in"))
		c.Actions = append(c.Actions, w.mainAction("join", w.join))
	}
}

func (w *writer) invitation(c *Content, key string) {
	if w.method == "REQUEST" {
		c.Next = append(c.Next, w.t(key))
	}
}

// cannotCome asks those who cannot come to say so, in time for somebody else.
func (w *writer) cannotCome() string {
	late := w.event.LateFrom(w.registration.Mode)
	switch {
	case w.registration.Mode == event.Online:
		return w.t("mail.cannot.online")
	case w.event.Status == event.Postponed || !w.now.Before(late):
		return w.t("mail.cannot.soon")
	}
	return w.t("mail.cannot.by", "deadline", locale.Deadline(w.language, late.In(w.event.Location()), w.now))
}

func (w *writer) calendarAndPage(c *Content) {
	if w.event.Status != event.Postponed {
		c.Actions = append(c.Actions, w.action("calendar", w.ics))
	}
	c.Actions = append(c.Actions, w.action("event", w.page))
}

func (w *writer) waitlisted(c *Content) {
	c.Subject = w.t("mail.e03.subject", "what", w.what())
	c.Heading = w.t("mail.e03.heading", "n", w.position)
	if w.Details.Meanwhile {
		w.waitsForRoom(c)
		return
	}
	c.Preheader = w.t("mail.e03.preheader", "n", w.position)
	c.Lead = []string{w.t("mail.e03.text"), w.t("mail.e03.turn")}
	if w.together > 1 {
		c.Lead = append(c.Lead, w.t("mail.e03.together", "n", w.together))
	}
	w.tellOfOnline(c)
	c.Facts = w.whenAndWhere(w.since(c))
	c.Next = []string{w.t("mail.e03.leave")}
	c.Actions = []Action{w.action("manage_waiting", w.manage), w.action("event", w.page)}
	c.Footer = append(c.Footer, w.t("mail.not_you"))
}

// alreadyHere goes to somebody who was signed up once more. It may have been a
// stranger: its foot must not lead them to give up the place that is theirs.
func (w *writer) alreadyHere(c *Content) {
	variant, manage := "mail.e06.", "manage"
	c.Lead = []string{w.t("mail.e06.again")}
	switch status := w.registration.Status; {
	case status == registration.Waitlisted:
		variant, manage = "mail.e06.waiting.", "manage_waiting"
		c.Lead = append(c.Lead, w.t("mail.e06.number", "n", w.position))
	case status == registration.Requested || status == registration.PendingEmail || status == registration.Offered:
		manage = "see"
		c.Lead = append(c.Lead, w.t("mail.e06.asked"))
	default:
		c.Lead = append(c.Lead, w.t("mail.e06.place"))
	}
	c.Preheader = c.Lead[1]
	c.Subject = w.t(variant+"subject", "what", w.what())
	c.Heading = w.t(variant + "heading")
	c.Facts = w.whenAndWhere(former{})
	c.Actions = []Action{w.action(manage, w.manage), w.action("event", w.page)}
	c.Footer = append(c.Footer, w.t("mail.e06.not_you"))
}

func (w *writer) cancelled(c *Content) {
	w.cancellation(c)
	switch {
	case w.Details.ByHand: // said already
	case w.Details.HadAPlace:
		c.Lead = []string{w.t("mail.e10.place")}
	default:
		c.Lead = []string{w.t("mail.e10.waiting")}
	}
	w.takenBack(c)
	if !w.Details.ByHand && w.event.TakesRegistrations(w.now) {
		c.Next = append(c.Next, w.t("mail.e10.again"))
	}
}

func (w *writer) lateCancelled(c *Content) {
	w.cancellation(c)
	if !w.Details.ByHand {
		c.Lead = []string{w.t("mail.e11.text")}
	}
	w.takenBack(c)
}

// cancellation is what all letters about giving up a place have. Whoever was
// taken off by the organiser is not thanked for it, but told why.
func (w *writer) cancellation(c *Content) {
	if w.Details.ByHand {
		c.Lead = []string{w.t("mail.e10.by_hand", "organiser", w.organiser())}
		c.Quote = w.quote(w.Details.Reason)
	}
	c.Subject = w.t("mail.e10.subject", "what", w.what())
	c.Heading = w.t("mail.e10.heading")
	c.Facts = w.whenAndWhere(former{})
	c.Actions = []Action{w.action("event", w.page), w.action("events", w.events)}
}

// takenBack tells of the entry in the calendar when there is one.
func (w *writer) takenBack(c *Content) {
	if w.method == "CANCEL" {
		c.Next = append(c.Next, w.t("mail.e10.calendar"))
	}
}

func (w *writer) transferred(c *Content) {
	c.Subject = w.t("mail.e12.subject", "what", w.what())
	c.Heading = w.t("mail.e12.heading")
	if other := typedName(w.Details.OtherName); other != "" {
		c.Lead = []string{w.t("mail.e12.text", "other", other)}
	} else {
		c.Lead = []string{w.t("mail.e12.nameless")}
	}
	c.Facts = w.whenAndWhere(former{})
	w.takenBack(c)
	c.Next = append(c.Next, w.t("mail.e12.not_you"))
	c.Actions = []Action{w.action("event", w.page), w.action("events", w.events)}
}

func (w *writer) eventCancelled(c *Content) {
	c.Subject = w.t("mail.e14.subject", "what", w.what())
	c.Heading = w.t("mail.e14.heading")
	c.Preheader = w.t("mail.e14.preheader")
	c.Lead = []string{w.t("mail.e14.text", "title", w.event.Title)}
	c.Facts = w.planned()
	c.Quote = w.quote(w.Details.Reason)
	w.takenBack(c)
	c.Actions = []Action{w.action("event", w.page), w.action("events", w.events)}
}

// planned is the time at which nothing will happen.
func (w *writer) planned() []Fact {
	f := w.span("mail.fact.planned", w.event.StartsAt, w.event.EndsAt)
	f.Former = true
	return []Fact{f}
}

func (w *writer) eventMoved(c *Content) {
	if !w.hasPlace() {
		w.movedWhileWaiting(c)
		return
	}
	old := w.formerly(parseTime(w.Details.OldStart), parseTime(w.Details.OldEnd), w.Details.OldPlace)
	newWayIn := w.Details.NewJoinURL && w.join != ""
	change := changeOf(old, newWayIn)
	if w.Details.NewMode != "" {
		change = "to_" + w.Details.NewMode
	}
	c.Subject = w.t("mail.e15."+change+".subject", "what", w.what())
	c.Heading = w.t("mail.e15." + change + ".heading")
	if old.any() {
		c.Lead, c.Next = []string{w.t("mail.e15.keep")}, []string{w.t("mail.e15.give_up")}
	} else {
		c.Lead = []string{w.t("mail.e15.unchanged")}
	}
	if newWayIn {
		c.Lead = append(c.Lead, w.t("mail.e15.join.text"))
		c.Actions = append(c.Actions, w.mainAction("join", w.join))
	} else {
		w.wayIn(c)
	}
	if change == "other" {
		c.Lead = append(c.Lead, w.t("mail.e15.other.text"))
	}
	w.meanwhile(c)
	w.coming(c, old)
	c.Quote = w.quote(w.Details.Reason)
	w.invitation(c, "mail.e15.invitation")
	w.tellOfTicket(c)
	c.Actions = append(c.Actions, w.action("cancel", w.manage+cancelPart), w.action("manage", w.manage))
	w.calendarAndPage(c)
}

// cancelPart leads to the button for giving up the place, on the page of a
// registration.
const cancelPart = "#cancel"

// changeOf names what has changed, for the subject and the heading.
func changeOf(old former, newWayIn bool) string {
	switch {
	case old.time != nil && old.place != nil:
		return "time_place"
	case old.time != nil:
		return "time"
	case old.place != nil:
		return "place"
	case newWayIn:
		return "join"
	}
	return "other"
}

// parseTime reads a time that this program wrote; the zero time when there is
// none.
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t
}

func (w *writer) eventPostponed(c *Content) {
	if !w.hasPlace() {
		w.postponedWhileWaiting(c)
		return
	}
	c.Subject = w.t("mail.e22.subject", "what", w.what())
	c.Heading = w.t("mail.e22.heading")
	c.Lead = []string{w.t("mail.e22.text"), w.t("mail.e22.later")}
	w.meanwhile(c)
	c.Facts = w.planned()
	c.Quote = w.quote(w.Details.Reason)
	w.takenBack(c)
	c.Actions = []Action{w.action("manage", w.manage), w.action("event", w.page)}
}

func (w *writer) thankYou(c *Content) {
	c.Subject = w.t("mail.e16.subject", "title", w.event.Title)
	c.Heading = w.t("mail.e16.heading")
	c.Lead = []string{w.t("mail.e16.text")}
	c.Facts = w.whenAndWhere(former{})
	if w.replyTo != "" {
		c.Next = []string{w.t("mail.e16.reply")}
	}
	c.Actions = []Action{w.action("event", w.page), w.action("events", w.events)}
}

func (w *writer) weekBefore(c *Content) {
	w.reminder(c)
	c.Heading = w.t("mail.e18.heading")
	c.Lead = []string{w.t("mail.e18.text")}
	c.Next = []string{w.cannotCome()}
	c.Actions = append(c.Actions, w.action("cancel", w.manage+cancelPart), w.action("event", w.page))
}

func (w *writer) dayBefore(c *Content) {
	w.reminder(c)
	c.Heading = w.t("mail.e19.heading", "start", w.start())
	if w.join == "" {
		c.Lead = []string{w.t("mail.in_room")}
	}
	w.wayIn(c)
	w.showTicket(c)
	c.Next = []string{w.cannotCome()}
	c.Actions = append(c.Actions, w.action("cancel", w.manage+cancelPart), w.action("event", w.page))
}

func (w *writer) hourBefore(c *Content) {
	w.reminder(c)
	c.Subject = w.t("mail.e20.subject", "at", w.clock(), "title", w.event.Title)
	c.Heading = w.t("mail.e20.heading", "at", w.clock())
	if w.join == "" {
		c.Lead = []string{w.t("mail.in_room")}
	} else {
		c.Lead = []string{w.t("mail.e20.online")}
		c.Actions = append(c.Actions, w.mainAction("join", w.join))
	}
	c.Preheader = w.where() + ". " + c.Lead[0] // the subject has the time
	c.Actions = append(c.Actions, w.action("cancel", w.manage+cancelPart))
}

func (w *writer) reminder(c *Content) {
	c.Subject = w.t("mail.reminder.subject", "what", w.what())
	w.coming(c, former{})
}
