package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestARefusedCancellationKeepsTheAnswers(t *testing.T) {
	var clock *storetest.Clock
	s := newServer(t, func(o *Options) { o.DB, clock = storetest.New(t) })
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) {
		c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "Vad vill du fråga?"}}
	})
	v := newVisitor(t, s)
	form := signUp()
	form.Set("q_"+ev.Questions[0].ID, "Hur skriver jag ett anbud?")
	v.post("/events/"+ev.Slug+"/register", form)
	token := link(t, s, registrations(t, s, ev.ID)[0], registration.Manage)
	clock.Set(registrationtest.Starts.Add(time.Minute))
	doc := v.page(v.post("/r/"+token+"/cancel", nil), http.StatusConflict)
	if got := doc.Find("#q_" + ev.Questions[0].ID).Text(); got != "Hur skriver jag ett anbud?" {
		t.Errorf("the answer is %q", got)
	}
}

func TestATransferIsRefusedInTheSameWordsWhoeverHasTheAddress(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	registrationtest.Sign(t, s.DB, ev.ID, 7)
	v := newVisitor(t, s)
	v.post("/events/"+ev.Slug+"/register", signUp())
	token := link(t, s, registrations(t, s, ev.ID)[1], registration.Manage)
	refusal := func(address string) string {
		form := url.Values{"colleague_first_name": {"Bo"}, "colleague_last_name": {"Ek"}, "colleague_email": {address}}
		return plain(v.page(v.post("/r/"+token+"/transfer", form), http.StatusUnprocessableEntity).Find(".error-summary"))
	}
	registered := refusal(registrationtest.Address(7))
	wants(t, registered, "Platsen kan inte överlåtas till den adressen")
	if got := refusal("asa@people.example"); got != registered {
		t.Errorf("one's own: it says %q", got)
	}
	for _, address := range []string{"bo", "bo@", "bo@192.0.2.1", strings.Repeat("b", 70) + "@people.example"} {
		wants(t, refusal(address), "Skriv en e-postadress som namn@exempel.se")
	}
	wants(t, refusal("bö@people.example"), "Delen före @ får bara ha bokstäverna a–z")
}

func TestAPostponedRegistrationCanBeChangedAfterTheOldDate(t *testing.T) {
	var clock *storetest.Clock
	s := newServer(t, func(o *Options) { o.DB, clock = storetest.New(t) })
	ev := registrationtest.Event(t, s.DB, nil)
	v := newVisitor(t, s)
	v.post("/events/"+ev.Slug+"/register", signUp())
	token := link(t, s, registrations(t, s, ev.ID)[0], registration.Manage)
	storetest.Write(t, s.DB, func(tx *store.Tx) error {
		_, err := event.Postpone(context.Background(), tx, ev.ID, "Föreläsaren är sjuk.", registrationtest.Organiser)
		return err
	})
	clock.Set(registrationtest.Starts.Add(48 * time.Hour))
	doc := v.page(v.get("/r/"+token), http.StatusOK)
	for _, action := range []string{"", "/cancel", "/transfer"} {
		if doc.Find(`form[action="/r/`+token+action+`"]`).Length() != 1 {
			t.Errorf("no form for /r/…%s", action)
		}
	}
	if w := v.post("/r/"+token+"/cancel", nil); w.Code != http.StatusSeeOther {
		t.Errorf("giving up the place: %d", w.Code)
	}
}
