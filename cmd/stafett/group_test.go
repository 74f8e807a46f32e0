package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// fillInColleague fills in the fields of the colleague with the number, as people
// count.
func (b *tab) fillInColleague(n int, v visitor) {
	b.t.Helper()
	b.fill(fmt.Sprintf("p%d_first_name", n+1), v.first)
	b.fill(fmt.Sprintf("p%d_last_name", n+1), v.last)
	b.fill(fmt.Sprintf("p%d_email", n+1), v.email)
}

// forCompany says that the person comes for a company.
func (b *tab) forCompany() {
	b.t.Helper()
	b.click(`[name="organisation"][value="company"]`)
	b.fill("org_number", "402000-1006")
	b.fill("company_name", "Siljans Snickeri (påhittat)")
}

var (
	boss       = visitor{"Ylva", "Nordanstig", "ylva@snickeri.example"}
	colleagues = []visitor{
		{"Per", "Ek", "per@snickeri.example"}, {"Maja", "Alm", "maja@snickeri.example"},
		{"Maximiliana Alexandra", "Långström-Söderblom af Vikarbyn", "maximiliana.alexandra.langstrom-soderblom@snickeri.example"}, {"Bo", "Lind", "bo@snickeri.example"},
	}
)

func TestFiveFromOneCompanySignUpAndOneBringsAColleagueLater(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.open("/events/webb-akut/register")
	if n := len(b.texts("#colleagues ol > li")); n != 0 {
		t.Errorf("who comes alone has fields for %d colleagues", n)
	}
	b.accessible()
	b.fillIn(boss)
	b.forCompany()
	for i := range 4 {
		b.click("[data-row-add]")
		if got, want := script[string](b, `document.activeElement.id`), fmt.Sprintf("p%d_first_name", i+2); got != want {
			t.Fatalf("after the button, %q has the focus and not %q", got, want)
		}
		b.fillInColleague(i+1, colleagues[i])
	}
	if !script[bool](b, `document.querySelector("[data-row-add]").disabled`) {
		t.Error("a fifth colleague can be asked for")
	}
	b.fill("p4_email", "ingen adress") // of the third
	b.refusedBy(signUpButton, 422)
	if diff := cmp.Diff(1, len(b.texts(".error-summary li"))); diff != "" {
		t.Errorf("errors: %s", diff)
	}
	b.reads(".error-summary", "Kollega 3, E-postadress:")
	b.accessible()
	b.click(`.error-summary a[href="#p4_email"]`)
	if got := script[string](b, `document.activeElement.id`); got != "p4_email" {
		t.Errorf("the summary leads to %q", got)
	}
	b.fill("p4_email", colleagues[2].email)
	// The Enter key sends the form, and does not ask for a colleague.
	b.load("press Enter", 200, chromedp.KeyEvent("\r"))
	b.reads("h1", "Din anmälan är mottagen")
	outcomes := b.texts("#people .todo-list > li")
	if len(outcomes) != 5 || slices.ContainsFunc(outcomes, func(s string) bool { return !strings.HasSuffix(s, "Har en plats") }) {
		t.Errorf("what came of each: %q", outcomes)
	}
	b.accessible()
	var links []string
	for _, v := range append([]visitor{boss}, colleagues...) {
		m := d.letter(t, v.email, 1)
		if m.calendar != "REQUEST" {
			t.Errorf("the letter to %s: %+v", v.email, m)
		}
		links = append(links, m.link("/r/"))
	}
	if !strings.Contains(d.letter(t, colleagues[0].email, 1).text, "Ylva Nordanstig har anmält dig.") || strings.Contains(d.letter(t, boss.email, 1).text, "har anmält dig") {
		t.Error("the letters do not tell who has signed whom up")
	}
	if slices.Sort(links); len(slices.Compact(links)) != 5 {
		t.Error("two have one link")
	}

	b.open(d.letter(t, colleagues[0].email, 1).link("/r/"))
	b.accessible()
	b.click("#colleague summary")
	b.fill("more_first_name", "Eva")
	b.fill("more_email", "ingen adress")
	b.refusedBy(`#colleague button[type="submit"]`, 422)
	b.reads("#colleague .field-error", "Fel:")
	b.accessible()
	b.fill("more_last_name", "Sten")
	b.fill("more_email", "eva@snickeri.example")
	b.follow(`#colleague button[type="submit"]`)
	b.reads("[role=status]", "Kollegan har en plats")
	b.reads("main", "Läge Anmäld") // who has kept the own place
	if m := d.letter(t, "eva@snickeri.example", 1); m.calendar != "REQUEST" || !strings.Contains(m.text, "Per Ek har anmält dig.") {
		t.Errorf("the letter to the colleague: %+v", m)
	}
}

func TestFiveWhoOnlyWantPlacesTogetherSignUpWithoutScripts(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.look(375, "light")
	b.scriptsOff()
	b.open("/events/lar-alvdalen/register")
	b.fillIn(boss)
	b.follow("[data-row-add]")
	if got := script[string](b, `document.activeElement.id`); got != "p2_first_name" {
		t.Errorf("the new fields do not have the focus, but %q", got)
	}
	b.fillInColleague(1, colleagues[0])
	b.follow("[data-row-add]")
	b.follow("[data-row-add]")
	b.fillInColleague(3, colleagues[2])
	b.follow(`[data-row-remove][value="3"]`) // the second, who was never filled in
	b.follow("[data-row-add]")
	b.follow("[data-row-add]")
	b.fits()
	b.fillInColleague(3, colleagues[1])
	b.fillInColleague(4, colleagues[3])
	b.fill("p4_email", colleagues[0].email)
	b.click("#together-1")
	b.refusedBy(signUpButton, 422)
	b.reads(".error-summary", "Kollega 3, E-postadress: Samma adress står två gånger")
	for id, want := range map[string]string{"first_name": boss.first, "municipality": "Avesta", "p2_email": colleagues[0].email, "p3_last_name": colleagues[2].last, "p5_email": colleagues[3].email} {
		if got := script[string](b, fmt.Sprintf(`document.getElementById(%q).value`, id)); got != want {
			t.Errorf("%s holds %q after the error, want %q", id, got, want)
		}
	}
	if !script[bool](b, `document.getElementById("together-1").checked`) {
		t.Error("that they only come together is forgotten after the error")
	}
	b.fill("p4_email", colleagues[1].email)
	b.load("press Enter", 200, chromedp.KeyEvent("\r"))
	b.reads("h1", "Du står på reservlistan")
	outcomes := b.texts("#people .todo-list > li")
	if len(outcomes) != 5 {
		t.Fatalf("what came of each: %q", outcomes)
	}
	first := outcomes[0][strings.LastIndex(outcomes[0], "Nummer "):]
	for i, s := range outcomes {
		var n, m int
		if _, err := fmt.Sscanf(first, "Nummer %d", &n); err != nil {
			t.Fatal(err)
		}
		if _, err := fmt.Sscanf(s[strings.LastIndex(s, "Nummer "):], "Nummer %d", &m); err != nil || m != n+i {
			t.Errorf("the numbers of those who wait together: %q", outcomes)
		}
	}
	waiting := d.letter(t, colleagues[3].email, 1)
	if !strings.Contains(words(waiting.text), "Ni är 5 som bara vill ha plats tillsammans.") {
		t.Errorf("the letter to who waits: %s", waiting.text)
	}
	b.open(waiting.link("/r/"))
	b.reads("main", "Ni är 5 som bara vill ha plats tillsammans.")
	b.fits()
	b.click("#colleague summary")
	b.fill("more_first_name", "Eva")
	b.fill("more_last_name", "Sten")
	b.fill("more_email", "eva@snickeri.example")
	b.follow(`#colleague button[type="submit"]`)
	b.reads("[role=status]", "Kollegan står på reservlistan")
}
