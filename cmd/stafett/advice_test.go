package main

import (
	"strings"
	"testing"
)

// A company finds advice, books a time and cancels it, with a browser that runs no
// scripts; the pages on the way are for everybody.
func TestACompanyBooksAnHourOfAdviceWithoutScripts(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	see, b := openTab(t, d.base), openTab(t, d.base)
	b.scriptsOff()
	b.open("/advice")
	b.follow(`a[href="/advice/akuten-5h"]`)
	b.follow(`.facts-action a`) // asks who it is
	b.reads("h1", "Boka tid")

	b.open(d.find(t, d.stdout, `Company contact\s+(\S+)`)[1])
	b.follow(`main form button`)
	b.open("/me/advice/akuten-5h")
	b.reads(".hours-left", "5 timmar kvar av 5 timmar")
	b.follow(`.times a`)
	need := b.path() + script[string](b, `location.search`)
	b.refusedBy(`main .form button[type="submit"]`, 422)
	b.reads("#need-error", "Fel: Skriv minst 20 tecken om vad ni behöver")
	b.fill("need", "Vi vill lämna anbud på tryckta broschyrer.")
	b.follow(`main .form button[type="submit"]`)
	booking := b.path()
	if !strings.HasPrefix(booking, "/me/bookings/") {
		t.Fatalf("booking leads to %s", booking)
	}
	b.open("/me/hours")
	const left = `.account:has(a[href="/advice/akuten-5h"]) .hours-left`
	b.reads(left, "4 timmar kvar av 5 timmar")

	// Tabs share their cookies: with scripts, what everybody can use.
	for _, path := range []string{"/advice", "/advice/udd-5h", "/me/advice/akuten-5h", need, booking, "/me/hours"} {
		see.open(path)
		see.accessible()
	}

	b.open(booking)
	b.follow(`#cancel button`)
	b.reads("dd .status-dot", "Avbokad")
	b.open("/me/hours")
	b.reads(left, "5 timmar kvar av 5 timmar")
}
