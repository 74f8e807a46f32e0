package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
)

// unproved is an event with one place, held for somebody whose address has to be
// proved, and another who waits behind.
func unproved(t *testing.T) (g, behind *guest) {
	t.Helper()
	g = eventFor(t, func(c *event.Content) { c.ConfirmEmail, c.RoomPlaces = true, new(1) })
	form := signUp()
	if w := g.post("/events/"+g.ev.Slug+"/register", form); w.Code != http.StatusSeeOther {
		t.Fatalf("signing up: %d", w.Code)
	} else {
		doc := g.done(w)
		wants(t, plain(doc.Find("main")), "Vi håller en plats åt dig", "länken i mejlet")
	}
	g.clock.Advance(time.Minute)
	form.Set("email", "next@people.example")
	form.Set("organisation", "none")
	g.post("/events/"+g.ev.Slug+"/register", form)
	all := map[string]registration.Registration{}
	for _, r := range registrations(t, g.s, g.ev.ID) {
		all[r.Email] = r
	}
	g, behind = g.holding(all["asa@people.example"], registration.ProveEmail), g.holding(all["next@people.example"], registration.ProveEmail)
	g.is(registration.PendingEmail)
	behind.is(registration.Waitlisted)
	return g, behind
}

func TestAnAddressIsProvedByTheButtonAndNotByOpeningTheLink(t *testing.T) {
	g, behind := unproved(t)
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		g.do(httptest.NewRequest(method, "http://program.example"+g.path, nil))
		g.is(registration.PendingEmail)
	}
	doc := g.sees()
	wants(t, plain(doc.Find("main")), "Någon har anmält asa@people.example", "senast torsdag 14 januari kl. 10.00", "Onsdag 10 mars 2027")
	hasButtons(t, doc, "mine", "not_me")

	doc = g.done(g.says("mine"))
	wants(t, plain(doc.Find("main")), "Adressen är bekräftad", "Platsen är din")
	hasButtons(t, doc)
	g.is(registration.Confirmed)
	behind.is(registration.Waitlisted)
	letters := len(g.letters())
	g.done(g.says("mine"))
	if got := len(g.letters()); got != letters {
		t.Errorf("the second time wrote %d letters more", got-letters)
	}
	wants(t, plain(g.page(g.says("not_me"), http.StatusConflict).Find("main")), "Det går inte längre", "Platsen är din")
	g.is(registration.Confirmed)
}

func TestWhoeverWasSignedUpByAnotherSaysSoAndHearsNoMore(t *testing.T) {
	g, behind := unproved(t)
	doc := g.done(g.says("not_me"))
	wants(t, plain(doc.Find("main")), "Anmälan är borttagen")
	lacks(t, plain(doc.Find("main")), "Vill du vara med")
	hasButtons(t, doc)
	g.is(registration.Lapsed)
	behind.is(registration.Offered)
	g.done(g.says("not_me"))
	wants(t, plain(g.page(g.says("mine"), http.StatusConflict).Find("main")), "Anmälan är borttagen")
	if got := g.letters(); len(got) != 1 || got[0] != message.ConfirmAddress {
		t.Errorf("letters to the stranger: %q", got)
	}
}

func TestAPlaceForAnUnprovedAddressEndsAfterADay(t *testing.T) {
	g, behind := unproved(t)
	g.clock.Set(g.now().HoldUntil)
	says := func() {
		t.Helper()
		doc := g.sees()
		wants(t, plain(doc.Find("main")), "Tiden för att bekräfta har gått ut")
		hasButtons(t, doc)
		if doc.Find(`main a[href="/events/`+g.ev.Slug+`"].ds-button`).Length() != 1 {
			t.Error("nothing leads to signing up anew")
		}
		if w := g.says("mine"); w.Code != http.StatusConflict {
			t.Errorf("confirmed too late: %d", w.Code)
		}
	}
	says()
	g.letGo()
	g.is(registration.Lapsed)
	behind.is(registration.Offered)
	says()
}

func TestAConfirmationEndsWithItsEventOrItsRegistration(t *testing.T) {
	for name, end := range map[string]struct {
		says string
		step func(*guest)
	}{
		"event cancelled": {"Evenemanget är inställt", func(g *guest) {
			g.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := registration.CancelEvent(ctx, tx, g.ev.ID, "Föreläsaren är sjuk", registrationtest.Organiser)
				return err
			})
		}},
		"given up": {"Den här anmälan är avslutad", func(g *guest) {
			g.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := registration.Withdraw(ctx, tx, g.r.ID, registrationtest.Organiser, "")
				return err
			})
		}},
		"past": {"Evenemanget har redan varit", func(g *guest) {
			g.done(g.says("mine"))
			g.clock.Set(g.ev.EndsAt)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g, _ := unproved(t)
			end.step(g)
			doc := g.sees()
			wants(t, plain(doc.Find("main")), end.says)
			lacks(t, plain(doc.Find("main")), "kan du anmäla dig", "Platsen är din")
			hasButtons(t, doc)
		})
	}
}

func TestAnUnknownAnswerConfirmsNothing(t *testing.T) {
	g, _ := unproved(t)
	for _, form := range []url.Values{nil, {"answer": {""}}, {"answer": {"yes"}}} {
		doc := g.page(g.post(g.path, form), http.StatusUnprocessableEntity)
		wants(t, plain(doc.Find(`[role="alert"]`)), "Svaret kom inte fram")
		hasButtons(t, doc, "mine", "not_me")
	}
	g.is(registration.PendingEmail)
}

func TestTheOwnPageOfAnUnprovedAddressSaysWhatIsMissing(t *testing.T) {
	g, _ := unproved(t)
	own := g.holding(g.r, registration.Manage)
	doc := own.sees()
	wants(t, plain(doc.Find("main")), "Väntar på bekräftad adress", "länken i mejlet", "senast torsdag 14 januari kl. 10.00")
	own.done(own.post(own.path+"/cancel", nil))
	g.is(registration.Cancelled)
}
