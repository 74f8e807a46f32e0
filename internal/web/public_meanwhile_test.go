package web

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
)

// waitsOnline is a hybrid event with one place in the room, which the first has;
// the second takes part online and waits for it.
func waitsOnline(t *testing.T) (inRoom, g *guest) {
	t.Helper()
	inRoom, _ = hybrid(t, 1, 5)
	g = inRoom.signsUp(func(f url.Values) {
		f.Set("mode", "room")
		f.Set("email", "cia@people.example")
		f.Set("organisation", "none")
	})
	g.is(registration.Waitlisted)
	doc := g.done(g.post(g.path+"/mode", g.changesTo("online")))
	wants(t, plain(doc.Find("#room")), "Du har en plats digitalt och står i kö till lokalen, nummer 1.", "Lämna kön till lokalen")
	return inRoom, g
}

func (g *guest) givesUp() {
	g.t.Helper()
	g.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.Withdraw(ctx, tx, g.r.ID, audit.Actor{Kind: "person", ID: g.r.PersonID}, "")
		return err
	})
}

func TestWhoWaitsForTheRoomOnlineLeavesTheQueueAndComesBack(t *testing.T) {
	_, g := waitsOnline(t)
	doc := g.sees()
	if doc.Find("#mode").Length() > 0 || doc.Find("#answer").Length() > 0 {
		t.Error("the page speaks of the room twice")
	}
	wants(t, plain(doc.Find("#cancel")), "Avanmäl")
	doc = g.done(g.post(g.path+"/room", url.Values{"room": {"leave"}}))
	wants(t, plain(doc.Find(`[role="status"]`)), "Du står inte längre i kö till lokalen")
	wants(t, plain(doc.Find("#room")), "Lokalen är full", "Ställ mig i kö till lokalen")
	doc = g.done(g.post(g.path+"/room", url.Values{"room": {"join"}}))
	wants(t, plain(doc.Find(`[role="status"]`)), "Du står nu i kö till lokalen")
	wants(t, plain(doc.Find("#room")), "nummer 1")
	doc = g.page(g.post(g.path+"/room", url.Values{"room": {"moon"}}), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(`[role="alert"]`)), "Svaret kom inte fram")
	if got := g.now(); got.Mode != event.Online || !got.WaitsForRoom() {
		t.Errorf("the registration is %s, waits %t", got.Mode, got.WaitsForRoom())
	}
}

func TestTheOfferOfTheRoomIsAnsweredAndThePlaceOnlineStaysUntilYes(t *testing.T) {
	inRoom, g := waitsOnline(t)
	inRoom.givesUp()
	doc := g.sees()
	wants(t, plain(doc.Find("#answer")), "vi håller den åt dig", "Platsen är i lokalen", "även om du tackar nej")
	if got := buttons(doc); len(got) != 2 {
		t.Errorf("the answers are %q", got)
	}
	offer := g.holding(g.now(), registration.AnswerOffer)
	doc = offer.sees()
	wants(t, plain(doc.Find("main")), "Platsen är i lokalen", "Plats"+inRoom.ev.VenueName)
	doc = offer.done(offer.says("no"))
	wants(t, plain(doc.Find("main")), "Du har tackat nej till lokalen", "Du har kvar din plats digitalt", "Ställ dig sist på reservlistan")
	doc = offer.done(offer.says("again")) // and nobody else wants it
	wants(t, plain(doc.Find("main")), "vi håller den åt dig")
	doc = offer.done(offer.says("yes"))
	wants(t, plain(doc.Find("main")), "Platsen är din")
	if got := g.now(); got.Mode != event.Room || got.Status != registration.Confirmed || got.WaitsForRoom() {
		t.Errorf("the registration is %s %s, waits %t", got.Status, got.Mode, got.WaitsForRoom())
	}
	if doc := g.sees(); doc.Find("#room").Length() > 0 {
		t.Error("the page still speaks of the queue")
	}
}

func TestOnesOwnPageTellsOfTheQueueForTheRoomAndAnswersTheOffer(t *testing.T) {
	inRoom, g := waitsOnline(t)
	g.comeIn(g.s, g.r.Email)
	doc := g.page(g.get("/me"), http.StatusOK)
	wants(t, plain(doc.Find("#coming")), "står i kö till lokalen, nummer 1")
	inRoom.givesUp()
	doc = g.page(g.get("/me"), http.StatusOK)
	wants(t, plain(doc.Find("#answer")), "Platsen är i lokalen")
	g.path = "/me/registrations/" + g.r.ID
	g.done(g.post(g.path+"/answer", url.Values{"answer": {"no"}}))
	doc = g.done(g.post(g.path+"/room", url.Values{"room": {"join"}}))
	wants(t, plain(doc.Find("#answer")), "vi håller den åt dig")
	g.done(g.post(g.path+"/answer", url.Values{"answer": {"yes"}}))
	if got := g.now(); got.Mode != event.Room {
		t.Errorf("the place is %s", got.Mode)
	}
}

func TestTheOfferOfTheRoomThatPassedSaysThatThePlaceOnlineStays(t *testing.T) {
	inRoom, g := waitsOnline(t)
	inRoom.givesUp()
	g.clock.Set(g.now().HoldUntil)
	offer := g.holding(g.now(), registration.AnswerOffer)
	for range 2 { // before the scheduler comes, and after
		doc := offer.sees()
		wants(t, plain(doc.Find("main")), "Nu håller vi inte längre någon plats i lokalen åt dig", "Du har kvar din plats digitalt")
		doc = offer.page(offer.says("yes"), http.StatusConflict)
		wants(t, plain(doc.Find(`[role="alert"]`)), "Erbjudandet har gått ut")
		g.letGo()
	}
	if got := g.now(); got.Mode != event.Online || got.Status != registration.Confirmed {
		t.Errorf("the registration is %s %s", got.Status, got.Mode)
	}
}

func TestThePageAfterSigningUpTellsOfThePlacesOnline(t *testing.T) {
	for online, want := range map[int]bool{5: true, 1: false} {
		inRoom, _ := hybrid(t, 1, online)
		form := signUp()
		form.Set("mode", "room")
		form.Set("email", "cia@people.example")
		form.Set("organisation", "none")
		doc := inRoom.done(inRoom.post("/events/"+inRoom.ev.Slug+"/register", form))
		tells := "Det finns plats digitalt."
		if want {
			wants(t, plain(doc.Find("main")), tells)
		} else {
			lacks(t, plain(doc.Find("main")), tells)
		}
	}
}

func TestOrganisersSeeWhoWaitsForTheRoomOnline(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { registrationtest.Hybrid(c); c.RoomPlaces = new(1) })
	var all []registration.Registration
	for n := range 3 {
		d.clock.Advance(time.Minute)
		q := registrationtest.Request(d.ev.ID, n+1)
		q.Mode = event.Room
		all = append(all, registrationtest.SignUp(t, d.s.DB, q).Registration)
	}
	second := &guest{visitor: d.visitor, s: d.s, clock: d.clock, ev: d.ev, r: all[1]}
	second.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.ChangeMode(ctx, tx, all[1].ID, event.Online, audit.Actor{Kind: "person"})
		return err
	})
	doc := d.see(d.at("/queue"))
	wants(t, plain(doc.Find("main")), "2 väntar")
	wants(t, plain(doc.Find("#row-"+all[1].ID)), "Har plats digitalt")
	lacks(t, plain(doc.Find("#row-"+all[2].ID)), "Har plats digitalt")
	doc = d.see(d.at("/roster"))
	wants(t, plain(doc.Find("#row-"+all[1].ID)), "I kö till lokalen: 1")
	wants(t, plain(doc.Find("#row-"+all[2].ID)), ": 2")
	second.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.Withdraw(ctx, tx, all[0].ID, audit.Actor{Kind: "person"}, "")
		return err
	})
	wants(t, plain(d.see(d.at("/roster")).Find("#row-"+all[1].ID)), "Erbjuds plats i lokalen")
}
