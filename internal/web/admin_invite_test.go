package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"stafett/internal/event"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

func TestWhoIsInvitedIsWrittenToAndCanBeWrittenToAgain(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.AudienceMode = event.AudienceInvite })
	wants(t, plain(d.see(d.at("/invitations")).Find("main")), "Var och en får ett mejl med sin länk")
	doc := d.see(d.send(d.at("/invitations"), url.Values{"emails": {"anna@example.se\nbo@example.se\nAnna@Example.se"}}))
	wants(t, plain(doc.Find("main")), "2 inbjudningar är skapade. Var och en får ett mejl med sin länk.", "Mejlet är på väg")
	if n := doc.Find(`form[action$="/send"]`).Length(); n != 0 {
		t.Errorf("%d can be sent again at once", n)
	}
	d.clock.Advance(time.Minute)
	again := strings.Replace(doc.Find(`form[action$="/revoke"]`).First().AttrOr("action", ""), "/revoke", "/send", 1)
	if w := d.post(again, nil); w.Code != http.StatusConflict {
		t.Errorf("sent again while it waits: %d", w.Code)
	} else {
		wants(t, plain(d.page(w, http.StatusConflict).Find("main")), "för mindre än en timme sedan")
	}
	if w := d.stranger().post(again, nil); w.Code != http.StatusNotFound {
		t.Errorf("a stranger sends it: %d", w.Code)
	}
	allSent(t, d.s.DB)
	d.clock.Advance(time.Hour)
	d.again()
	doc = d.see(d.at("/invitations"))
	wants(t, plain(doc.Find("main")), "Mejlet skickades")
	if n := doc.Find(`form[action$="/send"]`).Length(); n != 2 {
		t.Errorf("%d can be sent again, want both", n)
	}
	wants(t, plain(d.see(d.send(again, nil)).Find("main")), "Mejlet med inbjudan skickas igen", "Mejlet är på väg")

	typed := "cia@example.se\nbo@example.se"
	doc = d.refusal(d.at("/invitations"), url.Values{"emails": {typed}}, http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find("main")), "inget har sparats och inga mejl har skickats", "Rad 2: bo@example.se: Adressen är redan inbjuden")
	lacks(t, plain(d.see(d.at("/invitations")).Find("ul.todo-list")), "cia@")
	doc = d.see(d.send(d.at("/invitations"), url.Values{"label": {"Mora"}}))
	wants(t, plain(doc.Find("main")), "En länk är skapad. Kopiera den och skicka den.")
}

func TestThePageSaysWhyNoInvitationsAreSentNow(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.AudienceMode = event.AudienceInvite })
	d.clock.Set(d.ev.ClosesAt)
	d.again()
	doc := d.see(d.send(d.at("/invitations"), url.Values{"emails": {"anna@example.se"}}))
	wants(t, plain(doc.Find("main")), "Anmälan är stängd", "Inget mejl har skickats än")
}

// allSent notes every letter as sent.
func allSent(t *testing.T, db *store.DB) {
	t.Helper()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(t.Context(), tx, `UPDATE message SET status = 'sent', done_at = ? WHERE done_at IS NULL`, store.At(tx.Now))
		return err
	})
}
