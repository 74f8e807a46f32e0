package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// visitor is somebody who signs up.
type visitor struct{ first, last, email string }

// fillIn fills in the sign-up form for somebody who comes for no company.
func (b *tab) fillIn(v visitor) {
	b.t.Helper()
	b.fill("first_name", v.first)
	b.fill("last_name", v.last)
	b.fill("email", v.email)
	b.put("audience", "supplier_sme")
	b.fill("municipality", "Avesta")
	b.click(`[name="organisation"][value="none"]`)
}

const signUpButton = `form[action$="/register"] button[type="submit"]`

func TestFindSignUpReadTheLetterCancelAndTheNextHasThePlace(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	greta := visitor{"Greta", "Ås", "greta@people.example"}

	b.open("/events")
	all := len(b.texts(".event-list li"))
	b.follow(`.ds-chip:has([value="learning_seminar"])`)
	if got := b.query("kind"); got != "learning_seminar" {
		t.Errorf("the address says %q", got)
	}
	seminars := b.texts(".event-list li")
	if len(seminars) != 3 || all <= 3 || !slices.ContainsFunc(seminars, func(s string) bool {
		return strings.Contains(s, "Älvdalen") && strings.Contains(s, "Fullbokat · reservlista")
	}) {
		t.Errorf("of %d events, these are learning seminars: %q", all, seminars)
	}

	b.follow(`.event-list a[href="/events/lar-alvdalen"]`)
	b.reads(".facts-panel", "4 personer väntar.")
	b.follow(`.facts-panel a[href$="/register"]`)
	b.reads("h1", "Ställ dig på reservlistan")
	b.fillIn(greta)
	b.follow(signUpButton)
	b.reads("h1", "Du står på reservlistan")
	// Before two of the four, whose company has its two places already.
	b.reads("main", "Du är nummer 3 på reservlistan")
	waiting := d.letter(t, greta.email, 1)
	if waiting.calendar != "" || waiting.calendarLines != nil {
		t.Errorf("who waits has a calendar entry: %+v", waiting)
	}

	b.follow(`a[href="/events/lar-alvdalen/register"]`) // a colleague, at another event
	b.open("/events/fort-innovation")
	b.follow(`.facts-panel a[href$="/register"]`)
	sven := visitor{"Sven", "Öst", "sven@people.example"}
	b.fillIn(sven)
	b.follow(signUpButton)
	b.reads("h1", "Din anmälan är mottagen")
	b.reads("main", sven.email)

	confirmation := d.letter(t, sven.email, 1)
	b.open("/dev/mail")
	b.reads(".mail-list li", sven.email)
	b.follow(`a[href="` + confirmation.path + `"]`)
	b.reads("h1", confirmation.subject)
	inFrame := words(script[string](b, `document.querySelector("iframe").contentDocument.body.innerText`))
	for _, want := range []string{"Sven", "Falun", "måndag 12 april 2027"} {
		if !strings.Contains(inFrame, want) || !strings.Contains(words(confirmation.text), want) {
			t.Errorf("no %q in the letter %q\nor not in its text %q", want, inFrame, confirmation.text)
		}
	}
	if height := script[int](b, `document.querySelector("iframe").offsetHeight`); height < 400 {
		t.Errorf("the letter is shown %d pixels high", height)
	}
	b.load("follow the letter's own link", 200, chromedp.Click(chromedp.JSPath(`document.querySelector("iframe").contentDocument.querySelector('a[href*="/r/"]')`)))
	b.reads("h1", "Din anmälan")
	if !confirmation.has("METHOD:REQUEST") || !confirmation.has("DTSTART;TZID=Europe/Stockholm:20270412T") || !confirmation.has("SEQUENCE:0") {
		t.Errorf("the invitation is %q", confirmation.calendarLines)
	}

	b.open(confirmation.link("/r/"))
	b.reads("h1", "Din anmälan")
	b.reads("main", "Läge Anmäld")
	b.follow(`form[action$="/cancel"] button`)
	b.reads("[role=status]", "Du är avanmäld")
	if script[bool](b, `document.querySelector('form[action$="/cancel"]') !== null`) {
		t.Error("who has given up a place is asked to give it up again")
	}
	farewell := d.letter(t, sven.email, 2)
	if farewell.calendar != "CANCEL" || !farewell.has("METHOD:CANCEL") || !farewell.has("STATUS:CANCELLED") || !farewell.has("SEQUENCE:1") {
		t.Errorf("the letter about the cancelled place: %+v", farewell)
	}
	if confirmation.uid() != farewell.uid() {
		t.Error("the calendar cannot tell which entry is cancelled")
	}

	b.open(d.participant) // somebody with a place at the full event
	before := d.everyLetter(t)
	b.follow(`form[action$="/cancel"] button`)
	var news []mailed
	await(t, "two letters about the freed place", func() bool {
		after := d.everyLetter(t)
		news = after[:len(after)-len(before)]
		return len(news) >= 2
	})
	var kinds []string
	var offer mailed
	for _, m := range news {
		kinds = append(kinds, m.calendar)
		if m.calendar == "" {
			offer = m
		}
	}
	slices.Sort(kinds)
	if diff := cmp.Diff([]string{"", "CANCEL"}, kinds); diff != "" {
		t.Errorf("letters (-want +got):\n%s", diff)
	}
	offer = d.letter(t, offer.to, len(d.lettersTo(t, offer.to)))
	b.open(offer.link("/offer/")) // looking at it changes nothing
	b.reads("main", "Svara senast")
	b.reads("main", "Ja tack, jag vill ha platsen")
	b.follow(`main button[value="yes"]`)
	b.reads("main", "Platsen är din")
	await(t, "the invitation of whoever accepted", func() bool { return d.everyLetter(t)[0].calendar == "REQUEST" })
	b.open(waiting.link("/r/"))
	b.reads("main", "Du är nummer 2 på reservlistan")
}

func TestTheSameWithoutScripts(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.scriptsOff()
	nils := visitor{"Nils", "Ågren", "nils@people.example"}

	b.open("/events")
	b.click(`.ds-chip:has([value="seminar"])`)
	b.follow(`.filters button[type="submit"]`)
	if got := b.query("kind"); got != "seminar" || len(b.texts(".event-list li")) != 3 {
		t.Errorf("with the filter %q these are shown: %q", got, b.texts(".event-list li"))
	}
	b.follow(`.event-list a[href="/events/fort-innovation"]`)
	b.follow(`.facts-panel a[href$="/register"]`)
	b.refusedBy(signUpButton, 422)
	b.reads(".error-summary", "Rätta till 7 uppgifter")
	b.fillIn(nils)
	b.follow(signUpButton)
	b.reads("h1", "Din anmälan är mottagen")

	b.open(d.letter(t, nils.email, 1).link("/r/"))
	b.fill("first_name", "Nils-Erik")
	b.follow(`#change button[type="submit"]`)
	b.reads("[role=status]", "Ändringarna är sparade.")
	b.reads("main", "Nils-Erik Ågren")
	b.follow(`form[action$="/cancel"] button`)
	b.reads("[role=status]", "Du är avanmäld")
	if m := d.letter(t, nils.email, 2); m.calendar != "CANCEL" {
		t.Errorf("the letter about it: %+v", m)
	}
}

func TestAFormSentTwiceSignsUpOnce(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	disa := visitor{"Disa", "Dal", "disa@people.example"}

	b.open("/events/fort-innovation/register")
	b.fillIn(disa)
	b.load("press the button twice", 200, chromedp.DoubleClick(chromedp.CSS(signUpButton)))
	b.reads("h1", "Din anmälan är mottagen")
	d.letter(t, disa.email, 1)
	b.load("reload", 200, chromedp.Reload())
	b.reads("h1", "Din anmälan är mottagen")
	if letters := d.lettersTo(t, disa.email); len(letters) != 1 {
		t.Errorf("%d letters: %+v", len(letters), letters)
	}
}

func TestAHalfFilledFormAsksBeforeItIsLeft(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)

	b.open("/events/fort-innovation/register")
	b.open("/events/fort-innovation/register")
	if b.questions() != 0 {
		t.Error("a form in which nothing is written asks before it is left")
	}
	b.fill("first_name", "Åsa")
	b.open("/events")
	if b.questions() != 1 {
		t.Errorf("a form in which something is written asks %d times before it is left", b.questions())
	}
}
