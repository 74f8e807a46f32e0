package main

import (
	"testing"
)

// way is one way to go through the same flow: with scripts before a broad
// window, and without them on a phone.
type way struct {
	t       *testing.T
	demo    demo
	desk    *tab // an organiser
	person  *tab // somebody else
	scripts bool
	who     string // in addresses and titles, so that no two ways meet
}

// bothWays lets an organiser and somebody else go through a flow, first with
// scripts and then without.
func bothWays(t *testing.T, flow func(way)) {
	t.Helper()
	d := beginDemo(t)
	desk := openTab(t, d.base)
	desk.signIn(d)
	for _, w := range []way{{who: "broad", scripts: true}, {who: "narrow"}} {
		name := map[bool]string{true: "with scripts", false: "without scripts on a phone"}[w.scripts]
		t.Run(name, func(t *testing.T) {
			parent := desk.t
			desk.t = t
			defer func() { desk.t = parent }()
			w.t, w.demo, w.desk, w.person = t, d, desk, openTab(t, d.base)
			if !w.scripts {
				for _, b := range []*tab{desk, w.person} {
					b.look(375, "light") // which waits for the page by a script
					b.scriptsOff()
				}
			}
			flow(w)
		})
	}
}

// see demands of the page that everybody can use it: by all of axe's rules the
// first time, and that it fits a phone.
func (w way) see(b *tab) {
	w.t.Helper()
	if w.scripts {
		b.accessible()
	} else {
		b.fits()
	}
}

// address is an address of this way's own.
func (w way) address(name string) string { return name + "." + w.who + "@people.example" }

func (w way) visitor(first, last string) visitor {
	return visitor{first, last, w.address(first)}
}

// publish publishes a seminar with two places in a room, as change fills in its
// form, and gives the organisers' address of it and the visitors'.
func (w way) publish(title string, change func(*tab)) (admin, public string) {
	w.t.Helper()
	b := w.desk
	b.open("/admin/events/new")
	b.describe(title + " " + w.who)
	if change != nil {
		change(b)
	}
	b.follow(saveButton)
	admin = b.eventAddress()
	b.follow(`form[action$="/publish"] button`)
	b.reads("[role=status]", "Evenemanget är publicerat.")
	public = script[string](b, `document.querySelector('main dl a[href^="/events/"]').getAttribute("href")`)
	return admin, public
}

// signUp signs somebody up by the form at the address.
func (w way) signUp(address string, v visitor, change func(*tab)) {
	w.t.Helper()
	w.person.open(address)
	w.person.fillIn(v)
	if change != nil {
		change(w.person)
	}
	w.person.follow(signUpButton)
}

// own opens the registration's own page by the link in a person's nth letter.
func (w way) own(v visitor, nth int) {
	w.t.Helper()
	w.person.open(w.demo.letter(w.t, v.email, nth).link("/r/"))
	w.person.reads("h1", "Din anmälan")
}

// letters demands how many letters a person has been sent.
func (w way) letters(v visitor, want int) {
	w.t.Helper()
	if got := w.demo.lettersTo(w.t, v.email); len(got) != want {
		w.t.Errorf("%d letters to %s, want %d: %+v", len(got), v.email, want, got)
	}
}
