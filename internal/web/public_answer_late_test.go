package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestAnOfferOpenedAfterItsDeadlineSaysWhenItEndedAndOffersTheQueue(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = new(1) })
	first, second := registrationtest.Sign(t, d.s.DB, d.ev.ID, 1), registrationtest.Sign(t, d.s.DB, d.ev.ID, 2)
	d.send("/admin/registrations/"+first.ID+"/cancel", url.Values{})
	offered := registrationtest.Find(t, d.s.DB, second.ID)
	token := link(t, d.s, offered, registration.AnswerOffer)
	v := newVisitor(t, d.s)
	d.clock.Set(offered.HoldUntil)
	for _, when := range []string{"before the clock has run", "after"} {
		doc := v.page(v.get("/offer/"+token), http.StatusOK)
		wants(t, plain(doc.Find("main")), "Erbjudandet har gått ut", "Du skulle ha svarat senast torsdag 14 januari")
		lacks(t, plain(doc.Find("main")), "nästa på listan", "Ja tack")
		if rejoin := doc.Find(`button[value="again"]`).Length(); rejoin != 1 {
			t.Errorf("%s: %d buttons for the queue", when, rejoin)
		}
		wants(t, plain(v.page(v.post("/offer/"+token, url.Values{"answer": {"yes"}}), http.StatusConflict).Find("main")), "Erbjudandet har gått ut eller")
		storetest.Write(t, d.s.DB, func(tx *store.Tx) error { return registration.LetGo(context.Background(), tx) })
	}
}

func TestThePlaceGoesToTheNextOnlyWhenSomebodyWaits(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = new(1) })
	token := link(t, d.s, registrationtest.Sign(t, d.s.DB, d.ev.ID, 1), registration.Manage)
	v := newVisitor(t, d.s)
	says := func() string { return plain(v.page(v.get("/r/"+token), http.StatusOK).Find("#cancel")) }
	lacks(t, says(), "nästa på listan")
	wants(t, says(), "så kan någon annan få platsen")
	registrationtest.Sign(t, d.s.DB, d.ev.ID, 2)
	wants(t, says(), "platsen till nästa på listan")
}
