package main

import (
	"strings"
	"testing"
)

func TestSomebodyFromOutsideTheAudienceAsksAndTheOrganiserDecides(t *testing.T) {
	t.Parallel()
	bothWays(t, func(w way) {
		admin, public := w.publish("Upphandlare emellan", func(b *tab) { b.click(`[name="audience_mode"][value="ask"]`) })
		ada, bo := w.visitor("ada", "Öst"), w.visitor("bo", "Ek")

		w.person.open(public)
		w.person.reads("#who-may", "Evenemanget riktar sig till: upphandlare.")
		w.person.reads("#who-may", "avgör arrangören inom tre arbetsdagar")
		w.see(w.person)
		w.person.follow(`.facts-panel a[href$="/register"]`)
		w.person.reads("#who-may", "avgör arrangören inom tre arbetsdagar")
		for _, v := range []visitor{ada, bo} {
			w.signUp(public+"/register", v, nil)
			w.person.reads("h1", "Din förfrågan är mottagen")
			if m := w.demo.letter(t, v.email, 1); m.calendar != "" || !strings.Contains(m.text, "Du får svar inom tre arbetsdagar") {
				w.t.Errorf("the letter about the request: %+v", m)
			}
		}
		w.see(w.person)
		w.own(bo, 1)
		w.person.reads("main", "Förfrågan väntar på svar")
		w.see(w.person)

		w.desk.open("/admin")
		w.desk.reads(".todo-list", "2 vill vara med och väntar på svar")
		w.desk.open(admin + "/queue")
		w.desk.reads("#requests", "ada Öst Litet eller medelstort företag · Avesta")
		w.desk.follow(`#requests li:first-child form[action$="/approve"] button`)
		w.desk.reads("[role=status]", "Godkänt. Personen får besked.")
		w.desk.reads("#requests", "bo Ek")
		w.desk.click("#requests summary")
		w.desk.refusedBy(`#requests form[action$="/reject"] button`, 422)
		w.desk.reads("#reason-error", "Fyll i uppgiften")
		w.see(w.desk)
		w.desk.fill("reason", "Bara för upphandlare den här gången.")
		w.desk.follow(`#requests form[action$="/reject"] button`)
		w.desk.reads("[role=status]", "Avböjt. Personen får besked.")

		if m := w.demo.letter(t, ada.email, 2); m.calendar != "REQUEST" {
			w.t.Errorf("whoever was let in is sent %+v", m)
		}
		if m := w.demo.letter(t, bo.email, 2); m.calendar != "" || !strings.Contains(m.text, "> Bara för upphandlare den här gången.") {
			w.t.Errorf("whoever was not is sent %s", m.text)
		}
		w.own(ada, 1)
		w.person.reads("main", "Läge Anmäld")
		w.own(bo, 1)
		w.person.reads("main", "Läge Inte antagen")
		w.person.reads("main", "Bara för upphandlare den här gången.")
	})
}

func TestInvitationsOpenTheEventForThemAndNobodyElse(t *testing.T) {
	t.Parallel()
	bothWays(t, func(w way) {
		admin, public := w.publish("Samråd", func(b *tab) {
			b.click(`[name="audience_mode"][value="invite"]`)
			b.fill("room_places", "20")
		})
		anna := w.visitor("anna", "Lid")
		w.desk.open(admin + "/invitations")
		w.desk.fill("emails", anna.email)
		w.desk.follow(`main form[action$="/invitations"] button`)
		w.desk.reads("[role=status]", "En inbjudan är skapad och skickas med mejl.")
		annas := w.desk.invitation()
		if m := w.demo.letter(t, anna.email, 1); m.calendar != "" || !strings.Contains(m.text, annas) {
			w.t.Errorf("the letter with the invitation: %+v", m)
		}
		w.desk.fill("label", "Näringslivet i Falun")
		w.desk.fill("places", "2")
		w.desk.follow(`main form[action$="/invitations"] button`)
		w.desk.reads(".todo-list li", "Näringslivet i Falun")
		w.desk.reads(".todo-list li", "Använda platser: 0 av 2")
		w.see(w.desk)
		forTwo := w.desk.invitation()
		_, code, _ := strings.Cut(forTwo, "code=")

		w.person.open(public)
		w.person.reads("#who-may", "Bara för inbjudna")
		w.person.follow(`.facts-panel a[href$="/register"]`)
		first := w.visitor("cia", "Ek")
		w.person.fillIn(first)
		w.person.fill("code", "FELKOD")
		w.person.refusedBy(signUpButton, 422)
		w.person.reads("#code-error", "Kontrollera den eller fråga arrangören")
		w.see(w.person)
		if got := script[string](w.person, `document.getElementById("email").value`); got != first.email {
			w.t.Errorf("after a wrong code the address is %q", got)
		}
		w.person.fill("code", strings.ToLower(code)) // as read out by telephone
		w.person.follow(signUpButton)
		w.person.reads("h1", "Din anmälan är mottagen")
		w.signUp(forTwo, w.visitor("dan", "Ek"), nil)
		w.person.reads("h1", "Din anmälan är mottagen")
		w.person.open(forTwo)
		w.person.fillIn(w.visitor("eva", "Ek"))
		w.person.refusedBy(signUpButton, 422)
		w.person.reads("#code-error", "är redan använd")

		w.person.open(annas) // whose it is not
		w.person.fillIn(w.visitor("eva", "Ek"))
		w.person.refusedBy(signUpButton, 422)
		w.person.reads("#code-error", "Koden gäller inte för den här adressen")
		w.signUp(annas, anna, nil)
		w.person.reads("h1", "Din anmälan är mottagen")
		if m := w.demo.letter(t, anna.email, 2); m.calendar != "REQUEST" {
			w.t.Errorf("the letter: %+v", m)
		}

		w.desk.open(admin + "/invitations")
		w.desk.reads(".todo-list", "Använda platser: 2 av 2")
		w.desk.reads(".todo-list", "Använd")
		w.desk.follow(`form[action$="/revoke"] button`)
		w.desk.reads("[role=status]", "Inbjudan är återkallad.")
	})
}

// invitation is the address of the newest invitation on the page.
func (b *tab) invitation() string {
	b.t.Helper()
	return script[string](b, `document.querySelector("main input[readonly]").value`)
}

func TestAPlaceIsHeldUntilTheAddressIsConfirmedOrDisowned(t *testing.T) {
	t.Parallel()
	bothWays(t, func(w way) {
		_, public := w.publish("Anbud i praktiken", func(b *tab) { b.click("#confirm_email") })
		w.person.open(public)
		w.person.reads("#who-may", "E-postadressen ska bekräftas")
		maja, olle := w.visitor("maja", "Rönn"), w.visitor("olle", "Rönn")
		for _, v := range []visitor{maja, olle} {
			w.signUp(public+"/register", v, nil)
			w.person.reads("h1", "Ett steg kvar: bekräfta adressen")
		}
		w.see(w.person)

		w.person.open(w.demo.letter(t, maja.email, 1).link("/confirm/"))
		w.person.reads("h1", "Är det din e-postadress?")
		w.person.reads("main", "Någon har anmält "+maja.email)
		w.see(w.person)
		w.person.follow(`main button[value="mine"]`)
		w.person.reads("h1", "Adressen är bekräftad")
		w.person.reads("main", "Platsen är din.")
		if m := w.demo.letter(t, maja.email, 2); m.calendar != "REQUEST" || !m.has("SEQUENCE:0") {
			w.t.Errorf("the confirmation: %+v", m)
		}

		w.person.open(w.demo.letter(t, olle.email, 1).link("/confirm/"))
		w.person.follow(`main button[value="not_me"]`)
		w.person.reads("h1", "Anmälan är borttagen")
		w.person.reads("main", "Det kommer inga fler brev om den.")
		w.see(w.person)
		w.letters(olle, 1)

		// The place that was held is free again: two have one, and a third waits.
		w.signUp(public+"/register", w.visitor("per", "Rönn"), nil)
		w.person.reads("h1", "Ett steg kvar")
		w.signUp(public+"/register", w.visitor("siv", "Rönn"), nil)
		w.person.reads("h1", "Du står på reservlistan")
	})
}
