package main

import (
	"regexp"
	"testing"
)

func TestAUserOfTheCommandLineChoosesAPasswordAndSignsInWithIt(t *testing.T) {
	t.Parallel()
	const address, password = "karin@region.example", "fyra ord efter varandra"
	file, ev := withSeminar(t)
	s := beginServe(t, file, openPostOffice(t))
	said := done(t, "user", "add", "--email", address, "--name", "Karin Lind", "--role", "organiser", "--base-url", s.base, "--database", file)
	link := regexp.MustCompile(`http://\S+`).FindString(said)
	button := `main form button[type="submit"]`
	b := openTab(t, s.base)

	b.open(link)
	b.reads("main", "Karin Lind")
	b.accessible()
	b.fill("password", "kort")
	b.refusedBy(button, 422)
	b.accessible()
	b.fill("password", password)
	b.fill("again", password)
	b.follow(button)
	b.reads("h1", "Idag")
	b.follow(`form[action="/sign-out"] button`)
	b.openTo(link, 404) // it was good once

	b.open("/admin/events/" + ev.ID + "/roster")
	b.reads("h1", "Logga in")
	b.accessible()
	b.fill("email", address)
	b.fill("password", "fem ord efter varandra")
	b.refusedBy(button, 422)
	b.reads("[role=alert]", "E-postadressen eller lösenordet stämmer inte.")
	b.accessible()
	b.fill("password", password)
	b.follow(button)
	b.reads("h1", "Deltagarlista") // where the way led before

	done(t, "user", "disable", address, "--database", file)
	b.open("/admin")
	b.reads("h1", "Logga in")
}
