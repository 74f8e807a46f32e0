package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stafett/internal/message"
	"stafett/internal/person"
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
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	own, other := registrationtest.Sign(t, s.DB, ev.ID, 1), registrationtest.Sign(t, s.DB, ev.ID, 2)
	addUser(t, s, "karin@region.example", administrator)
	seen := 0
	for _, route := range s.routes {
		if route.access != personal || route.path == "/me/sign-out" {
			continue
		}
		seen++
		path := strings.ReplaceAll(route.path, ":id", own.ID)
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
			case let >= 500 || let == http.StatusNotFound || w.Header().Get("Location") == "/me":
				t.Errorf("%s %s by %s: %d %s", route.method, route.path, who, let, w.Header().Get("Location"))
			}
		}
	}
	if seen < 9 {
		t.Errorf("only %d pages of one's own", seen)
	}
}
