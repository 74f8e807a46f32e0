package main

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"
)

// axe is axe-core, which finds the faults of accessibility that a machine can
// find.
//
//go:embed testdata/axe/axe.min.js
var axe string

// rules are those of WCAG 2.2 A and AA, and what axe holds to be good practice.
// Letters in a frame are documents of their own, and are tested where they are
// written.
const rules = `{
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
	rules: {"target-size": {enabled: true}}, resultTypes: ["violations"], iframes: false, preload: false,
}`

// colours are the only rules whose answer can be another on a dark page: nothing
// else differs there.
const colours = `{runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}, resultTypes: ["violations"], iframes: false, preload: false}`

// allButLongLists leaves out what is in a list what twelve others were before.
const allButLongLists = `{exclude: [".mail-list > li:nth-child(n+13)", "tbody > tr:nth-child(n+13)"]}`

// accessible demands that axe finds nothing on the page, broad and narrow, light
// and dark, and that nobody has to scroll sideways at 320 pixels.
func (b *tab) accessible() {
	b.t.Helper()
	script[bool](b, axe+"; true")
	for _, width := range []int64{1280, 375} {
		b.look(width, "light")
		b.violates(fmt.Sprintf("%d pixels, light", width), rules)
		b.look(width, "dark")
		b.violates(fmt.Sprintf("%d pixels, dark", width), colours)
	}
	b.look(320, "light")
	b.fits()
	b.look(1280, "light")
	b.quiet()
}

func (b *tab) violates(how, options string) {
	b.t.Helper()
	// Colours that are still fading from light to dark are nobody's fault. What
	// inherits a colour begins to fade when its parent has ended.
	script[bool](b, `(async () => {
		for (let fading; (fading = document.getAnimations()).length > 0; await new Promise(r => setTimeout(r))) fading.forEach(a => a.finish());
		return true;
	})()`)
	found := script[[]string](b, `axe.run(`+allButLongLists+`, `+options+`).then(r => r.violations.flatMap(v => v.nodes.map(n =>
		v.id + ": " + n.html.slice(0, 300) + " – " + [...n.any, ...n.all, ...n.none].map(c => c.message).join("; "))))`)
	for _, f := range found {
		b.t.Errorf("%s, %s: %s", b.path(), how, f)
	}
}

// fits demands that the page is no broader than the window.
func (b *tab) fits() {
	b.t.Helper()
	broad := script[[]string](b, `(() => {
		if (document.documentElement.scrollWidth <= innerWidth) return [];
		return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".table-scroll"))
			.map(e => e.outerHTML.slice(0, 120)).slice(0, 4);
	})()`)
	if len(broad) > 0 {
		b.t.Errorf("%s has to be scrolled sideways: %s", b.path(), strings.Join(broad, "\n"))
	}
}

func TestPublicPagesAreAccessible(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	for _, path := range []string{
		"/", "/events", "/events?q=finns-inte",
		"/events/lar-alvdalen", "/events/fort-innovation", "/events/webb-akut", "/events/dialog-borlange", "/events/lar-leksand", "/events/webb-startoff-nn",
		"/events/lar-avesta/register", "/events/lar-alvdalen/register", "/events/dialog-borlange/register",
		"/about/privacy", "/about/accessibility", "/about/data",
	} {
		b.open(path)
		b.accessible()
	}
	b.openTo("/nothing/here", 404)
	b.accessible()
}

func TestPagesOnTheWayOfAParticipantAreAccessible(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)

	b.open("/events/dialog-borlange/register")
	b.refusedBy(signUpButton, 422)
	b.accessible()
	b.open("/events/lar-alvdalen/register")
	b.fillIn(visitor{"Ulla", "Öst", "ulla@people.example"})
	b.follow(signUpButton)
	b.accessible()
	b.open("/events/webb-akut/register")
	b.fillIn(visitor{"Ulla", "Öst", "ulla@people.example"})
	b.follow(signUpButton)
	b.accessible()

	invitation := d.letter(t, "ulla@people.example", 2)
	for _, path := range []string{"/dev/mail", invitation.path, invitation.link("/r/"), invitation.link("/join/")} {
		b.open(path)
		b.accessible()
	}
	b.open(d.participant)
	b.accessible()
	b.fill("first_name", " ")
	b.refusedBy(`#change button[type="submit"]`, 422)
	b.accessible()
	b.follow(`form[action$="/cancel"] button`)
	b.accessible()
}

// Words are longer in some languages than in others.
func TestNoPageHasToBeScrolledSidewaysInAnyLanguage(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.signIn(d)
	full := b.find("lar-alvdalen")
	b.look(320, "light")
	for _, path := range []string{
		"/", "/events", "/events/fort-innovation", "/events/dialog-borlange/register", "/about/privacy", "/sign-in", strings.TrimPrefix(d.participant, d.base),
		"/admin", "/admin/events", "/admin/events/new", "/admin/calendar", "/admin/messages", full, full + "/queue", full + "/invitations", full + "/close",
	} {
		for _, lang := range []string{"nb", "nn", "en"} {
			b.open(path + "?lang=" + lang)
			if got := script[string](b, `document.documentElement.lang`); got != lang {
				t.Errorf("%s is in %q", b.path(), got)
			}
			b.fits()
		}
	}
}
