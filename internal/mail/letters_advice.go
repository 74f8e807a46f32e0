package mail

import (
	"cmp"
	"strings"
	"time"

	"stafett/internal/advisory"
	"stafett/internal/locale"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/registration"
)

// manageBooking is the purpose of the link to one booking.
const manageBooking registration.Purpose = "booking"

// adviceLetter finds what writes a letter about advice.
func (w *writer) adviceLetter() (func(*Content), bool) {
	write, ok := map[message.Letter]func(*Content){
		message.MayBook:          w.mayBook,
		message.BookingRequested: w.bookingRequested,
		message.BookingWaiting:   w.bookingWaiting,
		message.TimesProposed:    w.timesProposed,
		message.BookingConfirmed: w.bookingConfirmed,
		message.BookingDeclined:  w.bookingDeclined,
		message.BookingLapsed:    w.bookingLapsed,
		message.BookingMoved:     w.bookingMoved,
		message.BookingCancelled: w.bookingCancelled,
		message.BookingLate:      w.bookingLate,
		message.BookingMissed:    w.bookingMissed,
		message.BookingReminder:  w.bookingReminder,
		message.BookingSettled:   w.bookingSettled,
		message.BookingCorrected: w.bookingCorrected,
		message.SaidNo:           w.bookingSaidNo,
		message.AdviserBooked:    w.adviserBooked,
		message.AdviserFree:      w.adviserFree,
		message.AdviserChased:    w.adviserChased,
		message.HoursAmiss:       w.hoursAmiss,
	}[w.Letter]
	return func(c *Content) {
		name, language := w.advising.programme.Text(string(w.language))
		c.Title, c.TitleLanguage = name.Name, w.foreign(language)
		c.Contact = w.adviceContact()
		c.Footer = []string{w.t("mail.advice.why", "programme", w.programme.Name)}
		write(c)
	}, ok
}

// adviceLinks are the ways from the letter: to the one booking for whoever booked,
// without a sign-in; to the pages of advisers and organisers for them.
func (f facts) adviceLinks(l *links, baseURL string, token tokens) error {
	a := f.advising
	l.page = baseURL + "/advice/" + a.programme.Slug
	l.about, l.events = baseURL+"/about/privacy", baseURL+"/events"
	if a.booking.Status == advisory.Confirmed && a.booking.Meeting == advisory.Online && !f.Letter.TakesBack() {
		l.join = a.booking.JoinURL
	}
	switch {
	case f.AdviserID != "":
		l.admin = baseURL + "/adviser/bookings/" + a.booking.ID
		return nil
	case f.Letter == message.HoursAmiss && a.booking.ID != "":
		l.admin = baseURL + "/admin/advice/bookings/" + a.booking.ID
		return nil
	case f.Letter == message.HoursAmiss:
		l.admin = baseURL + "/admin/advice/accounts/" + a.account.ID
		return nil
	}
	l.own, l.me = baseURL+"/me", baseURL+"/me/hours"
	if f.Letter == message.MayBook {
		return nil
	}
	secret, err := token(manageBooking)
	l.manage = baseURL + "/b/" + secret
	return err
}

// adviceReply is where answers go: to the adviser from whoever booked, and the
// other way about.
func (f facts) adviceReply(s Settings) string {
	first := f.advising.adviser.Email
	if f.AdviserID != "" {
		first = f.advising.who.Email
	}
	if f.Letter == message.HoursAmiss {
		first = ""
	}
	for _, address := range []string{first, s.ReplyTo, f.programme.ContactEmail} {
		if stored, err := person.Address(address); err == nil {
			return stored
		}
	}
	return ""
}

// adviceContact is the adviser, where there is one, else the programme's.
func (w *writer) adviceContact() *Contact {
	a := w.advising
	if w.AdviserID != "" {
		return w.company()
	}
	if a.adviser.ID != "" && w.Letter != message.HoursAmiss {
		return &Contact{Name: a.adviser.Name, Email: a.adviser.Email, Phone: a.adviser.Phone}
	}
	return w.contact()
}

// company is whoever booked, for the adviser.
func (w *writer) company() *Contact {
	c := Contact{Name: typedName(w.advising.who.Name()), Email: w.advising.who.Email, Phone: w.advising.booking.Phone}
	if len(c.Lines()) == 0 {
		return nil
	}
	return &c
}

// adviceName is what the programme of advice is called.
func (w *writer) adviceName() string {
	text, _ := w.advising.programme.Text(string(w.language))
	return cmp.Or(text.Name, w.programme.Name)
}

// meeting is the advice with its day, as it stands in a subject.
func (w *writer) meeting() string {
	if w.advising.booking.StartsAt.IsZero() {
		return w.adviceName()
	}
	return w.t("mail.what", "title", w.adviceName(), "day", locale.DayMonth(w.language, w.advising.start()))
}

// meetingStart is when the meeting begins, within a sentence.
func (w *writer) meetingStart() string {
	at := w.advising.start()
	return w.t("mail.start", "weekday", locale.Weekday(w.language, at), "day", locale.DayMonth(w.language, at), "at", locale.At(w.language, locale.Clock(w.language, at)))
}

// advicePlace is where they meet, on one line.
func (w *writer) advicePlace() string {
	b := w.advising.booking
	town := ""
	if m, ok := w.places.Find(b.Municipality); ok {
		town = m.Label()
	}
	switch {
	case b.Place == "":
		return town
	case town == "" || strings.Contains(b.Place, town):
		return b.Place
	}
	return b.Place + ", " + town
}

// how says in what way they meet, and the one thing to know of it.
func (w *writer) how() Fact {
	b, f := w.advising.booking, Fact{Label: w.t("mail.advice.fact.how")}
	switch b.Meeting {
	case advisory.Online:
		f.Value = w.t("mail.online")
	case advisory.Phone:
		f.Value = w.t("mail.advice.how.phone", "phone", b.Phone)
	default:
		f.Value = w.t("mail.advice.how.on_site", "place", w.advicePlace())
	}
	return f
}

// meets are the facts of a meeting that is to come.
func (w *writer) meets(old former) []Fact {
	a := w.advising
	if a.booking.StartsAt.IsZero() {
		return []Fact{{Label: w.t("mail.advice.fact.length"), Value: locale.Duration(w.language, a.booking.Minutes)}, w.how()}
	}
	facts := []Fact{w.span("mail.fact.time", a.booking.StartsAt, a.booking.EndsAt)}
	if old.time != nil {
		facts = append(facts, *old.time)
	}
	if w.AdviserID == "" && a.adviser.Name != "" {
		facts = append(facts, Fact{Label: w.t("mail.advice.fact.with"), Value: a.adviser.Name})
	}
	return append(facts, w.how())
}

// offMeeting is the meeting that will not take place.
func (w *writer) offMeeting() []Fact {
	b := w.advising.booking
	if b.StartsAt.IsZero() {
		return nil
	}
	start, end := b.StartsAt, b.EndsAt
	if old := parseTime(w.Details.OldStart); w.Letter == message.AdviserFree && !old.IsZero() {
		start, end = old, parseTime(w.Details.OldEnd)
	}
	f := w.span("mail.fact.planned", start, end)
	f.Former = true
	return []Fact{f}
}

// prepare is what to have at hand, in the programme's own words.
func (w *writer) prepare() []Fact {
	text, language := w.advising.programme.Text(string(w.language))
	lines := strings.TrimSpace(strings.ReplaceAll(text.Preparation, "\r\n", "\n"))
	if lines == "" {
		return nil
	}
	return []Fact{{Label: w.t("mail.advice.fact.prepare"), Value: lines, Language: w.foreign(language)}}
}

// freeUntil is the last moment at which a change costs nothing, while there is one.
func (w *writer) freeUntil() []Fact {
	until := w.advising.programme.FreeUntil(w.advising.booking)
	if !w.now.Before(until) || until.IsZero() {
		return nil
	}
	return []Fact{{Label: w.t("mail.advice.fact.free_until"), Value: locale.Deadline(w.language, until.In(w.location()), w.now)}}
}

// price is what an hour costs, and with which VAT.
func (w *writer) price() []Fact {
	p, minor := w.advising.programme, w.advising.booking.PriceMinor
	if w.advising.booking.ID == "" {
		minor = p.PriceMinor
	}
	f := Fact{Label: w.t("mail.advice.fact.price")}
	money := func(minor int64) string { return locale.Money(w.language, minor, p.Currency) }
	switch {
	case minor == 0:
		f.Value = w.t("mail.advice.price.none")
	case p.VATPercent == 0:
		f.Value = w.t("mail.advice.price.no_vat", "price", money(minor))
	default:
		f.Value = w.t("mail.advice.price.vat", "price", money(minor), "percent", p.VATPercent, "gross", money(minor+advisory.VATOn(minor, p.VATPercent)))
	}
	return []Fact{f}
}

// cost is what a meeting that took place comes to.
func (w *writer) cost(minutes int) []Fact {
	p, b := w.advising.programme, w.advising.booking
	net := advisory.PriceOf(minutes, b.PriceMinor)
	if b.PriceMinor == 0 {
		return w.price()
	}
	f := Fact{Label: w.t("mail.advice.fact.cost")}
	money := func(minor int64) string { return locale.Money(w.language, minor, p.Currency) }
	vat := advisory.VATOn(net, p.VATPercent)
	if vat == 0 {
		f.Value = w.t("mail.advice.cost.no_vat", "net", money(net))
	} else {
		f.Value = w.t("mail.advice.cost.vat", "net", money(net), "vat", money(vat), "gross", money(net+vat))
	}
	return []Fact{f}
}

// left is what remains of the hours when this is counted; nothing where there is no
// limit.
func (w *writer) left() []Fact { return w.hours("mail.advice.fact.left") }

// toBook is what there is of hours to book.
func (w *writer) toBook() []Fact { return w.hours("mail.advice.fact.hours") }

func (w *writer) hours(label string) []Fact {
	left, limited := w.advising.account.Available()
	if !limited {
		return nil
	}
	return []Fact{{Label: w.t(label), Value: w.t("mail.advice.left", "left", locale.Duration(w.language, left), "cap", locale.Duration(w.language, *w.advising.account.CapMinutes))}}
}

// comes says how the meeting begins, and leads into one online.
func (w *writer) comes(c *Content) {
	a := w.advising
	name := cmp.Or(a.adviser.Name, w.organiser())
	switch {
	case a.booking.Meeting == advisory.Online && w.join != "":
		c.Lead = append(c.Lead, w.t("mail.advice.comes.online", "adviser", name))
		c.Actions = append(c.Actions, w.mainAction("join", w.join))
	case a.booking.Meeting == advisory.Online:
		c.Lead = append(c.Lead, w.t("mail.advice.comes.online_later", "adviser", name))
	case a.booking.Meeting == advisory.Phone:
		c.Lead = append(c.Lead, w.t("mail.advice.comes.phone", "adviser", name, "phone", a.booking.Phone))
	case a.adviser.Office != "":
		c.Lead = append(c.Lead, w.t("mail.advice.comes.office", "adviser", name))
	default:
		c.Lead = append(c.Lead, w.t("mail.advice.comes.visit", "adviser", name))
	}
}

// manageMeeting asks those who cannot come to say so, and says what it costs later.
func (w *writer) manageMeeting(c *Content) {
	p := w.advising.programme
	switch {
	case len(w.freeUntil()) == 0:
		c.Next = append(c.Next, w.t("mail.advice.cannot.late"))
	case p.LateChargeMinutes == 0 || w.advising.booking.Status != advisory.Confirmed:
		c.Next = append(c.Next, w.t("mail.advice.cannot"))
	default:
		c.Next = append(c.Next, w.t("mail.advice.cannot"), w.t("mail.advice.cannot.cost", "minutes", locale.Duration(w.language, min(p.LateChargeMinutes, w.advising.booking.Minutes))))
	}
	c.Actions = append(c.Actions, w.action("booking_manage", w.manage))
}

func (w *writer) bookingRequested(c *Content) {
	c.Subject, c.Heading = w.t("mail.b1.subject", "what", w.meeting()), w.t("mail.b1.heading")
	c.Lead = []string{w.t("mail.b1.text", "organiser", w.organiser())}
	if w.advising.programme.IsAid() && w.advising.company.ID != "" {
		c.Lead = append(c.Lead, w.t("mail.b1.aid"))
	}
	c.Facts = append(append(append(w.meets(former{}), w.price()...), w.left()...), w.prepare()...)
	c.Next = []string{w.t("mail.b1.next")}
	c.Actions = []Action{w.action("booking_see", w.manage)}
}

func (w *writer) bookingWaiting(c *Content) {
	c.Subject, c.Heading = w.t("mail.b2.subject", "what", w.adviceName()), w.t("mail.b2.heading")
	c.Lead = []string{w.t("mail.b2.text"), w.t("mail.b2.turn")}
	c.Facts = append(append(w.meets(former{}), w.price()...), w.toBook()...)
	c.Next = []string{w.t("mail.b2.leave")}
	c.Actions = []Action{w.action("booking_see", w.manage)}
}

func (w *writer) bookingConfirmed(c *Content) {
	c.Subject, c.Heading = w.t("mail.b3.subject", "what", w.meeting()), w.t("mail.b3.heading")
	c.Preheader = w.meetingTitle()
	c.Lead = []string{w.t("mail.b3.text")}
	w.comes(c)
	c.Facts = append(append(append(append(w.meets(former{}), w.prepare()...), w.freeUntil()...), w.price()...), w.left()...)
	w.invitation(c, "mail.b3.invitation")
	w.manageMeeting(c)
}

// meetingTitle is when and with whom, for the line beside the subject.
func (w *writer) meetingTitle() string {
	b := w.advising.booking
	when := locale.RangeTitle(w.language, b.StartsAt.In(w.location()), b.EndsAt.In(w.location()))
	if w.advising.adviser.Name == "" {
		return when
	}
	return when + ". " + w.advising.adviser.Name
}

func (w *writer) bookingDeclined(c *Content) {
	c.Subject, c.Heading = w.t("mail.b4.subject", "what", w.meeting()), w.t("mail.b4.heading")
	c.Lead = []string{w.t("mail.b4.text", "organiser", w.organiser())}
	c.Facts = w.offMeeting()
	c.Quote = w.adviceQuote(w.organiser())
	w.hoursBack(c)
	c.Actions = []Action{w.action("advice", w.page)}
}

func (w *writer) bookingLapsed(c *Content) {
	c.Subject, c.Heading = w.t("mail.b5.subject", "what", w.meeting()), w.t("mail.b5.heading")
	if w.advising.booking.StartsAt.IsZero() {
		c.Heading = w.t("mail.b5.waited")
	}
	c.Lead = []string{w.t("mail.b5." + w.lapsedFor())}
	c.Facts = w.offMeeting()
	w.hoursBack(c)
	c.Next = append(c.Next, w.t("mail.b5.again"))
	c.Actions = []Action{w.action("advice_again", w.page)}
}

// lapsedFor is why a request lapsed.
func (w *writer) lapsedFor() string {
	switch r := w.Details.Reason; r {
	case advisory.LapsedUndeclared, advisory.LapsedNoTime, advisory.LapsedNoReply:
		return r
	}
	return advisory.LapsedUnanswered
}

// hoursBack tells that what was held for the meeting is there again; for one that
// waited nothing was.
func (w *writer) hoursBack(c *Content) {
	if w.advising.booking.StartsAt.IsZero() {
		return
	}
	if left, limited := w.advising.account.Available(); limited && w.advising.booking.AccountID != "" {
		c.Next = append(c.Next, w.t("mail.advice.back", "left", locale.Duration(w.language, left)))
	}
}

// adviceQuote gives somebody's words as they are.
func (w *writer) adviceQuote(by string) *Quote {
	q := w.quote(w.Details.Reason)
	if q != nil {
		q.Label, q.Language = w.t("mail.quote", "organiser", by), ""
	}
	return q
}

func (w *writer) bookingMoved(c *Content) {
	b := w.advising.booking
	old := former{}
	if was := parseTime(w.Details.OldStart); !was.IsZero() && (!was.Equal(b.StartsAt) || !parseTime(w.Details.OldEnd).Equal(b.EndsAt)) {
		f := w.span("mail.fact.old_time", was, parseTime(w.Details.OldEnd))
		f.Former = true
		old.time = &f
	}
	variant := "mail.b6."
	if old.time == nil { // the way or the place alone
		variant += "other."
	}
	c.Subject, c.Heading = w.t(variant+"subject", "what", w.meeting()), w.t(variant+"heading")
	c.Preheader = w.meetingTitle()
	if w.Details.ByHand {
		c.Lead = []string{w.t("mail.b6.by_hand", "organiser", cmp.Or(w.advising.adviser.Name, w.organiser()))}
	} else {
		c.Lead = []string{w.t("mail.b6.text")}
	}
	if b.Status == advisory.Requested {
		c.Lead = append(c.Lead, w.t("mail.b6.requested"))
	} else {
		w.comes(c)
	}
	c.Facts = append(append(append(append(w.meets(old), w.prepare()...), w.freeUntil()...), w.price()...), w.left()...)
	c.Quote = w.adviceQuote(cmp.Or(w.advising.adviser.Name, w.organiser()))
	w.invitation(c, "mail.b6.invitation")
	w.manageMeeting(c)
}

func (w *writer) bookingCancelled(c *Content) {
	c.Subject, c.Heading = w.t("mail.b7.subject", "what", w.meeting()), w.t("mail.b7.heading")
	switch {
	case w.Details.ByHand:
		c.Lead = []string{w.t("mail.b7.by_hand", "organiser", cmp.Or(w.advising.adviser.Name, w.organiser()))}
		c.Quote = w.adviceQuote(cmp.Or(w.advising.adviser.Name, w.organiser()))
	case w.advising.booking.StartsAt.IsZero():
		c.Lead = []string{w.t("mail.b7.waiting")}
	default:
		c.Lead = []string{w.t("mail.b7.text")}
	}
	c.Facts = w.offMeeting()
	w.hoursBack(c)
	w.outOfCalendar(c)
	c.Actions = []Action{w.action("advice_again", w.page)}
}

func (w *writer) outOfCalendar(c *Content) {
	if w.method == "CANCEL" {
		c.Next = append(c.Next, w.t("mail.advice.calendar.gone"))
	}
}

func (w *writer) bookingLate(c *Content) {
	c.Subject, c.Heading = w.t("mail.b7.subject", "what", w.meeting()), w.t("mail.b7.heading")
	c.Lead = []string{w.t("mail.b8.text")}
	w.charged(c, "mail.b8.")
	c.Facts = append(w.offMeeting(), w.left()...)
	w.outOfCalendar(c)
	c.Actions = []Action{w.action("advice_again", w.page)}
}

// charged tells what a late or missed meeting took of the hours.
func (w *writer) charged(c *Content, variant string) {
	n := 0
	if w.advising.booking.ChargedMinutes != nil {
		n = *w.advising.booking.ChargedMinutes
	}
	if n == 0 {
		c.Lead = append(c.Lead, w.t(variant+"free"))
		return
	}
	c.Lead = append(c.Lead, w.t(variant+"charged", "minutes", locale.Duration(w.language, n)))
}

func (w *writer) bookingMissed(c *Content) {
	c.Subject, c.Heading = w.t("mail.b9.subject", "what", w.meeting()), w.t("mail.b9.heading")
	c.Lead = []string{w.t("mail.b9.text")}
	w.charged(c, "mail.b9.")
	c.Facts = append(w.offMeeting(), w.left()...)
	if w.replyTo != "" {
		c.Next = []string{w.t("mail.b9.mistake")}
	}
	c.Actions = []Action{w.action("advice_again", w.page)}
}

func (w *writer) bookingReminder(c *Content) {
	c.Subject = w.t("mail.reminder.subject", "what", w.meeting())
	c.Heading = w.t("mail.b12.heading", "adviser", w.advising.adviser.Name, "start", w.meetingStart())
	c.Preheader = w.meetingTitle()
	w.comes(c)
	c.Facts = append(w.meets(former{}), w.prepare()...)
	w.manageMeeting(c)
}

func (w *writer) bookingSettled(c *Content) {
	b := w.advising.booking
	c.Subject, c.Heading = w.t("mail.b10.subject", "what", w.meeting()), w.t("mail.b10.heading")
	c.Lead = []string{w.t("mail.b10.text", "adviser", cmp.Or(w.advising.adviser.Name, w.organiser()))}
	c.Facts = w.settled()
	if note := strings.TrimSpace(b.SharedNote); note != "" {
		c.Quote = &Quote{Label: w.t("mail.quote", "organiser", w.advising.adviser.Name), Words: strings.ReplaceAll(note, "\r\n", "\n")}
	}
	if b.PriceMinor > 0 {
		c.Next = []string{w.t("mail.b10.invoice")}
	}
	c.Next = append(c.Next, w.t("mail.b10.wrong"))
	c.Actions = []Action{w.action("booking_see", w.manage)}
	if left, limited := w.advising.account.Available(); !limited || left > 0 {
		c.Actions = append(c.Actions, w.action("advice_again", w.page))
	}
}

// settled are the facts of a meeting that took place: what was used, what of it is
// beyond the hours that there were, what it costs and what is left.
func (w *writer) settled() []Fact {
	b := w.advising.booking
	facts := []Fact{w.span("mail.fact.time", b.StartsAt, b.EndsAt), {Label: w.t("mail.advice.fact.with"), Value: w.advising.adviser.Name}}
	charged := 0
	if b.ChargedMinutes != nil {
		charged = *b.ChargedMinutes
	}
	facts = append(facts, Fact{Label: w.t("mail.advice.fact.used"), Value: locale.Duration(w.language, charged)})
	if b.OverMinutes != nil && *b.OverMinutes > 0 {
		facts = append(facts, Fact{Label: w.t("mail.advice.fact.over"), Value: w.t("mail.advice.over", "minutes", locale.Duration(w.language, *b.OverMinutes))})
	}
	return append(append(facts, w.cost(charged)...), w.left()...)
}

// fact is a length of time under a label.
func (w *writer) fact(label string, minutes int) Fact {
	return Fact{Label: w.t(label), Value: locale.Duration(w.language, minutes)}
}

func (w *writer) bookingCorrected(c *Content) {
	c.Subject, c.Heading = w.t("mail.b11.subject", "what", w.meeting()), w.t("mail.b11.heading")
	c.Lead = []string{w.t("mail.b11.text", "organiser", w.organiser())}
	b := w.advising.booking
	c.Facts = []Fact{w.span("mail.fact.time", b.StartsAt, b.EndsAt)}
	if n := w.Details.Minutes; n != nil {
		was := w.fact("mail.advice.fact.was", *n)
		was.Former = true
		c.Facts = append(c.Facts, was)
	}
	if n := b.ChargedMinutes; n != nil {
		c.Facts = append(append(c.Facts, w.fact("mail.advice.fact.used", *n)), w.cost(*n)...)
	}
	c.Facts = append(c.Facts, w.left()...)
	c.Quote = w.adviceQuote(w.organiser())
	c.Actions = []Action{w.action("booking_see", w.manage)}
}

func (w *writer) timesProposed(c *Content) {
	c.Subject, c.Heading = w.t("mail.b14.subject", "what", w.adviceName()), w.t("mail.b14.heading", "n", len(w.advising.times))
	by, each := parseTime(w.Details.AnswerBy), false
	for i, h := range w.advising.times {
		if by.IsZero() || h.ExpiresAt.Before(by) {
			by = h.ExpiresAt
		}
		each = each || !h.ExpiresAt.Equal(w.advising.times[max(0, i-1)].ExpiresAt)
	}
	until := func(at time.Time) string { return locale.Deadline(w.language, at.In(w.location()), w.now) }
	f := Fact{Label: w.t("mail.advice.fact.times")}
	var lines []string
	for _, h := range w.advising.times {
		key, args := "mail.b14.time", []any{"time", locale.RangeTitle(w.language, h.StartsAt.In(w.location()), h.EndsAt.In(w.location())), "adviser", h.Name}
		if each {
			key, args = "mail.b14.time_by", append(args, "deadline", until(h.ExpiresAt))
		}
		lines = append(lines, w.t(key, args...))
	}
	f.Value = strings.Join(lines, "\n")
	c.Preheader = w.t("mail.b14.preheader", "deadline", until(by))
	c.Lead = []string{w.t("mail.b14.text", "deadline", until(by), "n", len(w.advising.times))}
	if each {
		c.Lead = []string{w.t("mail.b14.each", "n", len(w.advising.times))}
	}
	c.Facts = append([]Fact{f, w.how()}, w.price()...)
	c.Next = []string{w.t("mail.b14.else")}
	c.Actions = []Action{w.mainAction("booking_choose", w.manage)}
	c.Contact = w.contact()
}

// mayBook tells people of a company, or somebody without one, that advice is open
// to them since the event.
func (w *writer) mayBook(c *Content) {
	p := w.advising.programme
	c.Subject, c.Heading = w.t("mail.b13.subject", "what", w.adviceName()), w.t("mail.b13.heading")
	if name := typedName(w.advising.company.Name); w.advising.company.ID != "" && name != "" {
		c.Lead = []string{w.t("mail.b13.text", "company", name, "programme", w.programme.Name)}
	} else {
		c.Lead = []string{w.t("mail.b13.person", "programme", w.programme.Name)}
	}
	text, language := p.Text(string(w.language))
	if text.Summary != "" {
		c.Facts = append(c.Facts, Fact{Label: w.t("mail.advice.fact.about"), Value: strings.TrimSpace(text.Summary), Language: w.foreign(language)})
	}
	c.Facts = append(append(c.Facts, w.toBook()...), w.price()...)
	var ways []string
	for _, m := range p.Meetings {
		ways = append(ways, w.t("mail.advice.way."+string(m)))
	}
	c.Facts = append(c.Facts, Fact{Label: w.t("mail.advice.fact.how"), Value: strings.Join(ways, ", ")})
	c.Next = []string{w.t("mail.b13.next")}
	c.Actions = []Action{w.mainAction("advice_book", w.page), w.action("hours", w.me)}
	c.Contact = w.contact()
	c.Footer = []string{w.t("mail.b13.why", "programme", w.programme.Name)}
}

// bookingSaidNo asks somebody whose calendar declined the meeting whether to cancel
// it. Doing nothing keeps it.
func (w *writer) bookingSaidNo(c *Content) {
	c.Subject, c.Heading = w.t("mail.advice.said_no.subject", "what", w.meeting()), w.t("mail.advice.said_no.heading")
	c.Lead = []string{w.t("mail.advice.said_no.text")}
	c.Facts = append(w.meets(former{}), w.freeUntil()...)
	c.Next = []string{w.t("mail.advice.said_no.no"), w.t("mail.e25.yes")}
	c.Actions = []Action{w.mainAction("booking_manage", w.manage)}
}
