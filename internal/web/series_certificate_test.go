package web

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"stafett/internal/event"
	"stafett/internal/registration"
	"stafett/internal/registration/registrationtest"
)

// wasAtAll is a desk with a series of three that has just ended, and one person
// who was at as many of them.
func wasAtAll(t *testing.T, attended int) (d *desk, token string) {
	t.Helper()
	d = newDesk(t, nil)
	all := d.inSeries(event.ForEach)
	var people []registration.Registration
	for _, ev := range all[:attended] {
		people = append(people, registrationtest.Sign(t, d.s.DB, ev.ID, 1))
	}
	for i, r := range people {
		d.clock.Set(all[i].StartsAt)
		attend(t, d.s, r.ID, registration.Present)
	}
	d.clock.Set(all[2].EndsAt)
	d.again()
	return d, link(t, d.s, people[0], registration.Manage)
}

func TestAParticipantMakesACertificateForTheWholeSeries(t *testing.T) {
	d, token := wasAtAll(t, 3)
	v := newVisitor(t, d.s)
	section := v.page(v.get("/r/"+token), http.StatusOK).Find("#series-certificate")
	wants(t, plain(section), "Du var med på 3 av 3 tillfällen i serien Anbudsskolan")
	press := func() string {
		w := v.post("/r/"+token+"/series-certificate", nil)
		if w.Code != http.StatusSeeOther {
			t.Fatalf("status %d", w.Code)
		}
		return w.Header().Get("Location")
	}
	at := press()
	if again := press(); again != at {
		t.Errorf("pressed twice: %s and %s", at, again)
	}
	if got := v.page(v.get("/r/"+token), http.StatusOK).Find("#series-certificate a").AttrOr("href", ""); got != at {
		t.Errorf("the page leads to %q", got)
	}
	doc := v.page(v.get(at), http.StatusOK)
	wants(t, plain(doc.Find("main")), "Intyget är äkta", "Person Nummer 1", "har deltagit i serien", "Anbudsskolan", "3 av 3 tillfällen", "9 timmar", "Onsdag 10 mars 2027: 3 timmar", "Onsdag 24 mars 2027")
	lacks(t, plain(doc.Find("main")), registrationtest.Address(1))
	w := v.get(at + ".pdf")
	if w.Code != http.StatusOK || !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF-")) || w.Header().Get("Content-Language") != "sv" {
		t.Errorf("the file: %d, %v", w.Code, w.Header())
	}
	typed := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(at, "/certificate/"), "-", ""))
	if w := v.get("/certificate?code=" + typed); w.Header().Get("Location") != at {
		t.Errorf("typed as %s it leads to %q", typed, w.Header().Get("Location"))
	}
}

func TestTwoOfThreeOccasionsAreNotTheWholeSeries(t *testing.T) {
	d, token := wasAtAll(t, 2)
	v := newVisitor(t, d.s)
	section := v.page(v.get("/r/"+token), http.StatusOK).Find("#series-certificate")
	wants(t, plain(section), "2 av 3 tillfällen", "kräver minst fyra av fem")
	if section.Find("button").Length() != 0 {
		t.Error("there is a button")
	}
	wants(t, plain(v.page(v.post("/r/"+token+"/series-certificate", nil), http.StatusConflict).Find("main")), "Ett intyg för serien kan bara ges")
}

func TestAnOrganiserSeesWhoHasEarnedTheSeriesAndMakesTheCertificates(t *testing.T) {
	d, token := wasAtAll(t, 3)
	doc := d.see(d.at("/series"))
	wants(t, plain(doc.Find("#certificates")), "Person Nummer 1", "3 av 3 tillfällen", "Inte skapat", "Skapa intyg för 1 person")
	doc = d.see(d.send(d.at("/series-certificates"), nil))
	lacks(t, plain(doc.Find("#certificates")), "Skapa intyg för")
	v := newVisitor(t, d.s)
	at := v.post("/r/"+token+"/series-certificate", nil).Header().Get("Location")
	if got := doc.Find("#certificates td a").First().AttrOr("href", ""); got != at {
		t.Errorf("the list leads to %q, the participant's page to %q", got, at)
	}
	wants(t, plain(doc.Find("main")), "kan inte ändras längre")
	if doc.Find(`form[action$="leave-series"], #add`).Length() != 0 {
		t.Error("the series can still be changed")
	}
	if w := d.post(d.at("/leave-series"), nil); w.Code != http.StatusConflict {
		t.Errorf("taking an occasion out: %d", w.Code)
	}
}

func TestNoSeriesCertificatesAreMadeBeforeTheEnd(t *testing.T) {
	d, _ := wasAtAll(t, 3)
	d.clock.Set(registrationtest.Starts)
	d.again()
	wants(t, plain(d.see(d.at("/series")).Find("#certificates")), "kan skapas när serien är slut")
	wants(t, plain(d.page(d.post(d.at("/series-certificates"), nil), http.StatusConflict).Find(".error-summary, [role=alert]")), "när serien är slut")
}
