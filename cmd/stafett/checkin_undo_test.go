package main

import (
	"fmt"
	"testing"

	"stafett/internal/registration"
)

// undoButton takes back that somebody is present.
func undoButton(r registration.Registration) string {
	return fmt.Sprintf(`[data-guest="%s"] [data-checkin-undo] button`, r.ID)
}

func TestAMisTapIsTakenBackWithAndWithoutANetwork(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	s := beginServe(t, d.file, openPostOffice(t))
	b := openTab(t, s.base)
	b.look(375, "light")
	b.open(d.path)
	b.click(button(d.guests[0]))
	b.eventually("[data-checkin-result]", "Person Nummer 1 är nu närvarande.")
	b.click(undoButton(d.guests[0]))
	b.eventually("[data-checkin-result]", "Person Nummer 1 är inte längre noterad som närvarande.")
	b.eventually("[data-checkin-count]", "Närvarande: 0 av 6")
	b.click(button(d.guests[1]))
	b.eventually("[data-checkin-result]", "Person Nummer 2 är nu närvarande.")
	script[bool](b, `navigator.serviceWorker.ready.then(() => true)`)

	b.network(true)
	b.click(button(d.guests[2])) // a mis-tap that never leaves the phone
	b.eventually("[data-checkin-waiting]", "Väntar på att skickas: 1.")
	b.eventually("[data-checkin-result]", "Person Nummer 3 är sparad")
	b.click(undoButton(d.guests[2]))
	b.emptied("[data-checkin-waiting]")
	b.eventually("[data-checkin-count]", "Närvarande: 1 av 6")
	b.click(undoButton(d.guests[1])) // one that the server has
	b.eventually("[data-checkin-waiting]", "Väntar på att skickas: 1.")
	b.eventually("[data-checkin-result]", "Person Nummer 2 tas bort från de närvarande när nätet är tillbaka.")
	b.click(button(d.guests[3]))
	b.eventually("[data-checkin-waiting]", "Väntar på att skickas: 2.")
	b.forgiveAbsence()
	b.network(false)
	script[bool](b, `dispatchEvent(new Event("online"))`)
	b.emptied("[data-checkin-waiting]")
	b.eventually("[data-checkin-count]", "Närvarande: 1 av 6")
	b.forgiveAbsence()
	b.accessible()
	s.end(t)
	d.present(t, d.guests[3])
}

func TestAMisTapIsTakenBackWithoutScripts(t *testing.T) {
	t.Parallel()
	d := newDoor(t)
	s := beginServe(t, d.file, openPostOffice(t))
	b := openTab(t, s.base)
	b.scriptsOff()
	b.open(d.path)
	b.follow(button(d.guests[1]))
	b.follow(undoButton(d.guests[1]))
	b.reads(".checkin-result", "Person Nummer 2 är inte längre noterad som närvarande.")
	b.reads("[data-checkin-count]", "Närvarande: 0 av 6")
	s.end(t)
	d.present(t)
}
