package main

import (
	"strings"
	"testing"
)

// The pages on which organisers look at letters, in one sitting: accessible, and the
// letter in its frame is shown.
func TestPagesAboutLettersAreAccessible(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b := openTab(t, d.base)
	b.signIn(d)
	for _, path := range []string{"/admin/letters", "/admin/letters/E02", "/admin/programmes/udd-2026/look", b.find("lar-leksand") + "/materials"} {
		b.open(path)
		b.accessible()
	}
	b.open("/admin/letters/E02?language=nb&scheme=dark&width=375")
	if got := script[string](b, `document.querySelector("iframe").contentDocument?.querySelector("h1")?.textContent ?? ""`); got != "Du har plass" {
		t.Errorf("the frame shows %q", got)
	}
	b.follow(`form[action$="/test"] button`)
	if m := d.letter(t, "organiser@demo.example", 1); !strings.Contains(m.text, "Dette er en test") {
		t.Errorf("the newest letter says:\n%s", m.text)
	}
}
