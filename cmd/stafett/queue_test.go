package main

import (
	"strings"
	"testing"
)

func TestAnOrganiserOffersPlacesOutOfTurnAndByMakingMore(t *testing.T) {
	t.Parallel()
	bothWays(t, func(w way) {
		admin, public := w.publish("Ett bord", func(b *tab) { b.fill("room_places", "1") })
		var people []visitor
		for _, name := range []string{"ada", "bo", "cia", "dan"} {
			v := w.visitor(name, "Lund")
			people = append(people, v)
			w.signUp(public+"/register", v, nil)
		}
		bo, dan := people[1], people[3]

		b := w.desk
		b.open(admin + "/queue")
		b.reads("main", "3 väntar")
		b.click("tbody tr:nth-child(3) summary")
		b.refusedBy(`tbody tr:nth-child(3) form[action$="/offer"] button`, 422)
		b.reads("#reason-error", "Fyll i uppgiften")
		b.fill("reason", "Håller ett föredrag")
		b.refusedBy(`tbody tr:nth-child(3) form[action$="/offer"] button`, 409)
		b.reads("[role=alert]", "Alla platser är tagna. Kryssa i rutan")
		if got := script[string](b, `document.querySelector('tbody tr:nth-child(3) [name="reason"]').value`); got != "Håller ett föredrag" {
			w.t.Errorf("after the refusal the reason is %q", got)
		}
		w.see(b)
		b.click(`tbody tr:nth-child(3) [name="over"]`)
		b.follow(`tbody tr:nth-child(3) form[action$="/offer"] button`)
		b.reads("[role=status]", "Platsen är erbjuden och personen får besked.")
		b.reads("main", "dan Lund")
		b.reads("main", "Håller ett föredrag")
		b.open(admin)
		b.reads("main", "Erbjöds en plats: dan Lund")
		b.reads("main", "Håller ett föredrag")

		offer := w.demo.letter(t, dan.email, 2)
		w.person.open(offer.link("/offer/"))
		w.person.reads("main", "Svara senast")
		w.see(w.person)
		w.person.follow(`main button[value="yes"]`)
		w.person.reads("main", "Platsen är din")
		if m := w.demo.letter(t, dan.email, 3); m.calendar != "REQUEST" {
			w.t.Errorf("the confirmation: %+v", m)
		}
		w.letters(bo, 1)

		b.open(admin + "/queue")
		b.fill("room_places", "3") // one more than there are people
		b.follow(`form[action$="/places"] button`)
		b.reads("main", "En plats erbjöds.")
		b.reads("main", "1 väntar")
		w.person.open(w.demo.letter(t, bo.email, 2).link("/offer/"))
		w.person.open(w.person.path() + "?answer=no")
		w.person.follow(`main button[value="no"]`)
		w.person.reads("main", "Du har tackat nej")
		w.demo.letter(t, people[2].email, 2) // offered to the next at once
		w.person.follow(`main button[value="again"]`)
		w.person.reads("main", "Du är nummer 1 på reservlistan")

		b.open(admin + "/queue")
		b.follow(`form[action$="/list"] button`)
		b.reads("[role=status]", "Reservlistan är stängd för nya.")
		w.person.open(public)
		w.person.reads(".facts-panel", "Fullbokat")
		if len(w.person.texts(`.facts-panel a[href$="/register"]`)) > 0 {
			w.t.Error("a closed list can be joined")
		}
		w.person.open(public + "/register")
		w.person.reads("main", "Alla platser är tagna")
		b.follow(`form[action$="/list"] button`)
		b.reads("[role=status]", "Reservlistan är öppen.")
		w.person.open(public)
		w.person.reads(".facts-panel", "Ställ dig på reservlistan")
	})
}

func TestACompanyGetsMorePlacesThanItsShareForAReason(t *testing.T) {
	t.Parallel()
	bothWays(t, func(w way) {
		admin, public := w.publish("Högst en", func(b *tab) {
			b.fill("room_places", "5")
			b.fill("company_limit", "1")
		})
		first, second := w.visitor("siv", "Berg"), w.visitor("tor", "Berg")
		for _, v := range []visitor{first, second} {
			w.signUp(public+"/register", v, func(b *tab) {
				b.click(`[name="organisation"][value="company"]`)
				b.click(`[name="country"][value="SE"]`)
				b.fill("org_number", "402000-1006")
				b.fill("company_name", "Siljans Snickeri (påhittat)")
			})
		}
		w.person.reads("h1", "Du står på reservlistan")

		b := w.desk
		b.open(admin + "/queue")
		b.reads("tbody tr", "Företaget har redan sin andel")
		b.click(`tbody tr details:last-of-type summary`)
		b.refusedBy(`form[action$="/share"] button`, 422)
		b.reads("#reason-error", "Fyll i uppgiften")
		w.see(b)
		b.fill("places", "2")
		b.fill("reason", "Två olika verksamheter")
		b.follow(`form[action$="/share"] button`)
		b.reads("main", "En plats erbjöds.")
		b.open(admin)
		b.reads("main", "Gränsen för ett företag ändrades")
		b.reads("main", "Två olika verksamheter")
		if m := w.demo.letter(t, second.email, 2); !strings.Contains(m.text, "/offer/") {
			w.t.Errorf("the second of the company is sent %s", m.text)
		}
	})
}
