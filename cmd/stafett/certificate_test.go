package main

import "testing"

func TestAnOrganiserMakesCertificatesThatAnybodyCanCheck(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	b, visitor := openTab(t, d.base), openTab(t, d.base)
	b.signIn(d)
	address := b.find("lar-leksand") + "/certificates"
	b.open(address)
	b.accessible()
	b.follow(`main form button`)
	b.reads("[role=status]", "Intygen är skapade.")
	b.accessible()

	code := b.text(`tbody tr:first-child a`)
	name := b.text(`tbody tr:first-child th`)
	visitor.open("/certificate")
	visitor.accessible()
	visitor.fill("code", code)
	visitor.follow(`main form button`)
	visitor.reads("h1", "Deltagarintyg")
	visitor.reads(".certificate .name", name)
	visitor.accessible()
	visitor.openTo("/certificate/0000-0000-0000-0000", 404)
	visitor.reads("#code-error", "Inget intyg har den här koden")
	visitor.accessible()
}
