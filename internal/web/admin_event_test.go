package web

import (
	"context"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"stafett/internal/event"
	"stafett/internal/message"
	"stafett/internal/registration/registrationtest"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

// draft puts a draft in the place of the desk's event.
func (d *desk) draft(change func(*event.Content)) {
	d.t.Helper()
	c := registrationtest.Content()
	if change != nil {
		change(&c)
	}
	storetest.Write(d.t, d.s.DB, func(tx *store.Tx) (err error) {
		d.ev, err = event.Create(context.Background(), tx, d.ev.ProgrammeID, "", c, registrationtest.Organiser)
		return err
	})
}

func TestAnEventsDeskTellsWhereItStands(t *testing.T) {
	d := newDesk(t, func(c *event.Content) { c.RoomPlaces = new(2) })
	for n := range 3 {
		registrationtest.Sign(t, d.s.DB, d.ev.ID, n+1)
	}
	d.finish(message.Failed, "no such address")
	doc := d.see(d.at(""))
	text := plain(doc.Find("main"))
	wants(t, text, "Publicerat", "På plats2 / 2", "1 väntar", "1 brev behöver dig", "Stänger onsdag 3 mars 2027 kl. 23.59", "http://program.example/events/"+d.ev.Slug)
	want := []string{
		"Påminnelse en vecka före De som kommer på plats Onsdag 3 mars 2027 kl. 09.00 (till 2 personer som det ser ut nu)",
		"Deltagarlistan till arrangören Arrangören Måndag 8 mars 2027 kl. 09.00 (till evenemangets kontaktperson)",
		"Påminnelse dagen före Alla som har plats Tisdag 9 mars 2027 kl. 09.00 (till 2 personer som det ser ut nu)",
		"Tack för att du kom De som var med Torsdag 11 mars 2027 kl. 09.00 (till 2 personer som det ser ut nu)",
	}
	var rules []string
	for _, r := range doc.Find("#rules").Parent().Find("tbody tr").EachIter() {
		line := ""
		for i, td := range r.Find("td").EachIter() {
			if i > 0 {
				line += " "
			}
			line += plain(td)
		}
		rules = append(rules, line)
	}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Error(diff)
	}
	wants(t, plain(doc.Find(".ds-alert")), "tillgänglighet är inte beskriven", "Dagens program är tomt")
	wants(t, text, "Publicerades", "Skapades")
	for _, path := range []string{"/edit", "/preview", "/move", "/cancel", "/roster", "/add"} {
		if doc.Find(`a[href="`+d.at(path)+`"]`).Length() == 0 {
			t.Errorf("no way to %s", path)
		}
	}
}

func TestRemindersOfADraftAndOfACancelledEventAreNotPromised(t *testing.T) {
	d := newDesk(t, nil)
	d.draft(nil)
	wants(t, plain(d.see(d.at("")).Find("main")), "Skickas när evenemanget är publicerat")
}

func TestPublishing(t *testing.T) {
	d := newDesk(t, nil)
	d.draft(nil)
	if w := d.get("/events/" + d.ev.Slug); w.Code != http.StatusNotFound {
		t.Errorf("a draft is seen by visitors: %d", w.Code)
	}
	if got := d.send(d.at("/publish"), nil); got != d.at("?done=published") {
		t.Errorf("led to %s", got)
	}
	if d.now().Status != event.Published {
		t.Errorf("status %s", d.now().Status)
	}
	wants(t, plain(d.see(d.at("?done=published")).Find(".ds-alert")), "Evenemanget är publicerat")
	w := d.post(d.at("/publish"), nil)
	if w.Code != http.StatusConflict {
		t.Errorf("publishing twice: %d", w.Code)
	}
}

func TestWhatIsMissingStopsThePublishingAndLeadsToItsField(t *testing.T) {
	d := newDesk(t, nil)
	d.draft(func(c *event.Content) { c.Summary, c.ContactName = "", "" })
	doc := d.page(d.post(d.at("/publish"), nil), http.StatusUnprocessableEntity)
	wants(t, plain(doc.Find(`[role="alert"]`)), "Evenemanget är inte publicerat", "Ingress: Fyll i uppgiften", "Kontaktperson: Fyll i uppgiften")
	if got := doc.Find(`[role="alert"] a`).First().AttrOr("href", ""); got != d.at("/edit?check=1#summary") {
		t.Errorf("the first leads to %s", got)
	}
	if d.now().Status != event.Draft {
		t.Errorf("status %s", d.now().Status)
	}
}

func TestADraftIsPreviewedAsVisitorsWillSeeIt(t *testing.T) {
	d := newDesk(t, nil)
	d.draft(func(c *event.Content) { c.Title = "Förhandsvisat" })
	doc := d.see(d.at("/preview"))
	if got := plain(doc.Find("h1")); got != "Förhandsvisat" {
		t.Errorf("heading %q", got)
	}
	wants(t, plain(doc.Find(".ds-alert")), "Bara arrangörer ser den här förhandsvisningen")
	if doc.Find(`meta[name="robots"][content="noindex"]`).Length() != 1 {
		t.Error("search engines may keep a preview")
	}
}
