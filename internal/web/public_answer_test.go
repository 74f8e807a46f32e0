package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// guest is somebody at an event who has a link, before the browser.
type guest struct {
	*visitor
	s     *Server
	clock *storetest.Clock
	ev    event.Event
	r     registration.Registration // as it was when the link was made
	path  string                    // of the link
}

// eventFor publishes an event on a server of its own.
func eventFor(t *testing.T, change func(*event.Content)) *guest {
	t.Helper()
	g := &guest{}
	g.s = newServer(t, func(o *Options) { o.DB, g.clock = storetest.New(t) })
	g.ev = registrationtest.Event(t, g.s.DB, change)
	g.visitor = newVisitor(t, g.s)
	return g
}

// holding gives the guest a link to a registration.
func (g *guest) holding(r registration.Registration, purpose registration.Purpose) *guest {
	g.t.Helper()
	prefix := map[registration.Purpose]string{registration.AnswerOffer: "/offer/", registration.ProveEmail: "/confirm/", registration.Manage: "/r/"}[purpose]
	next := *g
	next.r, next.path = r, prefix+link(g.t, g.s, r, purpose)
	return &next
}

// write does something in a transaction.
func (g *guest) write(fn func(context.Context, *store.Tx) error) {
	g.t.Helper()
	storetest.Write(g.t, g.s.DB, func(tx *store.Tx) error { return fn(g.t.Context(), tx) })
}

// now is the registration as it is stored.
func (g *guest) now() registration.Registration {
	g.t.Helper()
	return registrationtest.Find(g.t, g.s.DB, g.r.ID)
}

func (g *guest) is(want registration.Status) {
	g.t.Helper()
	if got := g.now().Status; got != want {
		g.t.Errorf("the registration is %q, want %q", got, want)
	}
}

// letters are the kinds of letters written to the guest, oldest first.
func (g *guest) letters() (kinds []message.Letter) {
	g.t.Helper()
	storetest.Read(g.t, g.s.DB, func(tx *store.Tx) error {
		list, err := message.OfRegistration(g.t.Context(), tx, g.r.ID)
		for _, m := range list {
			kinds = append(kinds, m.Letter)
		}
		return err
	})
	return kinds
}

// sees opens the page of the link.
func (g *guest) sees() *goquery.Document {
	g.t.Helper()
	return g.page(g.get(g.path), http.StatusOK)
}

// says posts an answer to the page of the link.
func (g *guest) says(answer string) *httptest.ResponseRecorder {
	g.t.Helper()
	return g.post(g.path, url.Values{"answer": {answer}})
}

// done demands that an answer led back to the page, and opens that.
func (g *guest) done(w *httptest.ResponseRecorder) *goquery.Document {
	g.t.Helper()
	if w.Code != http.StatusSeeOther {
		g.t.Fatalf("status %d: %s", w.Code, plain(g.page(w, w.Code).Find("main")))
	}
	return g.page(g.get(w.Header().Get("Location")), http.StatusOK)
}

// buttons are the values of the answers that the page has buttons for.
func buttons(doc *goquery.Document) (values []string) {
	for _, b := range doc.Find(`main button[name="answer"]`).EachIter() {
		values = append(values, b.AttrOr("value", ""))
	}
	return values
}

func hasButtons(t *testing.T, doc *goquery.Document, want ...string) {
	t.Helper()
	got := buttons(doc)
	if len(got) != len(want) {
		t.Errorf("the page has buttons for %q, want %q", got, want)
		return
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("the page has buttons for %q, want %q", got, want)
		}
	}
}

// offered is an event with one place, which somebody has given up: it is offered
// to the guest until tomorrow evening, and another waits behind.
func offered(t *testing.T) (g, behind *guest) {
	t.Helper()
	g = eventFor(t, func(c *event.Content) { c.RoomPlaces = new(1) })
	var all []registration.Registration
	for n := range 3 {
		g.clock.Advance(time.Minute)
		all = append(all, registrationtest.Sign(t, g.s.DB, g.ev.ID, n+1))
	}
	g.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.Withdraw(ctx, tx, all[0].ID, registrationtest.Organiser, "")
		return err
	})
	return g.holding(all[1], registration.AnswerOffer), g.holding(all[2], registration.AnswerOffer)
}

// letGo lets the scheduler do what it does each minute.
func (g *guest) letGo() {
	g.t.Helper()
	g.write(registration.LetGo)
}

func TestAnOpenOfferNamesTheDeadlineAndOpeningItTakesNothing(t *testing.T) {
	g, behind := offered(t)
	for _, method := range []string{http.MethodHead, http.MethodGet} {
		for _, query := range []string{"", "?answer=yes", "?answer=no"} {
			r := httptest.NewRequest(method, "http://program.example"+g.path+query, nil)
			r.Header.Set("User-Agent", "LinkScanner/1.0")
			if w := g.do(r); w.Code != http.StatusOK {
				t.Errorf("%s %s: %d", method, query, w.Code)
			}
			g.is(registration.Offered)
		}
	}
	doc := g.sees()
	wants(t, plain(doc.Find("main")), "Sociala krav som fungerar", "Onsdag 10 mars 2027", "Kristinehallen", "senast torsdag 14 januari kl. 20.03", "ida.lind@example.se")
	hasButtons(t, doc, "yes", "no")
	hasButtons(t, g.page(g.get(g.path+"?answer=no"), http.StatusOK), "no", "yes")
	doc = behind.sees()
	wants(t, plain(doc.Find("main")), "Du står på reservlistan", "Du är nummer 1 på reservlistan")
	hasButtons(t, doc)
}

func TestYesTakesThePlaceOnceHoweverOftenItIsSaid(t *testing.T) {
	g, behind := offered(t)
	doc := g.done(g.says("yes"))
	wants(t, plain(doc.Find("main")), "Platsen är din")
	hasButtons(t, doc)
	letters := len(g.letters())
	g.done(g.says("yes"))
	if got := len(g.letters()); got != letters {
		t.Errorf("the second yes wrote %d letters more", got-letters)
	}
	late := g.page(g.says("no"), http.StatusConflict)
	wants(t, plain(late.Find(`[role="alert"]`)), "redan tackat ja")
	wants(t, plain(late.Find("main")), "Platsen är din")
	g.is(registration.Confirmed)
	behind.is(registration.Waitlisted)
}

func TestNoGivesThePlaceOnAndTheQueueStaysOpen(t *testing.T) {
	g, behind := offered(t)
	doc := g.done(g.says("no"))
	wants(t, plain(doc.Find("main")), "Du har tackat nej")
	hasButtons(t, doc, "again")
	behind.is(registration.Offered)
	letters := len(g.letters())
	g.done(g.says("no"))
	if got := len(g.letters()); got != letters {
		t.Errorf("the second no wrote %d letters more", got-letters)
	}
	wants(t, plain(g.page(g.says("yes"), http.StatusConflict).Find(`[role="alert"]`)), "redan besvarat")

	doc = g.done(g.says("again"))
	wants(t, plain(doc.Find("main")), "Du är nummer 1 på reservlistan")
	g.done(g.says("again"))
	g.is(registration.Waitlisted)
}

func TestAnOfferThatTimeHasPassedIsLateAlsoBeforeItIsPassedOn(t *testing.T) {
	g, behind := offered(t)
	g.clock.Set(g.now().HoldUntil)
	doc := g.sees()
	wants(t, plain(doc.Find("main")), "Erbjudandet har gått ut")
	hasButtons(t, doc, "again")
	wants(t, plain(g.page(g.says("yes"), http.StatusConflict).Find(`[role="alert"]`)), "Erbjudandet har gått ut")
	g.is(registration.Offered) // nothing but the scheduler passes it on

	g.letGo()
	behind.is(registration.Offered)
	doc = g.sees()
	wants(t, plain(doc.Find("main")), "Erbjudandet har gått ut")
	hasButtons(t, doc, "again")
	g.page(g.says("yes"), http.StatusConflict)
	g.done(g.says("again"))
	g.is(registration.Waitlisted)
}

func TestAnOfferThatTheOrganiserTookBackIsOver(t *testing.T) {
	g, behind := offered(t)
	g.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.Withdraw(ctx, tx, g.r.ID, registrationtest.Organiser, "Dubbel anmälan")
		return err
	})
	doc := g.sees()
	wants(t, plain(doc.Find("main")), "Den här anmälan är avslutad")
	hasButtons(t, doc)
	for _, answer := range []string{"yes", "no", "again"} {
		if w := g.says(answer); w.Code != http.StatusConflict {
			t.Errorf("%s: %d", answer, w.Code)
		}
	}
	behind.is(registration.Offered)
}

func TestAnOfferEndsWithItsEvent(t *testing.T) {
	t.Run("cancelled", func(t *testing.T) {
		g, behind := offered(t)
		g.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := registration.CancelEvent(ctx, tx, g.ev.ID, "Föreläsaren är sjuk", registrationtest.Organiser)
			return err
		})
		for _, one := range []*guest{g, behind} {
			doc := one.sees()
			wants(t, plain(doc.Find("main")), "Evenemanget är inställt")
			hasButtons(t, doc)
		}
		if w := g.says("yes"); w.Code != http.StatusConflict {
			t.Errorf("yes: %d", w.Code)
		}
	})
	t.Run("postponed", func(t *testing.T) {
		g, _ := offered(t)
		g.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := registration.PostponeEvent(ctx, tx, g.ev.ID, "Snö", registrationtest.Organiser)
			return err
		})
		doc := g.sees()
		wants(t, plain(doc.Find("main")), "framflyttat", "Du är nummer 1 på reservlistan")
		hasButtons(t, doc)
		if w := g.says("yes"); w.Code != http.StatusConflict {
			t.Errorf("yes: %d", w.Code)
		}
	})
	t.Run("past", func(t *testing.T) {
		g, behind := offered(t)
		g.done(g.says("yes"))
		g.clock.Set(g.ev.EndsAt)
		for _, one := range []*guest{g, behind} {
			doc := one.sees()
			wants(t, plain(doc.Find("main")), "Evenemanget har redan varit")
			lacks(t, plain(doc.Find("main")), "Platsen är din", "inget att svara på just nu")
			hasButtons(t, doc)
		}
		if w := behind.says("yes"); w.Code != http.StatusConflict {
			t.Errorf("yes: %d", w.Code)
		}
	})
}

func TestInTheLastHoursTheFirstToAnswerGetsThePlace(t *testing.T) {
	g := eventFor(t, func(c *event.Content) { c.RoomPlaces = new(1) })
	var all []registration.Registration
	for n := range 3 {
		all = append(all, registrationtest.Sign(t, g.s.DB, g.ev.ID, n+1))
	}
	first, second := g.holding(all[1], registration.AnswerOffer), g.holding(all[2], registration.AnswerOffer)
	g.clock.Set(g.ev.StartsAt.Add(-3 * time.Hour))
	hasButtons(t, second.sees()) // there is nothing to call for yet
	wants(t, plain(second.page(second.says("yes"), http.StatusConflict).Find(`[role="alert"]`)), "Någon annan hann före")
	g.write(func(ctx context.Context, tx *store.Tx) error {
		_, err := registration.Withdraw(ctx, tx, all[0].ID, registrationtest.Organiser, "")
		return err
	})
	for _, one := range []*guest{first, second} {
		doc := one.sees()
		wants(t, plain(doc.Find("main")), "den som svarar först", "onsdag 10 mars kl. 08.00")
		hasButtons(t, doc, "yes")
	}
	wants(t, plain(second.done(second.says("yes")).Find("main")), "Platsen är din")
	second.done(second.says("yes"))

	lost := first.page(first.says("yes"), http.StatusConflict)
	wants(t, plain(lost.Find(`[role="alert"]`)), "Någon annan hann före", "Du står kvar på reservlistan")
	hasButtons(t, lost)
	first.is(registration.Waitlisted)
}

func TestALinkThatIsUnknownForeignOrOldIsNoLink(t *testing.T) {
	g, _ := offered(t)
	manage, proof := g.holding(g.r, registration.Manage), g.holding(g.r, registration.ProveEmail)
	token := func(g *guest, prefix string) string { return g.path[len(prefix):] }
	for _, path := range []string{
		"/offer/unknown", "/offer/" + token(manage, "/r/"), "/offer/" + token(proof, "/confirm/"),
		"/confirm/unknown", "/confirm/" + token(manage, "/r/"), "/confirm/" + token(g, "/offer/"),
		"/r/" + token(g, "/offer/"), "/r/" + token(proof, "/confirm/"),
	} {
		if w := g.get(path); w.Code != http.StatusNotFound {
			t.Errorf("GET %s: %d", path, w.Code)
		}
		if w := g.post(path, url.Values{"answer": {"yes"}}); w.Code != http.StatusNotFound {
			t.Errorf("POST %s: %d", path, w.Code)
		}
	}
	g.is(registration.Offered)
	g.clock.Set(g.ev.EndsAt.Add(24 * time.Hour))
	for _, old := range []*guest{g, proof} {
		doc := old.page(old.get(old.path), http.StatusNotFound)
		wants(t, plain(doc.Find("main")), "länken upphört att gälla")
	}
	wants(t, plain(manage.sees().Find("h1")), "Din anmälan") // for 30 days
	g.clock.Set(g.ev.EndsAt.Add(30 * 24 * time.Hour))
	if w := manage.get(manage.path); w.Code != http.StatusNotFound {
		t.Errorf("the registration's own page a month later: %d", w.Code)
	}
}

func TestAnAnswerThatThereIsNotIsSaidToBeNone(t *testing.T) {
	g, _ := offered(t)
	manage := g.holding(g.r, registration.Manage)
	for _, answer := range []string{"", "maybe", "YES", "yes\n"} {
		doc := g.page(g.says(answer), http.StatusUnprocessableEntity)
		wants(t, plain(doc.Find(`[role="alert"]`)), "Svaret kom inte fram")
		hasButtons(t, doc, "yes", "no")
		doc = g.page(g.post(manage.path+"/answer", url.Values{"answer": {answer}}), http.StatusUnprocessableEntity)
		wants(t, plain(doc.Find(`[role="alert"]`)), "Svaret kom inte fram")
		hasButtons(t, doc, "yes", "no")
	}
	g.is(registration.Offered)
}

func TestAnOfferIsAnsweredOnTheRegistrationsOwnPage(t *testing.T) {
	g, behind := offered(t)
	own := g.holding(g.r, registration.Manage)
	doc := own.sees()
	wants(t, plain(doc.Find("#answer")), "senast torsdag 14 januari kl. 20.03")
	hasButtons(t, doc, "yes", "no")
	if doc.Find("#cancel").Length() > 0 {
		t.Error("whoever can say no thanks is also asked to give up a place")
	}
	doc = own.done(own.post(own.path+"/answer", url.Values{"answer": {"no"}}))
	wants(t, plain(doc.Find(`[role="status"]`)), "Ditt svar är sparat")
	hasButtons(t, doc, "again")
	behind.is(registration.Offered)
	doc = own.done(own.post(own.path+"/answer", url.Values{"answer": {"again"}}))
	wants(t, plain(doc.Find("main")), "nummer 1 på reservlistan")
	hasButtons(t, doc)

	other := behind.holding(behind.r, registration.Manage)
	other.done(other.post(other.path+"/answer", url.Values{"answer": {"yes"}}))
	other.is(registration.Confirmed)
	doc = other.page(other.post(other.path+"/answer", url.Values{"answer": {"no"}}), http.StatusConflict)
	wants(t, plain(doc.Find(`[role="alert"]`)), "redan tackat ja")
}
