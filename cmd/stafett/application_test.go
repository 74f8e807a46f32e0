package main

import (
	"strings"
	"testing"
)

// Somebody new applies for a project, is asked for more, answers, is granted, reads
// the letter, and finds the project's hours.
func TestAProjectIsAppliedForAskedAboutAndGranted(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	const email = "ane.vik@skjergard.example"
	b.open("/advice/startoff-prosess/apply")
	b.fill("email", email)
	b.follow(`form[action$="/apply/start"] button`)
	b.reads("[role=status]", "Vi har skickat en länk")
	b.open(d.letter(t, email, 1).link("/me/link/"))
	b.follow(`form[action^="/me/link/"] button`)
	b.reads("h1", "Ansök om stöd")
	b.fill("first_name", "Ane")
	b.fill("last_name", "Vik")
	b.fill("org_number", "310012599")
	b.fill("body_name", "Skjergard kommune (oppdikta)")
	b.fill("title", "Trygg båtrute om vinteren")
	b.fill("asked", "fire hundre tusen")
	b.follow(`button[value="save"]`)
	b.reads("[role=status]", "Utkastet är sparat")
	b.refusedBy(`button[value="send"]`, 422)
	b.accessible()
	for field, text := range map[string]string{
		"challenge": "Båten går ikkje når det bles, og ingen veit det før dei står på kaia.", "goal": "Berekraftsmål 9 og 11", "project_owner": "Samferdselsleiar",
		"budget": "600 000 kr", "own_share": "200 000", "asked": "400 000", "support": "Hjelp til å skildre behovet",
	} {
		b.put(field, text)
	}
	b.follow(`button[value="send"]`)
	b.reads("[role=status]", "Ansökan är skickad")
	own := b.path()
	if received := d.letter(t, email, 2); !strings.Contains(received.subject, "Trygg båtrute") {
		t.Errorf("the letter is %s", received.subject)
	}

	karin := openTab(t, d.base)
	karin.signIn(d)
	karin.open("/admin/advice/applications?status=submitted")
	karin.accessible()
	karin.open("/admin/advice" + strings.TrimPrefix(own, "/me"))
	karin.click(`details:has(#question) > summary`)
	karin.fill("question", "Kven driv båten i dag?")
	karin.follow(`form[action$="/ask"] button`)
	asked := d.letter(t, email, 3)
	if !strings.Contains(asked.text, "Kven driv båten i dag?") {
		t.Errorf("the question is %s", asked.text)
	}
	b.open(asked.link("/me/applications/"))
	b.accessible()
	b.fill("answer", "Eit lokalt rederi, på anbod til 2028.")
	b.follow(`form[action$="/answer"] button`)
	b.reads(".case-talk", "lokalt rederi")

	karin.open(karin.path())
	karin.reads(".case-talk", "lokalt rederi")
	karin.follow(`form[action$="/assess"] button`)
	karin.follow(`form[action$="/confirm"] button`)
	karin.click(`details:has(#minor) > summary`)
	karin.accessible()
	karin.follow(`form[action$="/grant"] button`)
	karin.reads("[role=status]", "Ansökan är beviljad")
	karin.open("/admin/advice/applications")
	karin.reads(".pot-key", "Beviljat: 800")

	granted := d.letter(t, email, 5)
	if !strings.Contains(granted.text, "40 timmar") || !strings.Contains(granted.text, "klage på vedtaket") {
		t.Errorf("the decision is %s", granted.text)
	}
	b.open(granted.link("/me/applications/"))
	b.reads("#hours", "40 timmar")
	b.accessible()
	b.follow(`#decision a`)
	b.reads("h1", "Ansökan är beviljad")
	b.accessible()
	b.open(own)
	b.follow(`#hours a.ds-button`)
	b.reads("main", "40 timmar kvar av 40 timmar")
}
