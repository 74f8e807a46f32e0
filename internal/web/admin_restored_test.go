package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"stafett/internal/audit"
	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/recovery"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// wentBack gives a desk whose database went back to a backup while somebody had an
// offer and letters waited.
func wentBack(t *testing.T) (*desk, []registration.Registration) {
	t.Helper()
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = new(1) })
	var people []registration.Registration
	for n := range 2 {
		people = append(people, registrationtest.Sign(t, d.s.DB, d.ev.ID, n+1))
	}
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := registration.Withdraw(context.Background(), tx, people[0].ID, audit.Actor{Kind: "person"}, "")
		return err
	})
	d.clock.Advance(10 * 24 * time.Hour)
	storetest.Write(t, d.s.DB, func(tx *store.Tx) error {
		_, err := recovery.Mark(context.Background(), tx, recovery.Beside{}, audit.Command)
		return err
	})
	d.again() // everybody was signed out
	return d, people
}

func TestEveryPageOfTheDeskSaysThatTheSystemWentBackToABackup(t *testing.T) {
	d, _ := wentBack(t)
	for _, path := range []string{"/admin", "/admin/events", d.at(""), d.at("/roster"), "/admin/messages", "/admin/companies", "/admin/restored"} {
		alert := d.see(path).Find(`main .ds-alert[data-color="danger"]`)
		wants(t, plain(alert), "återställts från en säkerhetskopia", "13 januari", "23 januari")
		if links := alert.Find(`a[href="/admin/restored"]`).Length(); (links == 1) == (path == "/admin/restored") {
			t.Errorf("%s has %d links to the answer", path, links)
		}
	}
	storetest.Write(t, d.s.DB, func(tx *store.Tx) (err error) { // all that runs by itself does
		for _, r := range message.Regulars {
			err = errors.Join(err, message.NoteRun(context.Background(), tx, r.Name, ""))
		}
		return err
	})
	if fine := d.see("/admin").Find(`main .ds-alert[data-color="success"]`).Length(); fine != 0 {
		t.Error("the first page says that nothing needs a hand")
	}
	if public := plain(d.see("/events").Find("body")); public != "" {
		lacks(t, public, "säkerhetskopia")
	}
}

func TestOldLettersAreDecidedAGroupAtATimeAndThenAllGoesOn(t *testing.T) {
	d, people := wentBack(t)
	doc := d.see("/admin/restored")
	if n := doc.Find(".todo-list > li").Length(); n != 4 { // E02 and E10 to the first, E03 and E07 to the second
		t.Fatalf("%d groups: %s", n, plain(doc.Find("main")))
	}
	wants(t, plain(doc.Find("main")), "Bekräftelse", d.ev.Title, "1 brev", "E10 to person001@example.se", "1 erbjudande om plats gick ut")
	if doc.Find(`form[action="/admin/restored/go-on"]`).Length() != 0 {
		t.Error("it can go on before the letters are decided")
	}
	if w := d.post("/admin/restored/go-on", url.Values{"offers": {"anew"}}); w.Code != http.StatusConflict {
		t.Errorf("it goes on before the letters are decided: %d", w.Code)
	}
	group := doc.Find(".todo-list form").FilterFunction(func(_ int, f *goquery.Selection) bool {
		return f.Find(`[name="letter"]`).AttrOr("value", "") == string(message.Cancelled)
	})
	form := typed(group)
	form.Set("decision", "send")
	if to := d.send("/admin/restored/letters", form); to != "/admin/restored?done=restored_send" {
		t.Errorf("led to %s", to)
	}
	all := d.see("/admin/restored/all?decision=throw").Find(`form[action="/admin/restored/letters/all"]`)
	wants(t, plain(all), "3 gamla brev läggs åt sidan", "Det går inte att ångra", "Bekräftelse, "+d.ev.Title+": 1 brev", "Lägg 3 brev åt sidan")
	stale := typed(all)
	stale.Set("n", "2")
	if w := d.post("/admin/restored/letters/all", stale); w.Code != http.StatusConflict {
		t.Errorf("another number than was said: %d", w.Code)
	}
	if n := d.see("/admin/restored").Find(".todo-list > li").Length(); n != 3 {
		t.Errorf("%d groups are left", n)
	}
	d.send("/admin/restored/letters/all", typed(all))
	for _, m := range d.messages(people[0]) {
		if want := map[message.Letter]message.Status{message.Confirmed: message.Dropped, message.Cancelled: message.Waiting}[m.Letter]; m.Status != want {
			t.Errorf("%s is %s, want %s", m.Letter, m.Status, want)
		}
	}
	if w := d.post("/admin/restored/go-on", url.Values{}); w.Code != http.StatusUnprocessableEntity {
		t.Errorf("without saying what becomes of the offers: %d", w.Code)
	}
	if to := d.send("/admin/restored/go-on", url.Values{"offers": {"anew"}}); to != "/admin?done=restored_on" {
		t.Errorf("led to %s", to)
	}
	if r := registrationtest.Find(t, d.s.DB, people[1].ID); r.Status != registration.Offered || !r.HoldUntil.After(d.clock.Now()) {
		t.Errorf("the offer is %s until %v", r.Status, r.HoldUntil)
	}
	lacks(t, plain(d.see("/admin").Find("main")), "säkerhetskopia")
	wants(t, plain(d.see("/admin/restored").Find("main")), "Inget väntar på svar")
}

func TestOrganisersOfSomeProgrammesDecideAboutTheirOwnLetters(t *testing.T) {
	d, _ := wentBack(t)
	other := d.stranger()
	doc := other.see("/admin/restored")
	wants(t, plain(doc.Find("main")), "Brev från andra program väntar också", "Den som ansvarar för alla program")
	lacks(t, plain(doc.Find("main")), d.ev.Title, "person001", "4", "1 erbjudande") // nor how many there are
	wants(t, plain(other.see("/admin/restored/all?decision=send").Find("main")), "Inga gamla brev väntar på svar")
	other.send("/admin/restored/letters/all", url.Values{"n": {"0"}, "decision": {"send"}})
	other.send("/admin/restored/letters", url.Values{"letter": {string(message.Cancelled)}, "event": {d.ev.ID}, "decision": {"send"}})
	if n := d.see("/admin/restored").Find(".todo-list > li").Length(); n != 4 {
		t.Errorf("%d groups are left", n)
	}
	if w := other.post("/admin/restored/go-on", url.Values{"offers": {"end"}}); w.Code != http.StatusConflict {
		t.Errorf("a stranger lets it go on: %d", w.Code)
	}
}
