package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnOrganiserMakesASeriesAndSomebodySignsUpForTwoOccasionsWithoutScripts(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b, visitors := openTab(t, d.base), openTab(t, d.base)
	b.signIn(d)
	b.follow(`main a[href="/admin/events/new"]`)
	b.describe("Anbudsskolan")
	b.follow(saveButton)
	first := b.eventAddress()
	b.follow(`form[action$="/publish"] button`)

	b.click("main details.menu summary")
	b.follow(`main a[href$="/copy"]`)
	b.scriptsOff()
	b.open(first + "/copy")
	b.put("date_1", "2027-05-13")
	b.put("date_2", "2027-05-19")
	b.fill("municipality_2", "Mora")
	b.fill("venue_2", "Saxviken")
	b.click("#as_series")
	b.click("#sign-up-each")
	b.follow(`form[action$="/copy"] button[type="submit"]`)
	b.reads("[role=status]", "Kopiorna är sparade som utkast.")
	for _, slug := range b.seriesDrafts() {
		b.open(slug)
		if strings.Contains(b.text("main"), "Mora") { // the place's own notes were emptied
			b.open(slug + "/edit")
			b.fill("access_notes", "Entré utan trappsteg")
			b.follow(saveButton)
		}
		b.follow(`form[action$="/publish"] button`)
		b.reads("[role=status]", "Evenemanget är publicerat.")
	}

	visitors.scriptsOff()
	visitors.open("/events")
	visitors.reads("main", "Del 1 av 3: Anbudsskolan")
	visitors.open("/events/anbudsskolan")
	visitors.reads("#series", "Del 1 av 3")
	visitors.follow(`.facts-panel a[href$="/register"]`)
	ylva := visitor{"Ylva", "Nordanstig", "ylva@people.example"}
	visitors.fillIn(ylva)
	visitors.click(`.choice:nth-child(2) [name="occasion"]`)
	visitors.follow(signUpButton)
	visitors.reads("h1", "Din anmälan är mottagen")
	if diff := cmp.Diff(2, len(visitors.texts(".todo-list li"))); diff != "" {
		t.Errorf("occasions on the page after signing up: %s", diff)
	}
	visitors.reads(".todo-list li:last-child", "Mora")

	letter := d.letter(t, ylva.email, 1)
	if letter.calendar != "REQUEST" || d.letter(t, ylva.email, 2).calendar != "REQUEST" {
		t.Errorf("the letters carry %q and %q", letter.calendar, d.letter(t, ylva.email, 2).calendar)
	}
	visitors.open(letter.link("/r/"))
	visitors.follow(`form[action$="/cancel-all"] button`)
	visitors.reads("[role=status]", "Du är avanmäld från alla tillfällen.")
	if m := d.letter(t, ylva.email, 4); m.calendar != "CANCEL" {
		t.Errorf("the last letter: %+v", m)
	}
}

// seriesDrafts are the addresses of the drafts that the series' page lists.
func (b *tab) seriesDrafts() []string {
	b.t.Helper()
	return script[[]string](b, `[...document.querySelectorAll(".todo-list li")].filter(li => li.innerText.includes("Utkast")).map(li => li.querySelector("a").getAttribute("href"))`)
}
