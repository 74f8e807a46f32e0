package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"stafett/internal/owndata"
	"stafett/internal/store"
	"stafett/internal/store/storetest"
)

const askButton = `form[action="/me"] button`

// comeIn asks for a link, reads the letter, and presses the button behind it.
func (b *tab) comeIn(d demo, email string, letters int) (link string) {
	b.t.Helper()
	b.open("/me")
	b.fill("email", email)
	b.follow(askButton)
	b.reads("h1", "Titta i din e-post")
	letter := d.letter(b.t, email, letters)
	if letter.calendar != "" || !strings.Contains(letter.subject, "Min sida") {
		b.t.Errorf("the letter with the link is %+v", letter)
	}
	link = letter.link("/me/link/")
	b.open(link) // as a scanner does
	b.open(link)
	b.reads("main", email)
	b.follow(`form[action^="/me/link/"] button`)
	b.reads("h1", "Min sida")
	return link
}

// keepPublicRecords makes the demo's organisers Swedish authorities that have not
// decided what they may erase.
func keepPublicRecords(t *testing.T, d demo) {
	t.Helper()
	db, err := store.Open(t.Context(), d.database, realOptions(time.Now))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	storetest.Write(t, db, func(tx *store.Tx) error {
		_, err := store.Exec(t.Context(), tx, `UPDATE programme SET authority = TRUE, erasure_decision = '' WHERE country = 'SE'`)
		return err
	})
}

func TestMinSidaByALinkInAMail(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	eva := visitor{"Eva", "Ström", "eva@people.example"}
	keepPublicRecords(t, d)
	for _, event := range []string{"fort-innovation", "lar-alvdalen"} {
		b.open("/events/" + event + "/register")
		b.fillIn(eva)
		b.follow(signUpButton)
	}
	d.letter(t, eva.email, 2)

	b.follow(`nav.main a[href="/me"]`)
	b.accessible()
	b.fill("email", "eva")
	b.refusedBy(askButton, 422)
	b.accessible()
	b.fill("email", "nobody@people.example")
	b.follow(askButton)
	b.accessible()
	unknown := b.text("main")
	link := b.comeIn(d, eva.email, 3)
	b.accessible()
	b.reads("#coming", "Upphandling som driver nya lösningar")
	b.reads("#waiting", "Du är nummer 3 på reservlistan")

	b.follow(`#calendar a`)
	b.accessible()
	b.follow(`form[action="/me/calendar"] button`)
	b.accessible()
	if file := script[string](b, `fetch(document.getElementById("feed-address").value).then(r => r.text())`); !strings.Contains(file, "STATUS:CONFIRMED") || !strings.Contains(file, "STATUS:TENTATIVE") {
		t.Errorf("the calendar of one's own holds %s", file)
	}
	b.open("/me")

	b.follow("#coming h3 a")
	b.reads("h1", "Din anmälan")
	b.accessible()
	b.fill("first_name", "Ewa")
	b.follow(`#change button`)
	b.reads("[role=status]", "sparade")
	b.follow(`form[action$="/ticket"] button`)
	if !strings.HasPrefix(b.path(), "/r/") || b.text("#ticket .ticket-qr") == "there is no such element" {
		t.Errorf("no ticket at %s", b.path())
	}

	b.open("/me/data")
	b.reads("#stored", eva.email)
	b.accessible()
	b.fill("last_name", " ")
	b.refusedBy(`#correct button`, 422)
	b.fill("last_name", "Strøm")
	b.follow(`#correct button`)
	var own owndata.Data
	if err := json.Unmarshal([]byte(script[string](b, `fetch("/me/data.json").then(r => r.text())`)), &own); err != nil || len(own.Registration) != 2 || own.Person.LastName != "Strøm" {
		t.Errorf("the file holds %+v, %v", own.Person, err)
	}
	if file := script[string](b, `fetch("/me/data.html").then(r => r.text())`); !strings.Contains(file, eva.email) {
		t.Errorf("the file to read lacks the address: %s", file)
	}

	b.follow(`a[href="/me/erase"]`)
	b.reads("#kept", "Allmän handling")
	b.accessible()
	b.follow(`form[action="/me/erase"] button`)
	b.reads("main", "svar senast")
	d.letter(t, eva.email, 4)
	b.follow(`a[href="/me"]`)
	b.follow(`form[action="/me/sign-out"] button`)
	b.reads("h1", "Min sida")
	b.openTo(link, 404) // it was good once
	b.reads("main", "Be om en ny")
	b.open("/me/data")
	b.reads("h1", "Min sida")
	b.fill("email", eva.email)
	b.follow(askButton)
	if known := b.text("main"); known != unknown {
		t.Errorf("a known address is answered with %q, an unknown one with %q", known, unknown)
	}

	karin := openTab(t, d.base)
	karin.open(d.organiser)
	karin.follow(`form button[type="submit"]`)
	karin.follow(`a[href="/admin/erasures"]`)
	karin.reads(".todo-list", eva.email)
	karin.accessible()
	karin.follow(`.todo-list a`)
	karin.accessible()
	karin.click(`[name="decision"][value="refused"]`)
	karin.refusedBy(`form[action^="/admin/erasures/"] button`, 422)
	karin.accessible()
	karin.click(`[name="decision"][value="granted"]`)
	karin.fill("reason", "Deltagandet är inte längre aktuellt.")
	karin.follow(`form[action^="/admin/erasures/"] button`)
	karin.reads("[role=status]", "Beslutet är sparat")
	// The link that was asked for, the place given up, the place in the queue, the answer.
	d.letter(t, eva.email, 8)
	cancelled := false
	for n := 5; n <= 8; n++ {
		if m := d.letter(t, eva.email, n); m.calendar == "CANCEL" {
			cancelled = true
		}
	}
	if !cancelled {
		t.Error("her calendar was not told")
	}
}

func TestMinSidaWithoutScripts(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.scriptsOff()
	ida := visitor{"Ida", "Vik", "ida@people.example"}
	b.open("/events/fort-innovation/register")
	b.fillIn(ida)
	b.follow(signUpButton)
	d.letter(t, ida.email, 1)
	b.comeIn(d, ida.email, 2)
	b.follow("#coming h3 a")
	b.follow(`form[action$="/cancel"] button`)
	b.reads("[role=status]", "Du är avanmäld")
	b.follow(`a[href="/me"]`)
	b.reads("#earlier", "Avanmäld")
	b.follow(`a[href="/me/data"]`)
	b.follow(`a[href="/me/erase"]`)
	b.follow(`form[action="/me/erase"] button`)
	b.follow(`nav.main a[href="/me"]`)
	b.follow(`form[action="/me/sign-out"] button`)
	b.reads("h1", "Min sida")
}
