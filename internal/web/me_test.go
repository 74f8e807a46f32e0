package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/owndata"
	"stafett/internal/person"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// lookUpFast spares tests the pause that hides which addresses are known.
func lookUpFast(o *Options) { o.Limits.LookUpTakes = time.Nanosecond }

// comeIn lets the visitor onto the page of the person with an address, by a link
// as the letter has it.
func (v *visitor) comeIn(s *Server, email string) {
	v.t.Helper()
	var token string
	storetest.Write(v.t, s.DB, func(tx *store.Tx) error {
		p, err := person.FindByEmail(context.Background(), tx, email)
		if err != nil {
			return err
		}
		token, err = person.NewLink(context.Background(), tx, p.ID, person.LinkLife)
		return err
	})
	if w := v.post("/me/link/"+token, nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/me" {
		v.t.Fatalf("the link: %d %s", w.Code, w.Body)
	}
}

func signInLetters(t *testing.T, s *Server) (n int) {
	t.Helper()
	storetest.Read(t, s.DB, func(tx *store.Tx) (err error) {
		n, err = store.One(context.Background(), tx, store.Value[int], `SELECT count(*) FROM message WHERE letter = ?`, message.SignIn)
		return err
	})
	return n
}

func TestAskingForALinkTellsNothing(t *testing.T) {
	s := newServer(t, lookUpFast)
	ev := registrationtest.Event(t, s.DB, nil)
	registrationtest.Sign(t, s.DB, ev.ID, 1)
	v := newVisitor(t, s)
	var answers []string
	for _, email := range []string{registrationtest.Address(1), "nobody@example.se"} {
		w := v.post("/me", url.Values{"email": {email}})
		page := v.get(w.Header().Get("Location"))
		answers = append(answers, w.Result().Status+w.Header().Get("Location")+page.Body.String())
	}
	if answers[0] != answers[1] || !strings.Contains(answers[0], "Om adressen finns hos oss") {
		t.Errorf("known and unknown addresses are answered differently:\n%s\n%s", answers[0], answers[1])
	}
	if n := signInLetters(t, s); n != 1 {
		t.Errorf("%d letters, want one to the known address", n)
	}
	for range 5 {
		if w := v.post("/me", url.Values{"email": {registrationtest.Address(1)}}); w.Header().Get("Location") != "/me?sent=1" {
			t.Errorf("asked too often: %d", w.Code)
		}
	}
	if n := signInLetters(t, s); n != 3 {
		t.Errorf("%d letters to one address, want at most three", n)
	}
	if doc := v.page(v.post("/me", url.Values{"email": {"nobody"}}), http.StatusUnprocessableEntity); doc.Find("#email").AttrOr("value", "") != "nobody" || doc.Find("#email-error").Length() != 1 {
		t.Error("what was typed is lost, or not said to be wrong")
	}
}

func TestTheLinkOfALetterOpensOnesPageOnceAndOnlyByItsButton(t *testing.T) {
	s := newServer(t, lookUpFast)
	ev := registrationtest.Event(t, s.DB, nil)
	r := registrationtest.Sign(t, s.DB, ev.ID, 1)
	var token string
	storetest.Write(t, s.DB, func(tx *store.Tx) (err error) {
		token, err = person.NewLink(context.Background(), tx, r.PersonID, person.LinkLife)
		return err
	})
	v := newVisitor(t, s)
	for range 3 { // scanners open it
		if v.page(v.get("/me/link/"+token), http.StatusOK); len(v.cookies) > 0 {
			t.Fatal("opening the link lets somebody in")
		}
	}
	w := v.post("/me/link/"+token, nil)
	if c := w.Result().Cookies(); len(c) != 1 || !c[0].HttpOnly || c[0].SameSite != http.SameSiteLaxMode {
		t.Fatalf("cookies %v", c)
	}
	if doc := v.page(v.get("/me"), http.StatusOK); !strings.Contains(doc.Find("#coming").Text(), ev.Title) {
		t.Error("the page lacks the registration")
	}
	for _, again := range []int{v.get("/me/link/" + token).Code, newVisitor(t, s).post("/me/link/"+token, nil).Code} {
		if again != http.StatusNotFound {
			t.Errorf("a used link answers %d", again)
		}
	}
	cookies := v.cookies
	v.post("/me/sign-out", nil)
	v.cookies = cookies // kept by somebody else
	if w := v.get("/me/registrations/" + r.ID); w.Header().Get("Location") != "/me" {
		t.Errorf("after signing out: %d", w.Code)
	}
}

func TestOnHTTPSThePersonsCookieIsBoundToTheHost(t *testing.T) {
	s := newServer(t, func(o *Options) { o.BaseURL = "https://program.example" })
	r := registrationtest.Sign(t, s.DB, registrationtest.Event(t, s.DB, nil).ID, 1)
	v := newVisitor(t, s)
	v.comeIn(s, r.Email)
	if c := v.cookies[0]; c.Name != "__Host-person" || !c.Secure || c.Path != "/" || c.Domain != "" {
		t.Errorf("the cookie is %v", c)
	}
}

// Every page of one's own, by whoever asks. A route that is new is in it at once,
// for it is taken from the table of routes.
func TestOnesOwnPagesAreForOneselfAlone(t *testing.T) {
	w := newCounsel(t, nil)
	s := w.s
	ev := registrationtest.Event(t, s.DB, nil)
	own, other := registrationtest.Sign(t, s.DB, ev.ID, 1), registrationtest.Sign(t, s.DB, ev.ID, 2)
	addUser(t, s, "karin@region.example", administrator)
	ownFirm := aidOfFirm(t, s, ev.ProgrammeID, own.PersonID).ID
	booking := w.booked(own.PersonID)
	project := applicationInTest(t, s, ev.ProgrammeID, own.PersonID)
	seen := 0
	for _, route := range s.routes {
		if route.access != personal || route.path == "/me/sign-out" {
			continue
		}
		seen++
		id := own.ID
		switch {
		case strings.HasPrefix(route.path, "/me/bookings/"):
			id = booking.ID
		case strings.HasPrefix(route.path, "/me/aid/"):
			id = ownFirm
		case strings.HasPrefix(route.path, "/me/hours/"):
			id = booking.AccountID
		case strings.HasPrefix(route.path, "/me/applications/"):
			id = project.ID
		}
		path := strings.NewReplacer(":id", id, ":slug", "radgivning").Replace(route.path)
		for _, who := range []string{"nobody", "an organiser", "another", "themselves"} {
			v := newVisitor(t, s)
			switch who {
			case "an organiser":
				v.signInAs("karin@region.example")
			case "another":
				v.comeIn(s, other.Email)
			case "themselves":
				v.comeIn(s, own.Email)
			}
			w := v.get(path)
			if route.method == http.MethodPost {
				w = v.post(path, nil)
			}
			let := w.Code
			switch {
			case who == "nobody" || who == "an organiser":
				if w.Header().Get("Location") != "/me" {
					t.Errorf("%s %s by %s: %d %s", route.method, route.path, who, let, w.Header().Get("Location"))
				}
			case who == "another" && strings.Contains(route.path, ":id"):
				if let != http.StatusNotFound {
					t.Errorf("%s %s by %s: %d", route.method, route.path, who, let)
				}
			case let == http.StatusNotFound && (route.path == "/me/contacts" || strings.HasSuffix(route.path, "/accept") || strings.HasSuffix(route.path, "/meeting.ics")): // names nobody, no time; who has asked for erasure has no meeting
			case let >= 500 || let == http.StatusNotFound || w.Header().Get("Location") == "/me":
				t.Errorf("%s %s by %s: %d %s", route.method, route.path, who, let, w.Header().Get("Location"))
			}
		}
	}
	if seen < 9 {
		t.Errorf("only %d pages of one's own", seen)
	}
}

// askedToErase makes a request that the organiser has to decide on.
func askedToErase(t *testing.T, s *Server, r registration.Registration) (q owndata.Request) {
	t.Helper()
	ctx := context.Background()
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		if _, err := store.Exec(ctx, tx, `UPDATE programme SET erasure_decision = '' WHERE slug = 'dalarna'`); err != nil {
			return err
		}
		if err := owndata.Ask(ctx, tx, r.PersonID); err != nil {
			return err
		}
		open, err := owndata.OpenRequests(ctx, tx, nil)
		q = open[0]
		return err
	})
	return q
}

func TestSomebodySeesAndCorrectsWhatIsStored(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	v.post("/events/"+ev.Slug+"/register", signUp())
	v.comeIn(s, "asa@people.example")
	doc := v.page(v.get("/me/data"), http.StatusOK)
	for _, want := range []string{"Åsa", "asa@people.example", "402000-1006", "Siljans Snickeri (påhittat)", "Sociala krav som fungerar", "Mora", "Bekräftelse"} {
		if !strings.Contains(doc.Find("#stored").Text(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	w := v.post("/me/data", url.Values{"first_name": {""}, "last_name": {"Åberg"}, "language": {"nn"}})
	if doc := v.page(w, http.StatusUnprocessableEntity); doc.Find("#last_name").AttrOr("value", "") != "Åberg" || doc.Find("#first_name-error").Length() != 1 {
		t.Error("what was typed is lost")
	}
	v.post("/me/data", url.Values{"first_name": {"Åsa"}, "last_name": {"Åberg"}, "language": {"nn"}})
	if r := registrations(t, s, ev.ID)[0]; r.LastName != "Åberg" || r.Language != "nn" {
		t.Errorf("the registration says %s %s", r.LastName, r.Language)
	}
	for path, kind := range map[string]string{"/me/data.json": "application/json", "/me/data.html": "text/html"} {
		w := v.get(path)
		if !strings.HasPrefix(w.Header().Get("Content-Type"), kind) || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") || !strings.Contains(w.Body.String(), "Åberg") {
			t.Errorf("%s: %v", path, w.Header())
		}
	}
	if w := newVisitor(t, s).get("/me/data.json"); w.Header().Get("Location") != "/me" {
		t.Errorf("a stranger: %d", w.Code)
	}
}

func TestErasureIsShownBeforeItHappensAndDecidedByTheOrganiser(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	r := registrationtest.Sign(t, s.DB, ev.ID, 1)
	v := newVisitor(t, s)
	v.comeIn(s, r.Email)
	if doc := v.page(v.get("/me/erase"), http.StatusOK); !strings.Contains(doc.Find("#given-up").Text(), ev.Title) || doc.Find("#kept").Length() != 0 {
		t.Errorf("the place that is given up is not listed: %s", doc.Find("main").Text())
	}
	if registrationtest.Find(t, s.DB, r.ID).Status != registration.Confirmed {
		t.Fatal("looking gives the place up")
	}
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		_, err := store.Exec(context.Background(), tx, `UPDATE programme SET erasure_decision = ''`)
		return err
	})
	if doc := v.page(v.get("/me/erase"), http.StatusOK); !strings.Contains(doc.Find("#kept").Text(), "Allmän handling") {
		t.Error("why it is kept is not said")
	}
	if w := v.post("/me/erase", nil); w.Header().Get("Location") != "/me/data?done=erasure_asked" {
		t.Fatalf("%d", w.Code)
	}
	v.page(v.post("/me/erase", nil), http.StatusConflict)
	if doc := v.page(v.get("/me/data"), http.StatusOK); doc.Find("#erase").Length() != 0 || !strings.Contains(doc.Find(".notice").Text(), "svar senast") {
		t.Error("the page does not say that an answer is coming")
	}

	addUser(t, s, "karin@region.example", administrator)
	karin := newVisitor(t, s)
	karin.signInAs("karin@region.example")
	if doc := karin.page(karin.get("/admin"), http.StatusOK); doc.Find(`a[href="/admin/erasures"]`).Length() != 1 {
		t.Error("today's page does not tell")
	}
	to, _ := karin.page(karin.get("/admin/erasures"), http.StatusOK).Find(".todo-list a").Attr("href")
	doc := karin.page(karin.post(to, url.Values{"decision": {"refused"}, "reason": {" "}}), http.StatusUnprocessableEntity)
	if doc.Find("#reason-error").Length() != 1 || doc.Find(`input[value="refused"][checked]`).Length() != 1 {
		t.Error("a refusal without a reason")
	}
	doc = karin.page(karin.post(to, url.Values{"decision": {"refused"}, "reason": {"Handlingen\u202e ska bevaras."}}), http.StatusUnprocessableEntity)
	if doc.Find("#reason-error").Length() != 1 {
		t.Error("a reason that reads backwards goes into a letter")
	}
	if w := karin.post(to, url.Values{"decision": {"refused"}, "reason": {"Handlingen ska bevaras."}}); w.Header().Get("Location") != "/admin/erasures?done=erasure_decided" {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if doc := v.page(v.get("/me/data"), http.StatusOK); !strings.Contains(doc.Find("#stored").Text(), "Handlingen ska bevaras.") {
		t.Error("the person does not see the reason")
	}
	karin.page(karin.post(to, url.Values{"decision": {"granted"}}), http.StatusConflict)
}

func TestWhoAsksForTooManyLinksHasToWait(t *testing.T) {
	s := newServer(t, func(o *Options) { lookUpFast(o); o.Limits.AskLinkHour = 3 })
	v := newVisitor(t, s)
	for i := range 4 {
		want := map[bool]int{true: http.StatusSeeOther, false: http.StatusTooManyRequests}[i < 3]
		if w := v.post("/me", url.Values{"email": {"nobody@example.se"}}); w.Code != want {
			t.Errorf("time %d: %d", i+1, w.Code)
		}
	}
}

func TestAnOfferIsAnsweredAndAnAddressProvedOnOnesOwnPage(t *testing.T) {
	s := newServer(t, nil)
	full := registrationtest.Event(t, s.DB, func(c *event.Content) { c.RoomPlaces = new(1) })
	first, waits := registrationtest.Sign(t, s.DB, full.ID, 1), registrationtest.Sign(t, s.DB, full.ID, 2)
	asks := registrationtest.Event(t, s.DB, func(c *event.Content) { c.ConfirmEmail = true })
	q := registrationtest.Request(asks.ID, 2)
	q.Outside = true
	unproved := registrationtest.SignUp(t, s.DB, q).Registration
	v := newVisitor(t, s)
	v.comeIn(s, waits.Email)
	if doc := v.page(v.get("/me"), http.StatusOK); doc.Find("#waiting li").Length() != 1 || doc.Find("#answer li").Length() != 1 {
		t.Fatalf("the page is %s", doc.Find("main").Text())
	}
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		_, err := registration.Withdraw(context.Background(), tx, first.ID, registrationtest.Organiser, "")
		return err
	})
	doc := v.page(v.get("/me"), http.StatusOK)
	if text := doc.Find("#answer").Text(); doc.Find("#answer li").Length() != 2 || !strings.Contains(text, "Svara senast") {
		t.Fatalf("what wants an answer is %q", text)
	}
	v.post("/me/registrations/"+waits.ID+"/answer", url.Values{"answer": {"yes"}})
	v.post("/me/registrations/"+unproved.ID+"/confirm", nil)
	for _, id := range []string{waits.ID, unproved.ID} {
		if got := registrationtest.Find(t, s.DB, id).Status; got != registration.Confirmed {
			t.Errorf("%s is %s", id, got)
		}
	}
	v = newVisitor(t, s) // whoever gave up the place at an event still to come
	v.comeIn(s, first.Email)
	wants(t, plain(v.page(v.get("/me"), http.StatusOK).Find("#earlier")), "Tidigare och avslutat", full.Title)
}
