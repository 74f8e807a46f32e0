package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/news"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// newsOf is the state of everything that an address has asked for.
func newsOf(t *testing.T, s *Server, email string) (list []news.Subscription) {
	t.Helper()
	storetest.Read(t, s.DB, func(tx *store.Tx) (err error) {
		list, err = news.All(context.Background(), tx, email)
		return err
	})
	return list
}

func newsLink(t *testing.T, s *Server, email string, p news.Purpose) (token string) {
	t.Helper()
	sub := newsOf(t, s, email)[0]
	storetest.Write(t, s.DB, func(tx *store.Tx) (err error) {
		token, err = news.NewLink(context.Background(), tx, sub.ID, p)
		return err
	})
	return token
}

func TestTheBoxForNewsIsEmptyAndApartFromTheRegistration(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	doc := v.page(v.get("/events/"+ev.Slug+"/register"), http.StatusOK)
	if box := doc.Find("#news"); box.Length() != 1 || box.Is("[checked]") {
		t.Error("no box for news, or a ticked one")
	}
	form := signUp()
	form.Set("email", "")
	form.Set("news", "1")
	doc = v.page(v.post("/events/"+ev.Slug+"/register", form), http.StatusUnprocessableEntity)
	if !doc.Find("#news").Is("[checked]") {
		t.Error("the tick is lost when the form is refused")
	}
	form = signUp()
	v.post("/events/"+ev.Slug+"/register", form)
	if got := newsOf(t, s, form.Get("email")); len(got) != 0 {
		t.Errorf("without the tick: %v", got)
	}
	form.Set("news", "1")
	form.Set("email", "news@example.se")
	v.post("/events/"+ev.Slug+"/register", form)
	got := newsOf(t, s, "news@example.se")
	if len(got) != 1 || got[0].Status != news.Asked || !strings.HasPrefix(got[0].Wording, "Ja, jag vill ha nyheter från ") {
		t.Errorf("with the tick: %v", got)
	}
}

// oneClick is what a mail program sends that stops the news for somebody: no
// cookie, no Origin, one field (RFC 8058 3.2).
func oneClick(v *visitor, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "http://program.example"+path, strings.NewReader("List-Unsubscribe=One-Click"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

func TestNewsIsConfirmedAndEndedByButtonsOnlyAndByOneClick(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	form := signUp()
	form.Set("news", "1")
	v.post("/events/"+ev.Slug+"/register", form)
	email := form.Get("email")
	status := func() news.Status { return newsOf(t, s, email)[0].Status }

	confirm := "/news/confirm/" + newsLink(t, s, email, news.ToConfirm)
	v.page(v.get(confirm), http.StatusOK)
	if status() != news.Asked {
		t.Fatal("opening the link says yes")
	}
	v.post(confirm, nil)
	if doc := v.page(v.get(confirm), http.StatusOK); status() != news.On || doc.Find("main button").Length() != 0 {
		t.Fatal("the button does not say yes")
	}

	end := "/u/" + newsLink(t, s, email, news.ToEnd)
	v.page(v.get(end), http.StatusOK)
	if status() != news.On {
		t.Fatal("opening the link ends the news")
	}
	for range 2 { // mail programs try again
		if w := oneClick(newVisitor(t, s), end); w.Code != http.StatusOK {
			t.Fatalf("one click: %d %s", w.Code, w.Body)
		}
	}
	if got := newsOf(t, s, email)[0]; got.Status != news.Ended || got.EndedBy != news.ByOneClick {
		t.Fatalf("after one click: %+v", got)
	}
	v.post(end, url.Values{"again": {"1"}})
	if status() != news.On {
		t.Fatal("it cannot be undone")
	}
	v.post(end, nil)
	if got := newsOf(t, s, email)[0]; got.EndedBy != news.ByPage {
		t.Fatalf("after the button: %+v", got)
	}
	if w := v.get("/u/nothing"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown link: %d", w.Code)
	}
}

func TestNewsIsTurnedOnAndOffOnOnesOwnPage(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	other := registrationtest.Event(t, s.DB, func(c *event.Content) {})
	registrationtest.Sign(t, s.DB, ev.ID, 1)
	registrationtest.Sign(t, s.DB, other.ID, 1)
	v := newVisitor(t, s)
	v.comeIn(s, registrationtest.Address(1))
	doc := v.page(v.get("/me"), http.StatusOK)
	programme := doc.Find("#news input[name=programme]").AttrOr("value", "")
	if n := doc.Find("#news form").Length(); n != 1 || programme != ev.ProgrammeID {
		t.Fatalf("%d programmes to choose", n)
	}
	v.post("/me/news", url.Values{"programme": {programme}, "news": {"on"}})
	if got := newsOf(t, s, registrationtest.Address(1)); len(got) != 1 || got[0].Status != news.On {
		t.Fatalf("turned on: %v", got)
	}
	v.post("/me/news", url.Values{"programme": {programme}, "news": {"off"}})
	if got := newsOf(t, s, registrationtest.Address(1)); got[0].EndedBy != news.ByOwnPage {
		t.Fatalf("turned off: %v", got)
	}
	if w := v.post("/me/news", url.Values{"programme": {"another"}, "news": {"on"}}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("news of a programme that the person has nothing to do with: %d", w.Code)
	}
	storetest.Read(t, s.DB, func(tx *store.Tx) error {
		n, err := message.CountTo(context.Background(), tx, registrationtest.Address(1), message.ConfirmNews, s.DB.Now().AddDate(-1, 0, 0))
		if n != 0 {
			t.Errorf("%d letters ask for a proved address", n)
		}
		return err
	})
}
