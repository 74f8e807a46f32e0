package web

import (
	"strings"
	"testing"
)

func TestHeadingsOfADescriptionStandBelowThoseOfThePage(t *testing.T) {
	got, err := markdown("# Program\n\n## Förmiddag\n\n### Kaffe\n\n#### Mjölk\n\n###### Socker\n\nSkriv `<h1>` så.\n\n---\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">Program</h3>", ">Förmiddag</h4>", ">Kaffe</h5>", ">Mjölk</h6>", ">Socker</h6>", "&lt;h1&gt;", "<hr"} {
		if !strings.Contains(string(got), want) {
			t.Errorf("no %q in %s", want, got)
		}
	}
	if strings.Contains(string(got), "<h1") || strings.Contains(string(got), "<h2") {
		t.Errorf("a heading of the page in %s", got)
	}
}
