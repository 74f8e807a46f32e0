package main

import (
	"testing"
)

func TestAPlaceIsHandedToAColleagueAndBothCalendarsAreRight(t *testing.T) {
	t.Parallel()
	bothWays(t, func(w way) {
		_, public := w.publish("Två stolar", nil)
		old, next := w.visitor("Åsa", "Öst"), w.visitor("Per-Erik", "Fløystad-Kristoffersen")
		old.email, next.email = w.address("asa"), w.address("per-erik")
		w.signUp(public+"/register", old, nil)
		invitation := w.demo.letter(t, old.email, 1)
		w.own(old, 1)
		w.person.refusedBy(`form[action$="/transfer"] button`, 422)
		w.person.reads(".error-summary", "Rätta till 3 uppgifter")
		w.see(w.person)
		w.person.fill("colleague_first_name", next.first)
		w.person.fill("colleague_last_name", next.last)
		w.person.fill("colleague_email", next.email)
		w.person.follow(`form[action$="/transfer"] button`)
		w.person.reads("[role=status]", "Platsen är överlåten")
		w.person.reads("main", "Läge Platsen överlåten")
		w.see(w.person)

		farewell, welcome := w.demo.letter(t, old.email, 2), w.demo.letter(t, next.email, 1)
		if farewell.calendar != "CANCEL" || !farewell.has("METHOD:CANCEL") || !farewell.has("STATUS:CANCELLED") || !farewell.has("SEQUENCE:1") {
			w.t.Errorf("the old one's calendar is told %q", farewell.calendarLines)
		}
		if farewell.uid() == "" || farewell.uid() != invitation.uid() {
			w.t.Errorf("the cancelled entry is %q, the invitation was %q", farewell.uid(), invitation.uid())
		}
		if welcome.calendar != "REQUEST" || !welcome.has("METHOD:REQUEST") || !welcome.has("SEQUENCE:0") {
			w.t.Errorf("the new one's calendar is told %q", welcome.calendarLines)
		}
		if welcome.uid() == "" || welcome.uid() == invitation.uid() {
			w.t.Errorf("both people have the entry %q", welcome.uid())
		}
		w.person.open(welcome.link("/r/"))
		w.person.reads("main", "Läge Anmäld")
		w.person.reads("main", next.first+" "+next.last)
		w.own(old, 1)
		if n := len(w.person.texts("main form")); n != 0 {
			w.t.Errorf("whoever has handed on the place has %d forms", n)
		}
		w.letters(old, 2)
		w.letters(next, 1)
	})
}
