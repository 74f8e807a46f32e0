package web

import (
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration/registrationtest"
)

func TestAnEventsPageSaysWhoWaitsForAnAnswerAndWhoCanSignUp(t *testing.T) {
	d := newDesk(t, func(c *event.Content) {
		c.AudienceMode, c.OwnMunicipality, c.ConfirmEmail, c.Audiences = event.AudienceAsk, true, true, []string{"supplier_sme"}
	})
	lacks(t, plain(d.see(d.at("")).Find("main")), "väntar på svar")
	q := registrationtest.Request(d.ev.ID, 1)
	q.Audience = "politician"
	registrationtest.SignUp(t, d.s.DB, q)
	doc := d.see(d.at(""))
	wants(t, plain(doc.Find("main")), "En person vill vara med och väntar på svar.", "Andra än målgruppen får fråga, och du godkänner",
		"Bara för arbetsplatser i evenemangets kommun", "E-postadressen ska bekräftas")
	if n := doc.Find(`a[href="` + d.at("/queue") + `#requests"]`).Length(); n != 1 {
		t.Errorf("%d links to the requests", n)
	}
	if n := d.see(d.at("/queue")).Find("#requests").Length(); n != 1 {
		t.Error("the link leads nowhere")
	}
}

func TestAnEventsPageSaysSinceWhenSignUpIsOpen(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.AudienceMode = event.AudienceInvite })
	wants(t, plain(d.see(d.at("")).Find("main")), "Öppnade", "Stänger", "Bara de som är inbjudna")
	lacks(t, plain(d.see(d.at("")).Find("main")), "Öppnar när evenemanget publiceras")
	d.clock.Set(d.ev.ClosesAt)
	d.again()
	wants(t, plain(d.see(d.at("")).Find("main")), "Öppnade", "Stängde")

	later := newDesk(t, func(c *event.Content) { c.OpensAt = c.StartsAt.AddDate(0, 0, -21) })
	wants(t, plain(later.see(later.at("")).Find("main")), "Öppnar")
	lacks(t, plain(later.see(later.at("")).Find("main")), "Öppnade")
	later.clock.Set(later.ev.OpensAt)
	later.again()
	wants(t, plain(later.see(later.at("")).Find("main")), "Öppnade")
}
