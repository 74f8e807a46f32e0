package mail

import (
	"stafett/internal/message"
	"stafett/internal/ticket"
)

// hasTicket reports whether a ticket goes with the letter: whoever has a place
// in a room gets it with the confirmation, and again when time or place change.
// It is attached and not shown in the letter itself: a picture there would put
// the alternatives, by which calendars are found, into another part.
func (f facts) hasTicket() bool {
	return (f.Letter == message.Confirmed || f.Letter == message.EventMoved) && ticket.For(f.registration, f.event, f.now)
}

func (w *writer) tellOfTicket(c *Content) {
	if w.ticket != "" {
		c.Next = append(c.Next, w.t("mail.ticket"))
	}
	w.showTicket(c)
}

// ticketPart leads to the code on the page of a registration, to be shown on a
// telephone.
const ticketPart = "#ticket"

func (w *writer) showTicket(c *Content) {
	if ticket.For(w.registration, w.event, w.now) {
		c.Actions = append(c.Actions, w.action("ticket", w.manage+ticketPart))
	}
}

// ticketPDF is dated as the letter is, so that it is the same on every attempt.
func (w *writer) ticketPDF() ([]byte, error) {
	if w.ticket == "" {
		return nil, nil
	}
	words := func(key string) string {
		text, _ := w.texts.Text(w.language, key) // a ticket that lacks a word is better than none
		return text
	}
	return ticket.New(words, w.places, w.language, w.programme.Name, w.registration, w.event, w.ticket, w.now).PDF()
}
