package main

import (
	"strings"
	"testing"
)

func TestComingTheOtherWayWhereThereIsAPlaceAndWaitingWhereThereIsNone(t *testing.T) {
	t.Parallel()
	bothWays(t, func(w way) {
		_, public := w.publish("I salen och på skärmen", func(b *tab) {
			b.click(`[name="mode"][value="hybrid"]`)
			b.fill("room_places", "1")
			b.fill("online_places", "5")
			b.fill("join_url", "https://meet.example/salen")
		})
		inRoom := func(b *tab) { b.click(`[name="mode"][value="room"]`) }
		online := func(b *tab) { b.click(`[name="mode"][value="online"]`) }
		ada, bo, cia, dan := w.visitor("ada", "Vik"), w.visitor("bo", "Vik"), w.visitor("cia", "Vik"), w.visitor("dan", "Vik")
		w.signUp(public+"/register", ada, inRoom)
		w.signUp(public+"/register", bo, online)
		w.signUp(public+"/register", cia, inRoom)
		w.person.reads("h1", "Du står på reservlistan")
		w.signUp(public+"/register", dan, inRoom)

		w.own(bo, 1)
		w.person.reads("#room", "Lokalen är full. Du kan ställa dig i kö till den och behålla din plats digitalt så länge.")
		w.see(w.person)
		w.own(dan, 1) // who takes part online while he waits
		w.person.reads("#mode", "Du kan delta digitalt så länge och ändå stå kvar i kön till lokalen.")
		w.person.follow(`#mode button`)
		w.person.reads("#room", "Du har en plats digitalt och står i kö till lokalen, nummer 2.")
		w.see(w.person)
		w.person.reads("main", "Läge Anmäld")
		w.person.reads("main", "Plats Digitalt")
		if m := w.demo.letter(t, dan.email, 2); m.calendar != "REQUEST" || !m.has("SEQUENCE:0") {
			w.t.Errorf("the first invitation: %+v", m)
		}

		invitation := w.demo.letter(t, ada.email, 1)
		w.own(ada, 1)
		w.person.reads("#mode", "Då kan någon annan få din plats i lokalen.")
		w.person.follow(`#mode button`)
		w.person.reads("[role=status]", "Ändringen är sparad. En ny kalenderinbjudan är på väg.")
		w.person.reads("main", "Plats Digitalt")
		w.see(w.person)
		changed := w.demo.letter(t, ada.email, 2)
		if changed.calendar != "REQUEST" || !changed.has("SEQUENCE:1") || changed.uid() != invitation.uid() {
			w.t.Errorf("the calendar is told %q after %q", changed.calendarLines, invitation.calendarLines)
		}
		w.person.reads("#room", "Lokalen är full.") // it is offered to the one who waited
		offer := w.demo.letter(t, cia.email, 2)
		if !strings.Contains(offer.text, "Du står på tur på reservlistan") {
			w.t.Errorf("whoever waited for the room is sent %s", offer.text)
		}
		w.person.open(offer.link("/offer/"))
		w.person.follow(`main button[value="yes"]`)
		w.person.reads("main", "Platsen är din")

		w.own(cia, 3)
		w.person.follow(`#cancel button`)
		offer = w.demo.letter(t, dan.email, 3)
		if !strings.Contains(offer.text, "Platsen du har digitalt behåller du tills du har tackat ja") {
			w.t.Errorf("whoever takes part online is sent %s", offer.text)
		}
		w.person.open(offer.link("/offer/"))
		w.person.reads("main", "Platsen är i lokalen.")
		w.see(w.person)
		w.person.follow(`main button[value="yes"]`)
		w.person.reads("main", "Platsen är din")
		w.own(dan, 4)
		lacksRoom := w.person.texts("#room")
		if m := w.demo.letter(t, dan.email, 4); m.calendar != "REQUEST" || !m.has("SEQUENCE:1") || len(lacksRoom) > 0 {
			w.t.Errorf("after yes the page says %q and the calendar is told %q", lacksRoom, m.calendarLines)
		}
	})
}
