package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/person"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
	"stafett/internal/user"
)

func TestAnAddressThatMailDoesNotReachIsCorrected(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	addUser(t, s, "karin@region.example", user.Grant{Role: user.Administrator})
	r := registrationtest.Sign(t, s.DB, ev.ID, 1)
	storetest.Write(t, s.DB, func(tx *store.Tx) error { return person.MarkEmailFailed(context.Background(), tx, r.Email) })
	v := newVisitor(t, s)
	v.signInAs("karin@region.example")
	doc := v.page(v.post("/admin/registrations/"+r.ID+"/address", url.Values{"email": {"not one"}}), http.StatusUnprocessableEntity)
	if !strings.Contains(doc.Find(".error-summary").Text(), "e-postadress") {
		t.Errorf("it says %q", doc.Find(".error-summary").Text())
	}
	if w := v.post("/admin/registrations/"+r.ID+"/address", url.Values{"email": {"Right@people.example"}}); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	storetest.Read(t, s.DB, func(tx *store.Tx) error {
		letters, err := message.OfRegistration(context.Background(), tx, r.ID)
		if err != nil {
			return err
		}
		if last := letters[len(letters)-1]; last.Letter != message.Confirmed || last.Recipient != "right@people.example" {
			t.Errorf("the last letter is %s to %s", last.Letter, last.Recipient)
		}
		return nil
	})
}

func TestADraftIsThrownAwayAndNothingElse(t *testing.T) {
	s := newServer(t, nil)
	published := registrationtest.Event(t, s.DB, nil)
	addUser(t, s, "karin@region.example", user.Grant{Role: user.Administrator})
	var draft event.Event
	storetest.Write(t, s.DB, func(tx *store.Tx) (err error) {
		c := registrationtest.Content()
		c.Agenda = []event.AgendaItem{{Title: "Välkommen"}}
		draft, err = event.Create(context.Background(), tx, published.ProgrammeID, "", c, registrationtest.Organiser)
		return err
	})
	v := newVisitor(t, s)
	v.signInAs("karin@region.example")
	if w := v.post("/admin/events/"+published.ID+"/discard", nil); w.Code != http.StatusConflict {
		t.Errorf("a published event: %d", w.Code)
	}
	if w := v.post("/admin/events/"+draft.ID+"/discard", nil); w.Header().Get("Location") != "/admin/events?done=discarded" {
		t.Errorf("a draft: %d", w.Code)
	}
	if w := v.get("/admin/events/" + draft.ID); w.Code != http.StatusNotFound {
		t.Errorf("afterwards: %d", w.Code)
	}
}

func TestReadingARosterIsWrittenDownOnceAnHour(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, nil)
	addUser(t, s, "karin@region.example", user.Grant{Role: user.Administrator})
	v := newVisitor(t, s)
	v.signInAs("karin@region.example")
	for range 3 {
		v.page(v.get("/admin/events/"+ev.ID+"/roster"), http.StatusOK)
	}
	n := 0
	storetest.Read(t, s.DB, func(tx *store.Tx) error {
		entries, err := audit.Of(context.Background(), tx, "event", ev.ID)
		for _, e := range entries {
			if e.Action == "roster.read" {
				n++
			}
		}
		return err
	})
	if n != 1 {
		t.Errorf("%d entries", n)
	}
}

func TestTheJoinPageMayLeadToTheMeeting(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) { registrationtest.Hybrid(c); c.Mode, c.RoomPlaces = event.Online, nil })
	v := newVisitor(t, s)
	v.post("/events/"+ev.Slug+"/register", signUp())
	token := link(t, s, registrations(t, s, ev.ID)[0], "join")
	if p := v.get("/join/" + token).Header().Get("Content-Security-Policy"); !strings.Contains(p, "form-action 'self' https:;") {
		t.Errorf("the policy is %q", p)
	}
}

func TestARefusedTransferKeepsTheAnswers(t *testing.T) {
	s := newServer(t, nil)
	ev := registrationtest.Event(t, s.DB, func(c *event.Content) {
		c.Questions = []event.Question{{Kind: event.TextQuestion, Label: "Vad vill du fråga?"}}
	})
	v := newVisitor(t, s)
	form := signUp()
	form.Set("q_"+ev.Questions[0].ID, "Hur skriver jag ett anbud?")
	v.post("/events/"+ev.Slug+"/register", form)
	token := link(t, s, registrations(t, s, ev.ID)[0], "registration")
	doc := v.page(v.post("/r/"+token+"/transfer", url.Values{"colleague_email": {"x"}}), http.StatusUnprocessableEntity)
	if got := doc.Find("#q_" + ev.Questions[0].ID).Text(); got != "Hur skriver jag ett anbud?" {
		t.Errorf("the answer is %q", got)
	}
	if href := doc.Find(`.language a[lang="nb"]`).AttrOr("href", ""); !strings.HasPrefix(href, "/r/"+token+"?") {
		t.Errorf("the language link leads to %q", href)
	}
}
