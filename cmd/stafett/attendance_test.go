package main

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// choose puts a file of the text into the field, as if it had been picked.
func (b *tab) choose(id, text string) {
	b.t.Helper()
	script[bool](b, fmt.Sprintf(`(() => {
		const picked = new DataTransfer();
		picked.items.add(new File([%q], "report.csv", {type: "text/csv"}));
		document.getElementById(%q).files = picked.files;
		return true;
	})()`, text, id))
}

// meetToday publishes a webinar that begins in half an hour.
func (b *tab) meetToday() (address string) {
	b.t.Helper()
	b.open("/admin/events/new")
	b.describe("Direktköp på en timme")
	b.put("kind", "webinar")
	b.put("starts_at", "2027-03-03")
	b.put("starts_time", "09:30")
	b.put("ends_time", "10:30")
	b.click(`[name="mode"][value="online"]`)
	b.fill("join_url", "https://meet.example/direktkop")
	b.follow(saveButton)
	address = b.eventAddress()
	b.follow(`form[action$="/publish"] button`)
	return address
}

func TestOrganiserNotesWalkInsReadsAReportInAndEntersAList(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.signIn(d)
	address := b.meetToday()

	b.open(address + "/attendance")
	for _, name := range []string{"Ylva Nordanstig", "Olle Björk"} {
		if at := script[string](b, `document.activeElement.id`); name == "Olle Björk" && at != "name" {
			t.Errorf("after the first the focus is at %q", at)
		}
		b.fill("name", name)
		b.fill("email", fmt.Sprintf("p%d@people.example", len(name)))
		b.follow(`form[action$="/walk-in"] button`)
		b.reads("[role=status]", "noterad som närvarande")
	}
	if letters := d.lettersTo(t, "p10@people.example"); len(letters) != 0 {
		t.Errorf("letters to somebody who is there already: %+v", letters)
	}

	b.open(address + "/add")
	b.fill("first_name", "Maja")
	b.fill("last_name", "Rönn")
	b.fill("email", "maja@people.example")
	b.click(`[name="organisation"][value="none"]`)
	b.follow(saveButton)

	b.open(address + "/attendance/import")
	b.accessible()
	b.choose("file", "Hej!")
	b.refusedBy(`form[action$="/import"] button`, 422)
	b.reads("[role=alert]", "ingen närvarorapport")
	b.choose("file", "Name (Original Name),User Email,Total Duration (Minutes),Guest\nMajas iPhone,,55,Yes\nOlle Björk,,50,Yes\nOkänd Person,,20,Yes\n")
	b.follow(`form[action$="/import"] button`)
	b.reads("#sure", "Olle Björk")
	b.reads("#sure", "redan noterad")
	b.reads("#unsure", "Vem är ”Majas iPhone”?")
	b.reads("#unknown", "Okänd Person")
	b.accessible()
	b.put("choice-1", script[string](b, `document.querySelector("#choice-1 option:nth-child(2)").value`))
	b.follow(`form[action$="/confirm"] button`)
	b.reads("[role=status]", "En person är noterad som närvarande. En var det redan.")
	b.accessible()

	b.open(address + "/roster/print")
	b.accessible()
	b.scriptsOff()
	b.open(address + "/attendance")
	b.click(`.mark-list li:first-child label`)
	b.click(`[for="rest-absent"]`)
	b.follow(`form[action$="/attendance"] button`)
	b.reads("[role=status]", "En är noterad som frånvarande.")
	if diff := cmp.Diff([]string{"1 Ylva Nordanstig", "3 Maja Rönn"}, b.texts(`.mark-list li:has(:checked) label`)); diff != "" {
		t.Errorf("who was present (-want +got):\n%s", diff)
	}
}
