package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

func TestOffersRequestsAndInvitationsByKeyboardAlone(t *testing.T) {
	t.Parallel()
	d := beginDemo(t)
	desk, person := keys{openTab(t, d.base)}, keys{openTab(t, d.base)}
	desk.signIn(d)
	w := way{t: t, demo: d, desk: desk.tab, person: person.tab, scripts: true, who: "keys"}
	admin, public := w.publish("Med tangenter", func(b *tab) {
		b.fill("room_places", "1")
		b.click("#confirm_email")
		b.click(`[name="audience_mode"][value="ask"]`)
	})
	asProcurer := func(b *tab) { b.put("audience", "procurer") }
	ada, bo, cia := w.visitor("ada", "Lind"), w.visitor("bo", "Lind"), w.visitor("cia", "Lind")
	w.signUp(public+"/register", ada, asProcurer)
	w.signUp(public+"/register", bo, asProcurer)
	w.signUp(public+"/register", cia, nil)

	person.open(d.letter(t, ada.email, 1).link("/confirm/"))
	person.tabToWords("Ja, det är min adress")
	person.enter(200)
	person.reads("h1", "Adressen är bekräftad")

	desk.open(admin + "/queue")
	desk.tabTo("the reason of a refusal", func(f focus) bool { return f.Tag == "SUMMARY" && strings.HasPrefix(f.Words, "Avböj") })
	desk.enterHere()
	desk.tabTo("its field", func(f focus) bool { return f.Name == "reason" })
	desk.enter(422)
	if f := desk.at(); !strings.Contains(f.Words, "Rätta till en uppgift") || f.Seen == "" {
		t.Errorf("after a refusal the focus is at %+v", f)
	}
	desk.press(kb.Tab)
	desk.enterHere()
	if f := desk.at(); f.ID != "reason" || f.Seen == "" {
		t.Errorf("the link of the error leads to %+v", f)
	}
	desk.press("För upphandlare.")
	desk.enter(200)
	desk.reads("[role=status]", "Avböjt.")

	desk.tabTo("an offer out of turn", func(f focus) bool { return f.Tag == "SUMMARY" && strings.HasPrefix(f.Words, "Erbjud en plats") })
	desk.enterHere()
	desk.tabTo("its reason", func(f focus) bool { return f.Name == "reason" })
	desk.press("Talar")
	desk.tabTo("above the places", func(f focus) bool { return f.Name == "over" })
	desk.press(" ")
	desk.tabTo("its button", func(f focus) bool { return f.Tag == "BUTTON" && strings.HasPrefix(f.Words, "Erbjud en plats") })
	desk.enter(200)
	desk.reads("[role=status]", "Platsen är erbjuden")

	person.open(d.letter(t, bo.email, 2).link("/offer/"))
	person.tabToWords("Nej tack, låt någon annan få den")
	person.enter(200)
	person.reads("main", "Du har tackat nej")
	person.tabToWords("Ställ dig sist på reservlistan")
	person.enter(200)
	person.reads("main", "Du är nummer 1 på reservlistan")

	desk.open(admin + "/invitations")
	desk.write("emails", "anna@people.example")
	desk.tabTo("the button", func(f focus) bool { return f.Tag == "BUTTON" && f.Words == "Bjud in" })
	desk.enter(200)
	desk.reads("[role=status]", "En inbjudan är skapad och skickas med mejl.")
	desk.tabTo("its address", func(f focus) bool { return strings.Contains(f.Value, "?code=") })
	desk.tabTo("revoking", func(f focus) bool { return f.Tag == "BUTTON" && strings.HasPrefix(f.Words, "Återkalla") })
	desk.enter(200)
	desk.reads("[role=status]", "Inbjudan är återkallad.")
}
